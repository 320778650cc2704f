"""The checkup page: twenty questions, four guesses, one's own picture, and the couple's.

`domain.checkup_flow` says what may follow what; `checkup_place` finds the place again from the
record; `checkup_views` puts results into HTML. This module is where they meet the widgets.

Nothing of the partner's is read before this person has chosen to show their own round. Until both
have, the page says the same words whatever the partner has or has not done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from reconnect_widgets.content import (
    CONTENT_VERSION,
    Instrument,
    PrivacyMark,
    load_instrument,
    load_passages,
    load_sentences,
)
from reconnect_widgets.domain.checkup import order_items
from reconnect_widgets.domain.checkup_flow import (
    AgainStarted,
    Answered,
    Begun,
    Event,
    Given,
    Released,
    WentBack,
    WentOn,
    advance,
    missing_guesses,
    missing_items,
    release_status,
)
from reconnect_widgets.errors import AnswerError, RecordError, SessionClosedError
from reconnect_widgets.records import Row
from reconnect_widgets.system import new_event_id
from reconnect_widgets.widgets import (
    Action,
    Control,
    Option,
    Privacy,
    Question,
    QuestionSheet,
    Sheet,
    Shown,
)
from reconnect_widgets.workbook.checkup_place import (
    EXERCISE,
    STAGE_OF,
    Place,
    Screen,
    find_place,
    given_by_round,
    released_rounds,
    shown_steps,
    write_detail,
)
from reconnect_widgets.workbook.checkup_views import (
    find_small_thing,
    show_couple,
    show_snapshot,
)
from reconnect_widgets.workbook.context import Context
from reconnect_widgets.workbook.frame_screens import ONE_SMALL_THING
from reconnect_widgets.workbook.messages import ActionSaid, AnswerSaid, Status
from reconnect_widgets.workbook.pages.presenter import Presenter

# What each button does: the flow's events, and the screen that follows if they are taken.
MOVES: Mapping[tuple[Screen, str], tuple[tuple[Event, ...], Screen]] = {
    ("intro", "begin"): ((Begun(),), "items"),
    ("items", "finish"): ((WentOn(),), "guesses"),
    ("guesses", "guess"): ((), "guessing"),
    ("guesses", "leave-out"): ((WentOn(),), "snapshot"),
    ("guesses", "back"): ((WentBack(),), "items"),
    ("guessing", "finish"): ((WentOn(),), "snapshot"),
    ("snapshot", "change-answers"): ((WentBack(), WentBack()), "items"),
    ("snapshot", "ask-release"): ((), "release"),
    ("snapshot", "see-both"): ((WentOn(),), "couple"),
    ("snapshot", "ask-again"): ((), "again"),
    ("release", "release"): ((Released(),), "snapshot"),
    ("release", "not-now"): ((), "snapshot"),
    ("again", "again"): ((AgainStarted(),), "intro"),
    ("again", "back"): ((), "snapshot"),
    ("couple", "back"): ((WentBack(),), "snapshot"),
    ("couple", "ask-again"): ((WentBack(),), "again"),
}
# What is left open when a sheet is closed gets a status, so that the record says it was shown.
LEFT_OPEN: Mapping[str, Status] = {"finish": "skipped", "leave-out": "declined"}


class CheckupPage(Presenter):
    """One person's checkup, from the first question to the couple's view, round after round."""

    key = EXERCISE

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.instrument: Instrument = load_instrument(EXERCISE)
        self.words = load_sentences(EXERCISE)
        self.steps = load_passages(EXERCISE)
        self.sheet = QuestionSheet()
        seed = f"{context.participant_id}/{self.instrument.key}"
        order = order_items([item.key for item in self.instrument.items], seed)
        self.outline = self.instrument.outline(order)
        self.place = find_place(
            self.outline,
            self.rows,
            consent=context.consent,
            has_partner=bool(context.dyad_id),
            partner_released=self._partner_released,
        )
        self._note_step()

    @property
    def widgets(self) -> Sequence[Control]:
        return (self.sheet, *super().widgets)

    # -- Hearing ---------------------------------------------------------------------------------

    def take_answer(self, said: AnswerSaid) -> Row:
        """Check an answer against the flow, keep it, and show it in every open tab."""
        if said.exercise != EXERCISE or isinstance(said.value, str):
            raise AnswerError("this page asks the checkup's questions only")
        state = advance(self.place.state, Answered(said.round, said.item, said.status, said.value))
        row = self._keep(said.item, said.status, said.value, said.event_id)
        self.place = replace(self.place, state=state)
        self.sheet.note_answer(said.item, Shown(said.status, said.value))
        return row

    def take_action(self, said: ActionSaid) -> Row | None:
        """Do what a button of the present screen says, note the step, and show what follows."""
        if said.action == "carry" and self._is_offered("carry"):
            return self._carry(said.event_id)
        move = MOVES.get((self.place.screen, said.action))
        if move is None or not self._is_offered(said.action):
            raise AnswerError("this screen offers no such action")
        if said.action in LEFT_OPEN:
            self._close_open_items(LEFT_OPEN[said.action])
        events, screen = move
        state = self.place.state
        for event in events:
            state = advance(state, event)
        if state.stage != STAGE_OF[screen]:
            raise AnswerError("the checkup does not go on from here")
        # The last row that a move makes carries the message's id: a message that a crash cut
        # short is then done again, and not taken for done.
        step_id = said.event_id
        if said.action == "release":
            detail = write_detail(state.round)
            self.context.record_event(
                "released", exercise=EXERCISE, detail=detail, event_id=said.event_id
            )
            step_id = new_event_id()
        row = self._record_step(state.round, screen, step_id)
        self.place = self._with_partner(Place(state, screen))
        self.draw()
        return row

    def _carry(self, event_id: str) -> Row:
        """Take the small thing of this round along; which one it is, is found again from the
        answers."""
        detail = write_detail(self.place.state.round)
        row = self.context.record_event(
            "carried", exercise=EXERCISE, detail=detail, event_id=event_id
        )
        self.rows = (*self.rows, row)
        self.draw()
        return row

    def refresh(self) -> None:
        """Look again at the session and, if this person has shown theirs, at the partner."""
        super().refresh()
        was_both = self._has_both()
        self.place = self._with_partner(self.place)
        if self.place.screen == "couple" and not self._has_both():
            self.place = self._at("snapshot")  # the partner withdrew while this was on the screen
        if self.place.screen != "couple" or was_both != self._has_both():
            self.draw()

    def _shown_token(self) -> str:
        return str(self.sheet.token if self._is_on_sheet() else self.passage.token)

    def _is_on_sheet(self) -> bool:
        return not self.context.is_withdrawn and self.place.screen in ("items", "guessing")

    def _is_offered(self, action: str) -> bool:
        return action == self.sheet.finish if self._is_on_sheet() else self.passage.offers(action)

    # -- Keeping ---------------------------------------------------------------------------------

    def _keep(self, item: str, status: Status, value: int | None, event_id: str) -> Row:
        return self.context.record_answer(
            exercise=EXERCISE,
            round_=self.place.state.round,
            item=item,
            status=status,
            value=value,
            event_id=event_id,
            content_version=CONTENT_VERSION,
        )

    def _close_open_items(self, status: Status) -> None:
        """Give every question of the present sheet that was passed over this status."""
        is_items = self.place.screen == "items"
        state = self.place.state
        for item in missing_items(state) if is_items else missing_guesses(state):
            # A closed session takes no row, and still lets people see how it ends.
            with suppress(SessionClosedError):
                self._keep(item, status, None, new_event_id())
            state = advance(state, Answered(state.round, item, status))
            self.place = replace(self.place, state=state)

    def _record_step(self, round_: int, screen: Screen, event_id: str) -> Row:
        return self.context.record_step(
            exercise=EXERCISE, detail=write_detail(round_, screen), event_id=event_id
        )

    def _note_step(self) -> None:
        """Note the first screen of this visit, for whoever watches how far people are."""
        if self.context.consent is None:
            return
        place = (self.place.state.round, self.place.screen)
        shown = shown_steps(row for row in self.rows if row.exercise == EXERCISE)
        if shown and shown[-1] == place:
            return
        with suppress(RecordError):  # the page opens all the same; the next answer will tell
            self._record_step(*place, new_event_id())

    # -- The place -------------------------------------------------------------------------------

    def _with_partner(self, place: Place) -> Place:
        """Add whether the partner has shown this round; not looked at before this person has."""
        state = place.state
        is_both = state.released and state.round in self._partner_released()
        return replace(place, state=replace(state, partner_released=is_both))

    def _partner_released(self) -> frozenset[int]:
        return released_rounds(self.context.partner_rows())

    def _has_both(self) -> bool:
        return self.place.state.released and self.place.state.partner_released

    def _at(self, screen: Screen) -> Place:
        return Place(replace(self.place.state, stage=STAGE_OF[screen]), screen)

    # -- Showing ---------------------------------------------------------------------------------

    def draw(self) -> None:
        """Put the present screen on the page."""
        if self.context.is_withdrawn:
            self.show_withdrawn()
            return
        match self.place.screen:
            case "items":
                self._show_sheet(self._item_questions(), self.instrument.options)
            case "guessing" if self.instrument.guess is not None:
                self._show_sheet(self._guess_questions(), self.instrument.guess.options)
            case "consent":
                step = self.steps.step("consent-missing")
                onward = [Action(a.id, a.label, href="/w/welcome") for a in step.actions]
                self.show_step(self._token(), step, actions=onward)
            case "snapshot":
                self._show_snapshot()
            case "couple":
                self._show_couple()
            case screen:
                self._show_words(screen)

    def mark(self, privacy: PrivacyMark | None) -> Privacy:
        """Return the privacy mark; for who is not recorded, the one that says so."""
        if privacy == "recorded-under-your-code" and not self.context.is_recorded:
            privacy = "only-on-your-screen"
        return super().mark(privacy)

    def _token(self) -> str:
        return f"{EXERCISE}/{self.place.state.round}/{self.place.screen}"

    def _show_words(self, screen: Screen) -> None:
        """Show a screen that is a step of the pack, with what the page itself adds to it."""
        has_own_words = screen in ("intro", "guesses") and not self.context.is_recorded
        step = self.steps.step(f"{screen}-not-recorded" if has_own_words else screen)
        say = self.page_words.text
        added = {
            "guesses": [
                Action("guess", say("action.guess"), "choice"),
                Action("leave-out", say("action.leave-out"), "choice"),
                Action("back", say("action.back"), "quiet"),
            ],
            "again": [Action("back", say("action.back-to-snapshot"), "quiet")],
        }.get(screen, [])
        self.show_step(self._token(), step, more_actions=added)

    def _show_sheet(self, questions: Sequence[Question], options: Sequence[object]) -> None:
        given = self.place.state.given
        self.sheet.show(
            Sheet(
                token=self._token(),
                exercise=EXERCISE,
                round=self.place.state.round,
                tag=self.context.tag,
                questions=questions,
                options=[Option(o.value, o.label) for o in options],  # type: ignore[attr-defined]
                words=self.words_for("sheet", QuestionSheet.WORDS),
                lead=self.instrument.timeframe if self.place.screen == "items" else "",
                privacy=self.mark("recorded-under-your-code"),
                is_recorded=self.context.is_recorded,
                is_open=not self.context.takes_no_more(EXERCISE),
                answers={key: Shown(each.status, each.value) for key, each in given.items()},
            )
        )
        self.page.show_stage(self.sheet)

    def _item_questions(self) -> list[Question]:
        return [Question(key, self.instrument.item(key).text) for key in self.outline.items]

    def _guess_questions(self) -> list[Question]:
        return [
            Question(self.instrument.guess_key(c.key), self.instrument.guess_text(c.key), c.about)
            for c in self.instrument.categories
        ]

    def _show_snapshot(self) -> None:
        state = self.place.state
        self.passage.show(
            self._token(),
            heading=self.words.text("snapshot.heading"),
            html=show_snapshot(self.instrument, self.words, state.given, state.earlier),
            news=self._release_news(),
            privacy=self.mark("recorded-under-your-code"),
            actions=self._snapshot_actions(),
        )
        self.page.show_stage(self.passage)

    def _release_news(self) -> str:
        """Say how it stands with showing: the same words whatever the partner has done so far."""
        words = {"waiting": "release.waiting", "both": "release.both"}
        key = words.get(release_status(self.place.state))
        return self.words.text(key) if key else ""

    def _snapshot_actions(self) -> list[Action]:
        status = release_status(self.place.state)
        actions = []
        if status == "both":
            actions.append(Action("see-both", self.words.text("release.see-both")))
        if status == "offered":
            heading = self.steps.step("release").heading
            actions.append(Action("ask-release", heading))
        if not self.place.state.released:
            label = self.page_words.text("action.change-answers")
            actions.append(Action("change-answers", label, "quiet"))
        actions += self._small_thing_actions()
        actions.append(Action("ask-again", self.steps.step("again").heading, "quiet"))
        return [*actions, *self.to_contents()]

    def _small_thing_actions(self) -> list[Action]:
        """Return the way to take the small thing along or, when it is taken, to where it went."""
        if not find_small_thing(self.instrument, self.words, self.place.state.given):
            return []
        say = self.page_words.text
        detail = write_detail(self.place.state.round)
        if not any((row.event, row.exercise, row.detail) == ("carried", EXERCISE, detail)
                   for row in self.rows):  # fmt: skip
            return [Action("carry", say("closing.carry"), "quiet")]
        if self.context.is_practice:
            return []
        label, href = say("closing.to-one-small-thing"), f"/w/{ONE_SMALL_THING}"
        return [Action("to-one-small-thing", label, "quiet", href=href)]

    def _show_couple(self) -> None:
        actions = [
            Action("back", self.page_words.text("action.back-to-snapshot"), "quiet"),
            Action("ask-again", self.steps.step("again").heading, "quiet"),
        ]
        self.passage.show(
            self._token(),
            heading=self.words.text("couple.heading"),
            html=show_couple(
                self.instrument, self.words, self.place.state.given, self._partner_given()
            ),
            privacy=self.mark("shared-when-both-release"),
            actions=actions,
        )
        self.page.show_stage(self.passage)

    def _partner_given(self) -> Mapping[str, Given]:
        """Return the partner's answers of this round. Called only when both have released it."""
        rows = [row for row in self.context.partner_rows() if row.exercise == EXERCISE]
        return given_by_round(rows).get(self.place.state.round, {})
