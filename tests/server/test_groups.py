"""Small groups: who sits with whom, made and changed at the desk, said on the phones."""

from __future__ import annotations

import json
import re

import pytest

from reconnect_widgets.domain.groups import Group, Groups
from reconnect_widgets.errors import RecordWriteError
from reconnect_widgets.records import SessionRecord
from reconnect_widgets.server import groups_page
from reconnect_widgets.system import utc_now
from tests.server.a_group import seat, seat_couples
from tests.server.conftest import Running
from tests.server.people import FacilitatorPhone, JoiningPhone
from tests.server.test_live import listening
from tests.server.test_me import id_of
from tests.support.one_after_another import one_after_another
from tests.support.phone import text


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    one_after_another(monkeypatch)


class Room:
    """A facilitator with the groups of one session."""

    def __init__(self, running: Running, session: SessionRecord, phone: FacilitatorPhone) -> None:
        self.running, self.session, self.phone = running, session, phone
        self.desk = f"/facilitator/s/{session.session_id}"
        self.path = f"{self.desk}/groups"

    async def page(self, query: str = "") -> str:
        answer = await self.phone.get(self.path + query)
        assert answer.code == 200
        return text(answer)

    async def send(self, do: str) -> str:
        """Send what a button would; returns where that leads."""
        page = await self.phone.get(self.path)
        answer = await self.phone.submit(page, self.path, {"do": do})
        assert answer.code == 303
        return str(answer.headers["Location"]).removeprefix(self.path)

    async def press(self, button: str, query: str = "") -> str:
        """Press the button of this id, as the page has it now."""
        page = await self.page(query)
        found = re.search(rf'value="([^"]+)" id="{button}"', page)
        assert found, f"no button {button}"
        return await self.send(found[1])

    async def bring(self, exercise: str = "repair") -> None:
        page = text(await self.phone.get(self.desk))
        found = re.search(rf'value="(brought {exercise} [^"]+)"', page)
        assert found
        answer = await self.phone.submit(
            await self.phone.get(self.path), f"{self.desk}/act", {"do": found[1]}
        )
        assert answer.code == 303

    @property
    def groups(self) -> Groups:
        view = self.running.services.hub.view(self.session.session_id)
        view.refresh()
        return view.grouping.groups

    @property
    def turn(self) -> int:
        return self.running.services.hub.view(self.session.session_id).grouping.turn

    def group_of(self, person: str) -> Group:
        return next((group for group in self.groups if person in group), ())

    def acts(self) -> int:
        rows = self.session.read_staff().rows
        return sum(row.event in ("grouped", "undone") for row in rows)


@pytest.fixture
async def room(running: Running) -> Room:
    return Room(running, running.new_session(), await running.facilitator())


async def test_couples_are_split_into_threes_with_partners_apart(room: Room) -> None:
    dyads = dict(seat_couples(room.session, 3))
    assert "Nobody has to" not in await room.page()
    await room.press("threes")
    assert sorted(map(len, room.groups)) == [3, 3]
    assert sorted(one for group in room.groups for one in group) == sorted(dyads)
    for group in room.groups:
        assert len({dyads[one] for one in group}) == 3
    page = await room.page()
    assert "Partners are kept apart" in page
    assert "Partners sit together here" not in page
    assert [page.count(f'part">{words}<') for words in ("speaks", "listens", "observes")] == [2] * 3
    (row,) = [row for row in room.session.read_staff().rows if row.event == "grouped"]
    assert json.loads(row.detail) == {"groups": [list(group) for group in room.groups]}
    assert (row.exercise, row.subject) == ("repair", "facilitator")


async def test_one_person_alone_can_not_be_split(room: Room) -> None:
    seat(room.session, "p-ada001")
    page = await room.page()
    assert "at least two people. One person is here so far." in page
    assert 'id="threes"' not in page
    assert await room.send("split - threes") == "?said=stale#groups-said"
    assert room.acts() == 0


async def test_a_pair_of_partners_is_said_to_be_one(room: Room) -> None:
    seat_couples(room.session, 1)
    await room.press("pairs")
    assert "Partners sit together here." in await room.page()


async def test_the_next_round_turns_every_part_and_undo_turns_them_back(room: Room) -> None:
    seat_couples(room.session, 3)
    await room.press("threes")
    first = room.groups
    await room.press("turn")
    assert room.groups == tuple((*group[1:], group[0]) for group in first)
    assert room.turn == 2
    assert "Round 2</h2>" in await room.page()
    await room.press("undo")
    assert (room.groups, room.turn) == (first, 1)
    await room.press("undo")
    assert room.groups == ()
    assert 'id="undo"' not in await room.page()


