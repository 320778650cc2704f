"""The join page: plain HTML, no script needed, starts no kernel before somebody has a seat.

A GET never takes a seat, because chat applications fetch links to preview them. Every refusal
keeps the form as it was filled and says what to do.
"""

from __future__ import annotations

import re
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass

from tornado.web import HTTPError

from reconnect_widgets import system
from reconnect_widgets.domain.people import MAX_NAME_LENGTH, NameVisibility
from reconnect_widgets.errors import JoinError, JoinReason, RecordWriteError
from reconnect_widgets.server import codes
from reconnect_widgets.server.identity import sign_in_participant
from reconnect_widgets.server.kernels import KernelOwner
from reconnect_widgets.server.pages import HAND_OVER, PageHandler
from reconnect_widgets.server.policy import Role
from reconnect_widgets.server.rate_limit import (
    COUPLE_BY_SESSION,
    JOIN_BY_ADDRESS,
    RETURN_BY_ADDRESS,
    Key,
    address_subject,
)
from reconnect_widgets.server.roster import RosterEntry, partner_of
from reconnect_widgets.server.seating import (
    FIELD_OF_REASON,
    JoinForm,
    Problem,
    SeatWriter,
    check_session,
    count_seats,
    parse_join_form,
)
from reconnect_widgets.server.session_view import SessionView
from reconnect_widgets.server.shared_phone import Seat, share

_STATUS: dict[JoinReason, int] = {
    "wrong-code": 404,
    "wrong-couple": 404,
    "wrong-return-code": 404,
    "closed": 410,
    "expired": 410,
    "seat-taken": 409,
    "couple-full": 409,
    "full": 409,
    "bad-name": 422,
    "incomplete": 422,
    "too-many-attempts": 429,
}
# Said where a name is asked for; the empty one while no session is known.
_WHO_SEES_NAMES: dict[NameVisibility | str, str] = {
    "": "Your facilitator can see it; in some groups it also stands on the screen for all.",
    "off": "Lists show a code in its place. The record holds it, for your facilitator alone.",
    "facilitator": "Your facilitator sees it on the list of who is here.",
    "everyone": "Your facilitator sees it, the screen for the group may say that you are here, and "
    "so may the phones of those you sit with in a small group.",
}
_FREED_CODE = (
    "Your facilitator has freed the seat of this return code. Please join anew, with the code of "
    "the session."
)
_FORM_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,40}")


@dataclass(frozen=True)
class Filled:
    """The form as it stands on the page."""

    code: str = ""
    name: str = ""
    how: str = ""
    slot: str = ""
    couple_code: str = ""
    partner_name: str = ""
    return_code: str = ""


