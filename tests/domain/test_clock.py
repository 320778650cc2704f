"""A clock from its acts: it survives everything, because nothing of it runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.domain.clock import LONGEST_S, Clock, ClockAct, ClockName, read_clock

BEGIN = datetime(2026, 10, 25, 0, 50, tzinfo=UTC)  # ten minutes before a European clock change
QUARTER_S = 15 * 60.0


def at(second: float) -> datetime:
    return BEGIN + timedelta(seconds=second)


def act(second: float, name: ClockName, seconds: float = 0.0, act_id: str = "") -> ClockAct:
    return ClockAct(at(second), name, seconds, act_id)


STARTED = act(0, "started", QUARTER_S)


@pytest.mark.parametrize(
    ("acts", "second", "state", "left_s"),
    [
        ([], 0, "ready", 0),
        ([STARTED], 0, "running", 900),
        ([STARTED], 300, "running", 600),
        ([STARTED], 900, "done", 0),
        ([STARTED], 86_400, "done", 0),  # the phone slept all night
        ([STARTED], -5, "running", 900),  # the machine's clock was set back
        ([STARTED, act(300, "paused")], 4_000, "paused", 600),
        ([STARTED, act(300, "paused"), act(4_000, "resumed")], 4_100, "running", 500),
        ([STARTED, act(300, "extended", 120)], 300, "running", 720),
        ([STARTED, act(1_000, "extended", 300)], 1_100, "running", 200),  # five more, after the end
        ([STARTED, act(300, "stopped")], 301, "done", 0),
        ([STARTED, act(300, "stopped"), act(310, "extended", 60)], 311, "done", 0),
        ([STARTED, act(300, "stopped"), act(400, "started", 60)], 430, "running", 30),
        ([STARTED, act(1_000, "started", 60)], 1_030, "running", 30),  # another round
        # What does not fit does nothing.
        ([act(0, "paused"), act(1, "resumed"), act(2, "stopped")], 3, "ready", 0),
        ([act(0, "started", 0)], 1, "ready", 0),
        ([act(0, "extended", 60)], 1, "ready", 0),
        ([STARTED, act(300, "resumed")], 400, "running", 500),
        ([STARTED, act(901, "paused")], 902, "done", 0),
    ],
)
def test_a_clock_is_what_was_done_to_it(
    acts: Sequence[ClockAct], second: float, state: str, left_s: float
) -> None:
    clock = read_clock(acts, at(second))
    assert (clock.state, clock.left_s) == (state, left_s)


def test_two_phones_that_start_at_once_start_one_clock() -> None:
    both = [STARTED, act(0.4, "started", QUARTER_S)]
    for second in (0.4, 500, 900):
        assert read_clock(both, at(second)) == read_clock([STARTED], at(second))


def test_who_stopped_before_the_end_is_told_apart_from_the_end() -> None:
    assert read_clock([STARTED, act(300, "stopped")], at(301)).was_stopped
    assert not read_clock([STARTED], at(901)).was_stopped


def test_it_says_when_it_will_end() -> None:
    assert read_clock([STARTED], at(10)).done_at == at(900)
    assert read_clock([STARTED], at(2_000)).done_at == at(900)
    assert read_clock([STARTED, act(300, "paused")], at(400)).done_at is None


NAMES = st.sampled_from(["started", "paused", "resumed", "extended", "stopped"])
ACTS = st.lists(
    st.builds(
        ClockAct,
        at=st.integers(0, 5_000).map(at),
        name=NAMES,
        seconds=st.integers(-10, 20_000).map(float),
        act_id=st.text("abcdef", min_size=4, max_size=4),
    ),
    max_size=12,
)


@given(acts=ACTS, second=st.integers(-100, 30_000), data=st.data())
def test_the_order_in_which_acts_arrive_does_not_matter(
    acts: list[ClockAct], second: int, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(acts))
    # Acts that are alike in instant and id would be one row in the record.
    unique = {(a.at, a.act_id): a for a in acts}
    again = {(a.at, a.act_id): unique[(a.at, a.act_id)] for a in shuffled}
    assert read_clock(unique.values(), at(second)) == read_clock(again.values(), at(second))


@given(acts=ACTS, second=st.integers(-100, 30_000))
def test_a_clock_never_shows_what_no_clock_could(acts: list[ClockAct], second: int) -> None:
    clock = read_clock(acts, at(second))
    assert 0 <= clock.left_s <= LONGEST_S
    assert clock.ran_s >= 0
    assert (clock.left_s > 0) == (clock.state in ("running", "paused"))
    if not clock.was_stopped:
        assert clock.left_s + clock.ran_s == pytest.approx(clock.total_s)


@given(acts=ACTS, second=st.integers(5_000, 30_000), later=st.integers(0, 30_000))
def test_looking_in_between_changes_nothing(acts: list[ClockAct], second: int, later: int) -> None:
    """Once nobody touches it, time alone decides: a page that was reloaded shows the same."""
    before, after = read_clock(acts, at(second)), read_clock(acts, at(second + later))
    if before.state != "running":
        assert after == before
    else:
        assert after.left_s == pytest.approx(max(before.left_s - later, 0))
        assert after.done_at == before.done_at


def test_a_clock_nobody_touched_is_ready() -> None:
    assert read_clock([], BEGIN) == Clock()
