from __future__ import annotations

from pathlib import Path

import pytest

from reconnect_widgets.records import SessionRecord
from tests.records.example import make_session


@pytest.fixture
def record(tmp_path: Path) -> SessionRecord:
    """An open session with nobody in it."""
    return make_session(tmp_path)
