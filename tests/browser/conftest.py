"""A server that many tests share, and one that is a test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.server import WorkbookServer


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkbookServer]:
    """For tests that only make sessions of their own: to start one takes longer than many a test.

    Who kills or stops it, adds accounts, fills its disk, counts its kernels or reads everything in
    its folder asks for `own_server`.
    """
    server = WorkbookServer(tmp_path_factory.mktemp("shared") / "data").start()
    yield server
    server.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[WorkbookServer]:
    server = WorkbookServer(tmp_path / "data").start()
    yield server
    server.stop()
