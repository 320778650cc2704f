"""My place: codes, the partner, and taking everything back."""

from __future__ import annotations

import pytest

from reconnect_widgets.errors import RecordWriteError
from reconnect_widgets.records import SessionRecord
from reconnect_widgets.server.kernels import KernelOwner
from reconnect_widgets.system import new_event_id
from tests.server.conftest import Running
from tests.server.test_join import people
from tests.support.phone import text


def id_of(session: SessionRecord, name: str) -> str:
    return next(p.participant_id for p in session.participants().values() if p.name == name)


def answer(session: SessionRecord, participant_id: str) -> None:
    """Record one answer, as the person's kernel would."""
    writer = session.open_writer(participant_id)
    writer.append_answer(
        exercise="checkup",
        round_=1,
        item="presence-1",
        status="answered",
        value="3",
        event_id=new_event_id(),
        participant_id=participant_id,
        dyad_id=session.participants()[participant_id].dyad_id,
        content_version="1",
    )
    writer.close()


async def test_the_first_partner_sees_codes_and_a_picture_for_the_second(running: Running) -> None:
    session = running.new_session()
    phone = running.phone()
    await phone.join_couple(session.info.code, "Ada", "A")
    page = text(await phone.get("/me"))
    assert len(await phone.codes()) == 3
    assert "<svg" in page
    assert 'role="img"' in page
    assert 'href="/w/welcome"' in page


async def test_somebody_alone_sees_no_couple_code(running: Running) -> None:
    session = running.new_session()
    phone = running.phone()
    await phone.join(session.info.code, "Ada")
    assert len(await phone.codes()) == 1
    assert "<svg" not in text(await phone.get("/me"))


async def test_two_who_both_began_sit_together_with_one_code(running: Running) -> None:
    session = running.new_session()
    ada, bo = running.phone(), running.phone()
    await ada.join_couple(session.info.code, "Ada", "A")
    await bo.join_couple(session.info.code, "Bo", "A")
    couple_code = (await ada.codes())[-1]
    moved = await bo.press("/me", couple_code=couple_code)
    assert (moved.code, moved.headers["Location"]) == (303, "/me")
    ada_seat, bo_seat = people(session)
    assert ada_seat[1] == bo_seat[1]
    assert (ada_seat[2], bo_seat[2]) == ("A", "B")
    assert "Ada" in text(await bo.get("/me"))


async def test_somebody_alone_can_still_sit_with_the_partner(running: Running) -> None:
    session = running.new_session()
    ada, bo = running.phone(), running.phone()
    await ada.join_couple(session.info.code, "Ada", "B")
    await bo.join(session.info.code, "Bo")
    assert (await bo.press("/me", couple_code=(await ada.codes())[-1])).code == 303
    assert {seat[2] for seat in people(session)} == {"A", "B"}


async def test_moving_ends_the_kernel_that_knew_the_old_couple(running: Running) -> None:
    session = running.new_session()
    ada, bo = running.phone(), running.phone()
    await ada.join_couple(session.info.code, "Ada", "A")
    await bo.join_couple(session.info.code, "Bo", "A")
    owner = KernelOwner("participant", session.session_id, id_of(session, "Bo"))
    await running.services.seats.ensure(owner)
    await bo.press("/me", couple_code=(await ada.codes())[-1])
    assert running.services.seats.kernel_of(owner) is None


async def test_a_place_can_be_changed_only_before_the_first_answer(running: Running) -> None:
    session = running.new_session()
    ada, bo = running.phone(), running.phone()
    await ada.join_couple(session.info.code, "Ada", "A")
    await bo.join_couple(session.info.code, "Bo", "A")
    couple_code = (await ada.codes())[-1]
    answer(session, id_of(session, "Bo"))
    refused = await bo.submit(await bo.get("/?other=1"), "/me", {"couple_code": couple_code})
    assert refused.code == 409
    assert "answered already" in text(refused)
    assert people(session)[0][1] != people(session)[1][1]


