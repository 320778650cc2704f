"""The desk's page for seats: it asks first, does it once, and never tells an answer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from html import unescape

import pytest
from tornado.httpclient import HTTPResponse

from reconnect_widgets.errors import RecordWriteError
from reconnect_widgets.records import SessionRecord
from reconnect_widgets.records.seat_acts import read_seat_acts
from reconnect_widgets.server.kernels import KernelOwner
from reconnect_widgets.server.seat_words import say_to_person
from reconnect_widgets.server.session_view import SessionView
from reconnect_widgets.system import utc_now
from tests.server.conftest import Running
from tests.server.people import FacilitatorPhone, JoiningPhone
from tests.server.test_live import listening
from tests.server.test_me import answer, id_of
from tests.support.phone import text

FORM = re.compile(r'name="(do|who|mark)" value="([^"]*)"')


@dataclass
class Room:
    """A couple in a session, and the desk."""

    running: Running
    session: SessionRecord
    ada: JoiningPhone
    bo: JoiningPhone
    desk: FacilitatorPhone
    couple_code: str

    @property
    def address(self) -> str:
        return f"/facilitator/s/{self.session.session_id}/seats"

    def id_of(self, name: str) -> str:
        return id_of(self.session, name)

    @property
    def dyad_id(self) -> str:
        return self.session.participants()[self.id_of("Ada")].dyad_id

    def owner(self, name: str) -> KernelOwner:
        return KernelOwner("participant", self.session.session_id, self.id_of(name))

    async def ask(self, what: str, who: str, desk: JoiningPhone | None = None) -> HTTPResponse:
        return await (desk or self.desk).press(self.address, ask=f"{what} {who}")

    async def say_yes(
        self, page: HTTPResponse, desk: JoiningPhone | None = None, **more: str
    ) -> str:
        """Send the form of a question, and return what the page says then."""
        form = {name: unescape(value) for name, value in FORM.findall(text(page))}
        answered = await (desk or self.desk).submit(page, self.address, {**form, **more})
        assert answered.code == 303
        shown = await (desk or self.desk).get(answered.headers["Location"])
        return re.findall(r'<p class="rc-note" role="status">(.*?)</p>', text(shown))[0]

    async def change(self, what: str, who: str, **more: str) -> str:
        return await self.say_yes(await self.ask(what, who), **more)

    def answers(self, name: str) -> int:
        return sum(row.kind == "answer" for row in self.session.read((self.id_of(name),)).rows)


@pytest.fixture
async def room(running: Running) -> Room:
    session = running.new_session()
    ada, bo = running.phone(), running.phone()
    await ada.join_couple(session.info.code, "Ada", "A")
    couple_code = (await ada.codes())[-1]
    await bo.join_couple(session.info.code, "Bo", "", couple_code)
    return Room(running, session, ada, bo, await running.facilitator(), couple_code)


async def test_everything_is_asked_before_it_is_done(room: Room) -> None:
    answer(room.session, room.id_of("Ada"))
    for what, who in [
        ("free", room.id_of("Ada")),
        ("anew", room.id_of("Ada")),
        ("swap", room.dyad_id),
    ]:
        page = text(await room.ask(what, who))
        assert "is set aside: it stays in the record" in page
        assert "You can undo this until" in page
        assert "Leave everything as it is" in page
    assert room.answers("Ada") == 1
    assert read_seat_acts(room.session.read_staff().rows) == []


async def test_a_freed_seat_is_nobodys_and_can_be_taken_again(room: Room) -> None:
    bo = room.id_of("Bo")
    return_code = (await room.bo.codes())[0]
    answer(room.session, bo)
    await room.running.services.seats.ensure(room.owner("Bo"))
    said = await room.change("free", bo)
    assert said == "The seat is free. What was answered there is set aside."
    assert room.running.services.seats.kernel_of(room.owner("Bo")) is None
    assert room.answers("Bo") == 0
    # Written under the facilitator's id, with no name in it.
    (act,) = [row for row in room.session.read_staff().rows if row.event == "seat-freed"]
    assert (act.subject, "Bo" in act.detail, bo in act.detail) == ("facilitator", False, True)
    # The device meets a page that says so, at every address.
    for path in ("/me", "/w/", "/w/checkup"):
        went = await room.bo.get(path)
        assert (went.code, went.headers["Location"]) == (303, "/")
    page = text(await room.bo.get("/"))
    assert "Your facilitator has freed this seat" in page
    assert f'value="{room.session.info.code}"' in page
    back = await room.running.phone().come_back(return_code)
    assert back.code == 404
    assert "has freed the seat of this return code" in text(back)
    # The partner's code lets somebody in again: here the same device.
    joined = await room.bo.join_couple(room.session.info.code, "Bo", "", room.couple_code)
    assert joined.code == 303
    assert id_of_present(room.session, "Bo") != bo
    assert "Your facilitator has freed" not in text(await room.bo.get("/"))


def id_of_present(session: SessionRecord, name: str) -> str:
    people = session.participants().values()
    return next(p.participant_id for p in people if p.name == name and p.is_present)


async def test_the_form_that_took_a_freed_seat_leads_to_a_new_one(room: Room) -> None:
    cy = room.running.phone()
    page = await cy.get(f"/j/{room.session.info.code}")
    form = {"action": "join", "code": room.session.info.code, "name": "Cy", "how": "alone"}
    await cy.submit(page, "/", form)
    before = room.id_of("Cy")
    await room.change("free", before)
    assert (await cy.submit(page, "/", form)).code == 303
    assert id_of_present(room.session, "Cy") != before


async def test_who_held_a_freed_seat_can_still_erase_what_they_said(room: Room) -> None:
    bo = room.id_of("Bo")
    answer(room.session, bo)
    await room.change("free", bo)
    assert "takes it out of the record, too" in text(await room.bo.get("/me/withdraw"))
    assert (await room.bo.press("/me/withdraw")).code == 200
    assert not list(room.session.folder.glob(f"journal/{bo}.*"))
    assert room.session.participants()[bo].withdrawn_at is not None


async def test_the_two_swap_name_and_letter_and_are_told(room: Room) -> None:
    ada, bo = room.id_of("Ada"), room.id_of("Bo")
    answer(room.session, ada)
    owners = [room.owner(name) for name in ("Ada", "Bo")]
    for owner in owners:
        await room.running.services.seats.ensure(owner)
    assert await room.change("swap", room.dyad_id) == "The two have swapped, and begin anew."
    assert [room.running.services.seats.kernel_of(owner) for owner in owners] == [None, None]
    people = room.session.participants()
    assert [(people[who].name, people[who].partner_slot) for who in (ada, bo)] == [
        ("Bo", "B"),
        ("Ada", "A"),
    ]
    assert "you and your partner have swapped" in text(await room.ada.get("/w/"))
    assert "Welcome back, <bdi>Bo</bdi>" in text(await room.ada.get("/"))
    # Another server over the same record says the same.
    assert SessionView(room.session).refresh()[ada].name == "Bo"


async def test_who_has_made_the_choice_again_is_not_told_any_more(room: Room) -> None:
    for name in ("Ada", "Bo"):
        consent(room, room.id_of(name))
    await room.change("swap", room.dyad_id)
    assert await told(room) == [True, True]
    consent(room, room.id_of("Ada"))
    assert sorted(await told(room)) == [False, True]


async def test_a_page_that_waited_meanwhile_says_it_too(room: Room) -> None:
    consent(room, room.id_of("Bo"))
    view = room.running.services.hub.view(room.session.session_id)
    before = view.refresh()[room.id_of("Bo")]
    await room.change("swap", room.dyad_id)
    view.refresh()
    said = say_to_person(view.changes, view.roster, before, utc_now())
    assert "Everything begins anew" in said


async def told(room: Room) -> list[bool]:
    """Return whether each phone says that the two have swapped."""
    pages = [text(await phone.get("/w/")) for phone in (room.ada, room.bo)]
    return ["you and your partner have swapped" in page for page in pages]


def consent(room: Room, participant_id: str) -> None:
    """Write the choice as the welcome would."""
    writer = room.session.open_writer(participant_id)
    writer.append_person(
        "consented",
        {"consent": "recorded"},
        participant_id=participant_id,
        dyad_id=room.dyad_id,
    )
    writer.close()


async def test_open_pages_look_again_after_every_change(room: Room) -> None:
    async with listening(room.ada, "/live") as hers, listening(room.bo, "/live") as his:
        for stream in (hers, his):
            await stream.next_event()
        await room.change("free", room.id_of("Bo"))
        assert '"new"' in (await hers.next_event())["data"]
        assert (await his.next_event())["id"] == "gone"
        await his.end()
    assert "the place beside you is free" in text(await room.ada.get("/w/"))


async def test_somebody_late_is_moved_beside_their_partner(room: Room) -> None:
    cy, di = room.running.phone(), room.running.phone()
    await cy.join_couple(room.session.info.code, "Cy", "A")
    await di.join(room.session.info.code, "Di")
    answer(room.session, room.id_of("Di"))
    page = await room.ask("move", room.id_of("Di"))
    assert "has told nobody anything" in text(page)
    cys = room.session.participants()[room.id_of("Cy")].dyad_id
    assert await room.say_yes(page, to=cys) == "Done. They sit together now."
    di_now = room.session.participants()[room.id_of("Di")]
    assert (di_now.dyad_id, di_now.partner_slot, room.answers("Di")) == (cys, "B", 1)
    assert "you have a partner here now. What you answered is still yours." in text(
        await di.get("/w/")
    )
    assert "your partner is here now" in text(await cy.get("/w/"))


async def test_who_sat_with_the_wrong_partner_takes_nothing_along(room: Room) -> None:
    cy = room.running.phone()
    await cy.join_couple(room.session.info.code, "Cy", "A")
    answer(room.session, room.id_of("Bo"))
    answer(room.session, room.id_of("Ada"))
    page = await room.ask("move", room.id_of("Bo"))
    assert "has sat beside somebody" in text(page)
    cys = room.session.participants()[room.id_of("Cy")].dyad_id
    await room.say_yes(page, to=cys)
    assert (room.answers("Bo"), room.answers("Ada")) == (0, 1)
    assert room.session.participants()[room.id_of("Bo")].dyad_id == cys
    # The place beside the other one is open again.
    eve = room.running.phone()
    joined = await eve.join_couple(room.session.info.code, "Eve", "", room.couple_code)
    assert joined.code == 303


async def test_two_who_came_alone_become_a_couple(room: Room) -> None:
    for name in ("Cy", "Di"):
        await room.running.phone().join(room.session.info.code, name)
    await room.change("move", room.id_of("Cy"), to=room.id_of("Di"))
    people = room.session.participants()
    cy, di = people[room.id_of("Cy")], people[room.id_of("Di")]
    assert cy.dyad_id == di.dyad_id != ""
    assert (cy.partner_slot, di.partner_slot) == ("A", "B")


async def test_what_was_changed_by_mistake_is_undone(room: Room) -> None:
    ada = room.id_of("Ada")
    answer(room.session, ada)
    await room.change("swap", room.dyad_id)
    act = read_seat_acts(room.session.read_staff().rows)[0]
    assert "Swapped" in text(await room.desk.get(room.address))
    assert await room.change("undo", act.act_id) == (
        "Undone: seats and answers are as they were before."
    )
    assert room.answers("Ada") == 1
    assert room.session.participants()[ada].partner_slot == "A"
    # It is done once: the button of another desk is too late.
    assert (await room.ask("undo", act.act_id)).code == 303


async def test_nothing_is_undone_after_somebody_has_answered_anew(room: Room) -> None:
    await room.change("swap", room.dyad_id)
    act = read_seat_acts(room.session.read_staff().rows)[0]
    page = await room.ask("undo", act.act_id)
    answer(room.session, next(iter(room.session.participants())))
    assert (await room.say_yes(page)).startswith("Nothing was changed")
    assert 'value="undo' not in text(await room.desk.get(room.address))


async def test_two_desks_change_a_seat_once(room: Room) -> None:
    other = await room.running.facilitator()
    one, two = (
        await room.ask("swap", room.dyad_id),
        await room.ask("swap", room.dyad_id, desk=other),
    )
    assert await room.say_yes(one) == "The two have swapped, and begin anew."
    assert (await room.say_yes(two, desk=other)).startswith("Nothing was changed")
    assert len(read_seat_acts(room.session.read_staff().rows)) == 1


async def test_a_page_that_slept_changes_nothing(room: Room) -> None:
    page = await room.ask("free", room.id_of("Bo"))
    room.session.withdraw(room.id_of("Bo"), utc_now())
    assert (await room.say_yes(page)).startswith("Nothing was changed")
    assert (await room.ask("free", "p-nobody")).code == 303
    assert (await room.ask("nonsense", room.dyad_id)).code == 303
    assert (await room.desk.press(room.address, do="nonsense")).code == 303


async def test_what_could_not_be_written_is_not_done(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **more: object) -> None:
        raise RecordWriteError("no space left")

    answer(room.session, room.id_of("Bo"))
    page = await room.ask("free", room.id_of("Bo"))
    monkeypatch.setattr("reconnect_widgets.records.journal.JournalWriter.append_event", refuse)
    assert "takes no writes" in await room.say_yes(page)
    assert room.answers("Bo") == 1
    assert (await room.bo.get("/me")).code == 200


async def test_two_who_share_a_phone_have_nothing_to_swap(room: Room) -> None:
    await room.running.phone().join_both(room.session.info.code)
    dyad_id = room.session.participants()[room.id_of("Ama")].dyad_id
    assert "They share one phone" in text(await room.desk.get(room.address))
    assert (await room.ask("swap", dyad_id)).code == 303
    assert (await room.ask("move", room.id_of("Ama"))).code == 303
    # One of them may begin anew, or be freed: the phone is then the other's.
    await room.change("free", room.id_of("Ama"))


async def test_a_phone_that_was_shared_goes_on_as_the_others(room: Room) -> None:
    phone = room.running.phone()
    await phone.join_both(room.session.info.code)
    await room.change("free", room.id_of("Ama"))
    went = await phone.get("/w/")
    assert went.headers["Location"] == "/me/hand-over"
    assert "Béla" in text(await phone.get("/me/hand-over"))


async def test_one_more_is_let_in_when_all_seats_are_taken(room: Room) -> None:
    room.session.prepare({"door": "seats", "seats": 2}, utc_now(), "facilitator")
    late = room.running.phone()
    assert (await late.join(room.session.info.code, "Late")).code == 409
    page = await room.desk.get(room.address)
    assert "2 of 2 seats are taken" in text(page)
    form = {"do": "room", "who": "1", "mark": "2"}
    went = await room.desk.submit(page, room.address, form)
    assert went.headers["Location"].endswith("said=room")
    # A second tap makes no more room.
    again = await room.desk.submit(page, room.address, form)
    assert again.headers["Location"].endswith("said=stale")
    assert room.session.info.seats == 3
    assert (await late.join(room.session.info.code, "Late")).code == 303


async def test_freeing_a_seat_lets_somebody_in_where_seats_are_counted(room: Room) -> None:
    await room.running.phone().join(room.session.info.code, "Solo")
    room.session.prepare({"door": "seats", "seats": 3}, utc_now(), "facilitator")
    late = room.running.phone()
    assert (await late.join(room.session.info.code, "Late")).code == 409
    await room.change("free", room.id_of("Solo"))
    assert (await late.join(room.session.info.code, "Late")).code == 303


async def test_names_are_shown_only_where_they_may_be(running: Running) -> None:
    session = running.services.records.create_session(
        "Quiet", agenda=("welcome",), partner_policy="limited-secrets", name_visibility="off",
        keep_days=30, now=utc_now(),
    )  # fmt: skip
    await running.phone().join(session.info.code, "Ada")
    ada = id_of(session, "Ada")
    desk = await running.facilitator()
    address = f"/facilitator/s/{session.session_id}/seats"
    for page in (await desk.get(address), await desk.press(address, ask=f"free {ada}")):
        assert ada in text(page)
        assert "Ada" not in text(page)


async def test_nobody_gets_a_kernel_while_their_seat_is_changed(room: Room) -> None:
    seats, owner = room.running.services.seats, room.owner("Ada")
    first = await seats.ensure(owner)
    order: list[str] = []

    async def note(what: Callable[[], Awaitable[str]]) -> str:
        kernel_id = await what()
        order.append("kernel")
        return kernel_id

    async with seats.emptied([owner, room.owner("Bo")]):
        assert seats.kernel_of(owner) is None
        waiting = asyncio.create_task(note(lambda: seats.ensure(owner)))
        other = asyncio.create_task(seats.ensure(room.owner("Bo")))
        await asyncio.sleep(0)
        order.append("changed")
    assert await waiting != first
    assert order == ["changed", "kernel"]
    others = await other
    assert seats.kernel_of(room.owner("Bo")) == others
