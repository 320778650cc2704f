"""What was acknowledged against what is in a record: each way in which they can differ."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reconnect_widgets.records import RecordFolder, Row, SessionRecord
from reconnect_widgets.rehearsal import Acknowledged, Comparison, Ledger, compare
from reconnect_widgets.system import format_instant
from tests.records.example import ANN, BEN, append_answer, join, make_session


@pytest.fixture
def record(tmp_path: Path) -> SessionRecord:
    return make_session(tmp_path)


def acknowledge(ledger: Ledger, row: Row, person: int = 0) -> Acknowledged:
    one = Acknowledged(
        person,
        row.event_id,
        True,
        format_instant(row.recorded_at),
        row.exercise,
        row.round,
        row.item,
        row.status,
        int(row.value) if row.value else None,
    )
    ledger.sent.add(row.event_id)
    ledger.acknowledged.append(one)
    return one


def played(record: SessionRecord) -> tuple[Ledger, list[Row]]:
    """Ann answers two questions, changes the first, and skips a third; Ben answers one."""
    ledger = Ledger()
    rows = []
    for person, subject in enumerate((ANN, BEN)):
        join(record, subject, "Practice 1A")
        writer = record.open_writer(subject)
        for item, value in [("presence-1", 3), ("touch-2", 0), ("presence-1", 4)]:
            rows.append(append_answer(writer, item=item, value=value))
        rows.append(append_answer(writer, item="repair-3", status="skipped", value=None))
        writer.close()
        for row in rows[-4:]:
            acknowledge(ledger, row, person)
    return ledger, rows


def found(ledger: Ledger, record: SessionRecord) -> Comparison:
    return compare(
        ledger, RecordFolder(record.folder.parent.parent).session(record.session_id).read().rows
    )


def test_what_is_as_it_was_given_is_whole(record: SessionRecord) -> None:
    ledger, _ = played(record)
    assert found(ledger, record) == Comparison(8, 0, 0, 0)


def test_a_row_that_is_not_there_is_lost(record: SessionRecord) -> None:
    ledger, rows = played(record)
    left = [row for row in record.read().rows if row.event_id != rows[1].event_id]
    assert compare(ledger, left) == Comparison(8, 1, 0, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"value": 2},
        {"status": "declined", "value": None},
        {"round": 2},
        {"item": "touch-3"},
        {"exercise": "other"},
        {"recorded_at": "2026-11-20T18:00:00.001Z"},
    ],
    ids=lambda changes: "-".join(changes),
)
def test_a_row_that_is_not_as_it_was_given_is_different(
    record: SessionRecord, changes: dict[str, object]
) -> None:
    ledger, _ = played(record)
    ledger.acknowledged[1] = replace(ledger.acknowledged[1], **changes)
    assert found(ledger, record) == Comparison(8, 0, 1, 0)


def test_answers_of_one_person_under_two_people_are_different(record: SessionRecord) -> None:
    ledger, _ = played(record)
    ledger.acknowledged[5] = replace(ledger.acknowledged[5], person=0)
    assert found(ledger, record).different == 1


def test_an_answer_that_was_overtaken_is_different_unless_we_sent_what_did(
    record: SessionRecord,
) -> None:
    ledger, _ = played(record)
    writer = record.open_writer(ANN)
    row = append_answer(writer, item="touch-2", value=1)
    writer.close()
    assert found(ledger, record) == Comparison(8, 0, 1, 1)
    ledger.sent.add(row.event_id)  # it was sent, and the line broke before it was confirmed
    assert found(ledger, record) == Comparison(8, 0, 0, 0)


def test_any_answer_of_who_is_not_recorded_is_extra(record: SessionRecord) -> None:
    ledger, _ = played(record)
    consent = next(
        row for row in record.read().rows if row.subject == BEN and row.event == "consented"
    )
    mine = [one for one in ledger.acknowledged if one.person == 0]
    theirs = [replace(o, in_record=False) for o in ledger.acknowledged if o.person == 1]
    chose = Acknowledged(1, consent.event_id, True, format_instant(consent.recorded_at))
    ledger.acknowledged = [*mine, chose, *theirs]
    assert found(ledger, record) == Comparison(5, 0, 0, 4)


def test_other_peoples_answers_are_no_business_of_a_rehearsal(record: SessionRecord) -> None:
    ledger, _ = played(record)
    ledger.acknowledged = [one for one in ledger.acknowledged if one.person == 0]
    ledger.sent = {one.event_id for one in ledger.acknowledged}
    assert found(ledger, record) == Comparison(4, 0, 0, 0)
