"""Every exercise from its first screen to its last: by keyboard alone, and into the record.

A new exercise is walked as soon as it stands in the order of the contents; nothing is to be done
here. Each walk looks at every screen by axe, at 320 px, for focus, targets and privacy marks.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Playwright, expect

import reconnect_widgets as rw
from reconnect_widgets.content import codebook_rows, load_contents
from reconnect_widgets.records import RecordFolder
from tests.support.chromium import ARGUMENTS, executable
from tests.support.person import Person, sit_down
from tests.support.server import WorkbookServer
from tests.support.shared_phone import hand_over, join_both, take
from tests.support.walk import LAST, Walk, Walker, exercise_keys

# What of an action stands in the timeline, or in the row of a card.
_EVENTS = {
    "clock-start": "clock-started",
    "aloud": "said-aloud",
    "send": "delivered",
    "thank-you": "replied",
    "tell-me-more": "replied",
    "release": "released",
    "propose": "proposed",
    "agree": "agreed",
}
_MARKS = {"draw": "drawn", "answered": "answered", "skip": "skipped", "put-back": "put-back"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkbookServer]:
    server = WorkbookServer(tmp_path_factory.mktemp("exercises") / "data").start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def session(server: WorkbookServer) -> dict[str, str]:
    return server.new_session("All exercises")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def chromium(driver: Playwright) -> AsyncIterator[Browser]:
    """One for all walks: those who walk come back to the same session."""
    chromium = await driver.chromium.launch(executable_path=executable(), args=ARGUMENTS)
    yield chromium
    await chromium.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ada(server: WorkbookServer, session: dict[str, str], chromium: Browser) -> Person:
    """Ada takes part alone, and is recorded."""
    ada = await sit_down(chromium, server.url, session["code"], "Ada")
    await ada.consent()
    return ada


def check_record(server: WorkbookServer, session: dict[str, str], name: str, walk: Walk) -> None:
    """Open the record as a researcher would: it says what was done, and nothing besides."""
    RecordFolder(server.data_dir).session(session["session_id"]).merge(codebook_rows())
    folder = server.data_dir / "sessions" / session["session_id"]
    people = rw.load_participants(folder).set_index("name")["participant_id"]
    answers = rw.load_responses(folder)
    mine = answers[(answers["participant_id"] == people[name]) & (answers["exercise"] == walk.key)]
    latest = mine.drop_duplicates(["round", "item"], keep="last").set_index("item")
    given = latest[latest["status"] == "answered"]
    assert {item: str(given["value"].get(item)) for item in walk.given} == walk.given
    texts = walk.recorded_texts()
    assert {item: given["text"].get(item) for item in texts} == texts
    happened = rw.load_timeline(folder)
    events = happened[(happened["actor"] == people[name]) & (happened["exercise"] == walk.key)][
        "event"
    ]
    assert "step-shown" in set(events)
    assert ("finished" in set(events)) == walk.is_done
    done = Counter(_EVENTS[action] for action in walk.pressed if action in _EVENTS)
    assert done == Counter(event for event in events if event in _EVENTS.values())
    cards = {card.key for deck in walk.pack.decks.values() for card in deck.cards}
    marks = Counter(
        row.value if row.status == "answered" else row.status
        for row in mine[mine["item"].isin(cards)].itertuples()
    )
    assert marks == Counter(_MARKS[action] for action in walk.pressed if action in _MARKS)
    # The last letters are nobody else's, and read the same in every encoding.
    assert all(found_in(server, text[-16:]) for text in texts.values())
    for text in walk.screen_only_texts().values():
        assert found_in(server, text[-16:]) == []


def found_in(server: WorkbookServer, word: str) -> list[str]:
    """Return every file of the data folder, and the server's log, in which a word stands."""
    files = [path for path in server.data_dir.rglob("*") if path.is_file()]
    return [str(path) for path in [*files, server.log_path] if word.encode() in path.read_bytes()]


@pytest.mark.parametrize("key", exercise_keys())
async def test_an_exercise_is_walked_alone_by_keyboard_and_is_in_the_record(
    key: str, server: WorkbookServer, session: dict[str, str], ada: Person
) -> None:
    walker = await Walker(ada, key).open()
    walk = await walker.go()
    assert walk.screens[-1] == LAST
    assert walk.faults == []
    assert ada.errors == []
    assert ada.strangers == []
    check_record(server, session, "Ada", walk)


