"""A clock that is nothing but what was done to it: state and time left, from acts and `now`.

A couple's clock is one clock: the acts of both, merged by time. Nothing runs anywhere, so a locked
phone, a reload or a server that was killed does not stop it.

Two taps on "start", one on each phone, start it once. A machine's clock that is set back adds no
time and takes none away.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

State = Literal["ready", "running", "paused", "done"]
ClockName = Literal["started", "paused", "resumed", "extended", "stopped"]

# Longer than any exercise: what a damaged row could ask for is cut to it.
LONGEST_S: Final = 4 * 3600.0


@dataclass(frozen=True)
class ClockAct:
    """One thing that was done to the clock.

    Attributes
    ----------
    seconds
        How long it is to run (started), or how much longer (extended); else 0.
    act_id
        Settles the order of acts of the same instant.
    """

    at: datetime
    name: ClockName
    seconds: float = 0.0
    act_id: str = ""


@dataclass(frozen=True)
class Clock:
    """How a clock stands at one instant.

    Attributes
    ----------
    left_s, total_s
        Seconds still to run, and of the whole run; ``left_s + ran_s`` is ``total_s`` until stopped.
    ran_s
        Seconds that it ran, pauses not counted.
    was_stopped
        Ended by somebody before its time.
    done_at
        When it ended, or will end if nobody touches it; None while ready or paused.
    """

    state: State = "ready"
    left_s: float = 0.0
    total_s: float = 0.0
    ran_s: float = 0.0
    was_stopped: bool = False
    done_at: datetime | None = None


def read_clock(acts: Iterable[ClockAct], now: datetime) -> Clock:
    """Return how the clock stands at `now`; before the last act (a clock set back), as just then.

    Acts that do not fit are passed over: starting what runs or waits, pausing what does not run.
    Starting again after the end begins a new run; extending after the end goes on with it.
    """
    clock, since = Clock(), now
    for act in sorted(acts, key=lambda act: (act.at, act.act_id)):
        clock = _apply(_run(clock, since, act.at), act)
        since = act.at
    return _run(clock, since, now)


def _run(clock: Clock, since: datetime, until: datetime) -> Clock:
    """Let the clock run from one instant to another, if it runs."""
    if clock.state != "running":
        return clock
    passed = max((until - since).total_seconds(), 0.0)
    if passed < clock.left_s:
        return replace(
            clock,
            left_s=clock.left_s - passed,
            ran_s=clock.ran_s + passed,
            done_at=max(until, since) + timedelta(seconds=clock.left_s - passed),
        )
    ends_at = since + timedelta(seconds=clock.left_s)
    return replace(clock, state="done", left_s=0.0, ran_s=clock.total_s, done_at=ends_at)


def _apply(clock: Clock, act: ClockAct) -> Clock:
    seconds = min(max(act.seconds, 0.0), LONGEST_S)
    ends_at = act.at + timedelta(seconds=clock.left_s)
    match act.name, clock.state:
        case "started", "ready" | "done" if seconds:
            ends_at = act.at + timedelta(seconds=seconds)
            return Clock("running", seconds, seconds, done_at=ends_at)
        case "paused", "running":
            return replace(clock, state="paused", done_at=None)
        case "resumed", "paused":
            return replace(clock, state="running", done_at=ends_at)
        case "extended", "running" | "paused" | "done":
            if clock.was_stopped or not seconds:
                return clock
            added = min(seconds, LONGEST_S - clock.left_s)
            state: State = "running" if clock.state == "done" else clock.state
            left = clock.left_s + added
            return replace(
                clock,
                state=state,
                left_s=left,
                total_s=clock.total_s + added,
                done_at=act.at + timedelta(seconds=left) if state == "running" else None,
            )
        case "stopped", "running" | "paused":
            return replace(clock, state="done", left_s=0.0, was_stopped=True, done_at=act.at)
    return clock
