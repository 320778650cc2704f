"""A facilitator's desk in a browser."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Browser, expect

from tests.support.chromium import DESK
from tests.support.person import Person
from tests.support.server import WorkbookServer


async def sign_in(
    facilitator: Person, passcode: str, name: str = "", size: dict[str, int] = DESK
) -> None:
    """Take a desk of this size and sign in; the name is asked once there are several accounts."""
    await facilitator.take_phone()
    page = facilitator.page
    await page.set_viewport_size(size)  # type: ignore[arg-type]
    await page.goto(f"{facilitator.url}/facilitator/sign-in")
    if name:
        await page.get_by_label("Your name").fill(name)
    await page.get_by_label("Passcode").fill(passcode)
    await facilitator.button("Sign in").click()
    await page.wait_for_url("**/facilitator")


async def take_desk(
    server: WorkbookServer, browser: Browser, size: dict[str, int] = DESK, **more: Any
) -> Person:
    """Return a facilitator who has signed in; `more` is said of the person."""
    facilitator = Person("Facilitator", browser, server.url, **more)
    await sign_in(facilitator, server.passcode(), size=size)
    return facilitator


async def open_desk(
    server: WorkbookServer, browser: Browser, session_id: str, size: dict[str, int] = DESK
) -> Person:
    """Return a facilitator who has a session's page open."""
    facilitator = await take_desk(server, browser, size)
    page = facilitator.page
    await page.goto(f"{server.url}/facilitator/s/{session_id}")
    await expect(page.get_by_role("heading", name="Who is here")).to_be_visible()
    return facilitator
