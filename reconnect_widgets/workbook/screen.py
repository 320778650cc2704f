"""One screen of an exercise, before it is put on the page: what a step has become for a person.

A step of a pack says what it always says. Its screen says what it says to this person now: what
they gave, what the partner sent, what can be done next. Pages make screens; one place shows them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from reconnect_widgets.content import ExerciseField, FieldOption, markdown
from reconnect_widgets.content.schema import PrivacyMark
from reconnect_widgets.domain.exercise import Said
from reconnect_widgets.widgets import (
    Action,
    Choice,
    ChoiceOption,
    Clock,
    DateInput,
    Lines,
    Quote,
    Tally,
    Writer,
)
from reconnect_widgets.widgets.worksheet import Field


@dataclass(frozen=True)
class Screen:
    """What `Worksheet.show` needs, in the words of the workbook.

    Attributes
    ----------
    spot
        Which screen of its step, where a step has several; part of the screen's token.
    html, after_html
        Before and after the fields; made by us, never typed by anybody.
    quotes
        What people typed, shown word for word.
    news
        A sentence that may come while the screen is read.
    """

    heading: str
    html: str = ""
    after_html: str = ""
    spot: str = ""
    fields: Sequence[Field] = ()
    quotes: Sequence[Quote] = ()
    clock: Clock | None = None
    news: str = ""
    privacy: PrivacyMark | None = None
    actions: Sequence[Action] = ()


@dataclass(frozen=True)
class Arrival:
    """Something has come from the partner: the sentence, the button, and the step it leads to."""

    action: str
    step: str
    news: str
    label: str


def build_field(
    field: ExerciseField,
    said: Said | None,
    *,
    today: date,
    coach_words: Mapping[str, object] | None = None,
) -> Field:
    """Return the control of a pack's field, with what was given for it so far.

    Parameters
    ----------
    today
        This person's own date.
    """
    match field.kind:
        case "choice":
            return Choice(
                key=field.key,
                label=field.label,
                hint=field.hint,
                options=[build_option(option) for option in field.options],
                value=_read_value(field, said),
                status=said.status if said else "",
            )
        case "text":
            return Writer(
                key=field.key,
                label=field.label,
                hint=field.hint,
                rows=field.rows,
                max_length=field.max_length,
                keep=field.keep,
                has_coach=field.coach is not None,
                coach_words=coach_words or {},
                text=said.text if said else "",
                is_done=said is not None,
            )
        case "list":
            return Lines(
                key=field.key,
                label=field.label,
                hint=field.hint,
                max_length=field.max_length,
                count=said.count if said else 0,
            )
        case "date":
            return DateInput(
                key=field.key,
                label=field.label,
                hint=field.hint,
                earliest=today.isoformat(),
                latest=(today + timedelta(days=field.days_ahead)).isoformat(),
                value=said.value if said and said.status == "answered" else None,
                status=said.status if said else "",
            )
        case "tally":
            return Tally(key=field.key, label=field.label, count=said.count if said else 0)


def build_option(option: FieldOption) -> ChoiceOption:
    """Return an option as the control shows it."""
    reply = markdown.render(option.reply) if option.reply else ""
    return ChoiceOption(value=option.value, label=option.label, reply_html=reply)


def _read_value(field: ExerciseField, said: Said | None) -> int | str | None:
    """Return the value as the pack wrote it: the record holds every value as text."""
    if said is None or said.status != "answered":
        return None
    return next((o.value for o in field.options if str(o.value) == said.value), None)
