"""A person with a phone, who reads the page and clicks what stands on it.

Everything goes by role and label, as a screen reader would. Each click on an answer is noted, so
that a test can compare what was done with what is in the record.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from reconnect_widgets.content import load_instrument
from tests.support.chromium import PHONE

PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)
CLEAR = "Take my answer back"


@dataclass(frozen=True)
class Click:
    """One answer as it was clicked; the value is None when the question was skipped."""

    item: str
    status: str
    value: int | None


@dataclass
class Person:
    """One participant: a name, a plan of what to click, and the browser in their hand."""

    name: str
    browser: Browser
    url: str
    colour_scheme: str = "light"
    clicks: list[Click] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    return_code: str = ""
    couple_code: str = ""

    def __post_init__(self) -> None:
        self.instrument = load_instrument("checkup")
        self.key_of = {item.text: item.key for item in self.instrument.items}
        self.key_of |= {
            self.guess_text(category.key): self.instrument.guess_key(category.key)
            for category in self.instrument.categories
        }
        self.labels = {option.value: option.label for option in self.instrument.options}
        self.chance = random.Random(self.name)

    def guess_text(self, category: str) -> str:
        return self.instrument.guess_text(category)

    async def take_phone(self) -> None:
        """Take a device that was never here before."""
        self.context: BrowserContext = await self.browser.new_context(
            viewport=PHONE, color_scheme=self.colour_scheme, has_touch=True
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.on("request", lambda request: self._note_stranger(request.url))
        self.page: Page = await self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: self._note_violation(message.text))

    def _note_stranger(self, url: str) -> None:
        here = urlsplit(self.url)
        parts = urlsplit(url)
        if parts.scheme not in ("blob", "data") and parts.netloc != here.netloc:
            self.strangers.append(url)

    def _note_violation(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.errors.append(text)

    async def join(self, code: str, *, slot: str = "", couple_code: str = "") -> None:
        """Fill in the join page; without a slot, alone."""
        await self.page.goto(f"{self.url}/j/{code}")
        await self.page.get_by_label("A name to call you by").fill(self.name)
        if slot:
            await self.page.get_by_label("With my partner").first.check()
            await self.page.get_by_label("Your couple’s code").fill(couple_code)
            await self.page.get_by_role("radio", name=slot, exact=True).check()
        else:
            await self.page.get_by_label("On my own").check()
        await self.page.get_by_role("button", name="Join").click()
        await self.page.wait_for_url("**/me")
        self.return_code = await self._code_in("Your return code")
        if slot and not couple_code:
            self.couple_code = await self._code_in("Your partner is not here yet", nth=1)

    async def _code_in(self, region: str, nth: int = 0) -> str:
        codes = self.page.get_by_role("region", name=region).locator(".rc-code")
        return (await codes.nth(nth).inner_text()).strip()

    async def come_back(self) -> None:
        """On a new device, with the personal code."""
        await self.page.goto(self.url)
        await self.page.get_by_label("Your return code").fill(self.return_code)
        await self.page.get_by_role("button", name="Come back").click()
        await self.page.wait_for_url("**/w/*")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    async def consent(self, choice: str = "Record my answers") -> None:
        await self.page.get_by_role("link", name="Begin").click()
        for heading in ("Is this for us?", "How your answers are kept", "What you tell"):
            await expect(self.page.get_by_role("heading", name=heading, level=2)).to_be_visible()
            await self.button("Go on").click()
        await self.button(choice).click()
        await self.page.get_by_role("link", name="To the checkup").click()
        await expect(
            self.page.get_by_role("heading", name="Your own last two weeks")
        ).to_be_visible()
        await self.button("Begin").click()

    async def question(self) -> str:
        """Return the key of the question on the screen."""
        heading = self.page.locator("fieldset h2")
        await heading.wait_for()
        return self.key_of[(await heading.inner_text()).strip()]

    async def progress(self) -> tuple[int, int]:
        """Return which question of how many stands on the screen."""
        found = re.fullmatch(
            r"Question (\d+) of (\d+)",
            await self.page.get_by_text(re.compile(r"^Question \d+ of \d+$")).inner_text(),
        )
        assert found
        return int(found[1]), int(found[2])

    async def answer(self, *, wait_saved: bool = True) -> None:
        """Answer (or skip) the question on the screen as chance has it, and go on."""
        item = await self.question()
        number, _ = await self.progress()
        if self.chance.random() < 0.12:
            await self.button("Skip for now").click()
            self.clicks.append(Click(item, "skipped", None))
        else:
            await self._choose(item)
            if wait_saved:
                await self.expect_saved()
            await self.button("Next").click()
        await self._expect_past(number)

    async def _choose(self, item: str) -> None:
        value = self.chance.choice(sorted(self.labels))
        await self.page.get_by_role("radio", name=self.labels[value], exact=True).check()
        self.clicks.append(Click(item, "answered", value))

    async def change_last_answer(self) -> None:
        """Go back one question, choose another option there, and return."""
        number, _ = await self.progress()
        await self.button("Back").click()
        await expect(self.page.get_by_text(f"Question {number - 1} of")).to_be_visible()
        item = await self.question()
        before = next(c.value for c in reversed(self.clicks) if c.item == item)
        value = next(v for v in sorted(self.labels) if v != before)
        await self.page.get_by_role("radio", name=self.labels[value], exact=True).check()
        self.clicks.append(Click(item, "answered", value))
        await self.expect_saved()
        await self.button("Next").click()
        await self._expect_past(number - 1)

    async def _expect_past(self, number: int) -> None:
        await expect(
            self.page.get_by_text(f"Question {number} of", exact=False)
        ).not_to_be_visible()

    async def expect_saved(self) -> None:
        await expect(self.page.locator(".rc-sheet__status")).to_have_text("Saved")

    async def finish_sheet(self) -> None:
        """From the review of a sheet's questions on to what comes next."""
        await expect(self.page.get_by_role("heading", name="That was the last one")).to_be_visible()
        await self.button("Go on").click()

    def last_answers(self) -> dict[str, Click]:
        return {click.item: click for click in self.clicks}


async def sit_down(
    browser: Browser, url: str, code: str, name: str = "Ada", *, slot: str = "", couple: str = ""
) -> Person:
    """Return somebody who has come with a device of their own and joined; without a slot, alone."""
    person = Person(name, browser, url)
    await person.take_phone()
    await person.join(code, slot=slot, couple_code=couple)
    return person
