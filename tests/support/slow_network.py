"""A network between a browser and the workbook: slow, or gone without a word.

Chromium's own throttling leaves websockets alone, so this is a real connection in between. What
passes is neither read nor changed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from urllib.parse import urlsplit

PACKET_BYTES = 1400


@dataclass
class _Way:
    """One direction, shared by all connections as a phone's radio is."""

    bytes_per_s: float
    delay_s: float
    is_open: asyncio.Event
    free_at: float = 0.0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass packets on until one side ends; what is under way when the way shuts is lost."""
        loop = asyncio.get_running_loop()
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=64)

        async def arrive() -> None:
            while True:
                at, packet = await under_way.get()
                await asyncio.sleep(max(0.0, at - loop.time()))
                if not packet:
                    writer.write_eof()
                    return
                writer.write(packet)
                await writer.drain()

        arriving = asyncio.create_task(arrive())
        try:
            while packet := await reader.read(PACKET_BYTES):
                if not self.is_open.is_set():
                    return await self._lose(reader)
                self.free_at = max(self.free_at, loop.time()) + len(packet) / self.bytes_per_s
                await under_way.put((self.free_at + self.delay_s, packet))
                await asyncio.sleep(max(0.0, self.free_at - loop.time()))
            await under_way.put((loop.time() + self.delay_s, b""))
            await arriving
        finally:
            arriving.cancel()

    async def _lose(self, reader: asyncio.StreamReader) -> None:
        """Read and drop: a connection over which this happened never comes back."""
        while await reader.read(PACKET_BYTES):
            pass


@dataclass
class SlowNetwork:
    """A relay in front of a server, on a port that the system chooses.

    Parameters
    ----------
    target
        The address of the server.
    kbit_s, latency_ms
        For each direction, and for the way there and back; as fast as it goes without.

    Attributes
    ----------
    url
        What the browser opens in place of the server's address.
    """

    target: str
    kbit_s: float = 1e6
    latency_ms: float = 0.0
    url: str = ""
    _connections: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> SlowNetwork:
        self._up, self._down = self._new_way(), self._new_way()
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await asyncio.sleep(0)  # aborted transports are let go of in the loop's next turn

    def _new_way(self) -> _Way:
        is_open = asyncio.Event()
        is_open.set()
        return _Way(self.kbit_s * 1000 / 8, self.latency_ms / 2000, is_open)

    def shut(self, *, up: bool, down: bool) -> None:
        """Lose what goes up or comes down from now on, without closing anything."""
        for way, is_shut in ((self._up, up), (self._down, down)):
            if is_shut:
                way.is_open.clear()

    def open(self) -> None:
        """Carry again what comes over new connections; old ones stay dead."""
        self._up.is_open.clear()
        self._down.is_open.clear()
        self._up, self._down = self._new_way(), self._new_way()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        parts = urlsplit(self.target)
        up, down = self._up, self._down
        writers = [writer]
        try:
            there, back = await asyncio.open_connection(parts.hostname, parts.port)
            writers.append(back)
            async with asyncio.TaskGroup() as both:
                both.create_task(up.carry(reader, back))
                both.create_task(down.carry(there, writer))
        except* OSError:
            pass  # one side is gone: so is the other
        finally:
            for each in writers:
                each.transport.abort()
            self._connections.discard(task)
