"""Two phones that sat down in each other's seat, and a desk that puts it right."""

from __future__ import annotations

import re

from playwright.async_api import Browser, Page, expect

from reconnect_widgets.records import RecordFolder, SessionRecord
from tests.support.axe import violations
from tests.support.desk import open_desk
from tests.support.person import Person, sit_down
from tests.support.server import WorkbookServer

LINE = "On Tuesday you waited for me at the station"
SWAPPED = "you and your partner have swapped. Everything begins anew here."


async def expect_accessible(page: Page) -> None:
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


async def open_seats(server: WorkbookServer, browser: Browser, session_id: str) -> Page:
    page = (await open_desk(server, browser, session_id)).page
    await page.get_by_role("link", name="Seats").click()
    await expect(page.get_by_role("heading", name="Seats", level=1)).to_be_visible()
    return page


async def begin_to_answer(person: Person, count: int) -> None:
    """Make the choice at the beginning, go on to the checkup, and answer."""
    await person.page.goto(f"{person.url}/w/welcome")
    for heading in ("Is this for us?", "How your answers are kept", "What you tell"):
        await expect(person.page.get_by_role("heading", name=heading, level=2)).to_be_visible()
        await person.button("Go on").click()
    await person.button("Record my answers").click()
    await person.page.get_by_role("link", name="To the checkup").click()
    await person.button("Begin").click()
    for _ in range(count):
        await person.answer()


async def write_a_line(person: Person) -> None:
    await person.page.goto(f"{person.url}/w/appreciation")
    await person.button("Begin").click()
    await person.button("Next").click()
    await person.page.get_by_label("I noticed").fill(LINE)


def answers_of(session: SessionRecord, participant_id: str) -> dict[str, str]:
    rows = session.read((participant_id,)).rows
    return {row.item: row.value for row in rows if row.kind == "answer"}


async def test_the_two_of_a_couple_sat_in_each_others_seat(
    server: WorkbookServer, browser: Browser
) -> None:
    made = server.new_session("Tuesday group", "--agenda", "welcome,checkup")
    session = RecordFolder(server.data_dir).session(made["session_id"])
    one = await sit_down(browser, server.url, made["code"], "Ada", slot="A")
    two = await sit_down(browser, server.url, made["code"], "Bo", slot="B", couple=one.couple_code)
    ids = {person.name: person.participant_id for person in session.participants().values()}
    await begin_to_answer(one, 4)
    await begin_to_answer(two, 2)
    await write_a_line(two)
    await one.page.evaluate("window.isTheSame = true")

    # The desk is asked, says what happens to the answers, and can be left as it was.
    desk = await open_seats(server, browser, session.session_id)
    await expect_accessible(desk)
    await desk.get_by_role("button", name="Swap the two …").click()
    await expect(desk.get_by_role("heading", level=1)).to_have_text(
        "Swap \u2068Ada\u2069 and \u2068Bo\u2069?"
    )
    await expect_accessible(desk)
    await desk.get_by_role("link", name="Leave everything as it is").click()
    assert answers_of(session, ids["Ada"]) != {}
    await desk.get_by_role("button", name="Swap the two …").click()
    await desk.get_by_role("button", name="Swap the two").click()
    await expect(desk.get_by_text("The two have swapped, and begin anew.")).to_be_visible()

    # Both pages come up again by themselves: they say what happened, and show nothing of before.
    for person in (one, two):
        await expect(person.page.get_by_text(SWAPPED)).to_be_visible()
        await expect(person.page.get_by_text(re.compile(r"^Question \d"))).to_have_count(0)
        await expect(person.page.get_by_label("I noticed")).to_have_count(0)
        await expect(person.page.get_by_role("heading", level=1).first).to_be_visible()
        await expect_accessible(person.page)
    assert await one.page.evaluate("window.isTheSame === true")
    assert answers_of(session, ids["Ada"]) == answers_of(session, ids["Bo"]) == {}

    # Whoever held "Ada" is Bo now, begins at the first question, and goes on.
    await one.page.goto(f"{server.url}/")
    await expect(one.page.get_by_role("heading", name="Welcome back, Bo")).to_be_visible()
    for person in (one, two):
        person.clicks.clear()
        await begin_to_answer(person, 0)
        assert (await person.progress())[0] == 1
        await expect(person.page.get_by_role("radio", checked=True)).to_have_count(0)
        await person.answer()
    for person, participant_id in ((one, ids["Ada"]), (two, ids["Bo"])):
        click = person.clicks[0]
        wanted = {click.item: "" if click.value is None else str(click.value)}
        assert answers_of(session, participant_id) == wanted
    people = session.participants()
    assert (people[ids["Ada"]].name, people[ids["Ada"]].partner_slot) == ("Bo", "B")
    assert (people[ids["Bo"]].name, people[ids["Bo"]].partner_slot) == ("Ada", "A")

    # Now it can not be undone any more, and a text typed before is nowhere in the page.
    await desk.reload()
    await expect(desk.get_by_role("listitem").filter(has_text="Swapped")).to_be_visible()
    await expect(desk.get_by_role("button", name="Undo …")).to_have_count(0)
    await two.page.goto(f"{server.url}/w/appreciation")
    await two.button("Begin").click()
    await two.button("Next").click()
    await expect(two.page.get_by_text(SWAPPED)).to_have_count(0)  # they have answered since
    await expect(two.page.get_by_label("I noticed")).to_have_value("")
    assert one.errors == two.errors == one.strangers == two.strangers == []


