"""The accounts on the disk: ``facilitator.json`` and ``facilitators.json`` in ``data/.secrets/``.

``facilitator.json`` holds the first account's hash, as it always did, so a record folder made
before there were others opens as it is; ``facilitators.json`` comes with the first change.

Every question reads what the files say *now* (two system calls when they have not changed): the
command line and a second server over the same folder are heard without a restart. Changes are
made one after the other, under a lock, from what is on the disk at that moment; each file is
replaced whole. The one thing that takes long, argon2, is done outside the lock.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from reconnect_widgets.errors import RecordWriteError, SetupError
from reconnect_widgets.records.disk import one_at_a_time, replace_file
from reconnect_widgets.server import accounts, secrets
from reconnect_widgets.server.accounts import Account, Accounts
from reconnect_widgets.system import random_code

LIST_FILE = "facilitators.json"
_LOCK_FILE = ".facilitators.lock"
_ID_LENGTH = 6

_Signature = tuple[int, int, int] | None


class AccountBook:
    """All accounts of a record folder. Its methods may be called in any thread.

    What takes a passcode, or makes one, takes about 50 ms and 64 MiB by design.
    """

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / secrets.FOLDER
        self._known: tuple[tuple[_Signature, _Signature], Accounts] | None = None
        self._lock = threading.Lock()

    def read(self) -> Accounts:
        """Return the accounts as they stand.

        While the folder is out of reach (a drive that was unplugged), what was known last counts.

        Raises
        ------
        SetupError
            When there are none yet, or a file does not hold what it should, or others could
            read it.
        """
        now = (self._sign(secrets.PASSCODE_HASH_FILE), self._sign(LIST_FILE))
        if self._known is not None and (now[0] is None or now == self._known[0]):
            return self._known[1]
        found = self._load()
        # What changed since `now` was taken is seen by the next call.
        self._known = now, found
        return found

    def add(self, name: str, now: datetime) -> tuple[Account, str]:
        """Make an account; return it, and its passcode, which is kept nowhere."""
        passcode = secrets.make_passcode()
        hashed = secrets.hash_passcode(passcode)
        account_id = f"f-{random_code(_ID_LENGTH).lower()}"
        after = self._change(
            lambda before: accounts.add_account(before, account_id, name, hashed, now)
        )
        return after.demand(account_id), passcode

    def renew_passcode(self, account_id: str) -> str:
        """Give an account another passcode, which ends its log-ins; return it.

        The first account's is also written to ``passcode.txt``, unless its owner removed that.
        """
        self.read().demand(account_id)
        passcode = secrets.make_passcode()
        hashed = secrets.hash_passcode(passcode)

        def renew(before: Accounts) -> Accounts:
            after = accounts.renew_passcode(before, account_id, hashed)
            if account_id == accounts.FIRST:
                self._write_first(hashed, passcode)
            return after

        self._change(renew)
        return passcode

    def revoke(self, account_id: str, now: datetime) -> None:
        """End an account, and its log-ins, for good."""
        self._change(lambda before: accounts.revoke_account(before, account_id, now))

    def sign_out_everywhere(self, account_id: str) -> None:
        """End all log-ins of an account."""
        self._change(lambda before: accounts.sign_out_everywhere(before, account_id))

    def authenticate(self, name: str, passcode: str) -> Account | None:
        """Return whose name and passcode these are.

        An unknown name costs the same work as a known one: how long an answer takes does not tell
        who has an account.
        """
        found = self.read()
        account = found.called(name)
        is_right = secrets.is_passcode((account or found.first).passcode_hash, passcode)
        return account if is_right else None

    def _change(self, change: Callable[[Accounts], Accounts]) -> Accounts:
        self.read()  # no lock file where there is nothing to lock
        with self._lock, one_at_a_time(self.folder / _LOCK_FILE):
            after = change(self._load())
            replace_file(self.folder / LIST_FILE, accounts.write_accounts(after).encode())
            return self._load()

    def _load(self) -> Accounts:
        path = self.folder / LIST_FILE
        try:
            first_hash = secrets.read_passcode_hash(self.folder / secrets.PASSCODE_HASH_FILE)
            text = secrets.read_private(path) if path.exists() else ""
            return accounts.read_accounts(text, first_hash)
        except FileNotFoundError:
            raise SetupError(
                f"There are no facilitators in {self.folder.parent} yet. "
                "Start the workbook over this folder once: reconnect serve"
            ) from None
        except OSError as error:
            raise SetupError(f"{self.folder} cannot be read ({error.strerror}).") from None
        except ValueError:
            raise SetupError(
                f"{path} does not hold a list of facilitators. Put it back from a backup; if there "
                "is none, remove it: then only the first account is left."
            ) from None

    def _write_first(self, hashed: str, passcode: str) -> None:
        content = json.dumps({"argon2": hashed}) + "\n"
        replace_file(self.folder / secrets.PASSCODE_HASH_FILE, content.encode())
        path = self.folder / secrets.PASSCODE_FILE
        if path.exists():
            try:
                replace_file(path, f"{passcode}\n".encode())
            except RecordWriteError:
                # The passcode is changed: a file that says another one would mislead.
                with suppress(OSError):
                    path.unlink()

    def _sign(self, name: str) -> _Signature:
        """Return what changes whenever the file is replaced; None when it cannot be seen."""
        try:
            found = (self.folder / name).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
