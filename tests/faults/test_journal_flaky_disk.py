"""An OSError at the n-th call to the system, for every n: nothing acknowledged is ever lost."""

from __future__ import annotations

import csv
import errno
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reconnect_widgets.errors import RecordError, RecordReadError, RecordWriteError
from reconnect_widgets.records import RecordFolder, Row, SessionRecord
from reconnect_widgets.system import new_event_id
from tests.records.example import (
    ANN,
    BEN,
    EVENING,
    append_answer,
    join,
    make_session,
    read_table,
)
from tests.records.flaky_disk import FlakyDisk, flaky_disk, skip_syncs

CODES = (errno.ENOSPC, errno.EIO, errno.EACCES)
TABLES = ("responses.csv", "participants.csv", "timeline.csv", "codebook.csv")
TEXTS = ("one", "two\r\nlines", "=three", "four")


@pytest.fixture(autouse=True)
def _no_syncs(monkeypatch: pytest.MonkeyPatch) -> None:
    skip_syncs(monkeypatch)


@pytest.fixture
def record(tmp_path: Path) -> SessionRecord:
    return make_session(tmp_path)


def every_failure(
    try_once: Callable[[int, bool], FlakyDisk], *, stays_broken: tuple[bool, ...] = (False, True)
) -> int:
    """Call with n = 1, 2, 3 … until the disk is not used often enough to fail any more."""
    tried = 0
    for stays in stays_broken:
        number = 1
        while try_once(number, stays).has_failed:
            number += 1
            tried += 1
    return tried


def test_a_row_is_returned_only_after_its_data_and_the_new_files_name_are_synced(
    record: SessionRecord,
) -> None:
    writer = record.open_writer(ANN)
    with flaky_disk() as disk:
        append_answer(writer)
        first = [call for call in disk.calls if call not in ("listdir", "read")]
        disk.calls.clear()
        append_answer(writer)
    # Made; written and synced; the folder opened and synced.
    assert first == ["open", "write", "fdatasync", "open", "fsync"]
    assert disk.calls == ["fstat", "write", "fdatasync"]


def test_a_merged_file_is_synced_before_and_its_name_after_it_is_put_in_place(
    record: SessionRecord,
) -> None:
    with flaky_disk() as disk:
        record.merge()
    first = disk.calls.index("write")
    assert disk.calls[first : first + 5] == ["write", "fsync", "replace", "open", "fsync"]


@pytest.mark.parametrize("code", CODES)
def test_every_acknowledged_row_is_there_once_whatever_failed_meanwhile(
    tmp_path: Path, code: int
) -> None:
    def answer_and_retry(fails_at: int, stays_broken: bool) -> FlakyDisk:
        record = make_session(tmp_path)
        writer = record.open_writer(ANN)
        acknowledged: list[Row] = []
        waiting = [(new_event_id(), text) for text in TEXTS]
        with flaky_disk(fails_at, code, stays_broken=stays_broken) as disk:
            for event_id, text in waiting:
                # A person's browser: what fails is sent again, and others follow meanwhile.
                try:
                    acknowledged.append(append_answer(writer, event_id=event_id, text=text))
                except RecordWriteError:
                    assert disk.has_failed
        seen_by_others = record.read((ANN,))
        assert set(acknowledged) <= set(seen_by_others.rows)
        assert seen_by_others.unreadable == ()
        acknowledged += [
            append_answer(writer, event_id=event_id, text=text) for event_id, text in waiting
        ]
        history = record.read((ANN,))
        assert {row.event_id: row.text for row in history.rows} == dict(waiting)
        # The very row that was acknowledged, not only its like.
        assert set(acknowledged) <= set(history.rows)
        assert (history.gaps, history.unreadable) == ((), ())
        assert record.merge().responses == len(TEXTS)
        return disk

    # 11 calls for the first row, 3 for each other one, and the same again for the retries.
    assert every_failure(answer_and_retry) >= 2 * 15


@pytest.mark.parametrize("code", CODES)
def test_a_failed_row_is_cut_off_or_its_file_left_for_good(tmp_path: Path, code: int) -> None:
    def fail_in_the_second_row(fails_at: int, stays_broken: bool) -> FlakyDisk:
        record = make_session(tmp_path)
        writer = record.open_writer(ANN)
        append_answer(writer, text="one")
        (path,) = (record.folder / "journal").glob(f"{ANN}.*")
        before = path.read_bytes()
        with flaky_disk(fails_at, code, stays_broken=stays_broken) as disk:
            try:
                append_answer(writer, text="two")
            except RecordWriteError:
                pass
            else:
                return disk
        left = path.read_bytes()
        assert left.startswith(before)
        append_answer(writer, text="three")
        if left != before:
            # It could not be cut off: nobody ever writes behind the rest.
            assert path.read_bytes() == left
            assert (record.folder / "journal" / f"{writer.writer_id}.csv") != path
        return disk

    assert every_failure(fail_in_the_second_row) >= 4


