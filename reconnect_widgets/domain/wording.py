"""A text as words to compare: spelt out, numbered by sentence, with what is quoted marked.

What belongs here: how a text becomes words, whatever its language. What does not: the words of a
language (the packs), and looking for anything among them (`phrases`).

Everything is found in one pass by a pattern of single steps, so that no text can make it slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_PIECE = re.compile(
    r"(?P<word>[^\W_]+(?:['’ʼ‘´`:.][^\W_]+)*)"
    r"|(?P<quote>[\"“”„«»'‘’])"
    r"|(?P<pause>[,;:–—()\[\]]|\.{2,}|…|(?<=\s)-+(?=\s))"
    r"|(?P<stop>[.!?\n。！？؟]+)"
    r"|(?P<sign>[☀-➿\U0001f000-\U0001faff])"
)
_APOSTROPHES = str.maketrans(dict.fromkeys("’ʼ‘´`", "'"))
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
_INNER_STOP = re.compile(r"(?<=[^\W\d_])[:.](?=[^\W_])|(?<=[^\W_])[:.](?=[^\W\d_])")
_CLOSES = {"“": "”", "„": "“”", "«": "»", "»": "«", '"': '"', "”": "”", "‘": "’'", "'": "'’"}
_LONGEST_QUOTE = 60


@dataclass(frozen=True)
class Spelling:
    """How words are written in one language, so that one phrase meets all of it.

    Attributes
    ----------
    words
        Other ways to write something, and what they stand for: ``dont``: do, not.
    endings
        What a word may end in, and the word that it stands for, empty for none: ``'re``: are.
    """

    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    endings: Mapping[str, str] = field(default_factory=dict)

    def spell(self, written: str) -> tuple[str, ...]:
        """Return the plain words for one written word; never empty."""
        form = fold(written)
        if form in self.words:
            return self.words[form]
        for ending, word in self.endings.items():
            if form.endswith(ending) and len(form) > len(ending):
                stem = form[: -len(ending)]
                return (*self.words.get(stem, (stem,)), *([word] if word else []))
        return (form,)


@dataclass(frozen=True)
class Word:
    """A word of a text, as it is compared.

    Attributes
    ----------
    form
        Lower case, spelt out; several words may come from one written word.
    start, end
        Of the written word, in characters of the text.
    sentence
        The number of its sentence, from 0.
    opens
        Whether a sentence, or a part of one, begins here.
    is_quoted
        Whether it stands inside quotation marks.
    is_sign
        Whether it is an emoji rather than a word.
    """

    form: str
    start: int
    end: int
    sentence: int
    opens: bool
    is_quoted: bool = False
    is_sign: bool = False


def fold(written: str) -> str:
    """Return the written word in lower case, with plain apostrophes, "sooo" as "so"."""
    return _DRAWN_OUT.sub(r"\1", written.translate(_APOSTROPHES).casefold())


def is_word(written: str) -> bool:
    """Say whether this is one written word, or one emoji, and nothing else."""
    found = _PIECE.fullmatch(written)
    return found is not None and found.lastgroup in ("word", "sign")


def split_words(text: str, spelling: Spelling) -> tuple[Word, ...]:
    """Return the words of a text in their order, in time that grows with its length."""
    words: list[Word] = []
    quotes: list[tuple[str, int, int]] = []
    sentence, opens, has_words = 0, True, False
    for found in _PIECE.finditer(text):
        kind, start = found.lastgroup, found.start()
        if kind == "word":
            for piece, at in _pieces(found[0], start):
                if at > start:  # "done.Then": people forget the space
                    sentence, opens = sentence + 1, True
                for form in spelling.spell(piece):
                    words.append(Word(form, at, at + len(piece), sentence, opens))
                    opens = False
            has_words = True
        elif kind == "sign":
            words.append(Word(found[0], start, found.end(), sentence, False, is_sign=True))
        elif kind == "stop":
            sentence, opens, has_words = sentence + has_words, True, False
        else:
            opens = True
            if kind == "quote":
                quotes.append((found[0], start, len(words)))
    return _mark_quoted(words, quotes, text)


def _pieces(written: str, start: int) -> Iterator[tuple[str, int]]:
    """Yield the words in "done.Then" or "so:what"; "7:30" and "20.15" stay whole."""
    begin = 0
    for stop in _INNER_STOP.finditer(written):
        yield written[begin : stop.start()], start + begin
        begin = stop.end()
    yield written[begin:], start + begin


def _mark_quoted(
    words: list[Word], quotes: list[tuple[str, int, int]], text: str
) -> tuple[Word, ...]:
    """Mark what stands between quotation marks; a text that is one quotation as a whole is not."""
    quoted: set[int] = set()
    opened: tuple[str, int] | None = None
    for mark, at, index in quotes:
        if opened is not None and mark in _CLOSES[opened[0]]:
            if index - opened[1] <= _LONGEST_QUOTE:
                quoted.update(range(opened[1], index))
            opened = None
        elif mark in _CLOSES and _may_open(mark, at, text):
            opened = (mark, index)
    if all(i in quoted or w.is_sign for i, w in enumerate(words)):
        return tuple(words)
    return tuple(
        Word(w.form, w.start, w.end, w.sentence, w.opens, i in quoted, w.is_sign)
        for i, w in enumerate(words)
    )


def _may_open(mark: str, at: int, text: str) -> bool:
    # An apostrophe at the end of a word ("my parents' house") opens nothing.
    before = text[at - 1] if at else " "
    return mark not in "'‘’" or not before.isalnum()
