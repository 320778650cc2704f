"""How a text becomes words: spelling, sentences, quotations, and where each word stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.domain.wording import Spelling, split_words

SPELLING = Spelling(
    {"u": ("you",), "dont": ("do", "not"), "can't": ("can", "not"), "mum": ("mom",)},
    {"n't": "not", "'re": "are", "'s": ""},
)


def forms(text: str) -> list[str]:
    return [word.form for word in split_words(text, SPELLING)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("You DON'T", ["you", "do", "not"]),
        ("you don’t", ["you", "do", "not"]),
        ("u dont", ["you", "do", "not"]),
        ("can´t", ["can", "not"]),
        ("You're", ["you", "are"]),
        ("Mum's tea", ["mom", "tea"]),
        ("sooo neverrrr", ["so", "never"]),
        ("at 7:30pm, 20.15 or 1000", ["at", "7:30pm", "20.15", "or", "1000"]),
        ("done.Then so:what", ["done", "then", "so", "what"]),
        ("half-hearted", ["half", "hearted"]),
        ("tea 😊 x", ["tea", "😊", "x"]),
        ("", []),
        (" \n…?! ", []),
    ],
)
def test_words_are_compared_as_they_are_meant(text: str, expected: list[str]) -> None:
    assert forms(text) == expected


def test_words_spelt_out_stand_where_the_written_word_stood() -> None:
    words = split_words("Hm, you don’t!", SPELLING)
    assert [(w.form, w.start, w.end) for w in words] == [
        ("hm", 0, 2),
        ("you", 4, 7),
        ("do", 8, 13),
        ("not", 8, 13),
    ]


def test_a_sentence_ends_at_its_mark_and_at_a_new_line_but_not_at_dots() -> None:
    words = split_words("One. Two?! three\nfour... five", SPELLING)
    assert [word.sentence for word in words] == [0, 1, 2, 3, 3]
    assert [word.opens for word in words] == [True, True, True, True, True]


def test_a_forgotten_space_between_sentences_ends_one_all_the_same() -> None:
    assert [word.sentence for word in split_words("done.Then 7.30", SPELLING)] == [0, 1, 1]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('you said "never ever" again', ["never", "ever"]),
        ("you said “never” again", ["never"]),
        ("you said ‘never’ again", ["never"]),
        ("you said 'never' again", ["never"]),
        ("du sagst „immer“ so", ["immer"]),
        ("tu dis «toujours» ici", ["toujours"]),
        ("my parents' house, your sister's", []),
        ("my parents' house and my sisters' room", []),
        ('an open "quote goes nowhere', []),
        ('"the whole line is one quotation"', []),
        ("“the whole line” 😊", []),
    ],
)
def test_what_stands_between_quotation_marks_is_marked(text: str, quoted: list[str]) -> None:
    assert [w.form for w in split_words(text, SPELLING) if w.is_quoted] == quoted


@given(st.text(max_size=200))
def test_words_stand_within_the_text_in_order(text: str) -> None:
    words = split_words(text, SPELLING)
    assert all(0 <= word.start < word.end <= len(text) for word in words)
    assert all(word.form for word in words)
    places = [(word.start, word.sentence) for word in words]
    assert places == sorted(places)
