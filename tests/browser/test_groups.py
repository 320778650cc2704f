"""A desk and three phones: split into a group, parts on the phones, an observer who taps."""

from __future__ import annotations

import re

from playwright.async_api import Browser, Locator, Page, expect

from reconnect_widgets.records import RecordFolder, SessionRecord, current_answers
from reconnect_widgets.system import utc_now
from tests.support.axe import violations
from tests.support.chromium import PHONE
from tests.support.desk import open_desk
from tests.support.person import Person, sit_down
from tests.support.server import WorkbookServer

NAMES = ("Ada", "Bo", "Cy")
HURT = "When you left the party, I felt alone. Zwieback"
PARTS = {
    "speaks": "First you speak",
    "listens": "First you listen",
    "observes": "First you observe",
}


async def come(
    server: WorkbookServer, browser: Browser, session: SessionRecord, name: str
) -> Person:
    """Join, and choose to be recorded as the welcome would write it."""
    person = await sit_down(browser, server.url, session.info.code, name)
    joined = next(p for p in session.participants().values() if p.name == name)
    writer = session.open_writer(joined.participant_id)
    writer.append_person(
        "consented", {"consent": "recorded"}, participant_id=joined.participant_id, dyad_id=""
    )
    writer.close()
    await person.page.goto(f"{server.url}/w/")
    return person


async def open_groups(server: WorkbookServer, browser: Browser, session_id: str) -> Page:
    page = (await open_desk(server, browser, session_id)).page
    await page.get_by_role("link", name="Small groups").click()
    await expect(page.get_by_role("heading", name="Small groups")).to_be_visible()
    return page


async def expect_accessible(page: Page) -> None:
    assert await violations(page) == []
    size = page.viewport_size
    await page.set_viewport_size({"width": 320, "height": 780})
    width = await page.evaluate("document.documentElement.scrollWidth")
    await page.set_viewport_size(size or PHONE)  # type: ignore[arg-type]
    assert width <= 320


async def parts_of(page: Page) -> dict[str, str]:
    """Return who has which part, as the desk lists them."""
    lines = await page.locator("#group-1 li").all_inner_texts()
    parts = {}
    for line in lines:
        found = re.match(r"(\w+)\s+(speaks|listens|observes)", line)
        assert found, line
        parts[found[2]] = found[1]
    return parts


def line_of(person: Person) -> Locator:
    return person.page.locator("#waiting .rc-waiting__group")


async def test_a_group_finds_its_parts_and_an_observer_taps_what_they_hear(
    own_server: WorkbookServer, browser: Browser
) -> None:
    server = own_server
    made = server.new_session("Tuesday group", "--agenda", "welcome,checkup,repair")
    session = RecordFolder(server.data_dir).session(made["session_id"])
    session.prepare({"name_visibility": "everyone"}, utc_now(), "cli")
    people = {name: await come(server, browser, session, name) for name in NAMES}

    # At the desk: by keyboard, and no phone says anything before everybody is brought.
    desk = await open_groups(server, browser, session.session_id)
    await desk.get_by_role("button", name="Split into threes").focus()
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_role("heading", name="Group 1")).to_be_visible()
    await expect_accessible(desk)
    parts = await parts_of(desk)
    assert sorted(parts) == ["listens", "observes", "speaks"]
    assert sorted(parts.values()) == sorted(NAMES)
    for person in people.values():
        await expect(line_of(person)).to_have_count(0)
    # Who speaks first is changed in two steps.
    await desk.get_by_role("link", name=f"Move {parts['observes']} …").click()
    await expect_accessible(desk)
    swap = f"Swap the two: {parts['speaks']} and {parts['observes']}"
    await desk.get_by_role("button", name=swap).click()
    await expect(desk.get_by_role("link", name=f"Move {parts['observes']} …")).to_be_visible()
    swapped = await parts_of(desk)
    assert (swapped["speaks"], swapped["observes"]) == (parts["observes"], parts["speaks"])

    # The phones say it, with the names that everybody may see.
    await desk.get_by_role("button", name="Bring everyone to The repair script").click()
    for part, name in swapped.items():
        person = people[name]
        await person.page.wait_for_url("**/w/repair")
        await expect(line_of(person)).to_contain_text(f"{PARTS[part]}.")
        for other in NAMES:
            assert (other in await line_of(person).inner_text()) is (other != name)
    observer, speaker = people[swapped["observes"]], people[swapped["speaks"]]
    for person in (observer, speaker):
        see = person.button("Go to my part")
        await see.click()
        await expect(
            person.page.get_by_role("heading", name="When to use it, and when not")
        ).to_be_visible()
        await see.click()
    await speaker.page.get_by_label("One moment, and one feeling").fill(HURT)
    await expect(observer.page.get_by_role("heading", name="You observe")).to_be_visible()
    await expect_accessible(observer.page)
    tally = observer.page.locator(".rc-tally").filter(has_text="Heard the hurt")
    for _ in range(2):
        await tally.get_by_role("button").first.click()
    await expect(tally).to_contain_text("Saved")

    # In the record it stands under the observer; a reload and a new server know it.
    assert seen(session) == {(swapped["observes"], "seen-hearing-the-hurt"): "2"}
    server.kill()
    server.start()
    await observer.page.reload()
    await expect(observer.page.get_by_role("heading", name="You observe")).to_be_visible()
    await expect(line_of(observer)).to_contain_text("First you observe.")
    await observer.button("Next").click()
    await expect(observer.page.get_by_text("Heard the hurt: 2")).to_be_visible()

    # The next round is offered; whoever is in the middle of a sentence keeps it.
    await desk.goto(f"{server.url}/facilitator/s/{session.session_id}/groups")
    await desk.get_by_role("button", name="Next round: everybody changes parts").click()
    await expect(desk.get_by_role("heading", name="Round 2")).to_be_visible()
    await expect(line_of(speaker)).to_contain_text("In round 2 you observe.")
    await expect(speaker.page.get_by_text("Finish what you are at first")).to_be_visible()
    await expect(speaker.page.get_by_label("One moment, and one feeling")).to_have_value(HURT)
    await speaker.button("Go to my part").click()
    await expect(speaker.page.get_by_role("heading", name="You observe")).to_be_visible()
    for path in session.folder.rglob("*.csv"):
        assert b"Zwieback" not in path.read_bytes()
    for person in people.values():
        assert (person.errors, person.strangers) == ([], [])


def seen(session: SessionRecord) -> dict[tuple[str, str], str]:
    """Return what observers tapped, under whose name it is kept."""
    names = {p.participant_id: p.name for p in session.participants().values()}
    answers = current_answers(session.read().rows)
    assert not any(row.text for row in answers.values() if row.exercise == "repair")
    return {
        (names[key[0]], key[3]): row.value
        for key, row in answers.items()
        if key[3].startswith("seen-")
    }
