"""The group screen: what everybody in the room may see, live, and nothing besides."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from reconnect_widgets.content import codebook_rows
from reconnect_widgets.records import SessionRecord
from reconnect_widgets.server import pictures
from reconnect_widgets.server.evening import act_at_desk
from reconnect_widgets.server.screen_values import describe_screen
from reconnect_widgets.system import new_event_id, utc_now
from tests.records.example import read_table
from tests.server.a_group import (
    HIGH,
    LOW,
    MIDDLE,
    TOP,
    finish,
    seat,
    seat_couples,
    take_checkup,
    take_checkups,
)
from tests.server.conftest import Running
from tests.server.people import FacilitatorPhone
from tests.server.test_live import listening
from tests.support.phone import text


@pytest.fixture(autouse=True)
def _nobody_is_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of a moment ago count: no test waits for them to settle."""
    monkeypatch.setattr(pictures, "SETTLED_S", 0.0)


class Desk:
    """A facilitator with the group screen of one session."""

    def __init__(self, running: Running, session: SessionRecord, phone: FacilitatorPhone) -> None:
        self.running, self.session, self.phone = running, session, phone
        self.path = f"/facilitator/s/{session.session_id}/screen"

    async def press(self, **fields: str) -> int:
        """Press a button of the screen's controls."""
        page = await self.phone.get(f"/facilitator/s/{self.session.session_id}/wall")
        return (await self.phone.submit(page, self.path, fields)).code

    async def act(self, name: str, **more: object) -> None:
        view = self.running.services.hub.view(self.session.session_id)
        await act_at_desk(self.running.services, view, name, by="facilitator", **more)  # type: ignore[arg-type]

    async def screen(self) -> str:
        page = await self.phone.get(self.path)
        assert page.code == 200
        shown = re.search(r'<div id="screen".*?>\n(.*)</div>\s*</main>', text(page), re.S)
        assert shown
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", shown[1])).strip()


@pytest.fixture
async def desk(running: Running) -> AsyncIterator[Desk]:
    yield Desk(running, running.new_session(), await running.facilitator())


async def test_how_to_join_says_the_address_the_code_and_how_many_are_here(desk: Desk) -> None:
    seat(desk.session, "p-ada001", name="Ada-MARKER")
    page = text(await desk.phone.get(desk.path))
    assert "<svg" in page
    code = desk.session.info.code
    assert f"<span>{code[:3]}</span><span>{code[3:]}</span>" in page
    assert desk.running.url.split("//")[1] in page
    assert "1 person is here" in page
    assert "MARKER" not in page  # names are for the facilitator, unless the session says otherwise


async def test_names_stand_there_only_where_everybody_may_see_them(desk: Desk) -> None:
    seat(desk.session, "p-ada001", name="Zoë")
    seat(desk.session, "p-bob002", name="Ann & <b>Co</b>")
    desk.session.prepare({"name_visibility": "everyone"}, utc_now(), "facilitator")
    page = text(await desk.phone.get(desk.path))
    assert "<bdi>Ann &amp; &lt;b&gt;Co&lt;/b&gt;</bdi>, <bdi>Zoë</bdi>" in page


async def test_two_hundred_names_leave_room_for_themselves(desk: Desk) -> None:
    for n in range(60):
        seat(desk.session, f"p-{n:06}", name=f"Wolfgang-Maximilian {n:02}")
    desk.session.prepare({"name_visibility": "everyone"}, utc_now(), "facilitator")
    screen = await desk.screen()
    assert "60 people are here" in screen
    assert re.search(r"and \d\d more", screen)


async def test_a_closed_session_lets_nobody_in_from_the_screen(desk: Desk) -> None:
    desk.session.close(utc_now(), "facilitator")
    assert "This session is closed" in await desk.screen()
    assert desk.session.info.code[:3] not in await desk.screen()


