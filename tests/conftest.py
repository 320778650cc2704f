"""What holds for every test."""

from __future__ import annotations

import pytest
from hypothesis import settings

# Two cores shared with browsers: a slow example is no failure, a wrong one is.
settings.register_profile("reconnect", deadline=None)
settings.load_profile("reconnect")


@pytest.fixture(autouse=True)
def _nobody_elses_record_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that forgets to name a record folder must not find the developer's own."""
    for variable in (
        "RECONNECT_DATA",
        "RECONNECT_SESSION_ID",
        "RECONNECT_PARTICIPANT_ID",
        "RECONNECT_ROLE",
    ):
        monkeypatch.delenv(variable, raising=False)
