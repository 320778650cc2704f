"""What a browser may say, and everything else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.errors import MessageError
from reconnect_widgets.workbook.messages import (
    ActionSaid,
    AnswerSaid,
    RefreshSaid,
    parse_message,
)

EVENT_ID = "01a1fcd4-98fd-7bbe-a521-b24a79a2138e"
ANSWER: dict[str, Any] = {
    "type": "answer",
    "event_id": EVENT_ID,
    "exercise": "checkup",
    "round": 1,
    "item": "presence-3",
    "status": "answered",
    "value": 4,
}
ACTION: dict[str, Any] = {
    "type": "action",
    "event_id": EVENT_ID,
    "stage": "checkup/1/intro",
    "action": "begin",
}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=8,
)


def test_an_answer_is_read() -> None:
    assert parse_message(ANSWER) == AnswerSaid(EVENT_ID, "checkup", 1, "presence-3", "answered", 4)


def test_a_skipped_question_has_no_value() -> None:
    said = parse_message({**ANSWER, "status": "skipped", "value": None})
    assert isinstance(said, AnswerSaid)
    assert said.value is None


def test_an_action_is_read() -> None:
    assert parse_message(ACTION) == ActionSaid(EVENT_ID, "checkup/1/intro", "begin")


def test_a_refresh_is_read() -> None:
    assert parse_message({"type": "refresh"}) == RefreshSaid()


@pytest.mark.parametrize(
    "changes",
    [
        {"value": True},
        {"value": 4.0},
        {"value": "4"},
        {"value": None},
        {"value": -1},
        {"value": 101},
        {"value": [4]},
        {"status": "skipped"},
        {"status": "Answered"},
        {"status": ["answered"]},
        {"round": 0},
        {"round": True},
        {"round": 1.0},
        {"round": "1"},
        {"round": 1000},
        {"item": ""},
        {"item": "Presence-3"},
        {"item": "presence-3\n"},
        {"item": "../presence"},
        {"item": "a" * 65},
        {"item": 3},
        {"item": None},
        {"exercise": "check up"},
        {"event_id": "1"},
        {"event_id": EVENT_ID.upper()},
        {"event_id": EVENT_ID.replace("-7", "-4", 1)},
        {"event_id": None},
        {"participant_id": "p-ann001"},
        {"type": "answers"},
        {"type": None},
        {"type": ["answer"]},
        {"type": {"answer": 1}},
    ],
)
def test_an_answer_with_anything_wrong_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(MessageError):
        parse_message({**ANSWER, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"stage": ""},
        {"stage": "Checkup/1"},
        {"stage": "checkup//1"},
        {"stage": 1},
        {"stage": "x" * 65},
        {"action": "be gin"},
        {"action": None},
        {"value": 3},
    ],
)
def test_an_action_with_anything_wrong_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(MessageError):
        parse_message({**ACTION, **changes})


@pytest.mark.parametrize("key", sorted(ANSWER))
def test_an_answer_with_a_key_missing_is_refused(key: str) -> None:
    with pytest.raises(MessageError):
        parse_message({name: value for name, value in ANSWER.items() if name != key})


def test_a_refusal_names_the_field_and_repeats_nothing() -> None:
    with pytest.raises(MessageError) as refused:
        parse_message({**ANSWER, "item": "My-Secret"})
    assert str(refused.value).startswith("item: expected")
    assert "Secret" not in str(refused.value)


@given(JSON)
def test_no_json_at_all_makes_it_raise_anything_else(content: object) -> None:
    with pytest.raises(MessageError):
        parse_message(content)


@given(st.sampled_from(sorted(ANSWER)), JSON)
def test_one_field_of_any_json_is_refused_or_read_as_what_it_is(name: str, value: object) -> None:
    message = {**ANSWER, name: value}
    try:
        said = parse_message(message)
    except MessageError:
        return
    assert isinstance(said, AnswerSaid)
    assert {"type": "answer", **vars(said)} == message
