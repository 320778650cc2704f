"""What one person's exercise keeps: pack, progress, rows; and who may be shared with.

What belongs here: everything of an exercise's page that has nothing to do with the screen. What
does not: hearing and showing (`exercise`).
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import get_args

from reconnect_widgets.content import (
    CONTENT_VERSION,
    ExerciseField,
    ExerciseFrame,
    ExerciseStep,
    load_exercise,
)
from reconnect_widgets.domain.acts import Reveals
from reconnect_widgets.domain.between import Gate
from reconnect_widgets.domain.clock import ClockAct, ClockName
from reconnect_widgets.domain.decks import DeckState
from reconnect_widgets.domain.exercise import CLOSING, INTRO, Place
from reconnect_widgets.domain.people import Way
from reconnect_widgets.errors import RecordError, SessionClosedError
from reconnect_widgets.records import Row
from reconnect_widgets.records.acts import CLOCK_PREFIX, read_clock_acts
from reconnect_widgets.system import new_event_id
from reconnect_widgets.workbook.acts import open_gate
from reconnect_widgets.workbook.context import Context
from reconnect_widgets.workbook.days import local_date
from reconnect_widgets.workbook.exercise_place import (
    read_progress,
    said_in,
    write_detail,
    write_place,
)
from reconnect_widgets.workbook.messages import Status
from reconnect_widgets.workbook.pages.presenter import Presenter

CLOCK_ACTS = frozenset(f"{CLOCK_PREFIX}{name}" for name in get_args(ClockName))


class ExerciseBook(Presenter):
    """One person's place in an exercise, kept in the record.

    Parameters
    ----------
    key
        Of the exercise; a subclass that is made for one has it in its class.

    Attributes
    ----------
    pack
        The exercise's words and steps.
    progress
        Where this person is, and what they gave in this round.
    rows
        This person's rows so far, oldest first.
    """

    def __init__(self, context: Context, key: str = "") -> None:
        self.pack = load_exercise(key or self.key)
        self.key = self.pack.key
        super().__init__(context)
        self.progress = read_progress(self.rows, self.key)
        if self.progress.place.step not in self.places():
            self.progress = self.progress.at(Place(INTRO))
        self._note_place()

    @property
    def frame(self) -> ExerciseFrame:
        """Title and length of the exercise."""
        return self.pack

    def is_shown(self, step: ExerciseStep) -> bool:
        """Say whether this step is there for this person; steps of other ways never are."""
        return not step.aside or step.id == self.progress.place.step

    # -- Where -----------------------------------------------------------------------------------

    @property
    def way(self) -> Way:
        """How this person does it: as a couple if they sit in one and it can be done so."""
        wanted: Way = "couple" if self.context.dyad_id else "solo"
        return wanted if wanted in self.pack.ways else self.pack.ways[0]

    @property
    def steps(self) -> list[ExerciseStep]:
        """The steps that are there for this person, in order."""
        return [step for step in self.pack.steps_in(self.way) if self.is_shown(step)]

    def places(self) -> list[str]:
        """Return the ids of all screens in order, the first and the last included."""
        return [INTRO, *(step.id for step in self.steps), CLOSING]

    def before(self, place: str) -> str:
        """Return the screen before this one; before a step aside, the one that leads to it."""
        asides = [step.id for step in self.pack.steps if step.aside]
        if place == CLOSING and self.progress.came_from in asides:
            return self.progress.came_from
        places = self.places()
        for step in self.steps:
            if any(action.goes == place for action in step.actions) and self.pack.step(place).aside:
                return step.id
        return places[max(places.index(place) - 1, 0)]

    @property
    def today(self) -> date:
        """The date where this person is now."""
        return local_date(self.context.now(), self.context.zone)

    @property
    def is_over(self) -> bool:
        """Whether nothing more is kept of this exercise: closed, or this person withdrew."""
        return self.context.is_withdrawn or self.context.takes_no_more(self.key)

    @property
    def can_share(self) -> bool:
        """Whether anything can go to the partner: there is one, and this person is recorded."""
        is_over = self.context.takes_no_more(self.key)
        return bool(self.context.dyad_id) and self.context.is_recorded and not is_over

    def field(self, key: str) -> ExerciseField | None:
        """Return the field of this key, if a step that is there for this person has one."""
        found = (field for step in self.steps for field in step.fields if field.key == key)
        return next(found, None)

    def say(self, key: str, **places: object) -> str:
        """Return a sentence of this exercise, or else the one that all exercises share."""
        if key in self.pack.sentences:
            return self.pack.say(key, **places)
        return self.page_words.text(key, **places)

    def deck_rows(self) -> tuple[Row, ...]:
        """Return the rows that say what became of the cards, oldest first."""
        return tuple(self.rows)

    def card_note(self, state: DeckState) -> str:
        """Return what stands under the open card."""
        return ""

    def card_turned(self) -> None:
        """Hear that a card was drawn, answered, passed over or put back here."""

    def gate(self, *, reveals: Reveals = "nothing") -> Gate:
        """Return what this person may see of the partner, and do towards them, as of now."""
        return open_gate(self.context, self.key, reveals=reveals)

    def clock_rows(self) -> tuple[Row, ...]:
        """Return the rows that may be acts of this exercise's clock: of both, in a couple."""
        return (*self.rows, *self.partner_rows_named(CLOCK_ACTS))

    def clock_acts(self, step: ExerciseStep) -> list[ClockAct]:
        """Return what was done to the clock of a step in this round, by either of a couple."""
        rows = self.clock_rows()
        return read_clock_acts(rows, self.key, round_=self.progress.round, step=step.id)

    def partner_rows_named(self, events: frozenset[str]) -> tuple[Row, ...]:
        """Return the partner's rows of these events: such as belong to both from the start."""
        if not self.context.dyad_id:
            return ()
        rows = self.context.partner_rows()
        return tuple(row for row in rows if row.exercise == self.key and row.event in events)

    # -- Keeping ---------------------------------------------------------------------------------

    def keep(
        self,
        item: str,
        status: Status = "answered",
        *,
        value: str | None = None,
        text: str = "",
        event_id: str = "",
        round_: int = 0,
    ) -> Row:
        """Keep one answer where this person wants answers kept."""
        round_ = round_ or self.progress.round
        row = self.context.record_answer(
            exercise=self.key,
            round_=round_,
            item=item,
            status=status,
            value=value if status == "answered" else None,
            text=text,
            event_id=event_id or new_event_id(),
            content_version=CONTENT_VERSION,
        )
        self.rows = (*self.rows, row)
        if round_ == self.progress.round:
            self.progress = self.progress.with_given(item, said_in(row))
        return row

    def note(self, event: str, event_id: str = "", **detail: object) -> Row:
        """Keep that something happened in this round; the detail holds nothing private."""
        row = self.context.record_event(
            event,
            exercise=self.key,
            detail=write_detail(round=self.progress.round, **detail),
            event_id=event_id or new_event_id(),
        )
        self.rows = (*self.rows, row)
        return row

    def close_open_fields(self, step: ExerciseStep) -> None:
        """Note of what a step asked and nobody answered that it was skipped."""
        for field in step.fields:
            if field.kind not in ("choice", "date") or field.key in self.progress.given:
                continue
            # A closed session takes no row, and still lets people see how it ends.
            with suppress(SessionClosedError):
                self.keep(field.key, "skipped")

    def _note_place(self) -> None:
        """Note the first screen of this visit, for whoever watches how far people are."""
        if self.context.consent is None or self.progress.place.step in self.progress.shown:
            return
        with suppress(RecordError):  # the page opens all the same; the next answer will tell
            row = self.context.record_step(
                exercise=self.key,
                detail=write_place(self.progress, self.progress.place),
                event_id=new_event_id(),
            )
            self.rows = (*self.rows, row)
