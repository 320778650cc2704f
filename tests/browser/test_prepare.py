"""The page that prepares an evening, in a browser: by keyboard, by hand, and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from reconnect_widgets.records import RecordFolder
from reconnect_widgets.system import utc_now
from tests.support.axe import violations
from tests.support.server import WorkbookServer

PHONE, DESK = {"width": 360, "height": 780}, {"width": 1280, "height": 800}
EMPTY = "/facilitator/new?plan="
CHECKUP, WELCOME, TOUCH = "The relationship checkup", "Is this for us?", "Bringing touch back"


@pytest.fixture
def broken_plan(server: WorkbookServer) -> Iterator[None]:
    """A plan that can not be read, among those that the pages offer."""
    path = server.data_dir / "plans" / "broken.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text("kind: plan\nkey: broken\n")
    yield
    path.unlink()


async def sign_in(
    server: WorkbookServer, browser: Browser, **options: Any
) -> tuple[Page, list[str]]:
    """Return a signed-in page, and the list in which whatever goes wrong on it is noted."""
    context = await browser.new_context(**{"viewport": DESK, **options})
    page, errors = await context.new_page(), list[str]()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on(
        "request",
        lambda asked: (
            None if asked.url.startswith((server.url, "data:")) else errors.append(asked.url)
        ),
    )
    await page.goto(f"{server.url}/facilitator/sign-in")
    await page.get_by_label("Passcode").fill(server.passcode())
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/facilitator")
    return page, errors


def rows(page: Page) -> Locator:
    return page.locator("#agenda-rows .rc-agenda__title")


async def add(page: Page, title: str) -> None:
    label = page.get_by_label("Another exercise")
    await label.select_option(await label.locator("option", has_text=title).get_attribute("value"))
    await page.get_by_role("button", name="Add", exact=True).click()


def newest(server: WorkbookServer) -> Any:
    return RecordFolder(server.data_dir).sessions()[0].info


async def test_an_agenda_is_put_in_order_by_keyboard_and_each_step_is_said(
    server: WorkbookServer, browser: Browser
) -> None:
    page, errors = await sign_in(server, browser)
    await page.goto(server.url + EMPTY)
    await page.evaluate("window.isTheSame = true")
    await page.get_by_label("Title").fill("By keyboard")
    await add(page, TOUCH)
    await expect(rows(page)).to_have_text([WELCOME, CHECKUP, TOUCH])
    said = page.locator("#said")
    await expect(said).to_have_text(f"{TOUCH} is now 3 of 3.")
    up = page.get_by_role("button", name=f"Move up: {TOUCH}")
    await up.focus()
    await page.keyboard.press("Enter")
    await expect(rows(page)).to_have_text([WELCOME, TOUCH, CHECKUP])
    await expect(said).to_have_text(f"{TOUCH} is now 2 of 3.")
    await expect(up).to_be_focused()
    await page.keyboard.press("Space")
    await expect(rows(page)).to_have_text([TOUCH, WELCOME, CHECKUP])
    # The first can not go up: the other button has the focus, and takes it back.
    await expect(page.get_by_role("button", name=f"Move down: {TOUCH}")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name=f"Take off the agenda: {CHECKUP}").press("Enter")
    await expect(rows(page)).to_have_text([WELCOME, TOUCH])
    await expect(said).to_have_text(f"{CHECKUP} is off the agenda.")
    await expect(page.get_by_role("button", name=f"Take off the agenda: {TOUCH}")).to_be_focused()
    await add(page, CHECKUP)  # what was taken off can come back
    await expect(rows(page)).to_have_text([WELCOME, TOUCH, CHECKUP])
    assert await page.evaluate("window.isTheSame === true")  # nothing of it asked the server
    await page.get_by_label(f"Minutes for {TOUCH}").fill("25")
    await page.keyboard.press("Enter")  # Enter in a field saves
    await page.wait_for_url("**/facilitator/s/*")
    info = newest(server)
    assert info.title == "By keyboard"
    assert info.agenda == ("welcome", "touch", "checkup")
    assert info.minutes == {"welcome": 4, "touch": 25, "checkup": 6}
    assert errors == []


async def grab(page: Page, title: str) -> None:
    """Put the mouse on a row's handle and press."""
    handle = page.locator(".rc-agenda__row", has_text=title).locator(".rc-agenda__handle")
    await handle.scroll_into_view_if_needed()
    box = await handle.bounding_box()
    assert box
    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await page.mouse.down()


async def move_over(page: Page, title: str, part: float) -> None:
    """Drag to a part of a row's height: 0 its upper edge, 1 its lower one."""
    box = await page.locator(".rc-agenda__row", has_text=title).bounding_box()
    assert box
    await page.mouse.move(box["x"] + 20, box["y"] + box["height"] * part, steps=8)


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["360", "1280"])
async def test_an_exercise_is_dragged_to_its_place(
    server: WorkbookServer, browser: Browser, viewport: dict[str, int]
) -> None:
    page, errors = await sign_in(server, browser, viewport=viewport)
    await page.goto(f"{server.url}/facilitator/new?plan=six-week-group.4")
    titles = ["What feels intimate to you?", TOUCH, "Fifteen minutes, no devices"]
    await expect(rows(page)).to_have_text(titles)
    await grab(page, titles[0])
    await move_over(page, titles[2], 0.8)
    await expect(rows(page)).to_have_text([titles[1], titles[2], titles[0]])
    await page.mouse.up()
    await expect(page.locator("#said")).to_have_text(f"{titles[0]} is now 3 of 3.")
    await expect(page.get_by_role("button", name=f"Move up: {titles[1]}")).to_be_disabled()
    await grab(page, titles[0])
    await move_over(page, titles[1], 0.2)
    await expect(rows(page)).to_have_text(titles)
    await page.keyboard.press("Escape")  # as if it had not been taken
    await expect(rows(page)).to_have_text([titles[1], titles[2], titles[0]])
    await page.mouse.up()
    await page.get_by_label("Title").fill("By hand")
    await page.get_by_role("button", name="Make the session").click()
    await page.wait_for_url("**/facilitator/s/*")
    assert newest(server).agenda == ("touch", "presence", "intimacy")
    assert errors == []


