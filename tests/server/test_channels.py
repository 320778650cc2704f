"""What browsers may say to kernels, over real websockets to real kernels."""

from __future__ import annotations

import asyncio
import json
import logging
import struct
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_server.auth import AllowAllAuthorizer, IdentityProvider, User
from jupyter_server.services.kernels.connection.base import serialize_msg_to_ws_v1
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketClientConnection, websocket_connect

from reconnect_widgets.errors import MessageError
from reconnect_widgets.server import channels
from reconnect_widgets.server.channels import (
    Allowance,
    BrowserMessage,
    KernelChannelsHandler,
    WorkbookConnection,
    parse_message,
)
from reconnect_widgets.server.forking import can_fork
from tests.server.kernel_room import KernelRoom, kernel_room, participant, until

V1 = "v1.kernel.websocket.jupyter.org"
CONTROL = "jupyter.widget.control"


class Somebody(IdentityProvider):
    def get_user(self, handler: RequestHandler) -> User:
        return User(username="somebody")


class Handler(KernelChannelsHandler):
    def write_error(self, status_code: int, **kwargs: Any) -> None:
        self.finish()


def message(msg_type: str, content: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """One honest message as JupyterLab's client makes it, with whatever is to be dishonest."""
    header = {
        "msg_id": uuid4().hex,
        "msg_type": msg_type,
        "username": "",
        "session": "tab",
        "date": "2026-11-20T18:03:12.345Z",
        "version": "5.3",
    }
    return {
        "channel": "shell",
        "header": header,
        "parent_header": {},
        "metadata": {"version": "1.0.0"},
        "content": content,
        "buffers": [],
        **changes,
    }


def as_v1(message: dict[str, Any]) -> bytes:
    names = ("header", "parent_header", "metadata", "content")
    parts = [json.dumps(message[name]).encode() for name in names]
    return bytes(serialize_msg_to_ws_v1([*parts, *message["buffers"]], message["channel"]))


def from_v1(frame: bytes) -> dict[str, Any]:
    count = int.from_bytes(frame[:8], "little")
    offsets = struct.unpack(f"<{count}Q", frame[8 : 8 * (count + 1)])
    pieces = [frame[a:b] for a, b in pairwise(offsets)]
    return {"header": json.loads(pieces[1]), "content": json.loads(pieces[4])}


@dataclass
class Tab:
    """A browser's websocket."""

    socket: WebSocketClientConnection
    has_ended: bool = False

    async def say(self, message: dict[str, Any]) -> None:
        if self.socket.selected_subprotocol == V1:
            await self.socket.write_message(as_v1(message), binary=True)
        else:
            await self.socket.write_message(json.dumps(message))

    async def hear(self) -> dict[str, Any] | None:
        frame = None
        if not self.has_ended:
            frame = await asyncio.wait_for(self.socket.read_message(), 20)
        if frame is None:
            self.has_ended = True
            return None
        return from_v1(frame) if isinstance(frame, bytes) else json.loads(frame)

    async def hear_until(self, msg_type: str) -> tuple[dict[str, Any], set[str]]:
        """Return the first message of a type, and the types of all heard until then."""
        heard: set[str] = set()
        while True:
            message = await self.hear()
            assert message is not None, f"hung up with {self.socket.close_code}, heard {heard}"
            heard.add(message["header"]["msg_type"])
            if message["header"]["msg_type"] == msg_type:
                return message, heard

    async def close_code(self) -> int | None:
        while await self.hear() is not None:
            pass
        return self.socket.close_code

    async def is_served(self) -> bool:
        await self.say(message("comm_info_request", {}))
        await self.hear_until("comm_info_reply")
        return True


@dataclass
class Place:
    room: KernelRoom
    port: int
    kernel_id: str
    tabs: list[Tab] = field(default_factory=list)

    async def tab(self, subprotocol: str | None = None, **query: str) -> Tab:
        session = query.get("session_id", uuid4().hex)
        kernel_id = query.get("kernel_id", self.kernel_id)
        url = f"ws://127.0.0.1:{self.port}/api/kernels/{kernel_id}/channels?session_id={session}"
        protocols = [subprotocol] if subprotocol else None
        request = HTTPRequest(url, request_timeout=20)
        tab = Tab(await websocket_connect(request, subprotocols=protocols))
        self.tabs.append(tab)
        return tab

    async def close(self) -> None:
        for tab in self.tabs:
            tab.socket.close()
        for tab in self.tabs:
            await tab.close_code()


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with kernel_room(can_fork(), tmp_path) as room:
        who = Somebody(token="")
        application = Application(
            [(r"/api/kernels/(?P<kernel_id>[^/]+)/channels", Handler)],
            kernel_manager=room.manager,
            identity_provider=who,
            authorizer=AllowAllAuthorizer(identity_provider=who),
            kernel_websocket_connection_class=WorkbookConnection,
            cookie_secret="x" * 32,
            base_url="/",
            allow_remote_access=True,
        )
        listening, port = bind_unused_port()
        server = HTTPServer(application)
        server.add_socket(listening)
        kernel_id = await room.seats.ensure(participant())
        place = Place(room, port, kernel_id)
        yield place
        await place.close()
        server.stop()
        await server.close_all_connections()


@pytest.fixture(params=[None, V1], ids=["json", "binary"])
async def tab(request: pytest.FixtureRequest, place: Place) -> Tab:
    return await place.tab(request.param)


async def test_an_honest_page_reads_its_widgets(tab: Tab, place: Place) -> None:
    await place.room.run(place.kernel_id, "import ipywidgets\nw = ipywidgets.IntSlider(7)\n0")
    await tab.say(message("kernel_info_request", {}))
    await tab.hear_until("kernel_info_reply")
    await tab.say(message("comm_open", {"comm_id": "c", "target_name": CONTROL, "data": {}}))
    await tab.say(message("comm_msg", {"comm_id": "c", "data": {"method": "request_states"}}))
    states, _ = await tab.hear_until("comm_msg")
    values = [m["state"].get("value") for m in states["content"]["data"]["states"].values()]
    assert 7 in values
    await tab.say(message("comm_close", {"comm_id": "c", "data": {}}))
    assert await tab.is_served()


FORBIDDEN = {
    "code": message("execute_request", {"code": "forged = 1", "silent": True}),
    "code as a comm": message("execute_request", {"code": "forged = 1", "target_name": CONTROL}),
    "completion": message("complete_request", {"code": "impor", "cursor_pos": 5}),
    "history": message("history_request", {"hist_access_type": "tail", "n": 10}),
    "shutdown": message("shutdown_request", {"restart": False}),
    "shutdown on control": message("shutdown_request", {"restart": False}, channel="control"),
    "interrupt": message("interrupt_request", {}, channel="control"),
    "debugger": message("debug_request", {"command": "attach"}, channel="control"),
    "subshell": message("create_subshell_request", {}, channel="control"),
    "input": message("input_reply", {"value": "x"}, channel="stdin"),
    "the kernel's own channel": message("comm_msg", {"comm_id": "c", "data": {}}, channel="iopub"),
    "a channel of its own": message("comm_msg", {"comm_id": "c", "data": {}}, channel="x" * 1000),
    "a widget of its own": message(
        "comm_open",
        {
            "comm_id": "forged",
            "target_name": "jupyter.widget",
            "data": {"state": {"_model_name": "FileUploadModel"}},
        },
    ),
    "a comm to nobody": message("comm_open", {"comm_id": "forged", "data": {}}),
    "a target that is no text": message(
        "comm_open", {"comm_id": "forged", "target_name": [CONTROL], "data": {}}
    ),
}


async def test_what_browsers_may_not_say_has_no_effect(
    tab: Tab, place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    for forged in FORBIDDEN.values():
        await tab.say(forged)
    assert await tab.is_served()
    comms, names = await place.room.run(
        place.kernel_id,
        "import comm\n[list(comm.get_comm_manager().comms), list(globals())]",
    )
    assert comms == []
    assert "forged" not in names
    dropped = [record for record in caplog.records if "browsers may not send" in record.message]
    assert len(dropped) == len(FORBIDDEN)
    assert "forged" not in caplog.text


def cut(frame: bytes, count: int) -> bytes:
    """Say in the first eight bytes that there are so many offsets."""
    return count.to_bytes(8, "little") + frame[8:]


HONEST = message("comm_msg", {"comm_id": "c", "data": {"secret": "my-own-words"}})
GARBAGE: dict[str, str | bytes] = {
    "nothing": "",
    "words": "my-own-words",
    "a list": "[1, 2]",
    "null": "null",
    "deep": "[" * 30_000,
    "not a number": json.dumps(HONEST).replace('"my-own-words"', "NaN"),
    "a number too long": json.dumps(HONEST).replace('"my-own-words"', "9" * 5000),
    "no header": json.dumps({**HONEST, "header": None}),
    "no content": json.dumps({**HONEST, "content": "my-own-words"}),
    "no channel": json.dumps({**HONEST, "channel": None}),
    "buffers": json.dumps({**HONEST, "buffers": ["my-own-words"]}),
    "no type": json.dumps({**HONEST, "header": {"msg_id": "1"}}),
    "a type that is a list": json.dumps({**HONEST, "header": {"msg_id": "1", "msg_type": ["x"]}}),
    "an id without end": json.dumps(
        {**HONEST, "header": {"msg_id": "x" * 9999, "msg_type": "comm_msg"}}
    ),
    "bytes": b"\x00\xff my-own-words",
}
V1_GARBAGE: dict[str, str | bytes] = {
    "text": json.dumps(HONEST),
    "nothing": b"",
    "seven bytes": b"1234567",
    "two to the 63": cut(as_v1(HONEST), 2**63),
    "too few": cut(as_v1(HONEST), 5),
    "too many": cut(as_v1(HONEST), 7),
    "cut short": as_v1(HONEST)[:-3],
    "too long": as_v1(HONEST) + b"my-own-words",
    "offsets back": as_v1(HONEST)[:16] + bytes(8) + as_v1(HONEST)[24:],
    "a channel that is no text": as_v1(HONEST).replace(b"shell", b"\xff\xff\xff\xff\xff"),
    "parts that are no JSON": as_v1(HONEST).replace(b"{", b"("),
    "parts that are no UTF-8": as_v1(HONEST).replace(b"my-own-words", b"\xff" * 12),
    "a buffer": as_v1({**HONEST, "buffers": [b"my-own-words"]}),
}


@pytest.mark.parametrize(
    ("subprotocol", "name"),
    [*((None, name) for name in GARBAGE), *((V1, name) for name in V1_GARBAGE)],
)
def test_garbage_is_no_message(subprotocol: str | None, name: str) -> None:
    with pytest.raises(MessageError) as raised:
        parse_message((V1_GARBAGE if subprotocol else GARBAGE)[name], subprotocol)
    assert "my-own-words" not in str(raised.value)
    assert raised.value.__cause__ is None


async def test_garbage_is_hung_up_on_and_not_repeated(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for subprotocol, name in [(None, "words"), (None, "deep"), (V1, "two to the 63")]:
        tab = await place.tab(subprotocol)
        garbage = (V1_GARBAGE if subprotocol else GARBAGE)[name]
        await tab.socket.write_message(garbage, binary=isinstance(garbage, bytes))
        assert await tab.close_code() == channels.NOT_A_MESSAGE
    assert "my-own-words" not in caplog.text
    assert "Traceback" not in caplog.text
    assert await (await place.tab()).is_served()


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_none(frame: bytes) -> None:
    for subprotocol in (V1, None):
        for text in (frame, frame.decode("latin-1")):
            with suppress(MessageError):
                assert isinstance(parse_message(text, subprotocol), BrowserMessage)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    )
)
def test_honest_content_is_passed_on_as_it_was(content: object) -> None:
    honest = message("comm_msg", {"comm_id": "c", "data": content})
    for frame, subprotocol in ((json.dumps(honest), None), (as_v1(honest), V1)):
        parsed = parse_message(frame, subprotocol)
        assert parsed.is_allowed
        assert json.loads(parsed.parts()[3]) == honest["content"]


def test_a_header_is_passed_on_without_what_nobody_asked_for() -> None:
    honest = message("comm_msg", {})
    honest["header"] |= {"subshell_id": "x", "extra": {"deep": 1}}
    kept = json.loads(parse_message(json.dumps(honest), None).parts()[0])
    assert set(kept) == {"msg_id", "msg_type", "username", "session", "date", "version"}


async def test_a_message_too_large_is_hung_up_on(tab: Tab) -> None:
    await tab.say(message("comm_msg", {"comm_id": "c", "data": "x" * 60_000}))
    assert await tab.is_served()
    await tab.say(message("comm_msg", {"comm_id": "c", "data": "x" * 70_000}))
    assert await tab.close_code() == 1009


async def test_too_many_messages_are_hung_up_on(place: Place, tab: Tab) -> None:
    other = await place.tab()
    for _ in range(10_000):
        if tab.socket.close_code is not None:
            break
        try:
            await tab.say(message("comm_msg", {"comm_id": "c", "data": {}}))
        except Exception as error:
            assert type(error).__name__ == "WebSocketClosedError"
            break
    assert await tab.close_code() == channels.TOO_FAST
    assert await other.is_served()


def test_an_allowance_is_used_up_and_comes_back() -> None:
    now = [0.0]
    allowance = Allowance(burst=3, per_s=2, clock=lambda: now[0])
    assert [allowance.take() for _ in range(4)] == [True, True, True, False]
    now[0] = 0.4
    assert not allowance.take()
    now[0] = 0.5
    assert [allowance.take() for _ in range(2)] == [True, False]
    now[0] = 1000
    assert [allowance.take() for _ in range(4)] == [True, True, True, False]


async def test_a_browser_that_never_reads_is_hung_up_on(place: Place) -> None:
    deaf = await place.tab(V1)
    await until(lambda: len(place.room.manager.connections_to(place.kernel_id)) == 1)
    (connection,) = place.room.manager.connections_to(place.kernel_id)
    await place.room.run(
        place.kernel_id,
        "from comm import create_comm\n"
        "chatter = create_comm('chatter')\n"
        "for _ in range(60): chatter.send('x' * 500_000)\n"
        "0",
    )
    await until(lambda: place.room.manager.connections_to(place.kernel_id) == [])
    # What waits for it is bounded; the rest of the thirty megabytes was never taken in.
    assert connection._unread_bytes < 3 * channels.MAX_UNREAD_BYTES
    assert await deaf.close_code() in {channels.NOT_READING, None, 1006}
    assert await (await place.tab()).is_served()


async def test_one_large_message_reaches_a_browser_that_reads(place: Place) -> None:
    tab = await place.tab(V1)
    await place.room.run(
        place.kernel_id,
        "from comm import create_comm\ncreate_comm('big', data='x' * 3_000_000)\n0",
    )
    opened, _ = await tab.hear_until("comm_open")
    assert len(opened["content"]["data"]) == 3_000_000


async def test_of_too_many_pages_the_oldest_is_hung_up_on(place: Place) -> None:
    tabs = [await place.tab() for _ in range(channels.MAX_SOCKETS_PER_KERNEL)]
    for tab in tabs:
        assert await tab.is_served()
    newest = await place.tab()
    assert await newest.is_served()
    assert await tabs[0].close_code() == channels.TOO_MANY_PAGES
    assert await tabs[1].is_served()


async def test_five_hundred_websockets_of_one_person_leave_a_few(place: Place) -> None:
    tabs = await asyncio.gather(*(place.tab() for _ in range(500)))
    await until(
        lambda: (
            len(place.room.manager.connections_to(place.kernel_id))
            <= channels.MAX_SOCKETS_PER_KERNEL
        )
    )
    left = [tab for tab in tabs if tab.socket.close_code is None]
    assert len(left) >= 1
    assert await (await place.tab()).is_served()


async def test_closed_pages_make_room(place: Place) -> None:
    tab = await place.tab()
    assert await tab.is_served()
    tab.socket.close()
    await until(lambda: not place.room.manager.connections_to(place.kernel_id))


async def test_pages_of_a_kernel_that_ends_are_told_at_once(tab: Tab, place: Place) -> None:
    assert await tab.is_served()
    place.room.process(place.kernel_id).kill()
    assert await tab.close_code() == channels.KERNEL_GONE
    with pytest.raises(HTTPClientError, match="404"):
        await place.tab()


async def test_printed_text_errors_and_code_do_not_reach_browsers(tab: Tab, place: Place) -> None:
    assert await tab.is_served()
    client = place.room.manager.get_kernel(place.kernel_id).client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=20)
        await client.execute("print('private')\n1/0", reply=True, timeout=20)
    finally:
        client.stop_channels()
    await tab.say(message("kernel_info_request", {}))
    _, heard = await tab.hear_until("kernel_info_reply")
    assert heard <= channels.KERNEL_MESSAGE_TYPES


