"""The rehearsal's phone, as tests use it: it can also say what no honest page would.

Each page gets a websocket of its own, messages are JSON text, so that a test can write them by
hand, and what comes can be read one by one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tornado.httpclient import HTTPResponse

from reconnect_widgets import rehearsal
from reconnect_widgets.rehearsal.frames import Message, decode
from reconnect_widgets.rehearsal.phone import text

__all__ = ["Message", "Phone", "text"]


class Phone(rehearsal.Phone):
    """One person's device, in the hands of somebody who may mean harm."""

    subprotocols = None
    _cookie_header = rehearsal.Phone.cookie_header

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._unread: asyncio.Queue[Message | None] = asyncio.Queue()

    async def open_page(self, key: str) -> HTTPResponse:
        """Open a workbook page on a new websocket."""
        await self.hang_up()
        return await super().open_page(key)

    async def connect(self, kernel_id: str) -> None:
        await self.hang_up()
        self._unread = asyncio.Queue()
        await super().connect(kernel_id)

    def _hear(self, frame: str | bytes | None, closed: asyncio.Event) -> None:
        self._unread.put_nowait(None if frame is None else decode(frame))
        super()._hear(frame, closed)

    async def next_message(self, timeout_s: float = 20) -> Message | None:
        """Return the next message, or None when the server hung up."""
        return await asyncio.wait_for(self._unread.get(), timeout_s)

    async def wait_for(self, wanted: Callable[[Message], bool], timeout_s: float = 20) -> Message:
        """Read until a message fits; AssertionError when the server hangs up or time is out."""
        async with asyncio.timeout(timeout_s):
            while True:
                message = await self.next_message(timeout_s)
                assert message is not None, "the server hung up"
                if wanted(message):
                    return message
