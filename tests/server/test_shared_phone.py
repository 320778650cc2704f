"""One phone for both: each has a place of their own, and nobody sees the other's by accident."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tornado.httpclient import HTTPResponse

from reconnect_widgets.errors import RecordWriteError
from reconnect_widgets.records import SessionRecord
from reconnect_widgets.server import seating
from reconnect_widgets.server.kernels import KernelOwner
from reconnect_widgets.server.roster import Roster, RosterEntry
from reconnect_widgets.server.shared_phone import Seat, hand_to, read_sharing, share, take
from reconnect_widgets.system import utc_now
from tests.server.conftest import Running
from tests.server.people import JoiningPhone
from tests.server.test_me import answer, id_of
from tests.support.phone import text

NOW = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
SESSION = "2026-11-20-group-k7f3mq"
AMA = RosterEntry("p-aaaaaa", "d-1111", "A", "Ama", joined_at=NOW)
BELA = RosterEntry("p-bbbbbb", "d-1111", "B", "Béla", joined_at=NOW)
ROSTER: Roster = {AMA.participant_id: AMA, BELA.participant_id: BELA}
SHARED = share(SESSION, AMA.participant_id, BELA.participant_id, NOW)


def holder(seat: Seat, roster: Roster = ROSTER) -> str:
    """Whose pages this cookie opens now: a name, or nobody's."""
    sharing = read_sharing(roster, seat)
    assert sharing is not None
    return "" if sharing.is_between else sharing.holder.name


def do(seat: Seat, action: str, slot: str) -> Seat:
    sharing = read_sharing(ROSTER, seat)
    assert sharing is not None
    return take(sharing, slot) if action == "take" else hand_to(sharing, slot, exercise="touch")


ACTIONS = st.lists(st.tuples(st.sampled_from(["hand", "take"]), st.sampled_from("AB")), max_size=9)


@given(actions=ACTIONS)
def test_no_form_leads_from_one_to_the_other_but_by_way_of_nobody(
    actions: list[tuple[str, str]],
) -> None:
    seat = SHARED
    for action, slot in actions:
        before = holder(seat)
        seat = do(seat, action, slot)
        assert {before, holder(seat)} != {"Ama", "Béla"}
        assert do(seat, action, slot) == seat or action == "take"  # a doubled tap
        assert seat.shared is not None
        assert {seat.participant_id, seat.shared.other_id} == set(ROSTER)


def test_handing_over_and_taking_it_changes_the_holder_and_remembers_the_page() -> None:
    between = do(SHARED, "hand", "B")
    assert holder(between) == ""
    taken = do(between, "take", "B")
    assert holder(taken) == "Béla"
    assert taken.shared is not None
    assert taken.shared.exercise == "touch"
    assert holder(do(between, "take", "A")) == "Ama"  # it stays with her after all


def test_a_form_kept_from_before_opens_nobodys_page() -> None:
    """Béla has the phone; a page from before says once more "I am Ama"."""
    with_bela = do(do(SHARED, "hand", "B"), "take", "B")
    assert holder(do(with_bela, "take", "A")) == ""


def test_who_came_back_on_a_device_of_their_own_is_let_go() -> None:
    later = replace(BELA, returned_at=NOW + timedelta(days=3))
    roster = {**ROSTER, BELA.participant_id: later}
    assert holder(SHARED, roster) == "Ama"
    sharing = read_sharing(roster, SHARED)
    assert sharing is not None
    assert sharing.other is None
    # If it was he who had the phone, it waits to be taken, and can be taken by her alone.
    with_bela = do(do(SHARED, "hand", "B"), "take", "B")
    assert holder(with_bela, roster) == ""
    sharing = read_sharing(roster, with_bela)
    assert sharing is not None
    for slot in "AB":
        assert holder(take(sharing, slot), roster) in ("Ama", "")
    both_gone = {**roster, AMA.participant_id: replace(AMA, withdrawn_at=NOW)}
    assert read_sharing(both_gone, SHARED) is None


def test_coming_back_before_the_phone_was_shared_does_not_count() -> None:
    earlier = replace(BELA, returned_at=NOW - timedelta(days=1))
    sharing = read_sharing({**ROSTER, BELA.participant_id: earlier}, SHARED)
    assert sharing is not None
    assert sharing.other == earlier


# -- Over HTTP -----------------------------------------------------------------------------------


async def shared(running: Running) -> tuple[SessionRecord, JoiningPhone]:
    session, phone = running.new_session(), running.phone()
    answer_ = await phone.join_both(session.info.code)
    assert (answer_.code, answer_.headers["Location"]) == (303, "/me")
    return session, phone


