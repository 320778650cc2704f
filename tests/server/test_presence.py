"""Fifteen silent minutes are no inactivity: the record says that the clock runs."""

from __future__ import annotations

from reconnect_widgets.records import SessionRecord
from reconnect_widgets.records.acts import write_clock_act
from reconnect_widgets.server.kernels import KernelOwner
from tests.server.conftest import Running
from tests.server.test_me import id_of
from tests.support.phone import text

SEEN = "Away from the phone on purpose"


def touch_clock(session: SessionRecord, name: str, event: str, seconds: float = 0.0) -> None:
    participant_id = id_of(session, name)
    writer = session.open_writer(participant_id)
    writer.append_event(
        event,
        exercise="presence",
        detail=write_clock_act(1, "talk", seconds=seconds),
        participant_id=participant_id,
        dyad_id=session.participants()[participant_id].dyad_id,
    )
    writer.close()


async def test_who_is_in_their_fifteen_minutes_is_not_idle_and_not_called_so(
    running: Running,
) -> None:
    session = running.new_session()
    ada, bo, cy = running.phone(), running.phone(), running.phone()
    await ada.join_couple(session.info.code, "Ada", "A")
    await bo.join_couple(session.info.code, "Bo", "B", (await ada.codes())[-1])
    await cy.join(session.info.code, "Cy")
    facilitator = await running.facilitator()
    owners = [
        KernelOwner("participant", session.session_id, id_of(session, name))
        for name in ("Ada", "Bo", "Cy")
    ]

    async def look() -> tuple[list[bool], int]:
        """Whose kernels are kept, and how many lines of the desk say why."""
        page = text(await facilitator.get(f"/facilitator/s/{session.session_id}"))
        kept = running.services.seats._is_presence_running
        return [kept(owner) for owner in owners], page.count(SEEN)

    assert await look() == ([False] * 3, 0)
    touch_clock(session, "Ada", "clock-started", 900)
    assert await look() == ([True, True, False], 2)
    touch_clock(session, "Bo", "clock-stopped")
    assert await look() == ([False] * 3, 0)


async def test_nobody_is_kept_for_a_session_that_is_gone(running: Running) -> None:
    session = running.new_session()
    owner = KernelOwner("participant", session.session_id, "p-aaaaaa")
    assert not running.services.seats._is_presence_running(owner)
    session.purge()
    assert not running.services.seats._is_presence_running(owner)
