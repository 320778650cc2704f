"""People and sessions that another process erased, closed or outlived."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from reconnect_widgets.server import phone_address
from reconnect_widgets.server.kernels import KernelOwner
from reconnect_widgets.system import utc_now
from tests.server.conftest import Running
from tests.server.test_join import text_of_session_file
from tests.server.test_live import listening
from tests.server.test_me import id_of
from tests.support.phone import text


async def test_a_session_past_its_end_date_knows_nobody_any_more(running: Running) -> None:
    session = running.new_session()
    phone = running.phone()
    await phone.join(session.info.code, "Ada")
    return_code = (await phone.codes())[0]
    (session.folder / "session.json").write_text(text_of_session_file(session))
    assert (await phone.get("/me")).code == 403
    assert (await phone.get("/w/welcome")).code == 403
    assert (await running.phone().come_back(return_code)).code == 410


async def test_a_closed_session_can_still_be_read(running: Running) -> None:
    session = running.new_session()
    phone = running.phone()
    await phone.join(session.info.code, "Ada")
    session.close(utc_now(), "cli")
    page = await phone.get("/me")
    assert page.code == 200
    assert "session is closed" in text(page)


async def test_a_session_that_the_command_line_erased_is_gone_at_once(running: Running) -> None:
    session = running.new_session()
    phone, facilitator = running.phone(), await running.facilitator()
    await phone.join(session.info.code, "Ada")
    session.purge()
    assert (await phone.get("/me")).code == 403
    assert (await facilitator.get(f"/facilitator/s/{session.session_id}")).code == 404
    assert "Tuesday group" not in text(await facilitator.get("/facilitator"))


async def test_the_kernel_of_somebody_whom_the_command_line_withdrew_is_ended(
    running: Running,
) -> None:
    session = running.new_session()
    phone, other = running.phone(), running.phone()
    await phone.join(session.info.code, "Ada")
    await other.join(session.info.code, "Bo")
    owners = [
        KernelOwner("participant", session.session_id, id_of(session, name))
        for name in ("Ada", "Bo")
    ]
    for owner in owners:
        await running.services.seats.ensure(owner)
    session.withdraw(owners[0].subject, utc_now(), actor="cli")
    assert await running.server.end_orphans() == 1
    assert running.services.seats.owners() == [owners[1]]


async def test_withdrawing_elsewhere_is_told_and_ends_the_persons_stream(running: Running) -> None:
    session = running.new_session()
    phone = running.phone()
    await phone.join(session.info.code, "Ada")
    async with listening(phone, "/live") as hers:
        await hers.next_event()
        session.withdraw(id_of(session, "Ada"), utc_now(), actor="cli")
        assert (await hers.next_event())["event"] == "message"
        await hers.end()


@pytest.mark.parametrize(
    ("host", "lan", "expected", "reaches"),
    [
        ("127.0.0.1:8866", False, "http://127.0.0.1:8866/", False),
        ("127.0.0.1:8866", True, "http://192.168.1.7:8866/", True),
        ("192.168.1.7:8866", True, "http://192.168.1.7:8866/", True),
        ("workbook.example", False, "http://workbook.example/", True),
    ],
)
def test_the_picture_leads_phones_to_an_address_they_can_open(
    monkeypatch: pytest.MonkeyPatch, host: str, lan: bool, expected: str, reaches: bool
) -> None:
    monkeypatch.setattr(phone_address, "find_lan_address", lambda: "192.168.1.7")
    handler: Any = SimpleNamespace(
        services=SimpleNamespace(settings=SimpleNamespace(lan=lan, scheme="http"), port=8866),
        request=SimpleNamespace(host=host),
        base_url=lambda: f"http://{host}/",
    )
    assert phone_address.phone_base_url(handler) == expected
    assert phone_address.reaches_phones(handler) is reaches
