"""Leaves out of a copy what was set aside when seats were changed.

What belongs here: cells in, cells out. What does not: the rule (`domain.seating`). Where a
session's journals are there, `records` has left it out already.

The timeline beside a table says what was set aside. A table alone is read as it is.
"""

from __future__ import annotations

from reconnect_widgets.domain.seating import Seating, read_seating
from reconnect_widgets.errors import RecordReadError
from reconnect_widgets.records.seat_acts import parse_seat_act
from reconnect_widgets.records.tables import PARTICIPANTS, RESPONSES, TIMELINE, Table
from reconnect_widgets.review.csv_reading import read_cells
from reconnect_widgets.review.sources import SessionSource
from reconnect_widgets.system import parse_instant

_Cells = dict[str, list[str]]


def leave_out_set_aside(cells: _Cells, table: Table, source: SessionSource) -> _Cells:
    """Return a table's cells without answers that are nobody's, and without seats that were freed.

    Raises
    ------
    RecordReadError
        If the timeline beside the table was changed by another program.
    """
    if table not in (RESPONSES, PARTICIPANTS):
        return cells
    seating = _read_seating(source)
    if not seating.acts:
        return cells
    people = cells["participant_id"]
    if table is RESPONSES:
        dated = zip(people, cells["recorded_at"], strict=True)
        keeps = [not seating.sets_aside(who, parse_instant(at)) for who, at in dated]
    else:
        keeps = [who not in seating.freed for who in people]
    return {name: [cell for cell, keep in zip(column, keeps, strict=True) if keep]
            for name, column in cells.items()}  # fmt: skip


def _read_seating(source: SessionSource) -> Seating:
    if source.only is not None or not (source.folder / TIMELINE.file).is_file():
        return Seating()
    try:
        data = source.read_table(TIMELINE)
    except RecordReadError:
        return Seating()
    cells = read_cells(data, TIMELINE, f"{source.label}: {TIMELINE.file}")
    lines = zip(*(cells[name] for name in _ACT_COLUMNS), strict=True)
    acts = (
        parse_seat_act(act_id, event, parse_instant(at), actor, detail)
        for act_id, event, at, actor, detail in lines
    )
    return read_seating(act for act in acts if act is not None)


_ACT_COLUMNS = ("event_id", "event", "recorded_at", "actor", "detail")
