"""The record as frames: typed, exact, up to date, and never more or less than is there."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.errors import RecordReadError
from reconnect_widgets.records import SessionRecord
from reconnect_widgets.review import (
    UnreadRowsWarning,
    load_participants,
    load_responses,
    load_timeline,
)
from tests.records.example import ANN, BEN, EVENING, append_answer, join, journal_of, make_session

RESPONSE_DTYPES = {
    "event_id": "string",
    "recorded_at": "datetime64[ms, UTC]",
    "session_id": "string",
    "participant_id": "string",
    "dyad_id": "string",
    "exercise": "string",
    "round": "Int64",
    "item": "string",
    "status": "category",
    "value": "string",
    "value_number": "Float64",
    "text": "string",
    "writer_seq": "Int64",
    "content_version": "string",
    "schema_version": "string",
}
PARTICIPANT_DTYPES = {
    "session_id": "string",
    "participant_id": "string",
    "dyad_id": "string",
    "partner_slot": "category",
    "name": "string",
    "joined_at": "datetime64[ms, UTC]",
    "consent": "category",
    "consent_at": "datetime64[ms, UTC]",
    "withdrawn_at": "datetime64[ms, UTC]",
    "return_code_hash": "string",
}
TIMELINE_DTYPES = {
    "event_id": "string",
    "recorded_at": "datetime64[ms, UTC]",
    "session_id": "string",
    "actor": "string",
    "event": "string",
    "exercise": "string",
    "detail": "string",
}
LOADERS = [
    (load_responses, RESPONSE_DTYPES),
    (load_participants, PARTICIPANT_DTYPES),
    (load_timeline, TIMELINE_DTYPES),
]
AWKWARD = [
    "=SUM(A1:A9)",
    "'=SUM(A1:A9)",
    "''quoted''",
    "-3",
    "@here",
    "\ttab first",
    'she said "no", and left',
    "one line\nand another\r\nand a third",
    "سلام, مرحبا ‏",
    "🧡 heart",
    "nan",
    "NA",
    "None",
    "  spaces kept  ",
    "trailing newline\n",
]


@pytest.fixture
def record(tmp_path: Path) -> SessionRecord:
    return make_session(tmp_path / "data")


def dtypes(frame: pd.DataFrame) -> dict[str, str]:
    return {name: str(dtype) for name, dtype in frame.dtypes.items()}


def answer_texts(record: SessionRecord, texts: list[str]) -> None:
    writer = record.open_writer(ANN)
    for number, text in enumerate(texts, start=1):
        append_answer(writer, item=f"note-{number}", value=None, text=text)
    writer.close()


def as_copy(record: SessionRecord, folder: Path) -> Path:
    """Copy only the merged files, as somebody would who sends them on."""
    record.merge()
    folder.mkdir()
    for path in [*record.folder.glob("*.csv"), record.folder / "datapackage.json"]:
        shutil.copy(path, folder)
    return folder


@pytest.mark.parametrize(("load", "expected"), LOADERS)
def test_every_column_has_its_type(load, expected, record: SessionRecord) -> None:
    join(record, ANN, "Ann")
    answer_texts(record, ["hello"])
    assert dtypes(load(record.folder)) == expected


@pytest.mark.parametrize(("load", "expected"), LOADERS)
def test_a_folder_without_sessions_gives_an_empty_frame_of_the_same_types(
    load, expected, tmp_path: Path
) -> None:
    (tmp_path / "sessions").mkdir()
    frame = load(tmp_path)
    assert frame.empty
    assert dtypes(frame) == expected


def test_an_empty_session_gives_an_empty_frame_of_the_same_types(record: SessionRecord) -> None:
    frame = load_responses(record.folder)
    assert frame.empty
    assert dtypes(frame) == RESPONSE_DTYPES


def test_frames_of_filled_and_empty_sessions_keep_their_types_together(tmp_path: Path) -> None:
    filled, _ = make_session(tmp_path), make_session(tmp_path)
    join(filled, ANN, "Ann")
    answer_texts(filled, ["hello"])
    for load, expected in LOADERS:
        assert dtypes(load(tmp_path)) == expected


@pytest.mark.parametrize("way", ["journals", "merged copy", "full export", "zip"])
def test_awkward_texts_come_back_exactly(way: str, record: SessionRecord, tmp_path: Path) -> None:
    answer_texts(record, AWKWARD)
    join(record, BEN, "=Ben, the 'second'")
    if way == "journals":
        path = record.folder
    elif way == "merged copy":
        path = as_copy(record, tmp_path / "copy")
    elif way == "full export":
        path = tmp_path / "export"
        record.export("full", path, excel=True)
    else:
        path = tmp_path / "copy.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for file in as_copy(record, tmp_path / "copy").iterdir():
                archive.write(file, f"some folder/{file.name}")
    assert load_responses(path)["text"].tolist() == AWKWARD
    people = load_participants(path).set_index("participant_id")
    assert people.loc[BEN, "name"] == "=Ben, the 'second'"
    assert people.loc[BEN, "session_id"] == record.session_id


storable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1)


@given(st.lists(storable, min_size=1, max_size=5))
def test_any_text_comes_back_exactly(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        record = make_session(Path(folder))
        answer_texts(record, texts)
        assert load_responses(record.folder)["text"].tolist() == texts
        copy = as_copy(record, Path(folder) / "copy")
        assert load_responses(copy)["text"].tolist() == texts


def test_a_value_stays_as_it_was_given_and_is_a_number_only_where_it_is_one(
    record: SessionRecord,
) -> None:
    writer = record.open_writer(ANN)
    for item, value in [("a", 3), ("b", "-1.5"), ("c", "with-words"), ("d", "inf"), ("e", "1e5")]:
        append_answer(writer, item=item, value=value)
    append_answer(writer, item="f", status="skipped", value=None)
    writer.close()
    frame = load_responses(record.folder)
    assert frame["value"].tolist()[:5] == ["3", "-1.5", "with-words", "inf", "1e5"]
    assert frame["value"].isna().tolist() == [False] * 5 + [True]
    assert frame["value_number"].tolist()[:2] == [3.0, -1.5]
    assert frame["value_number"].isna().tolist() == [False, False, True, True, True, True]


def test_an_answer_newer_than_the_merged_files_is_there(record: SessionRecord) -> None:
    answer_texts(record, ["before"])
    record.merge()
    writer = record.open_writer(ANN)
    append_answer(writer, item="note-2", value=None, text="after")
    assert load_responses(record.folder)["text"].tolist() == ["before", "after"]
    writer.close()


def test_merged_files_that_a_spreadsheet_spoiled_do_no_harm_where_the_journals_are(
    record: SessionRecord,
) -> None:
    answer_texts(record, ["hello"])
    record.merge()
    (record.folder / "responses.csv").write_text("event_id;recorded_at\n1;2\n", encoding="utf-8")
    assert load_responses(record.folder)["text"].tolist() == ["hello"]


def test_the_torn_end_of_a_row_is_no_row_and_no_alarm(record: SessionRecord) -> None:
    answer_texts(record, ["hello"])
    with journal_of(record, ANN).open("ab") as journal:
        journal.write(b"019cb4dd-2706-785c-ac3a-82c4b5583ecf,2026-11-20T18:0")
    assert load_responses(record.folder)["text"].tolist() == ["hello"]


def test_rows_of_a_journal_that_can_not_be_read_are_warned_of_and_the_rest_is_there(
    record: SessionRecord,
) -> None:
    answer_texts(record, ["hello"])
    with journal_of(record, ANN).open("ab") as journal:
        journal.write(b"private words,not a row\r\n")
    with pytest.warns(UnreadRowsWarning, match="line 3") as caught:
        frame = load_responses(record.folder)
    assert frame["text"].tolist() == ["hello"]
    assert "private words" not in str(caught[0].message)


def test_of_somebody_who_withdrew_nothing_is_left_but_that_they_did(record: SessionRecord) -> None:
    join(record, ANN, "Ann")
    answer_texts(record, ["hello"])
    record.withdraw(ANN, EVENING)
    assert load_responses(record.folder).empty
    (row,) = load_participants(record.folder).to_dict("records")
    assert row["participant_id"] == ANN
    assert row["withdrawn_at"] == EVENING
    assert pd.isna(row["name"])
    assert load_timeline(record.folder)["event"].tolist()[-1] == "withdrew"


def test_a_data_folder_gives_all_sessions_each_row_under_its_own(tmp_path: Path) -> None:
    records = [make_session(tmp_path) for _ in range(3)]
    for number, record in enumerate(records):
        answer_texts(record, [f"session {number}"])
    frame = load_responses(tmp_path)
    found = dict(zip(frame["session_id"], frame["text"], strict=True))
    assert found == {r.session_id: f"session {n}" for n, r in enumerate(records)}
    assert load_responses([records[2].folder, records[0].folder])["text"].tolist() == [
        "session 2",
        "session 0",
    ]


def test_practice_sessions_are_read_only_where_a_path_leads_to_one_alone(tmp_path: Path) -> None:
    real, practice = make_session(tmp_path), make_session(tmp_path, is_practice=True)
    answer_texts(real, ["Real"])
    answer_texts(practice, ["Practice"])
    copy = as_copy(practice, tmp_path / "copy")
    for path in (tmp_path, tmp_path / "sessions"):
        assert load_responses(path)["text"].tolist() == ["Real"]
        assert set(load_participants(path)["session_id"]) == {real.session_id}
        assert set(load_timeline(path)["session_id"]) == {real.session_id}
    for path in (practice.folder, copy):
        assert load_responses(path)["text"].tolist() == ["Practice"]
    assert load_responses([tmp_path, practice.folder])["text"].tolist() == ["Real", "Practice"]
    real.purge()
    assert load_responses(tmp_path).empty
    assert load_responses(tmp_path / "sessions").empty


def test_a_session_given_twice_is_refused_because_people_would_count_twice(
    record: SessionRecord, tmp_path: Path
) -> None:
    answer_texts(record, ["hello"])
    with pytest.raises(RecordReadError, match="give each session once"):
        load_responses([record.folder, as_copy(record, tmp_path / "copy")])


def test_one_csv_alone_can_be_named(record: SessionRecord, tmp_path: Path) -> None:
    answer_texts(record, ["hello"])
    copy = as_copy(record, tmp_path / "copy")
    assert load_responses(copy / "responses.csv")["text"].tolist() == ["hello"]
    with pytest.raises(RecordReadError, match=r"expected participants\.csv"):
        load_participants(copy / "responses.csv")


def test_a_folder_that_was_renamed_still_names_its_session(
    record: SessionRecord, tmp_path: Path
) -> None:
    answer_texts(record, ["hello"])
    record.folder.rename(tmp_path / "Copy of the group")
    frame = load_responses(tmp_path / "Copy of the group")
    assert frame["session_id"].tolist() == [record.session_id]


def test_a_path_with_nothing_of_ours_says_what_was_expected(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello", encoding="utf-8")
    for path in (tmp_path / "missing", tmp_path / "notes.txt", tmp_path):
        with pytest.raises(RecordReadError, match="expected a session's folder"):
            load_responses(path)


def test_reading_changes_nothing_in_the_folder(record: SessionRecord) -> None:
    join(record, ANN, "Ann")
    answer_texts(record, ["hello"])
    record.merge()

    def contents() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in record.folder.rglob("*") if path.is_file()}

    before = contents()
    for load, _ in LOADERS:
        load(record.folder)
    assert contents() == before
