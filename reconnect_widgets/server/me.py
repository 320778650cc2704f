"""My place: the codes of one person, their partner, and the way out."""

from __future__ import annotations

import asyncio

from tornado.web import HTTPError

from reconnect_widgets import system
from reconnect_widgets.errors import JoinError, RecordWriteError
from reconnect_widgets.server import codes
from reconnect_widgets.server.identity import sign_out
from reconnect_widgets.server.kernels import KernelOwner
from reconnect_widgets.server.pages import PageHandler
from reconnect_widgets.server.phone_address import phone_base_url
from reconnect_widgets.server.policy import Role
from reconnect_widgets.server.qr import draw_qr
from reconnect_widgets.server.rate_limit import (
    COUPLE_BY_SESSION,
    JOIN_BY_ADDRESS,
    Key,
    address_subject,
)
from reconnect_widgets.server.roster import RosterEntry, partner_of
from reconnect_widgets.server.seating import SeatWriter
from reconnect_widgets.server.session_view import SessionView


class ParticipantHandler(PageHandler):
    """Base of pages about the person who asks; the table lets only participants come here."""

    @property
    def person(self) -> RosterEntry:
        """Who asks."""
        if self.identity.person is None:
            raise HTTPError(403)
        return self.identity.person

    @property
    def view(self) -> SessionView:
        """Their session."""
        if self.identity.session is None:
            raise HTTPError(403)
        return self.services.hub.view(self.identity.session.session_id)

    @property
    def last_exercise(self) -> str:
        """Where they were last, as far as anybody knows; the welcome page is no such place."""
        opened = self.view.last_page.get(self.person.participant_id, "")
        return self.person.step if opened in ("", "welcome") else opened

    @property
    def kernel_owner(self) -> KernelOwner:
        """Whose kernel theirs is."""
        return KernelOwner("participant", self.view.record.session_id, self.person.participant_id)


class MeHandler(ParticipantHandler):
    """``/me``: the codes, and joining the partner's couple when both began one of their own."""

    def get(self) -> None:
        """Show the place."""
        self._show()

    async def post(self) -> None:
        """Move into the partner's couple."""
        code = self.field("couple_code")
        keys = [
            Key("join", address_subject(self.peer.address), JOIN_BY_ADDRESS),
            Key("couple", self.view.record.session_id, COUPLE_BY_SESSION),
        ]
        try:
            if not codes.normalise_code(code):
                raise JoinError("incomplete", "Please type your partner’s code.")
            wait = self.services.limiter.take(keys)
            if wait:
                self.set_header("Retry-After", str(wait))
                raise JoinError(
                    "too-many-attempts", "There were many wrong codes. Please try again later."
                )
            await SeatWriter(self.services.secrets).move_seat(
                self.view, self.person.participant_id, code
            )
        except JoinError as error:
            if error.reason not in ("wrong-couple", "too-many-attempts", "incomplete"):
                self.services.limiter.give_back(keys)
            self._show(problem=str(error), couple_code=code, status=_status(error))
        except RecordWriteError:
            self.services.limiter.give_back(keys)
            problem = "That could not be saved just now. Please try once more."
            self._show(problem=problem, couple_code=code, status=503)
        else:
            self.services.limiter.give_back(keys)
            # A living kernel knows the couple it began with; the next one reads the new one.
            await self.services.seats.shutdown(self.kernel_owner)
            self.services.hub.wake(self.view.record.session_id)
            self.redirect("/me", status=303)

    def _show(self, *, problem: str = "", couple_code: str = "", status: int = 200) -> None:
        person, view = self.person, self.view
        writer = SeatWriter(self.services.secrets)
        partner = partner_of(view.refresh(), person)
        own_code = writer.couple_code(view.record.session_id, person.dyad_id)
        link = f"{phone_base_url(self)}j/{view.info.code}?with={own_code}"
        waits_for_partner = bool(person.dyad_id) and partner is None
        return_code = writer.return_code(view.record.session_id, person.participant_id)
        self.render_page(
            "me.html",
            status,
            person=person,
            session=view.info,
            is_open=view.info.is_open(system.utc_now()),
            partner=partner,
            return_code=codes.group_code(return_code, 5),
            couple_code=own_code if waits_for_partner else "",
            partner_link=link,
            partner_qr=draw_qr(link) if waits_for_partner else "",
            can_move=partner is None and not person.has_answered,
            last_page=self.last_exercise,
            sharing=self.identity.sharing,
            problem=problem,
            typed_code=couple_code,
        )


class WithdrawHandler(ParticipantHandler):
    """``/me/withdraw``: erase everything about this person, after one question.

    Whose seat was freed can do so, too: what is set aside is still in the record.
    """

    @property
    def person(self) -> RosterEntry:
        """Who asks."""
        return self.identity.freed or super().person

    def get(self) -> None:
        """Ask."""
        self.render_page("withdraw.html", problem="", is_freed=self.identity.freed is not None)

    async def post(self) -> None:
        """Erase. The kernel goes first, so that nothing is written behind the eraser."""
        owner, view = self.kernel_owner, self.view
        await self.services.seats.shutdown(owner)
        try:
            await asyncio.to_thread(view.record.withdraw, owner.subject, system.utc_now())
        except RecordWriteError:
            self.render_page(
                "withdraw.html",
                503,
                is_freed=self.identity.freed is not None,
                problem="This could not be done just now: the disk takes no writes. Nothing has "
                "changed. Please tell your facilitator and try once more.",
            )
            return
        view.refresh()
        self.services.hub.wake(view.record.session_id)
        other = self.identity.sharing.other if self.identity.sharing else None
        if other is None:
            sign_out(self, Role.PARTICIPANT, secure=self.peer.is_secure)
        # A shared phone's cookie stays: who is left of the two takes the phone.
        self._identity = self.identity.without_person()
        self.render_page("withdrawn.html", other=other)


def _status(error: JoinError) -> int:
    return {"wrong-couple": 404, "too-many-attempts": 429, "incomplete": 422}.get(error.reason, 409)
