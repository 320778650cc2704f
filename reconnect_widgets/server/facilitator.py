"""The facilitator's desk: sign in, make a session, see who has come, close it.

Nothing on these pages shows or implies an answer: the roster knows how far somebody is, not what
they said.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

from tornado.web import HTTPError

from reconnect_widgets import content, system
from reconnect_widgets.domain.people import NameVisibility, PartnerPolicy
from reconnect_widgets.errors import (
    KernelStartError,
    RecordError,
    RecordWriteError,
    SessionClosedError,
    SessionError,
    SessionNotFoundError,
)
from reconnect_widgets.server import names
from reconnect_widgets.server.desk import describe_roster
from reconnect_widgets.server.identity import sign_in_facilitator, sign_out
from reconnect_widgets.server.pages import PageHandler
from reconnect_widgets.server.phone_address import phone_base_url, reaches_phones
from reconnect_widgets.server.policy import Role
from reconnect_widgets.server.qr import draw_qr
from reconnect_widgets.server.rate_limit import (
    PASSCODE_BY_ADDRESS,
    PASSCODE_OVERALL,
    Key,
    address_subject,
)
from reconnect_widgets.server.session_view import SessionView
from reconnect_widgets.server.streams import EventStreamHandler

DOWNLOADS = ("responses", "participants", "timeline", "codebook")
DEFAULT_AGENDA = ("welcome", "checkup")
KEEP_DAYS_CHOICES = (30, 90, 180, 365)
_POLICIES: dict[str, PartnerPolicy] = {
    "limited-secrets": "limited-secrets",
    "no-secrets": "no-secrets",
}
_VISIBILITIES: dict[str, NameVisibility] = {"facilitator": "facilitator", "off": "off"}


class SignInHandler(PageHandler):
    """``/facilitator/sign-in``."""

    # One check at a time: each takes 64 MiB, and a crowd of guesses must not take the machine.
    _one_at_a_time = asyncio.Lock()

    def get(self) -> None:
        """Show the form."""
        if self.identity.is_facilitator:
            self.redirect("/facilitator", status=303)
        else:
            self._show()

    async def post(self) -> None:
        """Check the passcode."""
        keys = [Key("passcode", address_subject(self.peer.address), PASSCODE_BY_ADDRESS)]
        if not self.peer.is_local:
            keys.append(Key("passcode-overall", "", PASSCODE_OVERALL))
        wait = self.services.limiter.take(keys)
        if wait:
            self.set_header("Retry-After", str(wait))
            self._show(429, "Too many wrong passcodes. Please wait a little and try again.")
            return
        secrets, attempt = self.services.secrets, self.field("passcode")
        async with self._one_at_a_time:
            is_right = await asyncio.to_thread(secrets.is_passcode, attempt)
        if not is_right:
            self._show(403, "That is not the passcode.")
            return
        self.services.limiter.give_back(keys)
        sign_in_facilitator(self, secrets.passcode_mark, secure=self.peer.is_secure)
        self.redirect("/facilitator", status=303)

    def _show(self, status: int = 200, problem: str = "") -> None:
        is_overheard = not (self.peer.is_secure or self.peer.is_local)
        self.render_page(
            "sign-in.html",
            status,
            problem=problem,
            is_overheard=is_overheard,
            secrets_folder=str(self.services.secrets.passcode_path) if self.peer.is_local else "",
        )


class SignOutHandler(PageHandler):
    """``/facilitator/sign-out``."""

    def post(self) -> None:
        """End the log-in."""
        sign_out(self, Role.FACILITATOR, secure=self.peer.is_secure)
        self.redirect("/facilitator/sign-in", status=303)


class DeskHandler(PageHandler):
    """``/facilitator``: the sessions, and a form for a new one."""

    def get(self) -> None:
        """Show them."""
        self._show()

    async def post(self) -> None:
        """Make a session."""
        fields = {name: self.field(name) for name in ("title", "policy", "names", "keep_days")}
        try:
            title = names.parse_title(fields["title"])
            keep_days = int(fields["keep_days"])
            record = await asyncio.to_thread(
                self.services.records.create_session,
                title,
                agenda=DEFAULT_AGENDA,
                partner_policy=_POLICIES[fields["policy"]],
                name_visibility=_VISIBILITIES[fields["names"]],
                keep_days=keep_days,
                now=system.utc_now(),
                content_version=content.CONTENT_VERSION,
            )
        except SessionError as error:
            self._show(422, str(error), fields)
        except (KeyError, ValueError):
            self._show(422, "Please choose one of the answers in every field.", fields)
        except RecordWriteError:
            problem = "The session could not be saved: the record folder takes no writes."
            self._show(503, problem, fields)
        else:
            self.redirect(f"/facilitator/s/{record.session_id}", status=303)

    def _show(
        self, status: int = 200, problem: str = "", fields: dict[str, str] | None = None
    ) -> None:
        now = system.utc_now()
        self.render_page(
            "desk.html",
            status,
            sessions=[_summary(view) for view in self.services.hub.views()],
            broken=self.services.records.broken_sessions(),
            now=now,
            problem=problem,
            fields=fields
            or {
                "title": "",
                "policy": "limited-secrets",
                "names": "facilitator",
                "keep_days": "90",
            },
            keep_days_choices=KEEP_DAYS_CHOICES,
            disk_ok=self.services.disk.is_ok,
        )


class SessionHandler(PageHandler):
    """Base of the pages about one session."""

    def find_view(self, session_id: str) -> SessionView:
        """Return the session's view, or answer 404."""
        try:
            return self.services.hub.view(session_id)
        except SessionNotFoundError:
            raise HTTPError(404) from None

    def roster_values(self, view: SessionView) -> dict[str, Any]:
        """Return what the roster's template shows."""
        return describe_roster(
            view, now=system.utc_now(), disk=self.services.disk, total=_question_count()
        )