async def hand_over(phone: JoiningPhone, slot: str, from_path: str = "/me") -> HTTPResponse:
    """Press "Hand over" on a page; the page between the two is what it leads to."""
    pressed = await phone.press(from_path, "/me/hand-over", action="hand", to=slot)
    assert (pressed.code, pressed.headers["Location"]) == (303, "/me/hand-over")
    return await phone.get("/me/hand-over")


async def take_it(phone: JoiningPhone, slot: str) -> HTTPResponse:
    return await phone.press("/me/hand-over", action="take", to=slot)


async def test_two_join_with_one_phone_and_each_has_a_place_and_a_code(running: Running) -> None:
    session, phone = await shared(running)
    people = session.participants().values()
    assert [(p.name, p.partner_slot) for p in people] == [("Ama", "A"), ("Béla", "B")]
    assert len({p.dyad_id for p in people}) == 1
    hers = text(await phone.get("/me"))
    assert "Ama" in hers
    assert "is holding the phone" in hers
    (her_code,) = await phone.codes()
    between = text(await hand_over(phone, "B"))
    assert "Hand the phone to <bdi>Béla</bdi>" in between
    assert her_code not in between
    taken = await take_it(phone, "B")
    assert taken.code == 303
    (his_code,) = await phone.codes()
    assert his_code != her_code


async def test_the_same_form_sent_twice_seats_nobody_twice(running: Running) -> None:
    session, phone = running.new_session(), running.phone()
    page = await phone.get(f"/j/{session.info.code}")
    form = {"action": "join", "code": session.info.code, "name": "Ama", "how": "one-device"}
    for _ in range(2):
        assert (await phone.submit(page, "/", {**form, "partner_name": "Béla"})).code == 303
    assert len(session.participants()) == 2
    assert (await phone.submit(page, "/", {**form, "partner_name": "Cem"})).code == 303
    assert [p.name for p in session.participants().values()] == ["Ama", "Béla", "Ama", "Cem"]


