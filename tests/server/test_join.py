"""The join page: who gets which place, and what everybody else is told."""

from __future__ import annotations

import asyncio
import re
import time
from datetime import timedelta
from typing import Any

import pytest

from reconnect_widgets.errors import RecordWriteError
from reconnect_widgets.records import SessionRecord
from reconnect_widgets.server import join, seating
from reconnect_widgets.server.kernels import KernelOwner
from reconnect_widgets.server.rate_limit import JOIN_BY_ADDRESS, RETURN_BY_ADDRESS, Limit
from reconnect_widgets.system import utc_now
from tests.server.conftest import Running
from tests.server.kernel_room import until
from tests.support.phone import text


def people(session: SessionRecord) -> list[tuple[str, str, str | None]]:
    """Return name, couple and slot of everybody present, as the record has them."""
    return sorted(
        (person.name, person.dyad_id, person.partner_slot)
        for person in session.participants().values()
        if person.withdrawn_at is None
    )


async def test_one_person_alone_joins_and_is_in_the_record(running: Running) -> None:
    session = running.new_session()
    answer = await running.phone().join(session.info.code, "Ada")
    assert (answer.code, answer.headers["Location"]) == (303, "/me")
    assert people(session) == [("Ada", "", None)]


async def test_a_kernel_is_started_for_whoever_has_a_seat_and_for_nobody_else(
    running: Running,
) -> None:
    session, seats = running.new_session(), running.services.seats
    phone = running.phone()
    await phone.get(f"/j/{session.info.code}")
    refused = await phone.join("ZZZZZZ", "Ada")
    assert refused.code == 404
    assert not seats.taken
    await phone.join(session.info.code, "Ada")
    (participant_id,) = session.participants()
    owner = KernelOwner("participant", session.session_id, participant_id)
    await until(lambda: seats.kernel_of(owner) is not None)
    assert seats.taken == 1


async def test_a_couple_joins_with_the_code_that_the_first_one_gets(running: Running) -> None:
    session = running.new_session()
    ada, bo = running.phone(), running.phone()
    await ada.join_couple(session.info.code, "Ada", "B")
    couple_code = (await ada.codes())[-1]
    answer = await bo.join_couple(session.info.code, "Bo", "", couple_code.lower())
    assert answer.code == 303
    (ada_seat, bo_seat) = people(session)
    assert ada_seat == ("Ada", bo_seat[1], "B")
    assert bo_seat[2] == "A"  # the free place, as nothing was chosen
    assert "Bo" in text(await ada.get("/me"))


async def test_a_code_is_taken_in_any_case_with_spaces_and_hyphens(running: Running) -> None:
    code = running.new_session().info.code
    spoken = f" {code[:3].lower()}-{code[3:].lower()} "
    assert (await running.phone().join(spoken)).code == 303


async def test_looking_takes_no_seat(running: Running) -> None:
    session = running.new_session()
    phone = running.phone()
    for path in ("/", f"/j/{session.info.code}", f"/j/{session.info.code}?with=ABCDE"):
        assert (await phone.get(path)).code == 200
        assert (await phone._request("HEAD", path, None, {})).code == 200
    assert people(session) == []


async def test_the_link_fills_the_form_in(running: Running) -> None:
    page = text(await running.phone().get("/j/k7f3mq?with=abcde"))
    assert 'value="K7F3MQ"' in page
    assert 'value="ABCDE"' in page
    assert re.search(r'value="couple"[^>]*checked', page)


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"code": ""}, 422, "Please type the code"),
        ({"code": "ABC"}, 404, "has 6 characters"),
        ({"code": "ZZZZZZ"}, 404, "No session has this code"),
        ({"name": ""}, 422, "tell us a name"),
        ({"name": "a\u202eb"}, 422, "cannot be shown"),
        ({"name": "x" * 41}, 422, "at most 40"),
        ({"how": ""}, 422, "alone or together"),
        ({"how": "threesome"}, 422, "alone or together"),
        ({"how": "couple", "slot": ""}, 422, "choose A or B"),
        ({"how": "couple", "slot": "C"}, 422, "choose A or B"),
        ({"how": "couple", "slot": "A", "couple_code": "ZZZZZ"}, 404, "No couple in this session"),
    ],
)
async def test_every_refusal_says_what_to_do_and_keeps_the_form(
    running: Running, fields: dict[str, str], status: int, words: str
) -> None:
    session = running.new_session()
    form = {"name": "Ada Ünal", "how": "alone", "code": session.info.code, **fields}
    phone = running.phone()
    page = await phone.get("/")
    answer = await phone.submit(page, "/", {"action": "join", **form})
    shown = text(answer)
    assert answer.code == status
    assert words in shown
    if "name" not in fields:
        assert 'value="Ada Ünal"' in shown
    if "code" not in fields:
        assert f'value="{session.info.code}"' in shown
    assert 'role="alert"' in shown
    assert people(session) == []


