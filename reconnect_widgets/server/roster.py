"""Who is in a session and how far they are, folded from the record's rows. Pure.

Holds counts and places, never an answer: what somebody chose is not even looked at. Between
people, rows may arrive in any order.

`RosterEntry.news` counts what an open page of that person should look again for: the partner did
something towards them (`domain.acts.TOLD_AT_ONCE`), both of a couple have released the same thing
(`TOLD_WHEN_BOTH`), the partner withdrew, the session was closed or opened again. A release of one
alone, or taking it back, is no news to the other: whoever watched their own connection could tell
that the partner has said yes. It is worked out from the record alone, so it means the same after
a restart of the server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from reconnect_widgets.domain.acts import TOLD_AT_ONCE, TOLD_WHEN_BOTH, Act
from reconnect_widgets.domain.clock import Clock, ClockAct, read_clock
from reconnect_widgets.domain.people import Consent, Slot
from reconnect_widgets.domain.waiting import STEP_SHOWN
from reconnect_widgets.records import Row
from reconnect_widgets.records.acts import is_clock_act, read_act, read_clock_acts
from reconnect_widgets.records.rows import is_tombstone
from reconnect_widgets.records.seat_acts import FREED
from reconnect_widgets.records.waiting import read_how_far

CHECKUP = "checkup"
PRESENCE = "presence"
SHARED_PHONE = "shared-phone"
RETURNED = "returned"
_GUESS = "guess-"
_SESSION_NEWS = {"closed", "reopened"}
# What is asked of a partner, and what becomes of it: from these it follows who waits for whom.
_ASKING = frozenset(
    {
        "proposed",
        "changed",
        "agreed",
        "declined",
        "role-offered",
        "role-taken",
        "role-let-go",
    }
)


# Act, exercise, and what it is about.
Saying = tuple[str, str, str]


@dataclass(frozen=True)
class RosterEntry:
    """One person, as the desk may see them.

    Attributes
    ----------
    called_as
        Of somebody who swapped seats: who typed the name that they go by.
    step, step_at
        The exercise that was shown last, and when.
    handled
        Checkup questions given any status in the newest round: how far somebody is, not what
        they said.
    has_answered
        Whether any answer at all is recorded.
    shares_phone, returned_at
        Whether their seat was ever held by a phone that two share, and when they came back last
        with their return code, on a device of their own.
    said_alone
        What they said that their partner is told of when both have said it: act, exercise, and
        what it is about (the round, the agreement).
    rounds, ended
        The newest round that they have begun, by exercise; and each exercise and round that they
        came to the end of.
    asking
        What they asked of their partner or answered them, oldest first: acts, no words.
    presence
        What they did to the clock of the newest round of the exercise ``presence``.
    last_row_at
        Instant of the newest row about this person.
    spoke_at
        When they last answered, or did something in an exercise.
    has_told
        Whether they did anything that a partner is told of at once.
    couples
        Every couple that they ever sat in.
    freed_at
        When a facilitator freed their seat; they sit nowhere then.
    """

    participant_id: str
    dyad_id: str = ""
    partner_slot: Slot | None = None
    name: str = ""
    called_as: str = ""
    joined_at: datetime | None = None
    consent: Consent | None = None
    return_code_hash: str = ""
    step: str = ""
    step_at: datetime | None = None
    checkup_round: int = 1
    handled: frozenset[str] = frozenset()
    has_answered: bool = False
    shares_phone: bool = False
    returned_at: datetime | None = None
    said_alone: frozenset[Saying] = frozenset()
    rounds: Mapping[str, int] = field(default_factory=dict)
    ended: frozenset[tuple[str, int]] = frozenset()
    asking: tuple[Act, ...] = ()
    presence: tuple[ClockAct, ...] = ()
    presence_round: int = 0
    last_row_at: datetime | None = None
    spoke_at: datetime | None = None
    has_told: bool = False
    couples: frozenset[str] = frozenset()
    withdrawn_at: datetime | None = None
    freed_at: datetime | None = None
    news: int = 0

    @property
    def is_present(self) -> bool:
        """Joined, not withdrawn, and their seat was not freed."""
        return self.joined_at is not None and self.withdrawn_at is None and self.freed_at is None

    def has_done(self, exercise: str) -> bool:
        """Say whether they came to the end of an exercise, in the newest round of theirs."""
        return (exercise, self.rounds.get(exercise, 1)) in self.ended


Roster = Mapping[str, RosterEntry]


def advance_roster(roster: Roster, rows: Iterable[Row]) -> dict[str, RosterEntry]:
    """Return the roster after these rows."""
    entries = dict(roster)
    for row in rows:
        if row.participant_id:
            before = entries.get(row.participant_id, RosterEntry(row.participant_id))
            entries[row.participant_id] = _take_back(entries, _apply(before, row), row)
            if is_tombstone(row):
                entries = _without_name_of(entries, row.participant_id)
        for participant_id in _who_has_news(entries, row):
            entry = entries[participant_id]
            entries[participant_id] = replace(entry, news=entry.news + 1)
    return entries


def _without_name_of(roster: Roster, participant_id: str) -> dict[str, RosterEntry]:
    """Return the roster in which nobody goes by the name of somebody who withdrew."""
    return {
        who: replace(entry, name="") if entry.called_as == participant_id else entry
        for who, entry in roster.items()
    }


def people_in_dyad(roster: Roster, dyad_id: str) -> list[RosterEntry]:
    """Return who is present in this couple, A before B; nobody for the empty id."""
    found = [e for e in roster.values() if dyad_id and e.dyad_id == dyad_id and e.is_present]
    return sorted(found, key=lambda entry: entry.partner_slot or "")


def partner_of(roster: Roster, person: RosterEntry) -> RosterEntry | None:
    """Return the other one of the couple, if they are there."""
    others = people_in_dyad(roster, person.dyad_id)
    return next((e for e in others if e.participant_id != person.participant_id), None)


def presence_clock(roster: Roster, person: RosterEntry, now: datetime) -> Clock:
    """Return the clock of this person's fifteen minutes; of both, in a couple."""
    both = [person] + ([partner] if (partner := partner_of(roster, person)) else [])
    newest = max(each.presence_round for each in both)
    acts = [act for each in both if each.presence_round == newest for act in each.presence]
    return read_clock(acts, now)