async def test_somebody_is_moved_in_two_steps_without_a_script(room: Room) -> None:
    seat_couples(room.session, 4)
    await room.press("threes")
    small = next(number for number, group in enumerate(room.groups, 1) if len(group) == 2)
    person = next(group for group in room.groups if len(group) == 3)[0]
    page = await room.page()
    assert f'href="{room.path}?pick={person}#groups-picked"' in page
    page = await room.page(f"?pick={person}")
    assert "Is being moved" in page
    assert f'id="move-{room.groups.index(room.group_of(person)) + 1}"' not in page
    assert await room.press(f"move-{small}", f"?pick={person}") == f"#group-{small}"
    assert room.group_of(person) == (*room.groups[small - 1][:2], person)
    assert sorted(map(len, room.groups)) == [2, 3, 3]


async def test_two_who_are_swapped_have_each_others_place_and_part(room: Room) -> None:
    seat_couples(room.session, 3)
    await room.press("threes")
    (a, b, c), (d, e, f) = room.groups
    await room.press(f"swap-{e}", f"?pick={a}")
    assert room.groups == ((e, b, c), (d, a, f))
    await room.press(f"swap-{c}", f"?pick={e}")
    assert room.groups == ((c, b, e), (d, a, f))


async def test_who_sits_in_no_group_can_take_somebodys_place(room: Room) -> None:
    seat_couples(room.session, 3)
    await room.press("threes")
    person = room.groups[0][0]
    seat(room.session, "p-late01")
    await room.press(f"swap-{person}", "?pick=p-late01")
    assert room.groups[0][0] == "p-late01"
    assert room.group_of(person) == ()
    await room.press("swap-p-late01", f"?pick={person}")
    assert room.groups[0][0] == person


async def test_who_would_be_left_alone_gets_another_place_and_that_is_said(room: Room) -> None:
    for person, name in (("p-ada001", "Ada"), ("p-bob002", "Bob"), ("p-cem003", "Cem"),
                         ("p-dia004", "Dia")):  # fmt: skip
        seat(room.session, person, name=name)
    await room.press("pairs")
    ((a, b), (c, d)) = room.groups
    assert await room.press("out", f"?pick={a}") == f"?also={b}#groups-said"
    assert room.groups == ((), (c, d, b))
    names = {"p-ada001": "Ada", "p-bob002": "Bob", "p-cem003": "Cem", "p-dia004": "Dia"}
    said = await room.page(f"?also={b}")
    assert f"So that nobody sits alone, <bdi>{names[b]}</bdi> has another place, too." in said
    assert 'id="group-2"' in said
    assert 'id="group-1"' not in said


async def test_who_comes_later_is_said_to_sit_in_no_group_and_gets_a_place(room: Room) -> None:
    seat_couples(room.session, 3)
    await room.press("threes")
    seat(room.session, "p-late01", name="Late")
    page = await room.page()
    assert "In no group" in page
    assert "2 small groups, round 1, 1 person in none" in text(await room.phone.get(room.desk))
    await room.press("seat")
    assert room.group_of("p-late01")[-1] == "p-late01"
    assert "In no group" not in await room.page()
    seat(room.session, "p-late02", name="Later")
    await room.press("move-1" if len(room.groups[0]) == 3 else "move-2", "?pick=p-late02")
    assert len(room.group_of("p-late02")) == 4


async def test_who_withdraws_sits_nowhere_and_whoever_is_left_is_shown(room: Room) -> None:
    for person in ("p-ada001", "p-bob002", "p-cem003", "p-dia004"):
        seat(room.session, person)
    await room.press("pairs")
    ((a, b), (c, d)) = room.groups
    before = await room.page()
    room.session.withdraw(a, utc_now())
    assert room.groups == ((), (c, d))
    page = await room.page()
    assert a not in page
    assert f'id="pick-{b}"' in page
    # What was made before that does not fit any more.
    old = re.search(r'value="(turn [^"]+)"', before)
    assert old
    assert await room.send(old[1]) == "?said=stale#groups-said"
    await room.press("seat")
    assert room.groups == ((), (c, d, b))


async def test_a_page_that_is_behind_changes_nothing_and_says_so(room: Room) -> None:
    seat_couples(room.session, 3)
    await room.press("threes")
    stale = re.search(r'value="(turn [^"]+)"', await room.page())
    assert stale
    await room.press("turn")
    groups, acts = room.groups, room.acts()
    assert await room.send(stale[1]) == "?said=stale#groups-said"
    assert (room.groups, room.acts()) == (groups, acts)
    assert "the groups had changed meanwhile" in await room.page("?said=stale")


