"""A made-up group, so that a newcomer sees a filled review and tests have something to chew on.

What belongs here: who the made-up people are, and what each would answer, and when. What does
not: identifiers, files and instants (`records.samples` gives them). Nobody here exists; no answer
here was given by anybody, and nothing about couples can be learnt from it.

Why a latent level for each couple and category, rather than independent dice: partners of one
couple resemble each other in such questionnaires, one person's five items of a category hang
together, and a second measurement resembles the first. A review that is looked at with
independent dice would look wrong in all three places.

All chance is made of `Random.random` alone: the standard library promises its sequence for later
versions, and that of `gauss` or `shuffle` it does not. The samples in ``data/`` are compared byte
for byte.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from statistics import NormalDist
from typing import Literal

from reconnect_widgets.domain.people import Consent, Slot

TOP_LEVEL = 4
"""The highest of the five response options; the lowest is 0."""

ROUNDS = (1, 2)

COUPLES = (
    ("Amara Example", "Jonas Example"),
    ("Mei-Ling Example", "Zoë Example"),
    ("Ravi Example", "Łucja Example"),
    ("Kwame Example", "Ines Example"),
    ("سلمى مثال", "Yusuf Example"),
    ("Tāne Example", "Hugo Example"),
    ("Nguyễn Ví Dụ", "Pilar Example"),
    ("Odalys Example", "Björn Example"),
    ("Wren Example", "Sorrel Example"),
)
"""Given names from many places; the family name says that they are invented."""

SOLO = ("Marisol Example", "Desta Example")

UNRECORDED = "Ines Example"
"""Takes part, and chose not to be recorded: joins and consents, and no answer is written."""

ABSENT_IN_ROUND_2 = "Desta Example"

SKIPS_TOUCH = "Hugo Example"
"""Skips two touch items in the first round, so one category of one person has no score."""


PRACTICE_NAME = re.compile(r"Practice [1-9][0-9]*[AB]")
"""What everybody in a rehearsal is called, and nobody else should be: ``Practice 3B``."""


@dataclass(frozen=True)
class SyntheticItem:
    """What the generator needs to know of an item: its key, its category, and which way it runs."""

    key: str
    category: str
    keyed: Literal[1, -1]


@dataclass(frozen=True)
class SyntheticPerson:
    """One made-up person; ``couple`` is an index, None for who takes part alone."""

    name: str
    couple: int | None
    slot: Slot | None
    consent: Consent


@dataclass(frozen=True)
class SyntheticAnswer:
    """One tap of one made-up person: ``after_s`` seconds after the one before it."""

    person: int
    round: int
    item: str
    status: Literal["answered", "skipped"]
    value: int | None
    after_s: float


@dataclass(frozen=True)
class SyntheticGroup:
    """Twenty people and every tap they made, person by person, each in the order it was made."""

    people: tuple[SyntheticPerson, ...]
    answers: tuple[SyntheticAnswer, ...]


def build_group(chance: Random, items: Sequence[SyntheticItem]) -> SyntheticGroup:
    """Make up the group: the same random state and items give the same group.

    Parameters
    ----------
    chance
        Where all of it comes from.
    items
        The questionnaire's items. After them each person guesses their partner's place in each
        category, under ``guess-<category>``.

    Returns
    -------
    SyntheticGroup
        Two rounds. Some items are skipped, some guesses too, some answers are changed a little
        later (an earlier and a later row of the same item), one person records nothing, one is
        absent in the second round.
    """
    people = _people()
    categories = tuple(dict.fromkeys(item.category for item in items))
    levels = _levels(chance, people, categories)
    answers: list[SyntheticAnswer] = []
    for round_ in ROUNDS:
        for index, person in enumerate(people):
            if person.consent == "not-recorded":
                continue
            if round_ == ROUNDS[-1] and person.name == ABSENT_IN_ROUND_2:
                continue
            drift = 0.0 if round_ == ROUNDS[0] else 0.06
            answers += _round_of(chance, people, index, round_, items, levels, drift)
    return SyntheticGroup(people=people, answers=tuple(answers))


def build_practice_couples(
    chance: Random, items: Sequence[SyntheticItem], couples: int
) -> SyntheticGroup:
    """Make up couples for a rehearsal: one round, everybody in it, names that say what they are.

    In every fifth couple, beginning with the second, B does not want to be recorded. Their
    answers are among the answers all the same: they tap like everybody else.
    """
    slots: tuple[Slot, Slot] = ("A", "B")
    people = tuple(
        SyntheticPerson(
            f"Practice {couple + 1}{slot}",
            couple,
            slot,
            "not-recorded" if slot == "B" and couple % 5 == 1 else "recorded",
        )
        for couple in range(couples)
        for slot in slots
    )
    levels = _levels(chance, people, tuple(dict.fromkeys(item.category for item in items)))
    answers = [
        answer
        for index in range(len(people))
        for answer in _round_of(chance, people, index, ROUNDS[0], items, levels, 0.0)
    ]
    return SyntheticGroup(people=people, answers=tuple(answers))


def _round_of(
    chance: Random,
    people: Sequence[SyntheticPerson],
    index: int,
    round_: int,
    items: Sequence[SyntheticItem],
    levels: Sequence[dict[str, float]],
    drift: float,
) -> list[SyntheticAnswer]:
    """Make up what one person answers in one round: the items, then the guesses."""
    categories = tuple(levels[index])
    own = {
        category: _clamp(levels[index][category] + drift + _normal(chance, 0, 0.04))
        for category in categories
    }
    answers = _item_answers(chance, index, round_, items, own, people[index].name)
    partner = _partner_of(people, index)
    return answers + _guesses(chance, index, round_, categories, levels[partner])


def _people() -> tuple[SyntheticPerson, ...]:
    def consent(name: str) -> Consent:
        return "not-recorded" if name == UNRECORDED else "recorded"

    slots: tuple[Slot, Slot] = ("A", "B")
    in_couples = [
        SyntheticPerson(name, index, slot, consent(name))
        for index, names in enumerate(COUPLES)
        for slot, name in zip(slots, names, strict=True)
    ]
    return (*in_couples, *(SyntheticPerson(name, None, None, consent(name)) for name in SOLO))


def _partner_of(people: Sequence[SyntheticPerson], index: int) -> int:
    """Return the partner's index; who takes part alone guesses about somebody like themselves."""
    person = people[index]
    if person.couple is None:
        return index
    return next(
        other
        for other, candidate in enumerate(people)
        if candidate.couple == person.couple and other != index
    )


