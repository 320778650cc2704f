"""Fifteen minutes: one clock for two phones, that survives everything, and a log of local days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from reconnect_widgets.domain.exercise import INTRO, Place
from reconnect_widgets.system import utc_now
from reconnect_widgets.workbook.pages import make_page
from tests.workbook.hand import (
    ANN,
    BEN,
    SOLO,
    Hand,
    answers_of,
    let_consent,
    make_session,
    open_context,
)


class Time:
    """A clock on the wall that a test sets.

    Stands at noon: whoever goes from one time zone of the tests to another stays on one date.
    """

    def __init__(self) -> None:
        self.now = utc_now().replace(hour=12, minute=0) + timedelta(days=1)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=10)  # no two things happen at the same instant
        return self.now

    def pass_by(self, **units: float) -> None:
        self.now += timedelta(**units)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    """One clock for the record and for the page."""
    time = Time()
    monkeypatch.setattr("reconnect_widgets.records.folder.utc_now", time)
    return time


@pytest.fixture
def record(tmp_path: Path):
    record = make_session(tmp_path)
    for person in (ANN, BEN, SOLO):
        let_consent(record, person)
    return record


def sit_down(record, person: str, now: Callable[[], datetime], zone: str = "UTC") -> Hand:
    context = open_context(record, person)
    context.now = now
    context.zone = ZoneInfo(zone)
    return Hand(make_page("presence", context))


def go_to_clock(hand: Hand) -> Hand:
    hand.act("begin")
    hand.act("next")
    hand.act("next")
    return hand


def test_the_partners_phone_offers_to_join_the_clock_that_runs(record, time: Time) -> None:
    ann, ben = sit_down(record, ANN, time), sit_down(record, BEN, time)
    go_to_clock(ann).act("clock-start")
    ben.act("begin")
    assert "has started the fifteen minutes" in ben.shown
    ben.act("join")
    assert ben.stage["clock"]["state"] == "running"
    assert ben.stage["clock"]["is_dark"]


def test_who_comes_while_the_clock_runs_is_in_it_and_after_it_is_not(record, time: Time) -> None:
    go_to_clock(sit_down(record, ANN, time)).act("clock-start")
    time.pass_by(minutes=2)
    ben = sit_down(record, BEN, time)
    ben.act("begin")
    assert "join" in ben.offered


def test_a_clock_of_yesterday_is_not_todays(record, time: Time) -> None:
    go_to_clock(sit_down(record, ANN, time)).act("clock-start")
    time.pass_by(days=1)
    ben = go_to_clock(sit_down(record, BEN, time))
    assert ben.stage["clock"]["state"] == "ready"


def test_the_clock_goes_on_through_a_new_kernel_and_ends_in_its_time(record, time: Time) -> None:
    go_to_clock(sit_down(record, SOLO, time)).act("clock-start")
    time.pass_by(minutes=5)
    again = sit_down(record, SOLO, time)
    assert again.stage["clock"]["state"] == "running"
    assert abs(again.stage["clock"]["left_ms"] - 10 * 60_000) < 5_000
    time.pass_by(minutes=11)
    again.say({"type": "refresh"})
    assert again.stage["clock"]["state"] == "done"


def test_a_finished_clock_enters_the_day_where_the_person_is(record, time: Time) -> None:
    time.now = time.now.replace(hour=23, minute=30)
    hand = go_to_clock(sit_down(record, SOLO, time, "Asia/Tokyo"))
    hand.act("clock-start")
    time.pass_by(minutes=16)
    hand.say({"type": "refresh"})
    hand.act("next")
    days = {row.item: row.value for row in answers_of(record, SOLO) if "day-" in row.item}
    tokyo = time.now.astimezone(ZoneInfo("Asia/Tokyo")).date().isoformat()
    assert days == {"day-1": "done", "day-1-date": tokyo}
    assert tokyo != time.now.astimezone(UTC).date().isoformat() or time.now.hour < 15


def test_a_clock_that_was_left_early_enters_no_day(record, time: Time) -> None:
    hand = go_to_clock(sit_down(record, SOLO, time))
    hand.act("clock-start")
    hand.act("next")
    assert not [row for row in answers_of(record, SOLO) if row.item.startswith("day-")]


def finish_once(hand: Hand, time: Time, awkward: int, round_: int) -> None:
    hand.act("clock-start")
    time.pass_by(minutes=16)
    hand.say({"type": "refresh"})
    hand.act("next")
    hand.answer("awkward", awkward, exercise="presence", round=round_)
    hand.act("finish")


def test_the_log_shows_the_days_and_whether_it_grew_less_awkward(record, time: Time) -> None:
    hand = go_to_clock(sit_down(record, SOLO, time))
    finish_once(hand, time, 5, 1)
    assert "One day so far" in hand.shown
    time.pass_by(days=2)
    hand.act("again")
    finish_once(hand, time, 2, 2)
    assert "2 of fourteen days" in hand.shown
    assert "less awkward now" in hand.shown
    assert hand.stage["html"].count("rc-days__done") == 2
    assert [row.item for row in answers_of(record, SOLO) if row.value == "done"] == [
        "day-1",
        "day-3",
    ]


def test_who_started_the_clock_is_not_told_that_the_partner_did(record, time: Time) -> None:
    for person in (ANN, SOLO):
        hand = go_to_clock(sit_down(record, person, time))
        hand.act("clock-start")
        hand.presenter.go(Place(INTRO))  # type: ignore[attr-defined]
        assert "partner" not in hand.stage["news"]
        assert "join" not in hand.offered
