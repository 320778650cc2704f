"""An exercise of steps: its pack becomes a page by itself.

What belongs here: going through the steps of a pack, keeping what is given, finding the place
again. What does not: what only one exercise does (a subclass, beside this one), what a kind of
step looks like (`workbook.steps`).

A subclass changes a screen in `make`, hears an action of its own in `act`, leaves a step out in
`is_shown`. Everything it wants to be there after a reload is a row: this class keeps nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from reconnect_widgets.content import ExerciseField, ExerciseStep, load_coach
from reconnect_widgets.content.schema import PrivacyMark
from reconnect_widgets.domain.exercise import CLOSING, INTRO, Place
from reconnect_widgets.errors import AnswerError, SessionClosedError
from reconnect_widgets.records import Row
from reconnect_widgets.system import new_event_id
from reconnect_widgets.widgets import (
    Action,
    Choice,
    Control,
    Option,
    Privacy,
    Question,
    QuestionSheet,
    Sheet,
    Shown,
    Worksheet,
)
from reconnect_widgets.widgets.worksheet import Field
from reconnect_widgets.workbook.context import Context
from reconnect_widgets.workbook.days import is_date_within
from reconnect_widgets.workbook.exercise_place import write_place
from reconnect_widgets.workbook.frame_screens import (
    make_closing,
    make_consent_missing,
    make_intro,
)
from reconnect_widgets.workbook.messages import ActionSaid, AnswerSaid, DraftSaid, Status, TextSaid
from reconnect_widgets.workbook.pages.exercise_book import ExerciseBook
from reconnect_widgets.workbook.pages.presenter import LOOKS
from reconnect_widgets.workbook.screen import Arrival, Screen, build_field
from reconnect_widgets.workbook.steps import STEP_KINDS


class ExercisePage(ExerciseBook):
    """Walks one person through an exercise, round after round."""

    def __init__(self, context: Context, key: str = "") -> None:
        super().__init__(context, key)
        self.worksheet = Worksheet()
        # Made when the first step wants it: most exercises have none.
        self.sheet: QuestionSheet | None = None
        self.is_on_sheet = False

    @property
    def widgets(self) -> Sequence[Control]:
        """Every widget of this page, the page last."""
        sheet = [self.sheet] if self.sheet is not None else []
        return (self.worksheet, *sheet, *super().widgets)

    # -- What exercises change -------------------------------------------------------------------

    def make(self, step: ExerciseStep) -> Screen:
        """Return what a step is for this person now."""
        kind = STEP_KINDS.get(step.kind)
        return kind.make(self, step) if kind else self.ask(step)

    def act(self, step: ExerciseStep, said: ActionSaid) -> Row | None:
        """Do what an action of this step means, and return the row that carries its id.

        AnswerError when it means nothing: then the page has changed since.
        """
        kind = STEP_KINDS.get(step.kind)
        return kind.act(self, step, said) if kind else self.move(said)

    def values_of(self, item: str) -> frozenset[str] | None:
        """Return what can be answered for an item of the steps; None for a whole number.

        AnswerError when there is no such item.
        """
        field = self.field(item)
        if field is not None:
            return None if field.kind in ("list", "tally") else field.values
        for kind in STEP_KINDS.values():
            values = kind.values_of(self, item)
            if values is not None:
                return values
        raise AnswerError("this exercise asks no such thing")

    def is_fixed(self, item: str) -> bool:
        """Say whether an answer can not be changed any more (it was shown to the partner)."""
        return False

    def answered(self, item: str) -> None:
        """Bring the screen up to date after an answer; the field itself is."""

    def closing_html(self) -> str:
        """Return what stands at the end of the round, before the small thing."""
        return ""

    def arrival(self) -> Arrival | None:
        """Return what has come from the partner and waits on one of the steps, if anything has.

        The first screen and the last one say it by themselves: a link may lead to either.
        """
        return None

    def with_arrival(self, screen: Screen) -> Screen:
        """Return the screen with what has come, and the way to it."""
        come = self.arrival()
        if come is None:
            return screen
        look = Action(come.action, come.label)
        return replace(screen, news=come.news, actions=[look, *screen.actions])

    # -- Hearing ---------------------------------------------------------------------------------

    def take_answer(self, said: AnswerSaid) -> Row:
        """Keep one answer of this round or, from a phone that was away, of an earlier one."""
        if said.exercise != self.key or not 1 <= said.round <= self.progress.round:
            raise AnswerError("not an answer to this exercise")
        if self.context.consent is None or self.is_fixed(said.item):
            raise AnswerError("this can not be answered now")
        values, field = self.values_of(said.item), self.field(said.item)
        if said.status == "answered":
            if field is not None and field.kind == "date":
                is_offered = is_date_within(said.value, self.today, field.days_ahead)
            elif values is None:
                is_offered = type(said.value) is int
            else:
                is_offered = str(said.value) in values
            if not is_offered:
                raise AnswerError("this was not among the answers")
        value = None if said.value is None else str(said.value)
        row = self.keep(said.item, said.status, value=value, event_id=said.event_id,
                        round_=said.round)  # fmt: skip
        if said.round == self.progress.round:
            if self.is_on_sheet and self.sheet is not None:
                self.sheet.note_answer(said.item, Shown(said.status, said.value))
            else:
                self.worksheet.note_answer(said.item, said.status, value=said.value)
            self.answered(said.item)
        return row

    def take_text(self, said: TextSaid) -> Row:
        """Keep one text that the screen said would be kept."""
        field = self.field(said.item)
        is_here = said.exercise == self.key and 1 <= said.round <= self.progress.round
        if field is None or field.kind != "text" or not is_here or self.context.consent is None:
            raise AnswerError("this exercise asks for no such text")
        if not (field.keep == "recorded" or self._is_taken(field.key)) or self.is_fixed(said.item):
            raise AnswerError("this text is not recorded")
        words = said.text.strip()
        if len(words) > field.max_length:
            raise AnswerError("this text is too long")
        status: Status = "answered" if words else "skipped"
        row = self.keep(said.item, status, text=words, event_id=said.event_id, round_=said.round)
        if said.round == self.progress.round:
            self.worksheet.note_answer(said.item, status, text=words)
            self.answered(said.item)
        return row

    def _is_taken(self, key: str) -> bool:
        return any(key in action.takes for step in self.steps for action in step.actions)

    def take_draft(self, said: DraftSaid) -> None:
        """Let the field's coach read how a text stands."""
        field = self.field(said.field)
        if field is not None and field.coach is not None:
            notes = load_coach(field.coach).read(said.text)
            self.worksheet.coach(
                said.field,
                said.seq,
                [
                    {
                        "code": note.code,
                        "tone": note.tone,
                        "start": note.start,
                        "end": note.end,
                        "words": note.words,
                    }
                    for note in notes
                ],
            )

    def take_action(self, said: ActionSaid) -> Row | None:
        """Do what was chosen on the screen that is shown."""
        place = self.progress.place
        if self.is_on_sheet:
            if self.sheet is None or said.action != self.sheet.finish:
                raise AnswerError("this sheet offers no such action")
            return self.move(replace(said, action="next"))
        # The end of a clock is no button.
        if not self.worksheet.offers(said.action) and said.action != "clock-done":
            raise AnswerError("this screen offers no such action")
        if place.step in (INTRO, CLOSING):
            return self.move(said)
        step = self.pack.step(place.step)
        chosen = next((each for each in step.actions if each.id == said.action), None)
        if chosen is not None and chosen.goes:
            self.close_open_fields(step)
            return self.go(Place(chosen.goes), said.event_id)
        return self.act(step, said)

    def refresh(self) -> None:
        """Look again at what may be new: the session, the partner, the clock."""
        super().refresh()
        self.draw()

    def _shown_token(self) -> str:
        shown = self.sheet if self.is_on_sheet else self.worksheet
        return str(shown.token) if shown is not None else ""

    # -- Moving ----------------------------------------------------------------------------------

    def move(self, said: ActionSaid) -> Row | None:
        """Go on, go back, begin another round, or carry the small thing along."""
        at = self.progress.place.step
        places = self.places()
        match said.action:
            case "next" | "begin":
                if at not in (INTRO, CLOSING):
                    self.close_open_fields(self.pack.step(at))
                onward = places[min(places.index(at) + 1, len(places) - 1)]
                return self.go(Place(onward), said.event_id)
            case "back":
                return self.go(Place(self.before(at)), said.event_id)
            case "again":
                self.progress = self.progress.again()
                return self.go(Place(places[1]), said.event_id)
            case "carry":
                row = self.note("carried", said.event_id)
                self.draw()
                return row
        come = self.arrival()
        if come is not None and come.action == said.action:
            return self.go(Place(come.step), said.event_id)
        raise AnswerError("this screen offers no such action")

    def go(self, place: Place, event_id: str = "") -> Row:
        """Show a screen, and note that it was shown."""
        is_first_end = place.step == CLOSING and not self.progress.is_finished
        if is_first_end and self.context.consent is not None:
            with suppress(SessionClosedError):
                self.note("finished")
        # The last row of a move carries the message's id: a message that a crash cut short is
        # then done again, and not taken for done.
        row = self.context.record_step(
            exercise=self.key,
            detail=write_place(self.progress, place),
            event_id=event_id or new_event_id(),
        )
        self.rows = (*self.rows, row)
        self.progress = self.progress.at(place)
        self.draw()
        return row

    # -- Showing ---------------------------------------------------------------------------------

    def draw(self) -> None:
        """Put the present screen on the page."""
        place = self.progress.place
        if self.context.consent is None:
            screen, name = make_consent_missing(self), "consent"
        elif place.step == INTRO:
            screen, name = self.with_arrival(make_intro(self)), INTRO
        elif place.step == CLOSING:
            screen, name = self.with_arrival(self.closing()), CLOSING
        elif (step := self.pack.step(place.step)).kind == "sheet":
            self._show_sheet(step)
            return
        else:
            screen, name = self.make(step), place.step
        self.is_on_sheet = False
        spot = f"/{screen.spot}" if screen.spot else ""
        self.worksheet.show(
            f"{self.key}/{self.progress.round}/{name}{spot}",
            heading=screen.heading,
            html=screen.html,
            after_html=screen.after_html,
            quotes=screen.quotes,
            news=screen.news,
            fields=screen.fields,
            clock=screen.clock,
            actions=[self._linked(action) for action in screen.actions],
            privacy=self.mark(screen.privacy),
            exercise=self.key,
            round=self.progress.round,
            tag=self.context.tag,
            words=self.words_for("worksheet", Worksheet.WORDS),
            is_recorded=self.context.is_recorded,
            is_closed=self.context.takes_no_more(self.key),
        )
        self.page.show_stage(self.worksheet)

    def _show_sheet(self, step: ExerciseStep) -> None:
        """Show a step's choices one at a time."""
        self.sheet = self.sheet or QuestionSheet()
        self.is_on_sheet = True
        given = self.progress.given
        built = [self.build(field) for field in step.fields]
        self.sheet.show(
            Sheet(
                token=f"{self.key}/{self.progress.round}/{step.id}",
                exercise=self.key,
                round=self.progress.round,
                tag=self.context.tag,
                questions=[Question(field.key, field.label, field.hint) for field in step.fields],
                options=[Option(option.value, option.label) for option in step.options],
                words=self.words_for("sheet", QuestionSheet.WORDS),
                lead=step.heading,
                privacy=self.mark(step.privacy),
                is_recorded=self.context.is_recorded,
                is_open=not self.is_over,
                answers={
                    field.key: Shown(field.status, field.value)
                    for field in built
                    if isinstance(field, Choice) and field.key in given
                },
            )
        )
        self.page.show_stage(self.sheet)

    def ask(self, step: ExerciseStep) -> Screen:
        """Return a step as its pack has it: words, fields, actions."""
        return Screen(
            heading=step.heading,
            html=step.html,
            fields=[self.build(field) for field in step.fields],
            privacy=step.privacy,
            actions=self.actions(step),
        )

    def build(self, field: ExerciseField) -> Field:
        """Return a field's control, with what was given for it."""
        words: dict[str, object] = {}
        if field.coach is not None:
            words = {"looks_for": load_coach(field.coach).looks_for}
        given = self.progress.given.get(field.key)
        return build_field(field, given, today=self.today, coach_words=words)

    def actions(self, step: ExerciseStep) -> list[Action]:
        """Return what a step offers: what its pack says, else going on; and always going back."""
        own = [
            Action(a.id, a.label, LOOKS[a.weight], takes=a.takes, needs=a.needs)
            for a in step.actions
        ] or [Action("next", self.page_words.text("action.next"))]
        return [*own, self.back()]

    def back(self) -> Action:
        """Return the way back."""
        return Action("back", self.page_words.text("action.back"), "quiet")

    def mark(self, privacy: PrivacyMark | None) -> Privacy:
        """Return the privacy mark; for who is not recorded, the one that says so."""
        if privacy == "recorded-under-your-code" and not self.context.is_recorded:
            privacy = "only-on-your-screen"
        return super().mark(privacy)

    def _linked(self, action: Action) -> Action:
        """Leave links out of a notebook that was opened by itself: it has no such addresses."""
        return replace(action, href="") if self.context.is_practice else action

    def closing(self) -> Screen:
        """Return the last screen: one small thing for the week, and what can come next."""
        return make_closing(self)