@pytest.mark.parametrize("key", sorted(load_contents().read_elsewhere))
async def test_a_page_that_is_no_walk_is_fit_for_everybody_too(key: str, ada: Person) -> None:
    walker = Walker(ada, key)
    await ada.page.goto(f"{ada.url}/w/{key}")
    await expect(ada.page.locator("[data-heading], main h1").first).to_be_visible()
    await walker.look_closely(key)
    assert walker.walk.faults == []
    assert ada.errors == []


# -- Two phones --------------------------------------------------------------------------------


@dataclass
class Couple:
    """Two phones, and the exercise that both have open."""

    server: WorkbookServer
    session: dict[str, str]
    ama: Person
    bela: Person

    async def open(self, key: str, **choices: Any) -> tuple[Walker, Walker]:
        """Open an exercise on both; `choices` are what is said to both walkers."""
        ama, bela = (Walker(who, key, is_strict=False, **choices) for who in (self.ama, self.bela))
        await asyncio.gather(ama.open(), bela.open())
        return ama, bela

    async def go_to_the_end(self, *walkers: Walker) -> None:
        """Walk both to the last screen, one after the other, and open the record."""
        for walker in walkers:
            await walker.go()
            assert walker.walk.faults == []
            assert walker.person.errors == []
            assert walker.person.strangers == []
            check_record(self.server, self.session, walker.person.name, walker.walk)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def couple(server: WorkbookServer, session: dict[str, str], chromium: Browser) -> Couple:
    code = session["code"]
    ama = await sit_down(chromium, server.url, code, "Ama", slot="A")
    bela = await sit_down(chromium, server.url, code, "Béla", slot="B", couple=ama.couple_code)
    await asyncio.gather(ama.consent(), bela.consent())
    return Couple(server, session, ama, bela)


async def test_an_appreciation_goes_to_the_partner_who_wants_to_hear_more(couple: Couple) -> None:
    ama, bela = await couple.open("appreciation", prefer=["send"])
    await bela.go(until="Four small parts")
    await bela.mark_page()
    await ama.go(until="What you have given so far")
    given = ama.walk.typed["line"]
    await expect(bela.page.get_by_text("There is something for you")).to_be_visible()
    await bela.press("see-received")
    await expect(bela.page.locator("blockquote")).to_have_text(given)
    await bela.press("tell-me-more")
    assert await bela.is_same_page()
    await expect(ama.page.get_by_text("Your partner says “tell me more”.")).to_be_visible()
    await couple.go_to_the_end(ama, bela)


async def test_of_two_menus_of_touch_both_see_what_both_said_yes_to(couple: Couple) -> None:
    ama, bela = await couple.open("touch")
    # Yes, maybe and not now in every combination; the rest as it comes, another way for each.
    ama.answers = {"hand-on-back": 0, "hug-hello": 0, "sit-close": 2, "hold-hands": 1, "feet": 0}
    bela.answers = {"hand-on-back": 0, "hug-hello": 1, "sit-close": 0, "hold-hands": 1, "feet": 0}
    release = "Shall you two look together?"
    await asyncio.gather(ama.go(until=release), bela.go(until=release))
    await ama.press("release")
    await expect(ama.page.locator(".rc-reveal")).to_have_count(0)
    await bela.press("release")
    both = [
        field.label
        for field in ama.walk.pack.step("menu").fields
        if ama.walk.given[field.key] == bela.walk.given[field.key] == "yes"
    ]
    for walker in (ama, bela):
        await walker.press("see-both")
        assert await walker.page.locator(".rc-reveal li").all_inner_texts() == both
    await couple.go_to_the_end(ama, bela)


async def test_of_three_close_things_and_three_guesses_both_see_how_near_they_came(
    couple: Couple,
) -> None:
    ama, bela = await couple.open("intimacy")
    ama.answers = {"own-1": 0, "own-2": 1, "own-3": 2, "guess-1": 3, "guess-2": 4, "guess-3": 9}
    bela.answers = {"own-1": 3, "own-2": 4, "own-3": 5, "guess-1": 0, "guess-2": 8, "guess-3": 9}
    release = "Shall you two look together?"
    await asyncio.gather(ama.go(until=release), bela.go(until=release))
    await bela.press("release")
    await ama.press("release")
    labels = [option.label for option in ama.walk.pack.step("first").fields[0].options]
    hits = {"Ama": (2, 1), "Béla": (1, 2)}
    for walker, mine, theirs in ((ama, labels[:3], labels[3:6]), (bela, labels[3:6], labels[:3])):
        await walker.press("see-both")
        lists = walker.page.locator(".rc-reveal")
        assert [await one.locator("li").all_inner_texts() for one in await lists.all()] == [
            mine,
            theirs,
        ]
        of_mine, of_theirs = hits[walker.person.name]
        for words in (f"Of your guesses, {of_mine} stood", f"Of their guesses, {of_theirs} stood"):
            await expect(walker.page.get_by_text(words)).to_be_visible()
    await couple.go_to_the_end(ama, bela)


