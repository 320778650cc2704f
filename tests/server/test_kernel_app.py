"""The kernel's two halves: what a warm parent makes and rehearses, and what each process opens."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import zmq
from jupyter_client.session import Session
from tornado.ioloop import IOLoop

from reconnect_widgets.server.forking import can_fork
from reconnect_widgets.server.kernel_app import _Publisher
from tests.server.kernel_room import KernelRoom, kernel_room, participant

WAYS = [True, False] if can_fork() else [False]


@pytest.fixture(params=WAYS, ids=lambda forks: "forked" if forks else "started")
async def room(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[KernelRoom]:
    async with kernel_room(request.param, tmp_path) as room:
        yield room


async def test_no_two_kernels_have_an_id_in_common(room: KernelRoom) -> None:
    code = "kernel = get_ipython().kernel\n[kernel.ident, kernel.session.session]"
    first, second = [
        await room.run(await room.seats.ensure(participant(number)), code) for number in (1, 2)
    ]
    assert len({*first, *second}) == 4


async def test_the_rehearsal_leaves_nothing_behind(room: KernelRoom) -> None:
    left = await room.run(
        await room.seats.ensure(participant()),
        "import comm, ipywidgets.widgets.widget as w\n"
        "from reconnect_widgets.workbook.show import DESK\n"
        "{'widgets': len(w._instances), 'comms': len(comm.get_comm_manager().comms),"
        " 'context': DESK.context is not None, 'presenter': DESK.presenter is not None,"
        " 'names': 'rehearse' in globals()}",
    )
    assert left == {
        "widgets": 0,
        "comms": 0,
        "context": False,
        "presenter": False,
        "names": False,
    }


def test_the_rehearsal_goes_well_and_leaves_no_key_message_or_loop() -> None:
    program = (
        "import os\n"
        "from reconnect_widgets.server import kernel_app, kernel_main\n"
        "kernel_main.warm('participant')\n"
        "before = set(os.listdir('/dev/fd'))\n"
        "app = kernel_app.build_app()\n"
        "said = []\n"
        "kernel_app._Nowhere.send_multipart = lambda self, parts, **more: said.append(parts)\n"
        "app.rehearse()\n"
        "kinds = [json for parts in said for json in parts if b'msg_type' in json]\n"
        "assert app.shell.last_execution_succeeded\n"
        "assert any(b'comm_open' in kind for kind in kinds)\n"
        "assert not app.session.key and not app.session.digest_history\n"
        "assert not app.kernel.get_parent()\n"
        "assert set(os.listdir('/dev/fd')) == before\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


async def test_a_cell_is_plain_python(room: KernelRoom, tmp_path: Path) -> None:
    kernel_id = await room.seats.ensure(participant())
    made = tmp_path / "made"
    with pytest.raises(AssertionError, match="SyntaxError"):
        await room.run(kernel_id, f"!touch {made}\n1")
    assert not made.exists()
    assert await room.run(kernel_id, "sum(\n[1, 2])\n2 % 3") == 2


async def test_what_a_cell_prints_is_published_from_any_thread(room: KernelRoom) -> None:
    kernel_id = await room.seats.ensure(participant())
    client = room.manager.get_kernel(kernel_id).client()
    client.start_channels()
    printed = {"stdout": "", "stderr": ""}
    try:
        await client.wait_for_ready(timeout=60)
        client.execute(
            "import sys, threading\n"
            "print('main')\n"
            "print('trouble', file=sys.stderr)\n"
            "other = threading.Thread(target=lambda: print('other', flush=True))\n"
            "other.start(); other.join()"
        )
        while printed["stdout"].split() != ["main", "other"] or printed["stderr"] != "trouble\n":
            message = await client.get_iopub_msg(timeout=20)
            if message["msg_type"] == "stream":
                printed[message["content"]["name"]] += message["content"]["text"]
    finally:
        client.stop_channels()


def test_who_subscribes_while_a_cell_publishes_is_welcomed_at_once() -> None:
    """ZeroMQ announces a subscription once, and a send may be what hears of it."""
    context = zmq.Context()
    loop = IOLoop(make_current=False)
    source, listener = context.socket(zmq.XPUB), context.socket(zmq.SUB)
    try:
        source.bind("inproc://published")
        publisher = _Publisher(source, Session(key=b"x"), loop)
        listener.subscribe(b"")
        listener.connect("inproc://published")
        heard: list[bytes] = []
        for _ in range(1000):  # its loop does not run: all this is one cell
            publisher.send_multipart([b"a message"])
            while listener.poll(1):
                heard += listener.recv_multipart()
            if any(b"iopub_welcome" in part for part in heard):
                break
        assert any(b"iopub_welcome" in part for part in heard)
    finally:
        listener.close(0)
        source.close(0)
        context.term()
        loop.close()
