"""A clock of the record on which no two things happen in the same millisecond.

Two people's journals are put in order by their instants. In a room nobody answers what was said in
the same millisecond; a test does now and then.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from reconnect_widgets.system import utc_now


def one_after_another(monkeypatch: pytest.MonkeyPatch) -> Callable[[], datetime]:
    """Let the record's clock go on by a millisecond at least, each time that it is read."""
    last = utc_now()

    def now() -> datetime:
        nonlocal last
        last = max(utc_now(), last + timedelta(milliseconds=1))
        return last

    monkeypatch.setattr("reconnect_widgets.records.folder.utc_now", now)
    return now