async def test_a_request_is_asked_and_agreed_to(couple: Couple) -> None:
    ama, bela = await couple.open("requests")
    await bela.go(until="What a clear request has")
    await bela.mark_page()
    await ama.go(until="Your request")
    await ama.fill_in()
    await ama.press("propose")
    await expect(bela.page.get_by_text("Your partner asks you for something.")).to_be_visible()
    await bela.press("see-table")
    await expect(bela.page.locator("blockquote")).to_have_text(ama.walk.typed["request"])
    await bela.press("agree")
    assert await bela.is_same_page()
    for walker in (ama, bela):
        await expect(walker.page.get_by_text("Agreed: both of you said yes")).to_be_visible()
        await walker.press("next")
    await couple.go_to_the_end(ama, bela)


async def test_two_phones_lie_on_one_deck_of_questions(couple: Couple) -> None:
    ama, bela = await couple.open("questions")
    await asyncio.gather(ama.go(until="Your card"), bela.go(until="Your card"))
    card = ".rc-card__text"
    await ama.press("draw")
    drawn = await ama.page.locator(card).inner_text()
    await expect(bela.page.locator(card)).to_have_text(drawn)
    await expect(ama.page.get_by_text("You answer first this time.")).to_be_visible()
    await expect(bela.page.get_by_text("Your partner answers first this time.")).to_be_visible()
    await bela.press("answered")
    await expect(ama.page.locator(card)).to_have_count(0)
    for walker in (ama, bela):
        await walker.press("next")
    await couple.go_to_the_end(ama, bela)


async def test_one_clock_runs_on_two_phones_and_stops_on_both(couple: Couple) -> None:
    ama, bela = await couple.open("presence")
    await bela.go(until="Good to know beforehand")
    await ama.go(until="Fifteen minutes")
    await ama.press("clock-start")
    await expect(ama.page.get_by_role("timer")).to_have_text(re.compile(r"^1[45]:\d\d$"))
    await bela.press("join")
    await expect(bela.page.get_by_role("timer")).to_have_text(re.compile(r"^1[45]:\d\d$"))
    for walker in (ama, bela):  # all else is dark
        await expect(walker.page.locator(".rc-worksheet__heading")).not_to_be_visible()
    await ama.page.keyboard.press("Escape")
    for walker in (ama, bela):
        await expect(walker.page.get_by_role("button", name="Next")).to_be_visible()
        await walker.press("next")
    await couple.go_to_the_end(ama, bela)


# -- One phone ---------------------------------------------------------------------------------


async def test_an_appreciation_goes_from_hand_to_hand_on_one_phone(
    server: WorkbookServer, session: dict[str, str], browser: Browser
) -> None:
    ola, pia = (Person(name, browser, server.url) for name in ("Ola", "Pia"))
    await ola.take_phone()
    await join_both(ola, session["code"], "Pia")
    pia.context, pia.page = ola.context, ola.page
    await ola.consent()
    first = await Walker(ola, "appreciation", prefer=["send"], is_strict=False).open()
    await first.go(until="What you have given so far")
    await hand_over(ola.page, "Ola", "Pia")
    await take(ola.page, "Pia")
    await pia.page.goto(f"{server.url}/me")
    await pia.consent()
    # She writes her own first, and does not look at once.
    second = await Walker(pia, "appreciation", prefer=["begin", "next"], is_strict=False).open()
    await second.go(until="Your partner noticed something")
    assert second.walk.typed["line"]  # the field was empty: Ola’s words are not in it
    await expect(pia.page.locator("blockquote")).to_have_text(first.walk.typed["line"])
    await second.press("thank-you")
    await second.go()
    await hand_over(pia.page, "Pia", "Ola")
    await take(pia.page, "Ola")
    await first.open()
    await expect(ola.page.get_by_text("Your partner says “thank you”.")).to_be_visible()
    await first.go()
    assert first.walk.faults == second.walk.faults == []
    assert ola.errors == ola.strangers == []
    for person, walker in ((ola, first), (pia, second)):
        check_record(server, session, person.name, walker.walk)