@pytest.mark.parametrize("code", CODES)
def test_a_merge_that_fails_anywhere_leaves_every_file_whole(tmp_path: Path, code: int) -> None:
    record = make_session(tmp_path)
    join(record, ANN, "Ann")
    append_answer(record.open_writer(ANN), text="two\r\nlines")
    record.merge()
    before = {name: (record.folder / name).read_bytes() for name in TABLES}
    append_answer(record.open_writer(BEN), text="newer")
    journals = {path: path.read_bytes() for path in (record.folder / "journal").iterdir()}

    def merge(fails_at: int, stays_broken: bool) -> FlakyDisk:
        for name, data in before.items():
            (record.folder / name).write_bytes(data)
        with flaky_disk(fails_at, code, stays_broken=stays_broken) as disk:
            try:
                report = record.merge()
            except (RecordWriteError, RecordReadError):
                assert disk.has_failed
            else:
                # One journal could not be read: it is told, and the others are in the tables.
                assert report.unreadable or report.responses == 2 or not disk.has_failed
        for name in TABLES:
            rows = list(csv.reader(io.StringIO((record.folder / name).read_text("utf-8"))))
            assert len({len(row) for row in rows}) == 1
        assert {path: path.read_bytes() for path in journals} == journals
        report = record.merge()
        assert (report.responses, report.unreadable) == (2, ())
        assert list(record.folder.rglob(".*.tmp")) == []
        return disk

    assert every_failure(merge) >= 40


@pytest.mark.parametrize("code", CODES)
def test_a_withdrawal_that_fails_anywhere_is_finished_by_trying_again(
    tmp_path: Path, code: int
) -> None:
    def withdraw(fails_at: int, stays_broken: bool) -> FlakyDisk:
        record = make_session(tmp_path)
        join(record, ANN, "Ann the first")
        append_answer(record.open_writer(BEN), text="kept")
        record.merge()
        with flaky_disk(fails_at, code, stays_broken=stays_broken) as disk:
            try:
                record.withdraw(ANN, EVENING)
            except RecordError:
                assert disk.has_failed
        history = record.read()
        if ANN in history.withdrawn:
            assert ANN not in {row.participant_id for row in record.read((ANN, BEN)).rows}
        record.withdraw(ANN, EVENING)
        assert not any(
            b"Ann the first" in path.read_bytes()
            for path in record.folder.rglob("*")
            if path.is_file()
        )
        timeline = read_table(record.folder / "timeline.csv")
        assert [row["event"] for row in timeline].count("withdrew") == 1
        assert len(read_table(record.folder / "responses.csv")) == 1
        return disk

    assert every_failure(withdraw, stays_broken=(False,)) >= 40


@pytest.mark.parametrize("code", CODES)
def test_a_session_is_made_whole_or_not_at_all(tmp_path: Path, code: int) -> None:
    folders = iter(tmp_path / str(number) for number in range(10_000))

    def create(fails_at: int, stays_broken: bool) -> FlakyDisk:
        data_dir = next(folders)
        data_dir.mkdir()
        with flaky_disk(fails_at, code, stays_broken=stays_broken) as disk:
            try:
                made: SessionRecord | None = make_session(data_dir)
            except RecordWriteError:
                made = None
                assert disk.has_failed
        if made is not None:
            assert [row.event for row in made.read().rows] == ["opened"]
        if not stays_broken:
            found = [record.session_id for record in RecordFolder(data_dir).sessions()]
            assert found == ([made.session_id] if made else [])
        return disk

    assert every_failure(create) >= 20


@pytest.mark.parametrize("code", CODES)
def test_a_purge_that_fails_anywhere_is_finished_by_purging_again(
    tmp_path: Path, code: int
) -> None:
    def purge(fails_at: int, stays_broken: bool) -> FlakyDisk:
        record = make_session(tmp_path)
        join(record, ANN, "Ann")
        record.merge()
        with flaky_disk(fails_at, code, stays_broken=stays_broken) as disk:
            try:
                record.purge()
            except RecordWriteError:
                assert disk.has_failed
        record.purge()
        assert not record.folder.exists()
        return disk

    assert every_failure(purge, stays_broken=(False,)) >= 8


@pytest.fixture
def tail_rows(record: SessionRecord) -> Iterator[list[Row]]:
    writer = record.open_writer(ANN)
    yield [append_answer(writer, text=text) for text in TEXTS]
    writer.close()


def test_a_follower_misses_nothing_that_it_could_not_read_at_first(
    record: SessionRecord, tail_rows: list[Row]
) -> None:
    def follow(fails_at: int, stays_broken: bool) -> FlakyDisk:
        tail = record.tail()
        seen = []
        with flaky_disk(fails_at, errno.EIO, stays_broken=stays_broken) as disk:
            for _ in range(3):
                seen += tail.poll()
        seen += tail.poll()
        assert [row for row in seen if row.kind == "answer"] == tail_rows
        return disk

    assert every_failure(follow) >= 6
