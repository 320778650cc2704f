"""The repair script: scenes alone, turns on two phones or on one, parts among three."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from reconnect_widgets.content import load_exercise
from reconnect_widgets.domain.repair import MOVES, TURNS
from reconnect_widgets.records import SessionRecord
from reconnect_widgets.records.desk_acts import write_desk_act
from reconnect_widgets.system import new_event_id, utc_now
from reconnect_widgets.workbook.pages import make_page
from tests.workbook.hand import (
    ANN,
    BEN,
    COUPLE,
    SOLO,
    Hand,
    Message,
    answers_of,
    let_consent,
    make_session,
    open_context,
    own_rows,
)

PACK = load_exercise("repair")
SLIPPING = "But I only wanted to help, and I was only ten minutes late"


def open_repair(record: SessionRecord, person: str) -> Hand:
    return Hand(make_page("repair", open_context(record, person)))


def go_to_how(record: SessionRecord, person: str) -> Hand:
    hand = open_repair(record, person)
    for action in ("begin", "next", "next"):
        hand.act(action)
    assert hand.token.endswith("/how")
    return hand


def look(*hands: Hand) -> None:
    """Let pages look again, as when the server says that there is news."""
    for hand in hands:
        hand.say({"type": "refresh"})


def a_couple(record: SessionRecord) -> tuple[Hand, Hand]:
    ann, ben = go_to_how(record, ANN), go_to_how(record, BEN)
    ann.act("how-two")
    ben.act("how-two")
    return ann, ben


def agree(ann: Hand, ben: Hand) -> None:
    """Let Ann speak first."""
    ann.act("speak")
    look(ben)
    ben.act("take")
    look(ann)


def pass_half(speaker: Hand, listener: Hand, leave_out: frozenset[int] = frozenset()) -> None:
    for turn in range(TURNS):
        if turn % 2 == 0:
            speaker.act("pass")
        else:
            listener.act("left-out" if turn in leave_out else "said")
        look(speaker, listener)


def draft(hand: Hand, text: str, field: str) -> None:
    hand.say({"type": "draft", "stage": hand.token, "field": field, "seq": 1, "text": text})


def given(record: SessionRecord, person: str) -> dict[str, str]:
    return {row.item: row.value for row in answers_of(record, person)}


def state_of(hand: Hand) -> list[Message]:
    """Everything that the browser could know of: the state of every widget."""
    return [dict(widget.get_state()) for widget in hand.presenter.widgets]


# -- Two phones ---------------------------------------------------------------------------------


def test_a_role_is_offered_and_taken_on_both_screens(consented: SessionRecord) -> None:
    ann, ben = a_couple(consented)
    assert {"speak", "listen"} <= set(ben.offered)
    ann.act("speak")
    look(ben)
    assert "Your partner would like to speak first" in ben.shown
    assert "let-go" in ann.offered
    ben.act("take")
    look(ann)
    assert ann.token.endswith("/1-0-speaker")
    assert ben.token.endswith("/1-0-listener")
    assert "pass" in ann.offered
    assert "pass" not in ben.offered


def test_an_offer_that_is_not_taken_leaves_both_free(consented: SessionRecord) -> None:
    ann, ben = a_couple(consented)
    ann.act("speak")
    look(ben)
    ben.act("let-go")
    look(ann)
    assert ann.token.endswith("/open")
    assert ben.token.endswith("/open")


def test_who_is_elsewhere_in_the_exercise_hears_of_an_offer(consented: SessionRecord) -> None:
    ann, ben = go_to_how(consented, ANN), go_to_how(consented, BEN)
    ann.act("how-two")
    ann.act("listen")
    look(ben)
    assert "would like to do this with you" in ben.shown
    ben.act("see-talk")
    assert "Your partner would like to listen first" in ben.shown


def test_nobody_is_led_past_the_page_that_says_when_not_to_do_this(
    consented: SessionRecord,
) -> None:
    ann, ben = go_to_how(consented, ANN), open_repair(consented, BEN)
    ann.act("how-two")
    ann.act("speak")
    look(ben)
    ben.act("see-talk")
    assert ben.token.endswith("/before")
    assert "Not where there is fear" in ben.shown
    ben.act("see-talk")
    assert "Your partner would like to speak first" in ben.shown
    assert given(consented, BEN) == {"how": "two"}


def test_a_whole_evening_goes_through_four_moves_a_swap_and_four_more(
    consented: SessionRecord,
) -> None:
    ann, ben = a_couple(consented)
    agree(ann, ben)
    seen = []
    for turn in range(TURNS):
        if turn % 2 == 0:
            assert "own version waits" in ben.shown
            ann.act("pass")
        else:
            seen.append(ben.stage["heading"])
            assert [field["key"] for field in ben.stage["fields"]] == [f"reply-{turn // 2 + 1}"]
            assert "said" not in ann.offered
            ben.act("said")
        look(ann, ben)
    assert seen == [PACK.sentences[f"move.{move}"] for move in MOVES]
    ann.act("swap")
    look(ben)
    assert "ready to swap" in ben.shown
    assert "as soon as your partner is" in ann.shown
    ben.act("swap")
    look(ann)
    assert ann.token.endswith("/2-0-listener")
    pass_half(ben, ann)
    for hand in (ann, ben):
        assert "had your turn" in hand.shown
        hand.act("next")
        assert "I felt heard" in hand.stage["fields"][0]["label"]
        hand.act("next")
        assert "I could wait" in hand.stage["fields"][0]["label"]
    for person in (ANN, BEN):
        assert given(consented, person).keys() >= {f"move-{move}" for move in MOVES}


def test_the_marks_fit_what_somebody_was(consented: SessionRecord) -> None:
    ann, ben = a_couple(consented)
    agree(ann, ben)
    ann.act("stop")
    look(ben)
    for hand, label in ((ann, "I felt heard."), (ben, "I could wait with my version.")):
        assert "You have stopped" in hand.shown
        hand.act("next")
        assert [field["label"] for field in hand.stage["fields"]] == [label]
        hand.act("next")
        assert "One small thing for this week" in hand.shown


def stop_time(hand: Hand) -> None:
    """Let a page's clock stand still, so that only what somebody did can change it."""
    moment = utc_now() + timedelta(seconds=1)
    hand.presenter.context.now = lambda: moment


