"""Each coach against a table of written lines: every code and tone, exactly.

The tables are the measure of a coach. Somebody who changes a phrase runs them, and somebody who is
nagged wrongly adds a line.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconnect_widgets import content

FOLDER = Path(__file__).parent
KEYS = sorted(path.stem for path in FOLDER.glob("*.yaml"))
LINES: dict[str, list[dict[str, Any]]] = {
    key: yaml.safe_load((FOLDER / f"{key}.yaml").read_text("utf-8")) for key in KEYS
}


def expected(line: dict[str, Any]) -> set[tuple[str, str]]:
    return {(tone, code) for tone in ("good", "watch", "unsure") for code in line.get(tone, ())}


@pytest.mark.parametrize(
    ("key", "line"),
    [
        pytest.param(key, line, id=f"{key}-{line['text'][:60]}")
        for key in KEYS
        for line in LINES[key]
    ],
)
def test_each_line_is_answered_with_exactly_these_codes(key: str, line: dict[str, Any]) -> None:
    notes = content.load_coach(key).read(line["text"])
    assert {(note.tone, note.code) for note in notes} == expected(line)


@pytest.mark.parametrize("key", KEYS)
def test_a_table_has_sixty_lines_or_more_each_once(key: str) -> None:
    texts = Counter(line["text"] for line in LINES[key])
    assert len(texts) >= 60
    assert max(texts.values()) == 1
    assert {name for line in LINES[key] for name in line} <= {"text", "good", "watch", "unsure"}


@pytest.mark.parametrize("key", KEYS)
def test_every_code_of_a_coach_occurs_in_its_table(key: str) -> None:
    seen = {code for line in LINES[key] for _, code in expected(line)}
    assert seen == set(content.load_coach(key).codes)


@pytest.mark.parametrize("key", KEYS)
def test_every_coach_is_also_silent(key: str) -> None:
    """Fragments, other languages and things that are no line: nothing to say."""
    assert sum(not expected(line) for line in LINES[key]) >= 10
