from __future__ import annotations

from pathlib import Path

import pytest

from reconnect_widgets.records import SessionRecord
from tests.records.example import make_session
from tests.records.flaky_disk import skip_syncs


@pytest.fixture(autouse=True)
def _no_syncs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here cuts the power: waiting for the disk, 10,000 times, would prove nothing.

    That rows are synced, and in which order, is tested by the calls themselves.
    """
    skip_syncs(monkeypatch)


@pytest.fixture
def record(tmp_path: Path) -> SessionRecord:
    """An open session with nobody in it."""
    return make_session(tmp_path)
