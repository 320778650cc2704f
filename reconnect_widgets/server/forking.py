"""The server's end of a warm parent: start it, ask it for kernels, replace it when it is gone."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from reconnect_widgets.errors import KernelStartError
from reconnect_widgets.server.warm_parent import MAX_PACKET_BYTES, ForkReply, ForkRequest

# Importing pandas on a slow, busy machine takes a while; a fork never does.
START_TIMEOUT_S = 60.0
FORK_TIMEOUT_S = 10.0

# What a warm parent is told besides the clean environment. No arena for each thread: a kernel has
# several threads that allocate next to nothing. No threads for NumPy's algebra: a process with
# more than one thread cannot be forked safely.
_PARENT_VARIABLES = {
    "MALLOC_ARENA_MAX": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


def can_fork() -> bool:
    """Say whether this machine has what forked kernels need (Linux has)."""
    return hasattr(os, "fork") and hasattr(os, "pidfd_open") and hasattr(socket, "send_fds")


class ForkedProcess:
    """A process that is not our child, with the methods of `subprocess.Popen` that are asked for.

    Owns its pidfd. The exit code of somebody else's child cannot be known; it is always -1.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int, pidfd: int) -> None:
        self.pid = pid
        self.pidfd = pidfd

    def poll(self) -> int | None:
        """Return None while it runs."""
        if self.pidfd < 0:
            return -1
        poller = select.poll()  # unlike select(), for descriptors above 1,023 too
        poller.register(self.pidfd, select.POLLIN)
        return -1 if poller.poll(0) else None

    def wait(self) -> int:
        """Wait until it has ended, then let go of it."""
        if self.pidfd >= 0:
            poller = select.poll()
            poller.register(self.pidfd, select.POLLIN)
            poller.poll()
            os.close(self.pidfd)
            self.pidfd = -1
        return -1

    def send_signal(self, signum: int) -> None:
        """Signal it, and no process that came to have its number later."""
        if self.pidfd >= 0:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.pidfd, signum)

    def kill(self) -> None:
        """End it now."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


class _Link:
    """One living parent process: its channel, and the requests it has not answered yet."""

    def __init__(
        self, flavour: str, environment: Mapping[str, str], when_lost: Callable[[], None]
    ) -> None:
        self._when_lost = when_lost
        self._loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[None] = self._loop.create_future()
        self._waiting: dict[int, asyncio.Future[ForkedProcess]] = {}
        self._numbers = 0
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._channel.setblocking(False)
        ourselves = os.pidfd_open(os.getpid())
        program = [sys.executable, "-P", "-m", "reconnect_widgets.server.warm_parent"]
        try:
            self.process = subprocess.Popen(  # noqa: S603 - our own module, our own arguments
                [*program, flavour, str(theirs.fileno()), str(ourselves)],
                env={**environment, **_PARENT_VARIABLES},
                pass_fds=(theirs.fileno(), ourselves),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C in the terminal is for the server
            )
        except BaseException:
            self._channel.close()
            raise
        finally:
            theirs.close()
            os.close(ourselves)
        self._loop.add_reader(self._channel, self._read)

    @property
    def is_open(self) -> bool:
        """Whether it may still be asked."""
        return self._channel.fileno() >= 0

    async def fork(self, connection_file: str, environment: dict[str, str]) -> ForkedProcess:
        """Ask for one kernel. ConnectionError when the parent is gone."""
        self._numbers += 1
        number = self._numbers
        answer: asyncio.Future[ForkedProcess] = self._loop.create_future()
        self._waiting[number] = answer
        try:
            request = ForkRequest(number, connection_file, environment)
            await self._loop.sock_sendall(self._channel, request.packed())
            return await answer
        finally:
            self._waiting.pop(number, None)

    def _read(self) -> None:
        try:
            packet, fds, _, _ = socket.recv_fds(self._channel, MAX_PACKET_BYTES, 1)
        except BlockingIOError:
            return
        except OSError:
            packet, fds = b"", []
        if not packet:
            was_ready = self.ready.done()
            self.close()
            if was_ready:  # one that never was would only die again
                self._when_lost()
            return
        reply = ForkReply.unpack(packet)
        if reply.number == 0:
            if not self.ready.done():
                self.ready.set_result(None)
            return
        answer = self._waiting.get(reply.number)
        process = ForkedProcess(reply.pid, fds[0]) if fds else None
        if answer is None or answer.done():
            if process is not None:  # nobody waits for it any more
                process.kill()
                process.wait()
        elif process is not None:
            answer.set_result(process)
        else:
            answer.set_exception(
                KernelStartError(f"the system refused a process ({reply.error}); try again later")
            )

    def close(self) -> None:
        """End the parent. Its kernels live on."""
        if not self.is_open:
            return
        if not self._loop.is_closed():
            self._loop.remove_reader(self._channel)
        self._channel.close()
        self.process.kill()
        self.process.wait()
        unanswered: list[asyncio.Future[Any]] = [self.ready, *self._waiting.values()]
        for waiting in unanswered:
            if not waiting.done() and not self._loop.is_closed():
                waiting.set_exception(ConnectionResetError("the warm parent is gone"))
                waiting.exception()  # asked for here, so that nobody has to


class WarmParent:
    """Forks kernels of one flavour, on request.

    Started on demand, replaced when it is dead or hangs. What it cannot do it says with a
    `KernelStartError`, within a bounded time.
    """

    def __init__(self, flavour: str, environment: Mapping[str, str]) -> None:
        self._flavour = flavour
        self._environment = dict(environment)
        self._link: _Link | None = None
        self._starting = asyncio.Lock()
        self._replacing: asyncio.Task[None] | None = None
        self._is_over = False

    @property
    def pid(self) -> int | None:
        """The process that forks, while there is one."""
        return self._link.process.pid if self._link and self._link.is_open else None

    async def warm_up(self) -> None:
        """Start it if it does not run; return when it is ready."""
        await self._living_link()

    async def fork(self, connection_file: str, environment: dict[str, str]) -> ForkedProcess:
        """Return a new kernel process.

        A parent that dies or hangs over the request is replaced and asked once more.

        Raises
        ------
        KernelStartError
            When there is none.
        """
        for _ in range(2):
            link = await self._living_link()
            try:
                async with asyncio.timeout(FORK_TIMEOUT_S):
                    return await link.fork(connection_file, environment)
            except (TimeoutError, OSError):
                link.close()
        raise KernelStartError("the process that makes kernels failed twice; try again later")

    def stop(self) -> None:
        """End it for good: a kernel that somebody still asks for is refused."""
        self._is_over = True
        if self._replacing is not None:
            self._replacing.cancel()
        if self._link is not None:
            self._link.close()
            self._link = None

    def _replace(self) -> None:
        """Start another at once, so that the next person need not wait for it."""

        async def replace() -> None:
            with suppress(KernelStartError):  # then the next request tries, and says so
                await self._living_link()

        self._replacing = asyncio.get_running_loop().create_task(replace())

    async def _living_link(self) -> _Link:
        async with self._starting:
            if self._link is not None and self._link.is_open:
                return self._link
            if self._is_over:
                raise KernelStartError("the server is stopping")
            try:
                link = _Link(self._flavour, self._environment, self._replace)
                self._link = link
                async with asyncio.timeout(START_TIMEOUT_S):
                    await link.ready
            except (TimeoutError, OSError) as error:
                if self._link is not None:
                    self._link.close()
                raise KernelStartError(
                    f"the process that makes kernels does not start ({type(error).__name__})"
                ) from error
            return link