def _levels(
    chance: Random, people: Sequence[SyntheticPerson], categories: Sequence[str]
) -> list[dict[str, float]]:
    """Draw each person's level per category on 0 to 1: the couple's, and a difference of their own.

    Spreads of 0.22 between couples and 0.12 within make partners correlate at about 0.77 before
    items and rounding blur it.
    """
    couples = {
        couple: {category: _normal(chance, 0.52, 0.22) for category in categories}
        for couple in dict.fromkeys(person.couple for person in people if person.couple is not None)
    }
    levels = []
    for person in people:
        if person.couple is None:
            shared = {category: _normal(chance, 0.45, 0.2) for category in categories}
        else:
            shared = couples[person.couple]
        levels.append({key: _clamp(shared[key] + _normal(chance, 0, 0.12)) for key in categories})
    return levels


def _item_answers(
    chance: Random,
    person: int,
    round_: int,
    items: Sequence[SyntheticItem],
    own: dict[str, float],
    name: str,
) -> list[SyntheticAnswer]:
    draws = [chance.random() for _ in items]
    order = [item for _, item in sorted(zip(draws, items, strict=True), key=lambda pair: pair[0])]
    must_skip: set[str] = set()
    if name == SKIPS_TOUCH and round_ == ROUNDS[0]:
        must_skip = {item.key for item in [i for i in items if i.category == "touch"][:2]}
    answers = []
    for item in order:
        if item.key in must_skip or chance.random() < 0.02:
            answers.append(
                SyntheticAnswer(person, round_, item.key, "skipped", None, _pause_s(chance))
            )
            continue
        value = _given(_level(chance, own[item.category]), item.keyed)
        if chance.random() < 0.05:
            first = min(TOP_LEVEL, value + 1) if value < TOP_LEVEL else value - 1
            answers.append(
                SyntheticAnswer(person, round_, item.key, "answered", first, _pause_s(chance))
            )
        answers.append(
            SyntheticAnswer(person, round_, item.key, "answered", value, _pause_s(chance))
        )
    return answers


def _guesses(
    chance: Random,
    person: int,
    round_: int,
    categories: Sequence[str],
    partner: dict[str, float],
) -> list[SyntheticAnswer]:
    answers = []
    for category in categories:
        item = f"guess-{category}"
        if chance.random() < 0.12:
            answers.append(SyntheticAnswer(person, round_, item, "skipped", None, _pause_s(chance)))
        else:
            level = _level(chance, _clamp(partner[category] + _normal(chance, 0, 0.1)))
            answers.append(
                SyntheticAnswer(person, round_, item, "answered", level, _pause_s(chance))
            )
    return answers


def _given(level: int, keyed: Literal[1, -1]) -> int:
    """Return the answer as given: a reverse-keyed item is answered low where the level is high."""
    return level if keyed == 1 else TOP_LEVEL - level


def _level(chance: Random, share: float) -> int:
    return min(TOP_LEVEL, max(0, round(share * TOP_LEVEL + _normal(chance, 0, 0.55))))


def _pause_s(chance: Random) -> float:
    """Draw the seconds between two taps: mostly four to nine, sometimes a longer thought."""
    return round(2.5 - 4.0 * math.log(1 - chance.random()), 3)


def _normal(chance: Random, mean: float, spread: float) -> float:
    # 0 has no place on the curve; random() gives it once in 2**53.
    return NormalDist(mean, spread).inv_cdf(max(chance.random(), 1e-12))


def _clamp(share: float) -> float:
    return min(0.97, max(0.03, share))
