"""The shared wall: what people offered, looked at first, under no name."""

from __future__ import annotations

import io
import re

import pytest

from reconnect_widgets.records import SessionRecord
from reconnect_widgets.system import utc_now
from tests.server.a_group import offer, offer_line, seat, write_line
from tests.server.conftest import Running
from tests.server.people import FacilitatorPhone
from tests.server.test_live import listening
from tests.support.phone import text

COAT = "On Tuesday you drove home for my forgotten coat."
TEA = "You made tea before I asked."


class Wall:
    """A facilitator with the lines of one session."""

    def __init__(self, running: Running, session: SessionRecord, phone: FacilitatorPhone) -> None:
        self.running, self.session, self.phone = running, session, phone
        self.base = f"/facilitator/s/{session.session_id}"

    async def lists(self) -> dict[str, list[str]]:
        """Return the lines under each heading."""
        page = await self.phone.get(f"{self.base}/wall")
        assert page.code == 200
        found = {}
        for part in re.findall(r"<section.*?</section>", text(page), re.S):
            heading = re.search(r"<h2[^>]*>(.*?)</h2>", part)
            if heading is None:
                assert "<blockquote" not in part
                continue
            found[heading[1]] = re.findall(r"<blockquote[^>]*><bdi>(.*?)</bdi>", part, re.S)
        return found

    async def decide(self, line: str, do: str, act: str = "") -> int:
        page = await self.phone.get(f"{self.base}/wall")
        value = " ".join((do, line, act)).strip()
        return (await self.phone.submit(page, f"{self.base}/wall", {"do": value})).code

    async def undo(self, line: str) -> int:
        page = text(await self.phone.get(f"{self.base}/wall"))
        button = re.search(rf'value="undo {line} ([^"]+)"', page)
        assert button
        return await self.decide(line, "undo", button[1])

    async def screen(self) -> list[str]:
        page = text(await self.phone.get(f"{self.base}/screen"))
        return re.findall(r"<li><bdi>(.*?)</bdi>", page)

    async def show(self) -> None:
        page = await self.phone.get(f"{self.base}/wall")
        await self.phone.submit(page, f"{self.base}/screen", {"view": "wall", "from": "wall"})


@pytest.fixture
async def wall(running: Running) -> Wall:
    session = running.new_session()
    for person, name in (("p-ada001", "Ada-MARKER"), ("p-bob002", "Bob-MARKER")):
        seat(session, person, name=name)
    return Wall(running, session, await running.facilitator())


async def test_only_what_was_offered_is_on_the_list_and_under_no_name(wall: Wall) -> None:
    write_line(wall.session, "p-ada001", "Private-SECRET words that nobody was offered")
    offer_line(wall.session, "p-bob002", COAT)
    assert await wall.lists() == {"To look at": [COAT], "On the wall": []}
    page = text(await wall.phone.get(f"{wall.base}/wall"))
    for hidden in ("SECRET", "MARKER", "p-bob002", "p-ada001"):
        assert hidden not in page


async def test_nothing_shows_before_the_facilitator_says_so(wall: Wall) -> None:
    line = offer_line(wall.session, "p-ada001", COAT)
    await wall.show()
    assert await wall.screen() == []
    assert await wall.decide(line, "show") == 303
    assert await wall.screen() == [COAT]
    assert await wall.lists() == {"To look at": [], "On the wall": [COAT]}
    assert await wall.decide(line, "leave") == 303
    assert await wall.screen() == []
    assert (await wall.lists())["Not on the wall"] == [COAT]


async def test_approved_lines_come_when_the_wall_is_shown(wall: Wall) -> None:
    line = offer_line(wall.session, "p-ada001", COAT)
    await wall.decide(line, "show")
    assert COAT not in text(await wall.phone.get(f"{wall.base}/screen"))
    await wall.show()
    assert await wall.screen() == [COAT]


async def test_undo_takes_back_the_last_decision_and_no_other(wall: Wall) -> None:
    line = offer_line(wall.session, "p-ada001", COAT)
    other = offer_line(wall.session, "p-bob002", TEA)
    await wall.decide(line, "show")
    await wall.decide(other, "leave")
    await wall.decide(line, "leave")
    await wall.undo(line)
    assert await wall.lists() == {
        "To look at": [],
        "On the wall": [COAT],
        "Not on the wall": [TEA],
    }
    await wall.undo(line)
    assert (await wall.lists())["To look at"] == [COAT]
    assert await wall.decide(line, "undo", "0000") == 303  # what was undone already
    assert (await wall.lists())["To look at"] == [COAT]


async def test_words_are_text_whatever_is_in_them(wall: Wall) -> None:
    words = "<script>alert(1)</script> שלום \u202e & 'so' = on"
    line = offer_line(wall.session, "p-ada001", words)
    await wall.decide(line, "show")
    await wall.show()
    escaped = "&lt;script&gt;alert(1)&lt;/script&gt; שלום \u202e &amp; &#39;so&#39; = on"
    assert await wall.screen() == [escaped]
    assert (await wall.lists())["On the wall"] == [escaped]


