"""The journal file: whose it is, when it is made, when it is left alone."""

from __future__ import annotations

import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from reconnect_widgets.errors import RecordWriteError, WithdrawnError
from reconnect_widgets.records import JOURNAL_COLUMNS, JournalWriter, SessionRecord
from tests.records.example import ANN, EVENING, append_answer, append_joined, journal_of


def journals(record: SessionRecord, subject: str = ANN) -> list[Path]:
    return sorted((record.folder / "journal").glob(f"{subject}.*.csv"))


def test_the_file_comes_with_the_first_row(record: SessionRecord) -> None:
    writer = record.open_writer(ANN)
    assert journals(record) == []
    append_answer(writer)
    assert journals(record) == [record.folder / "journal" / f"{writer.writer_id}.csv"]


def test_the_file_begins_with_the_header_and_is_for_its_owner_alone(record: SessionRecord) -> None:
    append_answer(record.open_writer(ANN))
    path = journal_of(record, ANN)
    assert path.read_bytes().split(b"\r\n")[0].decode() == ",".join(JOURNAL_COLUMNS)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (path.parent, record.folder, record.folder.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_row_is_one_line_with_its_cells_in_order(record: SessionRecord) -> None:
    row = append_answer(record.open_writer(ANN), value=2, text='say "hi", or =so')
    line = journal_of(record, ANN).read_bytes().split(b"\r\n")[1].decode()
    date = (
        row.recorded_at.strftime("%Y-%m-%dT%H:%M:%S.")
        + f"{row.recorded_at.microsecond // 1000:03}Z"
    )
    assert line == (
        f"{row.event_id},{date},answer,{record.session_id},p-ann001,d-ab12,checkup,1,presence-1,"
        'answered,2,"say ""hi"", or =so",,,1,2026.1,1'
    )


def test_every_writer_has_a_file_of_its_own(record: SessionRecord) -> None:
    for _ in range(3):
        append_answer(record.open_writer(ANN))
    assert len(journals(record)) == 3


def test_a_resumed_person_retries_without_a_second_row(record: SessionRecord) -> None:
    first = append_answer(record.open_writer(ANN), value=1)
    again = append_answer(record.open_writer(ANN), value=1, event_id=first.event_id)
    assert again == first
    assert len(journals(record)) == 1


def test_a_resumed_person_is_dated_after_their_earlier_rows(record: SessionRecord) -> None:
    def open_at(hours: int) -> JournalWriter:
        known = record.read((ANN,)).rows
        return JournalWriter(
            record.folder / "journal",
            record.session_id,
            ANN,
            known=known,
            is_withdrawn=lambda: False,
            now=lambda: EVENING + timedelta(hours=hours),
        )

    append_answer(open_at(0), value=1)
    append_answer(open_at(-2), value=4)
    assert [row.value for row in record.read((ANN,)).rows] == ["1", "4"]


def test_a_file_that_somebody_deleted_is_not_written_again(record: SessionRecord) -> None:
    writer = record.open_writer(ANN)
    append_answer(writer, item="presence-1")
    journal_of(record, ANN).unlink()
    row = append_answer(writer, item="presence-2")
    assert record.read().rows[-1] == row
    assert row.writer_seq == 1


@pytest.mark.parametrize("change", [b"", b"a line of another program\r\n"])
def test_a_file_that_somebody_changed_is_left_as_it_is(
    record: SessionRecord, change: bytes
) -> None:
    writer = record.open_writer(ANN)
    append_answer(writer)
    path = journal_of(record, ANN)
    changed = path.read_bytes() + change if change else path.read_bytes()[:-20]
    path.write_bytes(changed)
    row = append_answer(writer, item="presence-2")
    assert path.read_bytes() == changed
    assert record.read().rows[-1] == row


def test_a_file_that_was_replaced_while_it_was_written_loses_no_later_row(
    record: SessionRecord,
) -> None:
    """As a spreadsheet program saves: a new file under the old name."""
    writer = record.open_writer(ANN)
    first = append_answer(writer)
    path = journal_of(record, ANN)
    copy = path.with_name("saved")
    copy.write_bytes(path.read_bytes())
    os.replace(copy, path)
    second = append_answer(writer, item="presence-2")
    assert record.read().rows[-2:] == (first, second)


def test_a_writer_learns_of_the_withdrawal_with_its_next_row(record: SessionRecord) -> None:
    writer = record.open_writer(ANN)
    append_joined(writer, "Ann")
    record.withdraw(ANN, EVENING)
    for _ in range(2):
        with pytest.raises(WithdrawnError):
            append_answer(writer)
    assert journals(record) == []


def test_a_writer_opened_before_and_used_first_after_a_withdrawal_writes_nothing(
    record: SessionRecord,
) -> None:
    append_joined(record.open_writer(ANN), "Ann")
    late = record.open_writer(ANN)
    record.withdraw(ANN, EVENING)
    with pytest.raises(WithdrawnError):
        append_answer(late)
    assert journals(record) == []


def test_no_writer_is_opened_for_somebody_who_withdrew(record: SessionRecord) -> None:
    append_joined(record.open_writer(ANN), "Ann")
    record.withdraw(ANN, EVENING)
    with pytest.raises(WithdrawnError):
        record.open_writer(ANN)


def test_a_writer_of_a_purged_session_does_not_bring_it_back(record: SessionRecord) -> None:
    writer = record.open_writer(ANN)
    append_answer(writer)
    record.purge()
    with pytest.raises(RecordWriteError):
        append_answer(writer)
    assert not record.folder.exists()
