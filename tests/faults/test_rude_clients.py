"""Browsers that take all they can get, and programs that are none, beside people who answer.

What a person's own kernel makes of forged messages is in `test_forged_messages`; here it is about
everybody else: they are answered meanwhile, and the server holds no more than before.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import psutil
import pytest
from tornado.httpclient import HTTPClientError
from tornado.websocket import WebSocketClosedError, WebSocketError

from reconnect_widgets.content import load_instrument
from reconnect_widgets.records import SessionRecord
from reconnect_widgets.system import new_event_id, utc_now
from tests.records.example import make_session
from tests.server.kernel_room import until
from tests.server.people import JoiningPhone
from tests.support.server import WorkbookServer
from tests.support.slow_network import SlowNetwork

ITEMS = [item.key for item in load_instrument("checkup").items]
MANY = 500
_HUNG_UP = (WebSocketClosedError, WebSocketError, HTTPClientError, TimeoutError, OSError)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkbookServer]:
    server = WorkbookServer(tmp_path_factory.mktemp("rude") / "data").start()
    yield server
    server.stop()


@pytest.fixture
def record(server: WorkbookServer) -> SessionRecord:
    return make_session(server.data_dir, now=utc_now())


async def arrive(server: WorkbookServer, record: SessionRecord) -> JoiningPhone:
    """Join and come to the first question."""
    phone = JoiningPhone(server.url)
    assert (await phone.join(record.info.code)).code == 303
    await phone.open_page("welcome")
    for action in ("on", "on", "on", "consent-recorded"):
        assert (await phone.act(action))["type"] == "saved"
    await phone.open_page("checkup")
    assert (await phone.act("begin"))["type"] == "saved"
    return phone


@pytest.fixture
async def bystander(server: WorkbookServer, record: SessionRecord) -> AsyncIterator[JoiningPhone]:
    phone = await arrive(server, record)
    (participant_id,) = record.participants()
    yield phone
    # All of it, whatever the others did.
    rows = [row for row in record.read((participant_id,)).rows if row.kind == "answer"]
    assert [row.item for row in rows] == ITEMS
    await phone.hang_up()


async def answer_all(phone: JoiningPhone) -> None:
    for item in ITEMS:
        assert (await phone.answer(item, 2))["type"] == "saved"
    assert (await phone.get("/me")).code == 200


def connections_of(server: WorkbookServer) -> int:
    """Count what the server holds open to browsers."""
    held = psutil.Process(server.pid).net_connections("tcp")
    return sum(1 for one in held if one.status == psutil.CONN_ESTABLISHED)


async def test_five_hundred_websockets_of_one_person(
    server: WorkbookServer, record: SessionRecord, bystander: JoiningPhone
) -> None:
    greedy = await arrive(server, record)
    before, kernel_id = connections_of(server), greedy.kernel_id

    async def open_one_more() -> JoiningPhone:
        tab = JoiningPhone(server.url)
        tab.cookies = dict(greedy.cookies)
        with suppress(*_HUNG_UP):
            await tab.connect(greedy.kernel_id)
        return tab

    opening = asyncio.gather(*(open_one_more() for _ in range(MANY)))
    await answer_all(bystander)
    tabs = await opening
    await until(lambda: connections_of(server) <= before + 10)
    for tab in tabs:
        await tab.hang_up()
    await greedy.hang_up()
    await greedy.open_page("checkup")  # not even they are shut out
    assert greedy.kernel_id == kernel_id


async def test_a_page_that_asks_for_everything_and_hardly_reads(
    server: WorkbookServer, record: SessionRecord, bystander: JoiningPhone
) -> None:
    deaf = await arrive(server, record)
    memory = psutil.Process(server.pid).memory_info().rss
    async with SlowNetwork(server.url, kbit_s=100) as network:
        tab = JoiningPhone(network.url)
        tab.cookies = dict(deaf.cookies)
        await tab.connect(deaf.kernel_id)
        comm_id = new_event_id()
        about = {"comm_id": comm_id, "target_name": "jupyter.widget.control", "data": {}}
        await tab.send("comm_open", about)
        for _ in range(90):  # as many as may be said at once
            await tab.send("comm_msg", {"comm_id": comm_id, "data": {"method": "request_states"}})
        await answer_all(bystander)
        assert await still_there(deaf)
    # Each answer to it has all widgets in it; what waits for it is bounded.
    assert psutil.Process(server.pid).memory_info().rss - memory < 64 * 2**20
    await deaf.hang_up()


async def still_there(phone: JoiningPhone) -> bool:
    """Say whether the person's other page is served as before."""
    await phone.read_widgets()
    return (await phone.answer(ITEMS[0], 1))["type"] == "saved"


async def test_five_hundred_programs_that_say_half_a_sentence(
    server: WorkbookServer, bystander: JoiningPhone
) -> None:
    """Half a request each, or what is none; and nothing more, ever."""
    parts = urlsplit(server.url)
    halves = (
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\ncode=",
        b"\x16\x03\x01\x02\x00\x01\x00",
        bytes(range(256)),
        b"",
    )
    opened = []
    for number in range(MANY):
        _, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(halves[number % len(halves)])
        opened.append(writer)
    await answer_all(bystander)
    newcomer = JoiningPhone(server.url)
    assert (await newcomer.get("/")).code == 200
    for writer in opened:
        writer.transport.abort()
    await asyncio.sleep(0)
    assert "Traceback" not in server.log()
