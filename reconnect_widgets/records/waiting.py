"""Reads from rows what waits for somebody, and how far they are in each exercise.

What belongs here: rows in, plain values out. What does not: what counts as waiting
(`domain.waiting`), and how it is said (`server`).

Nothing here looks at an item, a value or a text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, Literal

from reconnect_widgets.domain.acts import Who
from reconnect_widgets.domain.clock import ClockAct
from reconnect_widgets.domain.exercise import INTRO
from reconnect_widgets.domain.waiting import STEP_SHOWN, Waiting, find_waiting
from reconnect_widgets.records.acts import is_clock_act, read_act, read_clock_acts, read_detail
from reconnect_widgets.records.rows import Row

HowFar = Literal["begun", "done"]

FINISHED: Final = "finished"
CONSENTED: Final = "consented"
WELCOME: Final = "welcome"
CHECKUP: Final = "checkup"
# The checkup notes no end of its own: who has seen their picture is through.
_CHECKUP_ENDS: Final = frozenset({"snapshot", "release", "again", "couple"})
# Screens that stand before an exercise: who saw them has not begun.
_BEFORE: Final = frozenset({INTRO, "consent"})


def read_waiting(own: Sequence[Row], partners: Sequence[Row], now: datetime) -> tuple[Waiting, ...]:
    """Return what of the partner's waits for the person whose rows are `own`."""
    said: list[tuple[Who, Row]] = [("me", row) for row in own]
    said += [("partner", row) for row in partners]
    events = sorted(
        ((who, row) for who, row in said if row.kind == "event" and row.exercise),
        key=lambda one: one[1].order,
    )
    clocks: dict[tuple[str, object], list[tuple[Who, ClockAct]]] = {}
    for who, row in events:
        if is_clock_act(row.event):
            where = (row.exercise, read_detail(row).get("step"))
            clocks.setdefault(where, []).extend(
                (who, act) for act in read_clock_acts([row], row.exercise)
            )
    acts = [read_act(row, who) for who, row in events]
    return find_waiting(acts, [(exercise, done) for (exercise, _), done in clocks.items()], now)


def read_how_far(rows: Iterable[Row]) -> dict[str, HowFar]:
    """Return how far somebody is in each exercise that they have begun, from their own rows.

    Once done it stays done, also when it is begun again.
    """
    far: dict[str, HowFar] = {}
    for row in rows:
        if _is_end(row):
            far[row.exercise or WELCOME] = "done"
        elif row.exercise and _is_begun(row):
            far.setdefault(row.exercise, "begun")
    return far


def _is_end(row: Row) -> bool:
    if row.kind == "person":
        return row.event == CONSENTED
    if row.event == STEP_SHOWN and row.exercise == CHECKUP:
        return read_detail(row).get("step") in _CHECKUP_ENDS
    return row.kind == "event" and row.event == FINISHED and bool(row.exercise)


def _is_begun(row: Row) -> bool:
    if row.kind == "answer":
        return True
    return row.event == STEP_SHOWN and read_detail(row).get("step") not in _BEFORE
