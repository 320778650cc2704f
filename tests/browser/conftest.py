"""A server of its own, and a browser, for each test that asks for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from tests.support.chromium import ARGUMENTS, executable
from tests.support.server import WorkbookServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WorkbookServer]:
    server = WorkbookServer(tmp_path / "data").start()
    yield server
    server.stop()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        yield browser
        await browser.close()