async def test_the_task_is_that_of_where_everybody_was_brought(desk: Desk) -> None:
    assert await desk.press(view="task") == 303
    assert desk.session.info.title in await desk.screen()
    await desk.act("brought", exercise="appreciation")
    screen = await desk.screen()
    assert "Say what you noticed" in screen
    assert "Build one sentence about one real moment." in screen
    assert "about" not in screen.split("Then choose how to give it.")[1]
    await desk.act("clock-started", exercise="appreciation", seconds=470.0)
    assert "about 8 minutes" in await desk.screen()
    await desk.act("clock-stopped", exercise="appreciation")
    assert "Finish in your own time." in await desk.screen()


async def test_how_many_are_done_is_said_with_enough_people_on_both_sides(desk: Desk) -> None:
    people = [f"p-{n:06}" for n in range(12)]
    for person in people:
        seat(desk.session, person)
    await desk.press(view="task")
    await desk.act("brought", exercise="touch")
    said = []
    for person in people:
        finish(desk.session, person, "touch")
        screen = await desk.screen()
        said.append(re.sub(r".*two of you\. ?", "", screen))
    assert said[:4] == [""] * 4
    assert said[4:7] == ["5 of 12 are done", "6 of 12 are done", "7 of 12 are done"]
    assert said[7:9] == ["Most of you are done"] * 2
    assert said[9:] == ["Nearly everyone is done"] * 3


async def test_who_has_begun_again_is_not_done(desk: Desk) -> None:
    people = [f"p-{n:06}" for n in range(12)]
    for person in people:
        seat(desk.session, person)
    for person in people[:6]:
        finish(desk.session, person, "checkup")
        finish(desk.session, person, "touch")
    await desk.press(view="task")
    await desk.act("brought", exercise="touch")
    assert "6 of 12" in await desk.screen()
    writer = desk.session.open_writer(people[0])
    writer.append_event(
        "step-shown",
        exercise="touch",
        detail=json.dumps({"round": 2, "step": "menu"}),
        participant_id=people[0],
        dyad_id="",
    )
    assert "5 of 12" in await desk.screen()


# -- The checkup ---------------------------------------------------------------------------------


async def test_four_couples_are_not_enough_couples_yet(desk: Desk) -> None:
    people = seat_couples(desk.session, 5)
    take_checkups(desk.session, people[:8], [HIGH] * 8)
    take_checkup(desk.session, *people[8], leave_out=1)
    await desk.press(view="checkup")
    assert await desk.screen() == "Where this group placed itself Not enough couples yet."
    await desk.press(draw="1")
    assert "Not enough couples yet." in await desk.screen()
    assert "picture-drawn" not in _events(desk.session)


async def test_a_picture_is_drawn_when_the_desk_says_so_and_never_before(desk: Desk) -> None:
    people = seat_couples(desk.session, 10)
    take_checkups(desk.session, people, [HIGH] * 10 + [MIDDLE] * 10)
    await desk.press(view="checkup")
    assert "drawn once, when the group is ready" in await desk.screen()
    await desk.press(draw="1")
    screen = await desk.screen()
    # Five couples each in two quarters: the upper one may be shown, the other goes with the empty.
    assert screen.count("50–74 10") == 4
    assert screen.count("25–49 not shown") == 4
    assert "As it was at" in screen
    assert " 20 " not in screen  # how many are in it tells how many are not


async def test_drawn_once_it_stays_whoever_comes_or_changes_or_draws_again(desk: Desk) -> None:
    people = seat_couples(desk.session, 12)
    take_checkups(desk.session, people[:20], [HIGH] * 10 + [MIDDLE] * 10)
    await desk.press(draw="1")
    before = await desk.screen()
    take_checkups(desk.session, people[20:], [HIGH] * 4)
    take_checkup(desk.session, *people[0], level=LOW)
    await desk.press(draw="1")
    await desk.press(draw="2")
    assert await desk.screen() == before
    assert _events(desk.session).count("picture-drawn") == 1
    # Nor in a server that was started anew.
    desk.running.services.hub._views.clear()
    assert await desk.screen() == before


