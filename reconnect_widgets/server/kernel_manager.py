"""What Voilà and jupyter_server are given as their kernel manager.

What belongs here: starting, watching and ending kernels by their id. What does not: whose they are
(`kernels`), how a process comes to be (`provisioner`), what a browser may say (`channels`).

The decision to question: a kernel is always ended with SIGKILL, never asked politely. It holds
nothing that is not in the record, so there is nothing to be polite about, and one way of ending is
one way to test.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import zmq
import zmq.asyncio
from jupyter_server.services.kernels.kernelmanager import (
    AsyncMappingKernelManager,
    ServerKernelManager,
)
from traitlets import Bool

from reconnect_widgets import system
from reconnect_widgets.errors import KernelStartError
from reconnect_widgets.server.channels import BROWSER_MESSAGE_TYPES, KERNEL_GONE, WorkbookConnection
from reconnect_widgets.server.forking import WarmParent
from reconnect_widgets.server.kernelspec import PARTICIPANT_KERNEL, WorkbookKernelSpecManager
from reconnect_widgets.server.provisioner import clean_environment, wants_forks

# libzmq stops at 1,023 sockets per context, which is about 170 kernels.
MAX_ZMQ_SOCKETS = 32_768
MAX_OPEN_FILES = 65_536

LOOK_AGAIN_S = 0.25

# Longest path of a Unix socket, with room for "-ipc-5" and the terminator.
MAX_SOCKET_PATH = 100


class WorkbookKernel(ServerKernelManager):
    """One kernel, as the server holds it."""

    # A restarted kernel has blank widgets. A new one resumes from the record.
    autorestart = Bool(False)

    def __init__(self, **kwargs: Any) -> None:
        # Socket files in a private folder: no other account of the machine can connect, and no two
        # kernels can be given the same port, which happens when thirty people arrive at once.
        fits = len(os.path.realpath(kwargs["connection_file"])) < MAX_SOCKET_PATH
        kwargs.setdefault("transport", "ipc" if sys.platform == "linux" and fits else "tcp")
        super().__init__(**kwargs)

    def emit(self, schema_id: str, data: Mapping[str, Any]) -> None:
        """Tell nobody: the parent class reads and checks three event schemas anew for each kernel.

        That was a third of what starting a kernel cost this process.
        """


class WorkbookKernelManager(AsyncMappingKernelManager):
    """The `multi_kernel_manager_class` of the workbook's server.

    Parameters
    ----------
    forks
        Whether kernels are forked from warm parents; by default where the system can.
    """

    def __init__(self, *, forks: bool | None = None, **kwargs: Any) -> None:
        kwargs["kernel_manager_class"] = f"{__name__}.WorkbookKernel"
        kwargs["default_kernel_name"] = PARTICIPANT_KERNEL
        kwargs.setdefault("kernel_spec_manager", WorkbookKernelSpecManager())
        # Whatever Voilà passes: shutdown_request is in its list and not in ours.
        kwargs["allowed_message_types"] = sorted(BROWSER_MESSAGE_TYPES)
        kwargs["buffer_offline_messages"] = False
        kwargs["allow_tracebacks"] = False
        kwargs["kernel_info_timeout"] = 20.0
        self._private_dir: str | None = None
        self._is_over = False
        self._last_heard: dict[str, float] = {}
        self._connections: dict[str, list[WorkbookConnection]] = {}
        self._watched: dict[str, tuple[asyncio.AbstractEventLoop, int]] = {}
        self._endings: dict[str, asyncio.Task[None]] = {}
        self._ended: dict[str, asyncio.Event] = {}
        self._when_ended: list[Callable[[str], None]] = []
        self._when_lost: list[Callable[[str], None]] = []
        if not kwargs.get("connection_dir"):
            self._private_dir = kwargs["connection_dir"] = tempfile.mkdtemp(prefix="reconnect-")
        if "context" not in kwargs:
            kwargs["context"] = _new_context()
            self._created_context = True
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        _raise_open_files_limit()
        self.warm_parents: dict[str, WarmParent] = {}
        if wants_forks() if forks is None else forks:
            for flavour in ("participant", "review"):
                self.warm_parents[flavour] = WarmParent(flavour, clean_environment())

    async def warm_up(self, *flavours: str) -> None:
        """Start the warm parents of these flavours, so that the first person need not wait.

        Raises
        ------
        KernelStartError
            When one does not start.
        """
        self._refuse_if_over()
        parents = [self.warm_parents[name] for name in flavours if name in self.warm_parents]
        await asyncio.gather(*(parent.warm_up() for parent in parents))

    async def start_for(self, kernel_name: str, variables: Mapping[str, str]) -> str:
        """Start a kernel and return its id.

        Raises
        ------
        KernelStartError
            When it could not be started. Trying again may work.
        """
        self._refuse_if_over()
        kernel_id = self.new_kernel_id()
        environment = clean_environment() | dict(variables)
        try:
            await self._async_start_kernel(
                kernel_id=kernel_id, kernel_name=kernel_name, env=environment
            )
        except KernelStartError:
            raise
        except Exception as error:
            raise KernelStartError(
                f"no kernel could be started ({type(error).__name__}); trying again may work"
            ) from error
        finally:
            self._pending_kernels.pop(kernel_id, None)
        self._watch(kernel_id)
        return kernel_id

    def _refuse_if_over(self) -> None:
        """Start nothing for a page that was asked for just before the end: nobody would end it."""
        if self._is_over:
            raise KernelStartError("the server is stopping")

    def start_watching_activity(self, kernel_id: str) -> None:
        """Watch nothing: who is idle we know from the people themselves (`heard_from`).

        The parent class reads every message of every kernel a second time for it, which was a
        seventh of this process's work with two hundred people.
        """

    async def answers(self, kernel_id: str, within_s: float) -> bool:
        """Say whether this kernel's process lives and its main thread answers."""
        if kernel_id not in self:
            return False
        kernel: Any = self.get_kernel(kernel_id)
        answered = asyncio.Event()
        shell = kernel.connect_shell()
        shell.on_recv(lambda reply: answered.set())
        kernel.session.send(shell, "kernel_info_request")
        deadline = system.monotonic_s() + within_s
        try:
            # It may die while it is asked; then there is nothing to wait for.
            while await kernel.is_alive() and system.monotonic_s() < deadline:
                with suppress(TimeoutError):
                    await asyncio.wait_for(answered.wait(), min(within_s, LOOK_AGAIN_S))
                    return True
        finally:
            shell.close(linger=0)
        return False

    def heard_from(self, kernel_id: str, instant: float | None = None) -> None:
        """Note that the person of this kernel did something just now."""
        self._last_heard[kernel_id] = system.monotonic_s() if instant is None else instant

    def last_heard(self, kernel_id: str) -> float:
        """Return when `heard_from` was last called for this kernel; minus infinity if never."""
        return self._last_heard.get(kernel_id, float("-inf"))

    def connections_to(self, kernel_id: str) -> list[WorkbookConnection]:
        """Return the list of open websockets to this kernel, oldest first; theirs to keep."""
        return self._connections.setdefault(kernel_id, []) if kernel_id in self else []

    def is_there(self, kernel_id: str) -> bool:
        """Say whether there is such a kernel, and it is not just being ended."""
        return kernel_id in self and kernel_id not in self._endings

    def when_ended(self, callback: Callable[[str], None]) -> None:
        """Have this called with the id of each kernel that has ended, whyever it did."""
        self._when_ended.append(callback)

    def when_lost(self, callback: Callable[[str], None]) -> None:
        """Have this called with the id of each kernel that ends by itself, before it is cleared."""
        self._when_lost.append(callback)

    async def until_ended(self, kernel_id: str) -> None:
        """Return when there is no such kernel any more."""
        if kernel_id in self:
            await self._ended.setdefault(kernel_id, asyncio.Event()).wait()

    async def end(self, kernel_id: str) -> None:
        """End a kernel now, dead or alive. Ending one that is not there, or twice, is fine."""
        if self.is_there(kernel_id):
            self._endings[kernel_id] = asyncio.create_task(self._end(kernel_id))
        if ending := self._endings.get(kernel_id):
            await asyncio.shield(ending)

    async def _end(self, kernel_id: str) -> None:
        self._unwatch(kernel_id)
        for connection in list(self.connections_to(kernel_id)):
            connection.hang_up(KERNEL_GONE)
        try:
            await self._async_shutdown_kernel(kernel_id, now=True)  # type: ignore[no-untyped-call]
        finally:
            # Those that were being opened meanwhile.
            for connection in list(self._connections.pop(kernel_id, ())):
                connection.hang_up(KERNEL_GONE)
            self._last_heard.pop(kernel_id, None)
            self._endings.pop(kernel_id, None)
            if ended := self._ended.pop(kernel_id, None):
                ended.set()
            for callback in self._when_ended:
                callback(kernel_id)

    def _watch(self, kernel_id: str) -> None:
        """Notice the end of this kernel's process at once, where the system can tell."""
        provisioner: Any = self.get_kernel(kernel_id).provisioner
        if (pidfd := provisioner.open_pidfd()) is not None:
            loop = asyncio.get_running_loop()
            self._watched[kernel_id] = loop, pidfd
            loop.add_reader(pidfd, self._process_ended, kernel_id)

    def _unwatch(self, kernel_id: str) -> None:
        if watched := self._watched.pop(kernel_id, None):
            loop, pidfd = watched
            if not loop.is_closed():
                loop.remove_reader(pidfd)
            os.close(pidfd)

    def _process_ended(self, kernel_id: str) -> None:
        self._unwatch(kernel_id)
        if self.is_there(kernel_id):
            self.log.warning("A kernel ended by itself: %s", kernel_id)
            for callback in self._when_lost:
                callback(kernel_id)
            self._endings[kernel_id] = asyncio.create_task(self._end(kernel_id))

    async def end_all(self) -> None:
        """End every kernel and whatever helps to start them; none is started afterwards."""
        self._is_over = True
        for kernel_id in self.list_kernel_ids():
            self._unwatch(kernel_id)
        await asyncio.gather(*(self.end(kernel_id) for kernel_id in self.list_kernel_ids()))
        for parent in self.warm_parents.values():
            parent.stop()
        if self._created_context:
            self.context.destroy(linger=0)
        if self._private_dir is not None:
            shutil.rmtree(self._private_dir, ignore_errors=True)

    async def shutdown_all(self, now: bool = False) -> None:
        """End everything; what Voilà calls when it stops."""
        await self.end_all()


def _new_context() -> zmq.asyncio.Context:
    """Return a ZeroMQ context for some hundred kernels that start fast."""
    context = zmq.asyncio.Context()
    context.set(zmq.MAX_SOCKETS, MAX_ZMQ_SOCKETS)
    # A forked kernel listens after some 50 ms. ZeroMQ would look again after 100 ms, and 100 more.
    context.setsockopt(zmq.RECONNECT_IVL, 10)
    context.setsockopt(zmq.RECONNECT_IVL_MAX, 1000)
    return context


def _raise_open_files_limit() -> None:
    """Let this process hold the files and sockets of some hundred kernels."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(MAX_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
