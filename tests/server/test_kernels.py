"""Who has which kernel: one each, kept, counted, given up."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast

import pytest
import zmq
from voila.voila_kernel_manager import voila_kernel_manager_factory

from reconnect_widgets.errors import KernelsFullError, KernelStartError
from reconnect_widgets.server.forking import can_fork
from reconnect_widgets.server.kernel_manager import MAX_ZMQ_SOCKETS
from reconnect_widgets.server.kernels import (
    KernelOwner,
    SeatRules,
    Seats,
    WorkbookKernelManager,
)
from tests.server.kernel_room import FACILITATOR, SESSION, kernel_room, participant, until

WAYS = [True, False] if can_fork() else [False]
RULES = SeatRules(
    max_kernels=3,
    open_idle_s=3600,
    closed_idle_s=600,
    facilitator_idle_s=1800,
    arrivals_at_once=2,
    arrives_within_s=60,
)


class FakeManager:
    """Kernels that are names: enough for whose they are."""

    def __init__(self) -> None:
        self.started: list[tuple[str, dict[str, str]]] = []
        self.living: set[str] = set()
        self.hung: set[str] = set()
        self.refuses = False
        self._heard: dict[str, float] = {}
        self._callbacks: list[Callable[[str], None]] = []
        self._when_lost: list[Callable[[str], None]] = []

    async def start_for(self, name: str, variables: dict[str, str]) -> str:
        await asyncio.sleep(0)
        if self.refuses:
            raise KernelStartError("refused")
        self.started.append((name, variables))
        kernel_id = f"kernel-{len(self.started)}"
        self.living.add(kernel_id)
        return kernel_id

    async def answers(self, kernel_id: str, within_s: float) -> bool:
        await asyncio.sleep(0)
        return kernel_id in self.living - self.hung

    async def end(self, kernel_id: str) -> None:
        await asyncio.sleep(0)
        if kernel_id in self.living:
            self.die(kernel_id)

    async def end_all(self) -> None:
        self.living.clear()

    def die(self, kernel_id: str) -> None:
        self.living.discard(kernel_id)
        for callback in self._callbacks:
            callback(kernel_id)

    def when_ended(self, callback: Callable[[str], None]) -> None:
        self._callbacks.append(callback)

    def when_lost(self, callback: Callable[[str], None]) -> None:
        self._when_lost.append(callback)

    def notice(self, kernel_id: str) -> None:
        for callback in self._when_lost:
            callback(kernel_id)

    def die_by_itself(self, kernel_id: str) -> None:
        self.notice(kernel_id)
        self.die(kernel_id)

    def heard_from(self, kernel_id: str, instant: float) -> None:
        self._heard[kernel_id] = instant

    def last_heard(self, kernel_id: str) -> float:
        return self._heard[kernel_id]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def manager() -> FakeManager:
    return FakeManager()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def closed() -> set[str]:
    """Sessions that are closed."""
    return set()


@pytest.fixture
def present() -> set[KernelOwner]:
    """People whose `presence` clock runs."""
    return set()


@pytest.fixture
def seats(manager: FakeManager, clock: Clock, closed: set[str], present: set[KernelOwner]) -> Seats:
    return Seats(
        cast(WorkbookKernelManager, manager),
        data_dir=Path("/records"),
        is_session_open=lambda session_id: session_id not in closed,
        is_presence_running=present.__contains__,
        rules=RULES,
        clock=clock,
    )


async def test_ten_visits_at_once_of_one_person_give_one_kernel(
    seats: Seats, manager: FakeManager
) -> None:
    ids = await asyncio.gather(*(seats.ensure(participant()) for _ in range(10)))
    assert set(ids) == {"kernel-1"}
    assert len(manager.started) == 1
    assert await seats.ensure(participant()) == "kernel-1"


async def test_each_person_has_a_kernel_of_their_own_and_is_found_by_it(seats: Seats) -> None:
    first, second = await asyncio.gather(seats.ensure(participant(1)), seats.ensure(participant(2)))
    assert first != second
    assert seats.owner_of(first) == participant(1)
    assert seats.kernel_of(participant(2)) == second
    assert set(seats.owners()) == {participant(1), participant(2)}


async def test_whoever_sat_down_finds_their_kernel_started_when_they_open_a_page(
    seats: Seats, manager: FakeManager
) -> None:
    seats.expect(participant())
    await until(lambda: bool(manager.living))
    assert await seats.ensure(participant()) == "kernel-1"
    assert len(manager.started) == 1


async def test_no_kernel_is_started_ahead_when_half_of_the_places_are_taken(
    seats: Seats, manager: FakeManager
) -> None:
    seats.expect(participant(1))  # of two places for people
    seats.expect(participant(2))
    await until(lambda: bool(manager.living))
    assert await seats.ensure(participant(3)), "who opens a page has room"
    assert seats.kernel_of(participant(2)) is None


async def test_for_whoever_left_before_their_turn_no_kernel_is_started(
    manager: FakeManager, clock: Clock
) -> None:
    roomy = Seats(
        cast(WorkbookKernelManager, manager),
        data_dir=Path("/records"),
        is_session_open=lambda _: True,
        clock=clock,
    )
    for number in (1, 2, 3):
        roomy.expect(participant(number))
    await roomy.shutdown(participant(2))
    await until(lambda: len(manager.started) == 2)
    await roomy.shutdown_all()
    assert [told["RECONNECT_PARTICIPANT_ID"] for _, told in manager.started] == [
        participant(number).subject for number in (1, 3)
    ]


async def test_a_kernel_that_could_not_be_started_ahead_is_told_to_whoever_opens_a_page(
    seats: Seats, manager: FakeManager
) -> None:
    manager.refuses = True
    seats.expect(participant())
    with pytest.raises(KernelStartError):
        await seats.ensure(participant())
    manager.refuses = False
    assert await seats.ensure(participant()) == "kernel-1"


async def test_nobody_is_expected_any_more_when_the_server_stops(
    seats: Seats, manager: FakeManager
) -> None:
    seats.expect(participant())
    await seats.shutdown_all()
    assert not manager.started


class Visits:
    """People on their way in, each of whom stays in the door until told to go on."""

    def __init__(self, seats: Seats) -> None:
        self._seats = seats
        self._going_on: dict[KernelOwner, asyncio.Event] = {}
        self.in_the_door: list[KernelOwner] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def begin(self, *owners: KernelOwner) -> None:
        for owner in owners:
            self._going_on[owner] = asyncio.Event()
            self.tasks.append(asyncio.create_task(self._visit(owner)))
        await asyncio.sleep(0)

    async def _visit(self, owner: KernelOwner) -> None:
        async with self._seats.arrival(owner):
            self.in_the_door.append(owner)
            await self._going_on[owner].wait()
        self.in_the_door.remove(owner)

    async def finish(self, owner: KernelOwner) -> None:
        self._going_on[owner].set()
        await until(lambda: owner not in self.in_the_door)


async def test_people_are_let_in_a_few_at_a_time_in_the_order_in_which_they_came(
    seats: Seats,
) -> None:
    people = [participant(number) for number in range(5)]
    visits = Visits(seats)
    await visits.begin(*people)
    assert visits.in_the_door == people[:2]
    await visits.finish(people[1])
    assert visits.in_the_door == [people[0], people[2]]
    await visits.finish(people[0])
    assert visits.in_the_door == [people[2], people[3]]
    for person in people[2:]:
        await visits.finish(person)
    await asyncio.gather(*visits.tasks)
    await visits.begin(*map(participant, range(10, 13)))
    assert len(visits.in_the_door) == 2, "as many as before are let in"
    for task in visits.tasks:
        task.cancel()


async def test_who_has_a_kernel_and_a_facilitator_need_not_wait_in_the_door(seats: Seats) -> None:
    await seats.ensure(participant(9))
    visits = Visits(seats)
    await visits.begin(*map(participant, range(4)), participant(9), FACILITATOR)
    assert visits.in_the_door[2:] == [participant(9), FACILITATOR]
    for task in visits.tasks:
        task.cancel()


async def test_a_room_that_turns_the_page_at_once_is_served_in_turn(manager: FakeManager) -> None:
    seats = Seats(
        cast(WorkbookKernelManager, manager),
        data_dir=Path("/records"),
        is_session_open=lambda session_id: True,
        rules=SeatRules(turns_at_once=2, arrives_within_s=60),
    )
    people = [participant(number) for number in range(4)]
    for person in people:
        await seats.ensure(person)
    visits = Visits(seats)
    await visits.begin(*people)
    assert visits.in_the_door == people[:2]
    await visits.begin(participant(9))
    assert visits.in_the_door[2:] == [participant(9)], "who has no kernel yet waits at another door"
    await visits.finish(people[0])
    await until(lambda: people[2] in visits.in_the_door)
    assert people[3] not in visits.in_the_door
    for task in visits.tasks:
        task.cancel()


async def test_somebody_who_is_stuck_in_the_door_does_not_keep_the_others_out(
    manager: FakeManager,
) -> None:
    seats = Seats(
        cast(WorkbookKernelManager, manager),
        data_dir=Path("/records"),
        is_session_open=lambda session_id: True,
        rules=SeatRules(arrivals_at_once=1, arrives_within_s=0.01),
    )
    visits = Visits(seats)
    await visits.begin(participant(1), participant(2))
    await until(lambda: visits.in_the_door == [participant(1), participant(2)])
    await visits.finish(participant(1))
    await visits.finish(participant(2))
    assert not seats._door.locked()


async def test_of_a_server_that_stops_nobody_is_given_a_kernel_any_more(
    seats: Seats, manager: FakeManager
) -> None:
    await seats.shutdown_all()
    with pytest.raises(KernelsFullError):
        await seats.ensure(participant())
    assert manager.started == []


async def test_nobody_owns_what_is_not_there(seats: Seats) -> None:
    assert seats.owner_of("kernel-9") is None
    assert seats.owner_of("") is None
    assert seats.kernel_of(participant()) is None


async def test_the_same_person_in_two_sessions_is_two_owners(seats: Seats) -> None:
    here = KernelOwner("participant", SESSION, "p-ab12cd")
    there = KernelOwner("participant", "2026-11-27-tuesday-group-aaaaaa", "p-ab12cd")
    assert await seats.ensure(here) != await seats.ensure(there)


async def test_kernels_are_told_who_for_and_what_of(seats: Seats, manager: FakeManager) -> None:
    await seats.ensure(participant(1))
    await seats.ensure(FACILITATOR)
    (light, told), (heavy, told_facilitator) = manager.started
    assert (light, heavy) == ("reconnect", "reconnect-review")
    assert told["RECONNECT_DATA"] == "/records"
    assert told["RECONNECT_PARTICIPANT_ID"] == participant(1).subject
    assert told_facilitator["RECONNECT_ROLE"] == "facilitator"
    assert told_facilitator["RECONNECT_PARTICIPANT_ID"] == ""


@pytest.mark.parametrize("how", ["dead", "hung"])
async def test_a_kernel_that_does_not_answer_is_replaced(
    seats: Seats, manager: FakeManager, how: str
) -> None:
    first = await seats.ensure(participant())
    seats.keep_page(first, "checkup", "<p>old")
    if how == "dead":
        manager.living.clear()
    else:
        manager.hung.add(first)
    second = await seats.ensure(participant())
    assert second != first
    assert seats.page(second, "checkup") is None
    assert manager.living == {second}


async def test_a_kernel_that_ends_by_itself_gives_up_its_seat(
    seats: Seats, manager: FakeManager
) -> None:
    kernel_id = await seats.ensure(participant())
    manager.die_by_itself(kernel_id)
    assert seats.owners() == []
    assert seats.owner_of(kernel_id) is None


@pytest.mark.parametrize("how", ["noticed", "asked", "both"])
async def test_whose_kernel_ended_by_itself_is_known_for_a_while_and_counted_once(
    seats: Seats, manager: FakeManager, clock: Clock, how: str
) -> None:
    first = await seats.ensure(participant())
    if how == "noticed":
        manager.die_by_itself(first)
    else:
        manager.living.discard(first)
        if how == "both":  # the system says so while a visit holds the seat
            manager.notice(first)
        await seats.ensure(participant())  # finds it dead
    clock.now += 30
    assert seats.lost_within(60) == [(participant(), 30)]
    manager.die_by_itself(await seats.ensure(participant()))
    assert seats.lost_within(60) == [(participant(), 30), (participant(), 0)]
    clock.now += 50
    assert seats.lost_within(60) == [(participant(), 50)]


async def test_a_kernel_that_was_ended_on_purpose_is_not_counted(
    seats: Seats, clock: Clock, closed: set[str]
) -> None:
    await seats.ensure(participant(1))
    await seats.ensure(participant(2))
    assert (seats.places, seats.taken) == (2, 2)
    await seats.shutdown(participant(1))
    closed.add(SESSION)
    clock.now += RULES.closed_idle_s + 1
    assert await seats.cull() == [participant(2)]
    assert seats.lost_within(3600) == []
    assert seats.taken == 0


async def test_a_failed_start_takes_no_seat_and_the_next_try_may_work(
    seats: Seats, manager: FakeManager
) -> None:
    manager.refuses = True
    results = await asyncio.gather(
        *(seats.ensure(participant()) for _ in range(3)), return_exceptions=True
    )
    assert [type(result) for result in results] == [KernelStartError] * 3
    assert seats.owners() == []
    manager.refuses = False
    assert await seats.ensure(participant())


async def test_the_last_place_is_the_facilitators(seats: Seats) -> None:
    for number in range(2):
        await seats.ensure(participant(number))
    with pytest.raises(KernelsFullError):
        await seats.ensure(participant(2))
    await seats.ensure(FACILITATOR)
    with pytest.raises(KernelsFullError):
        await seats.ensure(KernelOwner("facilitator", SESSION, "login-2"))
    # Who has a place keeps it.
    assert await seats.ensure(participant(0)) == "kernel-1"


async def test_many_arriving_at_once_do_not_slip_past_the_cap(
    seats: Seats, manager: FakeManager
) -> None:
    results = await asyncio.gather(
        *(seats.ensure(participant(number)) for number in range(20)), return_exceptions=True
    )
    assert sum(isinstance(result, KernelsFullError) for result in results) == 18
    assert len(manager.living) == 2


async def test_a_freed_place_can_be_taken(seats: Seats, manager: FakeManager) -> None:
    for number in range(2):
        await seats.ensure(participant(number))
    await seats.shutdown(participant(0))
    assert manager.living == {"kernel-2"}
    assert await seats.ensure(participant(2))


async def test_shutting_down_while_others_wait_leaves_one_kernel(
    seats: Seats, manager: FakeManager
) -> None:
    await seats.ensure(participant())
    await asyncio.gather(
        seats.ensure(participant()),
        seats.shutdown(participant()),
        seats.ensure(participant()),
        seats.ensure(participant()),
    )
    assert manager.living == {seats.kernel_of(participant())}


async def test_shutting_down_nobody_is_fine(seats: Seats) -> None:
    await seats.shutdown(participant())


async def test_one_page_is_kept_for_each_kernel(seats: Seats) -> None:
    one = await seats.ensure(participant(1))
    two = await seats.ensure(participant(2))
    seats.keep_page(one, "welcome", "<p>welcome")
    seats.keep_page(two, "welcome", "<p>other")
    assert seats.page(one, "welcome") == "<p>welcome"
    # Showing another page closes the widgets of the one before.
    seats.keep_page(one, "checkup", "<p>checkup")
    assert seats.page(one, "welcome") is None
    assert seats.page(one, "checkup") == "<p>checkup"
    seats.forget_pages(one)
    assert seats.page(one, "checkup") is None
    assert seats.page(two, "welcome") == "<p>other"


async def test_pages_of_unknown_kernels_are_not_kept(seats: Seats) -> None:
    seats.keep_page("kernel-9", "welcome", "<p>")
    assert seats.page("kernel-9", "welcome") is None


@pytest.mark.parametrize(
    ("owner", "silent_s", "is_closed", "is_present", "ended"),
    [
        (participant(), 3599, False, False, False),
        (participant(), 3601, False, False, True),
        (participant(), 3601, False, True, False),
        (participant(), 599, True, False, False),
        (participant(), 601, True, False, True),
        (participant(), 601, True, True, False),
        (FACILITATOR, 1799, True, False, False),
        (FACILITATOR, 1801, False, False, True),
    ],
)
async def test_silent_kernels_are_ended_by_the_rules(
    seats: Seats,
    manager: FakeManager,
    clock: Clock,
    closed: set[str],
    present: set[KernelOwner],
    owner: KernelOwner,
    silent_s: float,
    is_closed: bool,
    is_present: bool,
    ended: bool,
) -> None:
    await seats.ensure(owner)
    if is_closed:
        closed.add(SESSION)
    if is_present:
        present.add(owner)
    clock.now += silent_s
    assert await seats.cull() == ([owner] if ended else [])
    assert bool(manager.living) != ended
    assert seats.owners() == ([] if ended else [owner])


async def test_a_sign_of_the_person_starts_the_silence_anew(
    seats: Seats, manager: FakeManager, clock: Clock
) -> None:
    kernel_id = await seats.ensure(participant())
    clock.now += 3000
    manager.heard_from(kernel_id, clock.now)
    clock.now += 3000
    assert await seats.cull() == []


async def test_stopping_gives_up_every_seat(seats: Seats, manager: FakeManager) -> None:
    await seats.ensure(participant(1))
    await seats.ensure(FACILITATOR)
    await seats.shutdown_all()
    assert seats.owners() == []
    assert manager.living == set()


# With real kernels.


@pytest.fixture
async def real() -> AsyncIterator[WorkbookKernelManager]:
    manager = WorkbookKernelManager(forks=False)
    yield manager
    await manager.end_all()


@pytest.mark.parametrize("forks", WAYS, ids=lambda forks: "forked" if forks else "started")
async def test_two_real_visits_at_once_give_one_process(forks: bool, tmp_path: Path) -> None:
    async with kernel_room(forks, tmp_path) as room:
        ids = await asyncio.gather(*(room.seats.ensure(participant()) for _ in range(4)))
        assert len(set(ids)) == 1
        assert await room.manager.answers(ids[0], 20)
        assert room.manager.list_kernel_ids() == [ids[0]]
        assert room.seats.owner_of(ids[0]) == participant()


@pytest.mark.parametrize("forks", WAYS, ids=lambda forks: "forked" if forks else "started")
async def test_stopping_twice_and_ending_one_twice_is_fine(forks: bool, tmp_path: Path) -> None:
    async with kernel_room(forks, tmp_path) as room:
        kernel_id = await room.seats.ensure(participant())
        await asyncio.gather(*(room.manager.end(kernel_id) for _ in range(3)))
        await room.manager.end(kernel_id)
        assert room.seats.owners() == []
        await room.seats.shutdown_all()


async def test_the_manager_says_no_to_restarts_buffers_and_code(
    real: WorkbookKernelManager,
) -> None:
    made: Any = voila_kernel_manager_factory(WorkbookKernelManager, False, 0)(
        # What Voilà passes.
        allowed_message_types=["comm_open", "shutdown_request", "execute_request"],
        connection_dir="",
        forks=False,
    )
    assert set(made.allowed_message_types) == {
        "comm_open",
        "comm_msg",
        "comm_close",
        "comm_info_request",
        "kernel_info_request",
    }
    assert made.buffer_offline_messages is False
    assert made.allow_tracebacks is False
    kernel, _, _ = made.pre_start_kernel(None, {})
    assert kernel.autorestart is False
    await made.end_all()


async def test_there_is_room_for_some_hundred_kernels(real: WorkbookKernelManager) -> None:
    assert real.context.get(zmq.MAX_SOCKETS) == MAX_ZMQ_SOCKETS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft == hard or soft >= 4096


async def test_a_kernel_with_an_unknown_spec_is_an_error(real: WorkbookKernelManager) -> None:
    with pytest.raises(KernelStartError, match="NoSuchKernel"):
        await real.start_for("python3", {})
    assert len(real) == 0
