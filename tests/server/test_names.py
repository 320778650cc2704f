"""What a person may be called, and a session."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.errors import JoinError, SessionError
from reconnect_widgets.server.names import parse_name, parse_title


@pytest.mark.parametrize(
    "name",
    [
        "Ada",
        "José",
        "עדי",
        "علی‌رضا",
        "साक्षी",
        "李娜",
        "O'Brien",
        "=A1",
        "👩‍👧",
        "x" * 40,
        "<b>Bo</b>",
    ],
)
def test_any_script_is_welcome(name: str) -> None:
    assert parse_name(name) == name


def test_blanks_are_tidied_and_accents_composed() -> None:
    assert parse_name("  Ada   Lovelace ") == "Ada Lovelace"
    assert parse_name("Jose\u0301") == "José"


@pytest.mark.parametrize(
    "name",
    [
        "a\u202eb",
        "a\u2066b",
        "a\x00b",
        "a\x1bb",
        "a\nb",
        "a\tb",
        "a\u2028b",
        "\u200d",
        "\ufeffa",
        "\u0301",
    ],
)
def test_what_cannot_be_seen_and_turns_text_around_is_refused(name: str) -> None:
    with pytest.raises(JoinError) as caught:
        parse_name(name)
    assert caught.value.reason == "bad-name"


@pytest.mark.parametrize("name", ["", "   ", "\u00a0"])
def test_no_name_is_incomplete(name: str) -> None:
    with pytest.raises(JoinError) as caught:
        parse_name(name)
    assert caught.value.reason == "incomplete"


def test_forty_one_characters_are_too_many() -> None:
    with pytest.raises(JoinError) as caught:
        parse_name("x" * 41)
    assert caught.value.reason == "bad-name"


@given(st.text(max_size=80))
def test_a_name_that_was_taken_is_taken_again_as_it_is(text: str) -> None:
    try:
        name = parse_name(text)
    except JoinError:
        return
    assert parse_name(name) == name
    assert 0 < len(name) <= 40


@pytest.mark.parametrize("title", ["", "  ", "x" * 81, "a\u202eb", "a\x07b"])
def test_a_title_that_cannot_be_shown_is_refused(title: str) -> None:
    with pytest.raises(SessionError):
        parse_title(title)