def test_what_is_written_or_rated_changes_nothing_on_the_other_phone(
    consented: SessionRecord,
) -> None:
    ann, ben = a_couple(consented)
    stop_time(ann)
    agree(ann, ben)
    ann.act("pass")
    look(ann, ben)
    before = state_of(ann)
    draft(ben, SLIPPING, "reply-1")
    look(ann)
    assert state_of(ann) == before
    ann.act("stop")
    look(ben)
    before = state_of(ann)
    ben.act("next")
    ben.answer("waited", 1, exercise="repair")
    ben.act("next")
    look(ann)
    assert state_of(ann) == before


def test_whether_a_move_was_said_or_left_out_looks_the_same_to_the_speaker(
    tmp_path: Path,
) -> None:
    looks = []
    for action in ("said", "left-out"):
        record = make_session(tmp_path / action)
        for person in (ANN, BEN):
            let_consent(record, person)
        ann, ben = a_couple(record)
        agree(ann, ben)
        ann.act("pass")
        look(ben)
        draft(ben, SLIPPING, "reply-1")
        ben.act(action)
        look(ann)
        (worksheet,) = [state for state in state_of(ann) if "token" in state and "clock" in state]
        assert worksheet["clock"].pop("left_ms") > 0
        del worksheet["tag"]  # of the session
        looks.append(worksheet)
    assert looks[0] == looks[1]
    assert given(record, BEN)["slip-rebuttal"] == "1"


def test_slips_are_counted_in_the_last_draft_and_no_word_is_recorded(
    consented: SessionRecord,
) -> None:
    ann, ben = a_couple(consented)
    agree(ann, ben)
    ann.act("pass")
    look(ben)
    draft(ben, "You always start this. It was Tuesday, not Wednesday", "reply-1")
    draft(ben, SLIPPING, "reply-1")
    ben.act("said")
    look(ann)
    ann.act("pass")
    look(ben)
    draft(ben, "Help me understand how it was for you", "reply-2")
    ben.act("left-out")
    kept = given(consented, BEN)
    assert kept["move-hearing-the-hurt"] == "1"
    assert kept["move-asking-how-it-was"] == "0"
    assert kept["written"] == "2"
    assert kept["slip-rebuttal"] == kept["slip-arguing-facts"] == "1"
    assert "slip-counter-complaint" not in kept
    everything = repr(own_rows(consented, BEN)) + repr(own_rows(consented, ANN))
    assert not [word for word in ("ten minutes", "Tuesday", "Help me") if word in everything]
    assert all(row.text == "" for row in answers_of(consented, BEN))


