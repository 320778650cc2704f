"""What every page does with a message, before any exercise has its say."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconnect_widgets.records import Row, SessionRecord
from reconnect_widgets.system import new_event_id
from reconnect_widgets.workbook.messages import ActionSaid, DraftSaid, TextSaid
from reconnect_widgets.workbook.pages.presenter import Presenter
from tests.workbook.hand import (
    ANN,
    Hand,
    answers_of,
    checkup_of,
    open_checkup,
    open_context,
)

SECRET = "what nobody is to read"


class WritingPage(Presenter):
    """Keeps texts, and reads drafts; borrows its frame from the checkup."""

    key = "checkup"
    drafts: list[DraftSaid]
    fails = False

    def draw(self) -> None:
        self.drafts = []
        self.passage.show("checkup/1/write", heading="Write", html="")
        self.page.show_stage(self.passage)

    def take_text(self, said: TextSaid) -> Row:
        return self.context.record_answer(
            exercise=said.exercise,
            round_=said.round,
            item=said.item,
            status="answered",
            value=None,
            text=said.text,
            content_version="1",
            event_id=said.event_id,
        )

    def take_draft(self, said: DraftSaid) -> None:
        self.drafts.append(said)
        if self.fails:
            raise ValueError(said.text)

    def take_action(self, said: ActionSaid) -> None:
        return None


@pytest.fixture
def hand(consented: SessionRecord) -> Hand:
    return Hand(WritingPage(open_context(consented, ANN)))


def page_of(hand: Hand) -> WritingPage:
    assert isinstance(hand.presenter, WritingPage)
    return hand.presenter


def text(words: str) -> dict[str, Any]:
    said = {"type": "text", "event_id": new_event_id(), "exercise": "checkup", "round": 1}
    return {**said, "item": "line", "text": words}


def draft(words: str, stage: str = "checkup/1/write") -> dict[str, Any]:
    return {"type": "draft", "stage": stage, "field": "line", "seq": 1, "text": words}


def test_a_text_is_kept_before_it_is_called_saved(hand: Hand, consented: SessionRecord) -> None:
    reply = hand.say(text("=1+1 😀"))
    assert reply is not None
    assert (reply["type"], reply["item"]) == ("saved", "line")
    assert [row.text for row in answers_of(consented, ANN)] == ["=1+1 😀"]


def test_a_text_that_comes_twice_is_kept_once(hand: Hand, consented: SessionRecord) -> None:
    message = text("Tea.")
    assert hand.say(message) == hand.say(message)
    assert len(answers_of(consented, ANN)) == 1


def test_a_page_that_asks_for_no_text_refuses_it_for_good(consented: SessionRecord) -> None:
    class ReadingPage(WritingPage):
        take_text = Presenter.take_text

    reply = Hand(ReadingPage(open_context(consented, ANN))).say(text("Tea."))
    assert reply is not None
    assert (reply["type"], reply["retry"]) == ("not-saved", False)


def test_a_draft_reaches_the_coach_and_neither_record_nor_log(
    hand: Hand, consented: SessionRecord, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    before = (consented.folder / "journal").exists() and answers_of(consented, ANN)
    assert hand.say(draft(SECRET)) is None
    assert [each.text for each in page_of(hand).drafts] == [SECRET]
    assert answers_of(consented, ANN) == before
    assert SECRET not in caplog.text


def test_a_coach_that_breaks_is_silent_everywhere(
    hand: Hand, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    page_of(hand).fails = True
    assert hand.say(draft(SECRET)) is None
    assert len(page_of(hand).drafts) == 1
    assert caplog.records == []


def test_a_draft_for_a_screen_that_has_gone_is_let_go(hand: Hand) -> None:
    hand.say(draft("You", stage="checkup/1/before"))
    assert page_of(hand).drafts == []


def test_a_person_is_in_utc_until_their_browser_says_where(hand: Hand) -> None:
    context = hand.presenter.context
    assert context.zone is UTC
    assert hand.say({"type": "here", "zone": "Asia/Kolkata"}) is None
    instant = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
    assert instant.astimezone(context.zone).utcoffset() == timedelta(hours=5, minutes=30)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "Europe", "a" * 64])
def test_a_zone_that_nobody_knows_is_utc(hand: Hand, zone: str) -> None:
    hand.say({"type": "here", "zone": "Asia/Kolkata"})
    hand.say({"type": "here", "zone": zone})
    assert hand.presenter.context.zone is UTC


def test_an_answer_that_is_a_key_is_refused_by_the_checkup(consented: SessionRecord) -> None:
    checkup = open_checkup(consented, ANN)
    checkup.act("begin")
    item = checkup_of(checkup).outline.items[0]
    reply = checkup.answer(item, "often")
    assert (reply["type"], reply["retry"]) == ("not-saved", False)
