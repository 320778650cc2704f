"""Scores a scale from raw answers.

What belongs here: reverse-keying, the percent of maximum possible, the rule for missing answers.
What does not: which items make a scale (`content`), what a score means to a person
(`domain.checkup`), tables of many people (`review`).

The decision a newcomer would question: reverse-keying happens only on the way to a score. Raw
answers are never changed, so the record always says what a person really ticked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Keyed = Literal[1, -1]


@dataclass(frozen=True)
class ScaleItem:
    """One item of a scale and the direction in which it counts."""

    key: str
    keyed: Keyed


@dataclass(frozen=True)
class Scale:
    """The items that are scored together, and the range of their answers.

    Attributes
    ----------
    key
        The category's key, such as ``presence``.
    items
        In the order of the instrument.
    minimum, maximum
        The lowest and highest value that an answer can take.
    min_answered
        With fewer answered items there is no score.

    Raises
    ------
    ValueError
        If no item, a repeated item, an empty range, or a `min_answered` that can not be met.
    """

    key: str
    items: tuple[ScaleItem, ...]
    minimum: int
    maximum: int
    min_answered: int

    def __post_init__(self) -> None:
        keys = [item.key for item in self.items]
        if not keys or len(set(keys)) != len(keys):
            raise ValueError(f"scale {self.key} needs items, each once")
        if not self.minimum < self.maximum:
            raise ValueError(f"scale {self.key} needs a maximum above its minimum")
        if not 1 <= self.min_answered <= len(keys):
            raise ValueError(f"scale {self.key} has {len(keys)} items; min_answered does not fit")


@dataclass(frozen=True)
class ScaleScore:
    """The score of one person on one scale, and what it rests on.

    Attributes
    ----------
    scale
        The scale's key.
    score
        Percent of maximum possible, 0 to 100, higher is more of what the scale is named for;
        None when too few items were answered.
    n_valid, n_items
        Items answered, and items there are.
    is_prorated
        True when the score rests on some of the items only.
    """

    scale: str
    score: float | None
    n_valid: int
    n_items: int
    is_prorated: bool

    @property
    def reason(self) -> Literal["too-few-answers"] | None:
        """Why there is no score; None when there is one."""
        return None if self.score is not None else "too-few-answers"


def key_value(value: int, keyed: Keyed, *, minimum: int, maximum: int) -> int:
    """Turn a raw answer so that more always means more of what the scale is named for.

    Formula: ``value`` for items keyed 1; ``minimum + maximum - value`` for items keyed -1.
    Doing it twice gives the raw answer back.

    Raises
    ------
    ValueError
        If the value is not a whole number from `minimum` to `maximum`.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= maximum:
        raise ValueError(f"expected a whole number from {minimum} to {maximum}")
    return value if keyed == 1 else minimum + maximum - value


def score_scale(scale: Scale, answers: Mapping[str, int | None]) -> ScaleScore:
    """Score one person on one scale as percent of maximum possible (POMP).

    Formula: ``100 * (mean - minimum) / (maximum - minimum)``, where ``mean`` is the mean of the
    keyed answers given. The lowest possible answers give 0, the highest 100.

    Missing answers: with fewer than ``scale.min_answered`` answered there is no score. With some
    missing but at least that many answered, the mean of the answered ones stands for all, and the
    score says so (`is_prorated`). For five items and a minimum of four, that is: five answered, a
    score; four, a prorated score; three or fewer, none. Prorating supposes that the missing answer
    would have been like the person's other answers on this scale; nobody can check that, which is
    why it is flagged.

    Parameters
    ----------
    scale
        What to score.
    answers
        Raw answers by item key. A missing key and None both mean "not answered" (skipped,
        declined or never shown). Items of other scales are passed over.

    Raises
    ------
    ValueError
        If an answer is out of range.

    Notes
    -----
    Source of the formula: Cohen, P., Cohen, J., Aiken, L. S., & West, S. G. (1999). The problem
    of units and the circumstance for POMP. *Multivariate Behavioral Research*, 34(3), 315-346.
    Checked against tables worked out by hand (``tests/domain/test_scoring.py``). Four of five is
    this project's own convention, not a finding.

    Examples
    --------
    Raw 3, 1, 2, 4 and 0, the last one keyed -1, so that it counts 4: the sum is 14 of 20.

    >>> keyed = (1, 1, 1, 1, -1)
    >>> items = tuple(ScaleItem(f"i-{n}", k) for n, k in enumerate(keyed))
    >>> scale = Scale("s", items, minimum=0, maximum=4, min_answered=4)
    >>> score_scale(scale, {"i-0": 3, "i-1": 1, "i-2": 2, "i-3": 4, "i-4": 0}).score
    70.0
    """
    span = scale.maximum - scale.minimum
    above_minimum = [
        key_value(value, item.keyed, minimum=scale.minimum, maximum=scale.maximum) - scale.minimum
        for item in scale.items
        if (value := answers.get(item.key)) is not None
    ]
    n_valid, n_items = len(above_minimum), len(scale.items)
    enough = n_valid >= scale.min_answered
    return ScaleScore(
        scale=scale.key,
        score=100 * sum(above_minimum) / (n_valid * span) if enough else None,
        n_valid=n_valid,
        n_items=n_items,
        is_prorated=enough and n_valid < n_items,
    )
