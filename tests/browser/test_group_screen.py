"""The group screen on projectors: large enough from eight metres, dark enough, and all of it there.

The rule of sizes is in `static/screen.css` and docs/explanation/group-screen.md.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from reconnect_widgets.content import load_contents, load_instrument
from reconnect_widgets.domain.group_screen import Picture, SoftClock
from reconnect_widgets.domain.suppression import Member, protect_distributions
from reconnect_widgets.records import RecordFolder, SessionRecord
from reconnect_widgets.server.desk import title_of
from reconnect_widgets.server.page_templates import PageTemplates
from reconnect_widgets.server.qr import draw_qr
from reconnect_widgets.server.screen_fit import choose_names, fit, lay_out_wall, measure
from reconnect_widgets.server.screen_tasks import TASK_IN_GROUPS, TASKS, task_of
from reconnect_widgets.server.screen_values import (
    WIDE_CODE,
    describe_clock,
    describe_picture,
    fit_groups,
)
from reconnect_widgets.system import utc_now
from tests.browser.test_frontend_colours import contrast
from tests.server.a_group import HIGH, MIDDLE, offer_line, seat, seat_couples, take_checkups
from tests.support.axe import violations
from tests.support.desk import take_desk
from tests.support.server import WorkbookServer

FULL_HD = (1920, 1080)
PROJECTORS = [FULL_HD, (1280, 800), (1024, 768)]
# Percent of a 4:3 picture's height: nothing is smaller, and what is to be read is this large.
SMALLEST, TO_BE_READ = 3.6, 4.2
LEAST_CONTRAST = 7.0


async def sign_in(server: WorkbookServer, browser: Browser, scheme: str = "light") -> Page:
    size = {"width": FULL_HD[0], "height": FULL_HD[1]}
    return (await take_desk(server, browser, size, colour_scheme=scheme)).page


def record_of(server: WorkbookServer, title: str, *options: str) -> SessionRecord:
    made = server.new_session(title, *options)
    return RecordFolder(server.data_dir).session(made["session_id"])


# -- What can stand there, at its longest ----------------------------------------------------------

WIDE = "W" * 80
SENTENCE = "On Tuesday, at the table, you let my mother finish her story, though you knew it. "
LONG = (SENTENCE * 7)[:500].strip()
SCRIPTS = ["妻は黙って聞いてくれた。" * 40, "كنتَ تنتظرني عند الباب كل مساء. " * 15, "🌊" * 250]


def join_values(**changes: Any) -> dict[str, Any]:
    names = [f"Maximiliane-Wilhelmine {n:03}" for n in range(200)]
    chosen = choose_names(names, 3.6, 4, 118.0)
    address = changes.get("join_address", "192.168.178.123:8866")
    title = changes.get("title", "Tuesday group")
    values = {
        "view": "join",
        "is_open": True,
        "title": title,
        "title_size": fit(title, ("6", "5", "4"), 1),
        "code": ["WQM", "W4W"],
        "is_wide": measure("WQMW4W") > WIDE_CODE,
        "people": 200,
        "names": chosen,
        "more_names": 200 - len(chosen),
        "join_qr": draw_qr(f"http://{address}/j/WQMW4W"),
        "join_address": address,
        "address_size": fit(address, ("6", "5", "4", "s"), 1, 66.0),
        "reaches_phones": False,
    }
    return {**values, **changes}


def task_values(title: str, task: str) -> dict[str, Any]:
    return {
        "view": "task",
        "is_open": True,
        "exercise": "x",
        "title": title,
        "title_size": fit(title, ("10", "8", "6", "5", "4"), 2),
        "task": task,
        "task_size": fit(task, ("6", "5", "4"), 4),
        "clock": describe_clock(SoftClock("paused", 120, 20)),
        "done_words": "counted",
        "done": 120,
        "total": 200,
        "group_count": 0,
    }


def groups_values(name: str) -> dict[str, Any]:
    """Return the task of small groups, with as many of them as there is room for names."""
    listed: list[str] = []
    while more := fit_groups([*listed, f"{len(listed) + 1}: {name}, {name}, {name}"]):
        listed = more
    assert len(listed) > 1
    values = task_values(title_of("repair"), TASK_IN_GROUPS)
    size = fit(TASK_IN_GROUPS, ("5", "4"), 4)
    return {**values, "task_size": size, "group_count": 67, "turn": 3, "listed": listed}


def wall_values(texts: list[str]) -> list[dict[str, Any]]:
    pages = lay_out_wall(texts)
    return [
        {"view": "wall", "is_open": True, "lines": page.lines, "size": page.size,
         "page": n + 1, "pages": len(pages)}
        for n, page in enumerate(pages)
    ]  # fmt: skip


def checkup_values(state: str = "shown", *, few: bool = False) -> dict[str, Any]:
    members = [Member(f"p-{n:06}", "") for n in range(200)]
    bands = (10.0, 30.0, 60.0) if few else (10.0, 30.0, 60.0, 90.0)
    scores: dict[str, dict[str, float | None]] = {
        category.key: {m.participant_id: bands[n % len(bands)] for n, m in enumerate(members)}
        for category in load_instrument().categories
    }
    tables = protect_distributions(members, scores) if state == "shown" else {}
    picture = Picture(state, 2, utc_now(), tables)  # type: ignore[arg-type]
    return {"view": "checkup", "is_open": True, "picture": describe_picture(picture)}


def extremes() -> list[dict[str, Any]]:
    frames = [frame for frame in load_contents().exercises if frame.key in TASKS]
    return [
        join_values(),
        join_values(title=WIDE),
        join_values(title="A quiet evening for couples " * 3, names=[], more_names=0),
        join_values(join_address="workbook.therapy-centre-northern-district.example.org:8866"),
        join_values(is_open=False),
        join_values(code=["KQD", "QAG"], is_wide=measure("KQDQAG") > WIDE_CODE),
        {"view": "task", "is_open": True, "exercise": "", "title": WIDE,
         "title_size": fit(WIDE, ("8", "6", "5", "4"), 3)},
        *(task_values(frame.title, task_of(frame)) for frame in frames),
        task_values("Wide words " * 27, LONG),
        task_values(WIDE, WIDE * 4),
        *(groups_values(name) for name in ("Ada", "WWMMWWMM", "María del Carmen")),
        *wall_values([]),
        *wall_values(["You made tea."]),
        *wall_values([f"{SENTENCE}{n}" for n in range(12)]),
        *wall_values([LONG] * 3),
        *wall_values([LONG.upper(), *SCRIPTS, "a" * 500]),
        checkup_values(),
        checkup_values(few=True),
        *(checkup_values(state) for state in ("too-few", "not-drawn", "gone")),
        {"view": "blank", "is_open": True},
    ]  # fmt: skip


def render(values: dict[str, Any], session: Any) -> str:
    return PageTemplates().render("screen.html", {"lang": "en", "session": session, **values})


async def open_deaf(page: Page, server: WorkbookServer, record: SessionRecord) -> None:
    """Open a screen that hears no news: what a test puts there stays."""
    await page.add_init_script("window.EventSource = class extends EventTarget { close() {} };")
    await page.goto(f"{server.url}/facilitator/s/{record.session_id}/screen")


async def put(page: Page, html: str) -> None:
    """Put one screen on an open page, as its live part would."""
    await page.evaluate(
        """html => {
          const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("screen");
          document.getElementById("screen").replaceChildren(...fresh.childNodes);
        }""",
        html,
    )


MEASURE = """() => {
  const CUT = ".rs-title, .rs-task h1, .rs-what, .rs-middle, .rs-address, caption";
  const WHOLE = ".rs-wall, .rs-join, .rs-join__words, .rs-tables, .rs-foot, .rs-code";
  const unit = Math.min(innerHeight, innerWidth * 0.75) / 100;
  const root = document.scrollingElement;
  const found = {
    scrolls: root.scrollHeight > innerHeight || root.scrollWidth > innerWidth,
    ground: getComputedStyle(document.documentElement).backgroundColor,
    texts: [], outside: [], overlapping: [], cut: [],
  };
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const words = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!words || element.closest(".rc-visually-hidden, svg")) continue;
    const style = getComputedStyle(element);
    found.texts.push([words.slice(0, 40), parseFloat(style.fontSize) / unit, style.color]);
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    for (const box of range.getClientRects()) {
      if (element.closest(CUT)) continue;  // cut by themselves, when far too long
      const isAbove = box.left < -1 || box.top < -1;
      if (isAbove || box.right > innerWidth + 1 || box.bottom > innerHeight + 1)
        found.outside.push(words.slice(0, 40));
    }
  }
  const parts = [...document.getElementById("screen").children];
  const boxes = parts.map((part) => part.getBoundingClientRect());
  boxes.forEach((box, n) => {
    if (n && box.top < boxes[n - 1].bottom - 1) found.overlapping.push(n);
  });
  const screen = document.getElementById("screen").getBoundingClientRect();
  boxes.forEach((box, n) => { if (box.bottom > screen.bottom + 1) found.overlapping.push(n); });
  for (const e of document.querySelectorAll(WHOLE)) {
    const isCut = e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1;
    if (isCut) found.cut.push(e.className);
  }
  return found;
}"""


def as_hex(colour: str) -> str:
    channels = re.findall(r"\d+", colour)[:3]
    return "#" + "".join(f"{int(channel):02x}" for channel in channels)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_screen_can_be_read_from_eight_metres_and_nothing_is_cut_off(
    server: WorkbookServer, browser: Browser, scheme: str
) -> None:
    record = record_of(server, f"Sizes in {scheme}")
    page = await sign_in(server, browser, scheme)
    await open_deaf(page, server, record)
    wrong = []
    for values in extremes():
        await put(page, render(values, record.info))
        for width, height in PROJECTORS:
            await page.set_viewport_size({"width": width, "height": height})
            found = await page.evaluate(MEASURE)
            ground = as_hex(found["ground"])
            where = (values["view"], width, height)
            for words, size, colour in found["texts"]:
                if size < SMALLEST - 0.01:
                    wrong.append((*where, words, f"{size:.2f} units"))
                if contrast(as_hex(colour), ground) < LEAST_CONTRAST:
                    wrong.append((*where, words, colour))
            for what in ("outside", "overlapping", "cut"):
                wrong += [(*where, what, each) for each in found[what]]
            if found["scrolls"]:
                wrong.append((*where, "scrolls"))
    assert not wrong, "\n".join(map(str, wrong))


async def test_what_is_meant_to_be_read_is_larger_than_what_stands_beside_it(
    server: WorkbookServer, browser: Browser
) -> None:
    record = record_of(server, "Reading sizes")
    page = await sign_in(server, browser)
    await open_deaf(page, server, record)
    for values, part in (
        (task_values("Say what you noticed", TASKS["appreciation"]), "h1, .rs-what, .rs-foot p"),
        (wall_values([SENTENCE] * 12)[0], ".rs-wall li"),
        (checkup_values(), "h1, caption"),
        (join_values(), ".rs-address, .rs-code"),
    ):
        await put(page, render(values, record.info))
        sizes = await page.locator(part).evaluate_all(
            "all => all.map(e => parseFloat(getComputedStyle(e).fontSize) / innerHeight * 100)"
        )
        assert sizes
        assert min(sizes) >= TO_BE_READ - 0.01
    code = await page.locator(".rs-code").evaluate(
        "e => parseFloat(getComputedStyle(e).fontSize) / innerHeight * 100"
    )
    assert code >= 15  # the code is what a whole room types


# -- In a room -------------------------------------------------------------------------------------


async def test_the_screen_follows_the_desk_and_says_quietly_that_it_has_lost_it(
    own_server: WorkbookServer, browser: Browser
) -> None:
    server = own_server
    record = record_of(server, "Tuesday group")
    desk = await sign_in(server, browser)
    await desk.goto(f"{server.url}/facilitator/s/{record.session_id}")
    async with desk.expect_popup() as opened:
        await desk.get_by_role("link", name="Open it in its own window").click()
    screen = await opened.value
    await screen.set_viewport_size({"width": FULL_HD[0], "height": FULL_HD[1]})
    await expect(screen.get_by_text("Nobody has joined yet")).to_be_visible()
    seat(record, "p-ada001", name="Ada")
    await expect(screen.get_by_text("1 person is here")).to_be_visible()
    await desk.get_by_role("button", name="The wall", exact=True).click()
    await expect(screen.get_by_text("The wall is still empty.")).to_be_visible()
    assert len(desk.context.pages) == 2  # the second time it is the same window

    line = "You drove home again for my forgotten coat."
    offer_line(record, "p-ada001", line)
    await desk.get_by_role("link", name="Lines for the wall").click()
    await desk.get_by_role("button", name="Show it on the wall").click()
    await expect(screen.get_by_text(line)).to_be_visible()

    note = screen.get_by_role("status")
    server.kill()
    await expect(note).to_have_text(re.compile(r"As it was at \d\d:\d\d"))
    await expect(screen.get_by_text(line)).to_be_visible()
    size = await note.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    assert size >= SMALLEST / 100 * FULL_HD[1] - 0.1
    server.start()
    await expect(note).to_have_text("")
    record.withdraw("p-ada001", utc_now())
    await expect(screen.get_by_text(line)).to_have_count(0)
    await expect(desk.get_by_text(line)).to_have_count(0)


async def test_a_picture_of_the_group_is_drawn_from_the_desk(
    server: WorkbookServer, browser: Browser
) -> None:
    record = record_of(server, "Picture group")
    page = await sign_in(server, browser)
    desk = f"{server.url}/facilitator/s/{record.session_id}"
    await page.goto(desk)
    await page.get_by_role("button", name="The checkup", exact=True).click()
    await page.goto(f"{desk}/screen")
    await expect(page.get_by_text("Not enough couples yet.")).to_be_visible()
    people = seat_couples(record, 10)
    take_checkups(record, people, [HIGH] * 10 + [MIDDLE] * 10)
    await expect(page.get_by_text("The picture is drawn once")).to_be_visible()
    await page.goto(desk)
    draw = page.get_by_role("button", name="Draw the picture and show it")
    while await draw.count():  # who has finished just now is waited for
        await draw.click()
    await page.goto(f"{desk}/screen")
    table = page.get_by_role("table", name="Presence")
    await expect(table.get_by_role("row", name=re.compile("50–74.*10"))).to_be_visible()
    await expect(table.get_by_role("row", name="25–49 not shown")).to_be_visible()
    record.withdraw(people[0][0], utc_now())
    await expect(page.get_by_text("This picture is no longer shown")).to_be_visible()


async def test_a_screen_whose_log_in_has_ended_goes_blank_and_shows_no_sign_in(
    server: WorkbookServer, browser: Browser
) -> None:
    record = record_of(server, "Signed out")
    page = await sign_in(server, browser)
    screen = await page.context.new_page()
    await screen.goto(f"{server.url}/facilitator/s/{record.session_id}/screen")
    await expect(screen.get_by_text("Nobody has joined yet")).to_be_visible()
    await page.context.clear_cookies()
    seat(record, "p-ada001", name="Ada")
    await expect(screen.locator("#screen")).to_be_empty()
    assert screen.url.endswith("/screen")


@pytest.mark.parametrize("size", [(360, 780), (1280, 800)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_for_the_wall_and_the_screen_have_no_violations(
    server: WorkbookServer, browser: Browser, size: tuple[int, int], scheme: str
) -> None:
    record = record_of(server, f"Axe {size[0]} {scheme}")
    for n in range(3):
        seat(record, f"p-{n:06}", name=f"P{n}")
        offer_line(record, f"p-{n:06}", f"{SENTENCE}{n}")
    page = await sign_in(server, browser, scheme)
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    base = f"{server.url}/facilitator/s/{record.session_id}"
    await page.goto(f"{base}/wall")
    await page.get_by_role("button", name="Show it on the wall").first.click()
    await page.get_by_role("button", name="Not on the wall").first.click()
    await expect(page.get_by_role("heading", level=2)).to_have_count(3)
    width = await page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
    assert width <= 0
    for address in (f"{base}/wall", f"{base}/screen", base):
        await page.goto(address)
        assert await violations(page) == []
    for values in (wall_values([SENTENCE])[0], checkup_values(), task_values("Touch", SENTENCE)):
        await open_deaf(page, server, record)
        await put(page, render(values, record.info))
        assert await violations(page) == []


async def test_a_line_is_decided_about_by_keyboard_and_the_focus_stays_near(
    server: WorkbookServer, browser: Browser
) -> None:
    record = record_of(server, "Keyboard")
    seat(record, "p-ada001", name="Ada")
    offer_line(record, "p-ada001", "You made tea before I asked.")
    page = await sign_in(server, browser)
    await page.goto(f"{server.url}/facilitator/s/{record.session_id}/wall")
    show = page.get_by_role("button", name="Show it on the wall")
    await show.focus()
    seat(record, "p-bob002", name="Bob")
    offer_line(record, "p-bob002", "You waved from the window.")
    await expect(show).to_have_count(2)  # new lines come under a hand that is about to press
    await expect(show.first).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Take it off the wall")).to_be_visible()