@pytest.mark.parametrize(
    ("code", "status"), [("", 422), ("ZZZZZ", 404), ("own", 404), ("full", 409)]
)
async def test_a_code_that_leads_nowhere_is_told(running: Running, code: str, status: int) -> None:
    session = running.new_session()
    ada, bo, cy = running.phone(), running.phone(), running.phone()
    await ada.join_couple(session.info.code, "Ada", "A")
    couple_code = (await ada.codes())[-1]
    await bo.join_couple(session.info.code, "Bo", "B", couple_code)
    await cy.join_couple(session.info.code, "Cy", "A")
    typed = {"own": (await cy.codes())[-1], "full": couple_code}.get(code, code)
    refused = await cy.press("/me", couple_code=typed)
    assert refused.code == status
    assert 'role="alert"' in text(refused)
    assert len({dyad for _, dyad, _ in people(session)}) == 2


async def test_withdrawing_erases_everything_about_the_person_and_nobody_else(
    running: Running,
) -> None:
    session = running.new_session()
    ada, bo = running.phone(), running.phone()
    await ada.join_couple(session.info.code, "Ada-MARKER", "A")
    couple_code = (await ada.codes())[-1]
    await bo.join_couple(session.info.code, "Bo", "B", couple_code)
    participant_id = id_of(session, "Ada-MARKER")
    answer(session, participant_id)
    return_code = (await ada.codes())[0]
    assert (await ada.get("/me/withdraw")).code == 200
    assert people(session)[0][0] == "Ada-MARKER"  # asking alone does nothing
    done = await ada.press("/me/withdraw")
    assert done.code == 200
    assert "It is erased" in text(done)
    assert [name for name, _, _ in people(session)] == ["Bo"]
    for path in session.folder.rglob("*"):
        if path.is_file():
            assert "MARKER" not in path.read_text()
    assert (await ada.get("/me")).code == 403
    assert (await running.phone().come_back(return_code)).code == 404
    assert "not here yet" in text(await bo.get("/me"))


async def test_a_withdrawal_that_the_disk_refuses_changes_nothing(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = running.new_session()
    phone = running.phone()
    await phone.join(session.info.code, "Ada")

    def full(*args: object, **kwargs: object) -> None:
        raise RecordWriteError("no space left")

    monkeypatch.setattr(SessionRecord, "withdraw", full)
    refused = await phone.press("/me/withdraw")
    assert refused.code == 503
    assert "Nothing has" in text(refused)
    assert (await phone.get("/me")).code == 200


async def test_leaving_signs_out_of_everything_and_goes_somewhere_neutral(running: Running) -> None:
    session = running.new_session()
    phone = await running.facilitator()
    await phone.join(session.info.code, "Ada")
    left = await phone.get("/leave")
    assert left.code == 303
    neutral = await phone.get(left.headers["Location"])
    assert neutral.code == 200
    assert "Set-Cookie" not in neutral.headers
    for ours in ("Reconnect", "workbook", "partner", "session", "rc-"):
        assert ours not in text(neutral)
    assert (await phone.get("/me")).code == 403
    assert (await phone.get("/facilitator")).code == 303


async def test_a_beacon_without_a_form_token_signs_out_too(running: Running) -> None:
    session = running.new_session()
    phone = running.phone()
    await phone.join(session.info.code, "Ada")
    beacon = {"Origin": running.url, "Content-Type": "text/plain;charset=UTF-8"}
    assert (await phone._request("POST", "/leave", "", beacon)).code == 204
    assert (await phone.get("/me")).code == 403


async def test_the_safety_page_needs_nothing(running: Running) -> None:
    for path in ("/safety", "/w/safety"):
        answer_ = await running.phone().get(path)
        assert answer_.code == 200
        assert "988" in text(answer_)
        assert "Set-Cookie" not in answer_.headers
    assert running.services.seats.owners() == []
