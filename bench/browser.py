"""The browser that all peers are looked at with, and the weight of what it loads."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from playwright.async_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    ViewportSize,
    async_playwright,
)

from bench.peers import Peer, PeerError, Turn, Visit
from tests.support.chromium import ARGUMENTS, PHONE, executable

_SCRIPT = Path(__file__).with_name("page.js").read_text("utf-8")
_PATIENCE_S = 90.0
# Nothing leaves the machine: a name from outside fails at once instead of waiting for a network,
# which is the kindest that can be done to a page that asks for one.
_HERE_ONLY = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


@dataclass(frozen=True)
class Weight:
    """What one visit with an empty cache loads from the server."""

    requests: int
    kib: float
    websocket_kib: float
    asked_outside: int


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Start a Chromium; gone at the end."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable(), args=[*ARGUMENTS, _HERE_ONLY]
        )
        try:
            yield browser
        finally:
            await browser.close()


class Tab:
    """A phone with one page open. Made with an empty cache; keeps its cache until closed."""

    def __init__(self, context: BrowserContext, page: Page, whose: str) -> None:
        self._context = context
        self._page = page
        self._whose = whose
        self._doorstep = "about:blank"
        self._said: asyncio.Queue[tuple[str, float]] = asyncio.Queue()

    @classmethod
    async def open(cls, browser: Browser, peer: Peer) -> Tab:
        """Take a phone that was never at this peer's page before."""
        context = await browser.new_context(
            viewport=ViewportSize(width=PHONE["width"], height=PHONE["height"]), has_touch=True
        )
        page = await context.new_page()
        tab = cls(context, page, peer.name)
        await page.expose_binding("benchSays", tab._hear)
        await page.add_init_script(
            _SCRIPT.replace("= PLAN;", f"= {json.dumps(asdict(peer.plan))};")
        )
        return tab

    async def close(self) -> None:
        """Close the page as a person does."""
        await self._context.close()

    def _hear(self, _source: Any, what: str, at_ms: float) -> None:
        self._said.put_nowait((what, at_ms))

    @asynccontextmanager
    async def _patiently(self, wanted: str) -> AsyncIterator[None]:
        """Tell whose page it was, and what it showed, when this takes too long or goes wrong."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                yield
        except (TimeoutError, Error) as error:
            text = "(nothing that could be read)"
            with suppress(Error):
                text = " ".join((await self.read()).split())
            went_wrong = error.message.splitlines()[0] if isinstance(error, Error) else ""
            raise PeerError(
                f"{self._whose}: the page was not “{wanted}” within {_PATIENCE_S:.0f} s",
                f"{went_wrong} {self._page.url} says: {text[:400]!r}".strip(),
            ) from None

    async def read(self) -> str:
        """Return what can be read on the page."""
        seen = await self._page.inner_text("body", timeout=5000)
        return seen or str(await self._page.evaluate("benchText()"))

    async def _wait_for(self, wanted: str) -> float:
        async with self._patiently(wanted):
            while True:
                what, at_ms = await self._said.get()
                if what == wanted:
                    return at_ms

    async def become(self, visit: Visit) -> None:
        """Be this person from now on; what is cached stays."""
        self._doorstep = visit.doorstep
        await self._stand_outside()
        await self._context.clear_cookies()
        cookies = visit.cookies
        await self._context.add_cookies(
            [{"name": n, "value": v, "url": urljoin(visit.url, "/")} for n, v in cookies.items()]
        )

    async def visit(self, url: str) -> float:
        """Go there; return the milliseconds until the first tap was answered."""
        await self._go(url)
        return await self._wait_for("answered")

    async def look(self, url: str) -> float:
        """Go there; return the milliseconds until the page stands there."""
        await self._go(url)
        return await self._wait_for("shown")

    async def _go(self, url: str) -> None:
        await self._stand_outside()
        self._forget()
        async with self._patiently("reached"):
            await self._page.goto(url, wait_until="commit", timeout=1000 * _PATIENCE_S)

    async def _stand_outside(self) -> None:
        """Leave the page for one of the same server: nobody's browser comes out of nowhere."""
        async with self._patiently("outside"):
            await self._page.goto(self._doorstep, timeout=1000 * _PATIENCE_S)

    def _forget(self) -> None:
        while not self._said.empty():
            self._said.get_nowait()

    async def tap(self, count: int) -> list[float]:
        """Answer the next questions; return the milliseconds from each tap to its word."""
        async with self._patiently("answered"):
            return list(await self._page.evaluate("count => benchTap(count)", count))

    async def turn(self, href: str) -> float:
        """Follow a link that is turned in place; return the milliseconds until the page stands."""
        async with self._patiently("turned"):
            return float(await self._page.evaluate("href => benchTurn(href)", href))

    async def follow(self, turn: Turn) -> float:
        """Tap what leads to the other page; return the milliseconds until that page stands."""
        async with self._patiently("turned"):
            if not turn.loads:
                return float(await self._page.evaluate("turn => benchFollow(turn)", asdict(turn)))
            self._forget()
            await self._page.evaluate("turn => benchLeave(turn)", asdict(turn))
        return await self._wait_for("shown")

    async def weigh(self, url: str) -> Weight:
        """Go there and count what is loaded, until a second after the first tap was answered."""
        host = urlsplit(url).netloc
        line = await self._context.new_cdp_session(self._page)
        asked: dict[str, str] = {}
        loaded: dict[str, float] = {}
        frames: list[int] = []

        def note_bytes(event: dict[str, Any]) -> None:
            size = float(event["encodedDataLength"])
            loaded[event["requestId"]] = max(loaded.get(event["requestId"], 0), size)

        line.on(
            "Network.requestWillBeSent",
            lambda event: asked.__setitem__(event["requestId"], event["request"]["url"]),
        )
        line.on("Network.loadingFinished", note_bytes)
        line.on(
            "Network.webSocketFrameReceived",
            lambda event: frames.append(_length(event["response"])),
        )
        await line.send("Network.enable")
        await self.visit(url)
        await asyncio.sleep(1)
        await line.detach()
        web = {
            key: url
            for key, url in asked.items()
            if url.startswith("http") and url != self._doorstep
        }
        here = {key for key, url in web.items() if urlsplit(url).netloc == host}
        return Weight(
            requests=len(here),
            kib=sum(size for key, size in loaded.items() if key in here) / 1024,
            websocket_kib=sum(frames) / 1024,
            asked_outside=len(web) - len(here),
        )


def _length(frame: dict[str, Any]) -> int:
    """Return the bytes of a websocket message, unpacked; binary ones are told of in base64."""
    payload, is_binary = frame["payloadData"], frame["opcode"] == 2
    return len(b64decode(payload) if is_binary else payload.encode())
