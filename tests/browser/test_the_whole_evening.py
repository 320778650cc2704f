"""Two facilitators and eight participants play a whole evening, and the record tells that story.

One comes late, one sits with the wrong partner, one drops out, lids are closed, and the server is
killed in the middle of an answer. What is pressed goes into a ledger (`tests.support.ledger`);
afterwards `timeline.csv` and `responses.csv` are held against it, row by row.
"""

from __future__ import annotations

import asyncio
import re

import psutil
from playwright.async_api import Browser, expect

from reconnect_widgets.domain.exercise import INTRO
from tests.support.cast import FACILITATOR, UNRECORDED, Facilitator, Guest
from tests.support.desk import sign_in
from tests.support.played_evening import (
    AGENDA,
    COLLEAGUE,
    LINES,
    NAMES,
    NOTE,
    Evening,
    check_files,
    check_record,
    check_who_could_read_what,
)
from tests.support.server import WorkbookServer, cli, kernels_of


async def prepare(evening: Evening) -> None:
    """The first facilitator prepares a session of five exercises; the second has an account."""
    server, ledger, one, two = evening.server, evening.ledger, evening.one, evening.two
    added = cli(server.data_dir, "facilitator", "add", COLLEAGUE)
    (evening.two_id,) = re.findall(r"f-[a-z0-9]{6}", added)
    (passcode,) = re.findall(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", added)
    await sign_in(one, server.passcode())
    page = one.page
    await page.goto(f"{server.url}/facilitator/new?plan=")
    await page.get_by_label("Title").fill("Thursday group")
    for exercise in list(AGENDA)[2:]:
        choose = page.get_by_label("Another exercise")
        await choose.select_option(exercise)
        await page.get_by_role("button", name="Add", exact=True).click()
    await page.get_by_label("Everybody in the room").check()
    await page.locator("summary", has_text="open by themselves").click()
    await page.get_by_label("Only what I open during the evening").check()
    await one.button("Make the session").click()
    await page.wait_for_url("**/facilitator/s/*")
    ledger.note(FACILITATOR, "opened")
    evening.session_id = page.url.rpartition("/")[2]
    evening.code = await page.locator("#desk-join .rc-code").inner_text()
    await sign_in(two, passcode, COLLEAGUE)
    await two.page.get_by_role("link", name="Thursday group").click()
    await one.open_the_screen()
    for guest in evening.guests.values():
        await guest.take_phone()


async def arrive(evening: Evening) -> None:
    """Seven sit down: one alone, and one in the wrong couple, so that two more wait alone."""
    code = evening.code
    amara, benno, chloe, dmitri, esther, farid, gudrun, _ = evening.guests.values()
    await amara.sit_down(code)
    await benno.sit_down(code, amara)
    await chloe.sit_down(code)
    await farid.sit_down(code, chloe)
    await esther.sit_down(code)
    await dmitri.sit_down(code)
    await gudrun.sit_down(code, alone=True)
    screen = evening.one.screen
    assert screen
    await expect(screen.get_by_text("7 people are here")).to_be_visible()


async def welcome(evening: Evening) -> None:
    """All make their choice. One takes their time, and is not led past it."""
    here = [evening[name] for name in NAMES[:7]]
    slow, others = evening["Farid"], [one for one in here if one.name != "Farid"]
    with evening.ledger.together():
        await asyncio.gather(*(one.read_the_welcome() for one in here))
        await evening["Benno"].choose(UNRECORDED)
        await asyncio.gather(*(one.choose() for one in others if one.name != "Benno"))
    await evening.bring(evening.one, "checkup")
    await expect(
        slow.page.get_by_text("It waits until you have made your choice").first
    ).to_be_visible()
    await asyncio.gather(*(one.arrives("checkup") for one in others))
    await slow.button("All right").click()
    await slow.choose()
    await slow.arrives("checkup")


async def take_the_checkup(evening: Evening) -> None:
    """One starts a clock, the other gives more time; one person comes to the end."""
    one, two, amara = evening.one, evening.two, evening["Amara"]
    here = [evening[name] for name in NAMES[:7]]
    await one.press(f"Start the clock of {AGENDA['checkup']}", "clock-started", "checkup")
    await evening.done_last("Started the clock of The relationship checkup, 6 min")
    await asyncio.gather(*(person.begin_the_checkup() for person in here))
    await asyncio.gather(*(person.take_the_checkup(3) for person in here))
    await two.press(f"5 minutes more for {AGENDA['checkup']}", "clock-extended", "checkup")
    await evening.done_last("Gave The relationship checkup 5 min more")
    for desk in (one, two):
        await expect(desk.at("checkup")).to_contain_text(re.compile(r"\d+ of 11 minutes left"))
    for person in here:
        await expect(person.page.locator("#waiting")).to_contain_text(
            re.compile(r"About \d+ minutes left")
        )
    await amara.take_the_checkup(17)
    await amara.finish_sheet()
    await amara.sees("checkup", "guesses", "Now a guess, if you like")
    await amara.button("Leave the guesses out").click()
    await amara.sees("checkup", "snapshot", "Where you placed yourself")
    for category in amara.instrument.categories:
        amara.gave("checkup", amara.instrument.guess_key(category.key), "declined")
    for desk in (one, two):
        await expect(desk.at("checkup")).to_contain_text("1 of 6 done")
        await expect(desk.row("Amara")).to_contain_text("20 of 20")
        await expect(desk.row("Chloe")).to_contain_text("3 of 20")
        await expect(desk.row("Benno")).to_contain_text("Not recorded")


async def look_at_the_group(evening: Evening) -> None:
    """Four couples are too few for a picture of the group."""
    await evening.one.press("The checkup", "screen-shown")
    await evening.done_last("Showed the group’s checkup on the group screen")
    assert evening.one.screen
    await expect(evening.one.screen.get_by_text("Not enough couples yet.")).to_be_visible()


async def come_late(evening: Evening) -> None:
    """The eighth comes when the first exercise is nearly over, and is brought where all are."""
    hamish = evening["Hamish"]
    await hamish.sit_down(evening.code, alone=True)
    await hamish.read_the_welcome()
    await hamish.choose()
    await hamish.arrives("checkup")


async def mend_the_seats(evening: Evening) -> None:
    """Who sat with the wrong partner begins anew beside the right one; the others go on.

    The eighth, who came late, is moved beside the one who came alone.
    """
    one, two, farid = evening.one, evening.two, evening["Farid"]
    moved = [evening[name] for name in ("Dmitri", "Farid", "Gudrun", "Hamish")]
    await one.page.get_by_role("link", name="Seats").click()
    for person in moved:
        person.is_cut_off = True  # their kernels end, and new ones begin
    await one.move("Farid", "Beside .?Esther", "seat-moved")
    await one.move("Dmitri", "Beside .?Chloe", "seat-moved")
    await one.move("Hamish", "Beside .?Gudrun", "couple-made")
    await farid.begins_anew()
    for name in ("Chloe", "Dmitri", "Esther", "Gudrun", "Hamish"):
        said = evening[name].page.get_by_text("What you answered is still yours.")
        await expect(said.first).to_be_visible()
    await one.page.get_by_role("link", name="Thursday group").click()
    for desk in (one, two):
        for name, place in (("Chloe", "A"), ("Dmitri", "B"), ("Esther", "A"), ("Farid", "B")):
            await expect(desk.row(name)).to_contain_text(re.compile(rf"Couple \d · {place}"))
        await expect(desk.page.get_by_text("8 people, 4 couples")).to_be_visible()
        await expect(desk.row("Dmitri")).to_contain_text("3 of 20")
        await expect(desk.row("Farid")).not_to_contain_text("of 20")
    await farid.choose()
    # This phone has followed that call already; now it leaves the way to its owner.
    await farid.page.get_by_role("link", name="To the checkup").click()
    await farid.arrives("checkup")
    for person in moved:
        person.is_cut_off = False


async def say_what_they_noticed(evening: Evening) -> None:
    """Lines go to a partner, to the group, to oneself; one is still being written."""
    amara, benno, chloe, dmitri, esther, _, gudrun, _ = evening.guests.values()
    await evening.bring(evening.two, "appreciation")
    await asyncio.gather(*(person.arrives("appreciation") for person in evening.guests.values()))
    await asyncio.gather(*(evening[name].go_and_write(line) for name, line in LINES.items()))
    for person in (amara, benno, chloe, dmitri, esther, gudrun):
        await person.finish_the_line(LINES[person.name])
    await chloe.give(LINES["Chloe"], "Send it to my partner", "delivered", "given")
    await esther.give(LINES["Esther"], "Offer it to the group", "offered-to-group", "given")
    await gudrun.give(LINES["Gudrun"], "Offer it to the group", "offered-to-group", "given")
    await amara.give(LINES["Amara"], "Keep it for my page", "kept", "aloud")
    await benno.goes("I say it aloud", "appreciation", "aloud")
    await dmitri.goes("Leave it here", "appreciation", "received")
    await expect(dmitri.page.get_by_text(LINES["Chloe"])).to_be_visible()
    await dmitri.button("Say “thank you”").click()
    await expect(dmitri.page.get_by_text("You said “thank you”.")).to_be_visible()
    dmitri.did("replied", "appreciation")
    await expect(chloe.page.get_by_text("Your partner says “thank you”.")).to_be_visible()
    await dmitri.goes("Next", "appreciation", "aloud")


async def put_the_phones_away(evening: Evening) -> None:
    """Nobody is torn out of a sentence, and who put the phone away is not called absent."""
    amara, benno, farid = (evening[name] for name in ("Amara", "Benno", "Farid"))
    others = [one for one in evening.guests.values() if one is not farid]
    await evening.bring(evening.one, "presence")
    await expect(farid.page.get_by_text("Finish what you are at first")).to_be_visible()
    await farid.button("Finish first").click()
    await asyncio.gather(*(person.arrives("presence") for person in others))
    await expect(farid.page.get_by_label("I noticed")).to_have_value(LINES["Farid"])
    quiet = farid.page.locator("#waiting").get_by_role("link", name=AGENDA["presence"])
    await expect(quiet).to_be_visible()
    await amara.goes("Begin", "presence", "know")
    await amara.goes("Next", "presence", "place")
    await amara.tick("presence", "place", "table")
    await amara.goes("Next", "presence", "clock")
    amara.gave("presence", "time", "skipped")
    await amara.button("Start").click()
    await expect(amara.page.get_by_role("timer")).to_have_text(re.compile(r"^1[45]:\d\d$"))
    amara.did("clock-started", "presence")
    await benno.goes("Put the phone away, too", "presence", "clock", "")
    for desk in (evening.one, evening.two):
        for name in ("Amara", "Benno"):
            await expect(desk.row(name)).to_contain_text("Away from the phone on purpose")


async def let_observe(desk: Facilitator, name: str) -> None:
    """See to it that somebody observes: who sits where is drawn by lot."""
    observers = desk.page.get_by_role("listitem").filter(has_text="observes")
    names = [line.split()[0] for line in await observers.all_inner_texts()]
    if name not in names:
        await desk.page.get_by_role("link", name=f"Move {name} …").click()
        await desk.press(f"Swap the two: {names[0]} and {name}", "grouped", "repair")
    await expect(observers.filter(has_text=name)).to_be_visible()


async def practise_in_threes(evening: Evening) -> None:
    """Small groups are made while a phone sleeps; it wakes up where everybody is."""
    two, page = evening.two, evening.two.page
    amara, benno, gudrun = (evening[name] for name in ("Amara", "Benno", "Gudrun"))
    others = [evening[name] for name in ("Chloe", "Dmitri", "Esther", "Hamish")]
    async with gudrun.lid_closed():
        await page.get_by_role("link", name="Small groups").click()
        await two.press("Split into threes", "grouped", "repair")
        await let_observe(two, "Esther")
        await evening.bring(two, "repair")
        await asyncio.gather(*(person.arrives("repair") for person in others))
    await gudrun.arrives("repair")
    for person in (amara, benno):
        await expect(person.page.get_by_text("Finish what you are at first")).to_be_visible()
    await amara.page.keyboard.press("Escape")
    await expect(amara.button("Next")).to_be_visible()
    amara.did("clock-stopped", "presence")
    for person in (amara, benno):
        await person.button("Go there now").click()
        await person.arrives("repair")
    for person in (*others, gudrun, amara, benno):
        line = person.page.locator("#waiting .rc-waiting__group")
        await expect(line).to_contain_text("First you")
    await observe(evening["Esther"])


async def observe(esther: Guest) -> None:
    """Tap what is heard, and nothing of what is said."""
    await esther.goes("Go to my part", "repair", "before")
    await esther.goes("Go to my part", "repair", "observe", "You observe")
    esther.did("part-taken", "repair")
    esther.gave("repair", "how", "answered", "three")
    esther.gave("repair", "part", "answered", "observe")
    tally = esther.page.locator(".rc-tally").filter(has_text="Heard the hurt")
    for count in (1, 2):
        await tally.get_by_role("button").first.click()
        await expect(tally).to_contain_text(
            ("Once" if count == 1 else f"{count} times") + " so far."
        )
        await expect(tally).to_contain_text("Saved")
        esther.gave("repair", "seen-hearing-the-hurt", "answered", count)


async def drop_out(evening: Evening) -> None:
    """One closes the browser and goes; the others go on."""
    await evening["Farid"].context.close()
    here = [one for one in evening.guests.values() if one.name != "Farid"]
    await evening.bring(evening.one, "gratitude")
    await asyncio.gather(*(person.arrives("gratitude") for person in here))


async def close_the_laptop(evening: Evening) -> None:
    """A desk and its group screen sleep while the other one goes on, and are true again after."""
    one, two = evening.one, evening.two
    await one.press("The task", "screen-shown")
    assert one.screen
    await expect(one.screen.get_by_role("heading", name=AGENDA["gratitude"])).to_be_visible()
    async with one.lid_closed():
        await two.press(f"Start the clock of {AGENDA['gratitude']}", "clock-started", "gratitude")
        await two.press(f"Pause the clock of {AGENDA['gratitude']}", "clock-paused", "gratitude")
    await evening.done_last(f"Paused the clock of {AGENDA['gratitude']}")
    for desk in (one, two):
        await expect(desk.at("gratitude")).to_contain_text("Paused, ")
    await one.press(f"Go on with the clock of {AGENDA['gratitude']}", "clock-resumed", "gratitude")
    await evening.done_last(f"Let the clock of {AGENDA['gratitude']} go on")


async def lose_the_server(evening: Evening) -> None:
    """The server is killed in the middle of an answer; everybody goes on by themselves."""
    here = [one for one in evening.guests.values() if one.name != "Farid"]
    for step, button in (("how", "Begin"), ("dinner", "Next")):
        await asyncio.gather(*(person.goes(button, "gratitude", step) for person in here))
    evening.old_kernels = kernels_of(evening.server)
    for person in evening.everybody:
        person.is_cut_off = True
    middle = evening["Chloe"].tick("gratitude", "dinner", "thanks", is_seen=False)
    await asyncio.gather(middle, asyncio.to_thread(evening.server.kill))
    others = [person for person in here if person.name != "Chloe"]
    await asyncio.gather(
        *(person.tick("gratitude", "dinner", "sorry", is_seen=False) for person in others)
    )
    for person in here:
        await expect(person.page.locator("#connection")).to_contain_text("Connection lost")
    said = re.compile(r"Nothing has been heard .* since \d\d:\d\d\.")
    note = [desk.page.get_by_text(said) for desk in (evening.one, evening.two)]
    for each in note:
        await expect(each).to_be_visible()
    await asyncio.to_thread(evening.server.start)
    for person in here:
        # Of who is not recorded nothing was kept: they begin this exercise again.
        again = person.sees_it_kept() if person.is_recorded else person.sees("gratitude", INTRO)
        await again
    for each in note:
        await expect(each).to_have_count(0)
    for person in evening.everybody:
        person.is_cut_off = False
    for desk in (evening.one, evening.two):
        await expect(desk.at("gratitude")).to_have_attribute("aria-current", "step")
        await expect(desk.at("gratitude")).to_contain_text("minutes left")


async def show_the_wall(evening: Evening) -> None:
    """Of two lines that were offered one is shown, and the other one stays off."""
    one, two = evening.one, evening.two
    line, other = (
        one.page.locator("li", has_text=LINES["Esther"]),
        one.page.locator("li", has_text=LINES["Gudrun"]),
    )
    await one.page.get_by_role("link", name="Lines for the wall").click()
    await one.press("Show it on the wall", "line-approved", within=line)
    await one.press("Show it on the wall", "line-approved", within=other)
    await one.press("Undo", "undone", within=other)
    await one.press("Not on the wall", "line-set-aside", within=other)
    await two.press("The wall", "screen-shown")
    assert one.screen
    await expect(one.screen.get_by_text(LINES["Esther"])).to_be_visible()
    await expect(one.screen.get_by_text(LINES["Gudrun"])).to_have_count(0)
    await one.page.get_by_role("link", name="Thursday group").click()


async def end(evening: Evening) -> None:
    """A note, an act that is taken back, and the end."""
    one, two, chloe = evening.one, evening.two, evening["Chloe"]
    await two.keep_a_note(NOTE)
    await expect(one.page.get_by_text(NOTE)).to_be_visible()
    await one.page.locator("#more-checkup summary").click()
    await one.press(f"Open {AGENDA['checkup']}", "exercise-opened", "checkup")
    await evening.done_last(f"Opened {AGENDA['checkup']}")
    await two.press(f"Undo: Opened {AGENDA['checkup']}", "undone")
    await evening.done_last("Showed the wall on the group screen")
    await one.press("Let everybody go on by themselves", "let-go")
    await evening.done_last("Let everybody go on by themselves")
    for desk in (one, two):
        await expect(desk.row("Farid")).to_contain_text("Phone asleep", timeout=90_000)
        await expect(desk.row("Amara")).to_contain_text("20 of 20")
    await one.page.get_by_role("link", name="Close the session …").click()
    await one.button("Close the session").click()
    await expect(one.page.get_by_text("Closed session")).to_be_visible()
    evening.ledger.note(FACILITATOR, "closed")
    await expect(chloe.page.get_by_text("This session is closed").first).to_be_visible()
    await expect(two.page.get_by_role("heading", name="Who was here")).to_be_visible()


CHAPTERS = (
    prepare,
    arrive,
    welcome,
    take_the_checkup,
    look_at_the_group,
    come_late,
    mend_the_seats,
    say_what_they_noticed,
    put_the_phones_away,
    practise_in_threes,
    drop_out,
    close_the_laptop,
    lose_the_server,
    show_the_wall,
    end,
)


async def test_an_evening_is_played_and_the_record_tells_that_story(
    own_server: WorkbookServer, browser: Browser
) -> None:
    server = own_server
    evening = Evening.begin(server, browser)
    for chapter in CHAPTERS:
        await chapter(evening)
    await check_who_could_read_what(evening)
    for who in evening.everybody:
        await who.context.close()
        assert (who.name, who.errors, who.strangers) == (who.name, [], [])
    kernels = [*evening.old_kernels, *kernels_of(server)]
    assert len(kernels) > len(NAMES)
    await asyncio.to_thread(server.stop)
    assert psutil.wait_procs(kernels, timeout=30)[1] == []
    check_record(evening)
    check_files(evening)
