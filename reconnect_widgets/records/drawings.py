"""The group's pictures of the checkup, as the record keeps them: that one was drawn, and from what.

What belongs here: rows in, the rows that a picture rests on out. What does not: which figures may
be shown (`domain.group_screen`), drawing one (`server.pictures`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from reconnect_widgets.domain.group_screen import Drawing
from reconnect_widgets.records.acts import read_detail
from reconnect_widgets.records.history import current_answers
from reconnect_widgets.records.rows import Row, is_staff
from reconnect_widgets.records.waiting import CHECKUP
from reconnect_widgets.system import parse_instant

DRAWN: Final = "picture-drawn"
_SEATED: Final = frozenset({"joined", "moved"})


def read_drawing(row: Row) -> Drawing | None:
    """Return the drawing that a row of the staff's notes; None for every other row."""
    if row.kind != "event" or row.event != DRAWN or not is_staff(row.subject):
        return None
    detail = read_detail(row)
    number, basis = detail.get("round"), detail.get("basis")
    try:
        until = parse_instant(str(detail.get("until")))
    except ValueError:
        until = row.recorded_at
    if type(number) is not int or number < 1:
        return None
    # One that was changed by hand still counts as drawn: it fits nothing, so nothing is shown.
    return Drawing(row.event_id, number, until, basis if isinstance(basis, str) else "")


def find_finished(
    rows: Iterable[Row], number: int, until: datetime, items: Collection[str]
) -> list[tuple[Row, dict[str, Row]]]:
    """Return who had finished a round of the checkup by an instant: their seat, and their answers.

    Parameters
    ----------
    rows
        Of everybody who did not withdraw.
    items
        What a round consists of; by these the answers that count are named.
    """
    known = [row for row in rows if row.recorded_at <= until]
    seats = {row.participant_id: row for row in sorted(known, key=lambda row: row.order)
             if row.kind == "person" and row.event in _SEATED}  # fmt: skip
    asked = (row for row in known if row.kind == "answer" and row.exercise == CHECKUP
             and row.round == number and row.item in items)  # fmt: skip
    given: dict[str, dict[str, Row]] = defaultdict(dict)
    for (participant_id, _, _, item), row in current_answers(asked).items():
        given[participant_id][item] = row
    return [
        (seats[participant_id], answers)
        for participant_id, answers in sorted(given.items())
        if answers.keys() == set(items) and participant_id in seats
    ]


def name_rows(seat: Row, answers: dict[str, Row]) -> frozenset[str]:
    """Return the ids of the rows that one person's part of a picture rests on."""
    return frozenset(row.event_id for row in (seat, *answers.values()))
