"""How rules are applied to a text, on small rules of the tests' own."""

from __future__ import annotations

import sys
from dataclasses import replace
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.domain.coaching import Language, Remark, Rule, Rules, read_text
from reconnect_widgets.domain.phrases import Phrase, parse_phrase
from reconnect_widgets.domain.wording import Spelling

SPELLING = Spelling({"dont": ("do", "not")}, {"n't": "not"})


def phrases(*texts: str) -> tuple[Phrase, ...]:
    return tuple(parse_phrase(text, SPELLING, {}) for text in texts)


LANGUAGE = Language(
    spelling=SPELLING,
    common=frozenset(["you", "i", "the", "and", "not", "it", "was", "never", "on"]),
    elsewhere=frozenset(["du", "und", "nicht"]),
    doubt=phrases("not saying", "if", "you said"),
    irony=phrases("yeah right", "🙄"),
)
NEVER = Rule("never", "watch", phrases("you (x) never", "never"), unless=phrases("never mind"))
MOMENT = Rule("moment", "good", phrases("on monday/friday"))
BUT = Rule("but", "watch", phrases("but"), after=phrases("sorry"))
MANY = Rule("many", "watch", phrases("and"), at_least=3)
LAZY = Rule("lazy", "watch", phrases("you lazy"), without=frozenset(["moment"]))
NOTHING = Rule(
    "nothing", "watch", unless=phrases("hm"), without=frozenset(["moment", "never"]), from_words=4
)
RULES = Rules(LANGUAGE, (NEVER, MOMENT, BUT, MANY, LAZY, NOTHING))


def codes(text: str) -> list[str]:
    return [remark.code for remark in read_text(RULES, text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("you never", ["never"]),
        ("never mind you", []),
        ("on monday you", ["moment"]),
        ("it was and never on friday", ["never", "moment"]),
        # A remark that depends on what came before it, or was not found.
        ("sorry but the", ["but"]),
        ("but sorry the", []),
        ("sorry the. But", []),
        ("the and the and the and hm", ["many"]),
        ("the and the and hm it", []),
        ("you lazy", ["lazy"]),
        ("you lazy on monday", ["moment"]),
        ("it was the and", ["nothing"]),
        ("it was the", []),
        ("it was the hm and", []),
        # Where nobody can tell.
        ("I do not say it was not saying never", ["cannot-tell"]),
        ("if you never", ["cannot-tell"]),
        ('and "never" the on monday', ["cannot-tell", "moment"]),
        ("you said never", ["cannot-tell"]),
        ("yeah right on monday you", ["cannot-tell"]),
        ("on monday you 🙄. On friday you", ["cannot-tell", "moment"]),
        ('the "on monday" and you hm', []),
        ("if the. You never", ["never"]),
        ("if it was the it was not it was never", ["never"]),
        # Another language, or none.
        ("du never und", []),
        ("never abc def ghi jkl", []),
        ("אתה לא יודע never הרבה", []),
        ("", []),
        ("🙄", []),
    ],
)
def test_rules_say_exactly_this(text: str, expected: list[str]) -> None:
    assert codes(text) == expected


def test_a_remark_says_where() -> None:
    assert read_text(RULES, "Well, You never! On Friday it") == (
        Remark("never", "watch", 6, 15),
        Remark("moment", "good", 17, 26),
    )


def test_a_remark_about_something_missing_stands_at_the_end_of_the_text() -> None:
    assert read_text(RULES, "it was the and \n") == (Remark("nothing", "watch", 14, 14),)


def test_a_remark_is_made_once_at_its_first_place() -> None:
    assert read_text(RULES, "never, never it") == (Remark("never", "watch", 0, 5),)


def test_where_nobody_can_tell_nothing_is_called_missing() -> None:
    assert codes("if it was never it was the") == ["cannot-tell"]


TEXTS = st.text(max_size=120) | st.lists(
    st.sampled_from(
        [*("you", "I", "never", "mind", "if", "not", "saying", "on", "monday", "and", "sorry"),
         *("but", "dont", "don’t", "“", "”", '"', "'", ".", ",", "\n", "🙄", "du", "ħəł", "x" * 40)]
    ),
    max_size=60,
).map(" ".join)  # fmt: skip


@given(TEXTS, st.sampled_from([" ", "\n", "\t ", "\u00a0", "\u2003"]))
def test_any_text_is_read_alike_each_time_and_white_space_behind_it_changes_nothing(
    text: str, space: str
) -> None:
    remarks = read_text(RULES, text)
    assert remarks == read_text(RULES, text) == read_text(RULES, text + space)
    assert all(0 <= r.start <= r.end <= len(text) for r in remarks)
    assert list(remarks) == sorted(remarks, key=lambda r: (r.start, r.end, r.code))
    assert len({r.code for r in remarks}) == len(remarks)


def steps(text: str, rules: Rules = RULES) -> int:
    """Count the calls of Python functions that reading a text takes."""
    count = 0

    def tick(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    _ = rules.book  # made once, not for each text
    sys.setprofile(tick)
    try:
        read_text(rules, text)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "piece",
    ["you ", "you x ", "never ", "if you ", "and ", "sorry but ", "“ ", "' ", "a'", "..", "\n",
     "🙄 ", "x", "you said “never” ", "not "],
)  # fmt: skip
def test_a_text_twice_as_long_takes_at_most_twice_the_steps(piece: str) -> None:
    once, twice = steps(piece * 200), steps(piece * 400)
    assert twice <= 2 * once + 50


def test_a_phrase_made_to_be_slow_is_not() -> None:
    hard = Rule("hard", "watch", phrases("you ... you (you) (you) ... you (you) you never"))
    rules = replace(RULES, rules=(hard,))
    once, twice = steps("you " * 200, rules), steps("you " * 400, rules)
    assert twice <= 2.1 * once  # the last words of a text have less behind them
    assert once < 200 * 200
