"""A table that is wider than the phone: its caption stays whole and in sight."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from reconnect_widgets.review.pictures import build_table
from tests.support.chromium import ARGUMENTS, PHONE, executable

SHEET = Path(__file__).parents[2] / "reconnect_widgets" / "server" / "static" / "reconnect.css"
CAPTION = "First time: people in each quarter of the scale, of those who finished"


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        page = browser.new_page(viewport=PHONE)
        table = build_table(CAPTION, ["Part", *"ABCDEF"], [("Touch", ["not shown"] * 6)])
        page.set_content(
            f"<style>{SHEET.read_text('utf-8')} td {{ white-space: nowrap }}</style>"
            f'<main class="rc-page">{table}</main>'
        )
        yield page
        browser.close()


def caption_fits(page: Page) -> bool:
    return bool(
        page.evaluate(
            """() => {
              const box = document.querySelector(".rc-scroll").getBoundingClientRect();
              const range = document.createRange();
              range.selectNodeContents(document.querySelector("caption"));
              return [...range.getClientRects()].every(
                (line) => line.left >= box.left - 1 && line.right <= box.right + 1);
            }"""
        )
    )


def test_the_caption_stays_in_sight_while_the_keyboard_scrolls_the_table(page: Page) -> None:
    region = page.get_by_role("region", name=CAPTION)
    assert region.evaluate("box => box.scrollWidth > box.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert caption_fits(page)
    page.keyboard.press("Tab")
    assert region.evaluate("box => box === document.activeElement")
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    for _ in range(100):
        if region.evaluate("box => box.scrollLeft > 50"):
            break
        page.wait_for_timeout(20)
    assert region.evaluate("box => box.scrollLeft > 50")
    assert caption_fits(page)
