"""Workbook pages: one kernel per person, one page of it kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tornado.web import HTTPError

from reconnect_widgets import system
from reconnect_widgets.errors import KernelsFullError, KernelStartError, SessionNotFoundError
from reconnect_widgets.server import codes, logs
from reconnect_widgets.server.desk import title_of
from reconnect_widgets.server.kernels import KernelOwner
from reconnect_widgets.server.me import ParticipantHandler
from reconnect_widgets.server.notebooks import STATES_MARK
from reconnect_widgets.server.page_templates import MAIN_MARK
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

    # How much of the page was sent before the rest of it was there.
    _begun = 0

    async def show_notebook(self, owner: KernelOwner, key: str, path: Path) -> None:
        """Answer with the page, kept or rendered now."""
        # A page that is turned in place hears of its widgets before it is here itself, and its
        # browser has all scripts.
        is_turned = self.request.headers.get(TURNED) is not None
        begin = None if is_turned else self._begin
        try:
            page = await self.services.pages.make(owner, key, path, begin)
        except (KernelsFullError, KernelStartError):
            # Both pass. The page keeps what it has and asks again by itself.
            raise self.refusal(503, Retry_After=str(RETRY_AFTER_S)) from None
        if not page.is_whole:
            logs.warn("a notebook failed on resource %s", self.resource.name)
        states = page.states if owner.role == "participant" and not is_turned else ""
        html = page.html.replace(STATES_MARK, states, 1)
        if not self._begun:
            self.set_status(200 if page.is_whole else 500)
            self.set_header("Content-Type", "text/html; charset=utf-8")
        await self.finish(self.with_lines(html[self._begun :]))

    def _begin(self, head: str) -> None:
        """Send how the page begins: the browser loads its scripts while the kernel makes the rest.

        From here on the status is said, and the page itself has to tell what went wrong.
        """
        self._begun = len(head)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.write(self.with_lines(head))
        self.flush()

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Say in a page that has begun what went wrong with it."""
        if not self._begun:
            super().send_error(status_code, **kwargs)
            return
        html = self.compose("error.html", self.describe_error(status_code))
        self.finish(html[html.index(MAIN_MARK) :])


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
