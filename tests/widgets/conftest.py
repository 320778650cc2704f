from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.chromium import ARGUMENTS, PHONE, executable
from tests.widgets.stub import Stub

Open = Callable[..., Stub]
BEGIN = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_stub(chromium: Browser) -> Iterator[Open]:
    """Open a page of widgets on a phone whose clock the test turns; fail on any page error.

    Without motion: axe would measure colours half-way.
    """
    contexts, errors = [], list[str]()

    def open_one(html: str, *, before: str = "", **options: object) -> Stub:
        context = chromium.new_context(**{"viewport": PHONE, "reduced_motion": "reduce", **options})  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        contexts.append(context)
        page: Page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.clock.install(time=BEGIN)
        page.clock.pause_at(
            BEGIN + timedelta(seconds=1)
        )  # no time passes but what a test lets pass
        if before:
            page.add_init_script(before)
        return Stub(page, html)

    yield open_one
    for context in contexts:
        context.close()
    assert errors == []
