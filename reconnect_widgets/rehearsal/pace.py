"""How fast a rehearsal goes: as fast as the server lets it, or as people do."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Pace:
    """How long made-up people take.

    Attributes
    ----------
    arrive_within_s
        Couples arrive spread over this long.
    thinking
        What a person's own pauses are multiplied by; 0 for none at all.
    patience_s
        How long a person tries again before they give up: a page, an answer, a partner.
    """

    arrive_within_s: float
    thinking: float
    patience_s: float

    async def arrive(self, chance: Random) -> None:
        """Wait until it is this couple's turn to come."""
        await asyncio.sleep(self.arrive_within_s * chance.random())

    async def think(self, seconds: float) -> None:
        """Take one of a person's pauses."""
        await asyncio.sleep(self.thinking * seconds)


FAST = Pace(arrive_within_s=0, thinking=0, patience_s=120)
HUMAN = Pace(arrive_within_s=90, thinking=1, patience_s=120)
