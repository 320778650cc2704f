"""What holds for every test, and the Chromium of those that look at pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio
from hypothesis import settings
from playwright.async_api import Browser, Playwright, async_playwright

from tests.support.chromium import ARGUMENTS, executable

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


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Run what uses Chromium in the event loop in which its driver was started."""
    for item in items:
        if pytest_asyncio.is_async_test(item) and "driver" in item.fixturenames:  # type: ignore[attr-defined]
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def driver() -> AsyncIterator[Playwright]:
    """Start it once for a whole run."""
    async with async_playwright() as playwright:
        yield playwright


@pytest_asyncio.fixture(loop_scope="session")
async def browser(driver: Playwright) -> AsyncIterator[Browser]:
    """A Chromium of the test's own.

    Of one that all tests shared, closing a context waited for ever once in two whole runs.
    """
    chromium = await driver.chromium.launch(executable_path=executable(), args=ARGUMENTS)
    yield chromium
    await chromium.close()
