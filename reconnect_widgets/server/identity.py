"""Who is asking: signed cookies, and what they are checked against.

A participant's cookie names a seat (session and participant), or on a shared phone both seats of
a couple and who holds it (`shared_phone`); it counts only while the record knows that seat. A
facilitator's cookie says whose passcode was given (`Login`). It ends after `FACILITATOR_HOURS`;
when nothing was heard of the browser for `FACILITATOR_IDLE_MINUTES`; and at once when that
passcode is changed, the account is revoked, or its owner signs out everywhere.

Both are signed (HMAC-SHA256, Tornado's own), unreadable for scripts, sent by our own pages only
(``SameSite=Lax``), and over https bound to exactly this host (``__Host-``) and never sent without
encryption.

Tornado 6.6's ``set_signed_cookie`` puts the cookie's name under the signature, so neither cookie
can be passed off as the other.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import asdict, dataclass, field, replace

from tornado.web import RequestHandler

from reconnect_widgets.domain.people import FACILITATOR_ID, PARTICIPANT_ID, SESSION_ID, Session
from reconnect_widgets.server.accounts import Account, log_in_mark
from reconnect_widgets.server.policy import Role
from reconnect_widgets.server.roster import RosterEntry
from reconnect_widgets.server.shared_phone import Seat, SharedPhone, Sharing

FACILITATOR_HOURS = 12
FACILITATOR_IDLE_MINUTES = 60
# The cookie is written anew when it is older than this, and so says when the browser was last
# heard of, give or take. An open desk comes back more often than it would end (`streams`).
RENEW_AFTER_S = 5 * 60
# A returning person's cookie: longer than any follow-up, shorter than for ever.
PARTICIPANT_DAYS = 180


@dataclass(frozen=True)
class Login:
    """A facilitator's log-in, as a cookie tells it. It needs no list of log-ins anywhere.

    Attributes
    ----------
    account_id
        Whose it is.
    mark
        What `accounts.log_in_mark` said when the passcode was given.
    signed_in_s, seen_s
        When that was, and when this browser was last heard of, in seconds of Unix time.
    """

    account_id: str
    mark: str = field(repr=False)
    signed_in_s: int
    seen_s: int

    def stands(self, account: Account | None, key: bytes, now_s: float) -> bool:
        """Say whether the account still vouches for this log-in, at work or not."""
        if account is None or not account.is_active:
            return False
        is_of_now = hmac.compare_digest(self.mark, log_in_mark(key, account))
        return is_of_now and now_s < self.signed_in_s + FACILITATOR_HOURS * 3600

    def is_idle(self, now_s: float) -> bool:
        """Say whether nothing was heard of this browser for too long."""
        return now_s >= self.seen_s + FACILITATOR_IDLE_MINUTES * 60


@dataclass(frozen=True)
class Identity:
    """Who is asking, as far as the record bears it out.

    Attributes
    ----------
    session, person
        The participant's own session and place in it; None when the browser has no seat, and
        while a shared phone goes from one to the other.
    login
        Whose passcode was given in this browser, not too long ago; None for nobody's.
    sharing
        Which two share this browser; None when it is one person's own.
    freed
        Whose seat this browser held until a facilitator freed it; `session` is theirs then.
    """

    session: Session | None
    person: RosterEntry | None
    login: Login | None
    sharing: Sharing | None = None
    freed: RosterEntry | None = None

    @property
    def is_facilitator(self) -> bool:
        """Whether a facilitator signed in in this browser."""
        return self.login is not None

    @property
    def facilitator_id(self) -> str:
        """Whose journal this facilitator's acts stand in; empty for who is none."""
        return self.login.account_id if self.login else ""

    @property
    def roles(self) -> frozenset[Role]:
        """Every role this browser is in; NOBODY stands for none."""
        roles = set()
        if self.person is not None:
            roles.add(Role.PARTICIPANT)
        if self.sharing is not None and self.sharing.is_between:
            roles.add(Role.HANDING_OVER)
        if self.freed is not None:
            roles.add(Role.FREED)
        if self.is_facilitator:
            roles.add(Role.FACILITATOR)
        return frozenset(roles or {Role.NOBODY})

    def holds(self, session_id: str, participant_id: str) -> bool:
        """Say whether this browser has this seat, alone or as one of two."""
        people = [self.person]
        if self.sharing is not None:
            people += [self.sharing.holder, self.sharing.other]
        is_same_session = self.session is not None and self.session.session_id == session_id
        return is_same_session and any(p and p.participant_id == participant_id for p in people)

    def without_person(self) -> Identity:
        """Return the identity after the person has left or withdrawn."""
        return replace(self, session=None, person=None, sharing=None, freed=None)


NOBODY = Identity(session=None, person=None, login=None)


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
        shared = SharedPhone(**fields["shared"]) if "shared" in fields else None
        seat = Seat(fields["session"], fields["participant"], shared)
        people = [seat.participant_id, *([shared.other_id] if shared else [])]
        known = SESSION_ID.fullmatch(seat.session_id) and all(map(PARTICIPANT_ID.fullmatch, people))
    except (ValueError, TypeError, KeyError):
        return None
    return seat if known else None


def sign_in_participant(handler: RequestHandler, seat: Seat, *, secure: bool) -> None:
    """Give this browser the seat, or both seats of a shared phone."""
    fields: dict[str, object] = {"session": seat.session_id, "participant": seat.participant_id}
    if seat.shared is not None:
        fields["shared"] = asdict(seat.shared)
    value = json.dumps(fields)
    handler.set_signed_cookie(
        cookie_name(Role.PARTICIPANT, secure=secure),
        value,
        # For how long, not until when: the clock of the phone may be wrong by years.
        expires_days=None,
        max_age=PARTICIPANT_DAYS * 24 * 3600,
        httponly=True,
        samesite="Lax",
        secure=secure,
        path="/",
    )


def read_login(handler: RequestHandler, *, secure: bool) -> Login | None:
    """Return the log-in that a correctly signed facilitator's cookie names."""
    value = handler.get_signed_cookie(
        cookie_name(Role.FACILITATOR, secure=secure), max_age_days=FACILITATOR_HOURS / 24
    )
    try:
        fields = json.loads(value or b"null")
        login = Login(fields["account"], fields["mark"], fields["signed_in"], fields["seen"])
        known = FACILITATOR_ID.fullmatch(login.account_id)
    except (ValueError, TypeError, KeyError):
        return None
    return login if known else None


def sign_in_facilitator(handler: RequestHandler, login: Login, *, secure: bool) -> None:
    """Give this browser a facilitator's log-in; it also ends when the browser is closed."""
    fields = {
        "account": login.account_id,
        "mark": login.mark,
        "signed_in": login.signed_in_s,
        "seen": login.seen_s,
    }
    handler.set_signed_cookie(
        cookie_name(Role.FACILITATOR, secure=secure),
        json.dumps(fields),
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
