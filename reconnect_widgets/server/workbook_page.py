"""Workbook pages: one kernel per person, one page of it kept."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar
from weakref import WeakValueDictionary

from tornado.web import HTTPError

from reconnect_widgets import system
from reconnect_widgets.domain.people import browser_tag
from reconnect_widgets.errors import KernelsFullError, KernelStartError, SessionNotFoundError
from reconnect_widgets.server import codes, logs
from reconnect_widgets.server.desk import title_of
from reconnect_widgets.server.kernels import KernelOwner
from reconnect_widgets.server.me import ParticipantHandler
from reconnect_widgets.server.notebooks import STATES_MARK
from reconnect_widgets.server.pages import PageHandler
from reconnect_widgets.server.phone_address import phone_base_url
from reconnect_widgets.server.seating import SeatWriter
from reconnect_widgets.server.together import is_open_to

RETRY_AFTER_S = 10
# Sent by a page that fetches another one in its own place.
TURNED = "X-Reconnect-Turned"
# The page to keep, and where on a workbook's page there is room for the code.
TAKEAWAY = "takeaway"
CODE_MARK = "<!-- return code -->"


class NotebookHandler(PageHandler):
    """Base of pages that a notebook makes."""

    # One page of one person is rendered at a time: showing another closes the widgets of the one
    # before, and two visits at once must come to the same widgets.
    _rendering: ClassVar[WeakValueDictionary[KernelOwner, asyncio.Lock]] = WeakValueDictionary()

    async def show_notebook(self, owner: KernelOwner, key: str, path: Path) -> None:
        """Answer with the page, kept or rendered now."""
        lock = self._rendering.setdefault(owner, asyncio.Lock())
        async with lock:
            try:
                async with self.services.seats.arrival(owner):
                    html, states = await self._page(owner, key, path)
            except (KernelsFullError, KernelStartError):
                # Both pass. The page keeps what it has and asks again by itself.
                raise self.refusal(503, Retry_After=str(RETRY_AFTER_S)) from None
        self.set_header("Content-Type", "text/html; charset=utf-8")
        # A page that is turned in place hears of its widgets before it is here itself.
        wants_states = self.request.headers.get(TURNED) is None and owner.role == "participant"
        html = html.replace(STATES_MARK, states if wants_states else "", 1)
        await self.finish(self.with_lines(html))

    async def _page(self, owner: KernelOwner, key: str, path: Path) -> tuple[str, str]:
        """Return the page and, if it was made just now, the states of its widgets."""
        seats = self.services.seats
        kernel_id = await seats.ensure(owner)
        kept = seats.page(kernel_id, key)
        if kept is not None:
            return kept, ""
        try:
            html, states, is_whole = await self._render(owner, kernel_id, key, path)
        except KernelStartError:
            # It ended at this very page: an accident. If that happens twice, it is none.
            kernel_id = await seats.ensure(owner)
            html, states, is_whole = await self._render(owner, kernel_id, key, path)
        if is_whole:
            seats.keep_page(kernel_id, key, html)
        else:
            logs.warn("a notebook failed on resource %s", self.resource.name)
            self.set_status(500)
        return html, states

    async def _render(
        self, owner: KernelOwner, kernel_id: str, key: str, path: Path
    ) -> tuple[str, str, bool]:
        # From here on the page before is falling apart in the kernel, also if this one fails.
        self.services.seats.forget_pages(kernel_id)
        return await self.services.notebooks.render(
            path,
            kernel_id,
            role=owner.role,
            exercise=key,
            tag=self._tag(owner),
        )

    def _tag(self, owner: KernelOwner) -> str:
        """Name the owner in their browser as their kernel does."""
        seating = self.services.hub.view(owner.session_id).changes
        return browser_tag(owner.session_id, owner.subject, seating.begun_anew(owner.subject))


class WorkbookHandler(NotebookHandler, ParticipantHandler):
    """``/w/KEY``: an exercise."""

    async def get(self, key: str) -> None:
        """Show it."""
        path = self.services.notebooks.participant.get(key)
        if path is None:
            raise HTTPError(404)
        self.at_exercise = key
        if not is_open_to(self.view, self.person, key, system.utc_now()):
            self.render_page("not-yet.html", title=title_of(key), exercise=key)
            return
        await self.show_notebook(self.kernel_owner, key, path)
        self.view.last_page[self.person.participant_id] = key

    def with_lines(self, html: str) -> str:
        """Add the return code to the page to keep; no kernel knows it, no page is kept with it."""
        html = super().with_lines(html)
        code = self._return_code() if self.at_exercise == TAKEAWAY and CODE_MARK in html else ""
        return html.replace(CODE_MARK, code, 1)

    def _return_code(self) -> str:
        writer = SeatWriter(self.services.secrets)
        code = writer.return_code(self.view.record.session_id, self.person.participant_id)
        values = {"code": codes.group_code(code, 5), "address": phone_base_url(self)}
        return self.services.templates.render("return-code.html", values)


class ReviewHandler(NotebookHandler):
    """``/facilitator/review/ID``: the group's figures, in a kernel with pandas."""

    async def get(self, session_id: str) -> None:
        """Show them, always fresh: a reload is how a facilitator asks for the newest figures."""
        try:
            view = self.services.hub.view(session_id)
        except SessionNotFoundError:
            raise HTTPError(404) from None
        path = self.services.notebooks.facilitator.get("review")
        if path is None:
            raise HTTPError(404)
        await self.services.merger.merge(view.record.session_id)
        owner = KernelOwner("facilitator", view.record.session_id, "review")
        kernel_id = self.services.seats.kernel_of(owner)
        if kernel_id:
            self.services.seats.forget_pages(kernel_id)
        await self.show_notebook(owner, "review", path)
