from __future__ import annotations

from pathlib import Path

import pytest

from reconnect_widgets.records import SessionRecord
from tests.support.one_after_another import one_after_another
from tests.workbook.hand import ANN, BEN, SOLO, let_consent, make_session


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    one_after_another(monkeypatch)


@pytest.fixture
def record(tmp_path: Path) -> SessionRecord:
    """An open session; nobody has chosen yet whether to be recorded."""
    return make_session(tmp_path / "data")


@pytest.fixture
def consented(record: SessionRecord) -> SessionRecord:
    """The same, and everybody agreed to be recorded."""
    for person in (ANN, BEN, SOLO):
        let_consent(record, person)
    return record
