"""Who is asking: signed cookies, and what they are checked against.

A participant's cookie names a seat (session and participant); it counts only while the record
knows that seat. A facilitator's cookie says that the passcode was given; it ends after
`FACILITATOR_HOURS`, and at once when the passcode is changed. Both are signed (HMAC-SHA256,
Tornado's own), unreadable for scripts, sent by our own pages only (``SameSite=Lax``), and over
https bound to exactly this host (``__Host-``) and never sent without encryption.

Tornado 6.6's ``set_signed_cookie`` puts the cookie's name under the signature, so neither cookie
can be passed off as the other.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass, replace

from tornado.web import RequestHandler

from reconnect_widgets.domain.people import PARTICIPANT_ID, SESSION_ID, Session
from reconnect_widgets.server.policy import Role
from reconnect_widgets.server.roster import RosterEntry

FACILITATOR_HOURS = 12
# A returning person's cookie: longer than any follow-up, shorter than for ever.
PARTICIPANT_DAYS = 180


@dataclass(frozen=True)
class Seat:
    """Which person in which session: what a participant's cookie names."""

    session_id: str
    participant_id: str


@dataclass(frozen=True)
class Identity:
    """Who is asking, as far as the record bears it out.

    Attributes
    ----------
    session, person
        The participant's own session and place in it; None when the browser has no seat.
    is_facilitator
        Whether the passcode was given in this browser, not too long ago.
    """

    session: Session | None
    person: RosterEntry | None
    is_facilitator: bool

    @property
    def roles(self) -> frozenset[Role]:
        """Every role this browser is in; NOBODY stands for none."""
        roles = set()
        if self.person is not None:
            roles.add(Role.PARTICIPANT)
        if self.is_facilitator:
            roles.add(Role.FACILITATOR)
        return frozenset(roles or {Role.NOBODY})

    def without_person(self) -> Identity:
        """Return the identity after the person has left or withdrawn."""
        return replace(self, session=None, person=None)


NOBODY = Identity(session=None, person=None, is_facilitator=False)


def cookie_name(role: Role, *, secure: bool) -> str:
    """Return the cookie's name; ``__Host-`` exists only over https."""
    return f"{'__Host-' if secure else ''}reconnect-{role.value}"


def read_seat(handler: RequestHandler, *, secure: bool) -> Seat | None:
    """Return the seat that a correctly signed participant's cookie names."""
    value = handler.get_signed_cookie(
        cookie_name(Role.PARTICIPANT, secure=secure), max_age_days=PARTICIPANT_DAYS
    )
    try:
        fields = json.loads(value or b"null")
        seat = Seat(fields["session"], fields["participant"])
        known = SESSION_ID.fullmatch(seat.session_id) and PARTICIPANT_ID.fullmatch(
            seat.participant_id
        )
    except (ValueError, TypeError, KeyError):
        return None
    return seat if known else None


def sign_in_participant(handler: RequestHandler, seat: Seat, *, secure: bool) -> None:
    """Give this browser the seat."""
    value = json.dumps({"session": seat.session_id, "participant": seat.participant_id})
    handler.set_signed_cookie(
        cookie_name(Role.PARTICIPANT, secure=secure),
        value,
        expires_days=PARTICIPANT_DAYS,
        httponly=True,
        samesite="Lax",
        secure=secure,
        path="/",
    )


def read_is_facilitator(handler: RequestHandler, passcode_mark: str, *, secure: bool) -> bool:
    """Say whether this browser holds a facilitator's log-in that has not ended."""
    value = handler.get_signed_cookie(
        cookie_name(Role.FACILITATOR, secure=secure), max_age_days=FACILITATOR_HOURS / 24
    )
    return value is not None and hmac.compare_digest(value, passcode_mark.encode())


def sign_in_facilitator(handler: RequestHandler, passcode_mark: str, *, secure: bool) -> None:
    """Give this browser a facilitator's log-in; it also ends when the browser is closed."""
    handler.set_signed_cookie(
        cookie_name(Role.FACILITATOR, secure=secure),
        passcode_mark,
        expires_days=None,
        httponly=True,
        samesite="Lax",
        secure=secure,
        path="/",
    )


def sign_out(handler: RequestHandler, *roles: Role, secure: bool) -> None:
    """Take the log-ins of these roles from this browser."""
    for role in roles:
        handler.clear_cookie(
            cookie_name(role, secure=secure),
            path="/",
            httponly=True,
            samesite="Lax",
            secure=secure,
        )
