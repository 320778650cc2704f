"""What happened in a rehearsal: what was told to be saved, how long it took, what went wrong.

No name and no code is kept here. Answers are, because they are compared with the record; nothing
that is printed is made of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from reconnect_widgets.system import monotonic_s

Step = Literal[
    "join",
    "first page",
    "next page",
    "tap to saved",
    "button to next",
    "news of the partner",
]
STEPS: tuple[Step, ...] = Step.__args__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Acknowledged:
    """One thing that a person was told is saved.

    Attributes
    ----------
    person
        Which of the rehearsal's people, from 0.
    in_record
        Whether the record must hold it: not what is answered by who is not recorded, and not
        a step through the welcome.
    recorded_at
        As told.
    item, status, value
        Of an answer; empty for a button.
    """

    person: int
    event_id: str
    in_record: bool
    recorded_at: str
    exercise: str = ""
    round: int | None = None
    item: str = ""
    status: str = ""
    value: int | None = None


@dataclass
class Ledger:
    """The notes of all people of one rehearsal, in the order of the happenings.

    Attributes
    ----------
    sent
        Every event id that was ever sent, acknowledged or not.
    problems
        (where, what) → how often somebody could not go on.
    repeats
        How often something was sent again because no answer came, or "not yet".
    waits
        How often the server asked somebody to come again a little later.
    seen, unseen
        Acknowledged answers that a page, made anew from the record, showed and did not show.
        Counted only where there is no record to look into.
    """

    sent: set[str] = field(default_factory=set)
    acknowledged: list[Acknowledged] = field(default_factory=list)
    seconds: dict[Step, list[float]] = field(default_factory=lambda: {step: [] for step in STEPS})
    problems: Counter[tuple[str, str]] = field(default_factory=Counter)
    joined: int = 0
    finished: int = 0
    repeats: int = 0
    waits: int = 0
    seen: int = 0
    unseen: int = 0

    @contextmanager
    def timed(self, step: Step) -> Iterator[None]:
        """Note how long something took, if it succeeds."""
        began_s = monotonic_s()
        yield
        self.seconds[step].append(monotonic_s() - began_s)

    @property
    def answers(self) -> int:
        """How many answers were acknowledged."""
        return sum(1 for one in self.acknowledged if one.item)
