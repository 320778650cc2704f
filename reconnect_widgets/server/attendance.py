"""Who is here, as far as their devices show it: pages that listen, and people who said good-bye.

What belongs here: what this process sees and the record does not hold, and what follows from it
for one person. What does not: words (`desk`), how far somebody is (`roster`).

Nothing of it is written down. After a restart everybody's pages come back within seconds; only
that somebody pressed "Leave quickly" is forgotten, and they then look like a phone that sleeps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Presence = Literal["away-on-purpose", "connected", "idle", "asleep", "left"]

# A request or a tap counts as being here for so long, also when no page stays connected: a page
# that is just being loaded, a browser without scripts.
JUST_NOW = timedelta(minutes=1)
IDLE_AFTER = timedelta(minutes=5)
LEFT_AFTER = timedelta(hours=3)


class Attendance:
    """The pages that listen for news, by participant, and who left last when.

    Attributes
    ----------
    has_listened
        Everybody of whom a page ever did.
    """

    def __init__(self) -> None:
        self._listening: Counter[str] = Counter()
        self.has_listened: set[str] = set()
        self.left_at: dict[str, datetime] = {}

    @contextmanager
    def listening(self, participant_id: str) -> Iterator[None]:
        """Count one page of somebody's while it listens."""
        self._listening[participant_id] += 1
        self.has_listened.add(participant_id)
        try:
            yield
        finally:
            self._listening[participant_id] -= 1

    def is_listening(self, participant_id: str) -> bool:
        """Say whether any page of theirs listens now."""
        return self._listening[participant_id] > 0

    def leave(self, participant_id: str, at: datetime) -> None:
        """Note that somebody signed their device out."""
        self.left_at[participant_id] = at


@dataclass(frozen=True)
class Signs:
    """What is known of one person's devices.

    Attributes
    ----------
    is_device_free
        Their phone lies in another room on purpose: a clock for that runs.
    is_connected
        A page of theirs is connected, and answers (`streams`, `channels`).
    heard_at
        When they last did anything: opened a page, tapped, were recorded.
    left_at
        When they signed their device out.
    """

    is_device_free: bool
    is_connected: bool
    heard_at: datetime | None
    left_at: datetime | None


def read_presence(signs: Signs, now: datetime) -> Presence:
    """Return how somebody is here. Time without devices is never held against anybody."""
    if signs.is_device_free:
        return "away-on-purpose"
    if signs.left_at and (signs.heard_at is None or signs.heard_at <= signs.left_at):
        return "left"
    if signs.heard_at is None:
        return "connected" if signs.is_connected else "left"
    silent = now - signs.heard_at
    if silent < JUST_NOW:
        return "connected"
    if signs.is_connected:
        return "idle" if silent >= IDLE_AFTER else "connected"
    return "left" if silent >= LEFT_AFTER else "asleep"
