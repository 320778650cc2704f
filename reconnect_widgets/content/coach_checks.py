"""Rules of a coach's pack that go across several entries, and whether its phrases can be read.

What belongs here: what the types of `coach_pack` can not say. A phrase that can not be understood
is told with its line, so that whoever edits a coach needs no programmer.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconnect_widgets.content.coach_pack import (
    CoachPack,
    CoachRule,
    CoachVocabulary,
    Lists,
    build_lists,
)
from reconnect_widgets.content.findings import Finding, find_twice
from reconnect_widgets.content.problems import nearest, show_value
from reconnect_widgets.content.tree import Trail
from reconnect_widgets.domain.coaching import CANNOT_TELL
from reconnect_widgets.domain.phrases import (
    Phrase,
    PhraseError,
    find_beginnings,
    parse_phrase,
)
from reconnect_widgets.domain.wording import Spelling
from reconnect_widgets.errors import ContentError


def find_coach_vocabulary_problems(pack: CoachVocabulary) -> Iterator[Finding]:
    """Yield what is wrong inside the words that coaches share."""
    yield from find_twice("lists", [entry.name for entry in pack.lists], "name")
    for written, words in pack.spellings.items():
        if not all(word.isalnum() for word in words.split()):
            yield Finding(("spellings", written), "plain words", show_value(words))
    spelling = pack.spelling()
    lists: dict[str, tuple[Phrase, ...]] = {}
    yield from _in_lists(pack, spelling, lists)
    for name, texts in (("doubt", pack.doubt), ("irony", pack.irony)):
        yield from _in_phrases((name,), texts, spelling, lists)


def find_coach_problems(pack: CoachPack) -> Iterator[Finding]:
    """Yield what is wrong inside one coach; its phrases are read with the shipped shared words."""
    from reconnect_widgets.content.loader import load_coach_vocabulary

    yield from find_twice("lists", [entry.name for entry in pack.lists], "name")
    yield from find_twice("rules", [rule.code for rule in pack.rules], "code")
    for index, rule in enumerate(pack.rules):
        above = [other.code for other in pack.rules[:index] if other.phrases]
        yield from _in_rule(("rules", index), rule, above)
    try:
        shared = load_coach_vocabulary()
    except ContentError:
        return  # told by name where it stands; without it every phrase would be told too
    spelling = shared.spelling()
    lists = dict(build_lists(shared.lists, spelling, {}))
    yield from _in_lists(pack, spelling, lists)
    for index, rule in enumerate(pack.rules):
        for name, texts in (
            ("phrases", rule.phrases),
            ("unless", rule.unless),
            ("after", rule.after),
        ):
            yield from _in_phrases(("rules", index, name), texts, spelling, lists)


def _in_rule(at: Trail, rule: CoachRule, above: list[str]) -> Iterator[Finding]:
    if rule.code == CANNOT_TELL:
        yield Finding((*at, "code"), "a code of its own", f"{CANNOT_TELL}, which every coach has")
    if not rule.phrases and not rule.when_none_of:
        yield Finding(at, "the key phrases, or when_none_of", "neither")
    for number, code in enumerate(rule.when_none_of):
        if code not in above:
            expected = f"a code that stands above: {', '.join(above) or 'none does'}"
            trail: Trail = (*at, "when_none_of", number)
            yield Finding(trail, expected, show_value(code), nearest(code, above))


def _in_lists(
    pack: CoachPack | CoachVocabulary, spelling: Spelling, lists: dict[str, tuple[Phrase, ...]]
) -> Iterator[Finding]:
    """Yield what is wrong in the lists, and add to `lists` what is right."""
    for index, entry in enumerate(pack.lists):
        understood: list[Phrase] = []
        for number, text in enumerate(entry.phrases):
            trail: Trail = ("lists", index, "phrases", number)
            try:
                phrase = parse_phrase(text, spelling, lists)
            except PhraseError as error:
                yield Finding(trail, error.expected, error.found)
                continue
            if phrase.at_opening:
                yield Finding(trail, "no ^ in a list", show_value(text))
            understood.append(phrase)
        lists[entry.name] = tuple(understood)


def _in_phrases(
    at: Trail, texts: tuple[str, ...], spelling: Spelling, lists: Lists
) -> Iterator[Finding]:
    for number, text in enumerate(texts):
        try:
            phrase = parse_phrase(text, spelling, lists)
        except PhraseError as error:
            yield Finding((*at, number), error.expected, error.found)
            continue
        if find_beginnings(phrase).is_open:
            expected = "a first word that is not known by its ending only"
            yield Finding((*at, number), expected, show_value(text))