@pytest.mark.parametrize(
    "do",
    ["", "split", "split {mark}", "split {mark} fours", "split {mark} threes pairs", "move {mark}",
     "move {mark} p-zzz999 1", "move {mark} {one} 9", "move {mark} {one} -1", "move {mark} {one} ²",
     "swap {mark} {one} p-zzz999", "swap {mark} {one} {one}", "out {mark} p-zzz999", "seat {mark}",
     "out {mark} <script>", "undo {mark}", "undo", "turn", "end", "brought {mark} repair",
     "move {mark} {one} 99999999999999999999"],
)  # fmt: skip
async def test_what_no_button_says_changes_nothing(room: Room, do: str) -> None:
    seat_couples(room.session, 3)
    await room.press("threes")
    groups = room.groups
    view = room.running.services.hub.view(room.session.session_id)
    mark = groups_page.mark_groups(view.grouping)
    assert await room.send(do.format(mark=mark, one=groups[0][0])) == "?said=stale#groups-said"
    assert (room.groups, room.acts()) == (groups, 1)


async def test_hostile_ids_in_the_address_show_nothing(room: Room) -> None:
    seat_couples(room.session, 2)
    await room.press("pairs")
    for query in ("?pick=<script>", "?pick=p-zzz999", "?also=<b>.p-zzz999", "?said=<i>"):
        page = await room.page(query)
        assert "<script>" not in page.replace("<script type", "")
        assert "Where to with" not in page
        assert "So that nobody sits alone" not in page


async def test_a_closed_session_shows_its_groups_and_takes_no_change(room: Room) -> None:
    seat_couples(room.session, 2)
    await room.press("pairs")
    groups = room.groups
    button = re.search(r'value="(turn [^"]+)"', await room.page())
    assert button
    room.session.close(utc_now(), "facilitator")
    assert "<button" not in (await room.page()).split('id="groups"')[1]
    assert await room.send(button[1]) == "?said=closed#groups-said"
    assert room.groups == groups


