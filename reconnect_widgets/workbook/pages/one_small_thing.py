"""One small thing: chosen once, entered on seven days, looked back at.

A round is one thing and its seven days. What is said of a day has items of that day
(``day-3``, ``day-3-noticed``), so that nothing of one day replaces another's; which date it was
stands in ``day-3-date``.
"""

from __future__ import annotations

import re
from dataclasses import replace

from reconnect_widgets.content import (
    ExerciseField,
    ExerciseStep,
    load_contents,
    load_exercise,
    load_instrument,
    load_sentences,
)
from reconnect_widgets.domain.daily import SMALL_THING_DAYS, Log
from reconnect_widgets.domain.exercise import INTRO, Place
from reconnect_widgets.records import Row
from reconnect_widgets.records.acts import read_detail
from reconnect_widgets.widgets import Action, Quote
from reconnect_widgets.workbook.checkup_place import EXERCISE as CHECKUP
from reconnect_widgets.workbook.checkup_place import given_by_round
from reconnect_widgets.workbook.checkup_views import find_small_thing
from reconnect_widgets.workbook.day_log import read_log, show_log
from reconnect_widgets.workbook.days import DATE_SUFFIX
from reconnect_widgets.workbook.markup import text
from reconnect_widgets.workbook.messages import ActionSaid, AnswerSaid
from reconnect_widgets.workbook.pages.exercise import ExercisePage
from reconnect_widgets.workbook.screen import Screen, build_field

CHOOSE, WEEK, DAY, LEARNED = "choose", "week", "day", "learned"
THING = "thing"
TAKE = "take-"
_DAY = re.compile(r"day-([1-7])(?:-(?:noticed|response|hard))?")
_WRITTEN = ("noticed", "response", "hard")
_WORD_OF = {"did": "log.did", "did-not": "log.did-not", "not-possible": "log.not-possible"}


