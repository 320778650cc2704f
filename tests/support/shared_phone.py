"""Two people with one phone: joining together, and handing it from one to the other."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.support.person import Person


async def join_both(person: Person, code: str, partner: str) -> None:
    page = person.page
    await page.goto(f"{person.url}/j/{code}")
    await page.get_by_label("A name to call you by").fill(person.name)
    await expect(page.get_by_label("A name to call your partner by")).not_to_be_visible()
    await page.get_by_label("With my partner, one phone for both").check()
    await page.get_by_label("A name to call your partner by").fill(partner)
    await page.get_by_role("button", name="Join").click()
    await page.wait_for_url("**/me")


async def hand_over(page: Page, giver: str, taker: str) -> None:
    """Press the line in the header; between the two stands nothing of either."""
    await expect(page.get_by_text(f"{giver} is holding the phone")).to_be_visible()
    await page.get_by_role("button", name=f"Hand over to {taker}").click()
    await expect_between(page, taker)


async def expect_between(page: Page, taker: str) -> None:
    await expect(page.get_by_role("heading", name=f"Hand the phone to {taker}")).to_be_visible()


async def take(page: Page, taker: str) -> None:
    await page.get_by_role("button", name=f"I am {taker}").click()
    await expect(page.get_by_text(f"{taker} is holding the phone")).to_be_visible()