async def test_a_finger_drags_as_well_and_the_page_stays_where_it_is(
    server: WorkbookServer, browser: Browser
) -> None:
    page, errors = await sign_in(server, browser, viewport=PHONE, has_touch=True)
    await page.goto(server.url + EMPTY)
    handle = page.locator(".rc-agenda__row", has_text=CHECKUP).locator(".rc-agenda__handle")
    await handle.scroll_into_view_if_needed()
    above = await page.locator(".rc-agenda__row", has_text=WELCOME).bounding_box()
    box, before = await handle.bounding_box(), await page.evaluate("scrollY")
    assert above and box
    finger = await page.context.new_cdp_session(page)

    async def touch(kind: str, y: float) -> None:
        points = [] if kind == "touchEnd" else [{"x": box["x"] + 12, "y": y}]
        await finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    start, end = box["y"] + box["height"] / 2, above["y"] + 10
    await touch("touchStart", start)
    for part in range(1, 9):
        await touch("touchMove", start + (end - start) * part / 8)
    await expect(rows(page)).to_have_text([CHECKUP, WELCOME])
    await touch("touchEnd", end)
    await expect(page.locator("#said")).to_have_text(f"{CHECKUP} is now 1 of 2.")
    assert await page.evaluate("scrollY") == before
    assert errors == []


async def test_the_minutes_are_added_up_while_they_are_typed(
    server: WorkbookServer, browser: Browser
) -> None:
    page, _ = await sign_in(server, browser)
    await page.goto(f"{server.url}/facilitator/new?plan=first-evening")
    sum_ = page.locator("#sum")
    await expect(sum_).to_have_text(
        "105 minutes without breaks: until about 20:45 if you begin at 19:00."
    )
    await page.get_by_label(f"Minutes for {WELCOME}").fill("31")
    await page.get_by_label("Begin at").fill("18:30")
    await expect(sum_).to_have_text(
        "121 minutes without breaks: until about 20:35 if you begin at 18:30."
    )
    await page.get_by_label(f"Minutes for {WELCOME}").fill("1000000000")
    await expect(sum_).to_contain_text("90 minutes")


async def test_an_evening_is_prepared_without_scripts(
    server: WorkbookServer, browser: Browser
) -> None:
    page, errors = await sign_in(server, browser, java_script_enabled=False)
    await page.get_by_role("link", name="Look at the plans").click()
    await page.get_by_role("link", name="Meeting 2: Noticing").click()
    await page.get_by_label("Title").fill("Without scripts")
    await add(page, CHECKUP)
    for _ in range(3):
        await page.get_by_role("button", name=f"Move up: {CHECKUP}").click()
    await expect(rows(page).first).to_have_text(CHECKUP)
    await expect(page.get_by_role("button", name=f"Move down: {CHECKUP}")).to_be_focused()
    await page.get_by_label("Title").press("Enter")
    await page.wait_for_url("**/facilitator/s/*")
    info = newest(server)
    assert (info.title, info.agenda[:2]) == ("Without scripts", ("checkup", "appreciation"))
    await page.goto(f"{server.url}/facilitator/s/{info.session_id}/prepare")
    await page.get_by_label("A number of people").check()
    await page.get_by_label("Seats", exact=True).fill("14")
    await page.get_by_role("button", name="Save").click()
    await page.wait_for_url(f"**/facilitator/s/{info.session_id}")
    assert newest(server).seats == 14
    assert errors == []


@pytest.mark.usefixtures("broken_plan")
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["360", "1280"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_have_no_fault_that_axe_finds_and_never_scroll_sideways(
    server: WorkbookServer, browser: Browser, viewport: dict[str, int], scheme: str
) -> None:
    session = server.new_session("Looked at", "--plan", "six-week-group", "--meeting", "2")
    page, errors = await sign_in(server, browser, viewport=viewport, color_scheme=scheme)
    prepare = f"/facilitator/s/{session['session_id']}/prepare"
    for path in (
        "/facilitator",
        "/facilitator/new",
        "/facilitator/new?plan=six-week-group.5",
        prepare,
    ):
        await page.goto(server.url + path)
        if path == prepare:
            for fold in await page.locator("main details").all():
                await fold.evaluate("fold => { fold.open = true }")
            await page.get_by_label("The ones I choose here").check()
            await page.get_by_label("A number of people").check()
            await page.get_by_role("button", name="Save").click()  # without a number of seats
            await expect(page.get_by_role("alert")).to_contain_text("how many seats")
        assert await violations(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert [each for each in errors if "422" not in each] == []  # Chromium notes the refusal


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
async def test_a_session_past_its_end_date_says_so_and_leads_on(
    server: WorkbookServer, browser: Browser, size: Any
) -> None:
    made = server.new_session("Spring group")
    now = utc_now()
    record = RecordFolder(server.data_dir).session(made["session_id"])
    record.prepare({"keep_until": now - timedelta(hours=1)}, now, "facilitator")
    page, _ = await sign_in(server, browser, viewport=size)
    desk = f"{server.url}/facilitator/s/{made['session_id']}"
    await page.goto(f"{desk}/prepare")
    await expect(page.get_by_role("heading", name="past its end date")).to_be_visible()
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    back = page.get_by_role("link", name="Back to its page")
    await back.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url(desk)