def test_an_old_tap_passes_no_turn(consented: SessionRecord) -> None:
    ann, ben = a_couple(consented)
    agree(ann, ben)
    old = ann.token
    ann.act("pass")
    ann.act("pass", stage=old)
    look(ben)
    assert ben.token.endswith("/1-1-listener")


def test_two_offers_at_once_end_in_one_agreement(consented: SessionRecord) -> None:
    ann, ben = a_couple(consented)
    ann.act("speak")
    ben.act("listen")  # before hearing of hers
    look(ann, ben)
    assert ann.token.endswith("/1-0-speaker")
    assert ben.token.endswith("/1-0-listener")


def test_two_who_would_both_speak_first_are_asked_about_the_offer_that_was_first(
    consented: SessionRecord,
) -> None:
    ann, ben = a_couple(consented)
    ann.act("speak")
    ben.act("speak")
    assert "Your partner would like to speak first" in ben.shown


def test_the_soft_clock_begins_with_the_turn_and_ends_nothing(consented: SessionRecord) -> None:
    ann, ben = a_couple(consented)
    agree(ann, ben)
    shown = ann.stage["clock"]
    assert (shown["state"], shown["total_ms"]) == ("running", 240_000)
    assert shown["is_soft"]
    assert not shown["is_dark"]
    assert not shown["has_sound"]
    later: datetime = utc_now() + timedelta(minutes=9)
    ann.presenter.context.now = lambda: later
    look(ann)
    assert ann.stage["clock"]["state"] == "done"
    assert ann.act("clock-done")["type"] == "saved"
    assert "pass" in ann.offered


def test_a_new_kernel_finds_the_same_turn(consented: SessionRecord) -> None:
    ann, ben = a_couple(consented)
    agree(ann, ben)
    ann.act("pass")
    assert open_repair(consented, ANN).token == ann.token
    look(ben)
    assert open_repair(consented, BEN).token == ben.token


def test_another_evening_is_another_round_and_begins_with_the_roles(
    consented: SessionRecord,
) -> None:
    ann, ben = a_couple(consented)
    agree(ann, ben)
    ann.act("stop")
    look(ben)
    for hand, item in ((ann, "heard"), (ben, "waited")):
        hand.act("next")
        hand.answer(item, 4, exercise="repair")
        hand.act("next")
    ann.act("again")
    for _ in range(2):
        ann.act("next")
    ann.act("how-two")
    assert ann.token == "repair/2/talk/open"
    ann.act("speak")
    look(ben)
    ben.act("see-talk")
    ben.act("take")
    assert ben.token == "repair/2/talk/1-0-listener"
    assert {row.round for row in answers_of(consented, BEN) if row.item == "waited"} == {1}


def test_who_is_not_recorded_keeps_the_scenes_and_is_told_why(record: SessionRecord) -> None:
    let_consent(record, ANN, "not-recorded")
    let_consent(record, BEN)
    ann = go_to_how(record, ANN)
    assert "how-two" not in ann.offered
    assert "without recording" in ann.shown
    ann.act("how-alone")
    assert "scene-remark" in ann.offered


# -- One phone ----------------------------------------------------------------------------------


def share_phone(record: SessionRecord) -> None:
    for person in (ANN, BEN):
        writer = record.open_writer(person)
        writer.append_event(
            "shared-phone",
            exercise="",
            detail="",
            participant_id=person,
            dyad_id=COUPLE,
            event_id=new_event_id(),
        )
        writer.close()