async def test_the_picture_goes_when_somebody_in_it_withdraws_and_does_not_come_back(
    desk: Desk,
) -> None:
    people = seat_couples(desk.session, 12)
    take_checkups(desk.session, people[:22], [HIGH] * 12 + [MIDDLE] * 10)
    await desk.press(draw="1")
    assert "50–74 12" in await desk.screen()
    desk.session.withdraw(people[23][0], utc_now())
    assert "50–74 12" in await desk.screen()  # was not in it
    desk.session.withdraw(people[0][0], utc_now())
    gone = await desk.screen()
    assert "This picture is no longer shown" in gone
    assert "50–74" not in gone
    await desk.press(draw="1")
    assert await desk.screen() == gone
    desk.running.services.hub._views.clear()
    assert await desk.screen() == gone


async def test_a_copy_for_anybody_holds_the_picture_that_the_group_saw_and_no_other(
    desk: Desk, tmp_path: Path
) -> None:
    def copy(name: str) -> dict[tuple[str, str], str]:
        desk.session.merge(codebook_rows())
        desk.session.export("group", tmp_path / name)
        rows = read_table(tmp_path / name / "group.csv")
        return {
            (row["category"], row["figure"]): row["people"] for row in rows if row["round"] == "1"
        }

    people = seat_couples(desk.session, 13)
    take_checkups(desk.session, people[:20], [HIGH] * 10 + [MIDDLE] * 10)
    undrawn = copy("before")
    await desk.press(draw="1")
    assert copy("drawn") == undrawn
    assert undrawn["presence", "50-74"] == "10"
    take_checkups(desk.session, people[20:24], [HIGH] * 4)
    take_checkup(desk.session, *people[0], level=LOW)
    take_checkups(desk.session, people[:20], [TOP] * 20, round_=2)
    assert copy("late") == undrawn
    desk.session.withdraw(people[25][0], utc_now())
    assert copy("not in it") == undrawn
    desk.session.withdraw(people[0][0], utc_now())
    assert copy("gone") == {}


async def test_what_the_record_keeps_of_a_picture_names_nobody_and_no_figure(desk: Desk) -> None:
    people = seat_couples(desk.session, 6)
    take_checkups(desk.session, people, [TOP] * 12)
    await desk.press(draw="1")
    rows = [row for row in desk.session.read().rows if row.event == "picture-drawn"]
    assert [row.subject for row in rows] == ["facilitator"]
    detail = json.loads(rows[0].detail)
    assert detail.keys() == {"round", "until", "basis"}
    assert re.fullmatch("[0-9a-f]{32}", detail["basis"])


async def test_an_answer_that_makes_no_sense_counts_as_none_and_breaks_no_screen(
    desk: Desk,
) -> None:
    """Another version's, or changed by hand in a spreadsheet."""
    people = seat_couples(desk.session, 10)
    take_checkups(desk.session, people, [HIGH] * 10 + [MIDDLE] * 10)
    writer = desk.session.open_writer(people[0][0])
    for item, value in (("presence-1", "9"), ("presence-2", "often")):
        writer.append_answer(
            exercise="checkup",
            round_=1,
            item=item,
            status="answered",
            value=value,
            event_id=new_event_id(),
            participant_id=people[0][0],
            dyad_id=people[0][1],
            content_version="1",
        )
    await desk.press(draw="1")
    screen = await desk.screen()
    assert screen.count("50–74 10") == 3
    assert "50–74 9" in screen


async def test_a_second_round_has_a_picture_of_its_own(desk: Desk) -> None:
    people = seat_couples(desk.session, 10)
    take_checkups(desk.session, people, [HIGH] * 10 + [MIDDLE] * 10)
    await desk.press(draw="1")
    take_checkups(desk.session, people, [MIDDLE] * 10 + [HIGH] * 10, round_=2)
    assert "round 2" not in await desk.screen()
    await desk.press(draw="2")
    assert "placed itself, round 2" in await desk.screen()
    assert _events(desk.session).count("picture-drawn") == 2


