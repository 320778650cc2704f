"""What came to a browser over the network: every page, and every message of its websockets.

Looking at a screen tells what somebody sees; this tells what they could have seen.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from playwright.async_api import BrowserContext, Error, Page, Request, WebSocket


class Overheard:
    """Keeps whatever comes to one browser, or to one page of it, from the moment this is made."""

    def __init__(self, place: BrowserContext | Page) -> None:
        self._heard: list[bytes] = []
        self._reading: set[asyncio.Task[None]] = set()
        place.on("requestfinished", self._note)
        if isinstance(place, BrowserContext):
            for page in place.pages:
                self._follow(page)
            place.on("page", self._follow)
        else:
            self._follow(place)

    def _follow(self, page: Page) -> None:
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._keep)

    def _keep(self, payload: str | bytes) -> None:
        self._heard.append(payload.encode() if isinstance(payload, str) else payload)

    def _note(self, request: Request) -> None:
        if request.resource_type in ("document", "fetch"):
            task = asyncio.create_task(self._read(request))
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)

    async def _read(self, request: Request) -> None:
        with suppress(
            Error
        ):  # a redirect has no body; a page that was left takes its answers along
            response = await request.response()
            self._keep(await response.body() if response else b"")

    async def words(self, *words: str) -> set[str]:
        """Return which of these words have come here."""
        await asyncio.gather(*self._reading)
        return {word for word in words if any(word.encode() in each for each in self._heard)}
