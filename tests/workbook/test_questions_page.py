"""One deck between two phones: what one turns, both see; who answers first changes."""

from __future__ import annotations

from pathlib import Path

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


def open_cards(record, person: str) -> Hand:
    hand = Hand(make_page("questions", open_context(record, person)))
    hand.act("begin")
    hand.act("next")
    return hand


def a_couple(folder: Path) -> tuple[Hand, Hand]:
    record = make_session(folder)
    for person in (ANN, BEN):
        let_consent(record, person)
    return open_cards(record, ANN), open_cards(record, BEN)


def test_a_card_that_one_draws_lies_open_for_both(tmp_path: Path) -> None:
    ann, ben = a_couple(tmp_path)
    ann.act("draw")
    ben.say({"type": "refresh"})
    assert "rc-card" in ann.stage["html"]
    assert (
        ben.stage["html"].split("rc-card__text")[1][:60]
        == (ann.stage["html"].split("rc-card__text")[1][:60])
    )


def test_who_answers_first_changes_from_card_to_card(tmp_path: Path) -> None:
    ann, ben = a_couple(tmp_path)
    firsts = []
    for turner, other in ((ann, ben), (ben, ann)):
        turner.act("draw")
        other.say({"type": "refresh"})
        firsts.append(("You answer first" in ann.shown, "You answer first" in ben.shown))
        turner.act("answered")
        other.say({"type": "refresh"})
    assert firsts == [(True, False), (False, True)]


def test_what_is_said_is_nowhere_only_what_became_of_the_cards(tmp_path: Path) -> None:
    ann, _ = a_couple(tmp_path)
    ann.act("draw")
    ann.act("skip")
    ann.act("draw")
    ann.act("put-back")
    rows = answers_of(ann.presenter.context.record, ANN)
    assert [(row.status, row.value, row.text) for row in rows] == [
        ("answered", "drawn", ""),
        ("skipped", "", ""),
        ("answered", "drawn", ""),
        ("answered", "put-back", ""),
    ]


def test_all_thirty_six_can_be_drawn_and_then_there_is_none(tmp_path: Path) -> None:
    record = make_session(tmp_path)
    let_consent(record, SOLO)
    hand = open_cards(record, SOLO)
    for _ in range(36):
        hand.act("draw")
        hand.act("answered")
    assert "draw" not in hand.offered
    assert "no card left" in hand.shown
    assert len({row.item for row in answers_of(record, SOLO)}) == 36


def test_going_deeper_leaves_the_rest_of_a_set_behind(tmp_path: Path) -> None:
    ann, ben = a_couple(tmp_path)
    ann.act("deeper")
    ben.say({"type": "refresh"})
    assert "The second set" in ann.shown
    assert "The second set" in ben.shown
    ben.act("draw")
    assert answers_of(ben.presenter.context.record, BEN)[0].item in {
        f"q-{n}" for n in range(13, 25)
    }
