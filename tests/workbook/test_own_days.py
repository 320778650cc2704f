"""Pages that know which day it is where the person is: a day to look again, a day's count."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from reconnect_widgets.system import new_event_id
from reconnect_widgets.workbook.pages import make_page
from tests.workbook.hand import SOLO, Hand, answers_of, let_consent, make_session, open_context
from tests.workbook.test_presence_page import Time

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    time.now = datetime(2026, 11, 21, 22, 30, tzinfo=ZoneInfo("UTC"))  # half past eleven in Berlin
    monkeypatch.setattr("reconnect_widgets.records.folder.utc_now", time)
    return time


@pytest.fixture
def record(tmp_path: Path):
    record = make_session(tmp_path)
    let_consent(record, SOLO)
    return record


def open_page(record, key: str, time: Time) -> Hand:
    context = open_context(record, SOLO)
    context.now = time
    context.zone = BERLIN
    return Hand(make_page(key, context))


def go_to(hand: Hand, step: str) -> Hand:
    hand.act("begin")
    while f"/{step}" not in hand.token:
        hand.act("next")
    return hand


def test_the_day_to_look_again_is_recorded_and_says_so_when_it_has_come(record, time: Time) -> None:
    hand = go_to(open_page(record, "one-sided", time), "when")
    (field,) = hand.stage["fields"]
    assert (field["kind"], field["earliest"], field["latest"]) == (
        "dateinput",
        "2026-11-21",
        "2027-05-20",
    )
    assert hand.answer("look-again", "2026-12-05", exercise="one-sided")["type"] == "saved"
    hand.act("next")
    hand.act("next")
    assert "look again on" not in hand.shown
    time.now += timedelta(days=14)
    later = open_page(record, "one-sided", time)
    assert "You wanted to look again on 5 December 2026" in later.shown
    later.act("look-again")
    assert later.token.endswith("/how-it-is")


@pytest.mark.parametrize(
    "value", ["2026-11-19", "2027-05-21", "2026-02-30", "20261205", "tomorrow", "2026-12-5", 5]
)
def test_a_day_that_can_not_be_is_refused(record, time: Time, value: object) -> None:
    hand = go_to(open_page(record, "one-sided", time), "when")
    assert hand.answer("look-again", value, exercise="one-sided")["type"] == "not-saved"
    assert answers_of(record, SOLO) == []


def test_a_day_that_was_left_open_is_recorded_as_skipped(record, time: Time) -> None:
    hand = go_to(open_page(record, "one-sided", time), "when")
    hand.act("next")
    assert [(row.item, row.status) for row in answers_of(record, SOLO)] == [
        ("look-again", "skipped")
    ]


def test_a_tally_belongs_to_the_day_of_its_first_tap(record, time: Time) -> None:
    hand = go_to(open_page(record, "small-moments", time), "tally")
    hand.answer("asked", 2, exercise="small-moments")
    time.now += timedelta(minutes=40)  # past midnight in Berlin, not in Greenwich
    hand.say({"type": "refresh"})
    assert "21 November 2026" in hand.shown
    hand.answer("asked", 3, exercise="small-moments")  # one that came late still counts
    hand.act("count-today")
    assert "21 November 2026" not in hand.shown
    hand.answer("touch", 1, exercise="small-moments", round=2)
    given = {(row.round, row.item): row.value for row in answers_of(record, SOLO)}
    assert given == {
        (1, "day"): "2026-11-21",
        (1, "asked"): "3",
        (2, "day"): "2026-11-22",
        (2, "touch"): "1",
    }


def test_who_left_aside_finds_back_to_where_they_left(record, time: Time) -> None:
    hand = open_page(record, "one-sided", time)
    hand.act("begin")
    hand.act("leave-it")
    hand.act("next")
    for again in (hand, open_page(record, "one-sided", time)):
        assert again.token.endswith("/closing")
    hand.act("back")
    assert hand.token.endswith("/not-now")
    hand.act("back")
    assert hand.token.endswith("/where-it-ends")


def test_the_checkups_small_thing_can_be_taken_along(record, time: Time) -> None:
    hand = open_page(record, "checkup", time)
    hand.act("begin")
    for item in hand.presenter.outline.items:
        hand.answer(item, 4 if item.startswith("touch") else 0)
    hand.act("finish")
    hand.act("leave-out")
    html = hand.stage["html"]
    assert hand.act("carry")["type"] == "saved"
    assert "carry" not in hand.offered
    assert "to-one-small-thing" in hand.offered
    week = open_page(record, "one-small-thing", time)
    week.act("begin")
    week.act("next")
    assert "take-checkup" in week.offered
    week.act("take-checkup")
    (quote,) = week.stage["quotes"]
    assert quote["text"] in html.replace("&#x27;", "'")


def test_a_date_written_as_a_text_is_refused(record, time: Time) -> None:
    hand = go_to(open_page(record, "one-sided", time), "when")
    said = {"exercise": "one-sided", "round": 1, "item": "look-again", "text": "2026-12-05"}
    reply = hand.say({"type": "text", "event_id": new_event_id(), **said})
    assert reply is not None
    assert reply["type"] == "not-saved"