class SessionPageHandler(SessionHandler):
    """``/facilitator/s/ID``: join address, QR code, roster."""

    async def get(self, session_id: str) -> None:
        """Show the session; when there is something to review, get ready for that.

        Loading pandas takes seconds, in which nothing could be said.
        """
        self._show(session_id)
        if any(entry.has_answered for entry in self.find_view(session_id).refresh().values()):
            with suppress(KernelStartError):  # whoever opens the review is told then
                await self.services.kernel_manager.warm_up("review")

    def _show(self, session_id: str) -> None:
        view = self.find_view(session_id)
        info = view.info
        base = phone_base_url(self)
        link = f"{base}j/{info.code}"
        now = system.utc_now()
        self.render_page(
            "session.html",
            session=info,
            is_open=info.is_open(now),
            is_due=now >= info.keep_until,
            asks_to_close=bool(self.query("close")),
            join_address=base.split("//")[1].rstrip("/"),
            join_qr=draw_qr(link),
            reaches_phones=reaches_phones(self),
            downloads=DOWNLOADS,
            **self.roster_values(view),
        )


class CloseHandler(SessionHandler):
    """``/facilitator/s/ID/close`` and ``/reopen``."""

    async def post(self, session_id: str, action: str) -> None:
        """Close or reopen the session, and write the merged files."""
        view = self.find_view(session_id)
        change = view.record.close if action == "close" else view.record.reopen
        try:
            await asyncio.to_thread(change, system.utc_now(), "facilitator")
        except SessionClosedError:
            raise HTTPError(409) from None
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


class RosterStreamHandler(EventStreamHandler, SessionHandler):
    """``/facilitator/s/ID/live``: says when the roster shows something else."""

    async def get(self, session_id: str) -> None:
        """Stream until the browser goes."""
        await self.stream(self.find_view(session_id))

    def look(self, view: SessionView) -> str:
        """Name what the roster shows."""
        return str(self.roster_values(view)["roster_mark"])


def _summary(view: SessionView) -> dict[str, Any]:
    info = view.info
    people = [entry for entry in view.refresh().values() if entry.is_present]
    now = system.utc_now()
    return {
        "info": info,
        "people": len(people),
        "couples": len({entry.dyad_id for entry in people if entry.dyad_id}),
        "state": "open"
        if info.is_open(now)
        else "past its end date"
        if now >= info.keep_until
        else "closed",
    }


def _question_count() -> int:
    return len(content.load_instrument().items)
