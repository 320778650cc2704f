"""The people of a played evening: guests with phones, facilitators with desks.

Everything they do is noted in the evening's ledger once it has been seen to be done. Whatever comes
to their browsers is kept, so that it can be asked afterwards what somebody could have read.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from playwright.async_api import CDPSession, ConsoleMessage, Locator, Page, expect

from reconnect_widgets.content import load_coach, load_exercise
from reconnect_widgets.domain.exercise import CLOSING, INTRO
from tests.support.ledger import Answer, Ledger, Screen
from tests.support.overheard import Overheard
from tests.support.person import Person

FACILITATOR = "facilitator"
WELCOME = ("Is this for us?", "How your answers are kept", "What you tell the facilitator alone")
RECORDED, UNRECORDED = "Record my answers", "Take part without recording"
# What Chromium itself says of a network that is away.
_NO_NETWORK = re.compile(r"net::ERR_|WebSocket connection to .* failed")
_LIFECYCLE = "Page.setWebLifecycleState"
_DARKEN = """(is_dark) => {
  Object.defineProperty(document, "hidden", { get: () => is_dark, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@dataclass
class Member(Person):
    """Somebody at the evening, with a browser whose console is watched.

    Attributes
    ----------
    is_cut_off
        Whether their network is away just now, and Chromium may say so.
    """

    ledger: Ledger = field(default_factory=Ledger)
    is_cut_off: bool = False

    async def take_phone(self) -> None:
        await super().take_phone()
        self.overheard = Overheard(self.context)
        self.page.on("console", self._note_console)

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        if not (self.is_cut_off and _NO_NETWORK.search(message.text)):
            self.errors.append(message.text)

    @asynccontextmanager
    async def lid_closed(self) -> AsyncIterator[None]:
        """Close the lid: the screen is dark, the page frozen, the network gone; then open it."""
        pages = self.context.pages
        sessions = [await self.context.new_cdp_session(page) for page in pages]
        self.is_cut_off = True
        for page, session in zip(pages, sessions, strict=True):
            await page.evaluate(_DARKEN, True)
            await _set_lifecycle(session, "frozen")
        await self.context.set_offline(True)
        yield
        await self.context.set_offline(False)
        for page, session in zip(pages, sessions, strict=True):
            await _set_lifecycle(session, "active")
            await page.evaluate(_DARKEN, False)
        self.is_cut_off = False


async def _set_lifecycle(session: CDPSession, state: str) -> None:
    await session.send(_LIFECYCLE, {"state": state})


# -- With a phone ----------------------------------------------------------------------------------


@dataclass
class Guest(Member):
    """A participant: what they see, choose and write goes into the ledger if it is recorded.

    Attributes
    ----------
    set_aside
        How many of their answers count for nothing since they sat down elsewhere.
    """

    is_recorded: bool = False
    set_aside: int = 0

    async def sit_down(
        self, code: str, beside: Guest | None = None, *, alone: bool = False
    ) -> None:
        """Join: alone, as the first of a couple, or beside somebody with their couple's code."""
        if alone:
            await self.join(code)
        elif beside is None:
            await self.join(code, slot="A")
        else:
            await self.join(code, slot="B", couple_code=beside.couple_code)
        self.ledger.note(self.name, "joined")

    async def read_the_welcome(self) -> None:
        """Go as far as the choice whether to be recorded."""
        await self.page.get_by_role("link", name="Begin", exact=True).click()
        await self._read_on()

    async def _read_on(self) -> None:
        for heading in WELCOME:
            await expect(self.page.get_by_role("heading", name=heading, level=2)).to_be_visible()
            await self.button("Go on").click()

    async def begins_anew(self) -> None:
        """Hear that what was answered is set aside, and come to the choice once more."""
        await expect(self.page.get_by_text("Everything begins anew here.").first).to_be_visible()
        self.is_recorded = False
        self.set_aside = len(self.ledger.answers[self.name])
        await self.page.get_by_role("link", name="To that choice").click()
        await self._read_on()

    async def choose(self, choice: str = RECORDED) -> None:
        await self.button(choice).click()
        await expect(self.heading).to_have_text("Thank you. You can begin")
        self.is_recorded = choice == RECORDED
        self.ledger.note(self.name, "consented")

    @property
    def heading(self) -> Locator:
        return self.page.locator(".rc-host__stage:not([hidden]) [data-heading]").first

    async def arrives(self, exercise: str) -> None:
        """See an exercise for the first time."""
        await self.page.wait_for_url(f"**/w/{exercise}")
        await self.sees(exercise, INTRO)

    async def sees(self, exercise: str, step: str, heading: str = "") -> None:
        """See a screen that was not there before."""
        await expect(self.heading).to_have_text(heading or _heading_of(exercise, step))
        self.saw(exercise, step)

    def saw(self, exercise: str, step: str) -> None:
        """Note a screen, if it is recorded."""
        if self.is_recorded:
            self.ledger.screens[Screen(self.name, exercise, step)] += 1

    async def goes(self, button: str, exercise: str, step: str, heading: str = "") -> None:
        """Press a button that leads to another screen."""
        await self.button(button).click()
        await self.sees(exercise, step, heading)

    def did(self, event: str, exercise: str) -> None:
        """Note what they did, if they are recorded."""
        if self.is_recorded:
            self.ledger.note(self.name, event, exercise)

    def gave(
        self, exercise: str, item: str, status: str, value: object = "", text: str = ""
    ) -> None:
        if self.is_recorded:
            answer = Answer(exercise, item, status, str(value), text)
            self.ledger.answers[self.name].append(answer)

    async def begin_the_checkup(self) -> None:
        await self.button("Begin").click()
        await self.question()
        self.saw("checkup", "items")

    async def take_the_checkup(self, count: int) -> None:
        """Answer so many questions of the checkup, or skip them."""
        before = len(self.clicks)
        for _ in range(count):
            await self.answer()
        for click in self.clicks[before:]:
            value = "" if click.value is None else click.value
            self.gave("checkup", click.item, click.status, value)

    async def expect_saved(self) -> None:
        said = "Saved" if self.is_recorded else "Not recorded"
        await expect(self.page.locator(".rc-sheet__status")).to_have_text(said)

    async def tick(self, exercise: str, item: str, value: object, *, is_seen: bool = True) -> None:
        """Choose an option on a worksheet, and see that it is kept."""
        await self.page.get_by_role("radio", name=_label_of(exercise, item, value)).check()
        if is_seen:
            await self.sees_it_kept()
        self.gave(exercise, item, "answered", value)

    async def sees_it_kept(self) -> None:
        said = "Saved" if self.is_recorded else "Not recorded"
        kept = self.page.locator(".rc-host__stage .rc-status").get_by_text(said, exact=True)
        await expect(kept).to_be_visible()

    async def write_a_line(self, line: str) -> None:
        """Write what they noticed, and let the coach read it."""
        await self.page.get_by_label("I noticed").fill(line)
        notes = load_coach("appreciation").read(line)
        await expect(self.page.locator(".rc-writer .rc-notes__note")).to_have_count(len(notes))

    async def go_and_write(self, line: str) -> None:
        await self.goes("Begin", "appreciation", "how")
        await self.goes("Next", "appreciation", "write")
        await self.write_a_line(line)

    async def finish_the_line(self, line: str) -> None:
        """Go on to the ways of giving it; what the coach saw is noted, and no word."""
        await self.goes("Next", "appreciation", "give")
        codes = {note.code for note in load_coach("appreciation").read(line)}
        for noted in load_exercise("appreciation").noted:
            code = noted.key.partition("-")[2]
            self.gave("appreciation", noted.key, "answered", int(code in codes))

    async def give(self, line: str, how: str, event: str, onward: str) -> None:
        """Give or keep a line that was written: only now it is recorded."""
        await self.goes(how, "appreciation", onward)
        self.gave("appreciation", "line", "answered", text=line)
        self.did(event, "appreciation")


def _heading_of(exercise: str, step: str) -> str:
    if exercise == "checkup":
        return "Your own last two weeks"
    pack = load_exercise(exercise)
    if step == INTRO:
        return pack.title
    return "That is all for now" if step == CLOSING else pack.step(step).heading


def _label_of(exercise: str, item: str, value: object) -> str:
    fields = [field for step in load_exercise(exercise).steps for field in step.fields]
    options = next(field.options for field in fields if field.key == item)
    return next(option.label for option in options if str(option.value) == str(value))


# -- At a desk -------------------------------------------------------------------------------------


@dataclass
class Facilitator(Member):
    """Somebody who leads the evening from a desk, and maybe the group screen beside it."""

    screen: Page | None = None
    screen_overheard: Overheard | None = None

    async def press(
        self, label: str, event: str, exercise: str = "", *, within: Locator | None = None
    ) -> None:
        """Press a button of the desk, and wait until the workbook has done it."""
        button = (within or self.page).get_by_role("button", name=label, exact=True)
        async with self.page.expect_response(_is_act) as answered:
            await button.click()
        assert (await answered.value).ok or (await answered.value).status == 303
        self.ledger.note(self.name, event, exercise)

    async def keep_a_note(self, words: str) -> None:
        await self.page.get_by_label("What to remember").fill(words)
        await self.press("Keep the note", "note")

    async def move(self, who: str, where: str, event: str) -> None:
        """Move somebody on the page of seats, which asks first."""
        person = self.page.get_by_role("listitem").filter(has_text=who)
        await person.get_by_role("button", name="Move …").click()
        await expect(self.page.get_by_role("heading", level=1)).to_contain_text(who)
        await self.page.get_by_role("radio", name=re.compile(where)).check()
        await self.press("Move", event)
        await expect(self.page.get_by_role("heading", name="Seats", level=1)).to_be_visible()

    def row(self, name: str) -> Locator:
        return self.page.get_by_role("row", name=name)

    def at(self, exercise: str) -> Locator:
        return self.page.locator(f"#at-{exercise}")

    async def open_the_screen(self) -> None:
        """Open the group screen in a window of its own, as large as the projector."""
        async with self.page.expect_popup() as opened:
            await self.page.get_by_role("link", name="Open it in its own window").click()
        self.screen = await opened.value
        self.screen_overheard = Overheard(self.screen)
        await self.screen.set_viewport_size({"width": 1920, "height": 1080})
        self.screen.on("console", self._note_console)
        self.screen.on("pageerror", lambda error: self.errors.append(str(error)))


def _is_act(response: object) -> bool:
    url, method = response.url, response.request.method  # type: ignore[attr-defined]
    return (
        method == "POST"
        and re.search(r"/facilitator/s/[^/]+/(act|screen|wall|seats|groups)$", url) is not None
    )
