"""How being brought, asked and let go feels: by keyboard, in place, accessible, and honest.

What a whole evening leaves in the record: `test_the_whole_evening`.
"""

from __future__ import annotations

from playwright.async_api import Browser, expect

from reconnect_widgets.records import RecordFolder, SessionRecord
from tests.support.axe import violations
from tests.support.chromium import DESK, PHONE
from tests.support.desk import open_desk
from tests.support.person import Person, sit_down
from tests.support.server import WorkbookServer

LINE = "On Tuesday at the station you"
REPAIR, CHECKUP = "The repair script", "The relationship checkup"
HERE = "Everybody was brought here."


def consent(session: SessionRecord, name: str) -> None:
    """Write the choice as the welcome would: walking through it is tested elsewhere."""
    person = next(p for p in session.participants().values() if p.name == name)
    writer = session.open_writer(person.participant_id)
    writer.append_person(
        "consented",
        {"consent": "recorded"},
        participant_id=person.participant_id,
        dyad_id=person.dyad_id,
    )
    writer.close()


async def write_half_a_line(person: Person) -> None:
    await person.page.goto(f"{person.url}/w/appreciation")
    await person.button("Begin").click()
    await person.button("Next").click()
    await person.page.get_by_label("I noticed").fill(LINE)


async def put_the_phone_away(person: Person) -> None:
    """Start the fifteen minutes without devices: the screen goes dark."""
    await person.page.goto(f"{person.url}/w/presence")
    await person.button("Begin").click()
    start = person.button("Start")
    heading = person.page.locator("[data-heading]").first
    for words in ("Good to know beforehand", "Where and when?"):
        await expect(heading).to_have_text(words)
        await person.button("Next").click()
    await start.click()
    await expect(person.page.locator('.rc-worksheet[data-look="dark"]')).to_be_visible()


