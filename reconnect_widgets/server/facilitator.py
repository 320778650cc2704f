"""The facilitator's pages around a session: close it, take the tables along.

The desk itself, from which an evening is run, is `desk_page`; sessions are made in `prepare`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from tornado.web import HTTPError

from reconnect_widgets import system
from reconnect_widgets.domain.people import Session
from reconnect_widgets.errors import (
    RecordError,
    SessionClosedError,
    SessionNotFoundError,
)
from reconnect_widgets.server.session_view import SessionView
from reconnect_widgets.server.way_back import WayBackHandler
from reconnect_widgets.server.workbook_page import ReviewHandler

DOWNLOADS = ("responses", "participants", "timeline", "codebook")


class SessionHandler(WayBackHandler):
    """Base of the pages about one session."""

    def find_view(self, session_id: str) -> SessionView:
        """Return the session's view, or answer 404."""
        try:
            return self.services.hub.view(session_id)
        except SessionNotFoundError:
            raise HTTPError(404) from None

    def say_over(self, session: Session) -> None:
        """Answer that the session is past its end date, after which nothing of it is changed."""
        self.render_page("over.html", 409, session=session)


class SessionReviewHandler(SessionHandler, ReviewHandler):
    """``/facilitator/review/ID``: the review, as a page about a session."""


class CloseHandler(SessionHandler):
    """``/facilitator/s/ID/close`` and ``/reopen``."""

    async def post(self, session_id: str, action: str) -> None:
        """Close or reopen the session, and write the merged files."""
        view = self.find_view(session_id)
        change = view.record.close if action == "close" else view.record.reopen
        try:
            await asyncio.to_thread(change, system.utc_now(), self.facilitator_id)
        except SessionClosedError:
            self.say_over(view.info)
            return
        except RecordError:
            raise HTTPError(503) from None
        view.refresh()
        self.services.hub.wake(session_id)
        await self.services.merger.merge(session_id)
        self.redirect(f"/facilitator/s/{session_id}", status=303)


class DownloadHandler(SessionHandler):
    """``/facilitator/s/ID/files/NAME.csv``: the merged files, fresh."""

    async def get(self, session_id: str, name: str) -> None:
        """Merge, then send the file."""
        view = self.find_view(session_id)
        if name not in DOWNLOADS:
            raise HTTPError(404)
        await self.services.merger.merge(session_id)
        path: Path = view.record.folder / f"{name}.csv"
        try:
            data = await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            raise HTTPError(404) from None
        self.set_header("Content-Type", "text/csv; charset=utf-8; header=present")
        self.set_header("Content-Disposition", f'attachment; filename="{session_id}-{name}.csv"')
        await self.finish(data)
