"""A door that counts seats: who is let in, who always is, and who is told kindly to wait."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from reconnect_widgets.records import SessionRecord
from reconnect_widgets.server.seating import SeatWriter
from reconnect_widgets.system import utc_now
from tests.server.conftest import Running
from tests.support.phone import text


def with_seats(running: Running, seats: int, **more: object) -> SessionRecord:
    session = running.new_session()
    session.prepare({"door": "seats", "seats": seats, **more}, utc_now(), "facilitator")
    return session


def people(session: SessionRecord) -> int:
    return sum(person.withdrawn_at is None for person in session.participants().values())


async def test_people_come_in_until_the_seats_are_taken(running: Running) -> None:
    session = with_seats(running, 2)
    code = session.info.code
    answers = [await running.phone().join(code, name) for name in ("Ada", "Bo", "Cy")]
    assert [answer.code for answer in answers] == [303, 303, 409]
    assert "No seat is free just now" in text(answers[2])
    assert "tell your facilitator" in text(answers[2])
    assert 'value="Cy"' in text(answers[2])  # the form is as it was filled
    assert people(session) == 2


async def test_an_open_door_counts_nobody(running: Running) -> None:
    session = running.new_session()
    session.prepare({"seats": 1}, utc_now(), "facilitator")
    for name in ("Ada", "Bo"):
        assert (await running.phone().join(session.info.code, name)).code == 303


async def test_a_couple_takes_two_seats_when_the_first_of_them_comes(running: Running) -> None:
    session = with_seats(running, 3)
    code = session.info.code
    ada = running.phone()
    await ada.join_couple(code, "Ada", "A")
    assert (await running.phone().join(code, "Solo")).code == 303
    assert (await running.phone().join(code, "Late")).code == 409
    # The partner's seat was kept all the while.
    couple_code = (await ada.codes())[-1]
    assert (await running.phone().join_couple(code, "Bo", "", couple_code)).code == 303
    assert people(session) == 3


async def test_one_seat_is_not_enough_for_a_couple(running: Running) -> None:
    session = with_seats(running, 1)
    for refused in (
        await running.phone().join_couple(session.info.code, "Ada", "A"),
        await running.phone().join_both(session.info.code),
    ):
        assert refused.code == 409
        assert "There is one seat left, and a couple needs two" in text(refused)
    assert people(session) == 0
    assert (await running.phone().join(session.info.code, "Solo")).code == 303


async def test_a_code_of_no_couple_opens_no_full_door(running: Running) -> None:
    session = with_seats(running, 1)
    await running.phone().join(session.info.code, "Ada")
    refused = await running.phone().join_couple(session.info.code, "Bo", "A", "ZZZZZ")
    assert refused.code == 404
    assert people(session) == 1


async def test_who_comes_back_is_never_refused(running: Running) -> None:
    session = with_seats(running, 2)
    ada = running.phone()
    await ada.join(session.info.code, "Ada")
    return_code = (await ada.codes())[0]
    await running.phone().join(session.info.code, "Bo")
    session.prepare({"seats": 1}, utc_now(), "facilitator")
    back = await running.phone().come_back(return_code)
    assert back.code == 303
    assert people(session) == 2  # fewer seats send nobody away
    assert (await ada.get("/me")).code == 200


@pytest.mark.parametrize("how", ["alone", "couple", "one-device"])
async def test_pressing_join_twice_is_one_arrival_at_the_last_seat(
    running: Running, how: str
) -> None:
    session = with_seats(running, 1 if how == "alone" else 2)
    phone = running.phone()
    page = await phone.get("/")
    form = {"action": "join", "code": session.info.code, "name": "Ada", "how": how}
    form |= {"slot": "A", "partner_name": "Bo"}
    answers = [await phone.submit(page, "/", form) for _ in range(2)]
    assert [answer.code for answer in answers] == [303, 303]
    assert people(session) == (2 if how == "one-device" else 1)


async def test_of_six_who_come_at_once_for_the_last_seat_one_gets_it(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = with_seats(running, 1)
    phones = [running.phone() for _ in range(6)]
    lock = running.services.hub.view(session.session_id).seating
    writing: list[str] = []
    write = SeatWriter._write_joined

    def write_when_all_have_come(*args: Any) -> None:
        """Nobody's row is written before everybody else stands at the door, or writes too."""
        writing.append("one more")
        for _ in range(2000):
            if len(writing) + len(lock._waiters or ()) == len(phones):
                break
            time.sleep(0.01)
        write(*args)

    monkeypatch.setattr(SeatWriter, "_write_joined", write_when_all_have_come)
    answers = await asyncio.gather(
        *(phone.join(session.info.code, f"P{n}") for n, phone in enumerate(phones))
    )
    assert sorted(answer.code for answer in answers) == [303, *[409] * 5]
    assert people(session) == 1


async def test_of_two_couples_who_come_at_once_for_the_last_two_seats_one_gets_both(
    running: Running,
) -> None:
    session = with_seats(running, 3)
    await running.phone().join(session.info.code, "Ada")
    answers = await asyncio.gather(
        *(running.phone().join_both(session.info.code, f"A{n}", f"B{n}") for n in range(4))
    )
    assert sorted(answer.code for answer in answers) == [303, *[409] * 3]
    assert people(session) == 3


async def test_who_withdraws_makes_room(running: Running) -> None:
    session = with_seats(running, 1)
    ada = running.phone()
    await ada.join(session.info.code, "Ada")
    assert (await running.phone().join(session.info.code, "Bo")).code == 409
    session.withdraw(next(iter(session.participants())), utc_now())
    assert (await running.phone().join(session.info.code, "Bo")).code == 303


async def test_another_seat_lets_one_more_in_at_once(running: Running) -> None:
    session = with_seats(running, 1)
    await running.phone().join(session.info.code, "Ada")
    assert (await running.phone().join(session.info.code, "Bo")).code == 409
    session.prepare({"seats": 2}, utc_now(), "facilitator")
    assert (await running.phone().join(session.info.code, "Bo")).code == 303


async def test_a_link_to_a_full_session_says_so_and_keeps_the_form(running: Running) -> None:
    session = with_seats(running, 1)
    link = f"/j/{session.info.code}"
    assert "All seats" not in text(await running.phone().get(link))
    await running.phone().join(session.info.code, "Ada")
    page = await running.phone().get(link)
    assert page.code == 200
    assert "All seats of this session are taken" in text(page)
    assert 'name="couple_code"' in text(page)


@pytest.mark.parametrize(
    ("visibility", "told"),
    [
        ("off", "Lists show a code in its place"),
        ("facilitator", "Your facilitator sees it on the list"),
        ("everyone", "the screen for the group may say that you are here"),
    ],
)
async def test_who_will_see_a_name_is_said_where_it_is_asked_for(
    running: Running, visibility: str, told: str
) -> None:
    session = running.new_session()
    session.prepare({"name_visibility": visibility}, utc_now(), "facilitator")
    assert told in text(await running.phone().get(f"/j/{session.info.code}"))
    # Without a code nobody can know; what could be is said.
    assert "in some groups it also stands on the screen" in text(await running.phone().get("/"))