async def test_two_facilitators_run_a_part_of_an_evening(
    own_server: WorkbookServer, browser: Browser
) -> None:
    server = own_server
    made = server.new_session("Tuesday group", "--agenda", "welcome,checkup,repair")
    session = RecordFolder(server.data_dir).session(made["session_id"])
    ada, bo, cy, di = [
        await sit_down(browser, server.url, made["code"], name)
        for name in ("Ada", "Bo", "Cy", "Di")
    ]
    for name in ("Ada", "Bo", "Di"):
        consent(session, name)
    one = await open_desk(server, browser, session.session_id)
    two = await open_desk(server, browser, session.session_id)
    await ada.page.goto(f"{server.url}/w/checkup")
    await expect(ada.button("Begin")).to_be_visible()
    await ada.page.evaluate("window.isTheSame = true")
    await write_half_a_line(bo)
    await di.page.goto(f"{server.url}/w/")

    # Everybody is brought. Nobody is torn out of a sentence, or past the choice at the beginning.
    bring = one.page.get_by_role("button", name=f"Bring everyone to {REPAIR}")
    await bring.focus()
    await one.page.keyboard.press("Enter")
    going = ada.page.get_by_role("status").get_by_text(f"Everybody is going to “{REPAIR}”.")
    await expect(going).to_be_visible()
    await expect(going).to_have_count(1)
    await ada.page.wait_for_url("**/w/repair")
    await di.page.wait_for_url("**/w/repair")
    assert await ada.page.evaluate("window.isTheSame === true")
    await expect(ada.page.get_by_role("button", name="Go there now")).to_have_count(0)
    finish = bo.button("Finish first")
    await expect(bo.page.get_by_text("Finish what you are at first")).to_be_visible()
    assert await violations(bo.page) == []
    await finish.click()
    await expect(finish).to_have_count(0)
    quiet = bo.page.locator("#waiting").get_by_role("link", name=REPAIR)
    await expect(quiet).to_be_visible()
    await expect(bo.page.get_by_label("I noticed")).to_have_value(LINE)
    await expect(
        cy.page.get_by_text("It waits until you have made your choice").first
    ).to_be_visible()
    assert cy.page.url.endswith("/me")
    # The other desk knows, and the first one's keyboard is where it was.
    await expect(two.page.locator("#at-repair")).to_contain_text(HERE)
    await expect(two.page.locator("#at-repair")).to_have_attribute("aria-current", "step")
    await expect(two.page.locator("#at-repair")).to_contain_text("2 there")
    focused = await one.page.evaluate("document.activeElement.id")
    assert focused == "bring-repair"

    # Who makes that choice later comes then.
    consent(session, "Cy")
    await cy.page.goto(f"{server.url}/w/checkup")
    await cy.page.wait_for_url("**/w/repair")

    # A clock, from the other desk.
    await two.page.get_by_role("button", name=f"Start the clock of {REPAIR}").click()
    await expect(one.page.locator("#at-repair")).to_contain_text("minutes left")
    await expect(ada.page.locator("#waiting")).to_contain_text("About 15 minutes left for this.")

    # The server dies. What is pressed meanwhile is not lost silently, and does not come late.
    server.kill()
    await one.page.get_by_role("button", name=f"Pause the clock of {REPAIR}").click()
    lost = one.page.get_by_text("did not arrive")
    await expect(lost).to_be_visible()
    server.start()
    await one.button("Try again").click()
    await expect(one.page.locator("#at-repair")).to_contain_text("Paused")
    await expect(lost).to_have_count(0)
    await expect(two.page.locator("#at-repair")).to_contain_text("Paused")
    await expect(two.page.locator("#at-repair")).to_contain_text(HERE)
    # Whoever was brought, or said "finish first", is not asked again after that.
    await bo.page.reload()
    await expect(quiet).to_be_visible()
    await expect(bo.page.get_by_label("I noticed")).to_have_value(LINE)
    await expect(finish).to_have_count(0)
    await expect(one.page.locator("#desk-people")).to_contain_text("4 here")

    # Closed to coming by oneself; let go; undone.
    await one.page.locator("#more-checkup summary").click()
    await one.page.get_by_role("button", name=f"Close {CHECKUP}").click()
    await expect(two.page.locator("#at-checkup")).to_contain_text("closed")
    await two.page.get_by_role("button", name="Let everybody go on by themselves").click()
    await expect(quiet).to_have_count(0)
    await di.page.goto(f"{server.url}/w/checkup")
    await expect(di.page.get_by_text("Your facilitator opens this later.")).to_be_visible()
    await two.page.get_by_role("button", name=f"Undo: Closed {CHECKUP}").click()
    await expect(di.button("Begin")).to_be_visible()  # the page goes on by itself

    # Whose phone lies in another room is not brought, nor called inactive.
    await put_the_phone_away(di)
    await expect(one.page.get_by_text("Away from the phone on purpose").first).to_be_visible()
    await one.page.get_by_role("button", name=f"Bring everyone to {CHECKUP}").click()
    await expect(di.page.get_by_text("Finish what you are at first")).to_be_visible()
    # Whoever is on the keyboard has the time that it takes to reach a button.
    await expect(cy.page.get_by_text("You go there in a moment.")).to_be_visible()
    await cy.page.keyboard.press("Tab")
    await expect(cy.page.get_by_text("Finish what you are at first")).to_be_visible()
    await cy.button("Go there now").focus()
    await cy.page.keyboard.press("Enter")
    await cy.page.wait_for_url("**/w/checkup")
    await ada.page.wait_for_url("**/w/checkup")
    assert di.page.url.endswith("/w/presence")

    for size in (DESK, PHONE):
        await two.page.set_viewport_size(size)  # type: ignore[arg-type]
        assert await violations(two.page) == []
        assert await two.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    for person in (ada, bo, cy, di, one, two):
        assert (person.errors, person.strangers) == ([], [])
