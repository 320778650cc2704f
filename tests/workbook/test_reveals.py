"""Looking together: nothing is seen before both said yes, and of touch only what both want."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconnect_widgets.system import new_event_id
from reconnect_widgets.workbook.pages import make_page
from tests.workbook.hand import ANN, BEN, Hand, let_consent, make_session, open_context, own_rows

MENU = ("hand-on-back", "hug-hello", "sit-close")


@pytest.fixture
def record(tmp_path: Path):
    record = make_session(tmp_path)
    for person in (ANN, BEN):
        let_consent(record, person)
    return record


def go_to(record, person: str, key: str, step: str) -> Hand:
    hand = Hand(make_page(key, open_context(record, person)))
    hand.act("begin")
    while f"/{step}" not in hand.token:
        hand.act("finish" if "finish" in hand.stage else "next")
    return hand


def mark(record, person: str, *values: str) -> Hand:
    hand = go_to(record, person, "touch", "menu")
    for item, value in zip(MENU, values, strict=True):
        assert hand.answer(item, value, exercise="touch")["type"] == "saved"
    hand.act("finish")
    return hand


def test_only_what_both_marked_yes_is_shown_and_only_when_both_said_yes(record) -> None:
    ann, ben = mark(record, ANN, "yes", "yes", "maybe"), mark(record, BEN, "yes", "not-now", "yes")
    ann.act("release")
    assert "see-both" not in ann.offered
    ben.act("release")
    ann.say({"type": "refresh"})
    for hand in (ann, ben):
        hand.act("see-both")
        assert "A hand on the back in passing" in hand.shown
        assert "A real hug" not in hand.shown
        assert "Sitting close" not in hand.shown


@pytest.mark.parametrize("released", [False, True])
@pytest.mark.parametrize("theirs", [("yes", "yes", "yes"), ("not-now", "not-now", "not-now")])
def test_until_both_said_yes_the_page_is_the_same_whatever_the_other_did(
    record, theirs: tuple[str, ...], released: bool
) -> None:
    ann = mark(record, ANN, "yes", "yes", "maybe")
    before = ann.stage
    ben = mark(record, BEN, *theirs)
    if released:
        ben.act("release")
    ann.say({"type": "refresh"})
    assert ann.stage == before


def test_marks_are_fixed_from_the_release_until_it_is_taken_back(record) -> None:
    ann = mark(record, ANN, "yes", "yes", "maybe")
    ann.act("release")
    assert ann.answer("hug-hello", "not-now", exercise="touch")["type"] == "not-saved"
    ann.act("unrelease")
    assert ann.answer("hug-hello", "not-now", exercise="touch")["type"] == "saved"


def test_nothing_in_common_is_said_kindly(record) -> None:
    ann, ben = mark(record, ANN, "yes", "maybe", "maybe"), mark(record, BEN, "maybe", "yes", "yes")
    for hand in (ann, ben):
        hand.act("release")
    ann.say({"type": "refresh"})
    ann.act("see-both")
    assert "nothing that you both marked yes" in ann.shown
    assert "hand on the back" not in ann.shown


def choose_three(record, person: str, own: list[str], guesses: list[str]) -> Hand:
    hand = go_to(record, person, "intimacy", "first")
    for n, value in enumerate(own, 1):
        hand.answer(f"own-{n}", value, exercise="intimacy")
    for n, value in enumerate(guesses, 1):
        hand.answer(f"guess-{n}", value, exercise="intimacy")
    while not hand.token.endswith("release/offered"):
        hand.act("next")
    return hand


def test_both_see_both_lists_and_how_close_the_guesses_came(record) -> None:
    ann = choose_three(record, ANN, ["talk", "hold", "cook"], ["sex", "laugh", "plan"])
    ben = choose_three(record, BEN, ["laugh", "sex", "look"], ["hold", "quiet", "pray"])
    ben.act("release")
    assert "Being held" not in ben.shown
    ann.act("release")
    ann.act("see-both")
    assert "A look across a full room" in ann.shown
    assert "Of your guesses, 2 stood on their list." in ann.shown
    assert "Of their guesses, 1 stood on yours." in ann.shown


def test_a_couple_of_which_one_is_not_recorded_can_not_look(tmp_path: Path) -> None:
    record = make_session(tmp_path)
    let_consent(record, ANN, "not-recorded")
    ann = mark(record, ANN, "yes", "yes", "yes")
    assert "release" not in ann.offered
    assert "without recording" in ann.shown
    assert [row.event for row in own_rows(record, ANN)] == ["joined", "consented"]


def look_at_touch(record) -> tuple[Hand, Hand]:
    ann, ben = mark(record, ANN, "yes", "yes", "maybe"), mark(record, BEN, "yes", "not-now", "yes")
    for hand in (ann, ben):
        hand.act("release")
    ann.say({"type": "refresh"})
    for hand in (ann, ben):
        hand.act("see-both")
    return ann, ben


def test_one_to_give_and_one_to_receive_are_chosen_from_what_both_want(record) -> None:
    ann, _ = look_at_touch(record)
    ann.act("next")
    fields = {field["key"]: field for field in ann.stage["fields"]}
    assert list(fields) == ["give", "receive", "when"]
    for key in ("give", "receive"):
        assert [option["value"] for option in fields[key]["options"]] == ["hand-on-back"]
    assert ann.answer("give", "hug-hello", exercise="touch")["type"] == "not-saved"
    assert ann.answer("give", "hand-on-back", exercise="touch")["type"] == "saved"


@pytest.mark.parametrize("released", [False, True])
def test_before_both_have_looked_nothing_can_be_tried_out_on_the_plan(
    record, released: bool
) -> None:
    ann = mark(record, ANN, "yes", "yes", "maybe")
    ben = mark(record, BEN, "yes", "not-now", "yes")
    if released:
        ben.act("release")
    assert "plan" not in [step.id for step in ann.presenter.steps]
    for item in MENU:
        assert ann.answer("give", item, exercise="touch")["type"] == "not-saved"


def test_what_one_added_is_seen_by_the_other_when_both_said_yes(record) -> None:
    ben = choose_three(record, BEN, ["own", "sex", "look"], ["hold", "quiet", "pray"])
    added = {"exercise": "intimacy", "round": 1, "item": "own-1-words", "text": "Our <b>river</b>"}
    ben.say({"type": "text", "event_id": new_event_id(), **added})
    ann = choose_three(record, ANN, ["talk", "hold", "cook"], ["own", "laugh", "plan"])
    ann.act("release")
    ann.say({"type": "refresh"})
    assert ann.stage["quotes"] == []
    ben.act("release")
    ann.say({"type": "refresh"})
    ann.act("see-both")
    assert "Something of their own" in ann.shown
    assert [quote["text"] for quote in ann.stage["quotes"]] == ["Our <b>river</b>"]
    assert "river" not in ann.shown
    assert "Of your guesses, 1 stood on their list." in ann.shown
