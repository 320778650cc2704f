"""``reconnect facilitator``: accounts from the computer that runs the workbook."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pytest

from reconnect_widgets.server.account_book import AccountBook
from reconnect_widgets.server.secrets import load_secrets
from tests.cli.conftest import Run

PASSCODE = re.compile(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}")


@pytest.fixture
def book(data_dir: Path) -> AccountBook:
    """The accounts of a folder that was served before."""
    load_secrets(data_dir)
    return AccountBook(data_dir)


def added(run: Run, name: str = "Maria") -> tuple[str, str]:
    """Add somebody; return their code and passcode."""
    said = run("facilitator", "add", name)
    assert (said.code, said.err) == (0, "")
    (account_id,), (passcode,) = re.findall(r"f-[a-z0-9]{6}", said.out), PASSCODE.findall(said.out)
    return account_id, passcode


def test_adding_prints_a_code_and_a_passcode_that_opens(run: Run, book: AccountBook) -> None:
    account_id, passcode = added(run)
    account = book.authenticate("maria", passcode)
    assert account is not None
    assert account.account_id == account_id


def test_the_list_holds_everybody_and_no_secret(run: Run, book: AccountBook) -> None:
    account_id, passcode = added(run)
    gone, _ = added(run, "Bo")
    assert run("facilitator", "revoke", gone, "--yes").code == 0
    told = run("facilitator", "list")
    assert re.search(rf"{account_id} +active +\d{{4}}-\d\d-\d\d +Maria", told.out)
    assert re.search(rf"{gone} +revoked .* Bo", told.out)
    assert re.search(r"facilitator +active", told.out)
    listed = run("facilitator", "list", "--json").json
    assert [(one["id"], one["name"], one["state"]) for one in listed] == [
        ("facilitator", "", "active"),
        (account_id, "Maria", "active"),
        (gone, "Bo", "revoked"),
    ]
    assert set(listed[0]) == {"id", "name", "state", "created_at", "revoked_at"}
    for secret in (passcode, "argon2"):
        assert secret not in told.out + str(listed)


@pytest.mark.parametrize("who", ["colleague", "facilitator"])
def test_a_new_passcode_opens_and_the_old_one_does_not(
    run: Run, book: AccountBook, who: str
) -> None:
    name, old = "", load_old(book)
    account_id = "facilitator"
    if who == "colleague":
        name = "Maria"
        account_id, old = added(run, name)
    said = run("facilitator", "passcode", account_id)
    (new,) = PASSCODE.findall(said.out)
    assert book.authenticate(name, new) is not None
    assert book.authenticate(name, old) is None


def load_old(book: AccountBook) -> str:
    return (book.folder / "passcode.txt").read_text("utf-8").strip()


def test_revoking_asks_and_takes_only_a_whole_yes(
    run: Run, book: AccountBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_id, passcode = added(run)
    for typed in ("", "y\n", "no\n"):
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        refused = run("facilitator", "revoke", account_id)
        assert refused.code == 1
        assert "Nothing was revoked" in refused.err
    assert book.authenticate("Maria", passcode) is not None
    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))
    assert run("facilitator", "revoke", account_id).code == 0
    assert book.authenticate("Maria", passcode) is None
    assert run("facilitator", "revoke", account_id).code == 0  # again does no harm


def test_signing_out_ends_log_ins_and_keeps_the_passcode(run: Run, book: AccountBook) -> None:
    account_id, passcode = added(run)
    assert run("facilitator", "sign-out", account_id).code == 0
    assert book.read().demand(account_id).sign_outs == 1
    assert book.authenticate("Maria", passcode) is not None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("passcode", "f-zz99zz"), "No facilitator has the code"),
        (("sign-out", "f-zz99zz"), "No facilitator has the code"),
        (("revoke", "f-zz99zz", "--yes"), "No facilitator has the code"),
        (("revoke", "facilitator"), "cannot be revoked"),
        (("add", "maria"), "has an account already"),
    ],
)
def test_what_cannot_be_done_is_one_line_that_says_why(
    run: Run, book: AccountBook, arguments: tuple[str, ...], words: str
) -> None:
    added(run)
    before = book.read()
    failed = run("facilitator", *arguments)
    assert failed.code == 1
    assert failed.out == ""
    assert words in failed.err
    assert failed.err.count("\n") == 1
    assert book.read() == before


@pytest.mark.parametrize(
    "arguments",
    [("add", " "), ("add", "f-ab12cd"), ("passcode", "Maria"), ("revoke", "p-ab12cd"), ("add",)],
)
def test_what_is_not_understood_is_a_usage_error(
    run: Run, book: AccountBook, arguments: tuple[str, ...]
) -> None:
    assert run("facilitator", *arguments).code == 2
    assert len(book.read().all) == 1


@pytest.mark.parametrize("command", ["add", "list", "passcode", "revoke", "sign-out"])
def test_a_folder_that_was_never_served_is_left_alone(
    run: Run, data_dir: Path, command: str
) -> None:
    arguments = {"add": ["Maria"], "list": []}.get(command, ["f-ab12cd"])
    failed = run("facilitator", command, *arguments)
    assert failed.code == 1
    assert "reconnect serve" in failed.err
    assert not data_dir.exists()
