"""My page to keep: what a person did, and nothing of anybody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconnect_widgets.records import SessionRecord
from reconnect_widgets.system import new_event_id
from reconnect_widgets.workbook.pages import make_page
from tests.workbook.hand import (
    ANN,
    BEN,
    SOLO,
    Hand,
    finish_round,
    let_consent,
    make_session,
    open_checkup,
    open_context,
    own_rows,
)

LINE = "On Tuesday you waited for me at the station, in the rain. I felt at home."
ASKED = "On Sunday evenings, could we cook together, the two of us?"
THING = "After supper I make the tea and bring you a cup."


@pytest.fixture
def record(tmp_path: Path) -> SessionRecord:
    record = make_session(tmp_path)
    for person in (ANN, BEN, SOLO):
        let_consent(record, person)
    return record


def open_page(record: SessionRecord, person: str, key: str) -> Hand:
    return Hand(make_page(key, open_context(record, person)))


def open_takeaway(record: SessionRecord, person: str = ANN) -> Hand:
    hand = open_page(record, person, "takeaway")
    hand.act("begin")
    return hand


def write(hand: Hand, exercise: str, item: str, words: str) -> None:
    message = {"type": "text", "exercise": exercise, "round": 1, "item": item, "text": words}
    reply = hand.say({**message, "event_id": new_event_id()})
    assert reply is not None
    assert reply["type"] == "saved", reply


def go_to(hand: Hand, step: str) -> Hand:
    while not hand.token.endswith(f"/{step}"):
        hand.act("begin" if "begin" in hand.offered else "next")
    return hand


def write_line(record: SessionRecord, person: str, words: str, action: str) -> None:
    hand = go_to(open_page(record, person, "appreciation"), "give")
    write(hand, "appreciation", "line", words)
    hand.act(action)


def ask_and_agree(record: SessionRecord) -> None:
    ann = go_to(open_page(record, ANN, "requests"), "ask")
    write(ann, "requests", "request", ASKED)
    ann.act("propose")
    go_to_table = open_page(record, BEN, "requests")
    go_to_table.act("see-table")
    go_to_table.act("agree")


def choose_thing(record: SessionRecord, person: str) -> None:
    hand = go_to(open_page(record, person, "one-small-thing"), "choose")
    write(hand, "one-small-thing", "thing", THING)
    hand.act("next")
    hand.act("check-in")
    assert hand.answer("day-1", "did", exercise="one-small-thing")["type"] == "saved"
    hand.act("enter")


def quotes(hand: Hand) -> dict[str, str]:
    return {quote["text"]: quote["label"] for quote in hand.stage["quotes"]}


def test_who_did_nothing_yet_is_told_so(record: SessionRecord) -> None:
    hand = open_takeaway(record)
    assert "Nothing stands here yet" in hand.shown
    assert quotes(hand) == {}
    assert hand.offered[0] == "print"


def test_what_was_done_stands_on_the_page(record: SessionRecord) -> None:
    finish_round(open_checkup(record, ANN))
    write_line(record, ANN, LINE, "keep")
    ask_and_agree(record)
    choose_thing(record, ANN)
    moments = go_to(open_page(record, ANN, "small-moments"), "tally")
    moments.answer("asked", 3, exercise="small-moments")
    moments.answer("touch", 2, exercise="small-moments")
    hand = open_takeaway(record)
    assert "of 100" in hand.shown
    assert "rc-scale__dot" in hand.stage["html"]
    assert quotes(hand) == {
        LINE: "What I noticed, and wrote down",
        ASKED: "We agreed",
        THING: "My one small thing",
    }
    assert "One day entered." in repr(hand.stage["quotes"])
    assert "5 small moments" in hand.stage["after_html"]
    for words in ("return code", "take everything back", "Safety", "Nothing was e-mailed"):
        assert words in hand.stage["after_html"]


def test_nothing_of_the_partner_stands_on_it_but_what_both_agreed(record: SessionRecord) -> None:
    write_line(record, BEN, LINE, "keep")
    choose_thing(record, BEN)
    ben = go_to(open_page(record, BEN, "requests"), "ask")
    write(ben, "requests", "request", ASKED)
    before = open_takeaway(record).stage
    ben.act("propose")
    after = open_takeaway(record).stage
    for name in ("html", "after_html", "quotes", "heading"):
        assert before[name] == after[name]
    assert after["quotes"] == []


def test_a_line_that_was_only_written_or_given_away_is_not_kept_here(record: SessionRecord) -> None:
    write_line(record, ANN, LINE, "send")
    assert quotes(open_takeaway(record)) == {}


def test_what_was_typed_is_never_markup(record: SessionRecord) -> None:
    write_line(record, ANN, "<b>On Tuesday</b> you waited.", "keep")
    stage = open_takeaway(record).stage
    assert "<b>" not in stage["html"] + stage["after_html"]
    assert stage["quotes"][0]["text"] == "<b>On Tuesday</b> you waited."


def test_the_page_records_nothing_but_that_it_was_seen(record: SessionRecord) -> None:
    write_line(record, ANN, LINE, "keep")
    before = own_rows(record, ANN)
    open_takeaway(record)
    added = own_rows(record, ANN)[len(before) :]
    assert {row.event for row in added} == {"step-shown"}
    assert LINE not in repr(added)


def test_who_is_not_recorded_sees_what_this_kernel_remembers_and_is_told(
    tmp_path: Path,
) -> None:
    record = make_session(tmp_path)
    let_consent(record, SOLO, "not-recorded")
    context = open_context(record, SOLO)
    moments = go_to(Hand(make_page("small-moments", context)), "tally")
    moments.answer("asked", 4, exercise="small-moments")
    hand = Hand(make_page("takeaway", context))
    hand.act("begin")
    assert "still remembers" in hand.shown
    assert "4 small moments" in hand.stage["after_html"]
    fresh = open_takeaway(record, SOLO)
    assert "small moments" not in fresh.stage["after_html"]
