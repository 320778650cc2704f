"""The outcome of a rehearsal as plain values: counts, times, and whether all is well.

Holds no name, no code and no answer; it may be shown and kept.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from reconnect_widgets.rehearsal.comparison import Comparison
from reconnect_widgets.rehearsal.ledger import Ledger


@dataclass(frozen=True)
class Times:
    """How long one step took, in milliseconds, over all people."""

    step: str
    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    most_ms: float


@dataclass(frozen=True)
class Report:
    """What came of a rehearsal.

    Attributes
    ----------
    session_id
        Empty when the record is not at hand.
    acknowledged
        ``answers`` and ``steps`` that people were told are saved (or, of who is not recorded,
        taken).
    checked_against
        ``journals``, or ``pages``: what pages made anew from the record showed.
    gaps, unreadable
        Holes in the numbering of the session's journals, and rows that cannot be read.
    """

    session_id: str
    couples: int
    people: int
    joined: int
    finished: int
    acknowledged: dict[str, int]
    times: tuple[Times, ...]
    checked_against: str
    compared: int
    lost: int
    different: int
    extra: int
    gaps: int
    unreadable: int
    repeats: int
    waits: int
    problems: tuple[dict[str, str | int], ...]
    took_s: float

    @property
    def is_whole(self) -> bool:
        """Whether the record holds exactly what was acknowledged."""
        return not (self.lost or self.different or self.extra or self.gaps or self.unreadable)

    @property
    def is_ok(self) -> bool:
        """Whether everybody came to the end, and the record is whole."""
        return self.is_whole and not self.problems and self.finished == self.people

    def as_json(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        return {"ok": self.is_ok, **asdict(self)}


def build_report(
    ledger: Ledger,
    *,
    couples: int,
    took_s: float,
    comparison: Comparison | None,
    session_id: str = "",
    gaps: int = 0,
    unreadable: int = 0,
) -> Report:
    """Put together what happened; without a comparison, what the pages showed takes its place."""
    against = "journals" if comparison else "pages"
    found = comparison or Comparison(ledger.seen + ledger.unseen, ledger.unseen, 0, 0)
    answers = ledger.answers
    return Report(
        session_id=session_id,
        couples=couples,
        people=2 * couples,
        joined=ledger.joined,
        finished=ledger.finished,
        acknowledged={"answers": answers, "steps": len(ledger.acknowledged) - answers},
        times=tuple(
            describe_times(step, seconds) for step, seconds in ledger.seconds.items() if seconds
        ),
        checked_against=against,
        compared=found.compared,
        lost=found.lost,
        different=found.different,
        extra=found.extra,
        gaps=gaps,
        unreadable=unreadable,
        repeats=ledger.repeats,
        waits=ledger.waits,
        problems=tuple(
            {"where": where, "what": what, "count": count}
            for (where, what), count in sorted(ledger.problems.items())
        ),
        took_s=round(took_s, 1),
    )


def describe_times(step: str, seconds: Sequence[float]) -> Times:
    """Return the count and the percentiles by nearest rank: each is a time that somebody waited."""
    ordered = sorted(seconds)

    def rank(share: float) -> float:
        return round(1000 * ordered[max(0, math.ceil(share * len(ordered)) - 1)], 1)

    return Times(step, len(ordered), rank(0.5), rank(0.95), rank(0.99), rank(1))
