"""What erases asks first, erases all of it, and can be told not to ask."""

from __future__ import annotations

import io
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from reconnect_widgets.records import RecordFolder, SessionRecord
from reconnect_widgets.system import utc_now
from tests.cli.conftest import Run
from tests.cli.test_session import GOOD, join


@pytest.fixture
def record(data_dir: Path, session_id: str) -> SessionRecord:
    record = RecordFolder(data_dir).session(session_id)
    join(record, name="Robin")
    record.merge()
    return record


def everything(folder: Path) -> str:
    return "".join(path.read_text("utf-8") for path in folder.rglob("*") if path.is_file())


def type_in(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_withdrawing_erases_every_trace_but_one_line(run: Run, record: SessionRecord) -> None:
    assert "Robin" in everything(record.folder)
    assert run("withdraw", record.session_id, GOOD["person"], "--yes").code == 0
    left = everything(record.folder)
    assert "Robin" not in left
    assert "presence-1" not in left
    assert (record.folder / "timeline.csv").read_text("utf-8").count("withdrew") == 1
    assert "(withdrawn)" in run("session", "show", record.session_id).out


def test_withdrawing_again_does_no_harm(run: Run, record: SessionRecord) -> None:
    for _ in range(2):
        assert run("withdraw", record.session_id, GOOD["person"], "--yes").code == 0
    assert (record.folder / "timeline.csv").read_text("utf-8").count("withdrew") == 1


@pytest.mark.parametrize("typed", ["", "\n", "y\n", "no\n"])
def test_nothing_is_erased_without_a_whole_yes(
    run: Run, record: SessionRecord, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    before = everything(record.folder)
    type_in(monkeypatch, typed)
    done = run("withdraw", record.session_id, GOOD["person"])
    assert done.code == 1
    assert "Nothing was erased" in done.err
    assert everything(record.folder) == before


def test_a_typed_yes_erases(
    run: Run, record: SessionRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_in(monkeypatch, "Yes\n")
    done = run("withdraw", record.session_id, GOOD["person"])
    assert done.code == 0
    assert "for good" in done.err
    assert "Robin" not in everything(record.folder)


def test_withdrawing_somebody_unknown_is_an_expected_failure(
    run: Run, record: SessionRecord
) -> None:
    done = run("withdraw", record.session_id, "p-zzzzzz", "--yes")
    assert done.code == 1
    assert "session show" in done.err


def make_due(data_dir: Path) -> SessionRecord:
    """Make a session whose keep date has passed."""
    return RecordFolder(data_dir).create_session(
        "Long ago",
        agenda=("checkup",),
        partner_policy="limited-secrets",
        name_visibility="facilitator",
        keep_days=1,
        now=utc_now() - timedelta(days=3),
    )


def test_purging_erases_what_is_due_and_nothing_else(
    run: Run, data_dir: Path, record: SessionRecord
) -> None:
    due = make_due(data_dir)
    done = run("purge", "--due", "--yes")
    assert done.code == 0
    assert due.session_id in done.out
    assert "Erased 1 session." in done.out
    assert not due.folder.exists()
    assert record.folder.exists()


def test_purging_asks_and_needs_to_be_told_what(
    run: Run, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = make_due(data_dir)
    type_in(monkeypatch, "no\n")
    assert run("purge", "--due").code == 1
    assert run("purge", "--yes").code == 2
    assert due.folder.exists()


def test_purging_when_nothing_is_due_says_so(run: Run) -> None:
    done = run("purge", "--due")
    assert (done.code, done.out) == (0, "No session is past its keep date.\n")
