"""A line of appreciation: read by the coach and not kept, given only when its writer gives it."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconnect_widgets.records.acts import read_detail
from reconnect_widgets.records.desk_acts import write_desk_act
from reconnect_widgets.system import new_event_id
from reconnect_widgets.workbook.pages import make_page
from tests.workbook.hand import (
    ANN,
    BEN,
    SOLO,
    Hand,
    let_consent,
    make_session,
    open_context,
    own_rows,
)

VAGUE = "You are amazing, you always are"
LINE = "On Tuesday you stayed up and waited for me, though you were tired. I felt at home."


@pytest.fixture
def record(tmp_path: Path):
    record = make_session(tmp_path)
    for person in (ANN, BEN, SOLO):
        let_consent(record, person)
    return record


def open_writing(record, person: str) -> Hand:
    hand = Hand(make_page("appreciation", open_context(record, person)))
    hand.act("begin")
    hand.act("next")
    return hand


def draft(hand: Hand, text: str, seq: int = 1) -> None:
    hand.say({"type": "draft", "stage": hand.token, "field": "line", "seq": seq, "text": text})


def write(hand: Hand, text: str) -> None:
    reply = hand.say(
        {
            "type": "text",
            "event_id": new_event_id(),
            "exercise": "appreciation",
            "round": 1,
            "item": "line",
            "text": text,
        }
    )
    assert reply is not None
    assert reply["type"] == "saved"


def test_what_the_coach_saw_is_recorded_and_no_word_of_the_drafts(record) -> None:
    hand = open_writing(record, SOLO)
    draft(hand, VAGUE)
    draft(hand, LINE, 2)
    hand.act("next")
    rows = {row.item: row.value for row in own_rows(record, SOLO) if row.kind == "answer"}
    assert rows["before-specific-moment"] == "0"
    assert rows["after-specific-moment"] == "1"
    assert rows["before-always-never"] == "1"
    assert "Tuesday" not in repr(own_rows(record, SOLO))


def test_a_line_reaches_the_partner_only_by_being_sent(record) -> None:
    ann = open_writing(record, ANN)
    ben = Hand(make_page("appreciation", open_context(record, BEN)))
    ben.act("begin")
    before = ben.stage
    ann.act("next")
    write(ann, LINE)
    ben.say({"type": "refresh"})
    assert ben.stage == before
    ann.act("send")
    ben.say({"type": "refresh"})
    assert "something for you" in ben.shown
    ben.act("see-received")
    assert [quote["text"] for quote in ben.stage["quotes"]] == [LINE]


def test_the_answer_comes_back_to_the_one_who_gave(record) -> None:
    ann = open_writing(record, ANN)
    ann.act("next")
    write(ann, LINE)
    ann.act("send")
    assert ann.token.endswith("/given")
    assert "not been opened" in ann.stage["quotes"][0]["note"]
    ben = Hand(make_page("appreciation", open_context(record, BEN)))
    ben.act("begin")
    ben.act("see-received")
    ben.act("accept")
    ann.say({"type": "refresh"})
    assert "took it in" in ann.stage["quotes"][0]["note"]
    ben.act("tell-me-more")
    ann.say({"type": "refresh"})
    assert "tell me more" in ann.stage["quotes"][0]["note"]
    assert "tell-me-more" not in ben.offered


def test_kept_for_oneself_it_is_recorded_and_the_partner_sees_nothing(record) -> None:
    ann = open_writing(record, ANN)
    ann.act("next")
    write(ann, LINE)
    ann.act("keep")
    ben = Hand(make_page("appreciation", open_context(record, BEN)))
    assert "something for you" not in ben.shown
    assert LINE in [row.text for row in own_rows(record, ANN)]


def test_who_is_alone_is_not_offered_to_send(record) -> None:
    hand = open_writing(record, SOLO)
    hand.act("next")
    assert "send" not in hand.offered
    assert "aloud" in hand.offered


def test_who_is_not_recorded_can_say_it_aloud_and_send_nothing(tmp_path: Path) -> None:
    record = make_session(tmp_path)
    let_consent(record, ANN, "not-recorded")
    hand = open_writing(record, ANN)
    hand.act("next")
    assert {"send", "keep", "offer"}.isdisjoint(hand.offered)
    hand.act("aloud")
    assert LINE not in repr(own_rows(record, ANN))


def test_what_has_come_is_said_on_the_first_screen_and_on_the_last(record) -> None:
    """A link from another exercise may lead to either."""
    ben = Hand(make_page("appreciation", open_context(record, BEN)))
    ann = open_writing(record, ANN)
    ann.act("next")
    write(ann, LINE)
    ann.act("send")
    ben.say({"type": "refresh"})
    assert ben.token.endswith("/intro")
    assert ben.offered[0] == "see-received"
    while not ben.token.endswith("/closing"):
        ben.act("next" if "next" in ben.offered else "begin")
    assert ben.offered[0] == "see-received"
    ben.act("see-received")
    assert [quote["text"] for quote in ben.stage["quotes"]] == [LINE]


def offer(record, person: str) -> Hand:
    hand = open_writing(record, person)
    hand.act("next")
    write(hand, LINE)
    hand.act("offer")
    return hand


def events_of(record, person: str) -> list[tuple[str, str]]:
    return [
        (row.event, str(read_detail(row).get("about")))
        for row in own_rows(record, person)
        if row.event in ("offered-to-group", "offer-taken-back")
    ]


@pytest.mark.parametrize("person", [ANN, SOLO])
def test_what_was_offered_to_the_group_can_be_seen_and_taken_back(record, person: str) -> None:
    hand = offer(record, person)
    assert hand.token.endswith("/given")
    [quote] = hand.stage["quotes"]
    assert quote["text"] == LINE
    assert "with the facilitator" in quote["note"]
    hand.act("take-back")
    assert "You took it back" in hand.stage["quotes"][0]["note"]
    assert "take-back" not in hand.offered
    line = next(row.event_id for row in own_rows(record, person) if row.text == LINE)
    assert events_of(record, person) == [("offered-to-group", line), ("offer-taken-back", line)]


def test_the_writer_reads_that_their_line_was_chosen_and_never_that_it_was_left_off(record) -> None:
    hand = offer(record, ANN)
    line = next(row.event_id for row in own_rows(record, ANN) if row.text == LINE)
    desk = record.open_writer("facilitator")
    desk.append_event("line-set-aside", detail=write_desk_act(about=line))
    hand.say({"type": "refresh"})
    assert "with the facilitator" in hand.stage["quotes"][0]["note"]
    desk.append_event("line-approved", detail=write_desk_act(about=line))
    hand.say({"type": "refresh"})
    assert "chose it for the wall" in hand.stage["quotes"][0]["note"]
    hand.act("take-back")
    assert "You took it back" in hand.stage["quotes"][0]["note"]


def test_after_a_reload_what_was_offered_is_there_and_can_still_be_taken_back(record) -> None:
    offer(record, ANN)
    again = Hand(make_page("appreciation", open_context(record, ANN)))
    assert again.token.endswith("/given")
    assert "take-back" in again.offered


def test_the_partner_sees_nothing_of_what_was_offered_to_the_group(record) -> None:
    offer(record, ANN)
    ben = Hand(make_page("appreciation", open_context(record, BEN)))
    ben.act("begin")
    assert LINE not in ben.shown
    assert "something for you" not in ben.shown
