"""The made-up group is the same every time, and looks like a group."""

from __future__ import annotations

from random import Random
from statistics import correlation, fmean

import pytest

from reconnect_widgets.domain.people import MAX_NAME_LENGTH
from reconnect_widgets.domain.synthetic import (
    ROUNDS,
    TOP_LEVEL,
    UNRECORDED,
    SyntheticGroup,
    SyntheticItem,
    build_group,
)

CATEGORIES = ("presence", "appreciation", "touch", "repair")
ITEMS = [
    SyntheticItem(f"{category}-{n}", category, -1 if n == 5 else 1)
    for category in CATEGORIES
    for n in range(1, 6)
]


def group(seed: int = 7) -> SyntheticGroup:
    return build_group(Random(seed), ITEMS)


def levels(of: SyntheticGroup, round_: int) -> dict[tuple[int, str], float]:
    """Mean keyed level by person and category, of the answers that count."""
    latest = {(a.person, a.item): a for a in of.answers if a.round == round_}
    found: dict[tuple[int, str], list[int]] = {}
    for item in ITEMS:
        for person in range(len(of.people)):
            answer = latest.get((person, item.key))
            if answer is not None and answer.value is not None:
                level = answer.value if item.keyed == 1 else TOP_LEVEL - answer.value
                found.setdefault((person, item.category), []).append(level)
    return {key: fmean(values) for key, values in found.items()}


def test_the_same_seed_makes_the_same_group_and_another_seed_another() -> None:
    assert group() == group()
    assert group(1) != group(2)


def test_twenty_people_in_nine_couples_and_two_alone() -> None:
    people = group().people
    assert len(people) == len({person.name for person in people}) == 20
    seats = [(person.couple, person.slot) for person in people if person.couple is not None]
    assert seats == [(couple, slot) for couple in range(9) for slot in ("A", "B")]
    assert sum(person.couple is None and person.slot is None for person in people) == 2
    assert all(0 < len(person.name) <= MAX_NAME_LENGTH for person in people)


def test_who_chose_not_to_be_recorded_gives_no_answer() -> None:
    of = group()
    (silent,) = (i for i, person in enumerate(of.people) if person.consent == "not-recorded")
    assert of.people[silent].name == UNRECORDED
    assert silent not in {answer.person for answer in of.answers}


def test_answers_are_on_the_scale_and_skips_are_empty() -> None:
    for answer in group().answers:
        if answer.status == "skipped":
            assert answer.value is None
        else:
            assert answer.value in range(TOP_LEVEL + 1)
        assert answer.after_s > 0


def test_everybody_meets_every_item_and_guess_once_or_changes_their_mind() -> None:
    of = group()
    wanted = {item.key for item in ITEMS} | {f"guess-{category}" for category in CATEGORIES}
    for round_ in ROUNDS:
        for person in {answer.person for answer in of.answers if answer.round == round_}:
            seen = [a.item for a in of.answers if (a.person, a.round) == (person, round_)]
            assert set(seen) == wanted
    assert len(of.answers) > len({(a.person, a.round, a.item) for a in of.answers})
    assert any(answer.status == "skipped" for answer in of.answers)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_partners_resemble_each_other_and_the_second_time_resembles_the_first(seed: int) -> None:
    of = group(seed)
    first, second = levels(of, 1), levels(of, 2)
    partners = [
        (first[2 * couple, category], first[2 * couple + 1, category])
        for couple in range(9)
        for category in CATEGORIES
        if {(2 * couple, category), (2 * couple + 1, category)} <= first.keys()
    ]
    again = [(first[key], second[key]) for key in first.keys() & second.keys()]
    assert correlation(*zip(*partners, strict=True)) > 0.3
    assert correlation(*zip(*again, strict=True)) > 0.6
