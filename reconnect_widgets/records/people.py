"""Who takes part, told from the rows: the latest word on each person wins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from reconnect_widgets.domain.people import Participant
from reconnect_widgets.records.rows import Row, is_tombstone
from reconnect_widgets.records.seat_acts import FREED


def build_participants(
    session_id: str, rows: Iterable[Row], withdrawn: Mapping[str, datetime]
) -> dict[str, Participant]:
    """Return one participant per id, in the order in which they joined.

    ``joined_at`` is when the person first joined; name, slot, couple and return-code hash are
    the latest ones. A person whose join row could not be read is known from their other rows,
    without a name, and joined when the record first speaks of them. Of a person who withdrew
    only the id and ``withdrawn_at`` mean something; ``joined_at`` then repeats ``withdrawn_at``,
    because nothing else is kept. Whose seat was freed sits nowhere, and no code leads back there.
    """
    people: dict[str, Participant] = {}
    for row in sorted(rows, key=lambda row: row.order):
        if row.participant_id and not is_tombstone(row):
            person = people.get(row.participant_id) or _blank(
                session_id, row.participant_id, row.recorded_at
            )
            people[row.participant_id] = _apply(person, row)
    for participant_id, withdrawn_at in withdrawn.items():
        blank = _blank(session_id, participant_id, withdrawn_at)
        people[participant_id] = replace(blank, withdrawn_at=withdrawn_at)
    return people


def _blank(session_id: str, participant_id: str, joined_at: datetime) -> Participant:
    return Participant(
        session_id=session_id,
        participant_id=participant_id,
        dyad_id="",
        partner_slot=None,
        name="",
        joined_at=joined_at,
        consent=None,
        consent_at=None,
        withdrawn_at=None,
        return_code_hash="",
    )


def _apply(person: Participant, row: Row) -> Participant:
    detail = row.private_detail
    if row.kind != "person":
        return person if person.dyad_id else replace(person, dyad_id=row.dyad_id)
    if row.event == "consented":
        return replace(person, consent=detail["consent"], consent_at=row.recorded_at)
    if row.event == FREED:
        return replace(
            person, dyad_id="", partner_slot=None, return_code_hash="", freed_at=row.recorded_at
        )
    return replace(
        person,
        dyad_id=row.dyad_id,
        partner_slot=detail.get("partner_slot"),
        name=detail.get("name", person.name),
        return_code_hash=detail.get("return_code_hash", person.return_code_hash),
    )
