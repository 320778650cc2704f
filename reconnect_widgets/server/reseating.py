"""Changing seats from the desk: what may be done with whom, and doing it.

What belongs here: the decisions, which are pure, and `change_seats`, which carries one out. What
does not: what a change means for the record (`domain.seating`, `records.seat_acts`), words.

Whoever has told a partner anything begins anew elsewhere: what was meant for one person is never
shown to another. Who was alone has told nobody, and keeps what they answered.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from reconnect_widgets.domain.people import Session, Slot
from reconnect_widgets.domain.seating import (
    SeatAct,
    SeatActName,
    SeatChange,
    Seating,
    find_undoable,
)
from reconnect_widgets.errors import RecordWriteError
from reconnect_widgets.records.seat_acts import write_seat_act
from reconnect_widgets.server.kernels import KernelOwner
from reconnect_widgets.server.roster import Roster, RosterEntry, partner_of, people_in_dyad
from reconnect_widgets.server.seating import count_seats, free_slot
from reconnect_widgets.server.services import Services
from reconnect_widgets.server.session_view import SessionView

_NEVER = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Plan:
    """What is to be done; dates and numbers of the changes are put in when it is.

    Attributes
    ----------
    about
        Of an undoing: the act.
    """

    name: SeatActName
    changes: tuple[SeatChange, ...]
    near: tuple[str, ...] = ()
    about: str = ""


class SeatsError(Exception):
    """A change that can not be made; ``reason`` is one of ``stale``, ``one-phone``, ``full``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def plan_free(roster: Roster, who: str) -> Plan:
    """Return how somebody's seat is freed."""
    person = _present(roster, who)
    change = replace(_stay(person), is_freed=True, dyad_id="", slot=None)
    return _plan(roster, "seat-freed", [change])


def plan_anew(roster: Roster, who: str) -> Plan:
    """Return how somebody begins anew in their own seat: somebody else answered there."""
    return _plan(roster, "seat-begun-anew", [_stay(_present(roster, who))])


def plan_swap(roster: Roster, seating: Seating, dyad_id: str) -> Plan:
    """Return how the two of a couple change seats: each keeps their device, and becomes the other.

    Raises
    ------
    SeatsError
        ``stale``: there are not two. ``one-phone``: there is nothing to swap.
    """
    pair = people_in_dyad(roster, dyad_id)
    if len(pair) != 2:
        raise SeatsError("stale")
    if any(uses_one_phone(person) for person in pair):
        raise SeatsError("one-phone")
    names = called_as(seating)
    changes = [
        replace(
            _stay(person),
            slot=other.partner_slot,
            called_as=names.get(other.participant_id, other.participant_id),
        )
        for person, other in (pair, reversed(pair))
    ]
    return _plan(roster, "seats-swapped", changes)


def plan_move(roster: Roster, who: str, dyad_id: str) -> Plan:
    """Return how somebody comes into a couple with a free place.

    Raises
    ------
    SeatsError
        ``stale``: it is their own, it is nobody's, or it is full. ``one-phone``: a phone that two
        share can not sit in two couples.
    """
    person = _present(roster, who)
    if len(people_in_dyad(roster, dyad_id)) != 1 or dyad_id == person.dyad_id:
        raise SeatsError("stale")
    if uses_one_phone(person):
        raise SeatsError("one-phone")
    return _plan(
        roster, "seat-moved", [_go(roster, person, dyad_id, free_slot(roster, dyad_id, None))]
    )


def plan_couple(roster: Roster, who: str, other: str, dyad_id: str) -> Plan:
    """Return how two who came alone become a couple, whose id nobody has or had."""
    pair = _present(roster, who), _present(roster, other)
    if who == other or any(person.dyad_id for person in pair):
        raise SeatsError("stale")
    slots: tuple[Slot, Slot] = ("A", "B")
    changes = [_go(roster, person, dyad_id, slot) for person, slot in zip(pair, slots, strict=True)]
    return _plan(roster, "couple-made", changes)


def plan_undo(roster: Roster, seating: Seating, session: Session, act_id: str) -> Plan:
    """Return how a change is undone: as if it had never been.

    Raises
    ------
    SeatsError
        ``stale``: it can not be undone any more. ``full``: the seat that was freed is taken.
    """
    act = next((a for a in undoable_acts(roster, seating) if a.act_id == act_id), None)
    if act is None:
        raise SeatsError("stale")
    before = {**roster, **{entry.participant_id: entry for entry in _as_before(roster, act)}}
    is_counted = session.door == "seats"
    if is_counted and count_seats(before) > max(session.seats, count_seats(roster)):
        raise SeatsError("full")
    near = {who for change in act.changes for who in _beside(roster, before, change)}
    moved = {change.participant_id for change in act.changes}
    return Plan("seats-undone", act.changes, tuple(sorted(near - moved)), about=act_id)


def undoable_acts(roster: Roster, seating: Seating) -> list[SeatAct]:
    """Return the changes that can still be undone, the newest first.

    Nobody may have said anything in their new place, nor sat down in the old one.
    """
    known = {who: entry.spoke_at for who, entry in roster.items() if entry.withdrawn_at is None}

    def is_free(act: SeatAct) -> bool:
        moved = {change.participant_id for change in act.changes}
        return not any(
            entry.partner_slot == change.was_slot and entry.participant_id not in moved
            for change in act.changes
            for entry in people_in_dyad(roster, change.was_dyad_id)
        )

    return [act for act in find_undoable(seating, known) if is_free(act)]


