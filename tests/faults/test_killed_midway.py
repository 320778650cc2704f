"""`kill -9` of a kernel, of the warm parent and of the server, while people join, answer and merge.

A real server in its own process, and the people of a rehearsal, who do what people do: come again
when nobody answers, open the page again when the line breaks, say once more what was not
confirmed. In the end everybody is through, and everything they were told is saved is there once.
"""

from __future__ import annotations

import asyncio
import csv
import io
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any, Literal

import pytest
from tornado.httpclient import HTTPClientError

from reconnect_widgets.records import SessionRecord
from reconnect_widgets.rehearsal import FAST, Cast, Server, compare
from reconnect_widgets.system import utc_now
from tests.records.example import ANN, append_answer, make_session
from tests.records.flaky_disk import skip_syncs
from tests.server.kernel_room import is_alive, until
from tests.server.people import FacilitatorPhone
from tests.support.server import WorkbookServer, kernels_of, warm_parent_of

Victim = Literal["kernel", "parent", "server"]
COUPLES = 2
PEOPLE = 2 * COUPLES
# So many answers that all are in the middle of their questions, and more are on their way.
IN_THE_MIDDLE = 20
TABLES = ("responses.csv", "participants.csv", "timeline.csv", "codebook.csv")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkbookServer]:
    server = WorkbookServer(tmp_path_factory.mktemp("killed") / "data").start()
    yield server
    server.stop()


@pytest.fixture
def record(server: WorkbookServer) -> SessionRecord:
    return make_session(server.data_dir, now=utc_now())


async def kill(server: WorkbookServer, victim: Victim) -> None:
    """End one process without a goodbye; a server is started again, as its owner would do."""
    if victim == "server":
        server.kill()
        await asyncio.to_thread(server.start)
        return
    process = kernels_of(server)[-1] if victim == "kernel" else warm_parent_of(server)
    assert process is not None
    process.kill()
    await until(lambda: not is_alive(process.pid))


class Evening:
    """A group that plays, and what is known of it."""

    def __init__(self, server: WorkbookServer, record: SessionRecord) -> None:
        self.record = record
        self.cast = Cast(Server(server.url), record.info.code, COUPLES, FAST, looks_back=False)
        self.ledger = self.cast.ledger

    async def play(self, *, until_so: Callable[[], bool], then: Any) -> None:
        """Let the group play; as soon as something is so, let something happen meanwhile."""
        await self.cast.open_door()
        playing = asyncio.create_task(self.cast.play())
        await until(lambda: until_so() or playing.done(), 60)
        assert not playing.done(), "they were through before anything happened"
        await then()
        await asyncio.wait_for(playing, 180)

    def check(self) -> None:
        """Everybody is through, and the record says what they were told."""
        assert not self.ledger.problems, dict(self.ledger.problems)
        assert (self.ledger.joined, self.ledger.finished) == (PEOPLE, PEOPLE)
        history = self.record.read()
        comparison = compare(self.ledger, history.rows)
        assert comparison.is_whole, comparison
        assert comparison.compared > 60
        assert (history.gaps, history.unreadable) == ((), ())
        # Nobody has two places, whatever was sent twice.
        names = [person.name for person in self.record.participants().values() if person.name]
        assert len(set(names)) == len(names) == PEOPLE
        self.record.merge()
        assert not list(self.record.folder.rglob("*.tmp")), "rests may hold answers"
        merged = {row["event_id"] for row in read_whole(self.record.folder / "responses.csv")}
        assert merged == {row.event_id for row in history.rows if row.kind == "answer"}


def read_whole(path: Path) -> list[dict[str, str]]:
    """Read a merged file; AssertionError if it is not whole."""
    data = path.read_bytes()
    assert data.endswith(b"\r\n"), path.name
    rows = list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))
    assert {len(row) for row in rows} == {len(rows[0])}, path.name
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


async def test_a_server_killed_while_people_join(
    server: WorkbookServer, record: SessionRecord
) -> None:
    """Some have their place, some have asked for one."""
    evening = Evening(server, record)
    await evening.play(
        until_so=lambda: evening.ledger.joined >= 2, then=lambda: kill(server, "server")
    )
    evening.check()


@pytest.mark.parametrize("victim", ["kernel", "parent", "server"])
async def test_killed_while_the_first_page_is_made(
    server: WorkbookServer, record: SessionRecord, victim: Victim
) -> None:
    """The first kernel is there, its page is not, and others ask for theirs."""
    before = {process.pid for process in kernels_of(server)}
    evening = Evening(server, record)

    def has_begun() -> bool:
        parent = warm_parent_of(server)
        return parent is not None and any(child.pid not in before for child in parent.children())

    await evening.play(until_so=has_begun, then=lambda: kill(server, victim))
    evening.check()


@pytest.mark.parametrize("victim", ["kernel", "parent", "server"])
async def test_killed_while_people_answer(
    server: WorkbookServer, record: SessionRecord, victim: Victim
) -> None:
    evening = Evening(server, record)
    await evening.play(
        until_so=lambda: evening.ledger.answers >= IN_THE_MIDDLE,
        then=lambda: kill(server, victim),
    )
    evening.check()


@pytest.mark.parametrize("victim", ["kernel", "parent", "server"])
async def test_killed_while_the_record_is_merged(
    server: WorkbookServer,
    record: SessionRecord,
    victim: Victim,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_long(record, monkeypatch)
    record.merge()
    facilitator = FacilitatorPhone(server.url)
    await facilitator.sign_in(server.passcode())
    evening = Evening(server, record)

    async def strike() -> None:
        answers = record.folder / "responses.csv"
        before = answers.stat().st_ino

        def has_begun() -> bool:
            """Say whether the first table is new by now, or just being written."""
            return answers.stat().st_ino != before or any(record.folder.glob("*.tmp"))

        address = f"/facilitator/s/{record.session_id}/files/responses.csv"
        merging = asyncio.create_task(facilitator.get(address))
        await asyncio.to_thread(wait_closely, has_begun)
        await kill(server, victim)
        for name in TABLES:
            read_whole(record.folder / name)
        with suppress(HTTPClientError, OSError) if victim == "server" else nullcontext():
            assert (await merging).code == 200

    await evening.play(until_so=lambda: evening.ledger.answers >= IN_THE_MIDDLE, then=strike)
    evening.check()


def make_long(record: SessionRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fill a session with the answers of many evenings, so that a merge takes a while."""
    with monkeypatch.context() as patch:
        skip_syncs(patch)
        writer = record.open_writer(ANN)
        for _ in range(4_000):
            append_answer(writer, text="two\r\nlines")
        writer.close()


def wait_closely(is_so: Callable[[], bool]) -> None:
    """Look as often as can be: what is waited for is over in a moment. To be run in a thread."""
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline, "it never was so"
