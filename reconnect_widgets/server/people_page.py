"""``/facilitator/people``: who may sign in, and everybody's own passcode.

A new passcode is in the answer to the form that asked for it and nowhere else, so there is no
address that shows it twice. Sending that form again does no harm: there is somebody of this name
by then, or the passcode that was typed is no longer the present one.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from tornado.web import HTTPError

from reconnect_widgets import system
from reconnect_widgets.errors import AccountError, ReconnectError
from reconnect_widgets.server.accounts import Account
from reconnect_widgets.server.identity import sign_out
from reconnect_widgets.server.policy import Role
from reconnect_widgets.server.sign_in import UNREADABLE, PasscodeHandler, Refused
from reconnect_widgets.server.way_back import WayBackHandler, sign_in_address

NOT_SAVED = "That could not be saved: the record folder takes no writes. Nothing has changed."


@dataclass(frozen=True)
class _Told:
    """What the page says besides what is true anyway.

    Attributes
    ----------
    about
        The action that `problem` belongs to.
    account, passcode
        Whose passcode was made just now.
    """

    about: str = ""
    problem: str = ""
    name: str = ""
    account: Account | None = None
    passcode: str = ""


class PeopleHandler(WayBackHandler, PasscodeHandler):
    """``/facilitator/people``."""

    def get(self) -> None:
        """Show who may sign in."""
        self._show(200, _Told())

    async def post(self) -> None:
        """Add or revoke somebody, make oneself another passcode, or sign out everywhere."""
        action = self.field("action")
        actions = {
            "add": self._add,
            "revoke": self._revoke,
            "passcode": self._renew,
            "sign-out": self._sign_out_everywhere,
        }
        if action not in actions:
            self._show(422, _Told())
            return
        try:
            await actions[action]()
        except Refused as refused:
            self._show(refused.status, _Told(action, refused.words))
        except AccountError as error:
            self._show(422, _Told(action, str(error), name=self.field("name")))
        except ReconnectError:
            self._show(503, _Told(action, NOT_SAVED, name=self.field("name")))

    async def _add(self) -> None:
        self._demand_first()
        book, name = self.services.accounts, self.field("name")
        async with self._one_at_a_time:
            account, passcode = await asyncio.to_thread(book.add, name, system.utc_now())
        self._show(200, _Told(account=account, passcode=passcode))

    async def _revoke(self) -> None:
        self._demand_first()
        book, account_id = self.services.accounts, self.field("account")
        await asyncio.to_thread(book.revoke, account_id, system.utc_now())
        self.redirect("/facilitator/people", status=303)

    async def _renew(self) -> None:
        """Make another passcode for whoever can say the present one.

        Somebody who finds a desk unattended must not be able to take the account with them.
        """
        book, mine = self.services.accounts, self.facilitator_id
        await self.authenticate(mine, self.field("passcode"), "That is not your passcode.")
        async with self._one_at_a_time:
            passcode = await asyncio.to_thread(book.renew_passcode, mine)
        account = book.read().demand(mine)
        self.sign_in(account)  # here it was just proven; everywhere else it has ended
        self._show(200, _Told(account=account, passcode=passcode))

    async def _sign_out_everywhere(self) -> None:
        await asyncio.to_thread(self.services.accounts.sign_out_everywhere, self.facilitator_id)
        sign_out(self, Role.FACILITATOR, secure=self.peer.is_secure)
        self.redirect(sign_in_address(self.request.path), status=303)

    def _demand_first(self) -> None:
        if not self.services.accounts.read().demand(self.facilitator_id).is_first:
            raise Refused(403, "Only whoever has the first account can do that.")

    def _show(self, status: int, told: _Told) -> None:
        try:
            accounts = self.services.accounts.read()
            me = accounts.demand(self.facilitator_id)
        except ReconnectError:
            raise HTTPError(503, UNREADABLE) from None
        asked = accounts.find(self.query("revoke"))
        may_revoke = me.is_first and asked is not None and asked.is_active and not asked.is_first
        self.render_page(
            "people.html",
            status,
            accounts=accounts.all,
            me=me,
            asked=asked if may_revoke else None,
            told=told,
            is_overheard=self.is_overheard,
        )
