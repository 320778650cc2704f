"""A couple with one phone: the checkup of both, and nothing of one on the other's screen."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect

from tests.support.chromium import ARGUMENTS, executable
from tests.support.person import Person
from tests.support.server import WorkbookServer, cli
from tests.support.shared_phone import expect_between, hand_over, join_both, take


@pytest.fixture
async def keeping_browser() -> AsyncIterator[Browser]:
    """Browsers keep pages for Back; Playwright switches that off unless told otherwise."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable(),
            args=ARGUMENTS,
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield browser
        await browser.close()


async def test_two_take_the_checkup_on_one_phone_and_back_shows_neither_the_others(
    server: WorkbookServer, keeping_browser: Browser
) -> None:
    session = server.new_session("Tuesday group")
    ama = Person("Ama", keeping_browser, server.url)
    await ama.take_phone()
    page = ama.page
    await join_both(ama, session["code"], "Béla")
    her_code = await page.locator("main .rc-code").first.inner_text()
    await ama.consent()
    for _ in range(3):
        await ama.answer()
    hers = await page.locator("fieldset h2").inner_text()
    progress = await ama.progress()

    # Another tab of hers starts anew as soon as the phone is nobody's.
    other_tab = await ama.context.new_page()
    await other_tab.goto(f"{server.url}/me")
    await expect(other_tab.get_by_text(her_code)).to_be_visible()

    await hand_over(page, "Ama", "Béla")
    await expect_between(other_tab, "Béla")
    await other_tab.close()

    # Back, while it is on its way and after he has it.
    await page.go_back()
    await expect_between(page, "Béla")
    await take(page, "Béla")
    for _ in range(4):
        await page.go_back()
        await expect(page.get_by_text("Béla is holding the phone")).to_be_visible()
        await expect(page.get_by_text(hers)).to_have_count(0)
        await expect(page.get_by_text(her_code)).to_have_count(0)

    await page.goto(f"{server.url}/me")
    bela = Person("Béla", keeping_browser, server.url, clicks=[])
    bela.context, bela.page = ama.context, page
    await bela.consent()
    await bela.answer()
    assert await bela.progress() == (2, progress[1])

    # And back to her, on the page of the exercise on which he was, where she left it.
    await hand_over(page, "Béla", "Ama")
    await take(page, "Ama")
    await page.wait_for_url("**/w/checkup")
    assert await ama.progress() == progress
    await ama.answer()

    cli(server.data_dir, "merge", session["session_id"])
    folder = server.data_dir / "sessions" / session["session_id"]
    people = {row["participant_id"]: row for row in read(folder / "participants.csv")}
    assert [(p["name"], p["partner_slot"]) for p in people.values()] == [
        ("Ama", "A"),
        ("Béla", "B"),
    ]
    assert len({p["dyad_id"] for p in people.values()}) == 1
    given = {(people[row["participant_id"]]["name"], row["item"]) for row in read_answers(folder)}
    assert given == {(p.name, click.item) for p in (ama, bela) for click in p.clicks}
    assert ama.errors == []
    assert ama.strangers == []


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read_answers(folder: Path) -> list[dict[str, str]]:
    return read(folder / "responses.csv")


async def test_the_pages_of_a_shared_phone_read_well(
    server: WorkbookServer, browser: Browser
) -> None:
    session = server.new_session("Tuesday group")
    ama = Person("Ama", browser, server.url)
    await ama.take_phone()
    await join_both(ama, session["code"], "Béla-Alexandra von und zu Hohenlohe-Wald")
    page = ama.page
    for name in ("me", "between"):
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= await page.evaluate("document.documentElement.clientWidth"), name
        for button in await page.get_by_role("button").all():
            box = await button.bounding_box()
            assert box is not None
            assert box["height"] >= 44, await button.inner_text()
        if name == "me":
            await page.get_by_role("button", name="Hand over to").click()
            await expect_between(page, "Béla")
