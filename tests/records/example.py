"""People and rows that the tests of the record share."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reconnect_widgets.records import RecordFolder, RecordWriter, Row, SessionRecord
from reconnect_widgets.system import new_event_id

EVENING = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
ANN, BEN, CLEO = "p-ann001", "p-ben002", "p-cleo03"
COUPLE = "d-ab12"


def make_session(data_dir: Path, **changes: Any) -> SessionRecord:
    """Make a session whose keep date is far away."""
    settings: dict[str, Any] = {
        "agenda": ["welcome", "checkup"],
        "partner_policy": "limited-secrets",
        "name_visibility": "facilitator",
        "keep_days": 36_000,
        "now": EVENING,
    }
    return RecordFolder(data_dir).create_session("Tuesday group", **(settings | changes))


def append_answer(writer: RecordWriter, **changes: Any) -> Row:
    """Append an answer of whoever the writer writes for."""
    answer: dict[str, Any] = {
        "exercise": "checkup",
        "round_": 1,
        "item": "presence-1",
        "status": "answered",
        "value": 3,
        "event_id": new_event_id(),
        "participant_id": writer.writer_id.partition(".")[0],
        "dyad_id": COUPLE,
        "content_version": "2026.1",
    }
    return writer.append_answer(**(answer | changes))


def append_joined(writer: RecordWriter, name: str, slot: str | None = "A") -> Row:
    """Append that the person the writer writes for has joined."""
    return writer.append_person(
        "joined",
        {"name": name, "partner_slot": slot, "return_code_hash": "c0ffee"},
        participant_id=writer.writer_id.partition(".")[0],
        dyad_id=COUPLE if slot else "",
    )


def join(record: SessionRecord, participant_id: str, name: str, slot: str | None = "A") -> None:
    """Let somebody join and agree to be recorded."""
    writer = record.open_writer(participant_id)
    append_joined(writer, name, slot)
    writer.append_person(
        "consented",
        {"consent": "recorded"},
        participant_id=participant_id,
        dyad_id=COUPLE if slot else "",
    )
    writer.close()


def journal_of(record: SessionRecord, subject: str) -> Path:
    """Return the only journal file of this subject."""
    (path,) = (record.folder / "journal").glob(f"{subject}.*.csv")
    return path


def read_table(path: Path) -> list[dict[str, str]]:
    """Read a merged table as any CSV program would, guards and all."""
    import csv

    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
