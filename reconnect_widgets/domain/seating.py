"""Who sits where after a facilitator changed seats, and whose answers so far are set aside.

What belongs here: what a change of seats means, folded from the acts of the desk. What does not:
rows (`records.seat_acts`), who may be moved where (`server.reseating`), words.

A row that is *set aside* stays in the record and is nobody's from then on: it is shown to nobody
and counts for nothing. `Seating.sets_aside` is the one rule by which that is told, and it is told
from what every copy of the record holds: whose row it is, and its date. It asks no clock. Of one
person, each row is dated after the one before (`records.writer`), so "all up to the latest one that
was there" means the same rows for ever.

The decision a newcomer would question: a change is one act, about everybody whom it moves. Two
halves of a swap could not be written at once, and a machine may stop between two rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, get_args

from reconnect_widgets.domain.people import Slot

SeatActName = Literal[
    "seat-freed", "seat-begun-anew", "seats-swapped", "seat-moved", "couple-made", "seats-undone"
]
SEAT_ACTS: Final[tuple[str, ...]] = get_args(SeatActName)


@dataclass(frozen=True)
class SeatChange:
    """What one act does to one person.

    Attributes
    ----------
    number
        1 for the first change about this person, 2 for the next …: the order of theirs, which two
        desks on a machine whose clock was set back could not tell from dates.
    after
        The date of the latest row there was of them.
    sets_aside
        Whether all that they said until then is set aside.
    is_freed
        Whether they sit nowhere from now on. Then what they say later is set aside, too.
    dyad_id, slot
        Where they sit from now on.
    was_dyad_id, was_slot
        Where they sat before.
    called_as
        By whose name they go from now on: of two who swapped, the other's. Empty for their own.
    """

    participant_id: str
    number: int
    after: datetime
    sets_aside: bool
    is_freed: bool = False
    dyad_id: str = ""
    slot: Slot | None = None
    was_dyad_id: str = ""
    was_slot: Slot | None = None
    called_as: str = ""


@dataclass(frozen=True)
class SeatAct:
    """One change of seats, or that one was undone.

    Attributes
    ----------
    near
        Who is told besides: they sit beside somebody whom it is about, or did.
    about
        The act that is undone.
    """

    act_id: str
    name: SeatActName
    at: datetime
    by: str = ""
    changes: tuple[SeatChange, ...] = ()
    near: tuple[str, ...] = ()
    about: str = ""

    @property
    def concerned(self) -> tuple[str, ...]:
        """Everybody whose page has to look again."""
        return (*(change.participant_id for change in self.changes), *self.near)


@dataclass(frozen=True)
class Seating:
    """What the changes of seats come to.

    Attributes
    ----------
    acts
        The changes that stand, in their order; none that was undone.
    until
        Of whose rows all up to this date are set aside.
    freed
        Who sits nowhere any more, and since when.
    told
        How often somebody was concerned by a change, or by its undoing.
    """

    acts: tuple[SeatAct, ...] = ()
    until: Mapping[str, datetime] = field(default_factory=dict)
    freed: Mapping[str, datetime] = field(default_factory=dict)
    told: Mapping[str, int] = field(default_factory=dict)
    _begun: Mapping[str, int] = field(default_factory=dict)

    def sets_aside(self, participant_id: str, at: datetime) -> bool:
        """Say whether what a person said at this instant is nobody's. The one rule there is."""
        if participant_id in self.freed:
            return True
        until = self.until.get(participant_id)
        return until is not None and at <= until

    def begun_anew(self, participant_id: str) -> int:
        """Return how often somebody began anew: what a browser kept from before is not theirs."""
        return self._begun.get(participant_id, 0)

    def last_act(self, participant_id: str) -> SeatAct | None:
        """Return the last change that somebody was in, or near to."""
        return next((a for a in reversed(self.acts) if participant_id in a.concerned), None)

    def changes(self) -> list[tuple[SeatAct, SeatChange]]:
        """Return every change that stands, each person's in their order."""
        found = [(act, change) for act in self.acts for change in act.changes]
        return sorted(found, key=lambda pair: (pair[1].number, *_order(pair[0])))

    def who_came_to(self, dyad_id: str) -> frozenset[str]:
        """Return everybody whom some act put into this couple."""
        return frozenset(c.participant_id for _, c in self.changes() if c.dyad_id == dyad_id)


def read_seating(acts: Iterable[SeatAct], *, gone: Collection[str] = ()) -> Seating:
    """Return what these acts come to, in whatever order they are given.

    Parameters
    ----------
    gone
        Who withdrew: of them nothing is told.
    """
    found = {act.act_id: act for act in acts}
    undone = {act.about for act in found.values() if act.name == "seats-undone"}
    standing = [
        act for act in found.values() if act.name != "seats-undone" and act.act_id not in undone
    ]
    standing.sort(key=_order)
    until: dict[str, datetime] = {}
    freed: dict[str, datetime] = {}
    begun: Counter[str] = Counter()
    for act in standing:
        for change in act.changes:
            who = change.participant_id
            if change.sets_aside:
                until[who] = max(until.get(who, change.after), change.after)
                begun[who] += 1
            if change.is_freed:
                freed.setdefault(who, act.at)
    told = Counter(who for act in found.values() for who in dict.fromkeys(act.concerned))
    for who in gone:
        for known in (until, freed, begun, told):
            known.pop(who, None)
    return Seating(tuple(standing), until, freed, told, begun)


def find_undoable(seating: Seating, spoke_at: Mapping[str, datetime | None]) -> list[SeatAct]:
    """Return the changes that can still be undone, the newest first.

    A change can be undone until somebody whom it moved has said something in their new place, or
    was moved again: then the two pasts could not be told apart any more.

    Parameters
    ----------
    spoke_at
        When each person said something last, in their present place; who is missing has withdrawn.
    """
    last: dict[str, str] = {change.participant_id: act.act_id for act, change in seating.changes()}

    def stands(change: SeatChange, act: SeatAct) -> bool:
        who = change.participant_id
        if who not in spoke_at or last[who] != act.act_id:
            return False
        spoke = spoke_at[who]
        return spoke is None or spoke <= change.after

    return [act for act in reversed(seating.acts)
            if act.changes and all(stands(change, act) for change in act.changes)]  # fmt: skip


def _order(act: SeatAct) -> tuple[datetime, str]:
    return (act.at, act.act_id)
