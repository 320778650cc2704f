"""What the checks of packs share: a finding, and the rules that several kinds of pack have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reconnect_widgets.content import markdown
from reconnect_widgets.content.tree import Trail


@dataclass(frozen=True)
class Finding:
    """Where a rule is broken, and how."""

    trail: Trail
    expected: str
    found: str
    nearest: str = ""


def find_in_markdown(trail: Trail, source: str) -> Iterator[Finding]:
    """Yield what of a Markdown text a page would not show."""
    expected = {
        "link": "a link to http(s), to a place in the workbook, or tel:",
        "raw HTML": "Markdown without HTML",
        "picture": "no pictures",
    }
    for what, excerpt in markdown.find_unsafe(source):
        yield Finding(trail, expected[what], f"{what}: {excerpt[:60]}")


def find_twice(field: str, keys: Iterable[str], name: str) -> list[Finding]:
    """Return a finding for each key that stands there a second time."""
    found: list[Finding] = []
    seen: dict[str, int] = {}
    for index, key in enumerate(keys):
        if key in seen:
            trail: Trail = (field, index, name) if name else (field, index)
            found.append(
                Finding(trail, "each one once", f"{key} again (first in place {seen[key]})")
            )
        seen.setdefault(key, index + 1)
    return found
