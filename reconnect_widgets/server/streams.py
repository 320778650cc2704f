"""Server-sent events: small notes from the hub to browsers that wait.

An event says only *that* something is new; the page reads it again from where it is kept. So a
lost event costs nothing but time.
Each carries an id from which the server can tell, after a lost connection or a restart of
its own, whether the browser missed something. A browser that takes nothing for `PATIENCE_S` is
dropped; it comes back by itself when it lives.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from tornado.iostream import StreamClosedError

from reconnect_widgets.server.me import ParticipantHandler
from reconnect_widgets.server.pages import PageHandler
from reconnect_widgets.server.session_view import SessionView

RETRY_MS = 3000
BEAT_S = 15.0
# Keeps proxies from closing a silent line, and tells a page whose network hangs that nobody is
# there any more: a browser says nothing of a comment, so this is an event, which no page acts on.
BEAT_TEXT = "event: beat\ndata: {}\n\n"
PATIENCE_S = 20.0
# The person may be gone (withdrawn, session erased) while their browser still waits.
MAX_STREAM_S = 3600.0


class EventStreamHandler(PageHandler):
    """Base of the streams: looks whenever the session may have changed."""

    async def stream(self, view: SessionView) -> None:
        """Say so whenever `look` changes, until the browser or the server goes.

        A browser that comes for the first time gets an event named ``hello``, which pages ignore:
        it only sets the id that the browser sends when it comes again.
        """
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        # Compressed, a small event would wait in the compressor; proxies are asked not to hold it.
        self.set_header("Content-Encoding", "identity")
        self.set_header("X-Accel-Buffering", "no")
        seen = self.request.headers.get("Last-Event-ID", "")
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + MAX_STREAM_S
        with self.services.hub.listen(view.record.session_id) as changed, suppress(_Gone):
            await self._send(f"retry: {RETRY_MS}\n\n")
            view.refresh()
            while not self.services.hub.is_stopping and loop.time() < ends_at:
                changed.clear()
                now = self.look(view)
                if now != seen:
                    name = "message" if seen else "hello"
                    await self._send(f'event: {name}\nid: {now}\ndata: {{"what": "new"}}\n\n')
                    seen = now
                if not self.still_welcome(view):
                    break
                try:
                    await asyncio.wait_for(changed.wait(), BEAT_S)
                except TimeoutError:
                    view.refresh()  # in case the hub cannot watch the folder just now
                    await self._send(BEAT_TEXT)

    def look(self, view: SessionView) -> str:
        """Return an id of how things stand: it changes when there is something to look at.

        Whoever wakes the streams has read the journals before. A hundred phones that each read
        them again, once for every answer in the room, took half of the server's time.
        """
        raise NotImplementedError

    def still_welcome(self, view: SessionView) -> bool:
        """Say whether this browser may go on listening."""
        return view.record.folder.exists()

    async def _send(self, text: str) -> None:
        self.write(text)
        try:
            await asyncio.wait_for(self.flush(), PATIENCE_S)
        except (StreamClosedError, TimeoutError):
            # Without this, what it never took would be kept for as long as it stays connected.
            connection: Any = self.request.connection
            connection.stream.close()
            raise _Gone from None


class _Gone(Exception):  # noqa: N818
    """The browser is not there any more, or does not read."""


class NewsHandler(EventStreamHandler, ParticipantHandler):
    """``/live``: "look again", when the partner released something or the session closed."""

    async def get(self) -> None:
        """Stream until the browser goes."""
        await self.stream(self.view)

    def look(self, view: SessionView) -> str:
        """Count what there is to look at again."""
        entry = view.roster.get(self.person.participant_id)
        return str(entry.news) if entry and entry.is_present else "gone"

    def still_welcome(self, view: SessionView) -> bool:
        """A person who withdrew hears nothing more."""
        entry = view.roster.get(self.person.participant_id)
        return super().still_welcome(view) and entry is not None and entry.is_present
