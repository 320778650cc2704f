"""Facilitators' accounts as plain values: who may sign in, and how their log-ins are known.

What belongs here: the rules, and how accounts are written as text. What does not: the files
(`account_book`), passcodes themselves (`secrets`), cookies (`identity`).

The *first* account is as old as the record folder and belongs to whoever set the workbook up. It
needs no name, and it cannot be revoked: somebody has to be able to add the others.

An account is never taken out of the list. The record names who did what by the account's id, so
the id of somebody who left must never become somebody else's.
"""

from __future__ import annotations

import hmac
import json
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import datetime

from reconnect_widgets.domain.people import FACILITATOR_ID
from reconnect_widgets.errors import AccountError, JoinError
from reconnect_widgets.server.names import parse_name
from reconnect_widgets.system import format_instant, parse_instant

FIRST = "facilitator"
_VERSION = 1


@dataclass(frozen=True)
class Account:
    """One facilitator's account.

    Attributes
    ----------
    account_id
        The subject of the journals that this facilitator's acts stand in.
    name
        What they sign in with, and what colleagues see; empty for the first account.
    created_at
        None for the first account: it came with the record folder.
    sign_outs
        How often the owner signed out everywhere; a log-in made before the last time is over.
    """

    account_id: str
    name: str
    passcode_hash: str = field(repr=False)
    created_at: datetime | None = None
    revoked_at: datetime | None = None
    sign_outs: int = 0

    @property
    def is_first(self) -> bool:
        """Whether this is the account that may add and revoke others."""
        return self.account_id == FIRST

    @property
    def is_active(self) -> bool:
        """Whether its owner may sign in."""
        return self.revoked_at is None

    @property
    def label(self) -> str:
        """How colleagues see this account on a page."""
        return self.name or "First account"


@dataclass(frozen=True)
class Accounts:
    """All accounts that there ever were, the first one first, then in the order of adding."""

    all: tuple[Account, ...]

    @property
    def first(self) -> Account:
        """The account of whoever set the workbook up."""
        return self.all[0]

    @property
    def active(self) -> tuple[Account, ...]:
        """Those whose owners may sign in."""
        return tuple(account for account in self.all if account.is_active)

    def find(self, account_id: str) -> Account | None:
        """Return the account with this id, revoked or not."""
        return next((one for one in self.all if one.account_id == account_id), None)

    def demand(self, account_id: str) -> Account:
        """Return an account that is not revoked, or raise AccountError."""
        account = self.find(account_id)
        if account is None:
            raise AccountError(f"No facilitator has the code {account_id}.")
        if not account.is_active:
            raise AccountError(f"The account {account_id} was revoked. Add a new one instead.")
        return account

    def called(self, text: str) -> Account | None:
        """Return who signs in with this: a name, an account's id, or nothing for the first one."""
        key = _name_key(text) or FIRST
        for account in self.active:
            if key in (account.account_id, _name_key(account.name)):
                return account
        return None

    def credit(self, account_id: str, reader_id: str) -> str:
        """Return whose act it was, for whoever reads of it; empty for one's own when alone.

        Somebody whose account was revoked keeps their name. An account that is not in the list
        (the record came from another computer) has none, and its id says nothing to anybody.
        """
        if account_id == reader_id:
            return "You" if len(self.active) > 1 else ""
        account = self.find(account_id)
        return account.label if account else "Another facilitator"

    def with_(self, changed: Account) -> Accounts:
        """Return the accounts with this one in the place of the one with its id."""
        return Accounts(
            tuple(changed if one.account_id == changed.account_id else one for one in self.all)
        )


def add_account(
    accounts: Accounts, account_id: str, name: str, passcode_hash: str, now: datetime
) -> Accounts:
    """Return the accounts with a new one, or raise AccountError."""
    name = parse_account_name(name)
    if accounts.called(name) is not None:
        raise AccountError("Somebody of this name has an account already. Please add a surname.")
    if accounts.find(account_id) is not None:
        raise AccountError("That code was drawn before. Please try once more.")
    return Accounts((*accounts.all, Account(account_id, name, passcode_hash, now)))


def renew_passcode(accounts: Accounts, account_id: str, passcode_hash: str) -> Accounts:
    """Return the accounts with another passcode for this one."""
    return accounts.with_(replace(accounts.demand(account_id), passcode_hash=passcode_hash))


