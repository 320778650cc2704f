"""The base of every handler: who is asking, may they, and how an error looks.

The order matters and is the same for all: Tornado first refuses forged cross-site posts, then
`prepare` reads the identity and asks the table (`policy.is_allowed`), and only then does a
handler run. No handler checks roles by itself.
"""

from __future__ import annotations

from dataclasses import replace
from types import TracebackType
from typing import Any, cast

from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler

from reconnect_widgets import system
from reconnect_widgets.domain.people import Session
from reconnect_widgets.errors import ReconnectError
from reconnect_widgets.server import headers, identity, logs
from reconnect_widgets.server.identity import NOBODY, Identity, Login
from reconnect_widgets.server.peer import Peer, describe_peer
from reconnect_widgets.server.policy import FACILITATOR_ONLY, Resource, Role, is_allowed
from reconnect_widgets.server.roster import RosterEntry
from reconnect_widgets.server.seat_words import say_to_person
from reconnect_widgets.server.services import SETTING, Services
from reconnect_widgets.server.shared_phone import Seat, Sharing, read_sharing
from reconnect_widgets.server.together import describe_together, mark_news
from reconnect_widgets.server.waiting import find_calls

HAND_OVER = "/me/hand-over"
# Where the frame has room for whose turn it is, and for what of the partner's waits.
TURN_MARK = "<!-- turn -->"
WAITING_MARK = "<!-- waiting -->"
# What a form field may hold at most; longer input is cut before anybody looks at it.
MAX_FIELD_LENGTH = 400

_ERROR_WORDS: dict[int, tuple[str, str]] = {
    400: ("That did not arrive whole", "Please go back and try once more."),
    403: (
        "We do not know this device yet",
        "This page belongs to somebody who has joined a session. If that is you, join with the "
        "code from your facilitator, or come back with your own return code.",
    ),
    404: ("There is no page here", "The address may be mistyped, or the page has moved."),
    405: ("There is nothing to do here", "Please go back to the page you came from."),
    409: ("That can not be done now", "Please go back and look again."),
    503: (
        "The room is full just now",
        "Please wait a minute and try again. What you saved before is still saved.",
    ),
}
_SIGNED_OUT = (
    "You are signed out",
    "Nothing was changed by what you just pressed. Please sign in, and press it once more. If you "
    "had written something, go back first and copy it.",
)
_FREED = (
    "Your facilitator has freed this seat",
    "What you just pressed was not recorded. You can join anew with the code of the session.",
)
_OUR_FAULT = (
    "Something went wrong on our side",
    "It is not anything you did. Everything that was marked as saved is still saved. "
    "Please try again; if it happens once more, tell your facilitator the number below.",
)


