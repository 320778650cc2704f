"""Signing in and out. Whoever is not signed in learns nothing of who could."""

from __future__ import annotations

import asyncio
from typing import ClassVar
from urllib.parse import urlsplit

from reconnect_widgets import system
from reconnect_widgets.errors import SetupError
from reconnect_widgets.server.accounts import Account, log_in_mark
from reconnect_widgets.server.identity import Login, sign_in_facilitator, sign_out
from reconnect_widgets.server.pages import PageHandler
from reconnect_widgets.server.policy import Role
from reconnect_widgets.server.rate_limit import (
    PASSCODE_BY_ADDRESS,
    PASSCODE_OVERALL,
    Key,
    address_subject,
)
from reconnect_widgets.server.way_back import find_way_back

UNREADABLE = (
    "The facilitators’ accounts cannot be read just now. On the computer that runs the workbook, "
    "“reconnect facilitator list” says why."
)


class Refused(Exception):  # noqa: N818
    """A passcode was not taken; with the status to answer, and words for whoever typed it."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.words = words


class PasscodeHandler(PageHandler):
    """Base of the pages that check a passcode."""

    # One check at a time: each takes 64 MiB, and a crowd of guesses must not take the machine.
    _one_at_a_time: ClassVar[asyncio.Lock] = asyncio.Lock()

    async def authenticate(self, name: str, passcode: str, wrong: str) -> Account:
        """Return whose name and passcode these are, or raise Refused; `wrong` says it was wrong."""
        keys = [Key("passcode", address_subject(self.peer.address), PASSCODE_BY_ADDRESS)]
        if not self.peer.is_local:
            keys.append(Key("passcode-overall", "", PASSCODE_OVERALL))
        wait = self.services.limiter.take(keys)
        if wait:
            self.set_header("Retry-After", str(wait))
            raise Refused(429, "Too many wrong passcodes. Please wait a little and try again.")
        try:
            async with self._one_at_a_time:
                check = self.services.accounts.authenticate
                account = await asyncio.to_thread(check, name, passcode)
        except SetupError:
            self.services.limiter.give_back(keys)
            raise Refused(503, UNREADABLE) from None
        if account is None:
            raise Refused(403, wrong)
        self.services.limiter.give_back(keys)
        return account

    def sign_in(self, account: Account) -> None:
        """Give this browser a log-in of now."""
        now_s = int(system.utc_now().timestamp())
        mark = log_in_mark(self.services.secrets.cookie_secret, account)
        login = Login(account.account_id, mark, signed_in_s=now_s, seen_s=now_s)
        sign_in_facilitator(self, login, secure=self.peer.is_secure)

    @property
    def is_overheard(self) -> bool:
        """Whether a passcode on this page could be read on its way."""
        return not (self.peer.is_secure or self.peer.is_local)


class SignInHandler(PasscodeHandler):
    """``/facilitator/sign-in``."""

    def get(self) -> None:
        """Show the form."""
        if self.identity.is_facilitator:
            self.redirect(self._way_back(), status=303)
        else:
            self._show()

    async def post(self) -> None:
        """Check name and passcode."""
        wrong = (
            "This name and this passcode do not belong together."
            if self._asks_for_a_name()
            else "That is not the passcode."
        )
        try:
            account = await self.authenticate(self.field("username"), self.field("passcode"), wrong)
        except Refused as refused:
            self._show(refused.status, refused.words)
            return
        self.sign_in(account)
        self.redirect(self._way_back(), status=303)

    def _way_back(self) -> str:
        """Return the page that this browser was on, as the form or whoever sent it here says.

        A form that was refused has its own address in the bar: there only the browser knows.
        """
        if self.request.method == "POST":
            return find_way_back(self.field("next"))
        return find_way_back(
            self.query("next") or urlsplit(self.request.headers.get("Referer", "")).path
        )

    def _asks_for_a_name(self) -> bool:
        """Say whether there is more than one who could sign in: all that is ever told of them."""
        try:
            return len(self.services.accounts.read().active) > 1
        except SetupError:
            return False

    def _show(self, status: int = 200, problem: str = "") -> None:
        self.render_page(
            "sign-in.html",
            status,
            problem=problem,
            way_back=self._way_back(),
            asks_for_a_name=self._asks_for_a_name(),
            name=self.field("username") if self.request.method == "POST" else "",
            is_overheard=self.is_overheard,
            secrets_folder=str(self.services.secrets.passcode_path) if self.peer.is_local else "",
        )


class SignOutHandler(PageHandler):
    """``/facilitator/sign-out``."""

    def post(self) -> None:
        """End the log-in of this browser."""
        sign_out(self, Role.FACILITATOR, secure=self.peer.is_secure)
        self.redirect("/facilitator/sign-in", status=303)
