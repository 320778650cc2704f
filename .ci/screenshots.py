"""Takes the pictures in docs/images/: a real browser against a server with a made-up group."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from reconnect_widgets.content import codebook_rows
from reconnect_widgets.records.samples import fill_demo
from tests.support.chromium import ARGUMENTS, executable
from tests.support.person import Person
from tests.support.server import WorkbookServer

IMAGES = Path(__file__).parent.parent / "docs" / "images"


async def take_pictures(data_dir: Path) -> None:
    session = fill_demo(data_dir, codebook_rows())
    server = WorkbookServer(data_dir).start()
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
            await picture_of_phone(browser, server, session.info.code)
            await browser.close()
    finally:
        server.stop()


async def picture_of_phone(browser: Browser, server: WorkbookServer, code: str) -> None:
    """The third question, answered and saved."""
    person = Person("Robin Example", browser, server.url)
    await person.take_phone()
    await person.join(code)
    await person.consent()
    for _ in range(2):
        await person.answer()
    await person.page.get_by_role("radio", name="Often", exact=True).check()
    await person.expect_saved()
    await save(person.page, "checkup-phone")


async def save(page: Page, name: str) -> None:
    await page.wait_for_load_state("networkidle")
    await page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="reconnect-pictures-") as folder:
        asyncio.run(take_pictures(Path(folder) / "data"))
