"""What waits for somebody: the partner's acts towards them that they have not met yet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.domain.acts import Act, Who
from reconnect_widgets.domain.clock import ClockAct
from reconnect_widgets.domain.waiting import Waiting, find_waiting

BEGAN = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


def acts(*said: str) -> list[Act]:
    """Write acts as ``who name [about]``; the act's id is its place, a1, a2, …"""
    made = []
    for number, line in enumerate(said, start=1):
        who, name, *about = line.split()
        exercise = "requests" if name in REQUESTS else "appreciation"
        at = BEGAN + timedelta(seconds=number)
        made.append(Act(f"a{number}", who, name, at, exercise, about=about[0] if about else ""))  # type: ignore[arg-type]
    return made


REQUESTS = {"proposed", "changed", "agreed", "declined", "looked-back"}
LINE = [Waiting("appreciation", "line")]
REQUEST = [Waiting("requests", "request")]
ROLE = [Waiting("appreciation", "role")]


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        ([], []),
        (["partner delivered t1"], LINE),
        (["me delivered t1"], []),
        (["partner delivered t1", "partner delivered t2"], LINE),
        (["partner delivered t1", "me accepted a1"], []),
        (["partner delivered t1", "me replied a1"], []),
        (["partner delivered t1", "partner delivered t2", "me accepted a1"], LINE),
        (["partner delivered t1", "partner accepted a1"], LINE),
        # Whoever was on the page since has met it there.
        (["partner delivered t1", "me step-shown"], []),
        (["me step-shown", "partner delivered t1"], LINE),
        (["partner delivered t1", "partner step-shown"], LINE),
        (["partner proposed t1"], REQUEST),
        (["me proposed t1"], []),
        (["partner proposed t1", "me step-shown"], REQUEST),
        (["partner proposed t1", "me agreed a1"], []),
        (["partner proposed t1", "me declined a1"], []),
        (["partner proposed t1", "partner declined a1"], []),
        (["partner proposed t1", "me changed a1"], []),
        (["me proposed t1", "partner changed a1"], REQUEST),
        (["me proposed t1", "partner changed a1", "me agreed a2"], []),
        (["partner proposed t1", "me changed a1", "partner changed a2"], REQUEST),
        (["partner proposed t1", "me changed a1", "partner agreed a2"], []),
        (["me proposed t1", "me changed a1"], []),
        (["partner role-offered"], ROLE),
        (["me role-offered"], []),
        (["partner role-offered", "partner role-offered"], ROLE),
        (["partner role-offered", "me step-shown"], ROLE),
        (["partner role-offered", "me role-taken a1"], []),
        (["partner role-offered", "me role-let-go a1"], []),
        (["partner role-offered", "partner role-let-go a1"], []),
        (["partner role-offered", "me role-offered"], []),
        (["partner role-offered", "partner role-offered", "me role-taken a1"], ROLE),
        # Changed while the other let it go: there is nothing left to answer.
        (["me proposed t1", "me declined a1", "partner changed a1"], []),
        (["partner released", "partner looked-back a1", "partner kept t1", "partner finished"], []),
    ],
)
def test_what_waits(said: list[str], waits: list[Waiting]) -> None:
    assert list(find_waiting(acts(*said), [], BEGAN)) == waits


def clock(*done: tuple[Who, str, float]) -> list[tuple[Who, ClockAct]]:
    return [
        (who, ClockAct(BEGAN + timedelta(seconds=at), name, 900.0 if name == "started" else 0.0))  # type: ignore[arg-type]
        for who, name, at in done
    ]


@pytest.mark.parametrize(
    ("done", "after_s", "waits"),
    [
        ([("partner", "started", 0)], 10, True),
        ([("partner", "started", 0)], 901, False),
        ([("me", "started", 0)], 10, False),
        ([("partner", "started", 0), ("me", "paused", 5)], 10, False),
        ([("partner", "started", 0), ("partner", "stopped", 5)], 10, False),
        ([("me", "started", 0), ("partner", "paused", 4), ("partner", "resumed", 5)], 10, True),
    ],
)
def test_a_clock_waits_while_it_runs_and_the_partner_touched_it_last(
    done: list[tuple[Who, str, float]], after_s: float, waits: bool
) -> None:
    now = BEGAN + timedelta(seconds=after_s)
    found = find_waiting([], [("presence", clock(*done))], now)
    assert list(found) == ([Waiting("presence", "clock")] if waits else [])


def test_two_clocks_of_an_exercise_are_told_once() -> None:
    running = clock(("partner", "started", 0))
    found = find_waiting([], [("repair", running), ("repair", running)], BEGAN)
    assert list(found) == [Waiting("repair", "clock")]


PRIVATE = ("released", "unreleased", "looked-back", "kept", "finished", "carried", "step-shown")


@given(st.lists(st.sampled_from(PRIVATE), max_size=12), st.integers(0, 12))
def test_nothing_that_is_the_partners_own_changes_what_is_said(names: list[str], at: int) -> None:
    seen = ["partner delivered t1", "partner proposed t2"]
    before = find_waiting(acts(*seen), [], BEGAN)
    woven = [*seen[:at], *(f"partner {name} a1" for name in names), *seen[at:]]
    assert set(find_waiting(acts(*woven), [], BEGAN)) == set(before)
