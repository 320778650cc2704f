"""What a browser may say, and everything else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.errors import MessageError
from reconnect_widgets.server.channels import MAX_MESSAGE_BYTES
from reconnect_widgets.workbook.messages import (
    MAX_TEXT_LENGTH,
    ActionSaid,
    AnswerSaid,
    DraftSaid,
    HereSaid,
    RefreshSaid,
    TextSaid,
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
TEXT: dict[str, Any] = {
    "type": "text",
    "event_id": EVENT_ID,
    "exercise": "appreciation",
    "round": 2,
    "item": "line",
    "text": 'You made tea.\nTwice, 😀 ja: "schön" \u202eשלום',
}
DRAFT: dict[str, Any] = {
    "type": "draft",
    "stage": "appreciation/2/line",
    "field": "line",
    "seq": 7,
    "text": "You made",
}
WHOLE = {"answer": ANSWER, "action": ACTION, "text": TEXT, "draft": DRAFT}

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


def test_an_option_key_is_an_answer_too() -> None:
    said = parse_message({**ANSWER, "value": "not-now"})
    assert isinstance(said, AnswerSaid)
    assert said.value == "not-now"


def test_a_text_is_read_with_every_character_of_it() -> None:
    said = TextSaid(EVENT_ID, "appreciation", 2, "line", TEXT["text"])
    assert parse_message(TEXT) == said


def test_a_text_may_be_empty_and_as_long_as_the_limit() -> None:
    for text in ("", "😀" * MAX_TEXT_LENGTH):
        said = parse_message({**TEXT, "text": text})
        assert isinstance(said, TextSaid)
        assert said.text == text


def test_the_longest_text_is_far_below_what_the_server_lets_through() -> None:
    longest = {**TEXT, "text": "😀" * MAX_TEXT_LENGTH}
    assert len(json.dumps(longest)) < MAX_MESSAGE_BYTES / 2


def test_a_draft_is_read() -> None:
    assert parse_message(DRAFT) == DraftSaid("appreciation/2/line", "line", 7, "You made")


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "UTC", "EST5EDT"]
)
def test_where_somebody_is_is_read_by_the_name_of_the_zone(zone: str) -> None:
    assert parse_message({"type": "here", "zone": zone}) == HereSaid(zone)


@pytest.mark.parametrize(
    "zone",
    [
        "",
        "/etc/passwd",
        "../passwd",
        "Europe/",
        "Europe//Berlin",
        "a/b/c/d",
        "a b",
        "x" * 65,
        3,
        None,
    ],
)
def test_what_is_not_the_name_of_a_zone_is_refused(zone: object) -> None:
    with pytest.raises(MessageError):
        parse_message({"type": "here", "zone": zone})


@pytest.mark.parametrize(
    "text", ["x" * (MAX_TEXT_LENGTH + 1), "a\x00b", "half \ud83d", None, 3, ["a"], {"a": 1}]
)
def test_a_text_that_can_not_be_kept_is_refused_and_not_repeated(text: object) -> None:
    for message in (TEXT, DRAFT):
        with pytest.raises(MessageError) as refused:
            parse_message({**message, "text": text})
        assert str(refused.value).startswith("text: expected at most")


@pytest.mark.parametrize(
    ("message", "changes"),
    [
        (TEXT, {"item": "Line"}),
        (TEXT, {"round": 0}),
        (TEXT, {"event_id": "1"}),
        (TEXT, {"status": "answered"}),
        (DRAFT, {"seq": 0}),
        (DRAFT, {"seq": 1.0}),
        (DRAFT, {"seq": 10**9}),
        (DRAFT, {"stage": "Appreciation"}),
        (DRAFT, {"field": "../line"}),
        (DRAFT, {"event_id": EVENT_ID}),
    ],
)
def test_a_text_or_draft_with_anything_wrong_is_refused(
    message: dict[str, Any], changes: dict[str, Any]
) -> None:
    with pytest.raises(MessageError):
        parse_message({**message, **changes})


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
        {"value": 1000},
        {"value": ""},
        {"value": "Not now"},
        {"value": "not-now\n"},
        {"value": "a" * 65},
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


@given(st.sampled_from(sorted(WHOLE)), st.data(), JSON)
def test_one_field_of_any_json_is_refused_or_read_as_what_it_is(
    kind: str, data: st.DataObject, value: object
) -> None:
    name = data.draw(st.sampled_from(sorted(WHOLE[kind])))
    message = {**WHOLE[kind], name: value}
    try:
        said = parse_message(message)
    except MessageError:
        return
    assert {"type": kind, **vars(said)} == message
