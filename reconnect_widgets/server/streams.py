"""Server-sent events: small notes from the hub to browsers that wait.

An event says only *that* something is new; the page reads it again from where it is kept. So a
lost event costs nothing but time. One thing is said at once, because a whole room waits for it:
where everybody was brought (decision 0145).
Each carries an id from which the server can tell, after a lost connection or a restart of
its own, whether the browser missed something. A browser that takes nothing for `PATIENCE_S` is
dropped; it comes back by itself when it lives.
"""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import suppress
from typing import Any

from tornado.iostream import StreamClosedError

from reconnect_widgets import system
from reconnect_widgets.server.me import ParticipantHandler
from reconnect_widgets.server.pages import PageHandler
from reconnect_widgets.server.session_view import SessionView
from reconnect_widgets.server.together import find_brought, mark_news

RETRY_MS = 3000
BEAT_S = 15.0
# Keeps proxies from closing a silent line, and tells a page whose network hangs that nobody is
# there any more: a browser says nothing of a comment, so this is an event, which no page acts on.
BEAT_TEXT = "event: beat\ndata: {}\n\n"
PATIENCE_S = 20.0
# A phone that went out of reach takes nothing and says nothing; its system would keep the line
# open for a quarter of an hour. With this, an open stream means that the phone was there just now.
UNHEARD_MS = 40_000
# The person may be gone (withdrawn, session erased) while their browser still waits.
MAX_STREAM_S = 3600.0
# A facilitator's browser comes back within the time after which a silent one is signed out
# (`identity.FACILITATOR_IDLE_MINUTES`): a stream's beginning is where a log-in can be renewed.
MAX_DESK_STREAM_S = 1200.0


class EventStreamHandler(PageHandler):
    """Base of the streams: looks whenever the session may have changed.

    ``looks_every_s``: how often it looks when nobody says that something has. ``rests_s``: for so
    long it says nothing more after it said something, where looking again costs more than a little.
    """

    looks_every_s = BEAT_S
    rests_s = 0.0

    async def stream(self, view: SessionView) -> None:
        """Say so whenever `look` changes, until the browser or the server goes.

        A browser that comes for the first time gets an event named ``hello``, which pages ignore:
        it only sets the id that the browser sends when it comes again. If its page was made from
        something else (``?shown=``), that is news.
        """
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        # Compressed, a small event would wait in the compressor; proxies are asked not to hold it.
        self.set_header("Content-Encoding", "identity")
        self.set_header("X-Accel-Buffering", "no")
        self._hang_up_when_unheard()
        seen, shown = self.request.headers.get("Last-Event-ID", ""), self.query("shown")
        loop = asyncio.get_running_loop()
        is_desk = self.identity.is_facilitator
        ends_at = loop.time() + (MAX_DESK_STREAM_S if is_desk else MAX_STREAM_S)
        with self.services.hub.listen(view.record.session_id) as changed, suppress(_Gone):
            await self._send(f"retry: {RETRY_MS}\n\n")
            view.refresh()
            while not self.services.hub.is_stopping and loop.time() < ends_at:
                changed.clear()
                now = self.look(view)
                if now != seen:
                    name = "message" if seen or shown not in ("", now) else "hello"
                    data = json.dumps(self.tell(view, seen or shown, now))
                    await self._send(f"event: {name}\nid: {now}\ndata: {data}\n\n")
                    seen = now
                    await asyncio.sleep(self.rests_s)
                if not self.still_welcome(view):
                    if not self.is_still_signed_in():  # the desk's page goes to the sign-in
                        await self._send('data: {"what": "ended"}\n\n')
                    break
                try:
                    await asyncio.wait_for(changed.wait(), min(self.looks_every_s, BEAT_S))
                except TimeoutError:
                    view.refresh()  # in case the hub cannot watch the folder just now
                    await self._send(BEAT_TEXT)

    def look(self, view: SessionView) -> str:
        """Return an id of how things stand: it changes when there is something to look at.

        Whoever wakes the streams has read the journals before. A hundred phones that each read
        them again, once for every answer in the room, took half of the server's time.
        """
        raise NotImplementedError

    def tell(self, view: SessionView, seen: str, now: str) -> dict[str, Any]:
        """Return what is said to a browser that has seen one id and is told another."""
        return {"what": "new"}

    def still_welcome(self, view: SessionView) -> bool:
        """Say whether this browser may go on listening."""
        return view.record.folder.exists() and self.is_still_signed_in()

    def _hang_up_when_unheard(self) -> None:
        connection: Any = self.request.connection
        with suppress(OSError, AttributeError):  # Linux has this (RFC 5482)
            option = socket.TCP_USER_TIMEOUT
            connection.stream.socket.setsockopt(socket.IPPROTO_TCP, option, UNHEARD_MS)

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
    """``/live``: "look again", when there is news of the partner, of the session, of the evening.

    The id is the number of news of one's own, a mark of one's part in a small group, a mark of the
    evening, which is everybody's, and whether one has made the choice at the beginning: only after
    it somebody goes where the group is.
    """

    async def get(self) -> None:
        """Stream until the browser goes."""
        with self.view.attendance.listening(self.person.participant_id):
            await self.stream(self.view)

    def look(self, view: SessionView) -> str:
        """Count what there is to look at again."""
        entry = view.roster.get(self.person.participant_id)
        if entry is None or not entry.is_present:
            return "gone"
        return mark_news(view, entry, system.utc_now())

    def tell(self, view: SessionView, seen: str, now: str) -> dict[str, Any]:
        """Say where the group is, and whether there is any other news than the group's.

        ``group`` news concerns everybody at once, so pages take their time to look again; so they
        do with ``part``, that this person sits elsewhere in the small groups or has another part.
        """
        entry = view.roster.get(self.person.participant_id)
        news, part, *_ = [*seen.split("-"), ""]
        is_own, is_part = not now.startswith(f"{news}-"), not now.startswith(f"{news}-{part}-")
        is_open = view.info.is_open(system.utc_now())
        brought = find_brought(view.evening, entry) if entry and is_open else None
        what = "new" if is_own else "part" if is_part else "group"
        return {"what": what, "brought": brought.news if brought else None}

    def still_welcome(self, view: SessionView) -> bool:
        """A person who withdrew, or whose seat was freed, hears nothing more."""
        entry = view.roster.get(self.person.participant_id)
        return super().still_welcome(view) and entry is not None and entry.is_present