def told_somebody(roster: Roster, person: RosterEntry) -> bool:
    """Say whether what somebody answered may have been told to a partner, or meant for one."""
    others = (e for e in roster.values() if e.participant_id != person.participant_id)
    return person.has_told or any(other.couples & person.couples for other in others)


def uses_one_phone(person: RosterEntry) -> bool:
    """Say whether somebody's seat is held by a phone that two share, as far as the record knows."""
    return person.shares_phone and person.returned_at is None


def called_as(seating: Seating) -> dict[str, str]:
    """Return by whose name people go who swapped seats."""
    return {c.participant_id: c.called_as for _, c in seating.changes() if c.called_as}


def mark_seats(roster: Roster, people: Iterable[str]) -> str:
    """Return a mark of where these people sit and who sits beside them: what a button saw."""
    seen = []
    for who in people:
        entry = roster.get(who)
        beside = people_in_dyad(roster, entry.dyad_id) if entry else []
        places = [(e.participant_id, e.partner_slot) for e in beside]
        seen.append((who, entry and (entry.is_present, entry.dyad_id, entry.partner_slot), places))
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:12]


async def change_seats(
    services: Services,
    view: SessionView,
    plan_of: Callable[[Roster, Seating], Plan],
    *,
    by: str,
) -> None:
    """Carry a change out: one row in the facilitator's own journal, and then everybody is told.

    The kernels of those whom it moves are ended before, and none of theirs begins until it is
    written: what somebody is just answering is either recorded before it, and set aside with the
    rest, or it is not recorded and their page says so.

    Parameters
    ----------
    plan_of
        Decides from how people sit now; asked again when nobody can answer any more.

    Raises
    ------
    SeatsError
        When it can not be done any more.
    RecordWriteError
        When it could not be written; then nothing was changed.
    """
    session_id = view.record.session_id
    async with view.seating:
        plan = plan_of(view.refresh(), view.changes)
        moved = [change.participant_id for change in plan.changes]
        owners = [KernelOwner("participant", session_id, who) for who in moved]
        async with services.seats.emptied(owners):
            plan = plan_of(view.refresh(), view.changes)
            if [change.participant_id for change in plan.changes] != moved:
                raise SeatsError("stale")
            try:
                await asyncio.to_thread(_write, view, plan, by)
            except RecordWriteError:
                view.read_anew()  # it may have been seen before the disk refused it
                raise
            view.refresh()
    services.hub.wake(session_id)


def _write(view: SessionView, plan: Plan, by: str) -> None:
    if plan.about:
        near = (*(change.participant_id for change in plan.changes), *plan.near)
        detail = write_seat_act(near=near, about=plan.about)
    else:
        changes = [_date(view, change) for change in plan.changes]
        detail = write_seat_act(changes, near=plan.near)
    view.desk_writer(by).append_event(plan.name, detail=detail)


def _date(view: SessionView, change: SeatChange) -> SeatChange:
    rows = view.record.read((change.participant_id,)).all_rows
    after = max((row.recorded_at for row in rows if row.participant_id), default=_NEVER)
    before = [
        c.number for _, c in view.changes.changes() if c.participant_id == change.participant_id
    ]
    return replace(change, after=after, number=max(before, default=0) + 1)


def _present(roster: Roster, who: str) -> RosterEntry:
    person = roster.get(who)
    if person is None or not person.is_present:
        raise SeatsError("stale")
    return person


def _stay(person: RosterEntry) -> SeatChange:
    """Return the change of somebody who begins anew where they sit."""
    return SeatChange(
        participant_id=person.participant_id,
        number=0,
        after=_NEVER,
        sets_aside=True,
        dyad_id=person.dyad_id,
        slot=person.partner_slot,
        was_dyad_id=person.dyad_id,
        was_slot=person.partner_slot,
    )


def _go(roster: Roster, person: RosterEntry, dyad_id: str, slot: Slot) -> SeatChange:
    return replace(
        _stay(person), sets_aside=told_somebody(roster, person), dyad_id=dyad_id, slot=slot
    )


def _plan(roster: Roster, name: SeatActName, changes: list[SeatChange]) -> Plan:
    moved = {change.participant_id for change in changes}
    near = {who for change in changes for who in _beside(roster, roster, change)}
    return Plan(name, tuple(changes), tuple(sorted(near - moved)))


def _beside(before: Roster, after: Roster, change: SeatChange) -> set[str]:
    """Return who sits beside somebody before a change or after it."""
    person = before[change.participant_id]
    beside = [partner_of(before, person), partner_of(after, after[change.participant_id])]
    beside += people_in_dyad(before, change.dyad_id)
    return {entry.participant_id for entry in beside if entry is not None}


def _as_before(roster: Roster, act: SeatAct) -> list[RosterEntry]:
    return [
        replace(
            roster[change.participant_id],
            dyad_id=change.was_dyad_id,
            partner_slot=change.was_slot,
            freed_at=None,
        )
        for change in act.changes
    ]
