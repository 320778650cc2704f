"""What is said of four scores: order, one place to begin, couples, guesses, change."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.domain.checkup import (
    BeginCase,
    ChangeCase,
    CoupleCase,
    GuessCase,
    build_couple_view,
    build_snapshot,
    change_between,
    compare_guess,
    couple_case,
    nearest_level,
    order_items,
)
from reconnect_widgets.domain.scoring import ScaleScore

CATEGORIES = ("presence", "appreciation", "touch", "repair")
ITEMS = tuple(f"{category}-{n}" for category in CATEGORIES for n in range(1, 6))
PINNED = (
    "touch-5",
    "presence-4",
    "presence-3",
    "appreciation-3",
    "presence-1",
    "appreciation-2",
    "appreciation-4",
    "touch-4",
    "repair-4",
    "appreciation-5",
    "repair-3",
    "touch-2",
    "repair-2",
    "repair-5",
    "appreciation-1",
    "touch-3",
    "presence-2",
    "touch-1",
    "repair-1",
    "presence-5",
)


def score(value: float | None, scale: str = "presence") -> ScaleScore:
    n_valid = 3 if value is None else 5
    return ScaleScore(scale, value, n_valid, 5, is_prorated=False)


def four(*values: float | None) -> list[ScaleScore]:
    return [score(value, scale) for value, scale in zip(values, CATEGORIES, strict=True)]


scores = st.none() | st.integers(0, 20).map(lambda steps: steps * 5.0)


def test_the_order_of_the_items_never_changes_for_a_seed() -> None:
    # Written down from the first version: a new release in the middle of a workshop must not
    # shuffle anybody's questions.
    assert order_items(ITEMS, "p-ab12cd:checkup") == PINNED
    assert order_items(ITEMS, "p-zz99zz:checkup") != PINNED


@given(st.text(), st.lists(st.text(), unique=True))
def test_the_order_is_a_permutation_and_stable(seed: str, items: list[str]) -> None:
    drawn = order_items(items, seed)
    assert Counter(drawn) == Counter(items)
    assert order_items(items, seed) == drawn


def test_different_people_mostly_begin_with_different_items() -> None:
    first = Counter(order_items(ITEMS, f"p-{n:06d}:checkup")[0] for n in range(2000))
    assert set(first) == set(ITEMS)
    # 100 each on average; five standard deviations are about 49.
    assert all(50 <= count <= 150 for count in first.values())


@pytest.mark.parametrize(
    ("values", "order", "strengths", "begin_with", "case", "tied"),
    [
        ((50, 70, 30, 60), "appreciation repair presence touch", "appreciation", "touch",
         "lowest", ""),
        ((30, 70, 30, 60), "appreciation repair presence touch", "appreciation", "presence",
         "tied", "presence touch"),
        ((70, 70, 30, 60), "presence appreciation repair touch", "presence appreciation", "touch",
         "lowest", ""),
        ((55, 55, 55, 55), "presence appreciation touch repair",
         "presence appreciation touch repair", "presence", "all-level", ""),
        ((65, 90, 75, 100), "repair appreciation touch presence", "repair", "presence",
         "all-often", ""),
        ((None, 40, None, 90), "repair appreciation presence touch", "repair", "appreciation",
         "lowest", ""),
        ((None, None, 40, None), "touch presence appreciation repair", "touch", "touch",
         "only-figure", ""),
        ((None, None, None, None), "presence appreciation touch repair", "", None,
         "no-figure", ""),
        ((0, 0, 0, 0), "presence appreciation touch repair",
         "presence appreciation touch repair", "presence", "all-level", ""),
    ],
)  # fmt: skip
def test_a_snapshot_names_strengths_first_and_one_place_to_begin(
    values: tuple[float | None, ...],
    order: str,
    strengths: str,
    begin_with: str | None,
    case: BeginCase,
    tied: str,
) -> None:
    snapshot = build_snapshot(four(*values))
    assert [s.scale for s in snapshot.scores] == order.split()
    assert snapshot.strengths == tuple(strengths.split())
    assert snapshot.begin_with == begin_with
    assert snapshot.begin_case == case
    assert snapshot.begin_tied == tuple(tied.split())


def test_words_of_strength_are_only_for_what_lies_nearer_to_often() -> None:
    assert build_snapshot(four(62.5, 10, 10, 10)).strength_is_often
    assert not build_snapshot(four(60, 10, 10, 10)).strength_is_often


@given(st.lists(scores, min_size=4, max_size=4))
def test_a_snapshot_keeps_every_category_and_orders_it(values: list[float | None]) -> None:
    snapshot = build_snapshot(four(*values))
    shown = [s.score for s in snapshot.scores]
    assert Counter(s.scale for s in snapshot.scores) == Counter(CATEGORIES)
    figures = [value for value in shown if value is not None]
    assert figures == sorted(figures, reverse=True)
    assert shown == figures + [None] * (4 - len(figures))
    assert (snapshot.begin_with is None) == (not figures)


@pytest.mark.parametrize(
    ("value", "level"),
    [(0, 0), (12.4, 0), (12.5, 1), (37.4, 1), (37.5, 2), (50, 2), (62.5, 3), (87.5, 4), (100, 4)],
)
def test_a_score_lies_nearest_to_one_answer(value: float, level: int) -> None:
    assert nearest_level(value) == level


@pytest.mark.parametrize(
    ("one", "other", "case"),
    [
        (62.5, 100, "both-high"),
        (75, 80, "both-high"),
        (60, 62.5, "similar-middle"),
        (37.5, 0, "both-low"),
        (20, 25, "both-low"),
        (40, 37.5, "similar-middle"),
        (50, 50, "similar-middle"),
        (45, 60, "similar-middle"),
        (40, 60, "one-of-each"),
        (60, 80, "one-of-each"),
        (0, 100, "one-of-each"),
        (20, 40, "one-of-each"),
        (None, 50, "no-figure"),
        (None, None, "no-figure"),
    ],
)
def test_two_scores_make_one_of_four_cases(
    one: float | None, other: float | None, case: CoupleCase
) -> None:
    assert couple_case(one, other) == case
    assert couple_case(other, one) == case


@pytest.mark.parametrize(
    ("guessed", "actual", "case"),
    [
        (2, 50, "close"),
        (2, 62.5, "close"),  # half a level off
        (2, 65, "near-lower"),
        (2, 35, "near-higher"),
        (1, 62.5, "near-lower"),  # one and a half
        (1, 65, "far-lower"),
        (4, 0, "far-higher"),
        (0, 0, "close"),
        (4, 100, "close"),
        (None, 50, "no-guess"),
        (None, None, "no-guess"),
        (2, None, "no-figure"),
    ],
)
def test_a_guess_is_close_near_or_far(
    guessed: int | None, actual: float | None, case: GuessCase
) -> None:
    assert compare_guess(guessed, actual).case == case


def test_the_couple_view_compares_each_guess_with_the_other_person() -> None:
    mine, theirs = four(80, 20, None, 40), four(75, 60, 50, 40)
    view = build_couple_view(
        mine, theirs, {"presence": 3, "appreciation": 0}, {"presence": 0, "touch": 2}
    )
    assert [row.category for row in view] == list(CATEGORIES)
    presence, appreciation, touch, repair = view
    assert (presence.case, presence.distance) == ("both-high", 5)
    assert (presence.my_guess.case, presence.their_guess.case) == ("close", "far-lower")
    assert (appreciation.case, appreciation.distance) == ("one-of-each", 40)
    assert (appreciation.my_guess.case, appreciation.their_guess.case) == ("far-lower", "no-guess")
    assert (touch.case, touch.distance) == ("no-figure", None)
    assert (touch.my_guess.case, touch.their_guess.case) == ("no-guess", "no-figure")
    assert (repair.case, repair.distance) == ("similar-middle", 0)


@given(st.lists(scores, min_size=4, max_size=4), st.lists(scores, min_size=4, max_size=4))
def test_both_partners_are_told_the_same(
    mine: list[float | None], theirs: list[float | None]
) -> None:
    here = build_couple_view(four(*mine), four(*theirs), {"touch": 1}, {"touch": 3})
    there = build_couple_view(four(*theirs), four(*mine), {"touch": 3}, {"touch": 1})
    assert [(r.case, r.distance) for r in here] == [(r.case, r.distance) for r in there]
    assert [r.my_guess for r in here] == [r.their_guess for r in there]


def test_a_couple_view_of_different_instruments_is_refused() -> None:
    with pytest.raises(ValueError, match="different categories"):
        build_couple_view(four(1, 2, 3, 4), four(1, 2, 3, 4)[:3], {}, {})


@pytest.mark.parametrize(
    ("before", "now", "case", "points"),
    [
        (50, 50, "about-same", 0),
        (50, 65, "about-same", 15),
        (50, 70, "more", 20),
        (70, 50, "less", -20),
        (70, 55, "about-same", -15),
        (50, 68.75, "about-same", 18.75),  # three steps of a prorated score
        (0, 100, "more", 100),
        (None, 50, "no-figure", None),
        (50, None, "no-figure", None),
    ],
)
def test_a_change_is_named_from_four_steps_on(
    before: float | None, now: float | None, case: ChangeCase, points: float | None
) -> None:
    change = change_between(score(before), score(now))
    assert (change.case, change.points) == (case, points)


def test_a_change_between_two_categories_is_refused() -> None:
    with pytest.raises(ValueError, match="same category"):
        change_between(score(1, "touch"), score(1, "repair"))


def test_the_chance_that_wobble_alone_is_called_a_change_is_as_documented() -> None:
    # Every answer one option lower, the same (counted twice), or one higher: all 4**5 cases.
    wobbles = Counter(sum(steps) for steps in product((-1, 0, 0, 1), repeat=5))
    assert wobbles.total() == 1024
    assert sum(n for total, n in wobbles.items() if abs(total) >= 4) == 22
    assert sum(n for total, n in wobbles.items() if abs(total) >= 3) == 112
    named = sum(
        n
        for total, n in wobbles.items()
        if change_between(score(50), score(50 + 5 * total)).case != "about-same"
    )
    assert named == 22
    one_of_four = 1 - (1 - named / 1024) ** 4
    assert round(100 * one_of_four) == 8


def test_an_item_added_later_leaves_the_order_of_the_others() -> None:
    longer = order_items((*ITEMS[:7], "presence-6", *ITEMS[7:]), "p-ab12cd:checkup")
    assert tuple(item for item in longer if item != "presence-6") == PINNED
