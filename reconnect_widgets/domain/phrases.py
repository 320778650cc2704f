"""A small language for phrases that somebody who is not a programmer can write, and its reader.

What belongs here: what a phrase may say, and where phrases occur among the words of a text. What
does not: how a text becomes words (`wording`), what a phrase means (`coaching`), and any phrase
of a language (the packs).

Phrases are not regular expressions, for two reasons. A therapist can read and change them. And no
phrase, whoever wrote it, can make the reader slow: the places where a phrase may stand are followed
all at once, and gaps are short, so that the work grows with the length of the text and no faster.

In a phrase, words are separated by spaces, and:

- ``word*`` is any word that begins so (three letters or more before the star), ``*ed`` any that
  ends so (two or more; not as the first word of a phrase);
- ``a/b`` is either of them, ``(word)`` may be there or not, ``...`` is up to four words;
- ``<name>`` is any phrase of the list of that name, ``<digits>`` a word that begins with a digit;
- ``^`` at the beginning: only where a sentence or a part of one begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from reconnect_widgets.domain.wording import Spelling, Word, fold, is_word

GAP = 4
MOST_PARTS = 12
MOST_GAPS = 2
DIGITS = "digits"


@dataclass(frozen=True)
class Span:
    """Where a phrase occurs: from word `first` to before word `last`."""

    first: int
    last: int

    def overlaps(self, other: Span) -> bool:
        """Say whether the two share a word."""
        return self.first < other.last and other.first < self.last


class PhraseError(ValueError):
    """A phrase says something that the language does not have."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(f"expected {expected}, found {found}")
        self.expected, self.found = expected, found


# What a phrase is made of. Each follows a set of places in the text to the places after it.


@dataclass(frozen=True)
class _OneOf:
    """Any of these words, beginnings of words, or longer sequences."""

    forms: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    sequences: tuple[tuple[_Part, ...], ...] = ()
    is_digits: bool = False

    def after(self, words: tuple[Word, ...], places: set[int]) -> set[int]:
        found: set[int] = set()
        for place in places:
            if place < len(words):
                form = words[place].form
                if (
                    form in self.forms
                    or (self.prefixes and form.startswith(self.prefixes))
                    or (self.suffixes and form.endswith(self.suffixes))
                    or (self.is_digits and form[0].isdigit())
                ):
                    found.add(place + 1)
        for sequence in self.sequences:
            found |= _follow(sequence, words, places)
        return found


@dataclass(frozen=True)
class _Maybe:
    part: _OneOf

    def after(self, words: tuple[Word, ...], places: set[int]) -> set[int]:
        return places | self.part.after(words, places)


@dataclass(frozen=True)
class _Gap:
    def after(self, words: tuple[Word, ...], places: set[int]) -> set[int]:
        return {place + step for place in places for step in range(GAP + 1)}


_Part = _OneOf | _Maybe | _Gap


def _follow(sequence: tuple[_Part, ...], words: tuple[Word, ...], places: set[int]) -> set[int]:
    for part in sequence:
        if not places:
            break
        places = part.after(words, places)
    return places


@dataclass(frozen=True)
class Phrase:
    """A phrase that was understood. Made by `parse_phrase`."""

    parts: tuple[_Part, ...]
    at_opening: bool = False

    def find_at(self, words: tuple[Word, ...], first: int) -> Span | None:
        """Return the longest occurrence that begins at this word, within its sentence."""
        if self.at_opening and not words[first].opens:
            return None
        sentence = words[first].sentence
        ends = _follow(self.parts, words, {first})
        within = [
            end for end in ends if first < end <= len(words) and words[end - 1].sentence == sentence
        ]
        return Span(first, max(within)) if within else None


def parse_phrase(text: str, spelling: Spelling, lists: Mapping[str, tuple[Phrase, ...]]) -> Phrase:
    """Understand a phrase; `lists` are those that it may name.

    Raises
    ------
    PhraseError
        With what was expected and what was found.
    """
    chunks = text.split()
    at_opening = bool(chunks) and chunks[0] == "^"
    parts: list[_Part] = []
    for chunk in chunks[1:] if at_opening else chunks:
        parts += _parse_chunk(chunk, spelling, lists)
    if not parts or len(parts) > MOST_PARTS:
        raise PhraseError(f"1 to {MOST_PARTS} words", f"{len(parts)} words")
    if sum(isinstance(part, _Gap) for part in parts) > MOST_GAPS:
        raise PhraseError(f"at most {MOST_GAPS} gaps (...)", "more")
    if not isinstance(parts[0], _OneOf) or isinstance(parts[-1], _Gap):
        raise PhraseError("a phrase that begins with a word and does not end with ...", text[:60])
    needed = sum(isinstance(part, _OneOf) for part in parts)
    if needed == 1 and len(parts) > 1:  # "you (never)" would be found at every "you"
        raise PhraseError("two words that must be there, beside those in ( )", text[:60])
    return Phrase(tuple(parts), at_opening)


def _parse_chunk(
    chunk: str, spelling: Spelling, lists: Mapping[str, tuple[Phrase, ...]]
) -> list[_Part]:
    if chunk == "...":
        return [_Gap()]
    if chunk.startswith("(") and chunk.endswith(")"):
        return [_Maybe(_one_of(chunk[1:-1], spelling, lists))]
    if not set("/<*") & set(chunk):
        _refuse_signs(chunk)
        return [_OneOf(forms=frozenset([form])) for form in spelling.spell(chunk)]
    return [_one_of(chunk, spelling, lists)]


