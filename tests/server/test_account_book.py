"""The accounts on the disk: private, whole, and the same for everybody who looks."""

from __future__ import annotations

import errno
import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest

from reconnect_widgets.errors import AccountError, RecordWriteError, SetupError
from reconnect_widgets.records import disk
from reconnect_widgets.server import accounts, secrets
from reconnect_widgets.server.account_book import AccountBook
from reconnect_widgets.system import utc_now


@pytest.fixture
def book(data_dir: Path) -> AccountBook:
    return AccountBook(data_dir)


def test_a_folder_from_before_opens_with_its_one_passcode(
    book: AccountBook, made_secrets: tuple[Path, str]
) -> None:
    assert not (book.folder / "facilitators.json").exists()
    found = book.authenticate("", made_secrets[1])
    assert found is not None
    assert found.is_first
    assert not (book.folder / "facilitators.json").exists()


def test_a_new_account_signs_in_and_its_passcode_is_kept_nowhere(book: AccountBook) -> None:
    account, passcode = book.add("Maria", utc_now())
    assert book.authenticate("maria", passcode.lower().replace("-", " ")) == account
    assert book.authenticate("", passcode) is None
    assert book.authenticate("Bo", passcode) is None
    kept = {path.name: path.read_text("utf-8") for path in book.folder.iterdir()}
    assert not [name for name, text in kept.items() if passcode in text]
    assert "$argon2id$" in kept["facilitators.json"]
    if os.name == "posix":
        modes = {stat.S_IMODE(path.stat().st_mode) for path in book.folder.iterdir()}
        assert modes == {0o600}


def test_two_servers_over_one_folder_agree_after_every_change(
    book: AccountBook, data_dir: Path
) -> None:
    other = AccountBook(data_dir)
    account, _ = book.add("Maria", utc_now())
    assert other.read().find(account.account_id) == account
    passcode = other.renew_passcode(account.account_id)
    assert book.authenticate("Maria", passcode) is not None
    book.sign_out_everywhere(account.account_id)
    assert other.read().demand(account.account_id).sign_outs == 1
    other.revoke(account.account_id, utc_now())
    assert book.authenticate("Maria", passcode) is None
    assert book.read() == other.read()


def test_nobody_is_lost_when_several_are_added_at_once(data_dir: Path) -> None:
    books = [AccountBook(data_dir) for _ in range(3)]
    with ThreadPoolExecutor(6) as pool:
        adding = [pool.submit(books[n % 3].add, f"Number {n}", utc_now()) for n in range(6)]
        ids = {done.result()[0].account_id for done in adding}
    assert {one.account_id for one in books[0].read().all[1:]} == ids
    assert len(ids) == 6


