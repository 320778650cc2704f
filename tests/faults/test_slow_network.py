"""Somebody at the edge of the room: 400 kbit/s, and 400 ms there and back."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from reconnect_widgets.records import Row, SessionRecord
from reconnect_widgets.server.forking import can_fork
from reconnect_widgets.system import utc_now
from tests.records.example import make_session
from tests.support.person import Person
from tests.support.server import WorkbookServer, kernels_of
from tests.support.slow_network import SlowNetwork


@pytest_asyncio.fixture(loop_scope="session")
async def person(own_server: WorkbookServer, browser: Browser) -> AsyncIterator[Person]:
    async with SlowNetwork(own_server.url, kbit_s=400, latency_ms=400) as network:
        person = Person("Ada", browser, network.url)
        await person.take_phone()
        yield person


def answers(record: SessionRecord) -> list[Row]:
    return [row for row in record.read().rows if row.kind == "answer"]


@pytest.mark.skipif(not can_fork(), reason="finds the kernel by what forked kernels have")
async def test_the_checkup_works_and_nothing_is_called_saved_that_is_not(
    own_server: WorkbookServer, person: Person
) -> None:
    server = own_server
    record = make_session(server.data_dir, now=utc_now())
    await person.join(record.info.code)
    await person.consent()
    for _ in range(4):
        await person.answer()
        assert len(answers(record)) == len(person.clicks)

    # The fifth waits for a kernel that is held: it is on its way, and nobody says otherwise.
    (kernel,) = kernels_of(server)
    kernel.send_signal(signal.SIGSTOP)
    item = await person.question()
    await person._choose(item)
    status = person.page.locator(".rc-sheet__status")
    await expect(person.page.get_by_text("1 answer is not saved yet.")).to_be_visible()
    await expect(status).to_have_text("Not saved yet")
    assert len(answers(record)) == 4
    kernel.send_signal(signal.SIGCONT)
    await person.expect_saved()
    assert [row.item for row in answers(record)] == [click.item for click in person.clicks]
    await expect(person.page.get_by_text("not saved yet")).not_to_be_visible()

    # A reload begins from nothing: first words, then the question with its answer.
    await person.page.reload(wait_until="commit")
    await expect(person.page.get_by_text("Relationship checkup").first).to_be_visible()
    assert await person.question() == item
    await person.expect_saved()
    assert len(answers(record)) == 5
    assert person.errors == []
