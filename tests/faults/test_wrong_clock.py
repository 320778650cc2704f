"""The machine's clock is set while people answer, or a phone's clock is wrong by years.

What was given last stays the answer, everybody keeps their place, and nothing is erased.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie

import pytest

from reconnect_widgets.content import load_instrument
from reconnect_widgets.records import Row, SessionRecord, current_answers
from reconnect_widgets.system import format_instant, new_event_id, utc_now
from tests.records.example import make_session
from tests.server.people import FacilitatorPhone, JoiningPhone
from tests.support.phone import text
from tests.support.server import WorkbookServer, kernels_of
from tests.support.wrong_clock import WrongClock

ITEM = load_instrument("checkup").items[0].key
RIGHT, BACK, AHEAD = timedelta(0), timedelta(hours=-1), timedelta(days=1)


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> WrongClock:
    return WrongClock(tmp_path_factory.mktemp("clock") / "site")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, clock: WrongClock) -> Iterator[WorkbookServer]:
    data_dir = tmp_path_factory.mktemp("clock") / "data"
    server = WorkbookServer(data_dir, environ=clock.environ).start()
    yield server
    server.stop()


@pytest.fixture
def record(server: WorkbookServer) -> SessionRecord:
    return make_session(server.data_dir, now=utc_now(), keep_days=90)


@pytest.fixture
async def phone(
    server: WorkbookServer, record: SessionRecord, clock: WrongClock
) -> AsyncIterator[JoiningPhone]:
    """Somebody with the first question before them, while the clock is right."""
    phone = JoiningPhone(server.url)
    assert (await phone.join(record.info.code)).code == 303
    await phone.open_page("welcome")
    for action in ("on", "on", "on", "consent-recorded"):
        assert (await phone.act(action))["type"] == "saved"
    await phone.open_page("checkup")
    assert (await phone.act("begin"))["type"] == "saved"
    yield phone
    clock.set_off(RIGHT)
    await phone.hang_up()


def rows_of(record: SessionRecord) -> list[Row]:
    return [row for row in record.read().rows if row.kind == "answer"]


def answer_in(record: SessionRecord) -> str:
    """Return the answer to the one question, as the contract says which row it is."""
    (answer,) = current_answers(record.read().rows).values()
    return answer.value


async def test_the_clock_of_the_test_reaches_the_record(
    phone: JoiningPhone, record: SessionRecord, clock: WrongClock
) -> None:
    """Else all the others would prove nothing."""
    clock.set_off(AHEAD)
    saved = await phone.answer(ITEM, 1)
    assert saved["recorded_at"] > format_instant(utc_now() + AHEAD - timedelta(minutes=5))


@pytest.mark.parametrize("steps", [(RIGHT, BACK, BACK), (AHEAD, RIGHT, BACK), (BACK, AHEAD, RIGHT)])
async def test_a_changed_answer_wins_however_the_clock_is_set(
    phone: JoiningPhone, record: SessionRecord, clock: WrongClock, steps: tuple[timedelta, ...]
) -> None:
    told = []
    for value, off_by in enumerate(steps):
        clock.set_off(off_by)
        told.append((await phone.answer(ITEM, value))["recorded_at"])
        assert answer_in(record) == str(value)
    assert told == sorted(set(told))
    rows = rows_of(record)
    assert [row.value for row in rows] == ["0", "1", "2"]
    assert [row.writer_seq for row in rows] == sorted(row.writer_seq for row in rows)


async def test_a_changed_answer_wins_also_in_a_new_kernel_of_a_new_server(
    phone: JoiningPhone, record: SessionRecord, clock: WrongClock, server: WorkbookServer
) -> None:
    clock.set_off(AHEAD)
    await phone.answer(ITEM, 1)
    clock.set_off(BACK)
    kernels_of(server)[-1].kill()
    await phone.wait_until_closed()
    await phone.open_page("checkup")
    await phone.answer(ITEM, 2)
    assert answer_in(record) == "2"
    server.kill()
    server.start()
    await phone.open_page("checkup")
    await phone.answer(ITEM, 3)
    assert answer_in(record) == "3"
    assert [row.value for row in rows_of(record)] == ["1", "2", "3"]


async def test_everybody_keeps_their_place_and_the_facilitator_signs_in_again(
    phone: JoiningPhone, server: WorkbookServer, clock: WrongClock, record: SessionRecord
) -> None:
    facilitator = FacilitatorPhone(server.url)
    await facilitator.sign_in(server.passcode())
    for off_by in (BACK, AHEAD, RIGHT):
        clock.set_off(off_by)
        assert (await phone.get("/me")).code == 200
        assert (await phone.get("/w/checkup")).code == 200
        assert (await phone.answer(ITEM, 1))["type"] == "saved"
        if (await facilitator.get("/facilitator")).code == 303:  # twelve hours are over
            assert off_by == AHEAD
            await facilitator.sign_in(server.passcode())
        roster = await facilitator.get(f"/facilitator/s/{record.session_id}")
        assert roster.code == 200
        assert "-" not in text(roster).partition("ago")[0][-5:]


async def test_a_clock_that_is_a_year_ahead_shuts_the_door_and_erases_nothing(
    phone: JoiningPhone, server: WorkbookServer, clock: WrongClock, record: SessionRecord
) -> None:
    await phone.answer(ITEM, 1)
    before = rows_of(record)
    clock.set_off(timedelta(days=365))
    assert (await phone.answer(ITEM, 2))["type"] == "not-saved"
    assert (await phone.get("/me")).code == 403
    clock.set_off(RIGHT)
    assert rows_of(record) == before
    assert (await phone.get("/me")).code == 200
    assert (await phone.answer(ITEM, 3))["type"] == "saved"
    assert answer_in(record) == "3"


def id_of_year(year: int) -> str:
    """Return an event id as a phone makes it whose clock stands in that year."""
    milliseconds = int(datetime(year, 1, 1, tzinfo=UTC).timestamp() * 1000)
    made = f"{milliseconds:012x}"
    return f"{made[:8]}-{made[8:]}{new_event_id()[13:]}"


async def test_the_clock_of_a_phone_is_never_asked(
    phone: JoiningPhone, record: SessionRecord
) -> None:
    for value, year in enumerate((2037, 1971, 2026)):
        saved = await phone.answer(ITEM, value, event_id=id_of_year(year))
        assert abs(datetime.fromisoformat(saved["recorded_at"]) - utc_now()) < timedelta(minutes=5)
        assert answer_in(record) == str(value)


async def test_a_phone_whose_clock_is_ahead_keeps_its_place(
    server: WorkbookServer, record: SessionRecord
) -> None:
    """Its cookie says for how long, not until when."""
    answer = await JoiningPhone(server.url).join(record.info.code)
    cookies = SimpleCookie()
    for line in answer.headers.get_list("Set-Cookie"):
        cookies.load(line)
    seat = cookies["reconnect-participant"]
    assert int(seat["max-age"]) > timedelta(days=90).total_seconds()