async def test_a_seat_is_freed_while_its_person_answers(
    server: WorkbookServer, browser: Browser
) -> None:
    made = server.new_session("Tuesday group", "--agenda", "welcome,checkup")
    session = RecordFolder(server.data_dir).session(made["session_id"])
    ada = await sit_down(browser, server.url, made["code"], "Ada", slot="A")
    wrong = await sit_down(
        browser, server.url, made["code"], "Wyn", slot="B", couple=ada.couple_code
    )
    await begin_to_answer(wrong, 2)
    desk = await open_seats(server, browser, session.session_id)
    seat = desk.get_by_role("listitem").filter(has_text="Wyn")
    await seat.get_by_role("button", name="Free the seat …").focus()
    await desk.keyboard.press("Enter")
    await desk.get_by_role("button", name="Free the seat").click()

    # The device that held it says so by itself, and its code opens nothing.
    freed = wrong.page.get_by_role("heading", name="Your facilitator has freed this seat")
    await expect(freed).to_be_visible()
    await expect(wrong.page.get_by_label("Code of the session")).to_have_value(made["code"])
    await expect_accessible(wrong.page)
    await wrong.page.get_by_label("Your return code").fill(wrong.return_code)
    await wrong.button("Come back").click()
    await expect(
        wrong.page.get_by_text("has freed the seat of this return code").first
    ).to_be_visible()

    # Somebody else takes the place, and they are a couple.
    bo = await sit_down(browser, server.url, made["code"], "Bo", slot="B", couple=ada.couple_code)
    await expect(bo.page.get_by_text("Ada").first).to_be_visible()
    await desk.goto(f"{server.url}/facilitator/s/{session.session_id}/seats")
    await expect(desk.get_by_role("listitem").filter(has_text="Bo")).to_be_visible()
    await expect(desk.get_by_role("button", name="Undo …")).to_have_count(0)
    await desk.set_viewport_size({"width": 360, "height": 780})
    await expect_accessible(desk)
    assert ada.errors == bo.errors == wrong.errors == []


async def test_what_a_phone_could_not_send_before_it_began_anew_is_never_sent(
    server: WorkbookServer, browser: Browser
) -> None:
    made = server.new_session("Tuesday group", "--agenda", "welcome,checkup")
    session = RecordFolder(server.data_dir).session(made["session_id"])
    ada = await sit_down(browser, server.url, made["code"], "Ada", slot="A")
    await sit_down(browser, server.url, made["code"], "Bo", slot="B", couple=ada.couple_code)
    (participant_id,) = [p for p, one in session.participants().items() if one.name == "Ada"]
    await begin_to_answer(ada, 1)
    first = answers_of(session, participant_id)
    await ada.context.set_offline(True)
    await ada.page.get_by_role("radio").first.check()
    await expect(ada.page.locator(".rc-sheet__status")).to_contain_text("Not saved yet")

    desk = await open_seats(server, browser, session.session_id)
    await desk.set_viewport_size({"width": 360, "height": 780})
    seat = desk.get_by_role("listitem").filter(has_text="Ada")
    await seat.get_by_role("button", name="Begin anew …").click()
    await expect_accessible(desk)
    await desk.get_by_role("button", name="Begin anew").click()
    await expect(desk.get_by_role("button", name="Undo …")).to_be_visible()
    await expect_accessible(desk)
    await ada.context.set_offline(False)
    await expect(ada.page.get_by_text("Everything begins anew here.")).to_be_visible()
    await begin_to_answer(ada, 0)
    assert (await ada.progress())[0] == 1
    assert answers_of(session, participant_id) == {}

    # Nothing was answered yet: undone, all is there again, and what waited is saved after all.
    await desk.get_by_role("button", name="Undo …").click()
    await desk.get_by_role("button", name="Undo it").click()
    await expect(desk.get_by_text("Undone: seats and answers are as they were")).to_be_visible()
    await expect(ada.page.get_by_text("Question 2 of")).to_be_visible()
    await ada.expect_saved()
    now = answers_of(session, participant_id)
    assert (len(now), first.items() <= now.items()) == (2, True)
    assert ada.errors == []
