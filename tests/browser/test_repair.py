"""Two phones go through the repair script: each turn shows on the other, and no word stays."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from reconnect_widgets.content import load_exercise
from reconnect_widgets.domain.repair import MOVES
from tests.support.person import Person, sit_down
from tests.support.server import WorkbookServer, cli
from tests.support.walk import Walker

PACK = load_exercise("repair")
HURT = "When you left the party on Saturday, I felt alone. Zwieback"
SLIP = "You felt alone, but I only wanted to catch the bus. Zwieback"


async def stands(person: Person, heading: str) -> None:
    await expect(person.page.get_by_role("heading", name=heading, level=2)).to_be_visible()


async def look(person: Person) -> None:
    """Look at the screen by axe, and at 320 px."""
    walker = Walker(person, "repair")
    await walker.look_closely("")
    assert walker.walk.faults == []


async def go_to_talk(person: Person) -> None:
    await person.page.goto(f"{person.url}/w/repair")
    await person.button("Begin").click()
    for heading in ("When to use it, and when not", "The listener’s four moves"):
        await stands(person, heading)
        await person.button("Next").click()
    await person.button(PACK.sentences["how.two"]).click()
    await stands(person, "Who begins?")


async def agree(ada: Person, bo: Person) -> None:
    """Let Ada speak first; the offer and the yes come to the other phone by themselves."""
    await ada.button("I would like to speak first").click()
    await stands(bo, "Your partner would like to speak first")
    await look(bo)
    await bo.button("Yes, I will listen").click()
    await stands(ada, "Say what hurt")
    await stands(bo, "Now you listen")


async def test_two_phones_pass_the_floor_to_and_fro_and_no_word_is_kept(
    server: WorkbookServer, browser: Browser
) -> None:
    session = server.new_session("Tuesday group")
    code = session["code"]
    ada = await sit_down(browser, server.url, code, "Ada", slot="A")
    bo = await sit_down(browser, server.url, code, "Bo", slot="B", couple=ada.couple_code)
    for person in (ada, bo):
        await person.consent()
        await go_to_talk(person)
    await look(ada)
    await agree(ada, bo)
    await ada.page.get_by_label("One moment, and one feeling").fill(HURT)
    await expect(ada.page.get_by_text("You named a feeling.")).to_be_visible()
    await look(ada)

    for number, move in enumerate(MOVES):
        await ada.button("I have said it").click()
        await stands(bo, PACK.sentences[f"move.{move}"])
        await stands(ada, "Now your partner answers")
        if number == 0:
            await bo.page.get_by_label("In your own words").fill(SLIP)
            await expect(bo.page.get_by_text("This turns towards your own side.")).to_be_visible()
            await look(bo)
            await bo.page.reload()
            await stands(bo, PACK.sentences[f"move.{move}"])
            await expect(bo.page.get_by_label("In your own words")).to_have_value(SLIP)
        await bo.button("I have said it").click()
        await stands(bo, "Now you listen")
    await ada.button("I have said it").click()

    await stands(bo, "That was the first half")
    await bo.button("I am ready to swap").click()
    await expect(ada.page.get_by_text("Your partner is ready to swap.")).to_be_visible()
    await ada.button("I am ready to swap").click()
    await stands(bo, "Say what hurt")
    await bo.button("We stop here").click()
    for person in (ada, bo):
        await stands(person, "You have stopped")
        await person.button("Next").click()
        await stands(person, "As the one who spoke")
        await person.page.get_by_role("radio", name="Quite").check()
        await expect(person.page.get_by_text("Saved", exact=True)).to_be_visible()
        assert (person.errors, person.strangers) == ([], [])

    cli(server.data_dir, "merge", session["session_id"])
    files = [path for path in server.data_dir.rglob("*") if path.is_file()]
    mine = [path for path in files if session["session_id"] in path.parts]
    assert any(b"slip-rebuttal" in path.read_bytes() for path in mine)
    assert not any(b"Zwieback" in path.read_bytes() for path in [*files, server.log_path])