def present_people(roster: Roster) -> list[RosterEntry]:
    """Return everybody present, in the order in which couples and single people joined."""
    people = [entry for entry in roster.values() if entry.joined_at and entry.is_present]
    first_of_dyad: dict[str, datetime] = {}
    for entry in people:
        key = entry.dyad_id or entry.participant_id
        if entry.joined_at is not None:
            first_of_dyad[key] = min(first_of_dyad.get(key, entry.joined_at), entry.joined_at)

    def order(entry: RosterEntry) -> tuple[datetime, str, str]:
        key = entry.dyad_id or entry.participant_id
        return first_of_dyad[key], key, entry.partner_slot or ""

    return sorted(people, key=order)


def _apply(entry: RosterEntry, row: Row) -> RosterEntry:
    """Return this person's entry after one row about them."""
    if row.kind == "person" and row.event == "withdrew":
        # Nothing of what was known is kept, but for the couple, whose other half hears of it.
        return RosterEntry(
            entry.participant_id,
            dyad_id=entry.dyad_id,
            joined_at=entry.joined_at,
            couples=entry.couples,
            withdrawn_at=row.recorded_at,
        )
    if entry.withdrawn_at is not None:
        return entry
    entry = replace(entry, last_row_at=max(entry.last_row_at or row.recorded_at, row.recorded_at))
    entry = _apply_progress(_apply_speaking(entry, row), row)
    if row.kind == "answer":
        return _apply_answer(entry, row)
    if row.kind == "person":
        return _apply_person(entry, row)
    if row.event == SHARED_PHONE:
        return replace(entry, shares_phone=True)
    if row.event == RETURNED:
        return replace(
            entry, returned_at=max(entry.returned_at or row.recorded_at, row.recorded_at)
        )
    if row.event in _ASKING:
        asking = (*entry.asking, read_act(row))
        return replace(entry, asking=tuple(sorted(asking, key=lambda act: (act.at, act.act_id))))
    if row.event in TOLD_WHEN_BOTH:
        return replace(entry, said_alone=entry.said_alone | {_read_saying(row)})
    if row.exercise == PRESENCE and (acts := read_clock_acts([row], PRESENCE)):
        return _apply_presence(entry, read_act(row).round, acts)
    is_newer = entry.step_at is None or row.recorded_at >= entry.step_at
    if row.event == "step-shown" and row.exercise and is_newer:
        return replace(entry, step=row.exercise, step_at=row.recorded_at)
    return entry


