"""Where the workbook is being served, so that ``session new`` prints an address that works.

A running server leaves ``.serving`` (one line, the address for phones) in its record folder and
takes it away when it stops. After a power cut the line stays; it is then only a wrong guess in
the place of a right one, never more: nothing but printed words depends on it.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from reconnect_widgets.server.addresses import build_url, find_lan_address
from reconnect_widgets.server.settings import DEFAULT_PORT

_FILE = ".serving"


def remember_address(data_dir: Path, base_url: str) -> None:
    """Note the address; a folder that cannot be written is no reason not to serve."""
    with contextlib.suppress(OSError):
        (data_dir / _FILE).write_text(base_url + "\n", encoding="utf-8")


def forget_address(data_dir: Path) -> None:
    """Take the note away again."""
    with contextlib.suppress(OSError):
        (data_dir / _FILE).unlink(missing_ok=True)


def served_address(data_dir: Path) -> str:
    """Return the running server's address, else that of ``make serve``; no slash at the end."""
    return (_noted_address(data_dir) or build_url("http", "127.0.0.1", DEFAULT_PORT)).rstrip("/")


def join_address(data_dir: Path, code: str) -> str:
    """Return where a phone joins: the running server's address, else that of ``make serve``."""
    usual = build_url("http", find_lan_address() or "127.0.0.1", DEFAULT_PORT)
    return f"{_noted_address(data_dir) or usual}j/{code}"


def _noted_address(data_dir: Path) -> str:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        base = (data_dir / _FILE).read_text(encoding="utf-8").strip()
        if base.startswith(("http://", "https://")) and base.isprintable():
            return base
    return ""