def test_on_one_phone_the_listener_holds_it_through_the_whole_half(
    consented: SessionRecord,
) -> None:
    share_phone(consented)
    ann, ben = a_couple(consented)
    ann.act("speak")
    assert "Hand the phone over" in ann.shown
    assert [field["key"] for field in ann.stage["fields"]] == ["moment"]
    look(ben)
    ben.act("take")
    for turn in range(TURNS):
        ben.act("pass" if turn % 2 == 0 else "said")
    assert "first half" in ben.shown
    ben.act("swap")
    assert ben.token.endswith("/2-0-speaker")
    assert "hand the phone over" in ben.shown
    ben.act("pass")  # the speaker holds it for once, and goes on for both
    assert ben.stage["fields"] == []
    ben.act("said")
    look(ann)
    ann.act("pass")
    assert ann.token.endswith("/2-3-listener")
    assert "said" in ann.offered
    # What the listener says is kept as theirs alone: four of Ben's in the first half.
    assert len([row for row in answers_of(consented, BEN) if row.item.startswith("move-")]) == 4
    assert not [row for row in answers_of(consented, ANN) if row.item.startswith("move-")]


# -- Alone --------------------------------------------------------------------------------------


def play(hand: Hand, scene_key: str, choices: str, round_: int = 1) -> None:
    """Go through a scene; `w`: choose a move where there is one, `s`: choose a slip."""
    scene = PACK.scene(scene_key)
    hand.act(f"scene-{scene_key}")
    hand.act("next")
    at = scene.turns[0]
    for kind in choices:
        choice = next(c for c in at.choices if (c.moves if kind == "w" else c.slips))
        reply = hand.answer(f"{scene_key}-{at.id}", choice.key, exercise="repair", round=round_)
        assert reply["type"] == "saved"
        hand.act("next")
        at = scene.turn(choice.goes) or at


def test_a_scene_is_walked_through_and_says_which_moves_were_used(
    consented: SessionRecord,
) -> None:
    hand = go_to_how(consented, SOLO)
    assert "how-two" not in hand.offered
    hand.act("how-alone")
    play(hand, "remark", "wwww")
    assert hand.token.endswith("/scenes/remark/end")
    assert "You heard the hurt." in hand.shown
    assert "You asked how it was from where they sat." in hand.shown
    assert "Jonas" in hand.shown
    assert len([row for row in answers_of(consented, SOLO) if row.item.startswith("remark-")]) == 4
    hand.act("scenes")
    assert "done" in hand.shown


@pytest.mark.parametrize("scene", [scene.key for scene in PACK.scenes])
def test_every_scene_can_be_repaired_late(consented: SessionRecord, scene: str) -> None:
    hand = go_to_how(consented, SOLO)
    hand.act("how-alone")
    play(hand, scene, "sssw")
    assert hand.token.endswith("/end")
    assert "turned round later" in hand.shown


def test_a_scene_without_any_move_ends_without_shame_and_can_be_tried_again(
    consented: SessionRecord,
) -> None:
    hand = go_to_how(consented, SOLO)
    hand.act("how-alone")
    play(hand, "bicycle", "ssss")
    assert "It happens to all of us" in hand.shown
    hand.act("again")
    assert hand.token.endswith("/scenes/bicycle")


def test_who_skips_a_turn_leaves_its_scene_and_can_come_back_to_it(
    consented: SessionRecord,
) -> None:
    hand = go_to_how(consented, SOLO)
    hand.act("how-alone")
    play(hand, "mother", "w")
    hand.skip("mother-warm-1", exercise="repair")
    assert hand.act("next")["type"] == "saved"
    assert hand.token.endswith("/scenes")
    play(hand, "mother", "wwww")
    assert hand.token.endswith("/end")


def test_only_the_last_answer_stands_open_before_the_question(consented: SessionRecord) -> None:
    hand = go_to_how(consented, SOLO)
    hand.act("how-alone")
    play(hand, "call", "ww")
    folded, _, seen = hand.stage["html"].partition("</details>")
    assert folded.startswith("<details>")
    assert seen.count("<li") == 2


# -- Three face to face -------------------------------------------------------------------------


def go_to_part(record: SessionRecord, person: str, part: str) -> Hand:
    hand = go_to_how(record, person)
    hand.act("how-three")
    assert hand.answer("part", part, exercise="repair")["type"] == "saved"
    hand.act("next")
    return hand