async def test_of_a_kernels_status_browsers_hear_when_it_is_done(tab: Tab, place: Place) -> None:
    await tab.say(message("kernel_info_request", {}))
    said: list[object] = []
    while said[-1:] != [{"execution_state": "idle"}]:
        status, _ = await tab.hear_until("status")
        said.append(status["content"])
    assert said == [{"execution_state": "idle"}]


async def test_only_the_persons_own_words_count_as_a_sign_of_them(tab: Tab, place: Place) -> None:
    manager = place.room.manager
    manager.heard_from(place.kernel_id, 0.0)
    assert await tab.is_served()
    assert manager.last_heard(place.kernel_id) == 0.0
    await tab.say(message("comm_msg", {"comm_id": "c", "data": {}}))
    await until(lambda: manager.last_heard(place.kernel_id) > 0)


@pytest.mark.parametrize("session_id", ["", "ä", "a" * 65, "a%20b", "../x"])
async def test_a_session_id_is_short_and_plain(place: Place, session_id: str) -> None:
    with pytest.raises(HTTPClientError, match="400"):
        await place.tab(session_id=session_id)


async def test_an_unknown_kernel_is_not_found(place: Place) -> None:
    with pytest.raises(HTTPClientError, match="404"):
        await place.tab(kernel_id="00000000-0000-4000-8000-000000000000")