class JoinHandler(PageHandler):
    """``/``: the form, the seat, and coming back with a return code."""

    _is_forged = False
    _met: SessionView | None = None

    def get(self) -> None:
        """Show the form, or whose place this browser already has."""
        if Role.HANDING_OVER in self.identity.roles and not self.query("other"):
            self.redirect(HAND_OVER, status=303)
            return
        session, freed = self.identity.session, self.identity.freed
        is_open = session is not None and session.is_open(system.utc_now())
        self.show_form(Filled(code=session.code if session and freed and is_open else ""))

    def head(self, *path: str) -> None:
        """Answer link previews without a body."""
        self.get(*path)

    def check_xsrf_cookie(self) -> None:
        """Remember a form that did not come from our page; `post` answers it kindly.

        The usual reason is a browser that keeps no cookies.
        """
        try:
            super().check_xsrf_cookie()
        except HTTPError:
            self._is_forged = True

    async def post(self) -> None:
        """Take a seat, or come back to one."""
        filled = Filled(**{name: self.field(name) for name in asdict(Filled())})
        if self._is_forged:
            problem = Problem(
                "",
                "incomplete",
                "This browser did not send our cookie back. Please allow cookies "
                "for this page (they only say who you are here) and send the form once more.",
            )
            self.show_form(filled, [problem], status=403)
        elif self.field("action") == "return":
            await self._come_back(filled)
        else:
            await self._join(filled)

    async def _join(self, filled: Filled) -> None:
        form, problems = parse_join_form(asdict(filled))
        if form is None:
            self.show_form(filled, problems)
            return
        try:
            view = self._find_session(form.code)
            seat = await self._take_seat(view, form)
        except JoinError as error:
            self.show_form(filled, [_problem(error)])
        except RecordWriteError:
            self._show_not_saved(filled)
        else:
            self._sign_in(seat)
            # They read their return code now, and then open their first page.
            self.services.seats.expect(
                KernelOwner("participant", seat.session_id, seat.participant_id)
            )
            self.redirect("/me", status=303)

    def _find_session(self, code: str) -> SessionView:
        """Return the session of a join code; wrong ones are counted per address."""
        keys = [Key("join", address_subject(self.peer.address), JOIN_BY_ADDRESS)]
        self._take_attempt(keys)
        found = [v for v in self.services.hub.views() if codes.is_same_code(v.info.code, code)]
        if not found:
            raise JoinError(
                "wrong-code",
                "No session has this code. Please compare it with the one your facilitator shows.",
            )
        self.services.limiter.give_back(keys)
        now = system.utc_now()
        view = self._met = next((v for v in found if v.info.is_open(now)), found[0])
        check_session(view.info, view.info.is_open(now), now >= view.info.keep_until)
        return view

    async def _take_seat(self, view: SessionView, form: JoinForm) -> Seat:
        """Take the seat; wrong couple codes are counted per address and per session."""
        session_id, writer = view.info.session_id, SeatWriter(self.services.secrets)
        if form.partner_name:
            ids = await writer.take_both_seats(view, form, self._form_token())
            self.services.hub.wake(session_id)
            return share(session_id, *ids, now=system.utc_now())
        keys = []
        if form.couple_code:
            keys = [
                Key("join", address_subject(self.peer.address), JOIN_BY_ADDRESS),
                Key("couple", view.info.session_id, COUPLE_BY_SESSION),
            ]
            self._take_attempt(keys)
        try:
            participant_id = await writer.take_seat(view, form, self._form_token())
        except JoinError as error:
            if error.reason != "wrong-couple":
                self.services.limiter.give_back(keys)
            raise
        except RecordWriteError:
            self.services.limiter.give_back(keys)
            raise
        self.services.limiter.give_back(keys)
        self.services.hub.wake(session_id)
        return Seat(session_id, participant_id)

    async def _come_back(self, filled: Filled) -> None:
        """Give a person their own seat on this device."""
        keys = [Key("return", address_subject(self.peer.address), RETURN_BY_ADDRESS)]
        try:
            if not codes.normalise_code(filled.return_code):
                raise JoinError("incomplete", "Please type your return code.")
            self._take_attempt(keys)
            view, person = self._find_return_code(filled.return_code)
        except JoinError as error:
            self.show_form(filled, [Problem("return_code", error.reason, str(error))])
            return
        self.services.limiter.give_back(keys)
        try:
            seat = await self._return_to(view, person)
        except RecordWriteError:
            self._show_not_saved(filled)
            return
        self._sign_in(seat)
        # Straight to where they were: a phone that died in the middle is the usual reason to come.
        is_known = person.step in self.services.notebooks.participant
        self.redirect(f"/w/{person.step}" if is_known else "/w/", status=303)

    async def _return_to(self, view: SessionView, person: RosterEntry) -> Seat:
        """Give a person their seat, and let a phone that they shared go.

        Where the device is the partner's, whose seat it holds, it becomes the phone of both.
        """
        writer, session_id = SeatWriter(self.services.secrets), view.info.session_id
        partner = partner_of(view.roster, person)
        if partner is not None and self.identity.holds(session_id, partner.participant_id):
            both = (person.participant_id, partner.participant_id)
            await writer.note_sharing(view, both)
            return share(session_id, *both, now=system.utc_now())
        if person.shares_phone:
            await writer.note_return(view, person.participant_id)
        elif person.consent == "recorded":
            with suppress(RecordWriteError):  # only worth knowing: nobody waits for it
                await writer.note_return(view, person.participant_id)
        return Seat(session_id, person.participant_id)

    def _find_return_code(self, code: str) -> tuple[SessionView, RosterEntry]:
        hashed = codes.hash_return_code(self.services.secrets.hash_key, code)
        now = system.utc_now()
        for view in self.services.hub.views():
            for person in view.refresh().values():
                if not codes.is_same_code(person.return_code_hash, hashed):
                    continue
                if person.freed_at is not None and person.withdrawn_at is None:
                    raise JoinError("wrong-return-code", _FREED_CODE)
                if person.is_present:
                    check_session(view.info, is_open=True, is_expired=now >= view.info.keep_until)
                    return view, person
        raise JoinError(
            "wrong-return-code",
            "Nobody has this return code. It has ten characters, like ABCDE-FGHJK.",
        )

    def _take_attempt(self, keys: list[Key]) -> None:
        wait = self.services.limiter.take(keys)
        if wait:
            self.set_header("Retry-After", str(wait))
            raise JoinError(
                "too-many-attempts",
                "There were many wrong codes from this network. "
                f"Please wait {_in_words(wait)} and try again.",
            )

    def _form_token(self) -> str:
        token = self.field("form_token")
        return token if _FORM_TOKEN.fullmatch(token) else secrets.token_urlsafe(16)

    def _sign_in(self, seat: Seat) -> None:
        sign_in_participant(self, seat, secure=self.peer.is_secure)

    def _show_not_saved(self, filled: Filled) -> None:
        problem = Problem(
            "",
            "incomplete",
            "Your place could not be saved just now. Please tell your facilitator, "
            "and press Join once more.",
        )
        self.show_form(filled, [problem], status=503)

    def show_form(
        self, filled: Filled, problems: list[Problem] | None = None, status: int | None = None
    ) -> None:
        """Answer with the form as it is filled, and what is wrong with it."""
        problems = problems or []
        if status is None:
            status = _STATUS[problems[0].reason] if problems else 200
        person, session = self.identity.person, self.identity.session
        is_elsewhere = bool(session and filled.code) and not codes.is_same_code(
            session.code if session else "", filled.code
        )
        wants_form = bool(problems or self.query("other") or is_elsewhere or person is None)
        self.render_page(
            "join.html",
            status,
            filled=filled,
            problems=problems,
            problem_of={problem.field: problem.message for problem in problems},
            seated=person,
            is_freed=self.identity.freed is not None,
            **_describe_door(self._met),
            seated_title=session.title if session else "",
            wants_form=wants_form,
            form_token=self.field("form_token") or secrets.token_urlsafe(16),
            max_name_length=MAX_NAME_LENGTH,
        )


