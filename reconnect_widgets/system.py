"""The one home of clock, randomness and process environment.

Everything else receives instants, identifiers and settings as values. `domain` does not import
this module at all: it is pure.
"""

from __future__ import annotations

import os
import re
import secrets
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

# No 0/O, 1/I/L: these are read aloud across a room and typed with a thumb.
CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def utc_now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)


def monotonic_s() -> float:
    """Return seconds on a clock that never goes back; only differences mean something."""
    return time.monotonic()


def elapsed_s() -> float:
    """Return seconds on a clock that is never set and goes on while the machine sleeps.

    Python's own monotonic clock stands still during sleep on Linux and macOS. Linux has another
    one; on macOS the system's clock of the name "monotonic" is not the one that Python takes, and
    goes on. On Windows Python's does.
    """
    if sys.platform == "win32":
        return time.monotonic()
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def find_zone(name: str) -> tzinfo:
    """Return the time zone of this IANA name; UTC if this machine knows none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, not a name, the name of a folder
        return UTC


def format_instant(instant: datetime) -> str:
    """Write an aware instant as ``2026-11-20T18:03:12.345Z`` (UTC, milliseconds).

    Raises
    ------
    ValueError
        If the instant is naive.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return (
        instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.")
        + f"{instant.microsecond // 1000:03d}Z"
    )


def parse_instant(text: str) -> datetime:
    """Read what `format_instant` wrote; ValueError for anything else."""
    if not _INSTANT.fullmatch(text):
        raise ValueError("expected an instant like 2026-11-20T18:03:12.345Z")
    # A hundred times faster than strptime, and readers parse every row of a session.
    return datetime.fromisoformat(text)


def new_event_id() -> str:
    """Return a UUID version 7 as text: 48 bits of Unix milliseconds, then 74 random bits.

    Source: RFC 9562, section 5.7. The standard library has it from Python 3.14 on.
    """
    milliseconds = time.time_ns() // 1_000_000
    bits = (milliseconds << 80) | secrets.randbits(80)
    bits = (bits & ~(0xF << 76)) | (7 << 76)
    bits = (bits & ~(0x3 << 62)) | (2 << 62)
    return str(UUID(int=bits))


def is_event_id(text: object) -> bool:
    """Say whether this is a UUID version 7 in its canonical lower-case text."""
    return isinstance(text, str) and _UUID7.fullmatch(text) is not None


def random_code(length: int) -> str:
    """Return random characters of `CODE_ALPHABET` (about 4.95 bits each)."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(length))


@dataclass(frozen=True)
class KernelEnvironment:
    """Who a kernel works for, as the provisioner told it through environment variables.

    Attributes
    ----------
    data_dir
        The record folder.
    session_id, participant_id
        Empty when the notebook was opened outside the workbook's server (JupyterLab).
    role
        ``participant``, ``facilitator``, or empty outside the server.
    """

    data_dir: Path
    session_id: str
    participant_id: str
    role: str

    VARIABLES = (
        "RECONNECT_DATA",
        "RECONNECT_SESSION_ID",
        "RECONNECT_PARTICIPANT_ID",
        "RECONNECT_ROLE",
    )

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> KernelEnvironment:
        """Read the environment (this process's own unless one is given)."""
        env = os.environ if environ is None else environ
        return cls(
            data_dir=default_data_dir(env),
            session_id=env.get("RECONNECT_SESSION_ID", ""),
            participant_id=env.get("RECONNECT_PARTICIPANT_ID", ""),
            role=env.get("RECONNECT_ROLE", ""),
        )

    def variables(self) -> dict[str, str]:
        """Return the variables that `load` reads back."""
        values = (str(self.data_dir), self.session_id, self.participant_id, self.role)
        return dict(zip(self.VARIABLES, values, strict=True))


def default_data_dir(environ: Mapping[str, str] | None = None) -> Path:
    """Return the record folder: ``RECONNECT_DATA``, or ``data`` in the working directory."""
    env = os.environ if environ is None else environ
    return Path(env.get("RECONNECT_DATA") or "data").resolve()


def has_display(environ: Mapping[str, str] | None = None, platform: str = sys.platform) -> bool:
    """Say whether a browser window would be seen by the person who typed the command.

    Not over ssh: the browser would open on a machine somewhere else, or in the terminal.
    """
    env = os.environ if environ is None else environ
    if env.get("SSH_CONNECTION"):
        return False
    if platform in ("darwin", "win32"):
        return True
    return bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY"))