async def test_a_form_that_wrote_one_seat_only_finishes_when_it_is_sent_again(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, phone = running.new_session(), running.phone()
    page = await phone.get(f"/j/{session.info.code}")
    form = {"action": "join", "code": session.info.code, "name": "Ama", "how": "one-device"}
    form["partner_name"] = "Béla"
    append = seating._append_person
    seats = []

    def fail_on_the_second(*arguments: object) -> None:
        seats.append(arguments)
        if len(seats) == 2:
            raise RecordWriteError("no room")
        append(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(seating, "_append_person", fail_on_the_second)
    assert (await phone.submit(page, "/", form)).code == 503
    assert (await phone.submit(page, "/", form)).code == 303
    people = list(session.participants().values())
    assert [(p.name, p.partner_slot) for p in people] == [("Ama", "A"), ("Béla", "B")]
    assert len({p.dyad_id for p in people}) == 1


@pytest.mark.parametrize("partner", ["", " ama ", "\u202e"])
async def test_the_two_names_must_tell_the_two_apart(running: Running, partner: str) -> None:
    session = running.new_session()
    refused = await running.phone().join_both(session.info.code, "Ama", partner)
    assert refused.code == 422
    assert 'id="partner_name-error"' in text(refused)
    assert session.participants() == {}


async def test_between_the_two_the_phone_opens_neithers_pages(running: Running) -> None:
    session, phone = await shared(running)
    await hand_over(phone, "B")
    for path in ("/me", "/me/withdraw", "/w/", "/w/checkup", "/"):
        found = await phone.get(path)
        assert (found.code, found.headers["Location"]) == (303, "/me/hand-over"), path
    seats = running.services.seats
    owner = KernelOwner("participant", session.session_id, id_of(session, "Ama"))
    assert seats.kernel_of(owner) is None
    assert (await phone.get("/safety")).code == 200


async def test_the_phone_comes_back_to_the_page_it_was_handed_over_on(running: Running) -> None:
    _, phone = await shared(running)
    page = await phone.get("/me")
    body = f"_xsrf={phone.cookies['_xsrf']}&action=hand&to=B"
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Referer": f"{phone.url}/w/checkup",
    }
    assert page.code == 200
    assert (await phone._request("POST", "/me/hand-over", body, headers)).code == 303
    assert (await take_it(phone, "B")).headers["Location"] == "/w/checkup"


async def test_handing_over_needs_the_form_of_our_own_page(running: Running) -> None:
    _, phone = await shared(running)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    forged = await phone._request("POST", "/me/hand-over", "action=hand&to=B", headers)
    assert forged.code == 403
    assert "Ama" in text(await phone.get("/me"))


async def test_who_has_a_phone_of_their_own_never_gets_the_others_place(running: Running) -> None:
    session = running.new_session()
    ada, bo = running.phone(), running.phone()
    await ada.join_couple(session.info.code, "Ada", "A")
    await bo.join_couple(session.info.code, "Bo", "B", (await ada.codes())[-1])
    for action in ("hand", "take"):
        for slot in "AB":
            refused = await ada.press("/me", "/me/hand-over", action=action, to=slot)
            assert refused.code == 403
    assert (await ada.get("/me/hand-over")).headers["Location"] == "/me"
    assert "is holding the phone" not in text(await ada.get("/me"))
    assert "Ada" in text(await ada.get("/me"))


async def test_who_comes_back_on_their_own_phone_takes_their_place_along(running: Running) -> None:
    session, phone = await shared(running)
    await hand_over(phone, "B")
    await take_it(phone, "B")
    (his_code,) = await phone.codes()
    own = running.phone()
    assert (await own.come_back(his_code)).headers["Location"] == "/w/"
    assert "Béla" in text(await own.get("/me"))
    refused = await own.press("/me", "/me/hand-over", action="hand", to="A")
    assert refused.code == 403
    # The shared phone, which he was holding, opens his place no more; hers it does.
    assert (await phone.get("/me")).headers["Location"] == "/me/hand-over"
    await take_it(phone, "B")
    assert (await phone.get("/me")).headers["Location"] == "/me/hand-over"
    await take_it(phone, "A")
    assert "Ama" in text(await phone.get("/me"))
    assert "is holding the phone" not in text(await phone.get("/me"))
    assert [row.event for row in session.read((id_of(session, "Béla"),)).rows][-1] == "returned"


async def test_with_both_codes_a_phone_is_shared_again_after_leaving_quickly(
    running: Running,
) -> None:
    _, phone = await shared(running)
    (her_code,) = await phone.codes()
    await hand_over(phone, "B")
    await take_it(phone, "B")
    (his_code,) = await phone.codes()
    await phone.get("/leave")
    assert (await phone.get("/me")).code == 403
    await phone.come_back(her_code)
    assert "is holding the phone" not in text(await phone.get("/me"))
    page = await phone.get("/?other=1")
    await phone.submit(page, "/", {"action": "return", "return_code": his_code})
    assert "<bdi>Béla</bdi> is holding the phone" in text(await phone.get("/me"))


async def test_a_return_that_can_not_be_noted_lets_nobody_in_twice(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the shared phone would go on opening the place of who thinks it does not."""
    _, phone = await shared(running)
    (her_code,) = await phone.codes()

    def no_room(*_: object) -> None:
        raise RecordWriteError("no room")

    monkeypatch.setattr(seating, "_append_event", no_room)
    own = running.phone()
    assert (await own.come_back(her_code)).code == 503
    assert (await own.get("/me")).code == 403


async def test_one_withdraws_and_the_phone_goes_to_the_other(running: Running) -> None:
    session, phone = await shared(running)
    answer(session, id_of(session, "Ama"))
    gone = await phone.press("/me/withdraw")
    assert "It is erased" in text(gone)
    assert "Hand the phone to" in text(gone)
    assert (await phone.get("/me")).headers["Location"] == "/me/hand-over"
    assert "It stays with" not in text(await phone.get("/me/hand-over"))
    await take_it(phone, "B")
    assert "Béla" in text(await phone.get("/me"))
    assert [p.name for p in session.participants().values()] == ["Béla", ""]


async def test_each_has_a_kernel_of_their_own(running: Running) -> None:
    session, phone = await shared(running)
    await phone.open_page("welcome")
    await phone.hang_up()
    await hand_over(phone, "B", "/me")
    await take_it(phone, "B")
    page = await phone.open_page("welcome")
    await phone.hang_up()
    assert "<bdi>Béla</bdi> is holding the phone" in text(page)
    owners = running.services.seats.owners()
    assert {owner.subject for owner in owners} == set(session.participants())


async def test_the_line_of_whose_turn_it_is_is_not_kept_with_the_page(running: Running) -> None:
    """Ama's own phone is sent the same kept page without it."""
    _, phone = await shared(running)
    (her_code,) = await phone.codes()
    assert "is holding the phone" in text(await phone.open_page("welcome"))
    await phone.hang_up()
    own = running.phone()
    await own.come_back(her_code)
    assert "is holding the phone" not in text(await own.open_page("welcome"))
    await own.hang_up()


async def test_a_closed_session_opens_its_own_practice_to_a_return_code(running: Running) -> None:
    session = running.new_session()
    phone, own = running.phone(), running.phone()
    await phone.join(session.info.code, "Ada")
    (code,) = await phone.codes()
    session.close(utc_now(), "facilitator")
    assert (await own.come_back(code)).code == 303
    page = text(await own.get("/me"))
    assert "your own practice stays open until" in page
