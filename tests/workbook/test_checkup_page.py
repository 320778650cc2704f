"""The checkup page against a real record folder; the browser is a hand that sends messages."""

from __future__ import annotations

import re
from typing import Any

import pytest

from reconnect_widgets.content import load_instrument
from reconnect_widgets.errors import RecordWriteError
from reconnect_widgets.records import SessionRecord, current_answers
from reconnect_widgets.records.journal import JournalWriter
from reconnect_widgets.system import new_event_id, utc_now
from reconnect_widgets.workbook.days import say_day
from reconnect_widgets.workbook.pages import CheckupPage
from tests.workbook.hand import (
    ANN,
    BEN,
    SOLO,
    Hand,
    answer_all,
    answers_of,
    checkup_of,
    finish_round,
    let_consent,
    open_checkup,
    own_rows,
    release,
)


def test_an_answer_is_said_to_be_saved_when_its_row_is_in_the_journal(
    consented: SessionRecord,
) -> None:
    hand = open_checkup(consented, ANN)
    hand.act("begin")
    event_id = new_event_id()
    reply = hand.answer("presence-3", 2, event_id=event_id)
    (row,) = answers_of(consented, ANN)
    assert reply["type"] == "saved"
    assert (reply["event_id"], reply["item"]) == (event_id, "presence-3")
    assert (row.event_id, row.item, row.status, row.value) == (
        event_id,
        "presence-3",
        "answered",
        "2",
    )
    assert row.participant_id == ANN
    assert row.dyad_id == "d-ab12"


def test_the_raw_value_of_a_reverse_keyed_item_is_what_was_tapped(
    consented: SessionRecord,
) -> None:
    item = next(item.key for item in load_instrument().items if item.keyed == -1)
    hand = open_checkup(consented, ANN)
    hand.act("begin")
    hand.answer(item, 1)
    assert answers_of(consented, ANN)[0].value == "1"


def test_the_same_message_again_is_confirmed_again_and_written_once(
    consented: SessionRecord,
) -> None:
    hand = open_checkup(consented, ANN)
    hand.act("begin")
    event_id = new_event_id()
    first = hand.answer("presence-3", 2, event_id=event_id)
    second = hand.answer("presence-3", 2, event_id=event_id)
    after_restart = open_checkup(consented, ANN).answer("presence-3", 2, event_id=event_id)
    assert first == second == after_restart
    assert len(answers_of(consented, ANN)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"item": "presence-9"},
        {"item": "guess-nothing"},
        {"item": "name"},
        {"exercise": "touch"},
        {"round": 2},
        {"value": 5},
        {"value": 100},
        {"status": "answered", "value": None},
        {"participant_id": BEN},
        {"text": "words"},
        {"value": True},
    ],
)
def test_an_answer_that_is_not_on_offer_writes_nothing_and_is_not_tried_again(
    consented: SessionRecord, changes: dict[str, Any]
) -> None:
    hand = open_checkup(consented, ANN)
    hand.act("begin")
    reply = hand.answer(**{"item": "presence-3", "value": 2, **changes})
    assert reply["type"] == "not-saved"
    assert reply["retry"] is False
    assert answers_of(consented, ANN) == []


@pytest.mark.parametrize("forged", [None, 7, "x", [], {}, {"type": "x"}, {"event_id": "x"}])
def test_what_is_no_message_gets_no_reply(consented: SessionRecord, forged: object) -> None:
    hand = open_checkup(consented, ANN)
    assert hand.say(forged) is None
    assert hand.replies == []


def test_an_action_of_another_screen_does_nothing_and_says_nothing(
    consented: SessionRecord,
) -> None:
    hand = open_checkup(consented, ANN)
    reply = hand.act("begin", stage="checkup/1/snapshot")
    assert (reply["type"], reply["retry"], reply["message"]) == ("not-saved", False, "")
    assert checkup_of(hand).place.screen == "intro"


def test_who_taps_on_a_screen_that_is_over_is_told_again_what_is_shown(
    consented: SessionRecord,
) -> None:
    hand = open_checkup(consented, ANN)
    told: list[str] = []
    hand.presenter.passage.send_state = told.extend
    token = hand.token
    hand.act("begin")
    assert told == []
    hand.act("begin", stage=token)
    assert {"token", "heading", "html", "actions"} <= set(told)
    assert not any(name.startswith("_") for name in told)


def test_an_action_that_the_screen_does_not_offer_is_refused(consented: SessionRecord) -> None:
    hand = open_checkup(consented, ANN)
    reply = hand.act("release")
    assert (reply["type"], reply["retry"]) == ("not-saved", False)
    assert checkup_of(hand).place.screen == "intro"


