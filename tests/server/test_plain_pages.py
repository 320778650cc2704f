"""The plain pages in a real browser: for everybody, whole without scripts, live with them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from tests.server.conftest import Running, running_beside_a_browser
from tests.support.axe import violations

SCREENS = [
    ({"width": width, "height": height}, scheme)
    for width, height in ((360, 780), (1280, 800))
    for scheme in ("light", "dark")
]


running = running_beside_a_browser


async def open_page(context: BrowserContext, home: str) -> tuple[Page, list[str]]:
    """Open a tab that notes every error and every request that would leave the machine."""
    page = await context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((home, "data:", "blob:"))
            else troubles.append(request.url)
        ),
    )
    return page, troubles


async def join(page: Page, url: str, code: str, name: str, slot: str = "") -> None:
    await page.goto(f"{url}/j/{code}")
    await page.get_by_label("A name to call you by").fill(name)
    if slot:
        await page.get_by_label("With my partner, each on our own device").check()
        await page.get_by_label(slot, exact=True).check()
    else:
        await page.get_by_label("On my own").check()
    await page.get_by_role("button", name="Join").click()
    await page.wait_for_url("**/me")


async def sign_in(page: Page, running: Running) -> None:
    await page.goto(f"{running.url}/facilitator/sign-in")
    await page.get_by_label("Passcode").fill(running.passcode)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/facilitator")


Prepare = Callable[[Page, Running, str], Coroutine[Any, Any, None]]


async def at_join(page: Page, running: Running, code: str) -> None:
    await page.goto(f"{running.url}/j/{code}?with=ABCDE")


async def at_refused_join(page: Page, running: Running, code: str) -> None:
    await page.goto(running.url)
    await page.evaluate(
        "for (const one of document.querySelectorAll('input')) one.required = false"
    )
    await page.get_by_label("With my partner, each on our own device").check()
    await page.get_by_role("button", name="Join").click()
    await page.get_by_role("alert").wait_for()


async def at_welcome_back(page: Page, running: Running, code: str) -> None:
    await join(page, running.url, code, "Ada")
    await page.goto(running.url)


async def at_my_place(page: Page, running: Running, code: str) -> None:
    await join(page, running.url, code, "Ada", "A")


async def at_withdraw(page: Page, running: Running, code: str) -> None:
    await join(page, running.url, code, "Ada")
    await page.goto(f"{running.url}/me/withdraw")


async def at_withdrawn(page: Page, running: Running, code: str) -> None:
    await at_withdraw(page, running, code)
    await page.get_by_role("button", name="Yes, erase what I gave").click()
    await page.get_by_role("heading", name="It is erased").wait_for()


async def at_safety(page: Page, running: Running, code: str) -> None:
    await page.goto(f"{running.url}/safety")


async def at_nowhere(page: Page, running: Running, code: str) -> None:
    await page.goto(f"{running.url}/nowhere")


async def at_sign_in(page: Page, running: Running, code: str) -> None:
    await page.goto(f"{running.url}/facilitator/sign-in")
    await page.get_by_label("Passcode").fill("wrong")
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("alert").wait_for()


async def at_desk(page: Page, running: Running, code: str) -> None:
    await sign_in(page, running)


async def at_session(page: Page, running: Running, code: str) -> None:
    for name, fields in (("Ada", {"how": "couple", "slot": "A"}), ("עדי", {})):
        await running.phone().join(code, name, **fields)
    await sign_in(page, running)
    await page.get_by_role("link", name="Tuesday group").click()
    await page.get_by_role("row", name="Ada").wait_for()


@pytest.mark.parametrize(
    "at",
    [
        at_join,
        at_refused_join,
        at_welcome_back,
        at_my_place,
        at_withdraw,
        at_withdrawn,
        at_safety,
        at_nowhere,
        at_sign_in,
        at_desk,
        at_session,
    ],
)
async def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    running: Running, browser: Browser, at: Prepare
) -> None:
    code = running.new_session().info.code
    # Reduced motion: a colour in the middle of its change is no colour to measure.
    context = await browser.new_context(reduced_motion="reduce")
    page, troubles = await open_page(context, running.url)
    await at(page, running, code)
    for viewport, scheme in SCREENS:
        await page.set_viewport_size(viewport)  # type: ignore[arg-type]
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert await violations(page) == [], (viewport, scheme)
        assert await page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    await page.set_viewport_size({"width": 320, "height": 640})
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    assert [t for t in troubles if "the server responded with a status of 4" not in t] == []
    await context.close()


async def test_a_couple_joins_without_javascript(running: Running, browser: Browser) -> None:
    session = running.new_session()
    pages = []
    for _ in range(2):
        context = await browser.new_context(java_script_enabled=False)
        pages.append((await open_page(context, running.url))[0])
    ada, bo = pages
    await join(ada, running.url, session.info.code, "Ada", "A")
    couple_code = await ada.locator(".rc-code--small").last.inner_text()
    await bo.goto(f"{running.url}/j/{session.info.code}?with={couple_code}")
    await bo.get_by_label("A name to call you by").fill("Bo")
    await bo.get_by_role("button", name="Join").click()
    await bo.wait_for_url("**/me")
    assert await bo.get_by_text("Ada is here as A").is_visible()
    return_code = await bo.locator(".rc-code--small").first.inner_text()
    other = await (await browser.new_context(java_script_enabled=False)).new_page()
    await other.goto(running.url)
    await other.get_by_label("Your return code").fill(return_code)
    await other.get_by_role("button", name="Come back").click()
    await other.goto(f"{running.url}/me")
    assert await other.get_by_role("heading", name="Bo, this is your place").is_visible()


async def test_only_partners_are_asked_for_their_couple(running: Running, browser: Browser) -> None:
    page = await browser.new_page()
    await page.goto(running.url)
    assert not await page.get_by_label("Which of you are you?").is_visible()
    await page.get_by_label("With my partner, each on our own device").check()
    assert await page.get_by_label("A", exact=True).is_visible()
    await page.get_by_label("On my own").check()
    assert not await page.get_by_label("A", exact=True).is_visible()


async def test_a_refused_form_leads_to_the_field_by_its_link(
    running: Running, browser: Browser
) -> None:
    page = await browser.new_page()
    await page.goto(f"{running.url}/j/ZZZZZZ")
    await page.get_by_label("A name to call you by").fill("Ada")
    await page.get_by_label("On my own").check()
    await page.get_by_role("button", name="Join").click()
    await page.get_by_role("alert").get_by_role("link").click()
    assert await page.evaluate("document.activeElement.id") == "code"
    assert await page.get_by_label("Code of the session").get_attribute("aria-invalid") == "true"
    assert await page.get_by_label("A name to call you by").input_value() == "Ada"


async def test_the_roster_fills_while_the_facilitator_looks(
    running: Running, browser: Browser
) -> None:
    session = running.new_session()
    context = await browser.new_context()
    page, troubles = await open_page(context, running.url)
    await sign_in(page, running)
    await page.get_by_role("link", name="Tuesday group").click()
    await page.get_by_text("Nobody has joined yet").wait_for()
    await running.phone().join(session.info.code, "Ada")
    await page.get_by_role("row", name="Ada").wait_for()
    await running.phone().join(session.info.code, "Bo")
    await page.get_by_role("row", name="Bo").wait_for()
    assert troubles == []
    await context.close()


async def test_the_picture_holds_the_join_address(running: Running, browser: Browser) -> None:
    """The squares of the QR code, read back, are the address on the page."""
    import segno

    session = running.new_session()
    page = await browser.new_page()
    await sign_in(page, running)
    await page.get_by_role("link", name="Tuesday group").click()
    path = await page.locator(".rc-qr svg path").last.get_attribute("d")
    expected = segno.make(f"{running.url}/j/{session.info.code}", error="m", micro=False)
    assert path
    assert path in expected.svg_inline(border=4, omitsize=True)
