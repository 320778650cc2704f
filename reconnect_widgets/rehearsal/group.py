"""All the couples of a rehearsal, playing at once."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable
from random import Random

from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketError

from reconnect_widgets.content import load_instrument
from reconnect_widgets.domain.synthetic import (
    SyntheticAnswer,
    SyntheticItem,
    build_practice_couples,
)
from reconnect_widgets.errors import RehearsalError
from reconnect_widgets.rehearsal.ledger import Ledger
from reconnect_widgets.rehearsal.pace import Pace
from reconnect_widgets.rehearsal.person import Part, RehearsedPerson
from reconnect_widgets.rehearsal.phone import Server

# The first of a couple tells their code to the other, who types it.
TELLING_S = 12.0


class Cast:
    """Everybody of one rehearsal. To be made and used inside an event loop.

    Parameters
    ----------
    code
        The session's join code.
    looks_back
        Whether people look at what the pages show of the record, because nobody else can look
        into it.
    stays_s
        How long people stay when they are through, and go along where everybody is brought.
    """

    def __init__(
        self,
        server: Server,
        code: str,
        couples: int,
        pace: Pace,
        *,
        looks_back: bool,
        stays_s: float = 0,
    ) -> None:
        self.ledger = Ledger()
        self._code = code
        self._pace = pace
        # The same people each time: two rehearsals can be compared.
        self._chance = Random(f"rehearsal of {couples}")  # noqa: S311  # no secret is made of it
        parts = _cast(self._chance, couples)
        client = AsyncHTTPClient(force_instance=True, max_clients=len(parts))
        self.people = [
            RehearsedPerson(
                *(part, server, client, pace, self.ledger),
                looks_back=looks_back,
                stays_s=stays_s,
            )
            for part in parts
        ]

    async def open_door(self) -> str:
        """Let the first person join, and return the title of the session they are in.

        Raises
        ------
        RehearsalError
            If the server does not let them in: then it would let in nobody.
        """
        await self.people[0].knock()
        await self.people[0].join(self._code)
        return self.people[0].session_title

    async def leave_again(self) -> None:
        """Take the first person back, as if nobody had come."""
        await self.people[0].withdraw()

    async def play(self) -> None:
        """Let everybody play to the end; who cannot go on is noted in the ledger."""
        async with asyncio.TaskGroup() as tasks:
            for first, second in zip(self.people[::2], self.people[1::2], strict=True):
                tasks.create_task(self._play_couple(first, second))

    async def _play_couple(self, first: RehearsedPerson, second: RehearsedPerson) -> None:
        if first is not self.people[0]:
            await self._pace.arrive(self._chance)
            if not await self._try("join", first.join(self._code)):
                for person in (first, second):
                    person.has_decided.set()
                return
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._try("pages", first.take_part(second)))
            tasks.create_task(self._play_second(first, second))

    async def _play_second(self, first: RehearsedPerson, second: RehearsedPerson) -> None:
        await self._pace.think(TELLING_S)
        if await self._try("join", second.join(self._code, first.couple_code)):
            await self._try("pages", second.take_part(first))
        else:
            second.has_decided.set()

    async def _try(self, where: str, what: Awaitable[None]) -> bool:
        """Do it; note what went wrong and say whether it went well."""
        try:
            await what
        except RehearsalError as error:
            self.ledger.problems[where, str(error)] += 1
        except (HTTPClientError, WebSocketError, StreamClosedError, OSError, TimeoutError) as error:
            self.ledger.problems[where, f"the connection failed ({type(error).__name__})"] += 1
        else:
            return True
        return False


def _cast(chance: Random, couples: int) -> list[Part]:
    """Make up the people, and what each taps at each question."""
    items = [SyntheticItem(item.key, item.category, item.keyed) for item in load_instrument().items]
    group = build_practice_couples(chance, items, couples)
    taps: dict[int, dict[str, list[SyntheticAnswer]]] = defaultdict(lambda: defaultdict(list))
    for answer in group.answers:
        taps[answer.person][answer.item].append(answer)
    return [Part(index, person, taps[index]) for index, person in enumerate(group.people)]
