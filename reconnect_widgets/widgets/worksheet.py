"""A stage with things to fill in: heading, text, quotes, fields, perhaps a clock, actions.

What the record holds (`answers`) is kept apart from what is asked (`fields`), so that an answer
changes one small trait, and a person who is typing is not disturbed by it.

The decision a newcomer would question: the text that somebody types is never in a trait unless the
record holds it. It lives in the browser, and comes here only as a message that was meant to
(`workbook.messages`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from dataclasses import field as dataclass_field
from pathlib import Path
from typing import Any, Literal, TypedDict

import traitlets

from reconnect_widgets.widgets.control import Control
from reconnect_widgets.widgets.passage import NO_MARK, Action, Privacy
from reconnect_widgets.widgets.scripts import join_scripts

HERE = Path(__file__).parent

Status = Literal["", "answered", "skipped", "declined"]


@dataclass(frozen=True)
class ChoiceOption:
    """One worded answer; `reply_html` (markup made by us) is shown under it once it is chosen."""

    value: int | str
    label: str
    reply_html: str = ""


@dataclass(frozen=True)
class Choice:
    """One of several, recorded when tapped. None is ever chosen beforehand.

    Attributes
    ----------
    value, status
        What the record holds; no status when it holds nothing.
    layout
        ``row`` puts short options side by side where there is room (a scale from 1 to 5).
    """

    key: str
    label: str
    options: Sequence[ChoiceOption]
    value: int | str | None = None
    status: Status = ""
    hint: str = ""
    layout: Literal["list", "row"] = "list"


@dataclass(frozen=True)
class Writer:
    """A text; one row makes it a single line.

    Attributes
    ----------
    keep
        ``screen``: it stays in this browser unless an action takes it (`Action.takes`).
        ``recorded``: it is recorded as it is written.
    has_coach
        Whether drafts are sent to be read (never recorded) and notes shown under the text.
    coach_words
        The coach's own words: ``looks_for``, a list of sentences; and ``fine``, by which one
        overrules it, if that is not the page's usual word.
    text
        What the record holds.
    is_done
        Whether the record holds something for it: a text, or that it was skipped.
    """

    key: str
    label: str
    hint: str = ""
    rows: int = 3
    max_length: int = 600
    keep: Literal["screen", "recorded"] = "screen"
    has_coach: bool = False
    coach_words: Mapping[str, Any] = dataclass_field(default_factory=dict)
    text: str = ""
    is_done: bool = False


@dataclass(frozen=True)
class Lines:
    """A running list of short texts. They stay in the browser; only their number is recorded."""

    key: str
    label: str
    hint: str = ""
    max_length: int = 140
    most: int = 50
    count: int = 0


@dataclass(frozen=True)
class Tally:
    """One tap, one more; the number is recorded."""

    key: str
    label: str
    count: int = 0


@dataclass(frozen=True)
class DateInput:
    """A day, chosen with the browser's own calendar; recorded as ``2026-12-05``.

    Attributes
    ----------
    earliest, latest
        The first and the last day that can be chosen, in the same form.
    """

    key: str
    label: str
    hint: str = ""
    earliest: str = ""
    latest: str = ""
    value: str | None = None
    status: Status = ""


Field = Choice | Writer | Lines | Tally | DateInput


@dataclass(frozen=True)
class Clock:
    """How a clock stands at this moment.

    Attributes
    ----------
    label
        What the time is for, as its accessible name.
    is_dark
        While it runs, the page is dark and holds nothing but the time and a way to stop.
    is_soft
        For the corner of the eye: small, since nothing ends with it.
    has_sound
        Ends with a soft sound, if this browser was touched before and allows it.
    done_words
        The sign at the end.
    """

    state: Literal["ready", "running", "paused", "done"]
    left_ms: int
    total_ms: int
    label: str
    is_dark: bool = False
    is_soft: bool = False
    has_sound: bool = False
    done_words: str = ""


@dataclass(frozen=True)
class Quote:
    """What a person wrote, shown as plain text and never as markup; `note` stands under it."""

    label: str
    text: str
    note: str = ""


class CoachNote(TypedDict):
    """What a coach noticed: `code` names the rule, `start` and `end` the place in the text."""

    code: str
    tone: str
    start: int
    end: int
    words: str


class Worksheet(Control):
    """Attributes are traits; `show` sets them in one message.

    Attributes
    ----------
    token
        Names this screen. A new token is a new screen (focus goes to its heading); under the same
        token everything is brought up to date in place, and what is being typed is left alone.
    fields
        What is asked, each with its ``kind``.
    answers
        What the record holds, by field: status, value, text.
    exercise, round, tag
        Go with what is said, and name what the browser keeps for this person.
    is_recorded
        False turns every "Saved" into "Not recorded".
    is_closed
        True shows what was answered, and lets nothing be answered any more.
    """

    _esm = join_scripts(
        "worksheet_parts.js",
        "worksheet_fields.js",
        "worksheet_writer.js",
        "worksheet_clock.js",
        "worksheet.js",
    )
    _css = HERE / "worksheet.css"

    WORDS = (
        "saving", "saved", "not-recorded", "not-saved-yet", "skipped", "skip", "clear",
        "left-one", "left-many", "write-first", "answer-first", "sending",
        "other-text", "use-other", "looks-for", "fine", "good", "offer",
        "add", "remove", "removed", "line-count-one", "line-count-many", "elsewhere-one",
        "elsewhere-many", "list-full", "date-range", "undo", "tally-count-one", "tally-count-many",
        "clock-left-one", "clock-left-many", "clock-half", "clock-last-minute", "clock-done",
        "clock-paused", "clock-stop",
    )  # fmt: skip

    token = traitlets.Unicode().tag(sync=True)
    heading = traitlets.Unicode().tag(sync=True)
    html = traitlets.Unicode().tag(sync=True)
    after_html = traitlets.Unicode().tag(sync=True)
    news = traitlets.Unicode().tag(sync=True)
    quotes = traitlets.List().tag(sync=True)
    fields = traitlets.List().tag(sync=True)
    answers = traitlets.Dict().tag(sync=True)
    clock = traitlets.Dict().tag(sync=True)
    actions = traitlets.List().tag(sync=True)
    privacy = traitlets.Unicode().tag(sync=True)
    privacy_kind = traitlets.Unicode().tag(sync=True)
    exercise = traitlets.Unicode().tag(sync=True)
    round = traitlets.Int(1).tag(sync=True)
    tag = traitlets.Unicode().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    is_recorded = traitlets.Bool(True).tag(sync=True)
    is_closed = traitlets.Bool(False).tag(sync=True)

    def show(
        self,
        token: str,
        *,
        heading: str,
        exercise: str,
        round: int,
        tag: str,
        words: Mapping[str, str],
        is_recorded: bool,
        html: str = "",
        after_html: str = "",
        news: str = "",
        quotes: Sequence[Quote] = (),
        fields: Sequence[Field] = (),
        clock: Clock | None = None,
        actions: Sequence[Action] = (),
        privacy: Privacy = NO_MARK,
        is_closed: bool = False,
    ) -> None:
        """Replace the whole worksheet in one message, so that no half of it is ever seen."""
        with self.hold_sync():
            self.token = token
            self.heading = heading
            self.html = html
            self.after_html = after_html
            self.news = news
            self.quotes = [asdict(quote) for quote in quotes]
            self.fields = [_describe(field) for field in fields]
            self.answers = {field.key: _held(field) for field in fields}
            self.clock = asdict(clock) if clock else {}
            self.actions = [asdict(action) for action in actions]
            self.privacy = privacy.text
            self.privacy_kind = privacy.kind
            self.exercise = exercise
            self.round = round
            self.tag = tag
            self.words = dict(words)
            self.is_recorded = is_recorded
            self.is_closed = is_closed

    def note_answer(
        self,
        key: str,
        status: Status = "answered",
        *,
        value: int | str | None = None,
        text: str = "",
    ) -> None:
        """Show what the record now holds for a field, in every tab that is open."""
        self.answers = {**self.answers, key: {"status": status, "value": value, "text": text}}

    def coach(self, field: str, seq: int, notes: Sequence[CoachNote]) -> None:
        """Show what a coach says of the draft with this number; it is nowhere kept."""
        self.send({"type": "coach", "field": field, "seq": seq, "notes": [*notes]})

    def offers(self, action: str) -> bool:
        """Say whether this action is on the screen now (links send nothing, so they are not)."""
        return any(offered["id"] == action and not offered["href"] for offered in self.actions)


def _describe(field: Field) -> dict[str, Any]:
    """Return what a field asks, without what was answered."""
    described = asdict(field)
    for name in ("value", "status", "text", "is_done", "count"):
        described.pop(name, None)
    return {"kind": type(field).__name__.lower(), **described}


def _held(field: Field) -> dict[str, Any]:
    """Return what the record holds for a field."""
    match field:
        case Choice() | DateInput():
            return {"status": field.status, "value": field.value, "text": ""}
        case Writer():
            done: Status = "answered" if field.text else "skipped" if field.is_done else ""
            return {"status": done, "value": None, "text": field.text}
        case _:
            done = "answered" if field.count else ""
            return {"status": done, "value": field.count, "text": ""}