def _one_of(chunk: str, spelling: Spelling, lists: Mapping[str, tuple[Phrase, ...]]) -> _OneOf:
    choices: list[_OneOf] = []
    longer: list[tuple[_Part, ...]] = []
    for choice in chunk.split("/"):
        for sequence in _sequences(choice, spelling, lists):
            only = sequence[0] if len(sequence) == 1 else None
            if isinstance(only, _OneOf):  # single words cost one look together
                choices.append(only)
                longer += only.sequences
            else:
                longer.append(sequence)
    return _OneOf(
        forms=frozenset(form for one_of in choices for form in one_of.forms),
        prefixes=tuple(sorted({prefix for one_of in choices for prefix in one_of.prefixes})),
        suffixes=tuple(sorted({suffix for one_of in choices for suffix in one_of.suffixes})),
        sequences=tuple(longer),
        is_digits=any(one_of.is_digits for one_of in choices),
    )


def _sequences(
    choice: str, spelling: Spelling, lists: Mapping[str, tuple[Phrase, ...]]
) -> list[tuple[_Part, ...]]:
    if choice == f"<{DIGITS}>":
        return [(_OneOf(is_digits=True),)]
    if choice.startswith("<") and choice.endswith(">"):
        if choice[1:-1] not in lists:
            known = ", ".join(f"<{name}>" for name in (*lists, DIGITS))
            raise PhraseError(f"one of the lists {known}", choice[:60])
        return [phrase.parts for phrase in lists[choice[1:-1]]]
    letters = choice.strip("*")
    _refuse_signs(letters)
    if choice == f"{letters}*" and len(letters) >= 3:
        return [(_OneOf(prefixes=(fold(letters),)),)]
    if choice == f"*{letters}" and len(letters) >= 2:
        return [(_OneOf(suffixes=(fold(letters),)),)]
    if choice != letters:
        raise PhraseError("three letters or more before a *, or two behind it", choice[:60])
    return [tuple(_OneOf(forms=frozenset([form])) for form in spelling.spell(choice))]


def _refuse_signs(word: str) -> None:
    if not is_word(word):
        raise PhraseError("words, and the signs * / ( ) < > ^ ...", word[:60] or "nothing")


@dataclass
class Beginnings:
    """The words with which a phrase may begin, to pass over most phrases without trying them.

    Attributes
    ----------
    is_open
        The first word is known by its ending only, so that it can not be looked up.
    """

    forms: set[str] = field(default_factory=set)
    prefixes: set[str] = field(default_factory=set)
    is_digits: bool = False
    is_open: bool = False

    def take(self, parts: tuple[_Part, ...]) -> None:
        """Add the words with which these parts may begin."""
        for part in parts:
            one_of = part.part if isinstance(part, _Maybe) else part
            if isinstance(one_of, _Gap):
                self.is_open = True
                return
            self.forms |= one_of.forms
            self.prefixes |= {prefix[:3] for prefix in one_of.prefixes}
            self.is_digits = self.is_digits or one_of.is_digits
            self.is_open = self.is_open or bool(one_of.suffixes)
            for sequence in one_of.sequences:
                self.take(sequence)
            if isinstance(part, _OneOf):
                return


def find_beginnings(phrase: Phrase) -> Beginnings:
    """Return the words with which this phrase may begin."""
    beginnings = Beginnings()
    beginnings.take(phrase.parts)
    return beginnings


def _second_words(phrase: Phrase) -> frozenset[str] | None:
    """Return the words that may come second; None when that can not be told from a list."""
    first = phrase.parts[0]
    if len(phrase.parts) == 1 or not isinstance(first, _OneOf) or first.sequences:
        return None
    second = Beginnings()
    second.take(phrase.parts[1:])
    if second.prefixes or second.is_digits or second.is_open:
        return None
    return frozenset(second.forms)


@dataclass(frozen=True)
class _Entry:
    """A phrase in a book, with what rules it out at a glance: most begin with "you"."""

    name: str
    phrase: Phrase
    second: frozenset[str] | None


class PhraseBook:
    """Phrases by name, found in one pass through a text."""

    def __init__(self, phrases: Mapping[str, Iterable[Phrase]]) -> None:
        self._names = tuple(phrases)
        self._forms: dict[str, list[_Entry]] = {}
        self._prefixes: dict[str, list[_Entry]] = {}
        self._digits: list[_Entry] = []
        for name, group in phrases.items():
            for phrase in group:
                self._place(_Entry(name, phrase, _second_words(phrase)))

    def _place(self, entry: _Entry) -> None:
        beginnings = find_beginnings(entry.phrase)
        for form in beginnings.forms:
            self._forms.setdefault(form, []).append(entry)
        for prefix in beginnings.prefixes:
            self._prefixes.setdefault(prefix, []).append(entry)
        if beginnings.is_digits:
            self._digits.append(entry)

    def find(self, words: tuple[Word, ...]) -> dict[str, tuple[Span, ...]]:
        """Return where the phrases of each name occur, in the order of the text."""
        found: dict[str, dict[Span, None]] = {name: {} for name in self._names}
        for first, word in enumerate(words):
            entries = [*self._forms.get(word.form, ()), *self._prefixes.get(word.form[:3], ())]
            if word.form[0].isdigit():
                entries += self._digits
            second = words[first + 1].form if first + 1 < len(words) else ""
            for entry in entries:
                if entry.second is not None and second not in entry.second:
                    continue
                span = entry.phrase.find_at(words, first)
                if span is not None:
                    found[entry.name][span] = None
        return {name: tuple(spans) for name, spans in found.items()}
