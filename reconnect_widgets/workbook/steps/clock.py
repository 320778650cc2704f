"""A step with a clock: so many minutes, started and ended by people.

The clock is its acts in the record (`domain.clock`), of this person and, in a couple, of the
partner too: it is one clock for both. Acts are events ``clock-started`` (with its seconds),
``clock-paused``, ``clock-resumed``, ``clock-extended``, ``clock-stopped``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconnect_widgets import widgets
from reconnect_widgets.content import ExerciseStep
from reconnect_widgets.domain.clock import Clock, read_clock
from reconnect_widgets.errors import AnswerError
from reconnect_widgets.records import Row
from reconnect_widgets.widgets import Action
from reconnect_widgets.workbook.messages import ActionSaid
from reconnect_widgets.workbook.screen import Screen

if TYPE_CHECKING:
    from reconnect_widgets.workbook.pages.exercise import ExercisePage

EXTRA_S = 5 * 60.0


def values_of(page: ExercisePage, item: str) -> frozenset[str] | None:
    """Return None: a clock asks nothing."""
    return None


def clock_of(page: ExercisePage, step: ExerciseStep) -> Clock:
    """Return how the clock of this step stands now."""
    return read_clock(page.clock_acts(step), page.context.now())


def make(page: ExercisePage, step: ExerciseStep) -> Screen:
    """Return the clock with what can be done to it."""
    clock = clock_of(page, step)
    return Screen(
        heading=step.heading,
        spot=clock.state,
        html=step.html,
        clock=show(page, step, clock),
        privacy=step.privacy,
        fields=[page.build(field) for field in step.fields],
        actions=[*offers(page, clock), *_onward(page, clock), page.back()],
    )


def show(
    page: ExercisePage, step: ExerciseStep, clock: Clock, *, is_dark: bool = False
) -> widgets.Clock:
    """Return the clock as the page shows it."""
    total_s = clock.total_s or (step.minutes or 0) * 60.0
    left_s = total_s if clock.state == "ready" else clock.left_s
    return widgets.Clock(
        state=clock.state,
        left_ms=round(left_s * 1000),
        total_ms=round(total_s * 1000),
        label=step.heading,
        is_dark=is_dark,
        has_sound=True,
        done_words=page.say("clock.done"),
    )


def offers(page: ExercisePage, clock: Clock) -> list[Action]:
    """Return what can be done to a clock that stands so."""
    say = page.say
    match clock.state:
        case "ready":
            return [Action("clock-start", say("clock.start"))]
        case "running":
            return [
                Action("clock-pause", say("clock.pause"), "quiet"),
                Action("clock-stop", say("clock.stop"), "quiet"),
            ]
        case "paused":
            return [
                Action("clock-resume", say("clock.resume")),
                Action("clock-stop", say("clock.stop"), "quiet"),
            ]
    return [] if clock.was_stopped else [Action("clock-extend", say("clock.extend"), "quiet")]


def _onward(page: ExercisePage, clock: Clock) -> list[Action]:
    label = page.say("action.next")
    return [Action("next", label, "primary" if clock.state == "done" else "quiet")]


def act(page: ExercisePage, step: ExerciseStep, said: ActionSaid) -> Row | None:
    """Start, pause, resume, extend or stop the clock; anything else moves."""
    clock = clock_of(page, step)
    match said.action, clock.state:
        case "clock-start", "ready" | "done":
            seconds = (step.minutes or 0) * 60
            row = page.note("clock-started", said.event_id, step=step.id, seconds=seconds)
        case "clock-pause", "running":
            row = page.note("clock-paused", said.event_id, step=step.id)
        case "clock-resume", "paused":
            row = page.note("clock-resumed", said.event_id, step=step.id)
        case "clock-extend", "running" | "paused" | "done":
            row = page.note("clock-extended", said.event_id, step=step.id, seconds=EXTRA_S)
        case "clock-stop", "running" | "paused":
            row = page.note("clock-stopped", said.event_id, step=step.id)
        case (("clock-done" | "clock-stop" | "clock-start" | "clock-pause" | "clock-resume"), _):
            page.draw()  # it has moved on since: by itself, or on the partner's phone
            return None
        case (("next" | "back"), _):
            return page.move(said)
        case _:
            raise AnswerError("the clock does not stand so any more")
    page.draw()
    return row