async def test_what_is_taken_back_is_gone_from_list_and_wall_at_once(wall: Wall) -> None:
    line = offer_line(wall.session, "p-ada001", COAT)
    await wall.decide(line, "show")
    await wall.show()
    offer(wall.session, "p-ada001", line, event="offer-taken-back")
    assert await wall.screen() == []
    assert await wall.lists() == {"To look at": [], "On the wall": []}
    assert await wall.decide(line, "show") == 303
    assert await wall.screen() == []


async def test_who_withdraws_takes_their_lines_along_also_from_memory(wall: Wall) -> None:
    line = offer_line(wall.session, "p-ada001", COAT)
    offer_line(wall.session, "p-bob002", TEA)
    await wall.decide(line, "show")
    await wall.show()
    assert await wall.screen() == [COAT]
    wall.session.withdraw("p-ada001", utc_now())
    assert await wall.screen() == []
    assert await wall.lists() == {"To look at": [TEA], "On the wall": []}
    view = wall.running.services.hub.view(wall.session.session_id)
    assert COAT not in repr(view.group.words)


async def test_a_field_that_was_emptied_since_is_no_longer_offered(wall: Wall) -> None:
    line = offer_line(wall.session, "p-ada001", COAT)
    await wall.decide(line, "show")
    await wall.show()
    assert await wall.screen() == [COAT]
    write_line(wall.session, "p-ada001", "")
    assert await wall.screen() == []


async def test_other_words_need_to_be_offered_and_looked_at_anew(wall: Wall) -> None:
    line = offer_line(wall.session, "p-ada001", COAT)
    await wall.decide(line, "show")
    write_line(wall.session, "p-ada001", "Changed-SECRET, for the partner only")
    assert (await wall.lists())["On the wall"] == [COAT]  # what was offered, and nothing else
    offer_line(wall.session, "p-ada001", TEA)
    assert await wall.lists() == {"To look at": [TEA], "On the wall": []}


async def test_nobody_offers_the_words_of_somebody_else(wall: Wall) -> None:
    private = write_line(wall.session, "p-ada001", "Private-SECRET", round_=2)
    offer_line(wall.session, "p-ada001", COAT)
    offer(wall.session, "p-bob002", private)
    assert await wall.lists() == {"To look at": [COAT], "On the wall": []}


async def test_lines_of_several_rounds_stand_side_by_side(wall: Wall) -> None:
    offer_line(wall.session, "p-ada001", COAT)
    offer_line(wall.session, "p-ada001", TEA, round_=2)
    assert (await wall.lists())["To look at"] == [COAT, TEA]


async def test_two_desks_that_decide_the_same_write_it_once(wall: Wall) -> None:
    line = offer_line(wall.session, "p-ada001", COAT)
    for _ in range(2):
        await wall.decide(line, "show")
    acts = [row for row in wall.session.read().rows if row.event == "line-approved"]
    assert len(acts) == 1
    assert COAT not in acts[0].detail


async def test_an_open_list_hears_of_new_lines_and_of_decisions(wall: Wall) -> None:
    async with listening(wall.phone, f"{wall.base}/wall/live") as stream:
        assert (await stream.next_event())["event"] == "hello"
        write_line(wall.session, "p-bob002", TEA)  # nobody was offered this
        with pytest.raises(TimeoutError):
            await stream.next_event(1)
        line = offer_line(wall.session, "p-ada001", COAT)
        assert (await stream.next_event())["event"] == "message"
        await wall.decide(line, "show")
        assert (await stream.next_event())["event"] == "message"


async def test_a_wall_that_is_shown_follows_at_once(wall: Wall) -> None:
    line = offer_line(wall.session, "p-ada001", COAT)
    await wall.show()
    async with listening(wall.phone, f"{wall.base}/screen/live") as stream:
        assert (await stream.next_event())["event"] == "hello"
        await wall.decide(line, "show")
        assert (await stream.next_event())["event"] == "message"
        await wall.screen()
        wall.session.withdraw("p-ada001", utc_now())
        assert (await stream.next_event())["event"] == "message"


async def test_after_a_restart_an_open_wall_hears_of_a_line_that_goes(wall: Wall) -> None:
    line = offer_line(wall.session, "p-ada001", COAT)
    await wall.decide(line, "show")
    await wall.show()
    assert await wall.screen() == [COAT]
    wall.running.services.hub._views.clear()  # what a restart forgets
    async with listening(wall.phone, f"{wall.base}/screen/live", last="before") as stream:
        assert (await stream.next_event())["event"] == "message"
        assert await wall.screen() == [COAT]
        wall.session.withdraw("p-ada001", utc_now())
        assert (await stream.next_event())["event"] == "message"
        assert await wall.screen() == []


async def test_no_words_of_anybody_reach_the_log(wall: Wall, log: io.StringIO) -> None:
    line = offer_line(wall.session, "p-ada001", "Words-MARKER of somebody")
    await wall.decide(line, "show")
    await wall.show()
    await wall.screen()
    assert "MARKER" not in log.getvalue()
    assert line not in log.getvalue()
