"""Kernels as they come to life, forked and started: the same tests for both."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import psutil
import pytest
from jupyter_client.kernelspec import NoSuchKernel

from reconnect_widgets.errors import KernelStartError, MessageError
from reconnect_widgets.server import kernel_main
from reconnect_widgets.server.forking import WarmParent, can_fork
from reconnect_widgets.server.kernelspec import (
    PARTICIPANT_KERNEL,
    REVIEW_KERNEL,
    WorkbookKernelSpecManager,
)
from reconnect_widgets.server.provisioner import (
    INHERITED_VARIABLES,
    ForkProvisioner,
    clean_environment,
    wants_forks,
)
from reconnect_widgets.server.warm_parent import ForkReply, ForkRequest, serve
from reconnect_widgets.system import KernelEnvironment
from tests.server.kernel_room import (
    FACILITATOR,
    SESSION,
    KernelRoom,
    is_alive,
    kernel_room,
    participant,
    until,
)

WAYS = [True, False] if can_fork() else [False]


def open_files_of(pid: int | None) -> list[str]:
    """Return what a process has open; what it closes meanwhile is left out."""
    open_files = []
    for name in os.listdir(f"/proc/{pid}/fd"):
        with suppress(FileNotFoundError):
            open_files.append(os.readlink(f"/proc/{pid}/fd/{name}"))
    return open_files


@pytest.fixture(params=WAYS, ids=lambda forks: "forked" if forks else "started")
async def room(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[KernelRoom]:
    async with kernel_room(request.param, tmp_path) as room:
        yield room


async def test_a_kernel_knows_who_it_works_for(room: KernelRoom, tmp_path: Path) -> None:
    kernel_id = await room.seats.ensure(participant(1))
    told = await room.run(kernel_id, "import os\ndict(os.environ)")
    assert KernelEnvironment.load(told) == KernelEnvironment(
        tmp_path, SESSION, participant(1).subject, "participant"
    )


async def test_a_facilitators_kernel_has_pandas_and_a_participants_has_not(
    room: KernelRoom,
) -> None:
    code = "import sys\n'pandas' in sys.modules"
    assert await room.run(await room.seats.ensure(FACILITATOR), code) is True
    assert await room.run(await room.seats.ensure(participant()), code) is False


async def test_no_secret_of_the_server_reaches_a_kernel(
    room: KernelRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_PASSWORD", "hunter2")
    monkeypatch.setenv("JUPYTER_TOKEN", "hunter3")
    kernel_id = await room.seats.ensure(participant())
    told = await room.run(kernel_id, "import os\ndict(os.environ)")
    # What IPython sets for itself and its children.
    own = {"TERM", "CLICOLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "PAGER", "GIT_PAGER"}
    own |= {"JPY_PARENT_PID", "PYDEVD_USE_FRAME_EVAL"}
    assert set(told) <= {*INHERITED_VARIABLES, *KernelEnvironment.VARIABLES, *own}
    assert told["JPY_PARENT_PID"] == str(os.getpid())
    # What the process was begun with stays readable, whatever it did to its environment later.
    family = [room.process(kernel_id), *room.process(kernel_id).parents()]
    for process in family[: [p.pid for p in family].index(os.getpid())]:
        assert "hunter" not in Path(f"/proc/{process.pid}/environ").read_text()


async def test_a_kernel_keeps_no_history_and_loads_no_debugger(room: KernelRoom) -> None:
    kernel_id = await room.seats.ensure(participant())
    shell, names = await room.run(
        kernel_id,
        "import sys, threading\nip = get_ipython()\n"
        "[[ip.history_manager.enabled, ip.cache_size, ip.history_manager.save_thread is None],"
        " [name for name, module in sys.modules.items() if module is not None]]",
    )
    assert shell == [False, 0, True]
    assert not {"debugpy", "_pydevd_bundle"} & {name.split(".")[0] for name in names}


async def test_what_a_kernel_prints_goes_nowhere(room: KernelRoom) -> None:
    pid = room.pid(await room.seats.ensure(participant()))
    targets = {Path(f"/proc/{pid}/fd/{number}").readlink().name for number in (1, 2)}
    assert targets == {"null"}


async def test_a_kernel_reads_none_of_the_accounts_own_settings(
    room: KernelRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    startup = tmp_path / ".ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("surprise = 1")
    (startup.parent / "ipython_config.py").write_text("c.InteractiveShell.cache_size = 77")
    monkeypatch.setenv("HOME", str(tmp_path))
    kernel_id = await room.seats.ensure(participant())
    found = await room.run(kernel_id, "['surprise' in globals(), get_ipython().cache_size]")
    assert found == [False, 0]


async def test_a_kernel_takes_only_so_much_of_the_machine(room: KernelRoom) -> None:
    limits = await room.run(
        await room.seats.ensure(participant()),
        "import resource as r\n"
        "names = r.RLIMIT_AS, r.RLIMIT_FSIZE, r.RLIMIT_NOFILE, r.RLIMIT_CORE\n"
        "[r.getrlimit(name)[1] for name in names]",
    )
    memory = kernel_main.ADDRESS_SPACE_BYTES["participant"]
    assert limits == [memory, kernel_main.FILE_BYTES, kernel_main.OPEN_FILES, 0]
    refused = await room.run(
        await room.seats.ensure(participant()),
        "def take():\n"
        "    try:\n"
        "        return len(bytearray(2 * 2**30))\n"
        "    except MemoryError:\n"
        "        return 'refused'\n"
        "take()",
    )
    assert refused == "refused"


async def test_a_browser_can_ask_for_widgets_and_create_none(room: KernelRoom) -> None:
    targets = await room.run(
        await room.seats.ensure(participant()),
        "import comm\nlist(comm.get_comm_manager().targets)",
    )
    assert targets == ["jupyter.widget.control"]


async def test_each_of_two_tabs_gets_the_state_of_all_widgets(room: KernelRoom) -> None:
    kernel_id = await room.seats.ensure(participant())
    await room.run(kernel_id, "import ipywidgets\nslider = ipywidgets.IntSlider(7)\n0")
    client = room.manager.get_kernel(kernel_id).client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        # Both open before either asks: ipywidgets' own answer would go to the second, twice.
        for comm_id in ("first", "second"):
            content = {"comm_id": comm_id, "target_name": "jupyter.widget.control", "data": {}}
            client.shell_channel.send(client.session.msg("comm_open", content))
        for comm_id in ("first", "second"):
            content = {"comm_id": comm_id, "data": {"method": "request_states"}}
            client.shell_channel.send(client.session.msg("comm_msg", content))
        answers: dict[str, Any] = {}
        while len(answers) < 2:
            message = await client.get_iopub_msg(timeout=20)
            if message["msg_type"] == "comm_msg":
                answers[message["content"]["comm_id"]] = message["content"]["data"]
    finally:
        client.stop_channels()
    assert set(answers) == {"first", "second"}
    for answer in answers.values():
        assert answer["method"] == "update_states"
        assert [
            m["state"]["value"] for m in answer["states"].values() if "value" in m["state"]
        ] == [7]


async def test_a_killed_kernel_is_seen_to_have_ended(room: KernelRoom) -> None:
    kernel_id = await room.seats.ensure(participant())
    provisioner = room.manager.get_kernel(kernel_id).provisioner
    pid = room.pid(kernel_id)
    assert provisioner.has_process
    assert await provisioner.poll() is None
    os.kill(pid, signal.SIGKILL)
    await until(lambda: not provisioner.has_process, 10)
    assert await provisioner.poll() == 0
    assert not is_alive(pid)


async def test_after_the_end_nothing_is_started(tmp_path: Path) -> None:
    for forks in WAYS:
        async with kernel_room(forks, tmp_path) as room:
            await room.manager.end_all()
            for starting in (
                room.manager.warm_up("participant", "review"),
                room.manager.start_for(PARTICIPANT_KERNEL, {}),
            ):
                with pytest.raises(KernelStartError):
                    await starting
            assert [parent.pid for parent in room.manager.warm_parents.values() if parent.pid] == []


async def test_stopping_ends_every_process(tmp_path: Path) -> None:
    for forks in WAYS:
        async with kernel_room(forks, tmp_path) as room:
            await room.manager.warm_up("participant", "review")
            ids = [await room.seats.ensure(participant(number)) for number in range(3)]
            pids = [room.pid(kernel_id) for kernel_id in ids]
            pids += [parent.pid for parent in room.manager.warm_parents.values()]
            files = Path(room.manager.connection_dir)
            assert files.is_dir()
        await until(lambda pids=pids: not any(is_alive(pid) for pid in pids), 5)
        assert not files.exists()


def test_settings_and_systems_decide_on_forking() -> None:
    assert wants_forks({}) == can_fork()
    assert wants_forks({"RECONNECT_FORK": "1"}) == can_fork()
    assert not wants_forks({"RECONNECT_FORK": "0"})


def test_only_listed_variables_pass() -> None:
    assert clean_environment({"PATH": "/bin", "AWS_SECRET": "x", "LANG": "C"}) == {
        "PATH": "/bin",
        "LANG": "C",
    }


def test_the_kernelspecs_are_found_in_the_package_and_no_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    foreign = tmp_path / "kernels" / "foreign"
    foreign.mkdir(parents=True)
    (foreign / "kernel.json").write_text(json.dumps({"argv": ["sh"], "language": "sh"}))
    specs = WorkbookKernelSpecManager()
    assert set(specs.get_all_specs()) == {PARTICIPANT_KERNEL, REVIEW_KERNEL}
    with pytest.raises(NoSuchKernel):
        specs.get_kernel_spec("foreign")
    with pytest.raises(NoSuchKernel):
        specs.get_kernel_spec("python3")


def test_the_entry_point_of_the_kernelspecs_is_this_provisioner() -> None:
    (entry,) = entry_points(
        group="jupyter_client.kernel_provisioners", name="reconnect-fork-provisioner"
    )
    assert entry.load() is ForkProvisioner
    for name in (PARTICIPANT_KERNEL, REVIEW_KERNEL):
        spec = WorkbookKernelSpecManager().get_kernel_spec(name)
        assert spec.metadata["kernel_provisioner"]["provisioner_name"] == entry.name


def modules_after(statement: str) -> set[str]:
    program = f"{statement}\nimport sys\nprint(' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    return set(done.stdout.split())


class TestForked:
    """What only forking has."""

    @pytest.fixture
    async def room(self, tmp_path: Path) -> AsyncIterator[KernelRoom]:
        async with kernel_room(True, tmp_path) as room:
            yield room

    async def test_a_kernel_imports_nothing_that_its_parent_has_not(self, room: KernelRoom) -> None:
        kernel_id = await room.seats.ensure(participant())
        loaded = set(await room.run(kernel_id, "import sys\nlist(sys.modules)"))
        warm = modules_after(
            "from reconnect_widgets.server import kernel_main, warm_parent;"
            "kernel_main.warm('participant')"
        )
        assert loaded - warm <= {"runpy"}, "add these to kernel_main.WARMED"

    @pytest.mark.parametrize("flavour", ["participant", "review"])
    async def test_the_parent_has_one_thread_when_it_forks(
        self, room: KernelRoom, flavour: str
    ) -> None:
        await room.manager.warm_up(flavour)
        parent = room.manager.warm_parents[flavour]
        assert parent.pid is not None
        assert psutil.Process(parent.pid).num_threads() == 1

    async def test_the_parent_has_no_loop_whose_events_its_kernels_would_share(
        self, room: KernelRoom
    ) -> None:
        await room.manager.warm_up("participant")
        open_files = open_files_of(room.manager.warm_parents["participant"].pid)
        assert not [name for name in open_files if "eventpoll" in name]
        # One line to the server.
        assert len([name for name in open_files if name.startswith("socket:")]) == 1

    async def test_a_kernel_holds_no_descriptor_of_its_parent_or_sisters(
        self, room: KernelRoom
    ) -> None:
        ids = [await room.seats.ensure(participant(number)) for number in range(2)]
        for kernel_id in ids:
            assert await room.manager.answers(kernel_id, 20)

        def sockets(pid: int) -> set[str]:
            return {name for name in open_files_of(pid) if name.startswith("socket:")}

        first, second = (sockets(room.pid(kernel_id)) for kernel_id in ids)
        parent_pid = room.manager.warm_parents["participant"].pid
        assert parent_pid is not None
        assert sockets(parent_pid)
        assert first
        assert not first & second
        assert not first & sockets(parent_pid)

    async def test_kernels_draw_different_random_numbers(self, room: KernelRoom) -> None:
        code = "import random, uuid\n[random.random(), str(uuid.uuid4())]"
        drawn = [await room.run(await room.seats.ensure(participant(n)), code) for n in range(2)]
        assert drawn[0][0] != drawn[1][0]
        assert drawn[0][1] != drawn[1][1]

    async def test_review_kernels_draw_different_random_numbers_from_numpy(
        self, room: KernelRoom
    ) -> None:
        code = "import numpy\nfloat(numpy.random.random())"
        ids = [
            await room.manager.start_for(
                REVIEW_KERNEL, KernelEnvironment(Path("/"), "", "", "").variables()
            )
            for _ in range(2)
        ]
        assert await room.run(ids[0], code) != await room.run(ids[1], code)

    async def test_ended_kernels_leave_no_zombies(self, room: KernelRoom) -> None:
        kernel_id = await room.seats.ensure(participant())
        pid = room.pid(kernel_id)
        await room.seats.shutdown(participant())
        await until(lambda: not psutil.pid_exists(pid), 5)

    async def test_a_parent_that_does_not_start_is_an_error_and_no_wait(self) -> None:
        parent = WarmParent("no such flavour", clean_environment())
        with pytest.raises(KernelStartError, match="does not start"):
            await parent.fork("/tmp/kernel.json", {})
        assert parent.pid is None

    @pytest.mark.parametrize("turns", [0, 1, 5])
    async def test_a_parent_that_is_stopped_while_it_is_asked_for_leaves_no_process(
        self, turns: int
    ) -> None:
        """A page asks for one just before the end; the loop comes to it before that or after."""
        before = set(psutil.Process().children())
        parent = WarmParent("participant", clean_environment())
        asked = asyncio.create_task(parent.warm_up())
        for _ in range(turns):
            await asyncio.sleep(0)
        parent.stop()
        with pytest.raises(KernelStartError):
            await asked
        assert parent.pid is None
        assert set(psutil.Process().children()) == before


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"number": 1, "connection_file": "x"}',
        b'{"number": "1", "connection_file": "x", "environment": {}}',
        b'{"number": 1, "connection_file": 2, "environment": {}}',
        b'{"number": 1, "connection_file": "x", "environment": {"A": 1}}',
        b'{"number": 1, "connection_file": "x", "environment": {"a=b": "c"}}',
        b'{"number": 1, "connection_file": "x", "environment": {}, "command": "rm"}',
    ],
)
def test_a_warm_parent_reads_nothing_but_requests(packet: bytes) -> None:
    with pytest.raises(MessageError):
        ForkRequest.unpack(packet)


def test_requests_and_replies_survive_the_trip() -> None:
    request = ForkRequest(3, "/tmp/ö.json", {"RECONNECT_DATA": "a\n=b"})
    assert ForkRequest.unpack(request.packed()) == request
    reply = ForkReply(3, error="EAGAIN")
    assert ForkReply.unpack(reply.packed()) == reply


@pytest.mark.skipif(not can_fork(), reason="needs packet sockets")
def test_a_system_out_of_processes_is_said_and_the_parent_goes_on() -> None:
    refusals = iter([BlockingIOError(11, "Resource temporarily unavailable"), None])

    def fork(request: ForkRequest) -> tuple[int, int]:
        if error := next(refusals):
            raise error
        return 42, os.open(os.devnull, os.O_RDONLY)

    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        ours.settimeout(10)
        serving = threading.Thread(target=serve, args=(theirs, fork))
        serving.start()
        assert ForkReply.unpack(ours.recv(1000)).number == 0
        ours.send(ForkRequest(1, "x", {}).packed())
        assert ForkReply.unpack(ours.recv(1000)) == ForkReply(1, error="EAGAIN")
        ours.send(ForkRequest(2, "x", {}).packed())
        packet, descriptors, _, _ = socket.recv_fds(ours, 1000, 1)
        assert ForkReply.unpack(packet) == ForkReply(2, pid=42)
        os.close(descriptors[0])
        ours.shutdown(socket.SHUT_RDWR)
        serving.join(10)
        assert not serving.is_alive()