def test_the_listener_among_three_goes_through_the_moves_alone(consented: SessionRecord) -> None:
    hand = go_to_part(consented, SOLO, "listen")
    assert "own version waits" in hand.shown
    hand.act("next")
    draft(hand, SLIPPING, "reply-1")
    draft(hand, "", "reply-1")
    draft(hand, SLIPPING, "reply-1")
    for action in ("said", "left-out", "back", "said", "said", "said"):
        hand.act(action)
    assert "I could wait with my version." in hand.stage["fields"][0]["label"]
    kept = given(consented, SOLO)
    assert [kept[f"move-{move}"] for move in MOVES] == ["1", "1", "1", "1"]
    assert kept["slip-rebuttal"] == "1"
    hand.act("back")
    assert hand.token.endswith("/listen")


def test_the_observer_counts_the_moves_and_rates_nobody(consented: SessionRecord) -> None:
    hand = go_to_part(consented, ANN, "observe")
    for count in (1, 2):
        hand.answer("seen-hearing-the-hurt", count, exercise="repair")
    hand.act("next")
    assert "word for word" in hand.shown
    hand.act("next")
    assert "One small thing for this week" in hand.shown
    assert given(consented, ANN)["seen-hearing-the-hurt"] == "2"


def test_the_speaker_among_three_says_it_and_marks_being_heard(consented: SessionRecord) -> None:
    hand = go_to_part(consented, BEN, "speak")
    assert [field["key"] for field in hand.stage["fields"]] == ["moment"]
    hand.act("next")
    assert hand.stage["fields"][0]["key"] == "heard"


# -- In groups that the facilitator made --------------------------------------------------------

EVA = "p-eva004"


def group(record: SessionRecord, *groups: tuple[str, ...], turn: int = 1, about: str = "") -> str:
    """Make groups as the desk does; returns the id of the act."""
    writer = record.open_writer("facilitator")
    detail = write_desk_act(groups=groups, turn=turn, about=about)
    row = writer.append_event("grouped", exercise="repair", detail=detail)
    writer.close()
    return row.event_id


def test_a_part_in_a_group_is_offered_and_begins_with_a_tap(consented: SessionRecord) -> None:
    split = group(consented, (ANN, EVA, SOLO), (BEN, "p-xyz005"))
    hand = open_repair(consented, SOLO)
    assert "In this round you observe." in hand.shown
    kinds = {action["id"]: action["kind"] for action in hand.stage["actions"]}
    assert kinds == {"see-group": "primary", "begin": "quiet"}
    # Nobody is led past the page that says when not to do this.
    hand.act("see-group")
    assert hand.token.endswith("/before")
    hand.act("see-group")
    assert hand.token == "repair/1/observe"
    assert "see-group" not in hand.offered
    kept = given(consented, SOLO)
    assert (kept["how"], kept["part"]) == ("three", "observe")
    (taken,) = [row for row in own_rows(consented, SOLO) if row.event == "part-taken"]
    assert split in taken.detail


def test_what_the_observer_tapped_stands_on_their_last_screen_and_nobody_elses(
    consented: SessionRecord,
) -> None:
    group(consented, (ANN, BEN, SOLO))
    observer, speaker = open_repair(consented, SOLO), open_repair(consented, ANN)
    for hand in (observer, speaker):
        hand.act("see-group")
        hand.act("see-group")
    before = state_of(speaker)
    for count in (1, 2):
        observer.answer("seen-hearing-the-hurt", count, exercise="repair")
    look(speaker)
    assert state_of(speaker) == before
    observer.act("next")
    assert "Heard the hurt: 2" in observer.shown
    assert "Asked how it was" not in observer.shown
    rows = [row for row in answers_of(consented, SOLO) if row.item.startswith("seen-")]
    assert [(row.value, row.text) for row in rows] == [("1", ""), ("2", "")]
    assert not [row for row in answers_of(consented, ANN) if row.item.startswith("seen-")]


def test_the_next_round_is_offered_and_nobody_is_torn_out_of_a_sentence(
    consented: SessionRecord,
) -> None:
    split = group(consented, (ANN, BEN, SOLO))
    hand = open_repair(consented, ANN)
    hand.act("see-group")
    hand.act("see-group")
    assert (hand.token, hand.stage["news"]) == ("repair/1/speak", "")
    group(consented, (BEN, SOLO, ANN), turn=2, about=split)
    look(hand)
    assert hand.token == "repair/1/speak"
    assert "Round 2 in your group. Now you observe." in hand.stage["news"]
    assert "Finish what you are at first" in hand.stage["news"]
    assert hand.offered[0] == "next"
    assert hand.offered[-1] == "see-group"
    hand.act("next")
    hand.act("next")
    assert hand.token.endswith("/closing")
    hand.act("see-group")
    assert hand.token == "repair/2/observe"
    hand.act("next")
    assert "Tell them what you saw" in hand.shown


