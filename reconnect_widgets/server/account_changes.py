"""Notices that an account changed, whoever changed it: this process, another, the command line.

Requests ask the book each time. What stays open (event streams, websockets) has to be told.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from watchfiles import Change, awatch

from reconnect_widgets.server.account_book import LIST_FILE, AccountBook
from reconnect_widgets.server.secrets import PASSCODE_HASH_FILE

_GROUPED_WITHIN_MS = 50


async def follow_accounts(book: AccountBook, told: Callable[[], None]) -> None:
    """Call `told` after every change; runs until it is cancelled."""
    async for _ in awatch(
        book.folder, watch_filter=_is_of_accounts, debounce=_GROUPED_WITHIN_MS, recursive=False
    ):
        told()


def _is_of_accounts(change: Change, path: str) -> bool:
    return Path(path).name in (LIST_FILE, PASSCODE_HASH_FILE)