def test_a_second_tap_on_the_same_button_moves_once(consented: SessionRecord) -> None:
    hand = open_checkup(consented, ANN)
    token = hand.token
    hand.act("begin")
    assert hand.act("begin", stage=token)["type"] == "not-saved"
    assert checkup_of(hand).place.screen == "items"


def test_without_consent_nothing_is_asked_and_nothing_is_taken(record: SessionRecord) -> None:
    hand = open_checkup(record, ANN)
    assert hand.stage["actions"][0]["href"] == "/w/welcome"
    assert hand.answer("presence-3")["type"] == "not-saved"
    assert hand.act("begin")["type"] == "not-saved"
    assert {row.event for row in own_rows(record, ANN)} == {"joined"}


def test_who_chose_not_to_be_recorded_leaves_no_answer_and_no_step_anywhere(
    record: SessionRecord,
) -> None:
    let_consent(record, ANN, "not-recorded")
    hand = open_checkup(record, ANN)
    finish_round(hand)
    assert "Where you placed yourself" in hand.shown
    assert "ask-release" not in hand.offered
    assert [row.event for row in own_rows(record, ANN)] == ["joined", "consented"]
    written = b"".join(path.read_bytes() for path in record.folder.rglob("*.csv"))
    assert b"presence" not in written
    assert b"step-shown" not in written


def test_who_is_not_recorded_is_never_told_that_something_is(record: SessionRecord) -> None:
    let_consent(record, ANN, "not-recorded")
    hand = open_checkup(record, ANN)
    hand.act("begin")
    assert hand.stage["is_recorded"] is False
    assert hand.stage["privacy"] == "Only on your screen. Never recorded."


def test_who_changes_to_being_recorded_begins_with_what_the_record_holds(
    record: SessionRecord,
) -> None:
    let_consent(record, ANN, "not-recorded")
    hand = open_checkup(record, ANN)
    hand.act("begin")
    hand.answer("presence-1")
    hand.presenter.context.record_consent("recorded", new_event_id())
    again = Hand(CheckupPage(hand.presenter.context))
    again.act("begin")
    again.answer("presence-2")
    assert [row.item for row in answers_of(record, ANN)] == ["presence-2"]
    assert set(again.stage["answers"]) == {"presence-2"}


def test_partners_meet_the_questions_in_different_orders_and_each_keeps_theirs(
    consented: SessionRecord,
) -> None:
    def order(person: str) -> list[str]:
        hand = open_checkup(consented, person)
        hand.act("begin")
        return [question["key"] for question in hand.stage["questions"]]

    assert order(ANN) != order(BEN)
    assert sorted(order(ANN)) == sorted(order(BEN))
    assert order(ANN) == order(ANN)


def test_questions_passed_over_are_recorded_as_skipped_when_the_sheet_is_closed(
    consented: SessionRecord,
) -> None:
    hand = open_checkup(consented, ANN)
    hand.act("begin")
    hand.answer("presence-1")
    hand.act("finish")
    statuses = [row.status for row in answers_of(consented, ANN)]
    assert statuses.count("answered") == 1
    assert statuses.count("skipped") == 19


def test_guesses_left_out_are_recorded_as_declined(consented: SessionRecord) -> None:
    hand = open_checkup(consented, SOLO)
    hand.act("begin")
    answer_all(hand)
    hand.act("finish")
    hand.act("leave-out")
    declined = [row.item for row in answers_of(consented, SOLO) if row.status == "declined"]
    assert sorted(declined) == [
        "guess-appreciation",
        "guess-presence",
        "guess-repair",
        "guess-touch",
    ]
    assert checkup_of(hand).place.screen == "snapshot"


def test_an_answer_can_be_taken_back(consented: SessionRecord) -> None:
    hand = open_checkup(consented, ANN)
    hand.act("begin")
    hand.answer("presence-1", 4)
    hand.skip("presence-1")
    current = current_answers(own_rows(consented, ANN))
    assert current[(ANN, "checkup", 1, "presence-1")].status == "skipped"
    assert hand.stage["answers"]["presence-1"] == {"status": "skipped", "value": None}


