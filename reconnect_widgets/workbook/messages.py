"""What a browser may say, read strictly.

What belongs here: the shape of each message: exact keys, types, sizes, identifiers. What does not:
whether the content offers such an answer, and whether the page that is shown offers such an action
(`pages`).

Everything a field can hold is bounded: a message that passes is smaller than one kilobyte, and one
with a text smaller than 25 (2,000 characters, each at most twelve bytes in JSON). How large a
message may be before it is even read is the web server's limit (64 kilobytes). Nothing of what was
sent is repeated in an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast, get_args

from reconnect_widgets.errors import MessageError
from reconnect_widgets.system import is_event_id

Status = Literal["answered", "skipped", "declined"]

MAX_ROUND = 999
MAX_VALUE = 999
MAX_TEXT_LENGTH = 2_000
MAX_SEQ = 1_000_000
_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# An option's key. Digits alone would be the same in the record as the number.
_OPTION = re.compile(r"(?![0-9]+$)[a-z0-9]+(?:-[a-z0-9]+)*")
_TOKEN = re.compile(r"[a-z0-9]+(?:[-/.][a-z0-9]+)*")
# A name of the IANA time zone database, as browsers give it: Europe/Berlin, Etc/GMT+5, UTC.
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}")
_MAX_LENGTH = 64
# What the record refuses in a text: halves of characters, and NUL.
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")

_KEYS = {
    "answer": {"type", "event_id", "exercise", "round", "item", "status", "value"},
    "text": {"type", "event_id", "exercise", "round", "item", "text"},
    "draft": {"type", "stage", "field", "seq", "text"},
    "action": {"type", "event_id", "stage", "action"},
    "here": {"type", "zone"},
    "refresh": {"type"},
}


@dataclass(frozen=True)
class AnswerSaid:
    """One question was answered (then there is a value), skipped or declined.

    Attributes
    ----------
    value
        A whole number up to `MAX_VALUE`, or an option's key.
    """

    event_id: str
    exercise: str
    round: int
    item: str
    status: Status
    value: int | str | None


@dataclass(frozen=True)
class TextSaid:
    """A text was written that is meant to be recorded; an empty one takes it back."""

    event_id: str
    exercise: str
    round: int
    item: str
    text: str


@dataclass(frozen=True)
class DraftSaid:
    """How a text stands at this moment, for a coach to read and nobody to keep.

    Attributes
    ----------
    seq
        Grows with every draft of a field, so that late notes can be told from new ones.
    """

    stage: str
    field: str
    seq: int
    text: str


@dataclass(frozen=True)
class ActionSaid:
    """A button of a passage or sheet was pressed, while the stage of this token was shown."""

    event_id: str
    stage: str
    action: str


@dataclass(frozen=True)
class HereSaid:
    """The time zone of the browser, by its name; whether there is such a one is not known yet."""

    zone: str


@dataclass(frozen=True)
class RefreshSaid:
    """The browser heard that something about the session or the partner is new."""


Message = AnswerSaid | TextSaid | DraftSaid | ActionSaid | HereSaid | RefreshSaid


def parse_message(content: object) -> Message:
    """Read one custom message.

    Raises
    ------
    MessageError
        If it is not exactly one of the messages; the text says which field was not right and what
        was expected there, never what was found.
    """
    if not isinstance(content, dict):
        raise MessageError("expected an object")
    kind = content.get("type")
    if not isinstance(kind, str) or kind not in _KEYS:
        raise MessageError(f"type: expected {', '.join(_KEYS)}")
    if set(content) != _KEYS[kind]:
        raise MessageError(f"{kind}: expected exactly the keys {', '.join(sorted(_KEYS[kind]))}")
    match kind:
        case "answer":
            return _parse_answer(content)
        case "text":
            return _parse_text(content)
        case "draft":
            return DraftSaid(
                stage=_text(content, "stage", _TOKEN),
                field=_text(content, "field", _KEY),
                seq=_whole(content, "seq", 1, MAX_SEQ),
                text=_free_text(content),
            )
        case "action":
            return ActionSaid(
                event_id=_event_id(content),
                stage=_text(content, "stage", _TOKEN),
                action=_text(content, "action", _KEY),
            )
        case "here":
            return HereSaid(_text(content, "zone", _ZONE))
    return RefreshSaid()


def _parse_answer(content: dict[str, object]) -> AnswerSaid:
    status = content["status"]
    if not isinstance(status, str) or status not in get_args(Status):
        raise MessageError("status: expected answered, skipped or declined")
    value: int | str | None = None
    if status == "answered":
        is_key = isinstance(content["value"], str)
        value = (
            _text(content, "value", _OPTION) if is_key else _whole(content, "value", 0, MAX_VALUE)
        )
    elif content["value"] is not None:
        raise MessageError("value: expected null unless answered")
    return AnswerSaid(
        event_id=_event_id(content),
        exercise=_text(content, "exercise", _KEY),
        round=_whole(content, "round", 1, MAX_ROUND),
        item=_text(content, "item", _KEY),
        status=cast("Status", status),
        value=value,
    )


def _parse_text(content: dict[str, object]) -> TextSaid:
    return TextSaid(
        event_id=_event_id(content),
        exercise=_text(content, "exercise", _KEY),
        round=_whole(content, "round", 1, MAX_ROUND),
        item=_text(content, "item", _KEY),
        text=_free_text(content),
    )


def _free_text(content: dict[str, object]) -> str:
    text = content["text"]
    if not isinstance(text, str) or len(text) > MAX_TEXT_LENGTH or _NOT_STORABLE.search(text):
        raise MessageError(f"text: expected at most {MAX_TEXT_LENGTH} characters")
    return text


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
