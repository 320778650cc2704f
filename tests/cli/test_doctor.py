"""``reconnect doctor`` finds what is wrong with a machine or a record, and says nothing private."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from reconnect_widgets import system
from reconnect_widgets.cli import checks
from reconnect_widgets.records import RecordFolder, SessionRecord
from reconnect_widgets.server.trouble import (
    Space,
    say_little_space,
    say_no_writes,
    say_rows_ahead,
)
from tests.cli.conftest import Run
from tests.cli.test_erase import make_due
from tests.cli.test_session import GOOD, join


class Usage(NamedTuple):
    free: int
    total: int = 250_000_000_000


def verdicts(run: Run) -> dict[str, str]:
    """Return topic → verdict of what is not ok."""
    findings = run("doctor", "--json").json["findings"]
    return {one["topic"]: one["verdict"] for one in findings if one["verdict"] != "ok"}


@pytest.fixture
def record(data_dir: Path, session_id: str) -> SessionRecord:
    record = RecordFolder(data_dir).session(session_id)
    join(record)
    return record


def journal(record: SessionRecord) -> Path:
    (path,) = (record.folder / "journal").glob(f"{GOOD['person']}.*.csv")
    return path


def test_a_whole_record_on_a_ready_machine_has_no_fault(run: Run, record: SessionRecord) -> None:
    done = run("doctor", "--json")
    about_the_record = [
        one for one in done.json["findings"] if one["topic"].startswith(("Session", "Records"))
    ]
    assert {one["verdict"] for one in about_the_record} == {"ok"}
    assert done.json["ok"] is (done.code == 0)


def test_looking_changes_nothing(run: Run, data_dir: Path, record: SessionRecord) -> None:
    def everything() -> dict[str, bytes]:
        return {str(p): p.read_bytes() for p in data_dir.rglob("*") if p.is_file()}

    before = everything()
    run("doctor")
    assert everything() == before


def test_a_record_folder_that_is_not_there_yet_is_worth_knowing(run: Run, data_dir: Path) -> None:
    assert verdicts(run)["Records"] == "look"
    assert not data_dir.exists()


def test_a_torn_last_line_is_worth_knowing_and_no_loss(run: Run, record: SessionRecord) -> None:
    with journal(record).open("ab") as file:
        file.write(b"0190,half a li")
    assert verdicts(run)[f"Session {record.session_id}"] == "look"


def test_a_missing_row_is_bad(run: Run, record: SessionRecord) -> None:
    lines = journal(record).read_bytes().splitlines(keepends=True)
    journal(record).write_bytes(b"".join(lines[:2] + lines[3:]))
    done = run("doctor")
    assert done.code == 1
    assert "BAD" in done.out
    assert f"Session {record.session_id}" in done.err


def test_a_row_that_cannot_be_read_is_bad_and_not_repeated(run: Run, record: SessionRecord) -> None:
    text = journal(record).read_text("utf-8").replace("answered", "replied to by Dorothea")
    journal(record).write_text(text, "utf-8")
    done = run("doctor")
    assert done.code == 1
    assert "Dorothea" not in done.out + done.err


def test_a_session_that_cannot_be_used_is_bad(run: Run, record: SessionRecord) -> None:
    (record.folder / "session.json").write_text("[]")
    assert verdicts(run)[f"Session {record.session_id}"] == "bad"


def test_a_session_past_its_keep_date_is_worth_knowing(run: Run, data_dir: Path) -> None:
    due = make_due(data_dir)
    assert verdicts(run)[f"Session {due.session_id}"] == "look"


@pytest.mark.parametrize(("mode", "found"), [(0o600, None), (0o640, "bad"), (0o604, "bad")])
def test_secrets_that_others_can_read_are_bad(
    run: Run, data_dir: Path, mode: int, found: str | None
) -> None:
    folder = data_dir / ".secrets"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "keys.json").write_text("{}")
    (folder / "keys.json").chmod(mode)
    assert verdicts(run).get("Secrets") == found


@pytest.mark.parametrize(("free_mb", "found"), [(600, None), (400, "look"), (10, "bad")])
def test_a_disk_that_fills_up_is_told_in_time(
    run: Run,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    free_mb: int,
    found: str | None,
) -> None:
    data_dir.mkdir()
    usage = Usage(free_mb * 1_000_000)
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda _: usage)
    assert verdicts(run).get("Space") == found
    said_by_the_desk = say_little_space(Space(*usage))
    assert (str(said_by_the_desk) in run("doctor").out) is (found is not None)


def test_a_disk_that_cannot_be_written_is_bad(
    run: Run, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir.mkdir()

    def refuse(_folder: Path) -> tuple[float, float]:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(checks, "_time_writes", refuse)
    assert verdicts(run)["Records"] == "bad"
    assert f"{say_no_writes()} ({data_dir}: Read-only file system)" in run("doctor").out


def test_a_slow_disk_is_worth_knowing(
    run: Run, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir.mkdir()
    monkeypatch.setattr(checks, "_time_writes", lambda _folder: (80.0, 300.0))
    assert verdicts(run)["Records"] == "look"


def test_a_clock_that_forgot_the_date_is_bad(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "utc_now", lambda: datetime(1970, 1, 1, tzinfo=UTC))
    assert verdicts(run)["Clock"] == "bad"


def test_rows_from_the_future_are_worth_knowing(
    run: Run, record: SessionRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = system.utc_now() - timedelta(hours=12)
    monkeypatch.setattr(system, "utc_now", lambda: earlier)
    assert verdicts(run) == {f"Session {record.session_id}": "look"}
    newest = max(row.recorded_at for row in record.read().rows)
    assert str(say_rows_ahead(newest, earlier)) in run("doctor").out


def test_the_last_minutes_are_not_the_future(
    run: Run, record: SessionRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two machines over one folder never agree to the second."""
    earlier = system.utc_now() - timedelta(minutes=4)
    monkeypatch.setattr(system, "utc_now", lambda: earlier)
    assert verdicts(run) == {}


def test_a_package_that_is_missing_or_too_old_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = {"voila": "0.4.0"}

    def version(name: str) -> str:
        if name == "segno":
            raise checks.metadata.PackageNotFoundError(name)
        return versions.get(name, "9999")

    monkeypatch.setattr(checks.metadata, "version", version)
    done = run("doctor", "--json")
    (finding,) = [one for one in done.json["findings"] if one["topic"] == "Packages"]
    assert finding["verdict"] == "bad"
    assert "voila" in finding["text"]
    assert "segno" in finding["text"]
    assert "click" not in finding["text"]


def test_a_provisioner_that_is_not_registered_is_bad(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "PROVISIONER", "somebody-elses")
    assert verdicts(run)["Kernels"] == "bad"


def test_each_topic_is_told_once_on_a_whole_record(run: Run, record: SessionRecord) -> None:
    topics = Counter(one["topic"] for one in run("doctor", "--json").json["findings"])
    assert set(topics.values()) == {1}


def test_a_package_without_its_files_is_bad(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_PARTS", (*checks._PARTS, "server/static/gone.js"))
    assert verdicts(run)["Parts"] == "bad"
