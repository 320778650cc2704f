"""Is everything that was acknowledged in the record, as it was given, and nothing else?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reconnect_widgets.records import Row, current_answers
from reconnect_widgets.rehearsal.ledger import Acknowledged, Ledger
from reconnect_widgets.system import format_instant


@dataclass(frozen=True)
class Comparison:
    """How many rows there should be, and how many are not as they should.

    Attributes
    ----------
    compared
        Acknowledged things that the record must hold.
    lost
        Of these, not in the record.
    different
        In the record otherwise than they were given, an answer with another time than was told,
        under two people, or not the latest of their question though they were given last.
    extra
        Answers in the record, of the rehearsal's people, that nobody sent; among them every
        answer of somebody who is not recorded.
    """

    compared: int
    lost: int
    different: int
    extra: int

    @property
    def is_whole(self) -> bool:
        """Whether the record holds exactly what was acknowledged."""
        return not (self.lost or self.different or self.extra)


def compare(ledger: Ledger, rows: Iterable[Row]) -> Comparison:
    """Compare what was acknowledged with all rows of the session's journals."""
    rows = tuple(rows)
    row_of = {row.event_id: row for row in rows}
    due = [one for one in ledger.acknowledged if one.in_record]
    owners = _owners(due, row_of)
    overtaken = _overtaken(ledger, due, rows)
    lost = different = 0
    for one in due:
        row = row_of.get(one.event_id)
        if row is None:
            lost += 1
        elif (
            not _is_as_given(one, row)
            or row.participant_id != owners[one.person]
            or one.event_id in overtaken
        ):
            different += 1
    people = set(owners.values())
    keepers = {owners[one.person] for one in due if one.item and one.person in owners}
    extra = sum(
        1
        for row in rows
        if row.kind == "answer"
        and row.participant_id in people
        and (row.event_id not in ledger.sent or row.participant_id not in keepers)
    )
    return Comparison(len(due), lost, different, extra)


def _owners(due: Iterable[Acknowledged], row_of: Mapping[str, Row]) -> dict[int, str]:
    """Return the participant id of each person: the one of their first row that is there."""
    owners: dict[int, str] = {}
    for one in due:
        if one.event_id in row_of:
            owners.setdefault(one.person, row_of[one.event_id].participant_id)
    return owners


def _overtaken(ledger: Ledger, due: Iterable[Acknowledged], rows: Iterable[Row]) -> set[str]:
    """Return what was given last to a question and is not its answer in the record.

    Something newer that was sent and not acknowledged may rightly be its answer.
    """
    last = {(one.person, one.exercise, one.round, one.item): one.event_id for one in due}
    unsure = ledger.sent - {one.event_id for one in ledger.acknowledged}
    answers = current_answers(rows)
    current = {row.event_id for row in answers.values()}
    replaced_by = {
        row.event_id: answers[row.participant_id, row.exercise, row.round or 0, row.item].event_id
        for row in rows
        if row.kind == "answer"
    }
    return {
        event_id
        for event_id in set(last.values()) & set(replaced_by) - current
        if replaced_by[event_id] not in unsure
    }


def _is_as_given(one: Acknowledged, row: Row) -> bool:
    if not one.item:
        # Of a button that writes two rows, the time that is told is the second one's.
        return row.kind != "answer"
    value = "" if one.value is None else str(one.value)
    given = (one.recorded_at, one.exercise, one.round, one.item, one.status, value)
    at = format_instant(row.recorded_at)
    return given == (at, row.exercise, row.round, row.item, row.status, row.value)
