"""What the four scores of a checkup can honestly say: to one person, to a couple, and over time.

What belongs here: order, cases and rules. What does not: words. Every result carries text keys;
the content pack holds a sentence for each of `text_keys`.

The checkup has no norms, so nothing here says "good", "bad" or "normal". What a figure can be
compared with is the answer scale itself: 0 is all "never", 25 all "rarely", 50 all "sometimes",
75 all "often", 100 all "very often". `docs/explanation/scoring.md` gives the reasons for each rule.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from reconnect_widgets.domain.scoring import ScaleScore

# Four steps of a five-item scale: see `change_between`.
UNCERTAINTY_POINTS = 20.0
# Halfway between "rarely" and "sometimes", and between "sometimes" and "often".
_NEARER_RARELY, _NEARER_OFTEN = 37.5, 62.5
_POINTS_PER_LEVEL = 25.0

BeginCase = Literal["lowest", "tied", "all-level", "all-often", "only-figure", "no-figure"]
CoupleCase = Literal["both-high", "both-low", "one-of-each", "similar-middle", "no-figure"]
GuessCase = Literal[
    "close", "near-lower", "near-higher", "far-lower", "far-higher", "no-guess", "no-figure"
]
ChangeCase = Literal["more", "less", "about-same", "no-figure"]

BEGIN_CASES: tuple[BeginCase, ...] = BeginCase.__args__  # type: ignore[attr-defined]
COUPLE_CASES: tuple[CoupleCase, ...] = CoupleCase.__args__  # type: ignore[attr-defined]
GUESS_CASES: tuple[GuessCase, ...] = GuessCase.__args__  # type: ignore[attr-defined]
CHANGE_CASES: tuple[ChangeCase, ...] = ChangeCase.__args__  # type: ignore[attr-defined]


def order_items(items: Sequence[str], seed: str) -> tuple[str, ...]:
    """Draw an order of items for one person: the same seed gives the same order, for ever.

    Partners get different seeds, so that they do not answer in step. The seed should hold the
    participant's id and the instrument's key, and nothing that changes on the way.

    Notes
    -----
    Every item draws its own number from the seed and its key, so that an item added to the
    instrument later does not shuffle the others. Uses `random.Random.random` and not `shuffle`:
    the standard library promises the same sequence in later versions for the former only, and
    the order must survive an upgrade in the middle of a workshop.
    """
    return tuple(sorted(items, key=lambda item: (_draw(seed, item), item)))


def _draw(seed: str, item: str) -> float:
    return random.Random(f"{seed}\n{item}").random()  # noqa: S311  nothing here is a secret


@dataclass(frozen=True)
class Snapshot:
    """One person's four categories, ready to be put into words.

    Attributes
    ----------
    scores
        Highest first; equal ones in the instrument's order; those without a figure last.
    strengths
        The category or categories that came out highest; empty when none has a figure.
    strength_is_often
        Whether the highest lies nearer to "often" than to "sometimes", so that the category's own
        words of strength are true of it.
    begin_with
        The category of the one place to begin; None when no category has a figure.
    begin_case
        Why that one.
    begin_tied
        The categories that came out level at the bottom, in the instrument's order; empty unless
        the case is ``tied``.
    """

    scores: tuple[ScaleScore, ...]
    strengths: tuple[str, ...]
    strength_is_often: bool
    begin_with: str | None
    begin_case: BeginCase
    begin_tied: tuple[str, ...] = ()


def build_snapshot(scores: Sequence[ScaleScore]) -> Snapshot:
    """Put one person's scores in order and choose one place to begin.

    The place to begin is the category that came out lowest. When several came out level at the
    bottom it is the first of them in the instrument's order, which goes from what is easiest to
    begin to what is hardest; the words then say that either would do. When all came out level,
    or all lie near "often" or above, there is no gap to speak of, and the words say so.

    Parameters
    ----------
    scores
        One per category, in the instrument's order.
    """
    placed = [(s.score, s) for s in scores if s.score is not None]
    unplaced = [s for s in scores if s.score is None]
    if not placed:
        return Snapshot(tuple(scores), (), False, None, "no-figure")
    # `sorted` is stable, which keeps the instrument's order among equals.
    ordered = [s for _, s in sorted(placed, key=lambda pair: -pair[0])]
    top, bottom = max(p for p, _ in placed), min(p for p, _ in placed)
    lowest = tuple(s.scale for p, s in placed if p == bottom)
    case: BeginCase
    if len(placed) == 1:
        case = "only-figure"
    elif bottom >= _NEARER_OFTEN:
        case = "all-often"
    elif top == bottom:
        case = "all-level"
    else:
        case = "tied" if len(lowest) > 1 else "lowest"
    return Snapshot(
        scores=(*ordered, *unplaced),
        strengths=tuple(s.scale for p, s in placed if p == top),
        strength_is_often=top >= _NEARER_OFTEN,
        begin_with=lowest[0],
        begin_case=case,
        begin_tied=lowest if case == "tied" else (),
    )


def nearest_level(score: float) -> int:
    """Return the answer (0 to 4) that a score lies nearest to; halfway goes to the higher one."""
    return int(score / _POINTS_PER_LEVEL + 0.5)


@dataclass(frozen=True)
class GuessResult:
    """How near a guess came to where the other placed themselves.

    Attributes
    ----------
    case
        ``close``, or one of the others, with the side on which the guess lay.
    guessed, actual
        The level guessed (0 to 4) and the other's score (0 to 100); None where there is none.
    """

    case: GuessCase
    guessed: int | None
    actual: float | None


def compare_guess(guessed: int | None, actual: float | None) -> GuessResult:
    """Compare a guessed level with the other's own score on the same category.

    A level stands for the score of somebody who gave that answer throughout: 0, 25, 50, 75, 100.
    Within half a level (12.5 points) the guess is close; within one and a half (37.5 points) it
    is near; beyond that it is far. Lower and higher say where the guess lay, seen from the score.
    """
    if guessed is None or actual is None:
        return GuessResult("no-guess" if guessed is None else "no-figure", guessed, actual)
    gap = guessed - actual / _POINTS_PER_LEVEL
    case: GuessCase
    if abs(gap) <= 0.5:
        case = "close"
    elif abs(gap) <= 1.5:
        case = "near-lower" if gap < 0 else "near-higher"
    else:
        case = "far-lower" if gap < 0 else "far-higher"
    return GuessResult(case, guessed, actual)


@dataclass(frozen=True)
class CoupleCategory:
    """One category of two people who both released it.

    Attributes
    ----------
    mine, theirs
        The two scores, seen by the person who looks.
    distance
        Points between the two, 0 to 100; None when one has no figure.
    case
        Which sentence fits.
    my_guess, their_guess
        My guess of theirs, and their guess of mine.
    """

    category: str
    mine: ScaleScore
    theirs: ScaleScore
    distance: float | None
    case: CoupleCase
    my_guess: GuessResult
    their_guess: GuessResult


def couple_case(one: float | None, other: float | None) -> CoupleCase:
    """Say which of the four cases two scores are; the order of the two does not matter.

    Both high: both nearer to "often" than to "sometimes" (62.5 or more). Both low: both nearer to
    "rarely" (37.5 or less). Otherwise one of each, when they lie 20 points or more apart; else
    similar in the middle. The 20 points are the same as for a change: less may be chance.
    """
    if one is None or other is None:
        return "no-figure"
    if min(one, other) >= _NEARER_OFTEN:
        return "both-high"
    if max(one, other) <= _NEARER_RARELY:
        return "both-low"
    return "one-of-each" if abs(one - other) >= UNCERTAINTY_POINTS else "similar-middle"


def build_couple_view(
    mine: Sequence[ScaleScore],
    theirs: Sequence[ScaleScore],
    my_guesses: Mapping[str, int | None],
    their_guesses: Mapping[str, int | None],
) -> tuple[CoupleCategory, ...]:
    """Put two people's scores side by side, in the instrument's order.

    The caller has made sure that both released this round. Guesses go by category key; a missing
    one is no guess.

    Raises
    ------
    ValueError
        If the two do not have the same categories in the same order.
    """
    if [s.scale for s in mine] != [s.scale for s in theirs]:
        raise ValueError("the two partners were scored on different categories")
    return tuple(
        CoupleCategory(
            category=a.scale,
            mine=a,
            theirs=b,
            distance=None if a.score is None or b.score is None else abs(a.score - b.score),
            case=couple_case(a.score, b.score),
            my_guess=compare_guess(my_guesses.get(a.scale), b.score),
            their_guess=compare_guess(their_guesses.get(a.scale), a.score),
        )
        for a, b in zip(mine, theirs, strict=True)
    )


@dataclass(frozen=True)
class Change:
    """What may be said about one category since the round before.

    Attributes
    ----------
    points
        Now minus then, -100 to 100; None when either has no figure.
    """

    category: str
    case: ChangeCase
    points: float | None


def change_between(before: ScaleScore, now: ScaleScore) -> Change:
    """Say whether a category moved more than chance alone easily moves it.

    Less than 20 points either way is "about the same". Twenty points are four steps: four of five
    answers one option up, or two answers two options up.

    Why four. Suppose that nothing has changed, and that each of five answers still comes out one
    option lower with chance 1/4, the same with 1/2, one higher with 1/4. The sum then moves like
    the heads of ten coins minus five: it moves by four or more steps in 22 of 1024 cases (2 in
    100), by three or more in 112 of 1024 (11 in 100). So four steps is where a change is seldom
    only wobble, for one category; with four categories looked at together, one of them will
    still show it in about 8 of 100 cases. This supposes a wobble; nobody has measured it for
    these items, and a good or bad fortnight is a real change that may pass. So the words stay
    careful in both cases.

    Raises
    ------
    ValueError
        If the two scores are of different scales.

    Notes
    -----
    Source: this project's own reasoning, worked out above and checked in
    ``tests/domain/test_checkup.py`` by counting all cases. Not an index of reliable change: that
    needs a measured reliability (Jacobson & Truax, 1991), which these items do not have.
    """
    if before.scale != now.scale:
        raise ValueError("a change is between two scores of the same category")
    if before.score is None or now.score is None:
        return Change(now.scale, "no-figure", None)
    points = now.score - before.score
    case: ChangeCase = "about-same"
    if abs(points) >= UNCERTAINTY_POINTS:
        case = "more" if points > 0 else "less"
    return Change(now.scale, case, points)
