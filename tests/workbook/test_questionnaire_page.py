"""A questionnaire that a facilitator added is a page by itself: answered, then shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconnect_widgets import content
from reconnect_widgets.workbook.pages import make_page
from tests.content.test_own_packs import EASE
from tests.workbook.hand import SOLO, Hand, answers_of, let_consent, make_session, open_context


@pytest.fixture
def hand(tmp_path: Path) -> Iterator[Hand]:
    record = make_session(tmp_path)
    folder = record.folder.parents[1] / "content"
    folder.mkdir()
    (folder / "ease.yaml").write_text(EASE, "utf-8")
    let_consent(record, SOLO)
    yield Hand(make_page("evening-ease", open_context(record, SOLO)))
    content.use_own_packs(None)


def test_it_is_answered_and_shown_as_a_percentage_of_what_was_possible(hand: Hand) -> None:
    hand.act("begin")
    assert hand.answer("ease-1", 0, exercise="evening-ease")["type"] == "saved"
    hand.act("finish")
    assert "100 of 100" in hand.shown  # keyed -1: not hurried at all is all the ease there is
    assert "Example and Other" in hand.shown
    rows = answers_of(hand.presenter.context.record, SOLO)
    assert [(row.exercise, row.item, row.value) for row in rows] == [
        ("evening-ease", "ease-1", "0")
    ]


def test_too_few_answers_give_no_figure(hand: Hand) -> None:
    hand.act("begin")
    hand.act("finish")
    assert "Too few answers" in hand.shown
