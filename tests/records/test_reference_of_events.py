"""The reference names every event that the program writes, and none that it does not."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from reconnect_widgets.domain.acts import TOLD_AT_ONCE, TOLD_WHEN_BOTH
from reconnect_widgets.domain.evening import DESK_ACTS
from reconnect_widgets.records.rows import PersonEvent

ROOT = Path(__file__).parents[2]
# What takes an event's name, here or through one of the others.
WRITES = {
    "append_event",
    "record_event",
    "note",
    "_note",
    "_note_act",
    "_note_turn",
    "_append_event",
}


def documented() -> set[str]:
    """Return the names in the first columns of the tables whose first column is ``event``."""
    page = (ROOT / "docs" / "reference" / "record.md").read_text("utf-8")
    tables = re.findall(r"^\| `event` \| .*\n\|[-|]+\n((?:\|.*\n)+)", page, re.M)
    cells = [line.split("|")[1] for table in tables for line in table.splitlines()]
    return {name for cell in cells for name in re.findall(r"`([a-z-]+)`", cell)}


def find_written() -> set[str]:
    """Return the names of events in calls that write one, as far as the source says them."""
    found: set[str] = set()
    packages = (ROOT / "reconnect_widgets" / name for name in ("records", "server", "workbook"))
    for path in sorted(path for package in packages for path in package.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for call in ast.walk(function):
                    if isinstance(call, ast.Call) and _name_of(call.func) in WRITES:
                        for argument in call.args[:3]:
                            found |= set(_strings(argument, function, tree))
    return found


def _name_of(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return "" if _name_of(node.value) == "logs" else node.attr
    return getattr(node, "id", "")


def _strings(node: ast.expr, *scopes: ast.AST) -> Iterator[str]:
    """Yield what an expression may be, if it is made of words: of a dictionary, its values."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp():
            for one in (node.body, node.orelse):
                yield from _strings(one, *scopes)
        case ast.Dict():
            for one in node.values:
                yield from _strings(one, *scopes)
        case ast.Subscript():
            yield from _strings(node.value, *scopes)
        case ast.Call(func=ast.Attribute(value=ast.Dict() as words, attr="get")):
            yield from _strings(words, *scopes)
        case ast.Name(id=name):
            for scope in scopes:
                for each in ast.walk(scope):
                    if isinstance(each, ast.Assign) and name in map(_name_of, each.targets):
                        yield from _strings(each.value, scope)


def test_every_event_that_the_source_writes_is_in_the_reference() -> None:
    written = {name for name in find_written() if re.fullmatch(r"[a-z]+(-[a-z]+)*", name)}
    assert {
        "finished",
        "kept",
        "released",
        "agreed",
        "role-let-go",
        "closed",
        "exported",
    } <= written
    assert written - documented() == set()


def test_every_event_of_the_lists_is_in_the_reference() -> None:
    named = {*DESK_ACTS, *TOLD_AT_ONCE, *TOLD_WHEN_BOTH, *get_args(PersonEvent)}
    assert named - documented() == set()


def test_the_reference_names_no_event_that_nothing_writes() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "reconnect_widgets").rglob("*.py")]
    assert {
        name for name in documented() if not any(f'"{name}"' in one for one in sources)
    } == set()
