"""Changes of seats as rows, and what they make of all other rows.

What belongs here: the JSON of a change, written and read; and `count_rows`, through which every
reader of journals goes: it leaves out what was set aside, and puts in where people sit since. What
does not: the rule itself (`domain.seating`).

The decision a newcomer would question: where somebody sits after a change is told to readers by a
row that no journal holds, put in among that person's own. So a reader needs to know nothing of
changes: it sees somebody who moved. `History.all_rows` has the rows as they were written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, cast

from reconnect_widgets.domain.people import DYAD_ID, PARTICIPANT_ID, Slot
from reconnect_widgets.domain.seating import (
    SEAT_ACTS,
    SeatAct,
    SeatActName,
    SeatChange,
    Seating,
)
from reconnect_widgets.records.rows import SCHEMA_VERSION, Row, is_staff
from reconnect_widgets.system import format_instant, parse_instant

# What tells where somebody sits. It stays when what they said is set aside.
_PLACING = frozenset({"joined", "moved"})
FREED = "freed"
_AFTER_ALL = 1_000_000_000


def count_rows(rows: Iterable[Row], seating: Seating) -> list[Row]:
    """Return the rows that count, sorted, with where people sit since seats were changed.

    Parameters
    ----------
    rows
        Sorted or not. Of a person all must be there, of people any.
    """
    rows = list(rows)
    counting = [row for row in rows if not is_set_aside(row, seating)]
    if seating.acts:
        counting += _say_places(rows, seating)
    return sorted(counting, key=lambda row: row.order)


def is_set_aside(row: Row, seating: Seating) -> bool:
    """Say whether a row is nobody's any more. Where people sit is no answer of theirs."""
    if not row.participant_id or is_staff(row.subject):
        return False
    if row.kind == "person" and row.event in _PLACING:
        return False
    return seating.sets_aside(row.participant_id, row.recorded_at)


def _say_places(rows: Iterable[Row], seating: Seating) -> list[Row]:
    """Return one row for each change: the person moved, or was freed."""
    names: dict[str, str] = {}
    here: set[str] = set()
    session_id = ""
    for row in rows:
        session_id = row.session_id
        if row.participant_id and not is_staff(row.subject):
            here.add(row.participant_id)
        if row.kind == "person" and row.event == "joined":
            names[row.participant_id] = row.private_detail.get("name", "")
    latest: dict[str, datetime] = {}
    said = []
    for act, change in seating.changes():
        who = change.participant_id
        if who in here:
            # Not before what they had said till then, whatever the machine's clock said meanwhile.
            latest[who] = max(act.at, change.after, latest.get(who, act.at))
            said.append(_say_place(session_id, act, change, latest[who], names))
    return said


def _say_place(
    session_id: str, act: SeatAct, change: SeatChange, at: datetime, names: Mapping[str, str]
) -> Row:
    detail: dict[str, object] = {}
    if not change.is_freed:
        detail["partner_slot"] = change.slot
        if change.called_as:
            # Who withdrew takes their name along, also from whom they gave it to.
            detail |= {"name": names.get(change.called_as, ""), "called_as": change.called_as}
    return Row(
        event_id=act.act_id,
        recorded_at=at,
        kind="person",
        session_id=session_id,
        participant_id=change.participant_id,
        dyad_id=change.dyad_id,
        exercise="",
        round=None,
        item="",
        status="",
        value="",
        text="",
        event=FREED if change.is_freed else "moved",
        detail=json.dumps(detail) if detail else "",
        writer_seq=_AFTER_ALL + change.number,
        content_version="",
        schema_version=SCHEMA_VERSION,
        writer_id=f"{change.participant_id}.00000000",
    )


def read_seat_acts(rows: Iterable[Row]) -> list[SeatAct]:
    """Return the changes of seats among these rows; all other rows are passed over."""
    acts = (read_seat_act(row) for row in rows if row.kind == "event" and is_staff(row.subject))
    return [act for act in acts if act is not None]


def read_seat_act(row: Row) -> SeatAct | None:
    """Return what one row of the staff's says; None when it changes no seat."""
    return parse_seat_act(row.event_id, row.event, row.recorded_at, row.subject, row.detail)


def parse_seat_act(
    act_id: str, event: str, at: datetime, actor: str, detail: str
) -> SeatAct | None:
    """Return what a line of the timeline says; None when it changes no seat.

    What was changed by hand is read as far as it makes sense.
    """
    if event not in SEAT_ACTS or not is_staff(actor):
        return None
    try:
        found = json.loads(detail) if detail else {}
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    seats, near, about = found.get("seats"), found.get("near"), found.get("about")
    changes = [
        _read_change(who, told)
        for who, told in (seats.items() if isinstance(seats, dict) else ())
        if PARTICIPANT_ID.fullmatch(who) and isinstance(told, dict)
    ]
    return SeatAct(
        act_id=act_id,
        name=cast("SeatActName", event),
        at=at,
        by=actor,
        changes=tuple(change for change in changes if change is not None),
        near=tuple(who for who in near if isinstance(who, str) and PARTICIPANT_ID.fullmatch(who))
        if isinstance(near, list)
        else (),
        about=about if isinstance(about, str) else "",
    )


def _read_change(who: str, told: Mapping[str, Any]) -> SeatChange | None:
    try:
        after = parse_instant(str(told.get("after")))
    except ValueError:
        return None
    called_as, number = told.get("called_as"), told.get("n")
    dyad_id, slot = _read_place(told.get("to"))
    was_dyad_id, was_slot = _read_place(told.get("from"))
    return SeatChange(
        participant_id=who,
        number=number if type(number) is int else 1,
        after=after,
        # Rather too much than too little: what is not clear is shown to nobody.
        sets_aside=told.get("keeps") is not True,
        is_freed="to" not in told,
        dyad_id=dyad_id,
        slot=slot,
        was_dyad_id=was_dyad_id,
        was_slot=was_slot,
        called_as=called_as
        if isinstance(called_as, str) and PARTICIPANT_ID.fullmatch(called_as)
        else "",
    )


def _read_place(told: object) -> tuple[str, Slot | None]:
    match told:
        case [str(dyad_id), "A" | "B" as slot] if DYAD_ID.fullmatch(dyad_id):
            return dyad_id, slot
    return "", None


def write_seat_act(
    changes: Iterable[SeatChange] = (), *, near: Iterable[str] = (), about: str = ""
) -> str:
    """Return the detail of a change: ids, places and instants; never a name or an answer."""
    detail: dict[str, object] = {}
    if seats := {change.participant_id: _write_change(change) for change in changes}:
        detail["seats"] = seats
    if others := list(near):
        detail["near"] = others
    if about:
        detail["about"] = about
    return json.dumps(detail)


def _write_change(change: SeatChange) -> dict[str, object]:
    told: dict[str, object] = {"n": change.number, "after": format_instant(change.after)}
    if not change.sets_aside:
        told["keeps"] = True
    if not change.is_freed:
        told["to"] = [change.dyad_id, change.slot] if change.dyad_id else []
    if change.was_dyad_id:
        told["from"] = [change.was_dyad_id, change.was_slot]
    if change.called_as:
        told["called_as"] = change.called_as
    return told
