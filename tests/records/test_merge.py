"""Merging: whole files, every row, everything wrong reported, while others write and merge."""

from __future__ import annotations

import csv
import fcntl
import io
import multiprocessing
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.errors import RecordReadError, RecordWriteError
from reconnect_widgets.records import RecordFolder, SessionRecord, unguard_text
from reconnect_widgets.records.tables import PARTICIPANTS, RESPONSES, TIMELINE
from tests.records.example import (
    ANN,
    BEN,
    EVENING,
    append_answer,
    join,
    journal_of,
    make_session,
    read_table,
)
from tests.records.test_rows import texts

FILES = ("responses.csv", "participants.csv", "timeline.csv", "codebook.csv", "datapackage.json")


def merged_bytes(record: SessionRecord) -> dict[str, bytes]:
    return {name: (record.folder / name).read_bytes() for name in FILES}


def test_the_tables_have_the_columns_of_the_contract() -> None:
    assert ", ".join(RESPONSES.column_names) == (
        "event_id, recorded_at, session_id, participant_id, dyad_id, exercise, round, item, "
        "status, value, text, writer_seq, content_version, schema_version"
    )
    assert ", ".join(PARTICIPANTS.column_names) == (
        "participant_id, dyad_id, partner_slot, name, joined_at, consent, consent_at, "
        "withdrawn_at, return_code_hash"
    )
    assert ", ".join(TIMELINE.column_names) == (
        "event_id, recorded_at, session_id, actor, event, exercise, detail"
    )


def test_an_answer_is_in_the_responses_cell_by_cell(record: SessionRecord) -> None:
    row = append_answer(record.open_writer(ANN), value=0, text="=so")
    report = record.merge()
    (cells,) = read_table(record.folder / "responses.csv")
    assert list(cells.values()) == [
        row.event_id,
        row.recorded_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        record.session_id,
        ANN,
        "d-ab12",
        "checkup",
        "1",
        "presence-1",
        "answered",
        "0",
        "'=so",
        "1",
        "2026.1",
        "1",
    ]
    assert (report.responses, report.participants, report.timeline) == (1, 1, 1)


def test_earlier_answers_stay_as_history(record: SessionRecord) -> None:
    writer = record.open_writer(ANN)
    for value in (1, 4, 2):
        append_answer(writer, value=value)
    record.merge()
    assert [row["value"] for row in read_table(record.folder / "responses.csv")] == ["1", "4", "2"]


def test_people_are_in_participants_and_their_private_details_nowhere_else(
    record: SessionRecord,
) -> None:
    join(record, ANN, "=Ann")
    record.merge()
    (person,) = read_table(record.folder / "participants.csv")
    assert (person["name"], person["partner_slot"], person["consent"]) == ("'=Ann", "A", "recorded")
    assert person["return_code_hash"] == "c0ffee"
    timeline = read_table(record.folder / "timeline.csv")
    assert [(row["actor"], row["event"], row["detail"]) for row in timeline] == [
        ("facilitator", "opened", ""),
        (ANN, "joined", ""),
        (ANN, "consented", "recorded"),
    ]
    assert b"Ann" not in (record.folder / "timeline.csv").read_bytes()


def test_an_empty_session_has_whole_files_with_headers(record: SessionRecord) -> None:
    record.merge()
    assert read_table(record.folder / "responses.csv") == []
    assert (record.folder / "responses.csv").read_bytes().startswith(b"event_id,recorded_at,")
    for name in FILES:
        assert stat.S_IMODE((record.folder / name).stat().st_mode) == 0o600


@given(st.lists(texts, min_size=1, max_size=4))
def test_any_text_comes_back_from_the_journal_and_from_the_merged_table(
    tmp_path_factory: pytest.TempPathFactory, some: list[str]
) -> None:
    record = make_session(tmp_path_factory.mktemp("data"))
    writer = record.open_writer(ANN)
    for text in some:
        append_answer(writer, text=text)
    writer.close()
    assert [row.text for row in record.read((ANN,)).rows] == some
    record.merge()
    merged = read_table(record.folder / "responses.csv")
    assert [unguard_text(row["text"]) for row in merged] == some


def test_merging_again_changes_nothing(record: SessionRecord) -> None:
    join(record, ANN, "Ann")
    record.merge()
    before = {name: (record.folder / name).stat().st_mtime_ns for name in FILES}
    record.merge()
    assert {name: (record.folder / name).stat().st_mtime_ns for name in FILES} == before


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("saved", [b"", b"participant_id;name\n", b"\xff\xfe\x00", None])
def test_a_merged_file_that_a_spreadsheet_saved_over_is_rebuilt(
    record: SessionRecord, name: str, saved: bytes | None
) -> None:
    join(record, ANN, "Ann")
    append_answer(record.open_writer(ANN))
    record.merge()
    before = merged_bytes(record)
    if saved is None:
        (record.folder / name).unlink()
    else:
        (record.folder / name).write_bytes(saved)
    record.merge()
    assert merged_bytes(record) == before


