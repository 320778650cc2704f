"""An exercise of steps, as a person goes through it: on, back, skipped, left, found again."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconnect_widgets.workbook.pages import make_page
from tests.workbook.hand import (
    ANN,
    SOLO,
    Hand,
    answers_of,
    let_consent,
    make_session,
    open_context,
    own_rows,
)


def open_exercise(record, person: str, key: str = "service") -> Hand:
    return Hand(make_page(key, open_context(record, person)))


@pytest.fixture
def record(tmp_path: Path):
    record = make_session(tmp_path)
    let_consent(record, ANN)
    let_consent(record, SOLO)
    return record


def test_nothing_begins_before_the_choice_is_made(tmp_path: Path) -> None:
    hand = open_exercise(make_session(tmp_path), ANN)
    assert hand.offered == ["to-welcome"]
    assert "not yet said" in hand.shown


def test_a_whole_round_is_in_the_record(record) -> None:
    hand = open_exercise(record, ANN)
    hand.act("begin")
    assert hand.answer("found-by", "asked", exercise="service")["type"] == "saved"
    hand.act("next")
    hand.act("next")
    assert hand.answer("did-it", "done", exercise="service")["type"] == "saved"
    assert hand.skip("how-it-was", exercise="service")["type"] == "saved"
    hand.act("next")
    assert "One small thing for this week" in hand.shown
    given = {row.item: (row.status, row.value) for row in answers_of(record, ANN)}
    assert given == {
        "found-by": ("answered", "asked"),
        "did-it": ("answered", "done"),
        "how-it-was": ("skipped", ""),
    }
    events = [row.event for row in own_rows(record, ANN) if row.exercise == "service"]
    assert events.count("finished") == 1


def test_what_was_passed_over_is_recorded_as_skipped(record) -> None:
    hand = open_exercise(record, ANN)
    hand.act("begin")
    hand.act("next")
    assert [(r.item, r.status) for r in answers_of(record, ANN)] == [("found-by", "skipped")]


def test_a_new_kernel_shows_the_screen_that_was_left(record) -> None:
    hand = open_exercise(record, ANN)
    hand.act("begin")
    hand.answer("found-by", "noticed", exercise="service")
    hand.act("next")
    again = open_exercise(record, ANN)
    assert again.token == hand.token
    again.act("back")
    assert again.stage["answers"]["found-by"]["value"] == "noticed"


@pytest.mark.parametrize(
    ("item", "value"),
    [("found-by", "stolen"), ("found-by", 3), ("how-it-was", 6), ("no-such", 1), ("what", 1)],
)
def test_what_was_not_offered_is_refused_and_not_kept(record, item: str, value: object) -> None:
    hand = open_exercise(record, ANN)
    hand.act("begin")
    assert hand.answer(item, value, exercise="service")["type"] == "not-saved"
    assert answers_of(record, ANN) == []


def test_a_text_for_the_screen_alone_is_never_kept(record) -> None:
    hand = open_exercise(record, ANN)
    message = {"type": "text", "exercise": "service", "round": 1, "item": "what", "text": "bins"}
    reply = hand.say({**message, "event_id": "0199a0e0-0000-7000-8000-000000000001"})
    assert reply is not None
    assert reply["type"] == "not-saved"
    assert "bins" not in repr(own_rows(record, ANN))


def test_the_small_thing_can_be_taken_along_once(record) -> None:
    hand = open_exercise(record, ANN)
    hand.act("begin")
    for _ in range(3):
        hand.act("next")
    hand.act("carry")
    assert "carry" not in hand.offered
    assert [r.event for r in own_rows(record, ANN)].count("carried") == 1
    assert "to-one-small-thing" in hand.offered


def test_a_second_round_begins_empty_and_keeps_the_first(record) -> None:
    hand = open_exercise(record, ANN)
    hand.act("begin")
    hand.answer("found-by", "asked", exercise="service")
    for _ in range(3):
        hand.act("next")
    hand.act("again")
    assert hand.stage["answers"]["found-by"]["status"] == ""
    hand.answer("found-by", "noticed", exercise="service", round=2)
    assert {(r.round, r.value) for r in answers_of(record, ANN) if r.item == "found-by"} == {
        (1, "asked"),
        (2, "noticed"),
    }


@pytest.mark.parametrize("key", ["touch", "one-sided"])
def test_only_who_leaves_it_is_told_that_not_now_is_fine(record, key: str) -> None:
    hand = open_exercise(record, SOLO, key)
    hand.act("begin")
    leaving = hand.presenter.progress.place
    hand.act("leave-it")
    assert hand.presenter.progress.place.step == "not-now"
    hand.act("back")
    assert hand.presenter.progress.place == leaving
    hand.act("leave-it")
    hand.act("next")
    assert "One small thing for this week" in hand.shown
    hand.act("again")
    assert len(hand.presenter.places()) > 3
    assert "not-now" not in hand.presenter.places()
