"""The facilitator's desk in a browser: live, and honest when it is not."""

from __future__ import annotations

from itertools import pairwise

from playwright.async_api import Browser, Page, expect

from tests.server.people import JoiningPhone
from tests.support.axe import violations
from tests.support.chromium import PHONE
from tests.support.desk import open_desk
from tests.support.person import sit_down
from tests.support.server import WorkbookServer, kernels_of


async def test_a_desk_whose_network_hangs_notices_it_too(
    server: WorkbookServer, browser: Browser
) -> None:
    session = server.new_session("Tuesday group")
    page = (await open_desk(server, browser, session["session_id"], PHONE)).page
    await page.clock.install()
    # A line that opens and on which nothing ever comes; the next one does not even open.
    await page.add_init_script(
        """let opened = 0;
        window.EventSource = class extends EventTarget {
          constructor() {
            super();
            if (opened++ === 0) queueMicrotask(() => this.onopen());
          }
          close() {}
        };"""
    )
    await page.reload()
    note = page.get_by_text("Nothing has been heard")
    await page.clock.run_for(30_000)
    await expect(note).to_have_count(0)
    await page.clock.run_for(15_000)
    await expect(note).to_be_visible()


async def edges(page: Page, selector: str) -> dict[str, float]:
    box = await page.locator(selector).bounding_box()
    assert box is not None, selector
    return {"left": box["x"], "top": box["y"], "right": box["x"] + box["width"],
            "bottom": box["y"] + box["height"]}  # fmt: skip


async def test_a_wide_desk_has_the_evening_on_the_left_and_people_on_the_right(
    server: WorkbookServer, browser: Browser
) -> None:
    session = server.new_session("Tuesday group")
    for names in (("Ama", "Béla"), ("Cleo", "Dan")):
        await JoiningPhone(server.url).join_both(session["code"], *names)
    page = (await open_desk(server, browser, session["session_id"])).page
    await page.get_by_role("button", name="Bring everyone to The relationship checkup").click()
    await expect(page.get_by_text("Brought everyone to The relationship checkup")).to_be_visible()
    left, right = ("#desk-agenda", "#screen-controls"), ("#desk-people", "#desk-acts", "#note")
    for width in (1280, 1100):
        await page.set_viewport_size({"width": width, "height": 800})
        first, people = await edges(page, left[0]), await edges(page, right[0])
        assert abs(first["top"] - people["top"]) < 2
        for one in left:
            assert (await edges(page, one))["right"] < people["left"]
        for one in right:
            assert (await edges(page, one))["left"] >= people["left"]
        # Each column is as long as it is: what comes below on one side waits for nothing beside it.
        assert (await edges(page, left[1]))["top"] - first["bottom"] < 2
    assert await violations(page) == []
    for width in (1099, 820, 360):
        await page.set_viewport_size({"width": width, "height": 800})
        boxes = [await edges(page, one) for one in (*left, *right)]
        for before, after in pairwise(boxes):
            assert before["bottom"] <= after["top"]
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_many_people_are_folded_away_and_stay_open_when_somebody_comes(
    server: WorkbookServer, browser: Browser
) -> None:
    session = server.new_session("Tuesday group")
    for number in range(20):
        await JoiningPhone(server.url).join_both(session["code"], f"Ama {number}", f"Bo {number}")
    page = (await open_desk(server, browser, session["session_id"], PHONE)).page
    await expect(page.get_by_role("row", name="Ama 3")).to_be_visible()
    await JoiningPhone(server.url).join_both(session["code"], "Cleo", "Dan")
    await expect(page.get_by_text("42 people, 21 couples: 42 here")).to_be_visible()
    await expect(page.get_by_role("row", name="Ama 3")).to_have_count(0)
    await page.get_by_text("Show all 42 people").click()
    await expect(page.get_by_role("row", name="Cleo")).to_be_visible()
    await JoiningPhone(server.url).join_both(session["code"], "Eva", "Finn")
    await expect(page.get_by_role("row", name="Eva")).to_be_visible()
    assert await violations(page) == []


async def test_a_page_that_was_started_again_is_told_in_words_on_the_open_desk(
    own_server: WorkbookServer, browser: Browser
) -> None:
    server = own_server
    session = server.new_session("Tuesday group")
    page = (await open_desk(server, browser, session["session_id"], PHONE)).page
    trouble = page.locator("#desk-trouble[role=status]")
    await expect(trouble).to_be_empty()
    place = await trouble.element_handle()
    ama = await sit_down(browser, server.url, session["code"], "Ama")
    await ama.page.goto(f"{server.url}/w/welcome")
    await expect(page.get_by_role("row", name="Ama")).to_be_visible()
    kernels_of(server)[-1].kill()
    await expect(trouble).to_contain_text("was started again. Nothing is lost.", timeout=15_000)
    # A screen reader reads what changes in a place, not a place that is new.
    assert place is not None
    assert await place.evaluate("(place) => place.isConnected")
    assert await violations(page) == []
