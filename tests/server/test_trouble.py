"""What has gone wrong, in plain sentences on the desk: when, about whom, and until when."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from reconnect_widgets.records import SessionRecord
from reconnect_widgets.server.kernels import KernelOwner
from reconnect_widgets.server.trouble import Facts, Space, find_troubles
from reconnect_widgets.server.trouble_facts import ClockWatch, collect_facts
from reconnect_widgets.system import elapsed_s, utc_now
from tests.server.conftest import Running
from tests.server.kernel_room import until
from tests.server.test_live import listening
from tests.server.test_me import id_of
from tests.support.phone import text

NOW = datetime(2026, 11, 21, 19, 0, tzinfo=UTC)
WELL = Facts(NOW)
MB, GB = 1_000_000, 1_000_000_000
HOUR = timedelta(hours=1)


def words_of(facts: Facts) -> list[str]:
    return [trouble.words for trouble in find_troubles(facts)]


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        ({"takes_writes": False}, "Answers cannot be saved just now: the record folder takes no"),
        ({"space": Space(499 * MB, 250 * GB)}, "The disk is nearly full: less than 500 MB are"),
        ({"space": Space(30 * MB, 250 * GB)}, "The disk is nearly full: less than 50 MB are free."),
        ({"space": Space(99 * MB, GB)}, "The disk is nearly full: less than 100 MB are free."),
        ({"restarts": {"Ama": 1}}, "A page of Ama’s was started again."),
        ({"restarts": {"Ama": 1, "Béla": 1}}, "Pages of Ama and Béla were started again."),
        (
            {"restarts": {"Ama": 1, "Béla": 1, "Cy": 1}},
            "Pages of Ama, Béla and Cy were started again.",
        ),
        (
            {"restarts": dict.fromkeys("abcdefg", 1)},
            "Pages of 7 people were started again.",
        ),
        (
            {"restarts": {"Ama": 2}},
            "The page of Ama had to be started again more than once within ten minutes.",
        ),
        ({"not_up": ["Cy"]}, "Cy joined, but their page has not come up."),
        ({"not_up": ["Cy", "Di"]}, "Cy and Di joined, but their pages have not come up."),
        ({"not_up": list("abcd")}, "4 people joined, but their pages have not come up."),
        (
            {"newest_row_at": NOW + HOUR},
            "Part of this session’s record is dated later than now, up",
        ),
        ({"clock_set_by": HOUR}, "This computer’s clock was set ahead by 60 minutes while the"),
        ({"clock_set_by": -5 * HOUR}, "This computer’s clock was set back by 5 hours while the"),
        ({"clock_set_by": 365 * 24 * HOUR}, "This computer’s clock was set ahead by 365 days"),
        ({"places_left": 12, "places": 249}, "Only 12 places for more people are left, of 249."),
        ({"places_left": 1, "places": 20}, "Only one place for more people is left, of 20."),
        ({"places_left": 0, "places": 249}, "All 249 places for pages are taken."),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(fact: dict[str, Any], words: str) -> None:
    (trouble,) = find_troubles(replace(WELL, **fact))
    assert trouble.words.startswith(words)
    assert trouble.what_to_do.endswith(".")
    assert trouble.is_urgent is ("takes_writes" in fact)


@pytest.mark.parametrize(
    "fact",
    [
        {},
        {"space": Space(501 * MB, 250 * GB)},
        {"space": Space(101 * MB, GB)},  # a small disk that is hardly used
        {"newest_row_at": NOW + timedelta(minutes=4)},
        {"clock_set_by": timedelta(seconds=-90)},
        {"places_left": 13, "places": 249},
        {"places_left": 1, "places": 2},
    ],
)
def test_nothing_is_said_when_all_is_well(fact: dict[str, Any]) -> None:
    assert find_troubles(replace(WELL, **fact)) == []


def test_one_trouble_is_told_once() -> None:
    full = replace(WELL, takes_writes=False, space=Space(0, 250 * GB))
    assert len(words_of(full)) == 1, "of a disk that takes nothing, room is no news"
    set_back = replace(WELL, clock_set_by=-HOUR, newest_row_at=NOW + HOUR)
    assert len(words_of(set_back)) == 1, "a clock that was set back leaves rows that are ahead"
    assert len(words_of(replace(set_back, clock_set_by=HOUR))) == 2


def test_the_most_urgent_stands_first_and_each_person_in_one_sentence() -> None:
    facts = replace(
        WELL, takes_writes=False, restarts={"Ama": 1, "Béla": 3}, not_up=["Cy"], places_left=0
    )
    all_words = words_of(facts)
    assert all_words[0].startswith("Answers cannot be saved")
    for name in ("Ama", "Béla", "Cy"):
        assert sum(name in words for words in all_words) == 1


def test_since_when_nothing_is_written_is_said_by_the_clock_of_the_room() -> None:
    facts = replace(WELL, takes_writes=False, failing_since=NOW.replace(hour=18, minute=7))
    assert words_of(facts)[0].endswith("takes no writes since 18:07.")


class Machine:
    """A machine whose clock can be set, and whose lid can be closed."""

    def __init__(self) -> None:
        self.clock, self.running_s = NOW, 5000.0

    def now(self) -> datetime:
        return self.clock

    def elapsed_s(self) -> float:
        return self.running_s

    def go_on(self, **time: float) -> None:
        passed = timedelta(**time)
        self.clock, self.running_s = self.clock + passed, self.running_s + passed.total_seconds()


def test_a_clock_that_is_set_is_noticed_and_told_for_half_an_hour() -> None:
    machine = Machine()
    watch = ClockWatch(machine.now, machine.elapsed_s)
    machine.go_on(hours=8)  # a lid was closed
    assert watch.look() == timedelta(0)
    machine.clock -= HOUR
    assert watch.look() == -HOUR
    machine.go_on(minutes=29)
    assert watch.look() == -HOUR
    machine.go_on(minutes=2)
    assert watch.look() == timedelta(0), "by now it is the time"
    machine.clock += HOUR
    assert watch.look() == HOUR


def test_a_clock_that_is_set_back_to_right_is_no_trouble_any_more() -> None:
    machine = Machine()
    watch = ClockWatch(machine.now, machine.elapsed_s)
    machine.clock += HOUR
    assert watch.look() == HOUR
    machine.clock -= HOUR
    assert watch.look() == timedelta(0)


def test_a_clock_that_is_a_little_fast_is_not_set() -> None:
    machine = Machine()
    watch = ClockWatch(machine.now, machine.elapsed_s)
    for _ in range(100):
        machine.go_on(minutes=5)
        machine.clock += timedelta(seconds=10)
        assert watch.look() == timedelta(0)


def test_the_clock_that_is_never_set_goes_on() -> None:
    before = elapsed_s()
    assert elapsed_s() >= before


def facts_of(running: Running, session: SessionRecord, later: timedelta = timedelta(0)) -> Facts:
    view = running.services.hub.view(session.session_id)
    view.refresh()
    return collect_facts(running.services, view, utc_now() + later)


def plain(name: str) -> str:
    return name.strip("\u2068\u2069")


SOON = timedelta(minutes=3)


async def test_who_joined_and_whose_page_does_not_come_up_is_named(running: Running) -> None:
    session = running.new_session()
    await running.phone().join(session.info.code, "Cy")
    assert facts_of(running, session, timedelta(minutes=1)).not_up == []
    assert [plain(name) for name in facts_of(running, session, SOON).not_up] == ["Cy"]
    assert facts_of(running, session, HOUR).not_up == [], "by then it is no news"


async def test_a_page_that_listened_once_has_come_up(running: Running) -> None:
    session, phone = running.new_session(), running.phone()
    await phone.join(session.info.code, "Cy")
    async with listening(phone, "/live") as stream:
        await stream.next_event()
    assert facts_of(running, session, SOON).not_up == []


async def test_who_left_quickly_is_not_looked_for(running: Running) -> None:
    session, phone = running.new_session(), running.phone()
    await phone.join(session.info.code, "Cy")
    running.services.hub.view(session.session_id).attendance.leave(id_of(session, "Cy"), utc_now())
    assert facts_of(running, session, SOON).not_up == []


async def test_of_two_who_share_a_phone_nobody_is_looked_for(running: Running) -> None:
    session = running.new_session()
    await running.phone().join_both(session.info.code)
    assert facts_of(running, session, SOON).not_up == []


async def test_after_a_restart_nobody_is_looked_for_who_joined_before(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = running.new_session()
    await running.phone().join(session.info.code, "Cy")
    monkeypatch.setattr(running.services.clock, "started_at", utc_now())
    assert facts_of(running, session, SOON).not_up == []


async def test_names_are_told_only_where_the_session_shows_them(running: Running) -> None:
    session = running.services.records.create_session(
        "Quiet group",
        agenda=("welcome",),
        partner_policy="limited-secrets",
        name_visibility="off",
        keep_days=30,
        now=utc_now(),
    )
    await running.phone().join(session.info.code, "Cy")
    (name,) = facts_of(running, session, SOON).not_up
    assert plain(name) == id_of(session, "Cy")


async def test_a_record_from_the_future_is_told_and_the_clock_of_the_room_is_followed(
    running: Running,
) -> None:
    session = running.new_session()
    await running.phone().join(session.info.code, "Cy")
    (words,) = words_of(facts_of(running, session, -HOUR))
    assert words.startswith("Part of this session’s record is dated later than now")
    assert words_of(facts_of(running, session)) == []


async def test_of_a_closed_session_only_the_disk_is_told(running: Running) -> None:
    session = running.new_session()
    await running.phone().join(session.info.code, "Cy")
    session.close(now=utc_now(), actor="facilitator")
    running.services.disk.space = Space(0, GB)
    facts = facts_of(running, session, SOON)
    assert facts == Facts(facts.now, space=Space(0, GB))


async def test_room_on_the_disk_is_measured_with_every_look(
    running: Running, monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    session = running.new_session()
    desk = f"/facilitator/s/{session.session_id}"
    facilitator = await running.facilitator()
    await running.services.disk.probe()
    assert "nearly full" not in text(await facilitator.get(desk))
    usage = psutil.disk_usage(str(data_dir))._replace(free=120 * MB, total=250 * GB)
    with monkeypatch.context() as little:
        little.setattr("shutil.disk_usage", lambda folder: usage)
        await running.services.disk.probe()
    assert "less than 150 MB are free" in text(await facilitator.get(desk))
    await running.services.disk.probe()
    assert "nearly full" not in text(await facilitator.get(desk))


async def test_a_killed_kernel_is_told_on_the_open_desk(running: Running) -> None:
    session, phone = running.new_session(), running.phone()
    await phone.join(session.info.code, "Ama <b>")
    facilitator, desk = await running.facilitator(), f"/facilitator/s/{session.session_id}"
    seats, manager = running.services.seats, running.services.kernel_manager
    owner = KernelOwner("participant", session.session_id, id_of(session, "Ama <b>"))

    async def kill() -> None:
        await phone.open_page("welcome")
        kernel_id = seats.kernel_of(owner) or ""
        psutil.Process(manager.get_kernel(kernel_id).provisioner.pid).kill()
        await phone.wait_until_closed()
        await until(lambda: seats.kernel_of(owner) is None)

    async with listening(facilitator, f"{desk}/live") as stream:
        assert (await stream.next_event())["event"] == "hello"
        await kill()
        page = ""
        async with asyncio.timeout(30):
            while "was started again" not in page:
                if (await stream.next_event())["event"] == "message":
                    page = text(await facilitator.get(desk))
    assert "A page of \u2068Ama &lt;b&gt;\u2069’s was started again." in page
    assert "Nothing is lost." in page
    await kill()
    page = text(await facilitator.get(desk))
    assert "had to be started again more than once" in page
    assert "A page of" not in page
    await phone.hang_up()


async def test_another_sessions_trouble_is_not_told_here(running: Running) -> None:
    session, other = running.new_session(), running.new_session("Thursday group")
    await running.phone().join(session.info.code, "Cy")
    assert facts_of(running, other, SOON).not_up == []
