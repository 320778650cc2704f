"""Who a kernel works for, and where what they do is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconnect_widgets.content import CONTENT_VERSION, codebook_rows
from reconnect_widgets.errors import SessionClosedError, SessionNotFoundError, WithdrawnError
from reconnect_widgets.records import SessionRecord
from reconnect_widgets.system import KernelEnvironment, new_event_id, utc_now
from reconnect_widgets.workbook.context import Context, load_context
from tests.workbook.hand import ANN, BEN, SOLO, answers_of, let_consent, open_context
from tests.workbook.test_presence_page import Time


def record_one(context: Context, item: str = "presence-1", *, exercise: str = "checkup") -> None:
    context.record_answer(
        exercise=exercise,
        round_=1,
        item=item,
        status="answered",
        value=1,
        event_id=new_event_id(),
        content_version=CONTENT_VERSION,
    )


def test_outside_a_session_everything_stays_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECONNECT_DATA", str(tmp_path))
    context = load_context()
    record_one(context)
    assert context.is_practice
    assert [row.item for row in context.own_rows()] == ["presence-1"]
    assert list(tmp_path.rglob("*")) == []


def test_a_session_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    environment = KernelEnvironment(tmp_path, "2026-11-20-group-abcdef", ANN, "participant")
    with pytest.raises(SessionNotFoundError):
        load_context(environment)


def test_the_environment_decides_whose_journal_is_written(consented: SessionRecord) -> None:
    context = open_context(consented, BEN)
    record_one(context)
    assert [row.participant_id for row in answers_of(consented, BEN)] == [BEN]
    assert answers_of(consented, ANN) == []


def test_each_kernel_writes_a_journal_of_its_own(consented: SessionRecord) -> None:
    first, second = open_context(consented, ANN), open_context(consented, ANN)
    record_one(first, "presence-1")
    record_one(second, "presence-2")
    writers = {row.writer_id for row in answers_of(consented, ANN)}
    assert len(writers) == 2
    first.close()
    second.close()


def test_who_is_not_recorded_is_kept_in_memory_beside_what_was_recorded_before(
    consented: SessionRecord,
) -> None:
    context = open_context(consented, ANN)
    record_one(context, "presence-1")
    context.record_consent("not-recorded", new_event_id())
    record_one(context, "presence-2")
    items = [row.item for row in context.own_rows() if row.kind == "answer"]
    assert items == ["presence-1", "presence-2"]
    assert [row.item for row in answers_of(consented, ANN)] == ["presence-1"]


def test_the_partner_is_the_other_one_of_the_couple_unless_they_withdrew(
    consented: SessionRecord,
) -> None:
    context = open_context(consented, ANN)
    record_one(open_context(consented, BEN))
    assert {row.participant_id for row in context.partner_rows()} == {BEN}
    consented.withdraw(BEN, utc_now())
    assert context.partner_rows() == ()


def test_the_session_is_looked_through_for_the_partner_once(
    consented: SessionRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    participants = SessionRecord.participants
    monkeypatch.setattr(
        SessionRecord,
        "participants",
        lambda record, dyad_id="": looks.append(1) or participants(record, dyad_id),
    )
    context = open_context(consented, ANN)
    context.partner_rows()
    record_one(open_context(consented, BEN))
    assert [row.item for row in context.partner_rows() if row.kind == "answer"] == ["presence-1"]
    assert len(looks) == 1
    # Who takes the seat of somebody who withdrew is found, too.
    consented.withdraw(BEN, utc_now())
    writer = consented.open_writer("p-dora04")
    dyad_id = context.dyad_id
    joined = {"name": "Dora", "partner_slot": "B", "return_code_hash": "c0ffee"}
    writer.append_person("joined", joined, participant_id="p-dora04", dyad_id=dyad_id)
    writer.close()
    assert {row.participant_id for row in context.partner_rows()} == {"p-dora04"}


def test_who_is_alone_has_no_partner(consented: SessionRecord) -> None:
    assert open_context(consented, SOLO).partner_rows() == ()


def test_a_closed_session_takes_nothing_but_steps_and_those_in_memory(
    consented: SessionRecord,
) -> None:
    context = open_context(consented, ANN)
    consented.close(utc_now(), "facilitator")
    with pytest.raises(SessionClosedError):
        record_one(context, exercise="touch")
    before = consented.read((ANN,)).rows
    context.record_step(exercise="touch", detail="{}", event_id=new_event_id())
    assert consented.read((ANN,)).rows == before


def test_own_practice_is_taken_in_a_closed_session_until_the_keep_date(
    consented: SessionRecord,
) -> None:
    context = open_context(consented, ANN)
    consented.close(utc_now(), "facilitator")
    assert not context.takes_no_more("checkup")
    assert context.open_until("checkup") == consented.info.keep_until
    record_one(context)
    context.record_event("released", exercise="checkup", detail="{}", event_id=new_event_id())
    before = consented.read((ANN,)).rows
    context.now = lambda: consented.info.keep_until
    with pytest.raises(SessionClosedError):
        record_one(context)
    context.record_step(exercise="checkup", detail="{}", event_id=new_event_id())
    assert consented.read((ANN,)).rows == before


def test_the_choice_of_being_recorded_is_closed_with_the_group(consented: SessionRecord) -> None:
    context = open_context(consented, ANN)
    consented.close(utc_now(), "facilitator")
    with pytest.raises(SessionClosedError):
        context.record_consent("not-recorded", new_event_id())


def test_what_came_after_the_close_is_in_the_tables_after_the_next_merge(
    consented: SessionRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = Time()  # which event comes first is not said of two in the same millisecond
    monkeypatch.setattr("reconnect_widgets.records.folder.utc_now", time)
    consented.close(time(), "facilitator")
    context = open_context(consented, ANN)
    record_one(context, "presence-1")
    context.record_event("step-shown", exercise="checkup", detail="{}", event_id=new_event_id())
    consented.merge(codebook_rows())
    tables = {
        name: (consented.folder / f"{name}.csv").read_text("utf-8").splitlines()
        for name in ("responses", "codebook", "timeline")
    }
    assert ",presence-1," in tables["responses"][-1]
    assert ",presence-1," in tables["codebook"][-1]
    events = [line.split(",")[4] for line in tables["timeline"]]
    assert events[-2:] == ["closed", "step-shown"]


def test_a_session_past_its_keep_date_is_closed(consented: SessionRecord) -> None:
    context = open_context(consented, ANN)
    context.now = lambda: consented.info.keep_until
    assert context.is_closed


def test_withdrawing_is_noticed_also_by_a_kernel_that_was_open(consented: SessionRecord) -> None:
    context = open_context(consented, ANN)
    record_one(context)
    consented.withdraw(ANN, utc_now())
    with pytest.raises(WithdrawnError):
        record_one(context)
    context.refresh()
    assert context.is_withdrawn


def test_the_choice_of_another_kernel_is_seen_on_refresh(record: SessionRecord) -> None:
    context = open_context(record, ANN)
    assert context.consent is None
    let_consent(record, ANN)
    context.refresh()
    assert context.is_recorded
