"""Kernels of people: started, kept, counted, shut down.

What belongs here: `WorkbookKernelManager` (what Voilà and jupyter_server are given as their kernel
manager) and `Seats` (who has which living kernel). What does not: how a kernel process comes to be
(`provisioner`), what a browser may say to it (`channels`), who may ask for one (the handlers).

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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import zmq
import zmq.asyncio
from jupyter_server.services.kernels.kernelmanager import (
    AsyncMappingKernelManager,
    ServerKernelManager,
)
from traitlets import Bool

from reconnect_widgets import system
from reconnect_widgets.errors import KernelsFullError, KernelStartError
from reconnect_widgets.server.channels import (
    BROWSER_MESSAGE_TYPES,
    KERNEL_GONE,
    WorkbookConnection,
)
from reconnect_widgets.server.forking import WarmParent
from reconnect_widgets.server.kernelspec import (
    PARTICIPANT_KERNEL,
    REVIEW_KERNEL,
    WorkbookKernelSpecManager,
)
from reconnect_widgets.server.provisioner import clean_environment, wants_forks

# libzmq stops at 1,023 sockets per context, which is about 170 kernels.
MAX_ZMQ_SOCKETS = 32_768
MAX_OPEN_FILES = 65_536

# Longest path of a Unix socket, with room for "-ipc-5" and the terminator.
MAX_SOCKET_PATH = 100

# A kernel that does not answer for this long is replaced. Long, because ten arrivals at once keep
# two cores busy for seconds, and replacing kernels then would make it worse.
ANSWERS_WITHIN_S = 10.0


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
        self._private_dir: str | None = None
        self._last_heard: dict[str, float] = {}
        self._connections: dict[str, list[WorkbookConnection]] = {}
        if not kwargs.get("connection_dir"):
            self._private_dir = kwargs["connection_dir"] = tempfile.mkdtemp(prefix="reconnect-")
        if "context" not in kwargs:
            kwargs["context"] = zmq.asyncio.Context()
            kwargs["context"].set(zmq.MAX_SOCKETS, MAX_ZMQ_SOCKETS)
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
        parents = [self.warm_parents[name] for name in flavours if name in self.warm_parents]
        await asyncio.gather(*(parent.warm_up() for parent in parents))

    async def start_for(self, kernel_name: str, variables: Mapping[str, str]) -> str:
        """Start a kernel and return its id.

        Raises
        ------
        KernelStartError
            When it could not be started. Trying again may work.
        """
        kernel_id = self.new_kernel_id()
        environment = clean_environment() | dict(variables)
        try:
            await self._async_start_kernel(
                kernel_id=kernel_id, kernel_name=kernel_name, env=environment
            )
        except Exception as error:
            self._pending_kernels.pop(kernel_id, None)
            raise KernelStartError(
                f"no kernel could be started ({type(error).__name__}); trying again may work"
            ) from error
        return kernel_id

    async def answers(self, kernel_id: str, within_s: float = ANSWERS_WITHIN_S) -> bool:
        """Say whether this kernel's process lives and its main thread answers."""
        if kernel_id not in self or not await self.get_kernel(kernel_id).is_alive():
            return False
        kernel: Any = self.get_kernel(kernel_id)
        answered = asyncio.Event()
        shell = kernel.connect_shell()
        shell.on_recv(lambda reply: answered.set())
        try:
            kernel.session.send(shell, "kernel_info_request")
            await asyncio.wait_for(answered.wait(), within_s)
        except TimeoutError:
            return False
        finally:
            shell.close(linger=0)
        return True

    def heard_from(self, kernel_id: str, instant: float | None = None) -> None:
        """Note that the person of this kernel did something just now."""
        self._last_heard[kernel_id] = system.monotonic_s() if instant is None else instant

    def last_heard(self, kernel_id: str) -> float:
        """Return when `heard_from` was last called for this kernel; minus infinity if never."""
        return self._last_heard.get(kernel_id, float("-inf"))

    def connections_to(self, kernel_id: str) -> list[WorkbookConnection]:
        """Return the list of open websockets to this kernel, oldest first; theirs to keep."""
        return self._connections.setdefault(kernel_id, [])

    async def end(self, kernel_id: str) -> None:
        """End a kernel now, dead or alive. Ending one that is not there is fine."""
        self._last_heard.pop(kernel_id, None)
        for connection in list(self._connections.pop(kernel_id, ())):
            connection.hang_up(KERNEL_GONE)
        if kernel_id in self:
            await self._async_shutdown_kernel(kernel_id, now=True)  # type: ignore[no-untyped-call]

    async def end_all(self) -> None:
        """End every kernel and whatever helps to start them."""
        await asyncio.gather(*(self.end(kernel_id) for kernel_id in self.list_kernel_ids()))
        for parent in self.warm_parents.values():
            parent.stop()
        if self._private_dir is not None:
            shutil.rmtree(self._private_dir, ignore_errors=True)

    async def shutdown_all(self, now: bool = False) -> None:
        """End everything; what Voilà calls when it stops."""
        await self.end_all()


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