def test_an_old_tap_begins_no_part_that_is_not_there_any_more(consented: SessionRecord) -> None:
    group(consented, (ANN, BEN, SOLO))
    hand = open_repair(consented, ANN)
    hand.act("begin")
    group(consented)
    hand.act("see-group")
    assert hand.token.endswith("/before")
    assert "see-group" not in hand.offered
    assert "part" not in given(consented, ANN)


def test_who_was_moved_is_offered_the_new_part_in_a_round_of_its_own(
    consented: SessionRecord,
) -> None:
    split = group(consented, (ANN, EVA), (BEN, SOLO))
    hand = open_repair(consented, BEN)
    hand.act("see-group")
    hand.act("see-group")
    assert hand.token == "repair/1/speak"
    group(consented, (ANN, EVA, BEN), (), about=split)
    look(hand)
    hand.act("see-group")
    assert hand.token == "repair/2/observe"
    # Somebody else moved: it is the same part in the same round.
    group(consented, (ANN, EVA, BEN, SOLO), (), about=split)
    look(hand)
    assert hand.stage["news"] == ""


def test_groups_made_anew_are_another_round_also_with_the_same_part(
    consented: SessionRecord,
) -> None:
    group(consented, (ANN, EVA))
    hand = open_repair(consented, ANN)
    for _ in range(2):
        hand.act("see-group")
    group(consented, (ANN, SOLO))
    look(hand)
    hand.act("see-group")
    assert hand.token == "repair/2/speak"


def test_a_new_kernel_finds_the_part_and_does_not_offer_it_again(
    consented: SessionRecord,
) -> None:
    group(consented, (ANN, EVA, SOLO))
    hand = open_repair(consented, SOLO)
    for _ in range(2):
        hand.act("see-group")
    again = open_repair(consented, SOLO)
    assert (again.token, again.stage["news"]) == ("repair/1/observe", "")


def test_who_is_not_recorded_has_a_part_too_and_nothing_of_it_is_kept(
    record: SessionRecord,
) -> None:
    let_consent(record, SOLO, "not-recorded")
    group(record, (ANN, BEN, SOLO))
    hand = open_repair(record, SOLO)
    for _ in range(2):
        hand.act("see-group")
    hand.answer("seen-hearing-the-hurt", 1, exercise="repair")
    hand.act("next")
    assert "Heard the hurt: 1" in hand.shown
    assert {row.event for row in own_rows(record, SOLO)} == {"joined", "consented"}


def test_whoever_is_left_of_a_group_has_no_part_any_more(consented: SessionRecord) -> None:
    group(consented, (ANN, SOLO))
    consented.withdraw(ANN, utc_now())
    assert "see-group" not in open_repair(consented, SOLO).offered


def test_a_withdrawal_changes_the_parts_of_whoever_stays_also_on_an_open_page(
    consented: SessionRecord,
) -> None:
    group(consented, (ANN, EVA, SOLO))
    hand = open_repair(consented, SOLO)
    assert "In this round you observe." in hand.shown
    consented.withdraw(ANN, utc_now())
    look(hand)
    assert "In this round you listen." in hand.shown


def test_in_a_closed_session_no_part_is_offered(consented: SessionRecord) -> None:
    group(consented, (ANN, SOLO))
    consented.close(utc_now(), "facilitator")
    assert "see-group" not in open_repair(consented, SOLO).offered


def test_a_part_is_offered_in_the_middle_of_a_talk_between_two_and_ends_nothing(
    consented: SessionRecord,
) -> None:
    ann, ben = a_couple(consented)
    agree(ann, ben)
    group(consented, (ANN, SOLO), (BEN, EVA))
    look(ann, ben)
    assert ann.token.endswith("/talk/1-0-speaker")
    assert (ann.offered[0], ann.offered[-1]) == ("pass", "see-group")
    ann.act("see-group")
    assert ann.token.endswith("/speak")
