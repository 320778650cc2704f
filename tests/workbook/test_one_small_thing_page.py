"""One small thing: taken along or written, entered on local days, found again days later."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from reconnect_widgets.system import new_event_id, utc_now
from reconnect_widgets.workbook.pages import make_page
from tests.workbook.hand import SOLO, Hand, answers_of, let_consent, make_session, open_context
from tests.workbook.test_presence_page import Time

KEY = "one-small-thing"


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr("reconnect_widgets.records.folder.utc_now", time)
    return time


@pytest.fixture
def record(tmp_path: Path):
    record = make_session(tmp_path)
    let_consent(record, SOLO)
    return record


def open_thing(record, time: Time, zone: str = "Europe/Berlin") -> Hand:
    context = open_context(record, SOLO)
    context.now = time
    context.zone = ZoneInfo(zone)
    return Hand(make_page(KEY, context))


def write(hand: Hand, item: str, text: str, round_: int = 1) -> None:
    message = {"type": "text", "event_id": new_event_id(), "exercise": KEY, "round": round_}
    reply = hand.say({**message, "item": item, "text": text})
    assert reply is not None
    assert reply["type"] == "saved"


def choose(hand: Hand) -> Hand:
    for action in ("begin", "next"):
        hand.act(action)
    write(hand, "thing", "When she comes home, I get up and greet her.")
    hand.act("next")
    return hand


def test_what_was_taken_along_can_be_chosen(record, time: Time) -> None:
    service = Hand(make_page("service", open_context(record, SOLO)))
    service.act("begin")
    for _ in range(3):
        service.act("next")
    service.act("carry")
    hand = open_thing(record, time)
    hand.act("begin")
    hand.act("next")
    hand.act("take-service")
    assert "How can I help you today" in hand.stage["quotes"][0]["text"]


def test_a_day_is_entered_with_the_date_where_the_person_is(record, time: Time) -> None:
    time.now = utc_now().replace(hour=23, minute=30)
    hand = choose(open_thing(record, time))
    hand.act("check-in")
    assert hand.answer("day-1", "did", exercise=KEY)["type"] == "saved"
    write(hand, "day-1-noticed", "She smiled.")
    hand.act("enter")
    assert "One day entered" in hand.shown
    given = {row.item: row.value or row.text for row in answers_of(record, SOLO)}
    berlin = time.now.astimezone(ZoneInfo("Europe/Berlin")).date().isoformat()
    assert (given["day-1"], given["day-1-date"]) == ("did", berlin)
    assert given["day-1-noticed"] == "She smiled."


def test_days_later_on_another_device_the_week_goes_on(record, time: Time) -> None:
    hand = choose(open_thing(record, time))
    hand.act("check-in")
    hand.answer("day-1", "did", exercise=KEY)
    hand.act("enter")
    time.now += timedelta(days=3)
    again = open_thing(record, time, "America/New_York")
    assert again.token.endswith("/week")
    again.act("check-in")
    assert again.token.endswith("/day/4")
    again.answer("day-4", "not-possible", exercise=KEY)
    again.act("enter")
    assert "It was not possible." in again.shown
    assert "2 of seven days" in again.shown


def test_a_day_that_has_not_come_can_not_be_entered(record, time: Time) -> None:
    hand = choose(open_thing(record, time))
    assert hand.answer("day-5", "did", exercise=KEY)["type"] == "not-saved"


def test_after_seven_days_there_is_only_looking_back(record, time: Time) -> None:
    hand = choose(open_thing(record, time))
    hand.act("check-in")
    hand.answer("day-1", "did-not", exercise=KEY)
    hand.act("enter")
    time.now += timedelta(days=8)
    hand.say({"type": "refresh"})
    assert "check-in" not in hand.offered
    assert "Your seven days are over" in hand.shown
    hand.act("look-back")
    write(hand, "learned", "It was easier than I thought.")
    hand.act("next")
    assert hand.token.endswith("/closing")


def test_the_group_may_be_closed_and_the_days_go_on(record, time: Time) -> None:
    hand = choose(open_thing(record, time))
    record.close(utc_now(), "facilitator")
    again = open_thing(record, time)
    again.act("check-in")
    assert again.answer("day-1", "did", exercise=KEY)["type"] == "saved"
    assert hand.token == "one-small-thing/1/week"
