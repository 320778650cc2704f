"""Two facilitators in two browsers: one is added, leads along, and is signed out everywhere."""

from __future__ import annotations

import re

from playwright.async_api import Browser, Page, expect

from tests.support.axe import violations
from tests.support.chromium import PHONE
from tests.support.desk import take_desk
from tests.support.person import Person
from tests.support.server import WorkbookServer, cli


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control with this name has the focus."""
    for _ in range(40):
        await page.keyboard.press("Tab")
        label = await page.evaluate(
            """() => {
              const e = document.activeElement;
              return e?.labels?.[0]?.textContent || e?.ariaLabel || e?.textContent || "";
            }"""
        )
        if label.strip() == name:
            return
    raise AssertionError(f"no way to {name!r} with Tab")


async def test_a_colleague_is_added_by_keyboard_and_leaves_no_desk_open_behind(
    own_server: WorkbookServer, browser: Browser
) -> None:
    server = own_server
    server.new_session("Tuesday group")
    first, maria = Person("First", browser, server.url), Person("Maria", browser, server.url)
    for person in (first, maria):
        await person.take_phone()
    page = first.page
    await page.goto(f"{server.url}/facilitator/sign-in")
    await page.get_by_label("Passcode").fill(server.passcode())
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Facilitators").click()
    assert await violations(page) == []

    await tab_to(page, "Their name")
    await page.keyboard.type("facilitator")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_in_viewport()
    assert await violations(page) == []
    await tab_to(page, "Their name")
    await page.keyboard.press("Control+A")
    await page.keyboard.type("Maria")
    await tab_to(page, "Add, and show the passcode")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="A passcode for Maria")).to_be_visible()
    await expect(page.locator(".rc-code")).to_be_in_viewport()
    assert await violations(page) == []
    passcode = await page.locator(".rc-code").inner_text()
    row = page.get_by_role("row", name="Maria")
    account_id = re.findall(r"f-[a-z0-9]{6}", await row.inner_text())[0]

    desk = maria.page
    await desk.goto(f"{server.url}/facilitator/sign-in")
    assert await violations(desk) == []
    await tab_to(desk, "Your name")
    await desk.keyboard.type("maria")
    await desk.keyboard.press("Tab")
    await desk.keyboard.type(passcode.lower())
    await desk.keyboard.press("Enter")
    await desk.get_by_role("link", name="Tuesday group").click()
    await desk.wait_for_url(re.compile("/facilitator/s/"))

    # The names on her screen go as soon as she is signed out, by whoever it is.
    cli(server.data_dir, "facilitator", "sign-out", account_id)
    await desk.wait_for_url("**/facilitator/sign-in?next=*")
    assert await violations(desk) == []
    # Signed in again, she is where she was.
    await tab_to(desk, "Your name")
    await desk.keyboard.type("maria")
    await desk.keyboard.press("Tab")
    await desk.keyboard.type(passcode)
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_role("heading", name="Who is here")).to_be_visible()

    await row.get_by_role("link", name="Revoke Maria …").click()
    await expect(page.get_by_role("heading", name="Revoke Maria?")).to_be_visible()
    assert await violations(page) == []
    await tab_to(page, "Revoke")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("No longer: Maria")).to_be_visible()
    assert await violations(page) == []


async def test_a_desk_behind_other_windows_is_heard_of_within_the_hour(
    server: WorkbookServer, browser: Browser
) -> None:
    session = server.new_session("Tuesday group")
    page = (await take_desk(server, browser, PHONE)).page
    await page.add_init_script("Object.defineProperty(document, 'hidden', { get: () => true })")
    await page.clock.install()
    desk = f"{server.url}/facilitator/s/{session['session_id']}"
    streams: list[str] = []
    page.on("request", lambda request: streams.append(request.url) if "/live" in request.url else 0)
    await page.goto(desk)
    async with page.expect_request(desk):
        await page.clock.run_for(20 * 60_000)
    assert not streams, "a hidden page keeps no stream"
