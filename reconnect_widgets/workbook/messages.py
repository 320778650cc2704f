"""What a browser may say, read strictly.

What belongs here: the shape of each message: exact keys, types, sizes, identifiers. What does not:
whether the content offers such an answer, and whether the page that is shown offers such an action
(`pages`).

Everything a field can hold is bounded, so a message that passes is smaller than one kilobyte; how
large a message may be before it is even read is the web server's limit. Nothing of what was sent
is repeated in an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast, get_args

from reconnect_widgets.errors import MessageError
from reconnect_widgets.system import is_event_id

Status = Literal["answered", "skipped", "declined"]

MAX_ROUND = 999
MAX_VALUE = 100
_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TOKEN = re.compile(r"[a-z0-9]+(?:[-/.][a-z0-9]+)*")
_MAX_LENGTH = 64

_KEYS = {
    "answer": {"type", "event_id", "exercise", "round", "item", "status", "value"},
    "action": {"type", "event_id", "stage", "action"},
    "refresh": {"type"},
}


@dataclass(frozen=True)
class AnswerSaid:
    """One question was answered (then there is a value), skipped or declined."""

    event_id: str
    exercise: str
    round: int
    item: str
    status: Status
    value: int | None


@dataclass(frozen=True)
class ActionSaid:
    """A button of a passage or sheet was pressed, while the stage of this token was shown."""

    event_id: str
    stage: str
    action: str


@dataclass(frozen=True)
class RefreshSaid:
    """The browser heard that something about the session or the partner is new."""


Message = AnswerSaid | ActionSaid | RefreshSaid


def parse_message(content: object) -> Message:
    """Read one custom message.

    Raises
    ------
    MessageError
        If it is not exactly one of the three messages; the text says which field was not right
        and what was expected there, never what was found.
    """
    if not isinstance(content, dict):
        raise MessageError("expected an object")
    kind = content.get("type")
    if not isinstance(kind, str) or kind not in _KEYS:
        raise MessageError("type: expected answer, action or refresh")
    if set(content) != _KEYS[kind]:
        raise MessageError(f"{kind}: expected exactly the keys {', '.join(sorted(_KEYS[kind]))}")
    if kind == "answer":
        return _parse_answer(content)
    if kind == "action":
        return ActionSaid(
            event_id=_event_id(content),
            stage=_text(content, "stage", _TOKEN),
            action=_text(content, "action", _KEY),
        )
    return RefreshSaid()


def _parse_answer(content: dict[str, object]) -> AnswerSaid:
    status = content["status"]
    if not isinstance(status, str) or status not in get_args(Status):
        raise MessageError("status: expected answered, skipped or declined")
    value = content["value"]
    if status == "answered":
        value = _whole(content, "value", 0, MAX_VALUE)
    elif value is not None:
        raise MessageError("value: expected null unless answered")
    return AnswerSaid(
        event_id=_event_id(content),
        exercise=_text(content, "exercise", _KEY),
        round=_whole(content, "round", 1, MAX_ROUND),
        item=_text(content, "item", _KEY),
        status=cast("Status", status),
        value=value,
    )


def _event_id(content: dict[str, object]) -> str:
    event_id = content["event_id"]
    if not isinstance(event_id, str) or not is_event_id(event_id):
        raise MessageError("event_id: expected a UUID version 7 in lower case")
    return event_id


def _text(content: dict[str, object], name: str, pattern: re.Pattern[str]) -> str:
    text = content[name]
    if not isinstance(text, str) or len(text) > _MAX_LENGTH or not pattern.fullmatch(text):
        raise MessageError(f"{name}: expected a key of at most {_MAX_LENGTH} characters")
    return text


def _whole(content: dict[str, object], name: str, least: int, most: int) -> int:
    number = content[name]
    # `True` is an int to Python, and 1.0 equals 1: neither is a whole number that was sent.
    if type(number) is not int or not least <= number <= most:
        raise MessageError(f"{name}: expected a whole number from {least} to {most}")
    return number
