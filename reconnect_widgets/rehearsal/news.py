"""The stream of news as a page hears it: that something is new, and nothing more.

Read by hand: Tornado's client can begin a response without an end, but not leave it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import urlsplit

from reconnect_widgets.rehearsal.phone import Phone, Server

AGAIN_AFTER_S = 3.0


async def follow_news(server: Server, phone: Phone, tell: Callable[[], Awaitable[None]]) -> None:
    """Call `tell` at every piece of news, for ever; cancel to end.

    A stream that was cut off is opened again, and `tell` is called then too, as our page does:
    something may have happened meanwhile.
    """
    while True:
        with suppress(OSError):
            await _follow_once(server, phone, tell)
        await asyncio.sleep(AGAIN_AFTER_S)
        await tell()


async def _follow_once(server: Server, phone: Phone, tell: Callable[[], Awaitable[None]]) -> None:
    """Listen until the server ends the stream."""
    parts = urlsplit(server.url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=server.tls)
    try:
        lines = ["GET /live HTTP/1.1", f"Host: {parts.netloc}", f"Cookie: {phone.cookie_header()}"]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        # Chunk sizes stand between the lines; nothing we look for looks like one.
        is_news = False
        async for line in reader:
            name, _, value = line.decode("utf-8", "replace").strip().partition(": ")
            if name == "event":
                is_news = value == "message"
            elif name == "data" and is_news:
                await tell()
    finally:
        writer.close()
