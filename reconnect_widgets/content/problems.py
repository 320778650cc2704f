"""How a mistake in a pack is told to the person who wrote it.

File and line, the trail of keys that leads there, what was expected, what was found, and the
nearest right spelling when there is one.
"""

from __future__ import annotations

import difflib
import re
import types
import typing
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from reconnect_widgets.content.tree import Trail, Tree
from reconnect_widgets.errors import ContentError

_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "tuple_type": "a list",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "model_attributes_type": "keys with values",
    "date_from_datetime_parsing": "a date such as 2026-11-20",
    "date_parsing": "a date such as 2026-11-20",
    "date_type": "a date such as 2026-11-20",
}
_MOST_PROBLEMS = 25


class PackError(ContentError):
    """One mistake in a pack.

    Attributes
    ----------
    file
        The file's name, relative to the folder that was checked.
    line
        Counted from 1; None when the file as a whole is meant.
    trail
        The keys that lead to the place, as shown to people.
    expected, found, nearest
        `nearest` is empty when nothing comes close.
    """

    def __init__(
        self,
        file: str,
        *,
        expected: str,
        found: str,
        line: int | None = None,
        trail: Sequence[str] = (),
        nearest: str = "",
    ) -> None:
        self.file, self.line, self.trail = file, line, tuple(trail)
        self.expected, self.found, self.nearest = expected, found, nearest
        lines = [f"In {file}" + (f", line {line}" if line else "")]
        lines += [f"  at: {' → '.join(self.trail)}"] if self.trail else []
        lines += [f"  expected: {expected}", f"  found: {found}"]
        lines += [f"  did you mean: {nearest}"] if nearest else []
        super().__init__("\n".join(lines))


def join_problems(problems: Sequence[PackError]) -> ContentError:
    """Make one error of several, in the order of their lines."""
    return problems[0] if len(problems) == 1 else ContentError("\n".join(map(str, problems)))


def nearest(word: object, choices: Iterable[str]) -> str:
    """Return the choice that this word may be a misspelling of, or an empty text."""
    return next(iter(difflib.get_close_matches(str(word), list(choices), n=1, cutoff=0.6)), "")


def show_trail(tree: Tree, trail: Trail) -> list[str]:
    """Write a trail for people: places in a list are counted from 1 and named by their key."""
    shown: list[str] = []
    value = tree.value
    for step in trail:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            value = None
        if isinstance(step, int):
            name = value.get("key", value.get("id", "")) if isinstance(value, dict) else ""
            shown.append(
                f"{step + 1} ({name})" if isinstance(name, str) and name else f"{step + 1}"
            )
        else:
            shown.append(step[:60])
    return shown


def show_value(value: object) -> str:
    """Write a value for people, short."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "keys with values"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return f"“{value[:57]}…”" if len(value) > 60 else f"“{value}”"
    return str(value).lower() if isinstance(value, bool) else str(value)


def shape_problems(
    file: str, tree: Tree, model: type[BaseModel], error: ValidationError
) -> list[PackError]:
    """Turn what pydantic found into problems, in the order of their lines."""
    found = [_shape_problem(file, tree, model, detail) for detail in error.errors()]
    return sorted(found, key=lambda problem: problem.line or 0)[:_MOST_PROBLEMS]


def _shape_problem(
    file: str, tree: Tree, model: type[BaseModel], detail: ErrorDetails
) -> PackError:
    trail: Trail = tuple(step for step in detail["loc"] if step != "[key]")
    kind, last = detail["type"], trail[-1] if trail else ""
    choices: list[str] = []
    if kind == "extra_forbidden":
        choices = _keys_at(model, trail[:-1])
        expected, found = f"one of the keys {', '.join(choices)}", f"the key {str(last)[:60]}"
    elif kind == "missing":
        expected, found, trail = f"the key {last}", "no such key", trail[:-1]
    else:
        context = str(detail.get("ctx", {}).get("expected", ""))
        choices = re.findall(r"'([^']*)'", context) if kind == "literal_error" else []
        expected = _EXPECTED.get(kind) or _plain(detail["msg"])
        found, last = show_value(detail["input"]), str(detail["input"])
    return PackError(
        file,
        line=tree.line_of(trail),
        trail=show_trail(tree, trail),
        expected=expected,
        found=found,
        nearest=nearest(last, choices),
    )


def _plain(message: str) -> str:
    """Take the library's subject away: "Input should be 1 or -1" becomes "1 or -1"."""
    if message.startswith("String should match pattern"):
        return "a shorter or plainer text, such as `small-step` for a key"
    return re.sub(r"^(Input|Value|String|Tuple|Dictionary) should (be |have )?", "", message)


def _keys_at(model: type[BaseModel], trail: Trail) -> list[str]:
    """Return the keys that are known at this place of the schema."""
    place: Any = model
    for step in trail:
        if isinstance(step, int):
            place = typing.get_args(place)[0]
        elif isinstance(place, type) and issubclass(place, BaseModel):
            place = _bare(place.model_fields[step].annotation)
    return (
        list(place.model_fields) if isinstance(place, type) and issubclass(place, BaseModel) else []
    )


def _bare(annotation: Any) -> Any:
    """Return the type without `Annotated` and without ``| None``."""
    if typing.get_origin(annotation) is typing.Annotated:
        return _bare(typing.get_args(annotation)[0])
    if isinstance(annotation, types.UnionType):
        return next(part for part in typing.get_args(annotation) if part is not type(None))
    return annotation
