"""The small resources: safety, the quick exit, health, static files."""

from __future__ import annotations

from typing import Any

from tornado.web import StaticFileHandler

from reconnect_widgets import __version__, content, system
from reconnect_widgets.server import headers
from reconnect_widgets.server.identity import sign_out
from reconnect_widgets.server.page_templates import NEUTRAL_PATH, NEUTRAL_URL
from reconnect_widgets.server.pages import PageHandler
from reconnect_widgets.server.policy import Resource, Role


class SafetyHandler(PageHandler):
    """``/safety`` and ``/w/safety``: plain, without a kernel, for when all else fails."""

    def get(self) -> None:
        """Show the page."""
        countries: dict[str, list[content.HelpLine]] = {}
        for line in content.load_help_lines().lines:
            countries.setdefault(line.country, []).append(line)
        self.render_page(
            "safety.html", passages=content.load_passages("safety"), countries=countries
        )

    def head(self) -> None:
        """Answer without a body."""
        self.get()


class LeaveHandler(PageHandler):
    """``/leave``: sign this browser out and go somewhere neutral."""

    def check_xsrf_cookie(self) -> None:
        """Need no token: leaving must not fail, and being signed out by others harms little.

        Tornado's check of where the request comes from still refuses other sites.
        """

    def get(self) -> None:
        """Leave, without JavaScript."""
        self._sign_out()
        self.redirect(NEUTRAL_PATH, status=303)

    def post(self) -> None:
        """Leave, told by the page's script, which goes on by itself."""
        self._sign_out()
        self.set_status(204)

    def _sign_out(self) -> None:
        self._note_for_the_desk()
        sign_out(self, Role.PARTICIPANT, Role.FACILITATOR, secure=self.peer.is_secure)

    def _note_for_the_desk(self) -> None:
        """Let the desk say that they left, and not that their phone sleeps; kept nowhere."""
        session, sharing = self.identity.session, self.identity.sharing
        if session is None:
            return
        attendance = self.services.hub.view(session.session_id).attendance
        people = [self.identity.person, *((sharing.holder, sharing.other) if sharing else ())]
        for person in people:
            if person is not None:
                attendance.leave(person.participant_id, system.utc_now())


class NeutralPageHandler(PageHandler):
    """``/flat-bread``: nothing of ours to see; goes on elsewhere where there is internet."""

    def get(self) -> None:
        """Show the page, which alone may ask whether the page elsewhere can be reached."""
        self.set_header("Content-Security-Policy", headers.neutral_page_policy(NEUTRAL_URL))
        self.render_page("flat-bread.html")


class HealthHandler(PageHandler):
    """``/healthz``: for whoever looks after this machine."""

    async def get(self) -> None:
        """Say how things are; 200 also when the disk is in trouble, which is in the body."""
        now = system.utc_now()
        views = self.services.hub.views()
        await self.finish(
            {
                "version": __version__,
                "open_sessions": sum(1 for view in views if view.info.is_open(now)),
                "kernels": len(self.services.seats.owners()),
                "last_disk_write_ok": await self.services.disk.probe(),
            }
        )


class StaticHandler(StaticFileHandler, PageHandler):
    """``/static/…``: our own files; with a version in the address they never change."""

    caching = "public-page"

    def initialize(self, resource: Resource, path: str) -> None:  # type: ignore[override]
        """Take the line of the table and the folder."""
        PageHandler.initialize(self, resource)
        StaticFileHandler.initialize(self, path)

    def set_extra_headers(self, path: str) -> None:
        """Let a versioned address be kept for good."""
        if "v" in self.request.arguments:
            for name, value in headers.common_headers("immutable").items():
                self.set_header(name, value)

    def compute_etag(self) -> str | None:
        """Files have validators."""
        return StaticFileHandler.compute_etag(self)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer errors like every page."""
        PageHandler.write_error(self, status_code, **kwargs)
