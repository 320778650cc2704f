"""What a coach remarks on in a line that somebody writes: rules as data, read one way.

What belongs here: how rules are applied to a text. What does not: the phrases and the words that
people read (the packs), and the text itself, which is never kept, logged or put into an error.

Precision goes before recall: a coach that nags wrongly is worse than one that is silent. So

- a text that is not mostly in the coach's language is read in silence;
- what stands in quotation marks, behind "I am not saying that", "if" or "you said", or beside a
  sign of irony, may mean the opposite: the coach says that it can not tell;
- each remark is made once, at its first place, however often it would fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from reconnect_widgets.domain.phrases import Phrase, PhraseBook, Span
from reconnect_widgets.domain.wording import Spelling, Word, split_words

Tone = Literal["good", "watch", "unsure"]
CANNOT_TELL = "cannot-tell"

# How many words a "not saying that" or "if" reaches ahead.
DOUBT_REACHES = 8


@dataclass(frozen=True)
class Remark:
    """One thing noticed.

    Attributes
    ----------
    start, end
        Where, in characters of the text. Both at the end of the text (without the white space
        behind it) when something is missing.
    """

    code: str
    tone: Tone
    start: int
    end: int


@dataclass(frozen=True)
class Rule:
    """When to make one remark.

    Attributes
    ----------
    phrases
        Any of them makes the remark. None: the remark is that something is missing, and it is made
        at the end of the text, from `from_words` words on.
    without
        The remark is made only when none of these, whose rules stand above it, was made.
    unless
        An occurrence that shares a word with one of these does not count. In a rule about
        something missing: any of them anywhere keeps it silent.
    after
        When there are any: an occurrence only counts behind one of these, in the same sentence.
    at_least
        So many occurrences, apart from one another, it takes.
    """

    code: str
    tone: Literal["good", "watch"]
    phrases: tuple[Phrase, ...] = ()
    unless: tuple[Phrase, ...] = ()
    after: tuple[Phrase, ...] = ()
    at_least: int = 1
    without: frozenset[str] = frozenset()
    from_words: int = 1


@dataclass(frozen=True)
class Language:
    """What every coach of one language knows.

    Attributes
    ----------
    common, elsewhere
        Everyday words of this language, and of others, by which a text is taken to be in it.
    doubt
        Phrases behind which a slip may not be meant: "I am not saying", "you said", "if".
    irony
        Signs that a sentence may mean the opposite.
    """

    spelling: Spelling = field(default_factory=Spelling)
    common: frozenset[str] = frozenset()
    elsewhere: frozenset[str] = frozenset()
    doubt: tuple[Phrase, ...] = ()
    irony: tuple[Phrase, ...] = ()


@dataclass(frozen=True)
class Rules:
    """All that one coach goes by."""

    language: Language
    rules: tuple[Rule, ...]

    @cached_property
    def book(self) -> PhraseBook:
        """The phrases of all rules, to be found in one pass."""
        named: dict[str, Iterable[Phrase]] = {
            "doubt": self.language.doubt,
            "irony": self.language.irony,
        }
        for number, rule in enumerate(self.rules):
            named[f"phrases {number}"] = rule.phrases
            named[f"unless {number}"] = rule.unless
            named[f"after {number}"] = rule.after
        return PhraseBook(named)


def read_text(rules: Rules, text: str) -> tuple[Remark, ...]:
    """Return the remarks in the order of the text; none when there is nothing to say for sure.

    The same text always gives the same remarks, and white space at its end changes nothing. It
    takes time that grows with the length of the text and no faster.
    """
    words = split_words(text, rules.language.spelling)
    if not _is_in_language(words, rules.language):
        return ()
    found = rules.book.find(words)
    context = _Context(words, found)
    remarks: list[Remark] = []
    made: set[str] = set()
    unsure: list[Span] = []
    for number, rule in enumerate(rules.rules):
        if not rule.phrases or not rule.without.isdisjoint(made):
            continue
        spans, doubtful = _sort_out(rule, number, context)
        if len(spans) + len(doubtful) >= rule.at_least:
            unsure += doubtful
        if len(spans) >= rule.at_least:
            remarks.append(_remark(rule.code, rule.tone, spans[rule.at_least - 1], words))
            made.add(rule.code)
    if unsure:
        first = min(unsure, key=lambda span: (span.first, span.last))
        remarks.append(_remark(CANNOT_TELL, "unsure", first, words))
    else:
        remarks += _missing(rules, text, context, made)
    remarks.sort(key=lambda remark: (remark.start, remark.end, remark.code))
    return tuple(remarks)


def _missing(rules: Rules, text: str, context: _Context, made: set[str]) -> Iterator[Remark]:
    end = len(text.rstrip())
    n_words = len({word.start for word in context.words if not word.is_sign})
    for number, rule in enumerate(rules.rules):
        if (
            not rule.phrases
            and n_words >= rule.from_words
            and rule.without.isdisjoint(made)
            and not context.found[f"unless {number}"]
        ):
            yield Remark(rule.code, rule.tone, end, end)


def _is_in_language(words: tuple[Word, ...], language: Language) -> bool:
    plain = [word.form for word in words if not word.is_sign]
    here = sum(form in language.common for form in plain)
    elsewhere = sum(form in language.elsewhere for form in plain)
    return here * 4 >= len(plain) > 0 and here > elsewhere


class _Context:
    """What stands around the words of one text; made once, so that rules need not look again."""

    def __init__(self, words: tuple[Word, ...], found: Mapping[str, tuple[Span, ...]]) -> None:
        self.words, self.found = words, found
        self.ironic = {words[span.first].sentence for span in found["irony"]}
        self.doubted: set[int] = set()
        for span in found["doubt"]:
            sentence = words[span.first].sentence
            for index in range(span.last, min(span.last + DOUBT_REACHES, len(words))):
                if words[index].sentence == sentence:
                    self.doubted.add(index)


def _sort_out(rule: Rule, number: int, context: _Context) -> tuple[list[Span], list[Span]]:
    """Return the occurrences that count, apart from one another, and those perhaps not meant."""
    words, found = context.words, context.found
    barred = {i for span in found[f"unless {number}"] for i in range(span.first, span.last)}
    opened: dict[int, int] = {}
    for span in found[f"after {number}"]:
        opened.setdefault(words[span.first].sentence, span.last)
    spans: list[Span] = []
    doubtful: list[Span] = []
    free_from = 0
    for span in found[f"phrases {number}"]:
        inside = range(span.first, span.last)
        sentence = words[span.first].sentence
        if span.first < free_from or not barred.isdisjoint(inside):
            continue
        if rule.after and span.first < opened.get(sentence, len(words)):
            continue
        quoted = any(words[i].is_quoted for i in inside)
        if sentence in context.ironic or (
            rule.tone == "watch" and (quoted or span.first in context.doubted)
        ):
            doubtful.append(span)
        elif not quoted:
            spans.append(span)
            free_from = span.last
    return spans, doubtful


def _remark(code: str, tone: Tone, span: Span, words: tuple[Word, ...]) -> Remark:
    return Remark(code, tone, words[span.first].start, words[span.last - 1].end)