def test_the_snapshot_says_in_words_what_it_draws_and_strengths_come_first(
    consented: SessionRecord,
) -> None:
    hand = open_checkup(consented, SOLO)
    hand.act("begin")
    keyed = {item.key: item.keyed for item in load_instrument().items}
    for item in checkup_of(hand).outline.items:
        more = 4 if item.startswith("touch") else 1
        hand.answer(item, more if keyed[item] == 1 else 4 - more)
    hand.act("finish")
    hand.act("leave-out")
    html = hand.stage["html"]
    drawn = [float(x) for x in re.findall(r'<circle[^>]*cx="([\d.]+)%"', html)]
    told = [int(x) for x in re.findall(r"(\d+) out of 100", html)]
    assert drawn == told == [100, 25, 25, 25]
    assert re.findall(r"<h3>([^<]+)</h3>", html)[0] == "Touch and warmth"
    assert "Touch and warmth came out highest" in html


def test_too_few_answers_give_no_figure_and_say_so(consented: SessionRecord) -> None:
    hand = open_checkup(consented, SOLO)
    hand.act("begin")
    for item in checkup_of(hand).outline.items:
        hand.answer(item) if not item.startswith("repair") else hand.skip(item)
    hand.skip("touch-1")
    hand.act("finish")
    hand.act("leave-out")
    assert "no figure" in hand.shown
    assert "4 of 5" in hand.shown
    assert hand.stage["html"].count("<circle") == 3


def test_no_markup_of_a_page_carries_a_style_or_a_script(consented: SessionRecord) -> None:
    ann, ben = open_checkup(consented, ANN), open_checkup(consented, BEN)
    for hand in (ann, ben):
        finish_round(hand)
        release(hand)
    ann.say({"type": "refresh"})
    for hand in (ann, ben):
        assert "<svg" in hand.stage["html"]
        assert not re.search(r"style=|<script|<style|on[a-z]+=", hand.stage["html"])
    ann.act("see-both")
    assert not re.search(r"style=|<script|<style|on[a-z]+=", ann.stage["html"])


def test_a_solo_person_is_never_asked_to_show_anything(consented: SessionRecord) -> None:
    hand = open_checkup(consented, SOLO)
    finish_round(hand)
    assert hand.offered == ["change-answers", "carry", "ask-again", "contents"]


def test_before_both_have_shown_the_page_says_the_same_whatever_the_partner_did(
    consented: SessionRecord,
) -> None:
    ann = open_checkup(consented, ANN)
    finish_round(ann)

    def what_ann_sees() -> list[object]:
        ann.say({"type": "refresh"})
        return [ann.stage, open_checkup(consented, ANN).shown]

    before_release = what_ann_sees()
    ben = open_checkup(consented, BEN)
    ben.act("begin")
    assert what_ann_sees() == before_release
    answer_all(ben, 0)
    ben.act("finish")
    ben.act("leave-out")
    release(ben)
    assert what_ann_sees() == before_release


def test_having_shown_ones_own_tells_nothing_while_the_partner_has_not(
    consented: SessionRecord,
) -> None:
    ann, ben = open_checkup(consented, ANN), open_checkup(consented, BEN)
    finish_round(ann)
    release(ann)
    waiting = dict(ann.stage)
    finish_round(ben, 0)
    ann.say({"type": "refresh"})
    assert ann.stage == waiting
    assert "see-both" not in ann.offered


