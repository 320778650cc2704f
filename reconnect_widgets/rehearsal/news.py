"""The stream of news as a page hears it: that something is new, and nothing more.

Read by hand: Tornado's client can begin a response without an end, but not leave it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from urllib.parse import urlsplit

from reconnect_widgets.rehearsal.phone import Phone, Server

AGAIN_AFTER_S = 3.0


async def follow_news(server: Server, phone: Phone, tell: Callable[[], Awaitable[None]]) -> None:
    """Call `tell` at every piece of news, for ever; cancel to end.

    A stream that was cut off is opened again, and `tell` is called as soon as it is, as our page
    does: something may have happened meanwhile.
    """
    heeded = {"message"}
    while True:
        with suppress(OSError):
            await _follow_once(server, phone, tell, heeded)
        await asyncio.sleep(AGAIN_AFTER_S)
        heeded = {"message", "hello"}


async def _follow_once(
    server: Server, phone: Phone, tell: Callable[[], Awaitable[None]], heeded: Collection[str]
) -> None:
    """Listen until the server ends the stream; call `tell` at each event of these names."""
    parts = urlsplit(server.url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=server.tls)
    try:
        lines = ["GET /live HTTP/1.1", f"Host: {parts.netloc}", f"Cookie: {phone.cookie_header()}"]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        # Chunk sizes stand between the lines; nothing we look for looks like one.
        event = ""
        async for line in reader:
            name, _, value = line.decode("utf-8", "replace").strip().partition(": ")
            if name == "event":
                event = value
            elif name == "data" and event in heeded:
                await tell()
    finally:
        writer.close()
