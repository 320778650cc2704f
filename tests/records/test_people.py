"""Who takes part, as the rows tell it."""

from __future__ import annotations

import pytest

from reconnect_widgets.records import SessionRecord, history
from reconnect_widgets.system import format_instant, utc_now
from tests.records.example import (
    ANN,
    BEN,
    CLEO,
    COUPLE,
    EVENING,
    append_answer,
    append_joined,
    join,
)


def wait_for_the_next_millisecond() -> None:
    before = format_instant(utc_now())
    while format_instant(utc_now()) == before:
        pass


def test_a_person_is_who_joined_and_what_they_chose(record: SessionRecord) -> None:
    join(record, ANN, "Ann 💛", "B")
    (person,) = record.participants().values()
    assert (person.participant_id, person.dyad_id, person.partner_slot) == (ANN, COUPLE, "B")
    assert (person.name, person.consent, person.return_code_hash) == (
        "Ann 💛",
        "recorded",
        "c0ffee",
    )
    assert person.consent_at is not None
    assert person.joined_at < person.consent_at
    assert person.session_id == record.session_id
    assert person.withdrawn_at is None


def test_people_come_in_the_order_of_joining(record: SessionRecord) -> None:
    for participant_id in (CLEO, ANN, BEN):
        join(record, participant_id, "someone")
        wait_for_the_next_millisecond()  # of two who join in the same one, neither is the first
    assert list(record.participants()) == [CLEO, ANN, BEN]


def test_a_couple_is_found_without_making_rows_of_everybodys_journal(
    record: SessionRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    for participant_id, slot in ((ANN, "A"), (BEN, "B"), (CLEO, None)):
        join(record, participant_id, "someone", slot)
    writer = record.open_writer(BEN)
    writer.append_person("moved", {"partner_slot": "A"}, participant_id=BEN, dyad_id="d-zz99")
    writer.close()
    made_rows_of = set()
    parse_journal = history.parse_journal

    def watched(data: bytes, file: str, session_id: str) -> history.Journal:
        made_rows_of.add(file.partition(".")[0])
        return parse_journal(data, file, session_id)

    monkeypatch.setattr(history, "parse_journal", watched)
    people = record.participants(COUPLE)
    assert people[ANN].dyad_id == COUPLE
    assert people[BEN].dyad_id == "d-zz99", "the journal is read whole: they have moved since"
    assert made_rows_of == {ANN, BEN, "facilitator"}, "withdrawals stand in the staff's"
    assert list(record.participants("d-zz99")) == [BEN]


def test_the_latest_word_counts_but_they_joined_when_they_first_did(record: SessionRecord) -> None:
    writer = record.open_writer(ANN)
    first = append_joined(writer, "Ann", None)
    append_joined(writer, "Annie", None)
    writer.append_person("moved", {"partner_slot": "A"}, participant_id=ANN, dyad_id="d-zz99")
    for consent in ("recorded", "not-recorded"):
        last = writer.append_person(
            "consented", {"consent": consent}, participant_id=ANN, dyad_id="d-zz99"
        )
    person = record.participants()[ANN]
    assert (person.name, person.dyad_id, person.partner_slot) == ("Annie", "d-zz99", "A")
    assert (person.joined_at, person.consent, person.consent_at) == (
        first.recorded_at,
        "not-recorded",
        last.recorded_at,
    )
    assert person.return_code_hash == "c0ffee"


def test_somebody_whose_join_row_is_lost_is_known_from_their_answers(record: SessionRecord) -> None:
    row = append_answer(record.open_writer(ANN))
    person = record.participants()[ANN]
    assert (person.name, person.dyad_id, person.joined_at) == ("", COUPLE, row.recorded_at)


def test_of_somebody_who_withdrew_nothing_is_known_but_that(record: SessionRecord) -> None:
    join(record, ANN, "Ann")
    join(record, BEN, "Ben", "B")
    record.withdraw(ANN, EVENING)
    people = record.participants()
    assert list(people) == [BEN, ANN]
    person = people[ANN]
    assert (person.name, person.dyad_id, person.partner_slot, person.consent) == (
        "",
        "",
        None,
        None,
    )
    assert person.withdrawn_at is not None
    assert people[BEN].dyad_id == COUPLE
