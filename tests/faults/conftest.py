"""The server inside the test's own event loop, where a test looks into it or moves its clock."""

from __future__ import annotations

from tests.server.conftest import data_dir, made_secrets, running

__all__ = ["data_dir", "made_secrets", "running"]