def test_nothing_of_the_partner_is_read_before_ones_own_is_shown(
    consented: SessionRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[object] = []
    original = SessionRecord.read

    def note(self: SessionRecord, subjects: Any = None) -> Any:
        read.append(subjects)
        return original(self, subjects)

    monkeypatch.setattr(SessionRecord, "read", note)
    hand = open_checkup(consented, ANN)
    finish_round(hand)
    hand.say({"type": "refresh"})
    assert read
    assert all(subjects == (ANN,) for subjects in read)


def test_the_couple_see_each_other_when_both_have_shown_theirs(consented: SessionRecord) -> None:
    ann, ben = open_checkup(consented, ANN), open_checkup(consented, BEN)
    finish_round(ann, 4, guess=0)
    finish_round(ben, 0, guess=4)
    release(ann)
    release(ben)
    assert "You have both said yes" in ben.shown
    ann.say({"type": "refresh"})
    assert "You have both said yes" in ann.shown
    for hand in (ann, ben):
        hand.act("see-both")
        assert "side by side" in hand.shown
    mine = re.findall(r"(\d+) out of 100", ann.stage["html"])
    theirs = re.findall(r"(\d+) out of 100", ben.stage["html"])
    assert mine[0::2] == theirs[1::2]
    assert mine[1::2] == theirs[0::2]


def test_side_by_side_who_has_no_figure_is_said_to_have_none(consented: SessionRecord) -> None:
    ann, ben = open_checkup(consented, ANN), open_checkup(consented, BEN)
    ann.act("begin")
    ann.act("finish")
    ann.act("leave-out")
    finish_round(ben, 0)
    release(ann)
    release(ben)
    ben.act("see-both")
    assert ben.stage["html"].count("<dd>no figure</dd>") == 4


def test_the_couple_view_goes_when_the_partner_withdraws(consented: SessionRecord) -> None:
    ann, ben = open_checkup(consented, ANN), open_checkup(consented, BEN)
    for hand in (ann, ben):
        finish_round(hand)
        release(hand)
    ann.say({"type": "refresh"})
    ann.act("see-both")
    consented.withdraw(BEN, utc_now())
    ann.say({"type": "refresh"})
    assert checkup_of(ann).place.screen == "snapshot"
    assert "see-both" not in ann.offered
    assert checkup_of(open_checkup(consented, ANN)).place.screen == "snapshot"


def test_what_was_shown_can_not_be_changed_any_more(consented: SessionRecord) -> None:
    hand = open_checkup(consented, ANN)
    finish_round(hand, 3)
    release(hand)
    assert hand.answer("presence-1", 0)["type"] == "not-saved"
    assert "change-answers" not in hand.offered


def test_a_second_round_keeps_the_first_and_says_what_changed(consented: SessionRecord) -> None:
    hand = open_checkup(consented, SOLO)
    finish_round(hand, 2)
    hand.act("ask-again")
    hand.act("again")
    keyed = {item.key: item.keyed for item in load_instrument().items}
    hand.act("begin")
    for item in checkup_of(hand).outline.items:
        hand.answer(item, 4 if keyed[item] == 1 else 0, round=2)
    hand.act("finish")
    hand.act("leave-out")
    assert "Since last time" in hand.shown
    assert "50 points higher than last time" in hand.shown
    rounds = [row.round for row in answers_of(consented, SOLO)]
    assert rounds.count(1) == 24
    assert rounds.count(2) == 24


def test_a_failed_write_is_not_called_saved_and_the_same_message_succeeds_later(
    consented: SessionRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand = open_checkup(consented, ANN)
    hand.act("begin")
    hand.answer("presence-1", 1)
    event_id = new_event_id()

    def fail(self: JournalWriter, row: object) -> None:
        raise RecordWriteError("no space left on device")

    with monkeypatch.context() as full:
        full.setattr(JournalWriter, "_keep", fail)
        reply = hand.answer("presence-2", 2, event_id=event_id)
        assert (reply["type"], reply["retry"]) == ("not-saved", True)
        assert "safe" in reply["message"]
        assert "presence-2" not in hand.stage["answers"]
    assert hand.answer("presence-2", 2, event_id=event_id)["type"] == "saved"
    assert [row.value for row in answers_of(consented, ANN)] == ["1", "2"]


def test_a_page_opens_on_a_full_disk(
    consented: SessionRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: JournalWriter, row: object) -> None:
        raise RecordWriteError("no space left on device")

    monkeypatch.setattr(JournalWriter, "_keep", fail)
    assert "Your own last two weeks" in open_checkup(consented, ANN).shown


def end_keeping(hand: Hand, record: SessionRecord) -> None:
    """Let the keep date pass: from then on not even one's own practice is taken."""
    hand.presenter.context.now = lambda: record.info.keep_until


def go_back_in_time(hand: Hand) -> None:
    hand.presenter.context.now = utc_now


def test_a_closed_session_still_takes_the_checkup_and_says_until_when(
    consented: SessionRecord,
) -> None:
    hand = open_checkup(consented, ANN)
    hand.act("begin")
    consented.close(utc_now(), "facilitator")
    hand.say({"type": "refresh"})
    until = say_day(consented.info.keep_until.date())
    assert hand.presenter.page.notice.endswith(f"stays open until {until}.")
    assert hand.stage["is_open"]
    assert hand.presenter.sheet.privacy
    assert hand.answer("presence-1")["type"] == "saved"
    assert [row.item for row in answers_of(consented, ANN)] == ["presence-1"]


def test_a_couple_can_show_each_other_a_round_after_the_group_has_closed(
    consented: SessionRecord,
) -> None:
    consented.close(utc_now(), "facilitator")
    ann, ben = open_checkup(consented, ANN), open_checkup(consented, BEN)
    for hand in (ann, ben):
        finish_round(hand)
        release(hand)
    ann.say({"type": "refresh"})
    assert "see-both" in ann.offered


def test_past_the_keep_date_no_answer_is_taken_and_it_says_so_once_and_for_all(
    consented: SessionRecord,
) -> None:
    hand = open_checkup(consented, ANN)
    hand.act("begin")
    end_keeping(hand, consented)
    reply = hand.answer("presence-1")
    assert (reply["type"], reply["retry"]) == ("not-saved", False)
    assert "closed" in reply["message"]
    assert "closed" in hand.presenter.page.notice
    assert answers_of(consented, ANN) == []


def test_no_mark_of_being_recorded_stands_past_the_keep_date(consented: SessionRecord) -> None:
    hand = open_checkup(consented, ANN)
    hand.act("begin")
    assert hand.presenter.sheet.privacy
    end_keeping(hand, consented)
    hand.say({"type": "refresh"})
    assert hand.presenter.sheet.privacy == ""
    go_back_in_time(hand)
    hand.say({"type": "refresh"})
    assert hand.presenter.sheet.privacy


def test_a_sheet_past_the_keep_date_offers_nothing_to_answer(consented: SessionRecord) -> None:
    hand = open_checkup(consented, ANN)
    hand.act("begin")
    assert hand.stage["is_open"]
    end_keeping(hand, consented)
    hand.answer("presence-1")
    assert not hand.stage["is_open"]
    go_back_in_time(hand)
    hand.say({"type": "refresh"})
    assert hand.stage["is_open"]


def test_past_the_keep_date_one_can_still_look_at_ones_picture(consented: SessionRecord) -> None:
    hand = open_checkup(consented, ANN)
    hand.act("begin")
    answer_all(hand)
    count = len(own_rows(consented, ANN))
    end_keeping(hand, consented)
    hand.act("finish")
    hand.act("leave-out")
    assert "Where you placed yourself" in hand.shown
    hand.act("ask-release")
    assert hand.act("release")["type"] == "not-saved"
    assert len(own_rows(consented, ANN)) == count


def test_a_session_opened_again_says_nothing_of_having_been_closed(
    consented: SessionRecord,
) -> None:
    hand = open_checkup(consented, ANN)
    hand.act("begin")
    consented.close(utc_now(), "facilitator")
    hand.say({"type": "refresh"})
    consented.reopen(utc_now(), "facilitator")
    hand.say({"type": "refresh"})
    assert hand.presenter.page.notice == ""
    assert hand.answer("presence-1")["type"] == "saved"


def test_who_withdrew_is_told_so_and_nothing_is_written(consented: SessionRecord) -> None:
    hand = open_checkup(consented, ANN)
    hand.act("begin")
    consented.withdraw(ANN, utc_now())
    reply = hand.answer("presence-1")
    assert (reply["type"], reply["retry"]) == ("not-saved", False)
    assert "withdrawn" in reply["message"]
    assert list((consented.folder / "journal").glob(f"{ANN}.*")) == []


def test_nothing_to_answer_is_left_on_the_page_of_who_was_withdrawn(
    consented: SessionRecord,
) -> None:
    hand = open_checkup(consented, ANN)
    hand.act("begin")
    hand.answer("presence-1")
    consented.withdraw(ANN, utc_now(), actor="cli")
    hand.say({"type": "refresh"})
    assert "questions" not in hand.stage
    assert "withdrawn" in hand.shown
    assert [action["href"] for action in hand.stage["actions"]] == ["/"]
    assert hand.act("finish")["type"] == "not-saved"


def test_steps_are_noted_as_they_are_shown(consented: SessionRecord) -> None:
    hand = open_checkup(consented, ANN)
    hand.act("begin")
    open_checkup(consented, ANN)
    steps = [row.detail for row in own_rows(consented, ANN) if row.event == "step-shown"]
    assert steps == ['{"round": 1, "step": "intro"}', '{"round": 1, "step": "items"}']


def test_releasing_is_one_row_with_the_id_of_the_tap(consented: SessionRecord) -> None:
    hand = open_checkup(consented, ANN)
    finish_round(hand)
    hand.act("ask-release")
    event_id = new_event_id()
    hand.act("release", event_id=event_id)
    assert hand.act("release", event_id=event_id)["type"] == "saved"
    released = [row for row in own_rows(consented, ANN) if row.event == "released"]
    assert [row.event_id for row in released] == [event_id]


def test_closing_a_page_takes_all_its_widgets_away(consented: SessionRecord) -> None:
    hand = open_checkup(consented, ANN)
    hand.presenter.close()
    assert [widget.comm for widget in hand.presenter.widgets] == [None, None, None]