async def test_a_full_disk_is_said_and_nothing_has_changed(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat_couples(room.session, 2)

    async def fail(*_: object, **__: object) -> None:
        raise RecordWriteError("full")

    monkeypatch.setattr(groups_page, "act_at_desk", fail)
    assert await room.press("pairs") == "?said=unsaved#groups-said"
    assert room.groups == ()
    assert "takes no writes just now" in await room.page("?said=unsaved")


async def test_names_are_codes_where_nobody_sees_names(room: Room) -> None:
    room.session.prepare({"name_visibility": "off"}, utc_now(), "facilitator")
    for person in ("p-ada001", "p-bob002"):
        seat(room.session, person, name=f"MARKER {person}")
    await room.press("pairs")
    page = await room.page()
    assert "MARKER" not in page
    assert "<bdi>p-ada001</bdi>" in page


async def test_another_desk_hears_of_it(room: Room) -> None:
    seat_couples(room.session, 2)
    async with listening(room.phone, f"{room.path}/live") as stream:
        assert (await stream.next_event())["event"] == "hello"
        await room.press("pairs")
        assert (await stream.next_event())["event"] == "message"


async def test_a_phone_that_two_share_is_spoken_of(room: Room) -> None:
    phone = room.running.phone()
    await phone.join_both(room.session.info.code)
    seat(room.session, "p-ada001")
    await room.press("pairs")
    assert "it speaks for whoever holds it" in await room.page()


# -- On the phones -------------------------------------------------------------------------------


async def join_three(room: Room) -> dict[str, JoiningPhone]:
    phones = {name: room.running.phone() for name in ("Ada", "Bob", "Cem")}
    for name, phone in phones.items():
        await phone.join(room.session.info.code, name)
    return phones


async def line_of(phone: JoiningPhone, at: str = "") -> str:
    """Return what the page says of the group, without markup."""
    page = text(await phone.get(f"/w/?at={at}" if at else "/w/"))
    found = re.search(r'<p class="rc-waiting__group">(.*?)</p>', page, re.S)
    return re.sub(r"<[^>]+>", "", found[1]).strip() if found else ""


async def test_phones_say_the_group_and_the_part_once_everybody_was_brought(room: Room) -> None:
    phones = await join_three(room)
    await room.press("threes")
    assert [await line_of(phone) for phone in phones.values()] == [""] * 3
    # Who is there by themselves is told.
    assert (await line_of(phones["Ada"], at="repair")).startswith("Group 1.")
    await room.bring()
    lines = {name: await line_of(phone) for name, phone in phones.items()}
    words = "Group 1. Look for the others of your group, or ask your facilitator."
    assert all(words in line for line in lines.values())
    parts = sorted(line.split("First ")[1].split(".")[0] for line in lines.values())
    assert parts == ["you listen", "you observe", "you speak"]
    for line in lines.values():
        assert not any(name in line for name in phones)
    await room.bring("checkup")
    assert [await line_of(phone) for phone in phones.values()] == [""] * 3


async def test_one_way_to_the_group_is_enough(room: Room) -> None:
    phones = await join_three(room)
    ada = id_of(room.session, "Ada")
    writer = room.session.open_writer(ada)
    writer.append_person("consented", {"consent": "recorded"}, participant_id=ada, dyad_id="")
    writer.close()
    await room.press("threes")
    await room.bring()
    page = text(await phones["Ada"].get("/w/"))
    assert 'Everybody is going to <a href="/w/repair">' in page
    assert "href" not in page.split('<p class="rc-waiting__group">')[1].split("</p>")[0]


async def test_names_stand_on_phones_only_where_everybody_was_told_so(room: Room) -> None:
    room.session.prepare({"name_visibility": "everyone"}, utc_now(), "facilitator")
    phones = await join_three(room)
    await room.press("threes")
    await room.bring()
    line = await line_of(phones["Bob"])
    assert re.search(r"You sit with (Ada and Cem|Cem and Ada)\.", line)


async def test_a_phone_is_told_at_once_that_its_part_is_another_one(room: Room) -> None:
    phones = await join_three(room)
    await room.press("threes")
    async with listening(phones["Ada"], "/live") as stream:
        assert (await stream.next_event())["event"] == "hello"
        await room.press("turn")
        event = await stream.next_event()
        assert json.loads(event["data"])["what"] == "part"
        last = event["id"]
    # What was missed is told on coming back; what is the same is not told again.
    await room.press("turn")
    async with listening(phones["Ada"], "/live", last) as stream:
        assert json.loads((await stream.next_event())["data"])["what"] == "part"


async def test_whose_place_stays_hears_only_that_the_room_has_changed(room: Room) -> None:
    phones = await join_three(room)
    await room.press("threes")
    speaker = room.groups[0][0]
    phone = next(each for name, each in phones.items() if id_of(room.session, name) == speaker)
    async with listening(phone, "/live") as stream:
        assert (await stream.next_event())["event"] == "hello"
        seat(room.session, "p-late01")
        await room.press("seat")
        assert json.loads((await stream.next_event())["data"])["what"] == "group"


async def test_who_withdrew_is_named_on_no_phone(room: Room) -> None:
    room.session.prepare({"name_visibility": "everyone"}, utc_now(), "facilitator")
    phones = await join_three(room)
    await room.press("threes")
    await room.bring()
    await phones["Cem"].press("/me/withdraw")
    assert "Cem" not in await line_of(phones["Ada"])
    assert "Bob" in await line_of(phones["Ada"])


async def test_a_restart_knows_the_groups(room: Room) -> None:
    phones = await join_three(room)
    await room.press("threes")
    await room.bring()
    before = {name: await line_of(phone) for name, phone in phones.items()}
    room.running.services.hub._views.clear()  # what a restart forgets
    assert {name: await line_of(phone) for name, phone in phones.items()} == before


# -- On the group screen -------------------------------------------------------------------------


async def screen_of(room: Room) -> str:
    page = await room.phone.get(room.path)
    await room.phone.submit(page, f"{room.desk}/screen", {"view": "task"})
    return re.sub(r"<[^>]+>", "", text(await room.phone.get(f"{room.desk}/screen")))


async def test_the_screen_says_how_many_groups_and_no_name(room: Room) -> None:
    people = seat_couples(room.session, 3)
    await room.press("threes")
    await room.press("turn")
    await room.bring()
    screen = await screen_of(room)
    assert "2 groups, round 2. Your phone says which is yours." in screen
    assert "whoever else sits there observes" in screen
    assert not any(person in screen for person, _ in people)


async def test_the_screen_says_who_sits_where_only_with_names_for_everyone(room: Room) -> None:
    room.session.prepare({"name_visibility": "everyone"}, utc_now(), "facilitator")
    for person, name in (("p-ada001", "Ada"), ("p-bob002", "<Bob>"), ("p-cem003", "Cem")):
        seat(room.session, person, name=name)
    await room.press("threes")
    await room.bring()
    assert "1: &lt;Bob&gt;, Ada, Cem" in await screen_of(room)
    for n in range(40):
        seat(room.session, f"p-many{n:02}", name=f"Somebody with a long name {n}")
    await room.press("seat")
    # All of them or none: who is missing would look as if they had no group.
    screen = await screen_of(room)
    assert "groups. Your phone says which is yours." in screen
    assert "Ada" not in screen
