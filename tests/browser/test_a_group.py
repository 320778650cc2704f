"""Four people, two couples, take the checkup at once; the record says what they clicked.

On the way one reloads, one changes the device, and the server is killed and started again.
"""

from __future__ import annotations

import asyncio
import csv
from pathlib import Path

from playwright.async_api import Browser, expect

from tests.support.person import Click, Person
from tests.support.server import WorkbookServer, cli

NAMES = ("Ama", "Béla", "Chidi", "Dîlan")
ITEMS_BEFORE_THE_FAULTS = 8


async def join_as_couple(code: str, first: Person, second: Person) -> None:
    await first.join(code, slot="A")
    await second.join(code, slot="B", couple_code=first.couple_code)


async def answer_some(person: Person, count: int) -> None:
    for _ in range(count):
        await person.answer()


async def reload_in_the_middle(person: Person) -> None:
    before = await person.question()
    await person.page.reload()
    assert await person.question() == before


async def change_device(person: Person) -> None:
    """A new phone, and the old one lies forgotten in a pocket."""
    before = await person.progress()
    await person.take_phone()
    await person.come_back()
    assert await person.progress() == before


async def tap_while_the_server_is_away(person: Person) -> None:
    """Go on for one question; it is kept, said calmly, and not called saved."""
    await person.answer(wait_saved=False)
    await expect(person.page.locator("#connection")).to_contain_text("Connection lost")
    await expect(person.page.get_by_text("not saved yet. ")).to_be_visible()


async def take_the_rest(person: Person) -> None:
    await expect(person.page.get_by_text("not saved yet. ")).not_to_be_visible()
    number, count = await person.progress()
    if person.clicks[-1].status == "answered":
        await person.change_last_answer()
    await answer_some(person, count - number + 1)
    await person.finish_sheet()
    await person.button("Make a guess").click()
    await expect(person.page.get_by_text("Question 1 of 4")).to_be_visible()
    await answer_some(person, 4)
    await person.finish_sheet()
    await expect(
        person.page.get_by_role("heading", name="Where you placed yourself")
    ).to_be_visible()


async def say_yes(person: Person) -> None:
    await person.button("Shall your partner see this?").click()
    await person.button("Yes").click()


async def show_each_other(first: Person, second: Person) -> None:
    """Nothing is seen before both said yes; then both see it, the first without a reload."""
    await say_yes(first)
    await expect(first.page.get_by_text("Your partner has not said yes so far")).to_be_visible()
    assert await second.page.get_by_text("said yes").count() == 0
    await say_yes(second)
    for person in (first, second):
        await person.button("See both").click()
        heading = person.page.get_by_role("heading", name="The two of you, side by side")
        await expect(heading).to_be_visible()


def recorded_clicks(folder: Path) -> dict[str, list[Click]]:
    """Read back who clicked what, in order, from the merged files."""
    with (folder / "participants.csv").open(newline="", encoding="utf-8") as file:
        names = {row["participant_id"]: row["name"] for row in csv.DictReader(file)}
    clicks: dict[str, list[Click]] = {name: [] for name in names.values()}
    with (folder / "responses.csv").open(newline="", encoding="utf-8") as file:
        for row in sorted(csv.DictReader(file), key=lambda row: row["recorded_at"]):
            value = int(row["value"]) if row["value"] else None
            clicks[names[row["participant_id"]]].append(Click(row["item"], row["status"], value))
    return clicks


async def test_two_couples_take_the_checkup_and_every_click_is_in_the_record(
    own_server: WorkbookServer, browser: Browser
) -> None:
    server = own_server
    people = [Person(name, browser, server.url) for name in NAMES]
    await asyncio.gather(*(person.take_phone() for person in people))
    session = server.new_session()
    couples = [(people[0], people[1]), (people[2], people[3])]
    await asyncio.gather(*(join_as_couple(session["code"], *couple) for couple in couples))
    await asyncio.gather(*(person.consent() for person in people))
    await asyncio.gather(*(answer_some(person, ITEMS_BEFORE_THE_FAULTS) for person in people))

    await reload_in_the_middle(people[1])
    await change_device(people[2])

    server.kill()
    await asyncio.gather(*(tap_while_the_server_is_away(person) for person in people))
    server.start()
    await asyncio.gather(*(take_the_rest(person) for person in people))
    await asyncio.gather(*(show_each_other(*couple) for couple in couples))

    cli(server.data_dir, "session", "close", session["session_id"])
    recorded = recorded_clicks(server.data_dir / "sessions" / session["session_id"])
    for person in people:
        assert recorded[person.name] == person.clicks
        assert person.errors == []
        assert person.strangers == []
