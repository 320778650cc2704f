"""Who this is for, how answers are kept, and a choice of two that weigh the same."""

from __future__ import annotations

import pytest

from reconnect_widgets.domain.people import PartnerPolicy
from reconnect_widgets.records import SessionRecord
from reconnect_widgets.system import new_event_id, utc_now
from reconnect_widgets.workbook.context import load_context
from reconnect_widgets.workbook.pages import SafetyPage, WelcomePage
from tests.workbook.hand import ANN, Hand, let_consent, make_session, open_context, own_rows


def open_welcome(record: SessionRecord) -> Hand:
    return Hand(WelcomePage(open_context(record, ANN)))


def go_to_consent(hand: Hand) -> None:
    while hand.token != "welcome/consent":
        assert hand.act("on")["type"] == "saved"


def test_reading_is_not_recorded(record: SessionRecord) -> None:
    go_to_consent(open_welcome(record))
    assert [row.event for row in own_rows(record, ANN)] == ["joined"]


@pytest.mark.parametrize("policy", ["limited-secrets", "no-secrets"])
def test_the_rule_between_partners_is_the_one_of_this_session(
    policy: PartnerPolicy, tmp_path: object
) -> None:
    hand = open_welcome(make_session(tmp_path / "data", policy=policy))  # type: ignore[operator]
    tokens = {hand.token}
    while hand.token != "welcome/consent":
        hand.act("on")
        tokens.add(hand.token)
    assert {token for token in tokens if "partner-rule" in token} == {
        f"welcome/partner-rule-{policy}"
    }


def test_the_two_choices_look_the_same_and_neither_comes_as_the_main_one(
    record: SessionRecord,
) -> None:
    hand = open_welcome(record)
    go_to_consent(hand)
    kinds = {action["id"]: action["kind"] for action in hand.stage["actions"]}
    assert kinds == {
        "consent-recorded": "choice",
        "consent-not-recorded": "choice",
        "back": "quiet",
    }


@pytest.mark.parametrize("choice", ["recorded", "not-recorded"])
def test_the_choice_is_recorded_once_and_leads_on(record: SessionRecord, choice: str) -> None:
    hand = open_welcome(record)
    go_to_consent(hand)
    event_id = new_event_id()
    assert hand.act(f"consent-{choice}", event_id=event_id)["type"] == "saved"
    assert hand.act(f"consent-{choice}", event_id=event_id)["type"] == "saved"
    rows = [row for row in own_rows(record, ANN) if row.event == "consented"]
    assert [(row.event_id, row.private_detail) for row in rows] == [(event_id, {"consent": choice})]
    assert record.participants()[ANN].consent == choice
    assert hand.stage["actions"][0]["href"] == "/w/checkup"


def test_one_can_go_back_and_not_beyond_the_first_step(record: SessionRecord) -> None:
    hand = open_welcome(record)
    first = hand.token
    hand.act("on")
    hand.act("back")
    assert hand.token == first
    assert hand.act("back")["type"] == "not-saved"


def test_who_comes_back_is_told_what_they_chose_and_what_changing_it_means(
    record: SessionRecord,
) -> None:
    let_consent(record, ANN, "not-recorded")
    hand = open_welcome(record)
    assert hand.token == "welcome/consent"
    assert "So far you have chosen to take part without recording" in hand.shown
    assert "is not added" in hand.shown
    hand.act("consent-recorded")
    assert record.participants()[ANN].consent == "recorded"


def test_who_is_recorded_is_pointed_to_withdrawing(record: SessionRecord) -> None:
    let_consent(record, ANN, "recorded")
    assert 'href="/me/withdraw"' in open_welcome(record).stage["html"]


def test_an_answer_is_not_taken_on_the_welcome_page(record: SessionRecord) -> None:
    let_consent(record, ANN)
    assert open_welcome(record).answer("presence-1")["type"] == "not-saved"


def test_in_a_closed_session_no_choice_is_taken(record: SessionRecord) -> None:
    hand = open_welcome(record)
    go_to_consent(hand)
    record.close(utc_now(), "facilitator")
    reply = hand.act("consent-recorded")
    assert (reply["type"], reply["retry"]) == ("not-saved", False)
    assert record.participants()[ANN].consent is None


def test_who_was_withdrawn_is_asked_nothing_more(record: SessionRecord) -> None:
    hand = Hand(WelcomePage(open_context(record, ANN)))
    record.withdraw(ANN, utc_now(), actor="cli")
    hand.say({"type": "refresh"})
    assert "withdrawn" in hand.shown
    assert [action["href"] for action in hand.stage["actions"]] == ["/"]


def test_a_choice_outside_a_session_is_kept_nowhere_and_says_so() -> None:
    hand = Hand(WelcomePage(load_context()))
    assert "nothing is recorded" in hand.presenter.page.notice
    go_to_consent(hand)
    hand.act("consent-recorded")
    assert hand.presenter.context.is_recorded is False


def test_safety_has_every_number_and_notes_nothing(record: SessionRecord) -> None:
    let_consent(record, ANN)
    before = own_rows(record, ANN)
    hand = Hand(SafetyPage(open_context(record, ANN)))
    hand.say({"type": "refresh"})
    for number in ("8007997233", "988", "08082000247", "08088010327"):
        assert f'href="tel:{number}"' in hand.stage["html"]
    assert hand.stage["actions"] == []
    assert own_rows(record, ANN) == before
