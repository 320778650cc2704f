"""Takes the pictures in docs/images/: a real browser against a server with a made-up group."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from reconnect_widgets.content import codebook_rows
from reconnect_widgets.records.samples import fill_demo
from reconnect_widgets.system import utc_now
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
            session.close(utc_now(), "cli")  # made-up couples come when nobody real is here
            await pictures_of_an_evening(browser, server)
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


async def pictures_of_an_evening(browser: Browser, server: WorkbookServer) -> None:
    """The desk with made-up couples who are at the checkup, and the group screen beside it."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(240_000)
    desk = await context.new_page()
    await desk.goto(f"{server.url}/facilitator/sign-in")
    await desk.get_by_label("Passcode").fill(server.passcode())
    await desk.get_by_role("button", name="Sign in").click()
    await desk.get_by_role("button", name="Let them come").click()
    await desk.get_by_text("6 people, 3 couples").wait_for()
    await desk.get_by_role("button", name="Bring everyone to The relationship checkup").click()
    await desk.get_by_role("button", name="Start the clock of The relationship checkup").click()
    await desk.get_by_role("button", name="The task").click()
    await desk.get_by_role("cell", name="20 of 20").first.wait_for()
    await desk.evaluate("scrollTo(0, document.querySelector('#desk').offsetTop - 16)")
    await save(desk, "desk")
    screen = await context.new_page()
    await screen.set_viewport_size({"width": 1280, "height": 720})
    await screen.goto(f"{desk.url.partition('?')[0].partition('#')[0]}/screen")
    await screen.screenshot(path=IMAGES / "group-screen.png")


async def save(page: Page, name: str) -> None:
    await page.wait_for_load_state("networkidle")
    await page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="reconnect-pictures-") as folder:
        asyncio.run(take_pictures(Path(folder) / "data"))