async def test_all_that_is_missing_is_said_at_once(running: Running) -> None:
    phone = running.phone()
    shown = text(await phone.submit(await phone.get("/"), "/", {"action": "join"}))
    for field in ("code", "name", "how-alone"):
        assert f'href="#{field}"' in shown


async def test_closed_and_expired_sessions_are_told_apart(running: Running) -> None:
    closed, expired = running.new_session("Closed"), running.new_session("Expired", keep_days=1)
    closed.close(utc_now(), "facilitator")
    old = text_of_session_file(expired)
    answer = await running.phone().join(closed.info.code)
    assert answer.code == 410
    assert "has been closed" in text(answer)
    (expired.folder / "session.json").write_text(old)
    answer = await running.phone().join(expired.info.code)
    assert answer.code == 410
    assert "end date" in text(answer)


def text_of_session_file(session: SessionRecord) -> str:
    """Return the session's file with a keep date that has passed."""
    day = (utc_now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    content = (session.folder / "session.json").read_text()
    return re.sub(r'("keep_until": )"[^"]+"', rf'\g<1>"{day}"', content)


async def test_a_link_to_a_closed_session_says_so_at_once(running: Running) -> None:
    session = running.new_session("Private title")
    phone, ada = running.phone(), running.phone()
    await ada.join(session.info.code, "Ada")
    assert (await phone.get(f"/j/{session.info.code}")).code == 200
    session.close(utc_now(), "facilitator")
    shown = await phone.get(f"/j/{session.info.code}")
    assert shown.code == 410
    assert "has been closed" in text(shown)
    assert "Private title" not in text(shown)
    # Who has a place there can still come back to it.
    hers = await ada.get(f"/j/{session.info.code}")
    assert hers.code == 200
    assert "Welcome back" in text(hers)


async def test_a_link_with_a_wrong_code_says_so_and_counts_as_a_guess(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = running.new_session()
    monkeypatch.setattr(join, "JOIN_BY_ADDRESS", Limit(burst=3, refill_per_s=0.01))
    phone = running.phone()
    for _ in range(5):  # a right code costs nothing
        assert (await phone.get(f"/j/{session.info.code}")).code == 200
    statuses = [(await phone.get("/j/ZZZZZZ")).code for _ in range(4)]
    assert statuses == [404, 404, 404, 429]
    assert (await phone.get(f"/j/{session.info.code}")).code == 429


async def test_a_taken_place_and_a_full_couple_are_told_apart(running: Running) -> None:
    session = running.new_session()
    ada, bo, cy = running.phone(), running.phone(), running.phone()
    await ada.join_couple(session.info.code, "Ada", "A")
    couple_code = (await ada.codes())[-1]
    taken = await bo.join_couple(session.info.code, "Bo", "A", couple_code)
    assert taken.code == 409
    assert "you are B" in text(taken)
    assert (await bo.join_couple(session.info.code, "Bo", "B", couple_code)).code == 303
    full = await cy.join_couple(session.info.code, "Cy", "B", couple_code)
    assert full.code == 409
    assert "Both places" in text(full)
    assert len(people(session)) == 2


async def test_a_couple_code_of_another_session_opens_nothing(running: Running) -> None:
    here, there = running.new_session("Here"), running.new_session("There")
    ada, bo = running.phone(), running.phone()
    await ada.join_couple(here.info.code, "Ada", "A")
    couple_code = (await ada.codes())[-1]
    answer = await bo.join_couple(there.info.code, "Bo", "B", couple_code)
    assert answer.code == 404
    assert people(there) == []


@pytest.fixture
def slow_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a write take long enough for everybody else to be in the middle of joining."""
    append = seating._append_person

    def slowly(*args: Any) -> None:
        time.sleep(0.1)
        append(*args)

    monkeypatch.setattr(seating, "_append_person", slowly)


@pytest.mark.usefixtures("slow_disk")
async def test_pressing_join_twice_gives_one_seat(running: Running) -> None:
    session = running.new_session()
    phone = running.phone()
    page = await phone.get("/")
    form = {
        "action": "join",
        "code": session.info.code,
        "name": "Ada",
        "how": "couple",
        "slot": "A",
    }
    answers = await asyncio.gather(*(phone.submit(page, "/", form) for _ in range(5)))
    assert {answer.code for answer in answers} == {303}
    assert len(people(session)) == 1


@pytest.mark.usefixtures("slow_disk")
async def test_two_who_want_the_same_place_at_once_get_one_and_a_word(running: Running) -> None:
    session = running.new_session()
    ada = running.phone()
    await ada.join_couple(session.info.code, "Ada", "A")
    couple_code = (await ada.codes())[-1]
    phones = [running.phone() for _ in range(4)]
    answers = await asyncio.gather(
        *(
            phone.join_couple(session.info.code, f"Bo {number}", "B", couple_code)
            for number, phone in enumerate(phones)
        )
    )
    assert sorted(answer.code for answer in answers) == [303, 409, 409, 409]
    assert len(people(session)) == 2


async def test_forty_people_of_one_address_join_at_once(running: Running) -> None:
    session = running.new_session()
    answers = await asyncio.gather(
        *(running.phone().join(session.info.code, f"Person {number}") for number in range(40))
    )
    assert {answer.code for answer in answers} == {303}
    assert len(people(session)) == 40


async def test_guessing_is_stopped_and_says_for_how_long(running: Running) -> None:
    running.new_session()
    phone = running.phone()
    page = await phone.get("/")
    form = {"action": "join", "name": "Eve", "how": "alone"}
    statuses = []
    for number in range(int(JOIN_BY_ADDRESS.burst) + 50):
        answer = await phone.submit(page, "/", {**form, "code": f"ZZZ{number:03d}"})
        statuses.append(answer.code)
    assert statuses[:10] == [404] * 10
    assert statuses[-1] == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert "Please wait" in text(answer)


async def test_a_return_code_brings_the_same_person_back_on_another_device(
    running: Running,
) -> None:
    session = running.new_session()
    first, second = running.phone(), running.phone()
    await first.join(session.info.code, "Ada")
    return_code = (await first.codes())[0]
    answer = await second.come_back(return_code.lower().replace("-", " "))
    assert (answer.code, answer.headers["Location"]) == (303, "/w/")
    assert await second.codes() == await first.codes()
    assert len(people(session)) == 1


async def test_the_record_holds_no_return_code(running: Running) -> None:
    session = running.new_session()
    phone = running.phone()
    await phone.join(session.info.code, "Ada")
    return_code = (await phone.codes())[0]
    session.merge()
    for path in session.folder.rglob("*"):
        if path.is_file():
            content = path.read_text()
            assert return_code not in content
            assert return_code.replace("-", "") not in content


async def test_wrong_return_codes_run_out(running: Running) -> None:
    running.new_session()
    phone = running.phone()
    statuses = [
        (await phone.come_back(f"AAAAA-AAA{number:02d}")).code
        for number in range(int(RETURN_BY_ADDRESS.burst) + 3)
    ]
    assert statuses[0] == 404
    assert statuses[-1] == 429
    assert (await running.phone().come_back("")).code == 422


async def test_who_has_a_seat_is_asked_whether_to_go_on(running: Running) -> None:
    session = running.new_session()
    phone = running.phone()
    await phone.join(session.info.code, "Ada")
    shown = text(await phone.get("/"))
    assert "Continue as <bdi>Ada</bdi>" in shown
    assert 'name="code"' not in shown
    other = text(await phone.get("/?other=1"))
    assert 'name="code"' in other
    assert (await phone.join(session.info.code, "Bo")).code == 303
    assert "Continue as <bdi>Bo</bdi>" in text(await phone.get("/"))
    assert [name for name, _, _ in people(session)] == ["Ada", "Bo"]


async def test_a_name_is_shown_as_text_whatever_it_says(running: Running) -> None:
    session = running.new_session()
    phone = running.phone()
    await phone.join(session.info.code, "<img src=x onerror=alert(1)>")
    for path in ("/", "/me"):
        shown = text(await phone.get(path))
        assert "<img" not in shown
        assert "&lt;img" in shown


async def test_a_form_from_another_site_takes_no_seat(running: Running) -> None:
    session = running.new_session()
    phone = running.phone()
    await phone.get("/")
    form = {"action": "join", "code": session.info.code, "name": "Ada", "how": "alone"}
    forged = await phone.post("/", {**form, "_xsrf": "made-up"})
    assert forged.code == 403
    assert "allow cookies" in text(forged)
    assert people(session) == []


async def test_a_disk_that_takes_no_writes_is_told_and_the_form_is_kept(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = running.new_session()

    def full(*args: object) -> None:
        raise RecordWriteError("no space left")

    monkeypatch.setattr(seating, "_append_person", full)
    answer = await running.phone().join(session.info.code, "Ada")
    assert answer.code == 503
    assert "could not be saved" in text(answer)
    assert 'value="Ada"' in text(answer)
    monkeypatch.undo()
    assert (await running.phone().join(session.info.code, "Ada")).code == 303


async def test_seats_outlive_the_server(running: Running) -> None:
    """A second server over the same folder knows the cookies and the codes of the first."""
    session = running.new_session()
    phone = running.phone()
    await phone.join(session.info.code, "Ada")
    return_code = (await phone.codes())[0]
    running.services.hub._views.clear()  # what a restart forgets
    assert await phone.codes() == [return_code]
