"""Fifteen minutes, no devices: one clock for both, a dark screen, and a log of fourteen days."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from reconnect_widgets.content import ExerciseStep
from reconnect_widgets.domain.clock import ClockAct, read_clock
from reconnect_widgets.domain.daily import PRESENCE_DAYS
from reconnect_widgets.domain.exercise import Place
from reconnect_widgets.records import Row
from reconnect_widgets.records.acts import read_clock_acts, read_detail
from reconnect_widgets.widgets import Action
from reconnect_widgets.workbook.day_log import keep_today, read_log, show_log
from reconnect_widgets.workbook.markup import element, text
from reconnect_widgets.workbook.messages import ActionSaid
from reconnect_widgets.workbook.pages.exercise import ExercisePage
from reconnect_widgets.workbook.pages.exercise_book import CLOCK_ACTS
from reconnect_widgets.workbook.screen import Arrival, Screen
from reconnect_widgets.workbook.steps import clock

CLOCK, LOG = "clock", "log"


class PresencePage(ExercisePage):
    """A clock, three marks, and the log. A round is one time of sitting down."""

    key = "presence"
    is_dated = True

    def clock_acts(self, step: ExerciseStep) -> list[ClockAct]:
        """Return what was done to the couple's clock, as far as it concerns this round.

        By time, and not by round: one of the two may have sat down more often than the other. A
        clock that runs when this person comes is theirs, too; one that had ended is not.
        """
        acts = read_clock_acts(self.clock_rows(), self.key, step=step.id)
        began = self._round_began()
        before = read_clock([act for act in acts if act.at < began], began)
        if before.state in ("running", "paused"):
            return acts
        return [act for act in acts if act.at >= began]

    def _round_began(self) -> datetime:
        """Return when this person came to the present round."""
        round_ = self.progress.round
        rows = (
            row.recorded_at
            for row in self.rows
            if row.exercise == self.key and (row.round or read_detail(row).get("round")) == round_
        )
        return next(rows, self.context.now())

    def make(self, step: ExerciseStep) -> Screen:
        """Make the clock dark, and the log."""
        screen = super().make(step)
        if step.id == CLOCK and screen.clock is not None:
            return replace(screen, clock=replace(screen.clock, is_dark=True))
        if step.id == LOG:
            return self._make_log(screen)
        return self.with_arrival(screen)

    def arrival(self) -> Arrival | None:
        """Say on every other step that the partner has started the clock."""
        step = self.pack.step(CLOCK)
        theirs = read_clock_acts(self.partner_rows_named(CLOCK_ACTS), self.key)
        starts = [act for act in self.clock_acts(step) if act.name == "started"]
        latest = max(starts, key=lambda act: (act.at, act.act_id), default=None)
        if latest not in theirs or clock.clock_of(self, step).state != "running":
            return None
        say = self.say
        return Arrival("join", CLOCK, say("partner-began.news"), say("partner-began.join"))

    def act(self, step: ExerciseStep, said: ActionSaid) -> Row | None:
        """Enter the day when the clock is left behind."""
        if step.id == CLOCK and said.action == "next":
            if clock.clock_of(self, step).state == "done":
                keep_today(self, PRESENCE_DAYS, "done")
        elif step.id == LOG and said.action == "again":
            self.progress = self.progress.again()
            return self.go(Place(CLOCK), said.event_id)
        return super().act(step, said)

    def _make_log(self, screen: Screen) -> Screen:
        log = read_log(self, PRESENCE_DAYS)
        count = {0: "none", 1: "one"}.get(log.filled, "many")
        said = (
            self.say("log.over") if log.is_over else self.say(f"log.filled-{count}", n=log.filled)
        )
        days = show_log(
            self, log, lambda day: self.say("log.done" if day.value == "done" else "log.blank")
        )
        again = Action("again", self.say("begin-again"), "quiet")
        return replace(
            screen,
            html=text("p", said) + days + self._show_awkward(),
            actions=[screen.actions[0], again, *screen.actions[1:]],
        )

    def _show_awkward(self) -> str:
        """Say how awkward it was each time, in words, and how that changed."""
        field = self.field("awkward")
        labels = {str(o.value): o.label for o in field.options} if field else {}
        rounds = (*self.progress.earlier, self.progress.given)
        values = [given["awkward"].value for given in rounds if "awkward" in given]
        values = [value for value in values if value in labels]
        if len(values) < 2:
            return ""
        change = int(values[-1]) - int(values[0])
        word = "less" if change < 0 else "more" if change else "same"
        times = (text("li", labels[value]) for value in values[-14:])
        return (
            text("h3", self.say("awkward.heading"))
            + element("ol", *times)
            + text("p", self.say(f"awkward.{word}"))
        )
