"""A phone lies locked for an hour, in the middle of an answer, and is taken up again."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from reconnect_widgets.records import Row, SessionRecord
from reconnect_widgets.server import channels
from reconnect_widgets.server.kernels import KernelOwner
from reconnect_widgets.system import monotonic_s
from tests.server.conftest import Running, running_beside_a_browser
from tests.server.kernel_room import until
from tests.support.person import Person
from tests.support.slow_network import SlowNetwork

HOUR_S = 3600.0


running = running_beside_a_browser


@pytest_asyncio.fixture(loop_scope="session")
async def network(running: Running) -> AsyncIterator[SlowNetwork]:
    async with SlowNetwork(running.url) as network:
        yield network


@pytest_asyncio.fixture(loop_scope="session")
async def person(network: SlowNetwork, browser: Browser) -> Person:
    person = Person("Ada", browser, network.url)
    await person.take_phone()
    await person.page.clock.install()
    return person


def answers_to(record: SessionRecord, item: str) -> list[Row]:
    return [row for row in record.read().rows if row.kind == "answer" and row.item == item]


async def sleep_for_an_hour(running: Running, person: Person, owner: KernelOwner) -> None:
    """Let the page stand still and the radio be off until the server has given up on the phone."""
    cdp = await person.context.new_cdp_session(person.page)
    await cdp.send("Page.setWebLifecycleState", {"state": "frozen"})
    await person.context.set_offline(True)
    seats, manager = running.services.seats, running.services.kernel_manager
    kernel_id = seats.kernel_of(owner)
    assert kernel_id is not None
    await until(lambda: manager.connections_to(kernel_id) == [])
    seats._clock = lambda: monotonic_s() + HOUR_S
    assert await seats.cull() == []  # the session is open: they may come back any time


async def wake(person: Person, network: SlowNetwork) -> None:
    network.open()
    await person.context.set_offline(False)
    cdp = await person.context.new_cdp_session(person.page)
    await cdp.send("Page.setWebLifecycleState", {"state": "active"})
    await person.page.clock.fast_forward(int(HOUR_S * 1000))


@pytest.mark.parametrize(
    ("is_heard", "stays"),
    [
        pytest.param(False, True, id="answer lost"),
        pytest.param(True, True, id="acknowledgement lost"),
        pytest.param(True, False, id="acknowledgement lost, kernel ended"),
    ],
)
async def test_an_unsaved_answer_is_saved_once_on_waking(
    running: Running,
    network: SlowNetwork,
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
    is_heard: bool,
    stays: bool,
) -> None:
    monkeypatch.setattr(channels, "PING_S", 0.5)
    record = running.new_session()
    await person.join(record.info.code)
    await person.consent()
    await person.answer()
    item = await person.question()
    (participant,) = record.participants()
    owner = KernelOwner("participant", record.session_id, participant)
    kernel_id = running.services.seats.kernel_of(owner)

    network.shut(up=not is_heard, down=True)
    await person._choose(item)
    await expect(person.page.locator(".rc-sheet__status")).to_have_text("Saving …")
    await sleep_for_an_hour(running, person, owner)
    assert len(answers_to(record, item)) == is_heard
    if not stays:
        await running.services.seats.shutdown(owner)
    await wake(person, network)

    await person.expect_saved()
    assert len(answers_to(record, item)) == 1
    assert (running.services.seats.kernel_of(owner) == kernel_id) == stays
    await person.button("Next").click()
    await person.answer()
    given = [(row.item, row.status) for row in record.read().rows if row.kind == "answer"]
    assert given == [(click.item, click.status) for click in person.clicks]
    assert person.errors == []
