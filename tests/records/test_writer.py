"""What every record writer keeps to: the folder's and the one that keeps nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from reconnect_widgets.errors import AnswerError
from reconnect_widgets.records import JournalWriter, MemoryWriter, RecordWriter, SessionRecord
from reconnect_widgets.system import new_event_id
from tests.records.example import ANN, BEN, COUPLE, EVENING, append_answer, append_joined

Now = Callable[[], datetime]
Open = Callable[[Now], RecordWriter]


@pytest.fixture(params=["folder", "memory"])
def open_writer(request: pytest.FixtureRequest, record: SessionRecord) -> Open:
    """Opens a writer for Ann that reads the time from the clock it is given."""
    if request.param == "memory":
        return lambda now: MemoryWriter(record.session_id, ANN, now=now)
    return lambda now: JournalWriter(
        record.folder / "journal", record.session_id, ANN, is_withdrawn=lambda: False, now=now
    )


@pytest.fixture
def writer(open_writer: Open) -> Iterator[RecordWriter]:
    writer = open_writer(lambda: EVENING)
    yield writer
    writer.close()


def test_an_answer_comes_back_as_it_is_kept(writer: RecordWriter) -> None:
    event_id = new_event_id()
    row = append_answer(writer, event_id=event_id, value=0, text="=with pleasure")
    assert (row.kind, row.event_id, row.participant_id) == ("answer", event_id, ANN)
    assert (row.exercise, row.round, row.item, row.status) == (
        "checkup",
        1,
        "presence-1",
        "answered",
    )
    assert (row.value, row.text, row.content_version) == ("0", "=with pleasure", "2026.1")
    assert (row.writer_id, row.subject) == (writer.writer_id, ANN)


@pytest.mark.parametrize(
    ("value", "cell"),
    [(4, "4"), (-2, "-2"), (0.5, "0.5"), ("yes", "yes"), ("not-now", "not-now"), (None, "")],
)
def test_a_value_is_kept_raw(
    writer: RecordWriter, value: int | float | str | None, cell: str
) -> None:
    assert append_answer(writer, value=value).value == cell


@pytest.mark.parametrize(
    "value", [True, float("nan"), float("inf"), 1e-7, "", "a b", "=1", "NaN", [1], {"a": 1}, b"1"]
)
def test_what_is_neither_number_nor_key_is_refused(writer: RecordWriter, value: object) -> None:
    with pytest.raises(AnswerError, match="value"):
        append_answer(writer, value=value)


def test_rows_are_numbered_from_one(writer: RecordWriter) -> None:
    assert [append_answer(writer).writer_seq for _ in range(3)] == [1, 2, 3]


def test_a_refused_row_takes_no_number(writer: RecordWriter) -> None:
    with pytest.raises(AnswerError):
        append_answer(writer, item="no key")
    assert append_answer(writer).writer_seq == 1


def test_the_same_event_id_again_adds_nothing_and_returns_the_first_row(
    writer: RecordWriter,
) -> None:
    first = append_answer(writer, value=1)
    again = append_answer(writer, value=4, event_id=first.event_id)
    assert again == first
    assert append_answer(writer).writer_seq == 2


def test_dates_never_go_back_though_the_clock_does(open_writer: Open) -> None:
    times = iter([EVENING, EVENING - timedelta(hours=1), EVENING, EVENING + timedelta(seconds=1)])
    writer = open_writer(lambda: next(times))
    dates = [append_answer(writer).recorded_at for _ in range(4)]
    assert dates == sorted(set(dates))
    assert (dates[0], dates[-1]) == (EVENING, EVENING + timedelta(seconds=1))
    writer.close()


def test_dates_are_whole_milliseconds(open_writer: Open) -> None:
    writer = open_writer(lambda: EVENING.replace(microsecond=123_456))
    assert append_answer(writer).recorded_at == EVENING.replace(microsecond=123_000)
    writer.close()


def test_a_person_row_keeps_its_detail_and_makes_its_own_event_id(writer: RecordWriter) -> None:
    row = append_joined(writer, "Ann")
    assert row.private_detail == {
        "name": "Ann",
        "partner_slot": "A",
        "return_code_hash": "c0ffee",
    }
    assert row.event_id != append_joined(writer, "Ann").event_id


def test_an_event_keeps_what_happened(writer: RecordWriter) -> None:
    row = writer.append_event(
        "step-shown", exercise="checkup", detail="2", participant_id=ANN, dyad_id=COUPLE
    )
    assert (row.kind, row.event, row.exercise, row.detail) == (
        "event",
        "step-shown",
        "checkup",
        "2",
    )
    assert row.private_detail == {}


def test_rows_about_somebody_else_are_refused(writer: RecordWriter) -> None:
    with pytest.raises(AnswerError, match="participant_id"):
        append_answer(writer, participant_id=BEN)


def test_a_closed_writer_says_so(writer: RecordWriter) -> None:
    append_answer(writer)
    writer.close()
    writer.close()
    with pytest.raises(ValueError, match="closed"):
        append_answer(writer)


def test_threads_get_numbers_without_gaps(writer: RecordWriter) -> None:
    rows = []

    def append_some() -> None:
        rows.extend(append_answer(writer) for _ in range(25))

    threads = [threading.Thread(target=append_some) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(row.writer_seq for row in rows) == list(range(1, 101))


def test_the_memory_writer_writes_nothing_anywhere(tmp_path: Path, record: SessionRecord) -> None:
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    writer = MemoryWriter(record.session_id, ANN)
    row = append_answer(writer)
    assert writer.rows == [row]
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
