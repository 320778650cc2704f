"""Every screen of welcome and the checkup, on the real server: fit for everybody, by every means.

Axe at two widths in light and dark, no sideways scroll, the whole way by keyboard alone, and
nothing written when somebody chose not to be recorded.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from playwright.async_api import Browser, Page, Route, expect

from reconnect_widgets.content import codebook_rows
from reconnect_widgets.records import RecordFolder, SessionRecord
from reconnect_widgets.records.samples import fill_demo
from reconnect_widgets.server.page_templates import NEUTRAL_PATH, NEUTRAL_URL
from tests.server.people import JoiningPhone
from tests.support.axe import violations
from tests.support.chromium import DESK, PHONE
from tests.support.desk import take_desk
from tests.support.person import Person, sit_down
from tests.support.server import WorkbookServer
from tests.workbook.hand import answer_all, let_consent, open_checkup, release


async def look(page: Page) -> None:
    """Look at the screen as it is: every width and scheme, by axe and by measure."""
    for viewport in (PHONE, DESK, {"width": 320, "height": 640}):
        await page.set_viewport_size(viewport)  # type: ignore[arg-type]
        scroll, width = await page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert scroll <= width, f"wider than {width} px"
        for scheme in ("light", "dark"):
            # Reduced motion: a colour in the middle of its change is no colour to measure.
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            assert await violations(page) == [], (viewport, scheme)
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type]


def hear_questions_for_all_states(page: Page) -> list[bytes | str]:
    """Return a list that each question for the states of all widgets goes into."""
    asked: list[bytes | str] = []
    all_states = b"request_states"
    page.on(
        "websocket",
        lambda socket: socket.on(
            "framesent", lambda frame: asked.append(frame) if all_states in frame else None
        ),
    )
    return asked


async def test_a_new_page_draws_itself_before_the_kernel_is_asked(
    server: WorkbookServer, browser: Browser
) -> None:
    session = server.new_session("At once")
    ada = await sit_down(browser, server.url, session["code"])
    asked = hear_questions_for_all_states(ada.page)
    await ada.page.get_by_role("link", name="Begin").click()
    await expect(ada.page.get_by_role("heading", name="Is this for us?", level=2)).to_be_visible()
    assert asked == []
    await ada.button("Go on").click()
    await expect(ada.page.get_by_role("heading", name="How your answers are kept")).to_be_visible()
    # Another tab may have gone on meanwhile: a moment later the kernel is asked all the same.
    async with asyncio.timeout(20):
        while not asked:
            await ada.page.wait_for_timeout(50)
    await ada.page.reload()
    await expect(ada.page.get_by_role("heading", name="How your answers are kept")).to_be_visible()
    assert len(asked) == 2
    assert ada.errors == []


async def test_a_page_that_is_turned_while_the_kernel_is_asked_keeps_what_it_was_told(
    server: WorkbookServer, browser: Browser
) -> None:
    session = server.new_session("Turned early")
    ada = await sit_down(browser, server.url, session["code"])
    asked = hear_questions_for_all_states(ada.page)

    async def answer_late(route: Route) -> None:
        page = await route.fetch()  # the kernel has told its widgets
        async with asyncio.timeout(20):
            while not asked:
                await ada.page.wait_for_timeout(50)
        await route.fulfill(response=page)

    await ada.page.route("**/w/checkup", answer_late)
    await ada.page.get_by_role("link", name="Begin").click()
    await expect(ada.page.get_by_role("heading", name="Is this for us?", level=2)).to_be_visible()
    await ada.page.evaluate("""() => {
        const link = Object.assign(document.createElement("a"), { href: "/w/checkup" });
        document.body.append(link);
        link.click();
    }""")
    # The choice at the beginning comes first.
    way = ada.page.get_by_role("main").get_by_role("link")
    await expect(way.first).to_have_attribute("href", "/w/welcome")
    assert len(asked) == 1, "what the kernel had told of the new page was not asked for again"
    assert ada.errors == []


def let_partner_say_yes(record: SessionRecord, name: str) -> None:
    """Write what somebody answers and lets their partner see, as their page would."""
    (person,) = [p.participant_id for p in record.participants().values() if p.name == name]
    let_consent(record, person)
    checkup = open_checkup(record, person)
    checkup.act("begin")
    answer_all(checkup)
    checkup.act("finish")
    checkup.act("leave-out")
    release(checkup)


async def test_every_screen_is_fit_for_everybody(server: WorkbookServer, browser: Browser) -> None:
    session = server.new_session("Looking at every screen")
    ada = await sit_down(browser, server.url, session["code"], slot="A")
    await JoiningPhone(server.url).join_couple(session["code"], "Ben", "B", ada.couple_code)
    let_partner_say_yes(RecordFolder(server.data_dir).session(session["session_id"]), "Ben")

    page = ada.page
    await page.get_by_role("link", name="Begin").click()
    for heading in ("Is this for us?", "How your answers are kept", "What you tell"):
        await expect(page.get_by_role("heading", name=heading, level=2)).to_be_visible()
        await look(page)
        await ada.button("Go on").click()
    await expect(ada.button("Record my answers")).to_be_visible()
    await look(page)
    await ada.button("Record my answers").click()
    await page.get_by_role("link", name="To the checkup").click()
    await expect(page.get_by_role("heading", name="Your own last two weeks")).to_be_visible()
    await look(page)
    await ada.button("Begin").click()
    await ada.question()
    await look(page)
    for _ in range(20):
        await ada.answer()
    await expect(page.get_by_role("heading", name="That was the last one")).to_be_visible()
    await look(page)
    await ada.finish_sheet()
    await expect(ada.button("Make a guess")).to_be_visible()
    await look(page)
    await ada.button("Make a guess").click()
    await ada.question()
    await look(page)
    for _ in range(4):
        await ada.answer()
    await ada.finish_sheet()
    await expect(page.get_by_role("heading", name="Where you placed yourself")).to_be_visible()
    await look(page)
    await ada.button("Shall your partner see this?").click()
    await look(page)
    await ada.button("Yes").click()
    await ada.button("See both").click()
    await expect(page.get_by_role("heading", name="side by side")).to_be_visible()
    await look(page)
    await ada.button("Taking the checkup again").click()
    await expect(ada.button("Take it again")).to_be_visible()
    await look(page)
    assert (ada.errors, ada.strangers) == ([], [])


async def test_the_review_is_filled_and_fit_for_everybody(browser: Browser, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    group = fill_demo(data_dir, codebook_rows())
    past = next(s for s in RecordFolder(data_dir).sessions() if s.session_id != group.session_id)
    server = WorkbookServer(data_dir).start()
    try:
        facilitator = await take_desk(server, browser, PHONE)
        page = facilitator.page
        await page.get_by_role("link", name=past.info.title).click()
        heading = page.get_by_role("heading", name=past.info.title, level=1)
        await expect(heading).to_be_visible()
        await look(page)
        await page.get_by_role("link", name="Look at the group").click()
        await expect(page.get_by_role("heading", name="The four parts")).to_be_visible()
        await expect(page.get_by_text("Not enough couples yet")).to_have_count(0)
        assert await page.locator("main figure svg").count() == 2  # one for each round
        await look(page)
        async with page.expect_download() as download:
            await page.get_by_role("link", name="responses.csv").click()
        saved = await (await download.value).path()
        assert saved.read_bytes() == (past.folder / "responses.csv").read_bytes()
        assert facilitator.errors == []
        assert facilitator.strangers == []
    finally:
        server.stop()


async def press_by_keyboard(page: Page, role: str, name: str) -> None:
    """Reach a control with Tab alone and press it; fails when Tab never gets there."""
    wanted = page.get_by_role(role, name=name, exact=True)  # type: ignore[arg-type]
    await wanted.wait_for()
    for _ in range(40):
        if await wanted.evaluate("element => element === document.activeElement"):
            await page.keyboard.press("Enter")
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reached {name}")


async def test_the_checkup_can_be_taken_with_the_keyboard_alone(
    server: WorkbookServer, browser: Browser
) -> None:
    session = server.new_session("By keyboard")
    ada = await sit_down(browser, server.url, session["code"])
    page = ada.page
    await press_by_keyboard(page, "link", "Begin")
    for heading in ("Is this for us?", "How your answers are kept", "What you tell"):
        await expect(page.get_by_role("heading", name=heading, level=2)).to_be_visible()
        await press_by_keyboard(page, "button", "Go on")
    await press_by_keyboard(page, "button", "Record my answers")
    await press_by_keyboard(page, "link", "To the checkup")
    await press_by_keyboard(page, "button", "Begin")
    for number in range(1, 21):
        await expect(page.get_by_text(f"Question {number} of 20")).to_be_visible()
        # The focus is on the question: the next stop is its answers.
        focused = await page.evaluate("document.activeElement.textContent")
        assert focused in ada.key_of
        await page.keyboard.press("Tab")
        await page.keyboard.press("Space")
        await ada.expect_saved()
        await press_by_keyboard(page, "button", "Next")
    await press_by_keyboard(page, "button", "Go on")
    await press_by_keyboard(page, "button", "Leave the guesses out")
    await expect(page.get_by_role("heading", name="Where you placed yourself")).to_be_visible()
    rows = RecordFolder(server.data_dir).session(session["session_id"]).read().rows
    answers = [row for row in rows if row.kind == "answer" and row.status == "answered"]
    assert {row.item for row in answers} == {item.key for item in ada.instrument.items}
    assert {row.value for row in answers} == {"0"}


async def test_who_is_not_recorded_leaves_no_answer_anywhere(
    own_server: WorkbookServer, browser: Browser
) -> None:
    server = own_server
    session = server.new_session("Not recorded")
    ada = await sit_down(browser, server.url, session["code"])
    await ada.consent("Take part without recording")
    for _ in range(20):
        await ada.answer(wait_saved=False)
    await expect(ada.page.get_by_text("Saved", exact=True)).to_have_count(0)
    await ada.finish_sheet()
    await ada.button("Leave the guesses out").click()
    await expect(ada.page.get_by_role("heading", name="Where you placed yourself")).to_be_visible()
    # The same screen after a reload: the kernel that remembers is still there.
    await ada.page.reload()
    await expect(ada.page.get_by_role("heading", name="Where you placed yourself")).to_be_visible()

    server.stop()
    folder = server.data_dir / "sessions" / session["session_id"]
    written = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    for click in ada.clicks:
        assert f",{click.item},".encode() not in written
    record = RecordFolder(server.data_dir).session(session["session_id"])
    assert {(row.kind, row.event) for row in record.read().rows if row.participant_id} == {
        ("person", "joined"),
        ("person", "consented"),
    }


async def test_leaving_quickly_replaces_the_page_and_signs_out(
    server: WorkbookServer, browser: Browser
) -> None:
    session, told = server.new_session("Leaving"), len(server.log())
    ada = await sit_down(browser, server.url, session["code"])
    await ada.consent()
    await ada.answer()
    # The neutral page is elsewhere; here it is answered for, so that nothing leaves the machine.
    away: list[str] = []

    async def stand_in(route: object) -> None:
        away.append(route.request.url)  # type: ignore[attr-defined]
        await route.fulfill(status=200, content_type="text/html", body="<title>Elsewhere</title>")  # type: ignore[attr-defined]

    await ada.context.route(lambda url: not url.startswith(server.url), stand_in)
    await ada.page.get_by_role("link", name="Leave quickly").click()
    await expect(ada.page).to_have_title("Elsewhere")
    assert set(away) == {NEUTRAL_URL}
    assert "leave" not in server.log()[told:].lower()
    await expect_signed_out(ada.page, server.url)


async def test_leaving_quickly_without_internet_ends_on_a_page_with_nothing_of_ours(
    server: WorkbookServer, browser: Browser
) -> None:
    ada = Person("Ada", browser, server.url)
    await ada.take_phone()
    page = ada.page
    # As in a room without internet: no address outside is found.
    await ada.context.route(
        lambda url: not url.startswith(server.url), lambda route: route.abort("namenotresolved")
    )
    await page.goto(f"{server.url}/safety")
    async with page.expect_event("requestfailed", lambda asked: asked.url == NEUTRAL_URL):
        await page.get_by_role("link", name="Leave quickly").click()
    await expect(page).to_have_title("Flat bread from the pan")
    assert page.url == f"{server.url}{NEUTRAL_PATH}"
    await expect(page.get_by_text("Reconnect")).to_have_count(0)
    for viewport in (PHONE, DESK):
        await page.set_viewport_size(viewport)  # type: ignore[arg-type]
        assert await violations(page) == []
    # The page that was left is not one step back.
    await page.go_back()
    assert not page.url.endswith("/safety")


async def test_a_phone_of_some_years_takes_part(server: WorkbookServer, browser: Browser) -> None:
    session = server.new_session("An older phone")
    ada = Person("Ada", browser, server.url)
    await ada.take_phone()
    # Missing in Safari before 17.4; anywidget's runtime calls it for every widget.
    await ada.context.add_init_script("delete AbortSignal.any")
    await ada.join(session["code"])
    await ada.consent()
    await ada.answer()
    assert ada.errors == []


async def expect_signed_out(page: Page, url: str) -> None:
    """The sign-out travels beside the page change; it is there as soon as it has arrived."""
    for _ in range(50):
        answer = await page.context.request.get(f"{url}/me", max_redirects=0)
        if answer.status != 200:
            return
        await page.wait_for_timeout(100)
    raise AssertionError("still signed in")
