"""Coaches as packs: what a therapist writes, checked, and turned into the rules of `domain`.

What belongs here: the shape of the kinds `coach` and `coach-vocabulary`, and the coach that pages
ask. What does not: how rules are applied (`domain.coaching`), how phrases are read
(`domain.phrases`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from reconnect_widgets.content.schema import Key, Line, Part
from reconnect_widgets.domain.coaching import (
    CANNOT_TELL,
    Language,
    Rule,
    Rules,
    Tone,
    read_text,
)
from reconnect_widgets.domain.phrases import Phrase, parse_phrase
from reconnect_widgets.domain.wording import Spelling, fold

PhraseText = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Phrases = Annotated[tuple[PhraseText, ...], Field(max_length=500)]
Lists = Mapping[str, tuple[Phrase, ...]]


class WordList(Part):
    """Phrases with a name, so that other phrases can say ``<name>``."""

    name: Key
    phrases: Annotated[Phrases, Field(min_length=1)]


class CoachVocabulary(Part):
    """What all coaches of a language share; one file to a folder.

    Attributes
    ----------
    spellings
        Another way to write something, and the plain words for it.
    endings
        What words may end in, and the word it stands for (empty for none).
    common, elsewhere
        Everyday words of this language, and of others: a coach is silent in another language.
    doubt, irony
        Phrases behind which a slip may not be meant; signs that a sentence may mean the opposite.
    """

    kind: Literal["coach-vocabulary"]
    spellings: Annotated[dict[str, PhraseText], Field(max_length=500)]
    endings: Annotated[dict[str, Annotated[str, StringConstraints(max_length=20)]], Field()]
    common: Annotated[tuple[PhraseText, ...], Field(min_length=1, max_length=500)]
    elsewhere: Annotated[tuple[PhraseText, ...], Field(max_length=500)]
    doubt: Phrases
    irony: Phrases
    lists: Annotated[tuple[WordList, ...], Field(max_length=60)] = ()

    def spelling(self) -> Spelling:
        """Return how words are written in this language."""
        plain = {fold(written): tuple(words.split()) for written, words in self.spellings.items()}
        return Spelling(plain, self.endings)


class CoachRule(Part):
    """One thing that a coach notices.

    Attributes
    ----------
    words
        Said when it is noticed: what it was, and why it helps or gets in the way.
    phrases, unless, after, at_least
        See `domain.coaching.Rule`.
    when_none_of
        The remark is made only when none of these, whose rules stand above it, was made. Without
        phrases, that none of them was made is the remark itself.
    from_words
        From how many words on something missing is worth a remark.
    """

    code: Key
    tone: Literal["good", "watch"]
    words: Line
    phrases: Phrases = ()
    unless: Phrases = ()
    after: Phrases = ()
    at_least: Annotated[int, Field(ge=1, le=10)] = 1
    when_none_of: Annotated[tuple[Key, ...], Field(max_length=20)] = ()
    from_words: Annotated[int, Field(ge=1, le=100)] = 4


class CoachPack(Part):
    """A coach: what it looks for, in words and as rules.

    Attributes
    ----------
    looks_for
        Shown to whoever asks what the coach goes by.
    cannot_tell
        Said where a quotation, a joke or a "not" may have turned the meaning round.
    """

    kind: Literal["coach"]
    key: Key
    looks_for: Annotated[tuple[Line, ...], Field(min_length=1, max_length=12)]
    cannot_tell: Line
    lists: Annotated[tuple[WordList, ...], Field(max_length=60)] = ()
    rules: Annotated[tuple[CoachRule, ...], Field(min_length=1, max_length=40)]


@dataclass(frozen=True)
class Note:
    """One remark with its words, for the page; it holds nothing of the text."""

    code: str
    tone: Tone
    start: int
    end: int
    words: str


@dataclass(frozen=True)
class Coach:
    """Reads a line as it is typed, and answers at once, on this machine.

    Attributes
    ----------
    looks_for
        What it goes by, to be shown on request.
    codes
        Every code that a note can have, ``cannot-tell`` last.
    """

    key: str
    looks_for: tuple[str, ...]
    codes: tuple[str, ...]
    _rules: Rules = field(repr=False)
    _words: Mapping[str, str] = field(repr=False)

    def read(self, text: str) -> tuple[Note, ...]:
        """Return the notes in the order of the text, each code once at most. Keeps nothing."""
        return tuple(
            Note(remark.code, remark.tone, remark.start, remark.end, self._words[remark.code])
            for remark in read_text(self._rules, text)
        )


def build_coach(pack: CoachPack, shared: CoachVocabulary) -> Coach:
    """Make the coach of a pack that was checked."""
    spelling = shared.spelling()
    lists = build_lists(pack.lists, spelling, build_lists(shared.lists, spelling, {}))

    def parse(texts: tuple[str, ...]) -> tuple[Phrase, ...]:
        return tuple(parse_phrase(text, spelling, lists) for text in texts)

    language = Language(
        spelling=spelling,
        common=frozenset(form for word in shared.common for form in spelling.spell(word)),
        elsewhere=frozenset(form for word in shared.elsewhere for form in spelling.spell(word)),
        doubt=parse(shared.doubt),
        irony=parse(shared.irony),
    )
    rules = tuple(
        Rule(
            code=rule.code,
            tone=rule.tone,
            phrases=parse(rule.phrases),
            unless=parse(rule.unless),
            after=parse(rule.after),
            at_least=rule.at_least,
            without=frozenset(rule.when_none_of),
            from_words=rule.from_words,
        )
        for rule in pack.rules
    )
    words = {rule.code: rule.words for rule in pack.rules} | {CANNOT_TELL: pack.cannot_tell}
    return Coach(pack.key, pack.looks_for, tuple(words), Rules(language, rules), words)


def build_lists(entries: tuple[WordList, ...], spelling: Spelling, known: Lists) -> Lists:
    """Return the known lists and these, each of which may name those before it."""
    lists = dict(known)
    for entry in entries:
        lists[entry.name] = tuple(parse_phrase(text, spelling, lists) for text in entry.phrases)
    return lists