class OneSmallThingPage(ExercisePage):
    """Choosing, entering, looking back; the seven days may be a visit each, on any device."""

    key = "one-small-thing"
    is_dated = True

    @property
    def log(self) -> Log:
        """The seven days of this round."""
        return read_log(self, SMALL_THING_DAYS, self.progress.round)

    def carried(self) -> dict[str, str]:
        """Return the small things that were taken along from other exercises, by exercise."""
        contents = load_contents()
        keys = dict.fromkeys(row.exercise for row in self.rows if row.event == "carried")
        packs = (load_exercise(key) for key in keys
                 if key in contents.order and key not in contents.read_elsewhere)  # fmt: skip
        carried = {pack.key: pack.small_thing for pack in packs if pack.small_thing}
        if CHECKUP in keys and (thing := self._from_checkup()):
            carried[CHECKUP] = thing
        return carried

    def _from_checkup(self) -> str:
        """Return the small thing of the checkup's round that was carried along last."""
        taken = [read_detail(row).get("round") for row in self.rows
                 if (row.exercise, row.event) == (CHECKUP, "carried")]  # fmt: skip
        rounds = given_by_round([row for row in self.rows if row.exercise == CHECKUP])
        round_ = taken[-1] if taken else None
        given = rounds.get(round_) if isinstance(round_, int) else None
        if not given:
            return ""
        return find_small_thing(load_instrument(CHECKUP), load_sentences(CHECKUP), given)

    def field(self, key: str) -> ExerciseField | None:
        """Return a field of the steps, or of a day that has come."""
        match = _DAY.fullmatch(key)
        if match is None:
            return super().field(key)
        reached = self.log.today or SMALL_THING_DAYS
        found = (field for field in self.pack.noted if field.key == key)
        return next(found, None) if int(match[1]) <= reached else None

    # -- Screens ---------------------------------------------------------------------------------

    def make(self, step: ExerciseStep) -> Screen:
        """Make the choice, the week and the day."""
        screen = super().make(step)
        match step.id:
            case "choose":
                return self._make_choose(screen)
            case "week":
                return self._make_week(screen)
            case "day":
                return self._make_day(screen)
        return screen

    def _make_choose(self, screen: Screen) -> Screen:
        carried = self.carried()
        onward = Action("next", self.say("action.next"), takes=(THING,))
        takes = [
            Action(f"{TAKE}{key}", small_thing, "choice") for key, small_thing in carried.items()
        ]
        html = ""
        if takes:
            html = text("h3", self.say("carried.heading")) + text("p", self.say("carried.hint"))
        return replace(screen, after_html=html, actions=[onward, *takes, self.back()])

    def _make_week(self, screen: Screen) -> Screen:
        log = self.log
        count = {0: "none", 1: "one"}.get(log.filled, "many")
        said = (
            self.say("log.over") if log.is_over else self.say(f"log.filled-{count}", n=log.filled)
        )
        days = show_log(self, log, lambda day: self.say(_WORD_OF.get(day.value, "log.blank")))
        actions = [
            Action("look-back", self.say("look-back"), "primary" if log.is_over else "quiet")
        ]
        if not log.is_over:
            actions.insert(0, Action("check-in", self.say("check-in")))
        thing = self.progress.text(THING)
        quotes = [Quote(self.say("yours.label"), thing)] if thing else []
        returning = "" if self.context.is_practice else text("p", self.say("return"), "rc-small")
        return replace(
            screen,
            quotes=quotes,
            after_html=text("p", said) + days + returning,
            actions=[*actions, self.back()],
        )

    def _make_day(self, screen: Screen) -> Screen:
        number = self.log.today or SMALL_THING_DAYS
        fields = []
        for field in self.pack.noted:
            if field.key == f"day-{number}":
                options = [
                    option.model_copy(
                        update={"label": self.say(f"today.{option.value}"),
                                "reply": self._reply(str(option.value))}
                    )
                    for option in field.options
                ]  # fmt: skip
                label = self.say("today.label")
                fields.append(field.model_copy(update={"label": label, "options": options}))
            for written in _WRITTEN:
                if field.key == f"day-{number}-{written}":
                    fields.append(field.model_copy(update={"label": self.say(f"today.{written}")}))
        given = self.progress.given
        thing = self.progress.text(THING)
        return replace(
            screen,
            spot=str(number),
            quotes=[Quote(self.say("yours.label"), thing)] if thing else [],
            fields=[build_field(field, given.get(field.key), today=self.today) for field in fields],
            actions=[
                Action("enter", self.say("today.enter"), needs=(f"day-{number}",)),
                self.back(),
            ],
        )

    def _reply(self, value: str) -> str:
        return self.say("today.did-not-reply") if value == "did-not" else ""

    # -- What is done ----------------------------------------------------------------------------

    def take_answer(self, said: AnswerSaid) -> Row:
        """Note the date with the first word about a day: without it the day does not count."""
        date_item = f"{said.item}{DATE_SUFFIX}"
        is_day = _DAY.fullmatch(said.item) is not None and said.round == self.progress.round
        if is_day and date_item not in self.progress.given and self.field(said.item) is not None:
            self.keep(date_item, value=self.today.isoformat())
        return super().take_answer(said)

    def act(self, step: ExerciseStep, said: ActionSaid) -> Row | None:
        """Take a small thing along, enter a day, look back."""
        match step.id, said.action:
            case "choose", action if action.startswith(TAKE):
                thing = self.carried().get(action.removeprefix(TAKE))
                if thing is not None:
                    self.keep(THING, text=thing)
                return self.go(Place(WEEK), said.event_id)
            case "week", "check-in":
                return self.go(Place(DAY), said.event_id)
            case "week", "look-back":
                return self.go(Place(LEARNED), said.event_id)
            case ("day", "enter" | "back") | ("learned", "back"):
                return self.go(Place(WEEK), said.event_id)
            case "week", "back":
                return self.go(Place(CHOOSE if not self.log.filled else INTRO), said.event_id)
        return super().act(step, said)
