"""What was measured, as plain values: samples by row and peer, medians, spreads, ratios, targets.

What belongs here: arithmetic. What does not: measuring (`rounds`), Markdown (`report`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True)
class Row:
    """One figure that is taken of every peer that can give it.

    Attributes
    ----------
    by_rank
        Samples are many single waits: shown as median and 95th percentile. Otherwise they are a
        few repetitions: shown as median, least and most.
    digits
        After the point.
    """

    key: str
    title: str
    unit: str
    digits: int = 0
    by_rank: bool = False


@dataclass(frozen=True)
class Target:
    """A figure to reach.

    Attributes
    ----------
    limit
        Fixed, or another figure of the same run; None when that was not measured.
    measured
        Reads it from the results; None when it was not measured in this run.
    """

    title: str
    limit: float | Callable[[Results], float | None]
    unit: str
    measured: Callable[[Results], float | None]
    digits: int = 0


@dataclass
class Results:
    """Samples as they come in; a peer that cannot give a row has a reason instead."""

    peers: tuple[str, ...]
    samples: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    reasons: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, row: str, peer: str, *values: float) -> None:
        """Keep what was measured."""
        self.samples.setdefault((row, peer), []).extend(values)

    def cannot(self, row: str, peer: str, reason: str) -> None:
        """Keep why something was not measured; samples of it, if there are any, are forgotten."""
        self.samples.pop((row, peer), None)
        self.reasons[row, peer] = reason

    def of(self, row: str, peer: str) -> list[float]:
        """Return the samples, in the order in which they were taken; empty for none."""
        return self.samples.get((row, peer), [])

    def median(self, row: str, peer: str) -> float | None:
        """Return the middle one, or None when nothing was measured."""
        values = self.of(row, peer)
        return median(values) if values else None

    def ratio(self, row: str, peer: str, other: str) -> float | None:
        """Return how many times the other's median this peer's is; None without both."""
        above, below = self.median(row, peer), self.median(row, other)
        return None if above is None or not below else above / below


def percentile(values: Sequence[float], share: float) -> float:
    """Return the percentile by nearest rank: a value that was measured, not one between two."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def interleave(names: Sequence[str], repetitions: int) -> list[list[str]]:
    """Return who is measured when, so that nobody is always first while the machine warms up."""
    return [
        [*names[turn % len(names) :], *names[: turn % len(names)]] for turn in range(repetitions)
    ]