def test_a_torn_tail_is_copied_until_the_row_is_finished(record: SessionRecord) -> None:
    append_answer(record.open_writer(ANN), text="first\nsecond")
    path = journal_of(record, ANN)
    whole = path.read_bytes()
    copy = path.with_suffix(".torn")
    for end in (-1, -30):
        path.write_bytes(whole[:end])
        report = record.merge()
        assert report.torn[0].file == path.name
        assert whole[:end].endswith(copy.read_bytes())
        assert path.read_bytes() == whole[:end]
        assert read_table(record.folder / "responses.csv") == []
    path.write_bytes(whole)
    record.merge()
    assert not copy.exists()
    assert len(read_table(record.folder / "responses.csv")) == 1


def test_what_can_not_be_read_is_reported_and_everything_else_is_merged(
    record: SessionRecord,
) -> None:
    append_answer(record.open_writer(ANN))
    append_answer(record.open_writer(BEN))
    path = journal_of(record, ANN)
    damaged = path.read_bytes() + b"\x00\x00,\xff\r\n"
    path.write_bytes(damaged)
    report = record.merge()
    assert [(one.file, one.line) for one in report.unreadable] == [(path.name, 3)]
    assert report.responses == 2
    assert path.read_bytes() == damaged


def test_a_missing_journal_folder_never_empties_the_tables(record: SessionRecord) -> None:
    append_answer(record.open_writer(ANN))
    record.merge()
    before = merged_bytes(record)
    (record.folder / "journal").rename(record.folder / "elsewhere")
    with pytest.raises(RecordReadError):
        record.merge()
    assert merged_bytes(record) == before


def test_what_a_crashed_merge_left_is_removed(record: SessionRecord) -> None:
    left = [record.folder / ".responses.csv.abc.tmp", record.folder / "journal" / ".x.torn.abc.tmp"]
    for path in left:
        path.write_bytes(b"answers")
    record.merge()
    assert not any(path.exists() for path in left)


def test_a_table_that_can_not_be_replaced_says_which(record: SessionRecord) -> None:
    (record.folder / "timeline.csv").mkdir()
    with pytest.raises(RecordWriteError, match=r"timeline\.csv"):
        record.merge()
    assert not list(record.folder.glob(".*.tmp"))


def _merge_often(data_dir: Path, session_id: str, times: int) -> None:
    record = RecordFolder(data_dir).session(session_id)
    for _ in range(times):
        record.merge()


def test_merges_at_once_leave_the_newest_state(tmp_path: Path, record: SessionRecord) -> None:
    """Four processes merge over and over while rows come; readers see whole files all the time."""
    context = multiprocessing.get_context("spawn")
    merging = [
        context.Process(target=_merge_often, args=(tmp_path, record.session_id, 6))
        for _ in range(4)
    ]
    for process in merging:
        process.start()
    writer = record.open_writer(ANN)
    written = 0
    while any(process.is_alive() for process in merging):
        if written < 200:
            append_answer(writer, text="two\r\nlines")
            written += 1
        if (record.folder / "responses.csv").exists():
            data = (record.folder / "responses.csv").read_bytes()
            rows = list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))
            assert data.endswith(b"\r\n")
            assert {len(row) for row in rows} == {len(RESPONSES.columns)}
            assert [int(row[11]) for row in rows[1:]] == list(range(1, len(rows)))
    assert [process.exitcode for process in merging] == [0] * 4
    assert record.merge().responses == written


def test_an_older_merge_does_not_finish_after_a_newer_one(record: SessionRecord) -> None:
    """A merge waits while another one is at work, so it reads what the other one read or more."""
    lock = os.open(record.folder / ".merge.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    script = (
        "import sys, pathlib; from reconnect_widgets.records import RecordFolder;"
        "record = RecordFolder(pathlib.Path(sys.argv[1])).session(sys.argv[2]);"
        "print('ready', flush=True); record.merge(); print('merged', flush=True)"
    )
    waiting = subprocess.Popen(
        [sys.executable, "-c", script, str(record.folder.parents[1]), record.session_id],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert waiting.stdout is not None
    with waiting:
        assert waiting.stdout.readline() == "ready\n"
        append_answer(record.open_writer(ANN))
        assert not (record.folder / "responses.csv").exists()
        os.close(lock)
        assert waiting.stdout.readline() == "merged\n"
    assert len(read_table(record.folder / "responses.csv")) == 1


def test_the_merge_after_closing_holds_every_row(record: SessionRecord) -> None:
    append_answer(record.open_writer(ANN))
    record.close(EVENING, "facilitator")
    assert len(read_table(record.folder / "responses.csv")) == 1
    assert [row["event"] for row in read_table(record.folder / "timeline.csv")] == [
        "opened",
        "closed",
    ]