def revoke_account(accounts: Accounts, account_id: str, now: datetime) -> Accounts:
    """Return the accounts with this one revoked; again changes nothing."""
    account = accounts.find(account_id)
    if account is not None and account.is_first:
        raise AccountError(
            "The first account cannot be revoked: somebody has to be able to add others. "
            "Give it another passcode instead."
        )
    if account is not None and not account.is_active:
        return accounts
    return accounts.with_(replace(accounts.demand(account_id), revoked_at=now))


def sign_out_everywhere(accounts: Accounts, account_id: str) -> Accounts:
    """Return the accounts with all log-ins of this one ended."""
    account = accounts.demand(account_id)
    return accounts.with_(replace(account, sign_outs=account.sign_outs + 1))


def log_in_mark(key: bytes, account: Account) -> str:
    """Return a few characters by which a log-in is known to be of now.

    They change with the passcode and with every sign-out everywhere, and tell neither.
    """
    text = json.dumps([account.account_id, account.passcode_hash, account.sign_outs])
    return hmac.new(key, text.encode(), "sha256").hexdigest()[:24]


def parse_account_name(text: str) -> str:
    """Return the name as it will be kept, or raise AccountError."""
    if not text.strip():
        raise AccountError("Please give the account a name.")
    try:
        name = parse_name(text)
    except JoinError as error:
        raise AccountError(str(error)) from None
    if FACILITATOR_ID.fullmatch(_name_key(name)):
        raise AccountError("This name looks like an account's code. Please choose another.")
    return name


def read_accounts(text: str, first_hash: str) -> Accounts:
    """Return what `write_accounts` wrote; ValueError for anything else.

    Parameters
    ----------
    first_hash
        The first account's: it has a file of its own, older than this list.
    """
    accounts = Accounts((Account(FIRST, "", first_hash),))
    if not text:
        return accounts
    try:
        listed = json.loads(text)["facilitators"]
        for cells in listed:
            if cells["id"] == FIRST:
                accounts = accounts.with_(replace(accounts.first, sign_outs=_count(cells)))
            else:
                accounts = Accounts((*accounts.all, _read_account(cells)))
    except (KeyError, TypeError, AttributeError):
        raise ValueError("not a list of facilitators") from None
    if len({account.account_id for account in accounts.all}) < len(accounts.all):
        raise ValueError("two accounts have one id")
    return accounts


def write_accounts(accounts: Accounts) -> str:
    """Return the list as text; of the first account only what is not in its own file."""
    listed: list[dict[str, object]] = [{"id": FIRST, "sign_outs": accounts.first.sign_outs}]
    listed += [
        {
            "id": account.account_id,
            "name": account.name,
            "argon2": account.passcode_hash,
            "created_at": format_instant(account.created_at) if account.created_at else None,
            "revoked_at": format_instant(account.revoked_at) if account.revoked_at else None,
            "sign_outs": account.sign_outs,
        }
        for account in accounts.all[1:]
    ]
    return json.dumps({"version": _VERSION, "facilitators": listed}, indent=1) + "\n"


def _read_account(cells: dict[str, object]) -> Account:
    account_id, name, hashed = cells["id"], cells["name"], cells["argon2"]
    created_at, revoked_at = cells["created_at"], cells["revoked_at"]
    if not (isinstance(account_id, str) and FACILITATOR_ID.fullmatch(account_id)):
        raise ValueError("not an account's id")
    if not (isinstance(name, str) and name):
        raise ValueError("an account without a name")
    if not (isinstance(hashed, str) and hashed.startswith("$argon2")):
        raise ValueError("not a passcode's hash")
    if not isinstance(created_at, str) or not (revoked_at is None or isinstance(revoked_at, str)):
        raise ValueError("not an instant")
    return Account(
        account_id,
        name,
        hashed,
        parse_instant(created_at),
        parse_instant(revoked_at) if revoked_at is not None else None,
        _count(cells),
    )


def _count(cells: dict[str, object]) -> int:
    count = cells["sign_outs"]
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise ValueError("not a count")
    return count


def _name_key(text: str) -> str:
    """Forgive what people forget of a name: capitals, blanks, full-width forms."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
