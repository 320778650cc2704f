"""Who has which living kernel: started when needed, kept, counted, given up.

Starting, watching and ending a kernel by its id is `kernel_manager`'s, whose class is named here
too because nobody needs one without the other. Who may ask for a kernel is the handlers' business.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from reconnect_widgets import system
from reconnect_widgets.errors import KernelsFullError, KernelStartError
from reconnect_widgets.server.kernel_manager import WorkbookKernelManager
from reconnect_widgets.server.kernelspec import PARTICIPANT_KERNEL, REVIEW_KERNEL

__all__ = ["KernelOwner", "Role", "SeatRules", "Seats", "WorkbookKernelManager"]

Role = Literal["participant", "facilitator"]

# Whose kernel ended by itself is forgotten after this long.
LOST_KEPT_S = 3600.0


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
    answers_within_s
        A kernel that does not answer for this long is replaced. Long, because ten arrivals at
        once keep two cores busy for seconds, and replacing kernels then would make it worse.
    arrivals_at_once
        So many people are given a kernel and their first page at the same time; more wait.
    turns_at_once
        So many of those who have a kernel are given their next page at the same time.
    arrives_within_s
        An arrival, or a turn, that takes longer makes room for the next one.
    """

    max_kernels: int = 250
    kept_for_facilitators: int = 1
    open_idle_s: float = 6 * 3600.0
    closed_idle_s: float = 10 * 60.0
    facilitator_idle_s: float = 2 * 3600.0
    answers_within_s: float = 10.0
    arrivals_at_once: int = 3
    turns_at_once: int = 4
    arrives_within_s: float = 2.0


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
        # Who has sat down and opened no page yet, in that order.
        self._expected: dict[KernelOwner, None] = {}
        self._making_ready: asyncio.Task[None] | None = None
        self._is_over = False
        self._door = asyncio.Semaphore(self._rules.arrivals_at_once)
        self._turns = asyncio.Semaphore(self._rules.turns_at_once)
        # Kernel id → whose it was, and when it ended by itself.
        self._lost: dict[str, tuple[KernelOwner, float]] = {}
        manager.when_lost(self._note_lost)
        manager.when_ended(self._give_up)

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
        while True:
            seat = self._seats.get(owner)
            if seat is None:
                self._check_room(owner)
                seat = self._seats[owner] = _Seat()
            async with seat.lock:
                if self._seats.get(owner) is not seat:
                    continue  # given up while we waited
                if seat.kernel_id and not await self._manager.answers(
                    seat.kernel_id, self._rules.answers_within_s
                ):
                    self._note_lost(seat.kernel_id)
                    await self._empty(seat)
                if not seat.kernel_id:
                    await self._fill(owner, seat)
                self._manager.heard_from(seat.kernel_id, self._clock())
                return seat.kernel_id

    def expect(self, owner: KernelOwner) -> None:
        """Start this owner's kernel before they ask for it; return at once.

        Whoever has just sat down reads a page and then opens one that needs a kernel. One kernel
        at a time is started like this, and only while more than half of the places are free:
        nobody who opens a page waits for somebody who may not.
        """
        self._expected[owner] = None
        if self._making_ready is None or self._making_ready.done():
            self._making_ready = asyncio.ensure_future(self._make_ready())

    async def _make_ready(self) -> None:
        while self._expected and not self._is_over and 2 * self.taken < self.places:
            owner = next(iter(self._expected))
            del self._expected[owner]
            if self.kernel_of(owner):
                continue  # they came sooner
            with suppress(KernelsFullError, KernelStartError):  # told to whoever opens a page
                await self.ensure(owner)
        self._expected.clear()

    @asynccontextmanager
    async def arrival(self, owner: KernelOwner) -> AsyncIterator[None]:
        """Wait for one's turn to be given a kernel, or the next page of one's own.

        Two hundred kernels that start at once keep each other, and everybody who is in already,
        from getting on. One after another they are all there sooner, and a tap is answered
        meanwhile. The same goes for a room that turns the page at once because it was brought
        somewhere. An arrival that takes long no longer keeps the next one waiting. A facilitator
        need not wait, and who has a kernel does not wait for those who have none.
        """
        if owner.role != "participant":
            yield
            return
        door = self._turns if self.kernel_of(owner) else self._door
        await door.acquire()
        loop = asyncio.get_running_loop()
        patience = loop.call_later(self._rules.arrives_within_s, door.release)
        try:
            yield
        finally:
            if loop.time() < patience.when():
                patience.cancel()
                door.release()

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

    def has_open_page(self, owner: KernelOwner) -> bool:
        """Say whether a page of theirs is connected to their kernel now, and answers its pings."""
        kernel_id = self.kernel_of(owner)
        return bool(kernel_id and self._manager.connections_to(kernel_id))

    def silent_s(self, owner: KernelOwner) -> float | None:
        """Return the seconds since this person tapped or opened a page; None without a kernel."""
        kernel_id = self.kernel_of(owner)
        silent_s = self._clock() - self._manager.last_heard(kernel_id) if kernel_id else None
        return silent_s if silent_s is not None and silent_s != float("inf") else None

    def owners(self) -> list[KernelOwner]:
        """Return everybody who has a kernel."""
        return [owner for owner, seat in self._seats.items() if seat.kernel_id]

    def lost_within(self, seconds: float) -> list[tuple[KernelOwner, float]]:
        """Return whose kernels ended by themselves lately, or had to be replaced, and how long ago.

        An owner stands there once for each.
        """
        now = self._clock()
        return [(owner, now - at) for owner, at in self._lost.values() if now - at < seconds]

    @property
    def places(self) -> int:
        """How many people can have a kernel, without what is kept for facilitators."""
        return self._rules.max_kernels - self._rules.kept_for_facilitators

    @property
    def taken(self) -> int:
        """How many places are taken, by whomever."""
        return len(self._seats)

    async def shutdown(self, owner: KernelOwner) -> None:
        """End this owner's kernel, if there is one (they withdrew, or left)."""
        self._expected.pop(owner, None)
        seat = self._seats.get(owner)
        if seat is None:
            return
        async with seat.lock:
            await self._empty(seat)
            self._seats.pop(owner, None)

    @asynccontextmanager
    async def emptied(self, owners: Iterable[KernelOwner]) -> AsyncIterator[None]:
        """End these owners' kernels, and let none of them begin before the block is left.

        What is done in the block is done before any of their next kernels reads the record.
        """
        async with AsyncExitStack() as held:
            seats = []
            for owner in sorted(owners, key=lambda one: one.subject):
                self._expected.pop(owner, None)
                while True:
                    seat = self._seats.setdefault(owner, _Seat())
                    await seat.lock.acquire()
                    if self._seats.get(owner) is seat:
                        break
                    seat.lock.release()  # given up while we waited
                held.callback(seat.lock.release)
                # Before the lock is free: whoever waits for it looks for their seat again.
                held.callback(self._seats.pop, owner, None)
                seats.append(seat)
            await asyncio.gather(*(self._empty(seat) for seat in seats))
            yield

    async def shutdown_all(self) -> None:
        """End everything: the server stops. Whoever still waits is given no kernel any more."""
        self._is_over = True
        self._expected.clear()
        self._seats.clear()
        await self._manager.end_all()
        if self._making_ready is not None:
            await self._making_ready

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
        if self._is_over:
            raise KernelsFullError("the server is about to stop; try again later")
        room = self.places if owner.role == "participant" else self._rules.max_kernels
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
        kernel_id, seat.kernel_id = seat.kernel_id, ""
        seat.page_key = seat.page_html = ""
        await self._manager.end(kernel_id)

    def _note_lost(self, kernel_id: str) -> None:
        """Note that this kernel ended by itself, or does not answer; twice is once."""
        now, owner = self._clock(), self.owner_of(kernel_id)
        if owner is not None:
            kept = {k: lost for k, lost in self._lost.items() if now - lost[1] < LOST_KEPT_S}
            self._lost = {**kept, kernel_id: (owner, now)}

    def _give_up(self, kernel_id: str) -> None:
        """Free the seat of a kernel that ended, unless somebody is about to fill it again."""
        owner = self.owner_of(kernel_id)
        if owner is not None and not self._seats[owner].lock.locked():
            del self._seats[owner]

    def _seat_with(self, kernel_id: str) -> _Seat | None:
        owner = self.owner_of(kernel_id)
        return self._seats[owner] if owner else None