def test_a_change_begins_from_what_the_change_before_it_left(
    book: AccountBook, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, _ = book.add("Maria", utc_now())
    is_between, may_go_on = threading.Event(), threading.Event()
    revoke = accounts.revoke_account

    def slowly(*arguments: Any) -> accounts.Accounts:
        is_between.set()
        assert may_go_on.wait(30)
        return revoke(*arguments)

    monkeypatch.setattr(accounts, "revoke_account", slowly)
    with ThreadPoolExecutor(2) as pool:
        revoking = pool.submit(book.revoke, account.account_id, utc_now())
        assert is_between.wait(30)
        other = pool.submit(AccountBook(data_dir).sign_out_everywhere, "facilitator")
        wait([other], timeout=0.5)  # it would be through by now if it did not wait
        may_go_on.set()
        revoking.result()
        other.result()
    first, maria = book.read().all
    assert (first.sign_outs, maria.is_active) == (1, False)


def test_an_unknown_name_costs_the_same_check_as_a_known_one(
    book: AccountBook, made_secrets: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    account, _ = book.add("Maria", utc_now())
    gone, _ = book.add("Bo", utc_now())
    book.revoke(gone.account_id, utc_now())
    checked: list[str] = []
    check = secrets.is_passcode

    def counting(hashed: str, attempt: str) -> bool:
        checked.append(hashed)
        return check(hashed, attempt)

    monkeypatch.setattr(secrets, "is_passcode", counting)
    for name in ("Maria", "Nobody", "Bo"):
        # Right for the account whose hash stands in for one that is not there.
        assert book.authenticate(name, made_secrets[1]) is None
    first = book.read().first.passcode_hash
    assert checked == [account.passcode_hash, first, first]


def test_a_new_first_passcode_is_where_its_owner_looks_for_it(
    book: AccountBook, data_dir: Path, made_secrets: tuple[Path, str]
) -> None:
    path = book.folder / "passcode.txt"
    made = book.renew_passcode("facilitator")
    assert path.read_text("utf-8").strip() == made
    assert book.authenticate("", made_secrets[1]) is None
    assert secrets.load_secrets(data_dir).new_passcode is None
    path.unlink()
    another = book.renew_passcode("facilitator")
    assert not path.exists(), "its owner took it away on purpose"
    assert book.authenticate("", another) is not None


def test_a_passcode_file_that_cannot_be_written_does_not_stay_with_a_wrong_one(
    book: AccountBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = disk.replace_file

    def half_full(path: Path, data: bytes) -> bool:
        if path.name == "passcode.txt":
            raise RecordWriteError("no space left")
        return replace(path, data)

    monkeypatch.setattr("reconnect_widgets.server.account_book.replace_file", half_full)
    made = book.renew_passcode("facilitator")
    assert book.authenticate("", made) is not None
    assert not (book.folder / "passcode.txt").exists()


def test_a_full_disk_leaves_everything_as_it_was(
    book: AccountBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, passcode = book.add("Maria", utc_now())
    before = book.read()

    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as trouble:
        trouble.setattr(disk, "write_all", full)
        for change in (
            lambda: book.add("Bo", utc_now()),
            lambda: book.renew_passcode(account.account_id),
            lambda: book.renew_passcode("facilitator"),
            lambda: book.revoke(account.account_id, utc_now()),
            lambda: book.sign_out_everywhere(account.account_id),
        ):
            with pytest.raises(RecordWriteError):
                change()
    assert book.read() == before
    assert book.authenticate("Maria", passcode) == account
    assert not [path for path in book.folder.iterdir() if path.suffix == ".tmp"]


def test_what_was_known_counts_while_the_folder_is_out_of_reach(
    book: AccountBook, data_dir: Path
) -> None:
    account, _ = book.add("Maria", utc_now())
    before = book.read()
    away = data_dir / "away"
    book.folder.rename(away)
    assert book.read() == before
    away.rename(book.folder)
    book.revoke(account.account_id, utc_now())
    assert book.read() != before


def test_a_folder_that_was_never_served_is_told_how_to(tmp_path: Path) -> None:
    book = AccountBook(tmp_path / "new")
    for ask in (
        book.read,
        lambda: book.add("Maria", utc_now()),
        lambda: book.renew_passcode("facilitator"),
    ):
        with pytest.raises(SetupError, match="reconnect serve"):
            ask()
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("content", ["{", '{"facilitators": [{"id": "x"}]}', "\ud800"])
def test_a_damaged_list_is_named_and_never_quoted(book: AccountBook, content: str) -> None:
    path = book.folder / "facilitators.json"
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    path.chmod(0o600)
    with pytest.raises(SetupError, match=r"facilitators\.json") as caught:
        book.read()
    assert '"x"' not in str(caught.value)


def test_a_list_that_others_can_read_is_refused_with_what_to_do(book: AccountBook) -> None:
    book.add("Maria", utc_now())
    (book.folder / "facilitators.json").chmod(0o644)
    with pytest.raises(SetupError, match="chmod 600"):
        AccountBook(book.folder.parent).read()


def test_a_name_that_is_taken_changes_nothing(book: AccountBook) -> None:
    book.add("Maria", utc_now())
    before = (book.folder / "facilitators.json").read_bytes()
    with pytest.raises(AccountError):
        book.add("MARIA", utc_now())
    assert (book.folder / "facilitators.json").read_bytes() == before