async def test_a_row_that_comes_to_light_later_makes_no_second_picture(desk: Desk) -> None:
    """It carries an instant from before the drawing's, and nobody had seen it then."""
    people = seat_couples(desk.session, 11)
    take_checkups(desk.session, people, [HIGH] * 12 + [MIDDLE] * 10)
    journals = list((desk.session.folder / "journal").glob(f"{people[0][0]}.*.csv"))
    hidden = [journal.rename(desk.session.folder / journal.name) for journal in journals]
    await desk.press(draw="1")
    before = await desk.screen()
    assert "50–74 11" in before
    for there, journal in zip(hidden, journals, strict=True):
        there.rename(journal)
    assert await desk.screen() == before
    desk.running.services.hub._views.clear()
    assert "no longer shown" in await desk.screen()


@pytest.mark.parametrize("detail", ['{"round": 1}', '{"round": 1, "until": "now", "basis": 7}'])
async def test_a_drawing_that_was_changed_by_hand_shows_nothing_and_stays_drawn(
    desk: Desk, detail: str
) -> None:
    people = seat_couples(desk.session, 6)
    take_checkups(desk.session, people, [HIGH] * 12)
    writer = desk.session.open_writer("facilitator")
    writer.append_event("picture-drawn", exercise="checkup", detail=detail)
    await desk.press(draw="1")
    assert "no longer shown" in await desk.screen()
    assert _events(desk.session).count("picture-drawn") == 1


async def test_a_group_that_stands_everywhere_a_little_shows_nothing_and_that_counts(
    desk: Desk,
) -> None:
    people = seat_couples(desk.session, 5)
    take_checkups(desk.session, people, [LOW, MIDDLE, HIGH, TOP, LOW, MIDDLE, HIGH, TOP, LOW, TOP])
    await desk.press(draw="1")
    assert "would point at somebody" in await desk.screen()
    assert _events(desk.session).count("picture-drawn") == 1


# -- Turning it, and following -------------------------------------------------------------------


async def test_every_view_can_be_shown_and_nothing_else(desk: Desk) -> None:
    for view in ("task", "wall", "checkup", "blank", "join"):
        assert await desk.press(view=view) == 303
        assert desk.running.services.hub.view(desk.session.session_id).evening.view == view
    count = len(_events(desk.session))
    assert await desk.press(view="join") == 303  # as it is: nothing to write down
    assert await desk.press(view="everything") == 303
    assert len(_events(desk.session)) == count
    assert await desk.press(view="blank") == 303
    assert await desk.screen() == ""


async def test_an_open_screen_hears_what_changes_what_it_shows_and_nothing_else(
    desk: Desk,
) -> None:
    await desk.act("brought", exercise="touch")
    await desk.press(view="task")
    async with listening(desk.phone, f"{desk.path}/live") as screen:
        assert (await screen.next_event())["event"] == "hello"
        await desk.act("note", words="late start")
        with pytest.raises(TimeoutError):
            await screen.next_event(1)
        await desk.act("clock-started", exercise="touch", seconds=600.0)
        event = await screen.next_event()
        assert event["event"] == "message"
    await desk.press(view="blank")
    desk.running.services.hub._views.clear()  # what a restart forgets
    async with listening(desk.phone, f"{desk.path}/live", last=event["id"]) as screen:
        assert (await screen.next_event())["event"] == "message"


async def test_the_screen_follows_a_withdrawal_while_the_picture_stands(desk: Desk) -> None:
    people = seat_couples(desk.session, 6)
    take_checkups(desk.session, people, [HIGH] * 12)
    await desk.press(draw="1")
    await desk.screen()
    async with listening(desk.phone, f"{desk.path}/live") as screen:
        assert (await screen.next_event())["event"] == "hello"
        desk.session.withdraw(people[0][0], utc_now())
        assert (await screen.next_event())["event"] == "message"


async def test_the_soft_clock_moves_by_itself_and_by_minutes(desk: Desk) -> None:
    await desk.act("brought", exercise="touch")
    await desk.act("clock-started", exercise="touch", seconds=600.0)
    view = desk.running.services.hub.view(desk.session.session_id)
    await desk.press(view="task")
    now = utc_now()
    marks = [
        describe_screen(view, {}, now + timedelta(seconds=seconds))["mark"]
        for seconds in range(0, 60, 5)
    ]
    assert 1 < len(set(marks)) <= 5


def _events(session: SessionRecord) -> list[str]:
    return [row.event for row in session.read().rows if row.kind == "event"]
