"""Who is in a session and how far they are, folded from the record's rows. Pure.

Holds counts and places, never an answer: what somebody chose is not even looked at. Between
people, rows may arrive in any order.

`RosterEntry.news` counts what an open page of that person should look again for: both of a couple
have released the same thing, the partner withdrew, the session was closed or opened again. A
release of one alone is no news to the other: whoever watched their own connection could tell that
the partner has said yes. It is worked out from the record alone, so it means the same after a
restart of the server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from reconnect_widgets.domain.people import Consent, Slot
from reconnect_widgets.records import Row

CHECKUP = "checkup"
_GUESS = "guess-"
_SESSION_NEWS = {"closed", "reopened"}


@dataclass(frozen=True)
class RosterEntry:
    """One person, as the desk may see them.

    Attributes
    ----------
    step, step_at
        The exercise that was shown last, and when.
    handled
        Checkup questions given any status in the newest round: how far somebody is, not what
        they said.
    has_answered
        Whether any answer at all is recorded.
    released
        What they chose to show their partner: exercise and the event's detail (the round).
    last_row_at
        Instant of the newest row about this person.
    """

    participant_id: str
    dyad_id: str = ""
    partner_slot: Slot | None = None
    name: str = ""
    joined_at: datetime | None = None
    consent: Consent | None = None
    return_code_hash: str = ""
    step: str = ""
    step_at: datetime | None = None
    checkup_round: int = 1
    handled: frozenset[str] = frozenset()
    has_answered: bool = False
    released: frozenset[tuple[str, str]] = frozenset()
    last_row_at: datetime | None = None
    withdrawn_at: datetime | None = None
    news: int = 0

    @property
    def is_present(self) -> bool:
        """Joined, and not withdrawn."""
        return self.joined_at is not None and self.withdrawn_at is None


Roster = Mapping[str, RosterEntry]


def advance_roster(roster: Roster, rows: Iterable[Row]) -> dict[str, RosterEntry]:
    """Return the roster after these rows."""
    entries = dict(roster)
    for row in rows:
        if row.participant_id:
            before = entries.get(row.participant_id, RosterEntry(row.participant_id))
            entries[row.participant_id] = _apply(before, row)
        for participant_id in _who_has_news(entries, row):
            entry = entries[participant_id]
            entries[participant_id] = replace(entry, news=entry.news + 1)
    return entries


def people_in_dyad(roster: Roster, dyad_id: str) -> list[RosterEntry]:
    """Return who is present in this couple, A before B; nobody for the empty id."""
    found = [e for e in roster.values() if dyad_id and e.dyad_id == dyad_id and e.is_present]
    return sorted(found, key=lambda entry: entry.partner_slot or "")


def partner_of(roster: Roster, person: RosterEntry) -> RosterEntry | None:
    """Return the other one of the couple, if they are there."""
    others = people_in_dyad(roster, person.dyad_id)
    return next((e for e in others if e.participant_id != person.participant_id), None)


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
            withdrawn_at=row.recorded_at,
        )
    if entry.withdrawn_at is not None:
        return entry
    entry = replace(entry, last_row_at=max(entry.last_row_at or row.recorded_at, row.recorded_at))
    if row.kind == "answer":
        return _apply_answer(entry, row)
    if row.kind == "person":
        return _apply_person(entry, row)
    if row.event == "released":
        return replace(entry, released=entry.released | {(row.exercise, row.detail)})
    is_newer = entry.step_at is None or row.recorded_at >= entry.step_at
    if row.event == "step-shown" and row.exercise and is_newer:
        return replace(entry, step=row.exercise, step_at=row.recorded_at)
    return entry


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
            joined_at=entry.joined_at or row.recorded_at,
        )
    if row.event == "moved":
        return replace(entry, dyad_id=row.dyad_id, partner_slot=detail.get("partner_slot"))
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
    is_release = row.kind == "event" and row.event == "released"
    if is_release and (row.exercise, row.detail) in partner.released:
        # Both are told: the row of the one who was first may be read second.
        return [row.participant_id, partner.participant_id]
    return []
