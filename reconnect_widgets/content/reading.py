"""Reads one file as the pack that it says it is, or says what is wrong with it and where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from reconnect_widgets.content.checks import find_problems
from reconnect_widgets.content.findings import Finding
from reconnect_widgets.content.kinds import MODELS, Pack
from reconnect_widgets.content.problems import (
    PackError,
    join_problems,
    nearest,
    shape_problems,
    show_trail,
    show_value,
)
from reconnect_widgets.content.tree import MAX_BYTES, Tree, TreeError, decode, parse_tree

P = TypeVar("P", bound=Pack)


def load_pack(path: Path, model: type[P]) -> P:
    """Read one file that should be a pack of this kind.

    Raises
    ------
    ContentError
        With every problem of the file: where, what was expected, what was found.
    """
    pack, problems = read_pack(path, path.name)
    if problems:
        raise join_problems(problems)
    if not isinstance(pack, model):
        expected = next(kind for kind, known in MODELS.items() if known is model)
        found = getattr(pack, "kind", "nothing")
        raise PackError(
            path.name, line=1, trail=("kind",), expected=expected, found=show_value(found)
        )
    return pack


def read_pack(
    path: Path, name: str, find: Callable[[Pack], list[Finding]] = find_problems
) -> tuple[Pack | None, list[PackError]]:
    """Read one file as whatever kind it says it is; exactly one of the two is not empty.

    Parameters
    ----------
    find
        The rules that go beyond the shape.
    """
    try:
        tree = parse_tree(decode(_read_bytes(path)))
    except TreeError as error:
        trail = show_trail(Tree(None, {}), error.trail)
        return None, [
            PackError(
                name, line=error.line, trail=trail, expected=error.expected, found=error.found
            )
        ]
    except OSError as error:
        reason = error.strerror or "it can not be opened"
        return None, [PackError(name, expected="a file that can be read", found=reason)]
    if not isinstance(tree.value, dict):
        found = show_value(tree.value)
        return None, [PackError(name, line=1, expected="keys with values", found=found)]
    model = MODELS.get(str(tree.value.get("kind")))
    if model is None:
        kind = tree.value.get("kind")
        return None, [
            PackError(
                name,
                line=tree.line_of(("kind",)),
                trail=("kind",),
                expected=f"one of {', '.join(MODELS)}",
                found=show_value(kind),
                nearest=nearest(kind, MODELS),
            )
        ]
    try:
        pack = model.model_validate(tree.value)
    except ValidationError as error:
        return None, shape_problems(name, tree, model, error)
    problems = [
        PackError(
            name,
            line=tree.line_of(finding.trail),
            trail=show_trail(tree, finding.trail),
            expected=finding.expected,
            found=finding.found,
            nearest=finding.nearest,
        )
        for finding in find(pack)
    ]
    return (None, problems) if problems else (pack, [])


def _read_bytes(path: Path) -> bytes:
    # A pipe or device would wait or never end; one byte too many is enough to know.
    if not path.is_file():
        raise FileNotFoundError(None, "no such file")
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