Role = Literal["participant", "facilitator"]


@dataclass(frozen=True)
class KernelOwner:
    """Who a kernel works for. Equal owners share one kernel.

    Attributes
    ----------
    role
        Decides the kernelspec: participants get the light one, facilitators the one with pandas.
    session_id
        The session the person takes part in, or the one the facilitator reviews.
    subject
        A participant's id, or the id of a facilitator's login session.
    """

    role: Role
    session_id: str
    subject: str


@dataclass(frozen=True)
class SeatRules:
    """How many kernels there may be and how long a silent one is kept.

    Attributes
    ----------
    max_kernels
        Never more than these, facilitators included.
    kept_for_facilitators
        This many of them are never given to participants.
    open_idle_s, closed_idle_s
        A participant's kernel is ended after this long without a sign of its person, while the
        session is open and after it was closed.
    facilitator_idle_s
        The same for a facilitator's, who may read a chart for an hour.
    """

    max_kernels: int = 250
    kept_for_facilitators: int = 1
    open_idle_s: float = 6 * 3600.0
    closed_idle_s: float = 10 * 60.0
    facilitator_idle_s: float = 2 * 3600.0


@dataclass
class _Seat:
    """One owner's place; `kernel_id` is empty while there is no kernel."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    kernel_id: str = ""
    page_key: str = ""
    page_html: str = ""


class Seats:
    """Who has which living kernel.

    Parameters
    ----------
    manager
        Starts and ends the kernels.
    data_dir
        The record folder that kernels are told of.
    is_session_open
        Session id → open or not. Asked when culling.
    is_presence_running
        Owner → whether a ``presence`` clock runs for this person now: such a kernel is not culled.
    clock
        Seconds that never go back.
    """

    def __init__(
        self,
        manager: WorkbookKernelManager,
        *,
        data_dir: Path,
        is_session_open: Callable[[str], bool],
        is_presence_running: Callable[[KernelOwner], bool] = lambda owner: False,
        rules: SeatRules | None = None,
        clock: Callable[[], float] = system.monotonic_s,
    ) -> None:
        self._manager = manager
        self._data_dir = data_dir
        self._is_session_open = is_session_open
        self._is_presence_running = is_presence_running
        self._rules = rules or SeatRules()
        self._clock = clock
        self._seats: dict[KernelOwner, _Seat] = {}

    async def ensure(self, owner: KernelOwner) -> str:
        """Return the id of this owner's living kernel, starting one if there is none.

        Two calls at once for one owner give one kernel. A kernel that is dead or does not answer
        is replaced: the new one resumes from the record.

        Raises
        ------
        KernelsFullError
            When every place is taken.
        KernelStartError
            When a kernel could not be started.
        """
        seat = self._seats.get(owner)
        if seat is None:
            self._check_room(owner)
            seat = self._seats[owner] = _Seat()
        async with seat.lock:
            if seat.kernel_id and not await self._manager.answers(seat.kernel_id):
                await self._empty(seat)
            if not seat.kernel_id:
                # Somebody else may have given this seat up while we waited for the lock.
                self._seats[owner] = seat
                await self._fill(owner, seat)
            self._manager.heard_from(seat.kernel_id, self._clock())
            return seat.kernel_id

    def kernel_of(self, owner: KernelOwner) -> str | None:
        """Return this owner's kernel, if there is one; starts nothing."""
        seat = self._seats.get(owner)
        return seat.kernel_id or None if seat else None

    def owner_of(self, kernel_id: str) -> KernelOwner | None:
        """Return who this kernel works for; None for a kernel of nobody."""
        for owner, seat in self._seats.items():
            if kernel_id and seat.kernel_id == kernel_id:
                return owner
        return None

    def owners(self) -> list[KernelOwner]:
        """Return everybody who has a kernel."""
        return [owner for owner, seat in self._seats.items() if seat.kernel_id]

    async def shutdown(self, owner: KernelOwner) -> None:
        """End this owner's kernel, if there is one (they withdrew, or left)."""
        seat = self._seats.get(owner)
        if seat is None:
            return
        async with seat.lock:
            await self._empty(seat)
            self._seats.pop(owner, None)

    async def shutdown_all(self) -> None:
        """End everything: the server stops."""
        self._seats.clear()
        await self._manager.end_all()

    # Pages. A kernel shows one page at a time: showing another closes the widgets of the one
    # before it. So one page is kept, and keeping another forgets it.

    def page(self, kernel_id: str, key: str) -> str | None:
        """Return the kept HTML of this page, if it is the one that the kernel shows."""
        seat = self._seat_with(kernel_id)
        return seat.page_html if seat and seat.page_key == key and seat.page_html else None

    def keep_page(self, kernel_id: str, key: str, html: str) -> None:
        """Keep the HTML of the page that the kernel shows now; forget the one before."""
        if seat := self._seat_with(kernel_id):
            seat.page_key, seat.page_html = key, html

    def forget_pages(self, kernel_id: str) -> None:
        """Forget what was kept: the next visit renders again."""
        self.keep_page(kernel_id, "", "")

    async def cull(self) -> list[KernelOwner]:
        """End the kernels that nobody needs by the rules; return whose they were."""
        due = [owner for owner in self.owners() if self._is_due(owner)]
        await asyncio.gather(*(self.shutdown(owner) for owner in due))
        return due

    def _is_due(self, owner: KernelOwner) -> bool:
        silent_s = self._clock() - self._manager.last_heard(self._seats[owner].kernel_id)
        if owner.role == "facilitator":
            return silent_s > self._rules.facilitator_idle_s
        if self._is_presence_running(owner):
            return False
        if self._is_session_open(owner.session_id):
            return silent_s > self._rules.open_idle_s
        return silent_s > self._rules.closed_idle_s

    def _check_room(self, owner: KernelOwner) -> None:
        room = self._rules.max_kernels
        if owner.role == "participant":
            room -= self._rules.kept_for_facilitators
        if len(self._seats) >= room:
            raise KernelsFullError(f"all {room} places for people are taken; try again later")

    async def _fill(self, owner: KernelOwner, seat: _Seat) -> None:
        told = system.KernelEnvironment(
            data_dir=self._data_dir,
            session_id=owner.session_id,
            participant_id=owner.subject if owner.role == "participant" else "",
            role=owner.role,
        )
        name = PARTICIPANT_KERNEL if owner.role == "participant" else REVIEW_KERNEL
        try:
            seat.kernel_id = await self._manager.start_for(name, told.variables())
        except BaseException:
            self._seats.pop(owner, None)
            raise

    async def _empty(self, seat: _Seat) -> None:
        kernel_id, seat.kernel_id, seat.page_key, seat.page_html = seat.kernel_id, "", "", ""
        await self._manager.end(kernel_id)

    def _seat_with(self, kernel_id: str) -> _Seat | None:
        owner = self.owner_of(kernel_id)
        return self._seats[owner] if owner else None
