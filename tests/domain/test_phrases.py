"""The language of phrases: what it finds, what it refuses, and that no phrase can make it slow."""

from __future__ import annotations

import pytest

from reconnect_widgets.domain.phrases import (
    GAP,
    PhraseBook,
    PhraseError,
    Span,
    find_beginnings,
    parse_phrase,
)
from reconnect_widgets.domain.wording import Spelling, split_words

SPELLING = Spelling({"dont": ("do", "not")}, {"n't": "not", "'re": "are"})
LISTS = {
    "day": tuple(
        parse_phrase(text, SPELLING, {}) for text in ("monday", "last night", "<digits> days ago")
    )
}


def find(phrase: str, text: str) -> list[str]:
    """Return what a phrase finds in a text, in the words of the text."""
    words = split_words(text, SPELLING)
    book = PhraseBook({"it": [parse_phrase(phrase, SPELLING, LISTS)]})
    spans = book.find(words)["it"]
    return [text[words[span.first].start : words[span.last - 1].end] for span in spans]


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("you never", "But You NEVER ask", ["You NEVER"]),
        ("you never", "you, never", ["you, never"]),
        ("you never", "you. Never", []),
        ("complain*", "no complaints, no complaining", ["complaints", "complaining"]),
        ("you *ed", "you cooked", ["you cooked"]),
        ("you *ed", "you cook", []),
        ("you (really) never/always", "you always", ["you always"]),
        ("you (really/just) never", "you really never", ["you really never"]),
        ("you (really) never", "you so never", []),
        ("you ... never", "you and I never", ["you and I never"]),
        ("you ... never", "you a b c d never", ["you a b c d never"]),
        ("you ... never", "you a b c d e never", []),
        ("you'd/do", "do", ["do"]),
        ("don't", "I dont, do not", ["dont", "do not"]),
        ("you are", "you’re", ["you’re"]),
        ("on <day>", "on Monday", ["on Monday"]),
        ("<day>", "it was 3 days ago", ["3 days ago"]),
        ("was <day>/today", "was last night", ["was last night"]),
        ("<digits>", "at 7pm", ["7pm"]),
        ("^ stop", "please stop", []),
        ("^ stop", "please, stop. Stop", ["stop", "Stop"]),
        ("🙄", "great 🙄", ["🙄"]),
        ("you do (really)", "you do really", ["you do really"]),
    ],
)
def test_a_phrase_finds_what_it_says(phrase: str, text: str, found: list[str]) -> None:
    assert find(phrase, text) == found


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("", "words"),
        ("^", "words"),
        ("... you", "begins with a word"),
        ("(really) you", "begins with a word"),
        ("you ...", "does not end with"),
        ("a ... b ... c ... d", "at most 2 gaps"),
        (" ".join("abcdefghijklm"), "1 to 12 words"),
        ("you (never)", "two words that must be there"),
        ("ab*", "three letters"),
        ("you *d", "three letters"),
        ("a*b", "words, and the signs"),
        ("<dya>", "one of the lists <day>, <digits>"),
        ("you/", "words, and the signs"),
        ("()", "words, and the signs"),
        ("you, never", "words, and the signs"),
        ("you (a b) c", "words, and the signs"),
        ("[a-z]+", "words, and the signs"),
    ],
)
def test_what_the_language_does_not_have_is_refused(phrase: str, expected: str) -> None:
    with pytest.raises(PhraseError) as caught:
        parse_phrase(phrase, SPELLING, LISTS)
    assert expected in caught.value.expected


def test_the_longest_occurrence_is_found() -> None:
    assert find("you ... never", "you never never") == ["you never never"]


def test_a_gap_is_short() -> None:
    words = split_words("you " + "x " * GAP + "never", SPELLING)
    book = PhraseBook({"it": [parse_phrase("you ... never", SPELLING, {})]})
    assert book.find(words)["it"] == (Span(0, GAP + 2),)


def test_a_phrase_known_by_an_ending_only_says_so() -> None:
    assert find_beginnings(parse_phrase("*ed you", SPELLING, {})).is_open
    assert not find_beginnings(parse_phrase("you *ed", SPELLING, {})).is_open
