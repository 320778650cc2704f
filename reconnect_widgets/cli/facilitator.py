"""``reconnect facilitator …``: who may sign in, from the computer that runs the workbook.

Whoever can run this can read the record: no passcode is asked for. A running workbook hears of
every change at once. A passcode is printed once and kept nowhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from reconnect_widgets import system
from reconnect_widgets.cli.options import Matching, data_option, json_option
from reconnect_widgets.cli.output import confirm, say, say_fields, say_json, say_table
from reconnect_widgets.domain.people import FACILITATOR_ID
from reconnect_widgets.errors import AccountError
from reconnect_widgets.server.account_book import AccountBook
from reconnect_widgets.server.accounts import Account, parse_account_name

ACCOUNT = Matching("facilitator's code", FACILITATOR_ID, "See: reconnect facilitator list")


class AccountName(click.ParamType[str]):
    """What a facilitator signs in with, by the same rule as on the page."""

    name = "name"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return parse_account_name(value)
        except AccountError as error:
            self.fail(str(error), param, ctx)


@click.group()
def facilitator() -> None:
    """Add, list and revoke facilitators, and make them passcodes."""


@facilitator.command()
@click.argument("name", metavar="NAME", type=AccountName())
@data_option
def add(name: str, data_dir: Path) -> None:
    """Add a facilitator; print their passcode, this once."""
    account, passcode = AccountBook(data_dir).add(name, system.utc_now())
    say_fields(("Facilitator", account.account_id), ("Name", account.name), ("Passcode", passcode))
    say("They sign in with this name and this passcode, which is shown only now.")


@facilitator.command("list")
@json_option
@data_option
def list_(as_json: bool, data_dir: Path) -> None:
    """List the facilitators; those who were revoked, too."""
    accounts = AccountBook(data_dir).read().all
    if as_json:
        say_json([_as_json(account) for account in accounts])
        return
    say_table(
        ("FACILITATOR", "STATE", "SINCE", "NAME"),
        (
            (one.account_id, "active" if one.is_active else "revoked", _since(one), one.label)
            for one in accounts
        ),
    )


@facilitator.command()
@click.argument("account_id", metavar="ID", type=ACCOUNT)
@data_option
def passcode(account_id: str, data_dir: Path) -> None:
    """Make somebody a new passcode and print it, this once; the old one ends."""
    made = AccountBook(data_dir).renew_passcode(account_id)
    say_fields(("Facilitator", account_id), ("Passcode", made))
    say("The old passcode, and every log-in made with it, have ended.")


@facilitator.command()
@click.argument("account_id", metavar="ID", type=ACCOUNT)
@click.option("--yes", is_flag=True, help="Revoke without asking.")
@data_option
def revoke(account_id: str, yes: bool, data_dir: Path) -> None:
    """End somebody's account for good, and sign them out everywhere."""
    book = AccountBook(data_dir)
    account = book.read().find(account_id)
    if account is not None and account.is_active and not account.is_first:
        confirm(
            f"This ends the account {account_id} for good.", yes=yes, kept="Nothing was revoked"
        )
    book.revoke(account_id, system.utc_now())
    say(f"{account_id} is revoked and signed out everywhere. The record keeps what they did.")


@facilitator.command("sign-out")
@click.argument("account_id", metavar="ID", type=ACCOUNT)
@data_option
def sign_out(account_id: str, data_dir: Path) -> None:
    """Sign somebody out in every browser; their passcode stays."""
    AccountBook(data_dir).sign_out_everywhere(account_id)
    say(f"{account_id} is signed out everywhere.")


def _as_json(account: Account) -> dict[str, Any]:
    return {
        "id": account.account_id,
        "name": account.name,
        "state": "active" if account.is_active else "revoked",
        "created_at": system.format_instant(account.created_at) if account.created_at else None,
        "revoked_at": system.format_instant(account.revoked_at) if account.revoked_at else None,
    }


def _since(account: Account) -> str:
    return system.format_instant(account.created_at)[:10] if account.created_at else "the start"
