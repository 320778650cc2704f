"""Kernels, their parent and their server, killed and starved: what survives and what is said."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from reconnect_widgets.errors import KernelStartError
from reconnect_widgets.server import forking
from reconnect_widgets.server.forking import can_fork
from tests.server.kernel_room import (
    KernelRoom,
    is_alive,
    kernel_room,
    participant,
    until,
)

WAYS = [True, False] if can_fork() else [False]


@pytest.fixture(params=WAYS, ids=lambda forks: "forked" if forks else "started")
async def room(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[KernelRoom]:
    async with kernel_room(request.param, tmp_path) as room:
        yield room


@pytest.fixture
async def forked(tmp_path: Path) -> AsyncIterator[KernelRoom]:
    async with kernel_room(True, tmp_path) as room:
        await room.manager.warm_up("participant")
        yield room


def parent_pid(room: KernelRoom) -> int:
    """The living parent's; it must not be asked for while one is just being replaced."""
    pid = room.manager.warm_parents["participant"].pid
    assert pid is not None
    return pid


async def test_a_killed_kernel_gives_up_its_seat_and_the_person_gets_another(
    room: KernelRoom,
) -> None:
    first = await room.seats.ensure(participant())
    room.seats.keep_page(first, "checkup", "<p>")
    os.kill(room.pid(first), signal.SIGKILL)
    await until(lambda: room.seats.owner_of(first) is None, 10)
    second = await room.seats.ensure(participant())
    assert second != first
    assert room.seats.page(second, "checkup") is None
    assert await room.manager.answers(second, 20)
    assert room.manager.list_kernel_ids() == [second]


async def test_a_visit_in_the_moment_of_the_kill_gets_a_living_kernel(room: KernelRoom) -> None:
    first = await room.seats.ensure(participant())
    os.kill(room.pid(first), signal.SIGKILL)
    second = await room.seats.ensure(participant())
    assert await room.manager.answers(second, 20)
    assert room.seats.owner_of(second) == participant()


async def test_a_kernel_whose_main_thread_hangs_is_replaced(
    room: KernelRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await room.seats.ensure(participant())
    assert await room.manager.answers(first, 20)
    hung = room.pid(first)
    os.kill(hung, signal.SIGSTOP)
    assert not await room.manager.answers(first, 0.3)
    monkeypatch.setattr(
        room.manager, "answers", lambda kernel_id, within_s: asyncio.sleep(0, False)
    )
    second = await room.seats.ensure(participant())
    assert second != first
    await until(lambda: not is_alive(hung), 5)


async def test_kernels_live_on_when_their_parent_is_killed(forked: KernelRoom) -> None:
    before = await forked.seats.ensure(participant(1))
    await forked.run(before, "kept = 42\n0")
    old = parent_pid(forked)
    os.kill(old, signal.SIGKILL)
    after = await forked.seats.ensure(participant(2))
    assert parent_pid(forked) != old
    assert await forked.manager.answers(after, 20)
    assert await forked.run(before, "kept") == 42
    assert await forked.seats.ensure(participant(1)) == before
    await forked.seats.shutdown(participant(1))
    assert forked.seats.owners() == [participant(2)]


async def test_a_dead_parent_is_replaced_before_anybody_asks(forked: KernelRoom) -> None:
    old = parent_pid(forked)
    os.kill(old, signal.SIGKILL)
    parent = forked.manager.warm_parents["participant"]
    await until(lambda: parent.pid not in {None, old}, 10)
    assert await forked.manager.answers(await forked.seats.ensure(participant()), 20)


async def test_a_parent_killed_while_ten_arrive_is_replaced_and_all_ten_are_in(
    forked: KernelRoom,
) -> None:
    os.kill(parent_pid(forked), signal.SIGSTOP)
    arriving = [asyncio.create_task(forked.seats.ensure(participant(n))) for n in range(10)]
    await asyncio.sleep(0)
    os.kill(parent_pid(forked), signal.SIGKILL)
    ids = await asyncio.gather(*arriving)
    assert len(set(ids)) == 10
    for kernel_id in ids:
        assert await forked.manager.answers(kernel_id, 30)


async def test_a_parent_that_hangs_is_replaced(
    forked: KernelRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forking, "FORK_TIMEOUT_S", 1.0)
    hung = parent_pid(forked)
    os.kill(hung, signal.SIGSTOP)
    kernel_id = await forked.seats.ensure(participant())
    assert await forked.manager.answers(kernel_id, 20)
    assert not is_alive(hung)


async def test_a_parent_at_its_limit_is_an_error_and_later_works_again(forked: KernelRoom) -> None:
    pid = parent_pid(forked)
    usual = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, usual[1]))
    with pytest.raises(KernelStartError, match="EMFILE"):
        await forked.seats.ensure(participant())
    # The child that nobody could have waited for is gone, and takes no seat.
    await until(lambda: not psutil.Process(pid).children(), 5)
    assert forked.seats.owners() == []
    resource.prlimit(pid, resource.RLIMIT_NOFILE, usual)
    kernel_id = await forked.seats.ensure(participant())
    assert await forked.manager.answers(kernel_id, 20)
    assert parent_pid(forked) == pid


SERVER = """
import asyncio, sys
from pathlib import Path
from tests.server.kernel_room import FACILITATOR, kernel_room, participant

async def serve():
    async with kernel_room(sys.argv[1] == "True", Path(sys.argv[2])) as room:
        pids = []
        for owner in (participant(1), participant(2), FACILITATOR):
            kernel_id = await room.seats.ensure(owner)
            assert await room.manager.answers(kernel_id, 30)
            pids.append(room.pid(kernel_id))
        if sys.argv[3] == "busy":
            client = room.manager.get_kernel(kernel_id).client()
            client.start_channels()
            client.execute("while True: pass")
        pids += [parent.pid for parent in room.manager.warm_parents.values()]
        print(*pids, flush=True)
        await asyncio.sleep(600)

asyncio.run(serve())
"""


@pytest.mark.parametrize("forks", WAYS, ids=lambda forks: "forked" if forks else "started")
@pytest.mark.parametrize("state", ["idle", "busy"])
async def test_all_kernels_are_gone_soon_after_the_server_is_killed(
    forks: bool, state: str, tmp_path: Path
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(forks), str(tmp_path), state],
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        line = await asyncio.to_thread(server.stdout.readline)
        pids = [int(word) for word in line.split()]
        assert len(pids) == (5 if forks else 3)
        assert all(is_alive(pid) for pid in pids)
        server.kill()
    await until(lambda: not any(is_alive(pid) for pid in pids), 10)


async def test_kernels_survive_a_parent_killed_twice_in_a_row(forked: KernelRoom) -> None:
    ids = []
    for number in range(3):
        ids.append(await forked.seats.ensure(participant(number)))
        os.kill(parent_pid(forked), signal.SIGKILL)
    for kernel_id in ids:
        assert await forked.manager.answers(kernel_id, 20)
