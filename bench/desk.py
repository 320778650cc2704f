"""From the desk's button to every phone: plain event streams against a real server.

The phones are streams and nothing else: no browser, no kernel. So the figures are the server's own
work, and what the phones ask for afterwards.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from tornado.httpclient import AsyncHTTPClient

from bench.figures import Results
from bench.peers.reconnect import Reconnect
from bench.processes import cpu_s, settle
from reconnect_widgets.rehearsal.phone import Phone, text
from reconnect_widgets.system import monotonic_s

ACTS = 10
PLACES = ("repair", "checkup")
# As the pages do: the part under the header is looked at again some time within this.
SPREAD_S = 2.0
PATIENCE_S = 30.0

Say = Callable[[str], None]


async def measure_desk(folder: Path, alone: Results, say: Say) -> None:
    """Bring groups of each size from one exercise to another, and back."""
    for size in alone.peers:
        say(f"  {size} phones that listen")
        server = Reconnect()
        await server.start(folder / f"desk-{size}")
        try:
            # The usual client lets ten requests through at a time.
            client = AsyncHTTPClient(force_instance=True, max_clients=int(size))
            phones = [await server.join(client) for _ in range(int(size))]
            desk = await server.open_desk()
            await settle(server.pid)
            await _bring(server, desk, phones, alone, size)
        finally:
            server.stop()


async def _bring(
    server: Reconnect, desk: Phone, phones: Sequence[Phone], alone: Results, size: str
) -> None:
    streams = [_Stream(phone) for phone in phones]
    chance = random.Random(size)
    try:
        await asyncio.gather(*(stream.open() for stream in streams))
        for number in range(ACTS):
            exercise = PLACES[number % len(PLACES)]
            page = await desk.get(server.desk_path)
            do = re.search(rf'value="(brought {exercise} [^"]+)"', text(page))
            if do is None:
                raise RuntimeError(f"no button on the desk: it answered {page.code}")
            cpu_before_s = cpu_s(server.pid)
            hearing = [asyncio.create_task(stream.hear(exercise)) for stream in streams]
            began_s = monotonic_s()
            pressed = asyncio.create_task(
                desk.submit(page, f"{server.desk_path}/act", {"do": do[1]})
            )
            heard = await asyncio.wait_for(asyncio.gather(*hearing), PATIENCE_S)
            alone.add("heard_ms", size, *(1000 * (at_s - began_s) for at_s in heard))
            if (await pressed).code != 303:
                raise RuntimeError("the desk did not take the act")
            waits = await asyncio.gather(*(_look_again(phone, chance) for phone in phones))
            alone.add("again_ms", size, *(1000 * wait_s for wait_s in waits))
            alone.add("act_cpu_s", size, cpu_s(server.pid) - cpu_before_s)
    finally:
        for stream in streams:
            stream.close()


async def _look_again(phone: Phone, chance: random.Random) -> float:
    """Read the part under the header again, as a page does; return how long that took."""
    await asyncio.sleep(chance.random() * SPREAD_S)
    began_s = monotonic_s()
    answer = await phone.get("/w/?at=welcome")
    if answer.code != 200:
        raise RuntimeError(f"a phone could not look again: {answer.code}")
    return monotonic_s() - began_s


class _Stream:
    """One phone's open event stream."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone

    async def open(self) -> None:
        """Ask for it, and read until its first event."""
        parts = urlsplit(self.phone.url)
        self._reader, self._writer = await asyncio.open_connection(parts.hostname, parts.port)
        lines = (
            "GET /live HTTP/1.1",
            f"Host: {parts.netloc}",
            f"Cookie: {self.phone.cookie_header()}",
        )
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        async for line in self._reader:
            if line.startswith(b"data: "):
                return
        raise RuntimeError("a stream ended before it had begun")

    async def hear(self, exercise: str) -> float:
        """Return the instant at which it says that everybody goes there."""
        async for line in self._reader:
            at_s = monotonic_s()
            if line.startswith(b"data: {"):
                brought = json.loads(line[6:]).get("brought") or {}
                if brought.get("href") == f"/w/{exercise}":
                    return at_s
        raise RuntimeError("a stream ended")

    def close(self) -> None:
        """Hang up."""
        if hasattr(self, "_writer"):
            self._writer.close()