class PageHandler(RequestHandler):
    """Base of all HTTP handlers; `resource` is this handler's line of the table."""

    SUPPORTED_METHODS = ("GET", "HEAD", "POST")
    caching: headers.Caching = "private"
    # The exercise whose page this is: what waits there needs no line to lead there.
    at_exercise = ""

    def initialize(self, resource: Resource) -> None:
        """Take the line of the table that this address is."""
        self.resource = resource

    @property
    def services(self) -> Services:
        """The running server's parts."""
        return cast(Services, self.settings[SETTING])

    @property
    def peer(self) -> Peer:
        """Who is at the other end."""
        return describe_peer(
            self.request.remote_ip or "", self.request.protocol, self.request.headers
        )

    @property
    def identity(self) -> Identity:
        """Who is asking; NOBODY before `prepare`."""
        return getattr(self, "_identity", NOBODY)

    @property
    def facilitator_id(self) -> str:
        """Under whose name the desk's acts stand in the record; empty for everybody else."""
        return self.identity.facilitator_id

    def set_default_headers(self) -> None:
        """Give every response, errors included, the strict headers."""
        self.clear_header("Server")
        for name, value in headers.common_headers(self.caching).items():
            self.set_header(name, value)
        policy = headers.content_security_policy(self.request.host, secure=self.peer.is_secure)
        self.set_header("Content-Security-Policy", policy)

    def compute_etag(self) -> str | None:
        """Private pages have no validators: nothing of them is kept anywhere."""
        return super().compute_etag() if self.caching != "private" else None

    async def prepare(self) -> None:
        """Refuse whoever may not come here, and methods that do not exist here."""
        self._identity = identify(self, self.services, secure=self.peer.is_secure)
        self._stay_signed_in()
        if not is_allowed(self.resource, self.identity.roles, is_local=self.peer.is_local):
            self._refuse()
        elif self.request.method not in self.resource.methods:
            raise self.refusal(405, Allow=", ".join(self.resource.methods))

    def _stay_signed_in(self) -> None:
        """Let a facilitator's cookie say that this browser was heard of just now.

        Never with a file that others may keep (a style, a script).
        """
        login, now_s = self.identity.login, int(system.utc_now().timestamp())
        if login and self.caching == "private" and now_s >= login.seen_s + identity.RENEW_AFTER_S:
            login = replace(login, seen_s=now_s)
            identity.sign_in_facilitator(self, login, secure=self.peer.is_secure)

    def is_still_signed_in(self) -> bool:
        """Say whether the log-in that this request came with still stands; True without one."""
        login = self.identity.login
        return login is None or is_standing(self.services, login)

    def _refuse(self) -> None:
        if self.resource.roles == FACILITATOR_ONLY and self.request.method == "GET":
            self.redirect("/facilitator/sign-in", status=303)
            return
        if Role.HANDING_OVER in self.identity.roles and self.request.method == "GET":
            self.redirect(HAND_OVER, status=303)
            return
        if Role.FREED in self.identity.roles and self.request.method == "GET":
            self.redirect("/", status=303)  # the join page says what happened
            return
        raise HTTPError(403)

    def refusal(self, status: int, **headers: str) -> HTTPError:
        """Return the error to raise, with headers that its answer must carry.

        Tornado forgets all headers when it answers an error.
        """
        self._refusal_headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return HTTPError(status)

    def field(self, name: str) -> str:
        """Return a form field (the body's, never the query's), bounded; empty if missing."""
        try:
            return self.get_body_argument(name, "", strip=False)[:MAX_FIELD_LENGTH]
        except HTTPError:  # not UTF-8
            return ""

    def query(self, name: str) -> str:
        """Return a query parameter, bounded; empty if missing."""
        try:
            return self.get_query_argument(name, "")[:MAX_FIELD_LENGTH]
        except HTTPError:
            return ""

    def render_page(self, template: str, status: int = 200, **values: Any) -> None:
        """Answer with a page in the frame."""
        html = self.with_lines(self.compose(template, values))
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(html)

    def compose(self, template: str, values: dict[str, Any]) -> str:
        """Return a page in the frame, without its lines."""
        roles = self.identity.roles
        signed_in = next((r.value for r in roles if r.value == "participant"), "") or next(
            (r.value for r in roles if r.value == "facilitator"), ""
        )
        common = {"signed_in": signed_in, "lang": "en", "xsrf": self.xsrf_form_html}
        return self.services.templates.render(template, {**common, **values})

    def with_lines(self, html: str) -> str:
        """Return the page with the lines under its header: whose turn it is, and what waits.

        They are put in when a page is sent: the rest of a workbook page is kept, and the same for
        each browser of its person.
        """
        for mark, line in ((TURN_MARK, self._turn_line), (WAITING_MARK, self._waiting_line)):
            if mark in html:
                html = html.replace(mark, line(), 1)
        return html

    def _waiting_line(self) -> str:
        session, person = self.identity.session, self.identity.person
        if session is None or person is None:
            return ""
        view = self.services.hub.view(session.session_id)
        now = system.utc_now()
        calls = find_calls(view, person, now, at=self.at_exercise)
        together = describe_together(view, person, now, at=self.at_exercise)
        values = {"calls": calls, "at": self.at_exercise, **together}
        values["seats_words"] = say_to_person(view.changes, view.roster, person, now)
        values["is_practice"] = session.is_practice
        values["shown"] = mark_news(view, person, now)
        return self.services.templates.render("waiting.html", values)

    def _turn_line(self) -> str:
        sharing = self.identity.sharing
        if sharing is None or sharing.other is None or sharing.is_between:
            return ""
        values = {"sharing": sharing, "xsrf": self.xsrf_form_html, "address": HAND_OVER}
        return self.services.templates.render("turn.html", values)

    def base_url(self) -> str:
        """Return ``scheme://host/`` as the far end knows it."""
        scheme = "https" if self.peer.is_secure else "http"
        return f"{scheme}://{self.request.host}/"

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer an error with a calm page that says nothing about anybody."""
        for name, value in getattr(self, "_refusal_headers", {}).items():
            self.set_header(name, value)
        values = self.describe_error(status_code)
        try:
            self.render_page("error.html", status_code, **values)
        except Exception:
            # The error page itself fails: a bare line is better than nothing.
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.finish(f"{values['title']}. {values['text']}")

    def describe_error(self, status_code: int) -> dict[str, Any]:
        """Return what an error's page says."""
        title, text = _ERROR_WORDS.get(status_code, _OUR_FAULT)
        is_signed_out = self._was_signed_out(status_code)
        if is_signed_out:
            title, text = _SIGNED_OUT
        elif status_code == 403 and self.identity.freed is not None:
            title, text = _FREED
        return {
            "title": title,
            "text": text,
            "incident": getattr(self, "_incident", ""),
            "ask_again": getattr(self, "_refusal_headers", {}).get("Retry-After", ""),
            "is_signed_out": is_signed_out,
        }

    def _was_signed_out(self, status_code: int) -> bool:
        """Say whether a form was refused because a facilitator's log-in has ended."""
        is_theirs = self.resource.roles == FACILITATOR_ONLY and hasattr(self, "_identity")
        return status_code == 403 and is_theirs and not self.identity.is_facilitator

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Log what nobody expected, without its message; expected refusals are no incidents."""
        is_expected = isinstance(value, HTTPError) and value.status_code in _ERROR_WORDS
        if value is None or is_expected or isinstance(value, StreamClosedError):
            return
        self._incident = logs.log_incident(self.resource.name, value)


class UnknownAddressHandler(PageHandler):
    """Answers every address that is not in the table."""

    def check_xsrf_cookie(self) -> None:
        """Nothing happens here, so there is nothing to forge; 404 tells more than 403."""

    async def prepare(self) -> None:
        """Refuse."""
        self._identity = identify(self, self.services, secure=self.peer.is_secure)
        raise HTTPError(404)


def identify(handler: RequestHandler, services: Services, *, secure: bool) -> Identity:
    """Check a request's cookies against the record."""
    login = identity.read_login(handler, secure=secure)
    if login is not None and (
        login.is_idle(system.utc_now().timestamp()) or not is_standing(services, login)
    ):
        login = None
    seat = identity.read_seat(handler, secure=secure)
    session, person, sharing = None, None, None
    if seat is not None and seat.shared is not None:
        session, sharing = find_sharing(services, seat)
        person = sharing.holder if sharing and not sharing.is_between else None
    elif seat is not None:
        session, person = find_seat(services, seat)
    if session is not None and person is not None:
        services.hub.view(session.session_id).last_seen[person.participant_id] = system.utc_now()
    freed = None
    if seat is not None and session is None:
        session, freed = find_freed(services, seat)
    return Identity(session, person, login, sharing, freed)


