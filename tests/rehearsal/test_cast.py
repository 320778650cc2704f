"""People of a rehearsal are as patient as people are."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconnect_widgets.records import RecordFolder, SessionRecord
from reconnect_widgets.rehearsal import FAST, HUMAN, Cast, Pace, Server, compare
from tests.support.server import WorkbookServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WorkbookServer]:
    server = WorkbookServer(tmp_path / "data").start()
    yield server
    server.stop()


def test_only_the_human_pace_takes_its_time() -> None:
    assert (FAST.arrive_within_s, FAST.thinking) == (0, 0)
    assert 60 <= HUMAN.arrive_within_s <= 120
    assert HUMAN.thinking == 1


async def test_a_server_that_is_killed_in_the_middle_costs_time_and_nothing_else(
    server: WorkbookServer,
) -> None:
    session = server.new_session("Practice")
    # A hundredth of a person's pauses: they are still answering when the server goes.
    pace = Pace(arrive_within_s=0.2, thinking=0.02, patience_s=60)
    cast = Cast(Server(server.url), session["code"], 2, pace, looks_back=False)
    assert await cast.open_door() == "Practice"
    playing = asyncio.create_task(cast.play())
    while cast.ledger.answers < 20:
        assert not playing.done()
        await asyncio.sleep(0.01)
    server.kill()
    await asyncio.to_thread(server.start)
    await playing
    ledger = cast.ledger
    assert not ledger.problems
    assert (ledger.joined, ledger.finished) == (4, 4)
    rows = RecordFolder(server.data_dir).session(session["session_id"]).read().rows
    found = compare(ledger, rows)
    assert found.is_whole
    assert found.compared > 72


def end(record: SessionRecord) -> None:
    """Let the session's end date be over."""
    path = record.folder / "session.json"
    over = json.loads(path.read_text("utf-8")) | {"keep_until": "2026-01-01T00:00:00.000Z"}
    path.with_suffix(".new").write_text(json.dumps(over), "utf-8")
    path.with_suffix(".new").replace(path)


async def test_a_couple_whose_session_ends_meanwhile_stops_and_says_so(
    server: WorkbookServer,
) -> None:
    session = server.new_session("Practice")
    record = RecordFolder(server.data_dir).session(session["session_id"])
    pace = Pace(arrive_within_s=0, thinking=0.02, patience_s=60)
    cast = Cast(Server(server.url), session["code"], 1, pace, looks_back=False)
    await cast.open_door()
    playing = asyncio.create_task(cast.play())
    while cast.ledger.answers < 5:
        assert not playing.done()
        await asyncio.sleep(0.01)
    # Closing would not stop them: their own checkup goes on until the end date.
    end(record)
    await playing
    assert cast.ledger.finished == 0
    assert sum(cast.ledger.problems.values()) == 2
    assert any("closed" in what for _, what in cast.ledger.problems)
    assert compare(cast.ledger, record.read().rows).is_whole
