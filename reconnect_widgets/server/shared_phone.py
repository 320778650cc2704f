"""One phone for both of a couple: whose it is now, and passing it on.

The cookie names both seats and who holds the phone. From one to the other it goes through a state
in which it is nobody's: then this browser opens neither's pages, so that neither Back nor another
tab shows what the other one saw. Pure.

Between the two there is no lock: whoever holds the phone may say that they are the other one, as
with any phone that two people share, and the pages say so. The way out is a device of one's own:
who comes back there with their return code takes their seat from the shared phone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from reconnect_widgets.server.roster import Roster, RosterEntry
from reconnect_widgets.system import format_instant, parse_instant


@dataclass(frozen=True)
class SharedPhone:
    """The second half of a shared phone's cookie.

    Attributes
    ----------
    other_id
        The participant who does not hold the phone; while it is handed over, who gave it.
    since
        The instant from which both seats are held, as text.
    is_between
        The phone is on its way to the seat's participant.
    exercise
        Where to go on when it is taken; may be empty.
    """

    other_id: str
    since: str
    is_between: bool = False
    exercise: str = ""


@dataclass(frozen=True)
class Seat:
    """Which person in which session: what a participant's cookie names."""

    session_id: str
    participant_id: str
    shared: SharedPhone | None = None


@dataclass(frozen=True)
class Sharing:
    """A shared phone as the record bears it out.

    Attributes
    ----------
    seat
        What the cookie says, put right.
    holder
        Who holds the phone, or is to take it.
    other
        The other one; None when this phone does not hold their seat any more.
    is_between
        The phone is nobody's until the holder takes it.
    """

    seat: Seat
    holder: RosterEntry
    other: RosterEntry | None
    is_between: bool


def share(session_id: str, holder_id: str, other_id: str, now: datetime) -> Seat:
    """Return the seat of a phone that two begin to share."""
    return Seat(session_id, holder_id, SharedPhone(other_id, format_instant(now)))


def read_sharing(roster: Roster, seat: Seat) -> Sharing | None:
    """Compare a shared phone's cookie with the record; None when it opens neither seat any more.

    A seat is let go when its person withdrew, it was freed, or they came back on a device of their
    own. If that was the holder's, the phone waits to be taken by the other.
    """
    shared = seat.shared
    if shared is None:
        return None
    holder, other = (
        _held(roster, participant_id, shared.since)
        for participant_id in (seat.participant_id, shared.other_id)
    )
    if holder is not None:
        if other is not None and other.dyad_id != holder.dyad_id:
            other = None  # they sit in different couples by now
        return Sharing(seat, holder, other, shared.is_between)
    if other is None:
        return None
    return Sharing(_turn(seat), other, None, is_between=True)


def hand_to(sharing: Sharing, slot: str, *, exercise: str) -> Seat:
    """Return the seat after "hand over to …": nobody's, unless they have the phone already."""
    if sharing.holder.partner_slot == slot:
        return sharing.seat
    seat = _turn(sharing.seat)
    shared = seat.shared
    return replace(seat, shared=shared and replace(shared, exercise=exercise))


def take(sharing: Sharing, slot: str) -> Seat:
    """Return the seat after "I am …"; from one to the other only by way of nobody's.

    So a form that was kept from before does not open the other one's page by itself.
    """
    shared = sharing.seat.shared
    if shared is None or not sharing.is_between:
        return hand_to(sharing, slot, exercise=shared.exercise if shared else "")
    seat = sharing.seat if sharing.holder.partner_slot == slot else _turn(sharing.seat)
    return replace(seat, shared=seat.shared and replace(seat.shared, is_between=False))


def _turn(seat: Seat) -> Seat:
    """Return the seat with the phone on its way to the other one."""
    if seat.shared is None:
        return seat
    shared = replace(seat.shared, other_id=seat.participant_id, is_between=True)
    return Seat(seat.session_id, seat.shared.other_id, shared)


def _held(roster: Roster, participant_id: str, since: str) -> RosterEntry | None:
    entry = roster.get(participant_id)
    if entry is None or not entry.is_present:
        return None
    returned_at = entry.returned_at
    return entry if returned_at is None or returned_at <= parse_instant(since) else None