def is_standing(services: Services, login: Login) -> bool:
    """Say whether an account still vouches for a log-in; not while nobody can read them."""
    try:
        account = services.accounts.read().find(login.account_id)
    except ReconnectError:
        logs.warn("the facilitators' accounts cannot be read: reconnect facilitator list says why")
        return False
    key = services.secrets.cookie_secret
    return login.stands(account, key, system.utc_now().timestamp())


def find_seat(services: Services, seat: Seat) -> tuple[Session | None, RosterEntry | None]:
    """Return the session and the person of a seat; two None when the record knows no such seat."""
    try:
        view = services.hub.view(seat.session_id)
        person, session = view.person(seat.participant_id), view.info
    except ReconnectError:
        return None, None
    if person is None or not session.is_kept(system.utc_now()):
        return None, None
    return session, person


def find_freed(services: Services, seat: Seat) -> tuple[Session | None, RosterEntry | None]:
    """Return the session and whose seat it was, when a facilitator has freed it; else two None."""
    try:
        view = services.hub.view(seat.session_id)
        person, session = view.refresh().get(seat.participant_id), view.info
    except ReconnectError:
        return None, None
    is_freed = person is not None and person.freed_at is not None and person.withdrawn_at is None
    return (session, person) if is_freed and session.is_kept(system.utc_now()) else (None, None)


def find_sharing(services: Services, seat: Seat) -> tuple[Session | None, Sharing | None]:
    """Return the session and the two of a shared phone; two None when it opens nothing."""
    try:
        view = services.hub.view(seat.session_id)
        sharing, session = read_sharing(view.refresh(), seat), view.info
    except (ReconnectError, ValueError):
        return None, None
    if sharing is None or not session.is_kept(system.utc_now()):
        return None, None
    return session, sharing
