"""What rows say of what waits for somebody, and of how far they are."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from reconnect_widgets.domain.waiting import Waiting
from reconnect_widgets.records import RecordFolder, Row, SessionRecord
from reconnect_widgets.records.acts import write_act, write_clock_act
from reconnect_widgets.records.waiting import read_how_far, read_waiting
from reconnect_widgets.system import new_event_id, utc_now
from tests.support.one_after_another import one_after_another

ANN, BEN, COUPLE = "p-ann001", "p-ben002", "d-ab12"


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SessionRecord:
    one_after_another(monkeypatch)
    return RecordFolder(tmp_path).create_session(
        "Tuesday group",
        agenda=("welcome",),
        partner_policy="limited-secrets",
        name_visibility="off",
        keep_days=30,
        now=utc_now(),
    )


def note(record: SessionRecord, person: str, event: str, exercise: str, detail: str = "") -> Row:
    writer = record.open_writer(person)
    row = writer.append_event(
        event, exercise=exercise, detail=detail, participant_id=person, dyad_id=COUPLE
    )
    writer.close()
    return row


def rows_of(record: SessionRecord, person: str) -> tuple[Row, ...]:
    return record.read((person,)).rows


def waiting(record: SessionRecord) -> list[Waiting]:
    return list(read_waiting(rows_of(record, ANN), rows_of(record, BEN), utc_now()))


def test_a_line_waits_until_its_page_was_seen(record: SessionRecord) -> None:
    note(record, BEN, "delivered", "appreciation", write_act(1, about=new_event_id()))
    assert waiting(record) == [Waiting("appreciation", "line")]
    note(record, ANN, "step-shown", "gratitude", json.dumps({"round": 1, "step": "own"}))
    assert waiting(record) == [Waiting("appreciation", "line")]
    note(record, ANN, "step-shown", "appreciation", json.dumps({"round": 1, "step": "received"}))
    assert waiting(record) == []


def test_a_request_waits_until_it_is_answered(record: SessionRecord) -> None:
    asked = note(record, BEN, "proposed", "requests", write_act(1, about=new_event_id()))
    assert waiting(record) == [Waiting("requests", "request")]
    note(record, ANN, "declined", "requests", write_act(1, about=asked.event_id))
    assert waiting(record) == []


def test_a_clock_is_one_clock_whatever_round_each_is_in(record: SessionRecord) -> None:
    note(record, BEN, "clock-started", "presence", write_clock_act(2, "clock", seconds=900))
    assert waiting(record) == [Waiting("presence", "clock")]
    assert list(
        read_waiting(
            rows_of(record, ANN), rows_of(record, BEN), utc_now() + timedelta(seconds=901)
        )
    ) == []  # fmt: skip
    note(record, ANN, "clock-paused", "presence", write_clock_act(1, "clock"))
    assert waiting(record) == []


def test_answers_and_texts_are_not_needed_to_know(record: SessionRecord) -> None:
    """The partner's rows without any answer say the same."""
    note(record, BEN, "delivered", "appreciation", write_act(1, about=new_event_id()))
    events = tuple(row for row in rows_of(record, BEN) if row.kind == "event")
    assert list(read_waiting((), events, utc_now())) == [Waiting("appreciation", "line")]


def step(record: SessionRecord, exercise: str, name: str) -> None:
    note(record, ANN, "step-shown", exercise, json.dumps({"round": 1, "step": name}))


def test_how_far_somebody_is(record: SessionRecord) -> None:
    step(record, "touch", "intro")
    step(record, "gratitude", "intro")
    step(record, "gratitude", "own")
    step(record, "service", "notice")
    note(record, ANN, "finished", "service", json.dumps({"round": 1}))
    step(record, "checkup", "items")
    assert read_how_far(rows_of(record, ANN)) == {
        "gratitude": "begun",
        "service": "done",
        "checkup": "begun",
    }
    step(record, "checkup", "snapshot")
    step(record, "service", "notice")  # once more: it stays done
    far = read_how_far(rows_of(record, ANN))
    assert (far["checkup"], far["service"]) == ("done", "done")


def test_who_has_chosen_is_through_the_welcome(record: SessionRecord) -> None:
    writer = record.open_writer(ANN)
    writer.append_person("consented", {"consent": "recorded"}, participant_id=ANN, dyad_id=COUPLE)
    writer.close()
    assert read_how_far(rows_of(record, ANN)) == {"welcome": "done"}
