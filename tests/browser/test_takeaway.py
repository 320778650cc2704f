"""The page to keep, on paper: one or two pages of A4 or Letter, readable without colour."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from reconnect_widgets.records import RecordFolder, SessionRecord
from tests.support.axe import violations
from tests.support.person import sit_down
from tests.support.server import WorkbookServer
from tests.workbook.hand import Hand, finish_round, let_consent, open_checkup
from tests.workbook.test_takeaway_page import (
    ASKED,
    LINE,
    THING,
    choose_thing,
    go_to,
    open_page,
    write,
    write_line,
)

MORE_LINES = (
    "This morning, before I was awake, you had scraped the ice off both our cars.",
    "At your sister’s table you noticed that I had gone quiet, and asked me to help you outside.",
    "You read the whole letter from the landlord aloud so that I would not have to. " * 4,
)
NOTHING_WAITS = "() => !Object.keys(sessionStorage).some((key) => key.includes('outbox'))"
LEARNED = "It was easier once the kettle was my sign. You noticed on the third day. " * 5


def fill(record: SessionRecord, ann: str, ben: str) -> None:
    """Let somebody do as much as one does in a workshop and the week after."""
    for person in (ann, ben):
        let_consent(record, person)
    finish_round(open_checkup(record, ann))
    write_line(record, ann, LINE, "keep")
    for line in MORE_LINES:
        hand = open_page(record, ann, "appreciation")
        while "again" not in hand.offered:
            hand.act("next")
        hand.act("again")
        keep_line(go_to(hand, "give"), line)
    for words in (ASKED, "When I come home late, would you tell me about your day first?"):
        agree(record, ann, ben, words)
    choose_thing(record, ann)
    hand = open_page(record, ann, "one-small-thing")
    hand.act("look-back")
    write(hand, "one-small-thing", "learned", LEARNED)
    moments = go_to(open_page(record, ann, "small-moments"), "tally")
    moments.answer("asked", 7, exercise="small-moments")


def keep_line(hand: Hand, words: str) -> None:
    number = hand.presenter.progress.round  # type: ignore[attr-defined]
    message = {"type": "text", "exercise": "appreciation", "item": "line", "text": words}
    event_id = f"0199a0e0-0000-7000-8000-{number:012d}"
    reply = hand.say({**message, "round": number, "event_id": event_id})
    assert reply is not None
    assert reply["type"] == "saved"
    hand.act("keep")


def agree(record: SessionRecord, ann: str, ben: str, words: str) -> None:
    asking = open_page(record, ann, "requests")
    if "to-ask" in asking.offered:
        asking.act("to-ask")
    asking = go_to(asking, "ask")
    write(asking, "requests", "request", words)
    asking.act("propose")
    answering = open_page(record, ben, "requests")
    if "see-table" in answering.offered:
        answering.act("see-table")
    answering.act("agree")


async def count_pages(page: Page, paper: str, to: Path) -> int:
    """Print as a browser does; Chromium writes the page objects of a PDF in plain text."""
    pdf = await page.pdf(format=paper, path=to)
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert pages
    return pages


async def test_a_full_page_prints_on_one_or_two_sheets_and_holds_it_all(
    server: WorkbookServer, browser: Browser, tmp_path: Path
) -> None:
    code = server.new_session()["code"]
    ama = await sit_down(browser, server.url, code, "Ama", slot="A")
    await sit_down(browser, server.url, code, "Béla", slot="B", couple=ama.couple_code)
    record = RecordFolder(server.data_dir).find(code)
    ids = {p.name: p.participant_id for p in record.participants().values()}
    fill(record, ids["Ama"], ids["Béla"])
    page = ama.page
    await page.goto(f"{server.url}/w/takeaway")
    await ama.button("Begin").click()
    await expect(page.get_by_text(LINE)).to_be_visible()
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert await violations(page) == [], scheme
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360

    # What a sheet of paper would show.
    await page.emulate_media(media="print")
    for words in (LINE, *(m.strip() for m in MORE_LINES), ASKED, THING, LEARNED.strip()):
        await expect(page.get_by_text(words)).to_be_visible()
    await expect(page.locator(".rc-scale").first).to_be_visible()
    await expect(page.get_by_text("My return code:")).to_be_visible()
    await expect(page.get_by_text(ama.return_code)).not_to_be_visible()
    await expect(page.get_by_role("navigation")).not_to_be_visible()
    await expect(ama.button("Print this page")).not_to_be_visible()
    for paper in ("A4", "Letter"):
        assert await count_pages(page, paper, tmp_path / f"{paper}.pdf") <= 2, paper

    # The code is printed for who asks for it.
    await page.emulate_media(media="screen")
    await page.get_by_text("Show my return code").click()
    await page.emulate_media(media="print")
    await expect(page.get_by_text(ama.return_code)).to_be_visible()
    await expect(page.get_by_text("My return code:")).not_to_be_visible()
    assert await count_pages(page, "A4", tmp_path / "with-code.pdf") <= 2
    assert ama.return_code not in server.log()
    assert (ama.errors, ama.strangers) == ([], [])


async def test_print_opens_the_browsers_own_dialog_and_says_nothing_to_the_kernel(
    server: WorkbookServer, browser: Browser
) -> None:
    person = await sit_down(browser, server.url, server.new_session()["code"], "Ama")
    await person.consent()
    page = person.page
    await page.wait_for_function(NOTHING_WAITS)  # of what was pressed so far
    await page.goto(f"{server.url}/w/takeaway")
    await person.button("Begin").click()
    await page.evaluate("void (window.print = () => (window.printed = (window.printed ?? 0) + 1))")
    await person.button("Print this page").click()
    assert await page.evaluate("window.printed") == 1
    await expect(person.button("Print this page")).to_be_enabled()
    assert await page.evaluate(NOTHING_WAITS)
    # Off this page there is no code.
    await person.button("Next").click()
    await expect(page.get_by_role("heading", name="That is all for now")).to_be_visible()
    await expect(page.get_by_text("Show my return code")).not_to_be_visible()
