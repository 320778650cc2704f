"""Requests between two: asked, changed, agreed, and looked back at by both after a week."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconnect_widgets.system import new_event_id, utc_now
from reconnect_widgets.workbook.pages import make_page
from tests.workbook.hand import ANN, BEN, SOLO, Hand, let_consent, make_session, open_context
from tests.workbook.test_presence_page import Time

ASKED = "Would you do the washing-up on Tuesdays in March?"
CHANGED = "I could do it on Wednesdays; on Tuesdays I am late."


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr("reconnect_widgets.records.folder.utc_now", time)
    return time


@pytest.fixture
def record(tmp_path: Path):
    record = make_session(tmp_path)
    for person in (ANN, BEN, SOLO):
        let_consent(record, person)
    return record


def sit(record, person: str, time: Time | None = None) -> Hand:
    context = open_context(record, person)
    context.now = time or utc_now
    hand = Hand(make_page("requests", context))
    hand.act("begin")
    return hand


def write(hand: Hand, item: str, text: str) -> None:
    message = {"type": "text", "event_id": new_event_id(), "exercise": "requests", "round": 1}
    reply = hand.say({**message, "item": item, "text": text})
    assert reply is not None
    assert reply["type"] == "saved"


def go_to(hand: Hand, step: str) -> Hand:
    while not hand.token.endswith(f"/{step}"):
        hand.act("next")
    return hand


def ask(hand: Hand, text: str = ASKED) -> None:
    if hand.token.endswith("/table"):
        hand.act("to-ask")
    else:
        go_to(hand, "ask")
    write(hand, "request", text)
    hand.act("propose")


def notes(hand: Hand) -> list[str]:
    return [quote["note"] for quote in hand.stage["quotes"]]


def test_a_request_is_seen_when_it_is_sent_and_agreed_to_by_name(record) -> None:
    ann, ben = sit(record, ANN), sit(record, BEN)
    ask(ann)
    ben.say({"type": "refresh"})
    assert "asks you for something" in ben.shown
    ben.act("see-table")
    assert [quote["text"] for quote in ben.stage["quotes"]] == [ASKED]
    ben.act("agree")
    ann.say({"type": "refresh"})
    assert notes(ann) == notes(ben) == ["Agreed: both of you said yes to this."]


def test_what_is_not_sent_is_not_seen(record) -> None:
    ann, ben = sit(record, ANN), sit(record, BEN)
    before = ben.stage
    go_to(ann, "ask")
    write(ann, "request", ASKED)
    ben.say({"type": "refresh"})
    assert ben.stage == before


def test_a_counter_proposal_waits_for_the_one_who_asked(record) -> None:
    ann, ben = sit(record, ANN), sit(record, BEN)
    ask(ann)
    ben.say({"type": "refresh"})
    ben.act("see-table")
    ben.act("to-change")
    write(ben, "counter", CHANGED)
    ben.act("send-change")
    assert "agree" not in ben.offered
    ann.say({"type": "refresh"})
    assert ann.stage["quotes"][0]["text"] == CHANGED
    ann.act("agree")
    assert notes(ann) == ["Agreed: both of you said yes to this."]


def test_a_fourth_request_has_to_wait(record) -> None:
    ann = sit(record, ANN)
    for number in range(3):
        ask(ann, f"{ASKED} {number}")
    ann.act("to-ask")
    assert "propose" not in ann.offered
    assert "Three are open" in ann.shown


def test_not_now_ends_it_kindly_and_makes_room(record) -> None:
    ann, ben = sit(record, ANN), sit(record, BEN)
    ask(ann)
    ben.say({"type": "refresh"})
    ben.act("see-table")
    ben.act("decline")
    ann.say({"type": "refresh"})
    assert notes(ann) == ["Not now."]


def test_each_ones_look_back_is_seen_when_both_have_looked(record, time: Time) -> None:
    ann, ben = sit(record, ANN, time), sit(record, BEN, time)
    ask(ann)
    ben.say({"type": "refresh"})
    ben.act("see-table")
    ben.act("agree")
    time.pass_by(days=8)
    ann.say({"type": "refresh"})
    for hand, tried, felt in ((ann, "tried", 4), (ben, "did-not", 2)):
        hand.say({"type": "refresh"})
        hand.act("to-look-back")
        hand.answer("back-tried", tried, exercise="requests")
        hand.answer("back-felt", felt, exercise="requests")
        hand.act("looked-back")
        if hand is ann:
            assert "when they have, too" in notes(ann)[0]
            ben.say({"type": "refresh"})
            assert "tried" not in notes(ben)[0]
    ann.say({"type": "refresh"})
    assert notes(ann) == [
        "You say: tried, it felt good. Your partner says: did not try, it felt odd."
    ]


def test_alone_one_practises_and_asks_aloud(record) -> None:
    hand = go_to(sit(record, SOLO), "ask")
    assert "propose" not in hand.offered
    hand.act("next")
    assert "Ask it aloud" in hand.shown
