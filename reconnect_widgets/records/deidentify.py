"""A copy of the answers without who, when and in which words.

What is left out, and why: names, free texts and return-code hashes (they identify); the session's
id, title and codes (they say where); event ids (a UUID version 7 holds the instant); instants
(a day number is enough to tell rounds apart); the timeline (who did what right after whom gives
couples away); people who withdrew or chose not to be recorded. Ids are drawn anew for each copy
and rows are sorted by them, so that neither ids nor order lead back to the record or to another
copy.

What it is not: anonymous. Somebody who knows one person's answers well may still find them in a
small group; ``docs/reference/record.md`` says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from reconnect_widgets.domain.people import Participant
from reconnect_widgets.records.rows import STATUSES, Row
from reconnect_widgets.records.tables import Column, Table
from reconnect_widgets.system import random_code

_NEEDED = {"required": True}
_PERSON = Column("participant", "Drawn anew for this copy.", constraints=_NEEDED)
_DYAD = Column("dyad", "Their couple, drawn anew; empty when solo.")
_DAY = Column("day", "Days since the day of the session (UTC).", "integer", _NEEDED)

DEIDENTIFIED_PARTICIPANTS = Table(
    "participants",
    "One row per person who agreed to be recorded.",
    (
        _PERSON,
        _DYAD,
        Column("partner_slot", "The seat in the couple.", constraints={"enum": ["A", "B"]}),
        _DAY,
    ),
    ("participant",),
)

DEIDENTIFIED_RESPONSES = Table(
    "responses",
    "One row per answer given. Of one item's rows the one with the highest position counts.",
    (
        _PERSON,
        _DYAD,
        _DAY,
        Column(
            "position",
            "1, 2, 3 … in the order in which this person answered.",
            "integer",
            _NEEDED | {"minimum": 1},
        ),
        Column("exercise", "The exercise's key.", constraints=_NEEDED),
        Column("round", "1, 2, 3 …", "integer", _NEEDED | {"minimum": 1}),
        Column("item", "The item's key.", constraints=_NEEDED),
        Column(
            "status",
            "What the person did with the item.",
            constraints=_NEEDED | {"enum": list(STATUSES)},
        ),
        Column("value", "Number or option key as given; empty unless answered."),
        Column("content_version", "Version of the wording that was shown."),
    ),
    ("participant", "position"),
    ("participant", "participants"),
)


def deidentify(
    answers: Iterable[Row], people: Mapping[str, Participant], session_day: datetime
) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Return the cells of `DEIDENTIFIED_PARTICIPANTS` and of `DEIDENTIFIED_RESPONSES`.

    ``answers`` are in their order; of people who did not agree to be recorded nothing is taken.
    """
    agreed = {
        one.participant_id: one
        for one in people.values()
        if one.consent == "recorded" and one.is_present
    }
    person_ids = draw_ids("p-", 6, set(people))
    dyad_ids = draw_ids("d-", 4, {one.dyad_id for one in people.values() if one.dyad_id})
    dyad_ids[""] = ""

    def day(instant: datetime) -> str:
        return str((instant.date() - session_day.date()).days)

    people_cells = [
        (
            person_ids[one.participant_id],
            dyad_ids[one.dyad_id],
            one.partner_slot or "",
            day(one.joined_at),
        )
        for one in agreed.values()
    ]
    positions: Counter[str] = Counter()
    answer_cells: list[tuple[str, ...]] = []
    for row in answers:
        if row.participant_id in agreed:
            positions[row.participant_id] += 1
            answer_cells.append(
                (
                    person_ids[row.participant_id],
                    dyad_ids[agreed[row.participant_id].dyad_id],
                    day(row.recorded_at),
                    str(positions[row.participant_id]),
                    row.exercise,
                    str(row.round),
                    row.item,
                    row.status,
                    row.value,
                    row.content_version,
                )
            )
    answer_cells.sort(key=lambda cells: (cells[0], int(cells[3])))
    return sorted(people_cells), answer_cells


def draw_ids(prefix: str, length: int, originals: Collection[str]) -> dict[str, str]:
    """Return a new random id for each original, none of them anybody's original one."""
    drawn: dict[str, str] = {}
    taken = set(originals)
    for original in originals:
        while (new := prefix + random_code(length).lower()) in taken:
            pass
        taken.add(new)
        drawn[original] = new
    return drawn
