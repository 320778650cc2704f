"""The keys and the first passcode in ``data/.secrets/``: made once, atomically, for one user.

What a power cut may leave behind is a complete file or none: each is written beside its place,
flushed, and then linked into it, which fails when another process was faster (whose file is then
used). Nothing here is ever logged or sent.
"""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from reconnect_widgets.errors import SetupError
from reconnect_widgets.server.codes import PASSCODE_LENGTH, group_code, normalise_code
from reconnect_widgets.system import random_code

FOLDER = ".secrets"
PASSCODE_HASH_FILE = "facilitator.json"
PASSCODE_FILE = "passcode.txt"
_KEY_NAMES = ("cookie_secret", "code_key", "hash_key")
_KEY_BYTES = 32


@dataclass(frozen=True, repr=False)
class Secrets:
    """What the server must know and nobody else may.

    Attributes
    ----------
    cookie_secret
        Signs cookies; every server over one record folder has the same.
    code_key
        Couple codes, return codes and seats are derived from it.
    hash_key
        Keys the hash of a return code that the record keeps.
    passcode_path
        Where the first account's passcode can be read by whoever runs the server.
    new_passcode
        That passcode, when this very call made it.
    """

    cookie_secret: bytes
    code_key: bytes
    hash_key: bytes
    passcode_path: Path
    new_passcode: str | None


def make_passcode() -> str:
    """Draw a passcode, as it is shown to people."""
    return group_code(random_code(PASSCODE_LENGTH), 4)


def hash_passcode(passcode: str) -> str:
    """Return the argon2id hash of a passcode. Takes about 50 ms and 64 MiB by design."""
    return PasswordHasher().hash(normalise_code(passcode))


def is_passcode(hashed: str, attempt: str) -> bool:
    """Check a passcode. Takes about 50 ms and 64 MiB by design: call it in a thread, singly."""
    try:
        return PasswordHasher().verify(hashed, normalise_code(attempt))
    except (VerificationError, InvalidHashError):
        return False


def load_secrets(data_dir: Path) -> Secrets:
    """Read the secrets of a record folder, making what is missing.

    Raises
    ------
    SetupError
        When others on this machine could read them, or they cannot be read or made.
    """
    folder = data_dir / FOLDER
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _demand_private(folder)
        keys = _load_keys(folder / "keys.json")
        new_passcode = _make_first_passcode(folder)
    except OSError as error:
        raise SetupError(
            f"The folder {folder} cannot be used ({error.strerror}). "
            "It must be writable by the user who runs the workbook."
        ) from None
    return Secrets(
        **keys,
        passcode_path=folder / PASSCODE_FILE,
        new_passcode=new_passcode,
    )


def _load_keys(path: Path) -> dict[str, bytes]:
    made = {name: secrets.token_hex(_KEY_BYTES) for name in _KEY_NAMES}
    text = _read_or_create(path, json.dumps(made, indent=1) + "\n")
    try:
        values = json.loads(text)
        keys = {name: bytes.fromhex(values[name]) for name in _KEY_NAMES}
    except (ValueError, KeyError, TypeError):
        raise SetupError(
            f"{path} does not hold the three keys it should. Put it back from a backup; if there "
            "is none, remove it: people then need to join again, and return codes change."
        ) from None
    if any(len(key) < _KEY_BYTES for key in keys.values()):
        raise SetupError(f"{path} holds a key that is too short. Put it back from a backup.")
    return keys


def _make_first_passcode(folder: Path) -> str | None:
    """Make the first account's passcode unless there is one; return it if it was made just now.

    The passcode's file comes first: after a crash between the two, the next start makes the hash
    from the passcode that is already there.
    """
    hash_path, passcode_path = folder / PASSCODE_HASH_FILE, folder / PASSCODE_FILE
    if passcode_path.exists():
        _demand_private(passcode_path)
    if hash_path.exists():
        read_passcode_hash(hash_path)
        return None
    passcode = _read_or_create(passcode_path, make_passcode() + "\n").strip()
    _read_or_create(hash_path, json.dumps({"argon2": hash_passcode(passcode)}) + "\n")
    read_passcode_hash(hash_path)
    return passcode


def read_passcode_hash(path: Path) -> str:
    """Return the first account's hash.

    Raises
    ------
    SetupError
        When the file holds something else, or others could read it.
    """
    try:
        hashed = json.loads(read_private(path))["argon2"]
    except (ValueError, KeyError, TypeError):
        hashed = None
    if not isinstance(hashed, str) or not hashed.startswith("$argon2"):
        raise SetupError(
            f"{path} does not hold a passcode's hash. Remove it together with passcode.txt: "
            "the next start makes a new passcode."
        )
    return hashed


def _read_or_create(path: Path, content: str) -> str:
    """Return the file's text; when there is no file, make it whole with this content."""
    if not path.exists():
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):  # another process was faster: its file is the one
                os.link(beside, path)
        finally:
            beside.unlink(missing_ok=True)
        _sync_folder(path.parent)
    return read_private(path)


def read_private(path: Path) -> str:
    """Return a file's text; SetupError when others on this machine could read it."""
    _demand_private(path)
    return path.read_text(encoding="utf-8")


def _demand_private(path: Path) -> None:
    if os.name != "posix":  # Windows keeps a user's files from other users by the profile's ACL
        return
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        wanted = "700" if path.is_dir() else "600"
        raise SetupError(
            f"{path} can be read by other users of this machine (mode {mode:o}). "
            f"Close it with: chmod {wanted} '{path}'"
        )


def _sync_folder(folder: Path) -> None:
    """Make a new name in the folder durable; Windows has no such call and needs none."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
