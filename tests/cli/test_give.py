"""``merge`` and ``export``: whole files, and in a copy no more than its level."""

from __future__ import annotations

from pathlib import Path

import pytest
from frictionless import validate

from reconnect_widgets.records import RecordFolder, SessionRecord
from tests.cli.conftest import Run
from tests.cli.test_erase import everything
from tests.cli.test_session import GOOD, join


@pytest.fixture
def record(data_dir: Path, session_id: str) -> SessionRecord:
    record = RecordFolder(data_dir).session(session_id)
    join(record, name="Robin")
    return record


def test_merging_brings_the_answers_and_their_wording(run: Run, record: SessionRecord) -> None:
    assert run("merge", record.session_id).code == 0
    assert "presence-1" in (record.folder / "responses.csv").read_text("utf-8")
    assert "Very often" in (record.folder / "codebook.csv").read_text("utf-8")


def test_merging_says_when_rows_could_not_be_read(run: Run, record: SessionRecord) -> None:
    (journal,) = (record.folder / "journal").glob(f"{GOOD['person']}.*.csv")
    journal.write_bytes(journal.read_bytes().replace(b"skipped", b"wobbled"))
    done = run("merge", record.session_id)
    assert done.code == 0
    assert "reconnect doctor" in done.err


@pytest.mark.parametrize("level", ["full", "deidentified", "group"])
def test_a_copy_is_a_valid_data_package_without_the_join_code(
    run: Run, record: SessionRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    out = tmp_path / "copy"
    done = run("export", record.session_id, "--level", level, "--out", str(out))
    assert done.code == 0, done.err
    assert str(out) in done.out
    assert record.info.code not in everything(out)
    assert ("Robin" in everything(out)) is (level == "full")
    monkeypatch.chdir(out)
    report = validate("datapackage.json")
    assert report.valid, report.flatten(["message"])


def test_a_copy_for_excel_begins_so_that_excel_knows_its_letters(
    run: Run, record: SessionRecord, tmp_path: Path
) -> None:
    out = tmp_path / "copy"
    run("export", record.session_id, "--level", "full", "--out", str(out), "--excel")
    assert (out / "responses.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_copy_is_not_mixed_into_other_files(
    run: Run, record: SessionRecord, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    done = run("export", record.session_id, "--level", "group", "--out", str(tmp_path))
    assert done.code == 1
    assert "new or empty folder" in done.err
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_level_that_does_not_exist_is_a_usage_error(
    run: Run, record: SessionRecord, tmp_path: Path
) -> None:
    out = tmp_path / "copy"
    assert run("export", record.session_id, "--level", "some", "--out", str(out)).code == 2
    assert run("export", record.session_id, "--level", "full").code == 2
    assert not out.exists()
