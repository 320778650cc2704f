"""Small moments: a tally over one day, begun anew on the next."""

from __future__ import annotations

from dataclasses import replace

from reconnect_widgets.content import ExerciseStep
from reconnect_widgets.domain.exercise import Place
from reconnect_widgets.records import Row
from reconnect_widgets.widgets import Action
from reconnect_widgets.workbook.days import read_date, say_day
from reconnect_widgets.workbook.markup import text
from reconnect_widgets.workbook.messages import ActionSaid, AnswerSaid
from reconnect_widgets.workbook.pages.exercise import ExercisePage
from reconnect_widgets.workbook.screen import Screen

TALLY, DAY = "tally", "day"
COUNT_TODAY = "count-today"


class SmallMomentsPage(ExercisePage):
    """A round is one day: its date is recorded with the first tap, where the person is."""

    key = "small-moments"
    is_dated = True

    def make(self, step: ExerciseStep) -> Screen:
        """Say of an earlier day's count which day it was, and offer to begin today's."""
        screen = super().make(step)
        day = read_date(self.progress.value(DAY))
        if step.id != TALLY or day is None or day >= self.today or self.is_over:
            return screen
        today = Action(COUNT_TODAY, self.say("day.today"))
        onward = [replace(each, kind="quiet") for each in screen.actions]
        return replace(
            screen,
            heading=say_day(day),
            html=text("p", self.say("day.earlier", date=say_day(day))),
            actions=[today, *onward],
        )

    def act(self, step: ExerciseStep, said: ActionSaid) -> Row | None:
        """Begin the count of today."""
        if (step.id, said.action) == (TALLY, COUNT_TODAY):
            self.progress = self.progress.again()
            return self.go(Place(TALLY), said.event_id)
        return super().act(step, said)

    def take_answer(self, said: AnswerSaid) -> Row:
        """Note the date with the first word about a day."""
        is_now = said.round == self.progress.round and self.values_of(said.item) is None
        if is_now and said.status == "answered" and DAY not in self.progress.given:
            self.keep(DAY, value=self.today.isoformat())
        return super().take_answer(said)