class JoinLinkHandler(JoinHandler):
    """``/j/CODE``: the same form with the code filled in; ``?with=`` fills the couple's code."""

    def get(self, code: str) -> None:  # type: ignore[override]
        """Show the form, and say at once when nobody can join with this code.

        It tells what pressing Join would tell, and counts as the same guess.
        """
        couple_code = codes.normalise_code(self.query("with"))[: codes.COUPLE_CODE_LENGTH]
        filled = Filled(
            code=codes.normalise_code(code)[:12],
            how="couple" if couple_code else "",
            couple_code=couple_code,
        )
        session = self.identity.session
        if session is None or not codes.is_same_code(session.code, filled.code):
            try:
                self._find_session(filled.code)
            except JoinError as error:
                self.show_form(filled, [_problem(error)])
                return
        self.show_form(filled)


def _describe_door(met: SessionView | None) -> dict[str, object]:
    """Say what this session is like: who sees a name, whether its seats are taken."""
    if met is None:
        return {"name_words": _WHO_SEES_NAMES[""], "is_full": False, "is_practice": False}
    info = met.info
    is_full = info.door == "seats" and count_seats(met.refresh()) >= info.seats
    return {
        "name_words": _WHO_SEES_NAMES[info.name_visibility],
        "is_full": is_full,
        "is_practice": info.is_practice,
    }


def _problem(error: JoinError) -> Problem:
    return Problem(FIELD_OF_REASON.get(error.reason, ""), error.reason, str(error))


def _in_words(seconds: int) -> str:
    if seconds < 90:
        return "a minute"
    return f"{round(seconds / 60)} minutes"