def _apply_speaking(entry: RosterEntry, row: Row) -> RosterEntry:
    """Note when they said something, and whether a partner was told."""
    if row.kind == "person" or not row.exercise or row.event == STEP_SHOWN:
        return entry
    tells = row.event in TOLD_AT_ONCE and not is_clock_act(row.event)
    spoke_at = max(entry.spoke_at or row.recorded_at, row.recorded_at)
    return replace(entry, spoke_at=spoke_at, has_told=entry.has_told or tells)


def _apply_progress(entry: RosterEntry, row: Row) -> RosterEntry:
    """Note which round they are in, and what they came to the end of."""
    for exercise, far in read_how_far([row]).items():
        round_ = (row.round or read_act(row).round) if row.kind != "person" else 1
        if round_ > entry.rounds.get(exercise, 0):
            entry = replace(entry, rounds={**entry.rounds, exercise: round_})
        if far == "done":
            entry = replace(entry, ended=entry.ended | {(exercise, round_)})
    return entry


def _apply_presence(entry: RosterEntry, round_: int, acts: list[ClockAct]) -> RosterEntry:
    if round_ < entry.presence_round:
        return entry
    before = entry.presence if round_ == entry.presence_round else ()
    return replace(entry, presence=(*before, *acts), presence_round=round_)


def _take_back(entries: Roster, entry: RosterEntry, row: Row) -> RosterEntry:
    """Return the entry after a release was taken back; what both have released stays open."""
    if row.event != "unreleased":
        return entry
    saying = ("released", *_read_saying(row)[1:])
    partner = partner_of(entries, entry)
    if partner is not None and saying in partner.said_alone:
        return entry
    return replace(entry, said_alone=entry.said_alone - {saying})


def _read_saying(row: Row) -> Saying:
    act = read_act(row)
    return (act.name, act.exercise, act.about or str(act.round))


def _apply_answer(entry: RosterEntry, row: Row) -> RosterEntry:
    entry = replace(entry, has_answered=True)
    if row.exercise != CHECKUP or row.item.startswith(_GUESS):
        return entry
    number = row.round or 1
    if number > entry.checkup_round:
        return replace(entry, checkup_round=number, handled=frozenset({row.item}))
    if number < entry.checkup_round:
        return entry
    return replace(entry, handled=entry.handled | {row.item})


def _apply_person(entry: RosterEntry, row: Row) -> RosterEntry:
    detail = row.private_detail
    if row.event == "joined":
        return replace(
            entry,
            name=detail.get("name", ""),
            partner_slot=detail.get("partner_slot"),
            return_code_hash=detail.get("return_code_hash", ""),
            dyad_id=row.dyad_id,
            couples=entry.couples | ({row.dyad_id} - {""}),
            joined_at=entry.joined_at or row.recorded_at,
        )
    if row.event == "moved":
        return replace(
            entry,
            dyad_id=row.dyad_id,
            couples=entry.couples | ({row.dyad_id} - {""}),
            partner_slot=detail.get("partner_slot"),
            name=detail.get("name", entry.name),
            called_as=detail.get("called_as", entry.called_as),
        )
    if row.event == FREED:
        return replace(entry, freed_at=row.recorded_at)
    if row.event == "consented":
        return replace(entry, consent=detail.get("consent"))
    return entry


def _who_has_news(entries: Roster, row: Row) -> list[str]:
    if row.kind == "event" and row.event in _SESSION_NEWS and not row.participant_id:
        return list(entries)
    person = entries.get(row.participant_id)
    partner = partner_of(entries, person) if person else None
    if partner is None:
        return []
    if row.kind == "person" and row.event == "withdrew":
        return [partner.participant_id]
    if row.kind != "event":
        return []
    if row.event in TOLD_AT_ONCE:
        return [partner.participant_id]
    if row.event in TOLD_WHEN_BOTH and _read_saying(row) in partner.said_alone:
        # Both are told: the row of the one who was first may be read second.
        return [row.participant_id, partner.participant_id]
    return []
