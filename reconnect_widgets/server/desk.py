"""Who is here, in words, for the desk and its stream: places and counts, never an answer.

"Waits for their partner" says that somebody has done their part and the other has not, and never
of what. It is for the facilitator alone (decisions 0053 and 0147).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from reconnect_widgets import content
from reconnect_widgets.domain.people import Session
from reconnect_widgets.domain.waiting import find_waiting
from reconnect_widgets.errors import ReconnectError
from reconnect_widgets.server.attendance import Presence, Signs, read_presence
from reconnect_widgets.server.kernels import KernelOwner, Seats
from reconnect_widgets.server.roster import (
    CHECKUP,
    PRESENCE,
    RosterEntry,
    presence_clock,
    present_people,
)
from reconnect_widgets.server.session_view import SessionView
from reconnect_widgets.server.together import place_of

# How the kinds of being here are counted in one line, the good ones first.
_COUNTED: Mapping[Presence, str] = {
    "connected": "here",
    "idle": "quiet",
    "away-on-purpose": "away from the phone on purpose",
    "asleep": "with the phone asleep",
    "left": "left",
}


@dataclass(frozen=True)
class PersonLine:
    """One person present, in words.

    Attributes
    ----------
    at
        Key of the exercise that they opened last.
    presence
        How they are here; empty once the session is closed.
    """

    name: str
    couple: str
    slot: str
    at: str
    step: str
    progress: str
    presence: Presence | str
    seen: str
    waits: bool


def describe_people(view: SessionView, seats: Seats, now: datetime) -> list[PersonLine]:
    """Return one line per person present, couples together."""
    people = present_people(view.roster)
    partners = _pair(people)
    is_open = view.info.is_open(now)
    total = len(content.load_instrument().items)
    couples: dict[str, int] = {}
    lines = []
    for entry in people:
        if entry.dyad_id:
            couples.setdefault(entry.dyad_id, len(couples) + 1)
        at = place_of(view, entry) or (CHECKUP if entry.handled else "")
        partner = partners.get(entry.participant_id)
        signs = _find_signs(view, seats, entry, partner, at, now)
        presence = read_presence(signs, now) if is_open else ""
        lines.append(
            PersonLine(
                name=name_at_desk(view.info, entry),
                couple=f"Couple {couples[entry.dyad_id]}" if entry.dyad_id else "On their own",
                slot=entry.partner_slot or "",
                at=at,
                step=title_of(at) if at else "Has joined",
                progress=_progress_in_words(entry, total),
                presence=presence,
                seen=_seen_in_words(presence, signs.heard_at, now),
                waits=is_open and waits_for_partner(entry, partner, at),
            )
        )
    return lines


def name_at_desk(info: Session, entry: RosterEntry) -> str:
    """Return what the desk calls somebody: their id, where names are shown to nobody."""
    return entry.name if info.name_visibility != "off" and entry.name else entry.participant_id


def count_presence(lines: Iterable[PersonLine]) -> str:
    """Say how many are here how, in one line; empty for nobody."""
    kinds = [line.presence for line in lines]
    counts = ((kinds.count(kind), words) for kind, words in _COUNTED.items())
    return ", ".join(f"{count} {words}" for count, words in counts if count)


def waits_for_partner(entry: RosterEntry, partner: RosterEntry | None, at: str) -> bool:
    """Say whether somebody has done their part of the exercise where they are, and waits.

    Parameters
    ----------
    at
        What is left open elsewhere is not what they wait for now.
    """
    if partner is None or not at:
        return False
    if any(saying[1] == at for saying in entry.said_alone - partner.said_alone):
        return True
    theirs = [replace(act, who="partner") for act in entry.asking if act.exercise == at]
    others = [replace(act, who="me") for act in partner.asking if act.exercise == at]
    acts = sorted([*theirs, *others], key=lambda act: (act.at, act.act_id))
    return bool(theirs) and any(True for _ in find_waiting(acts, (), acts[-1].at))


def title_of(exercise: str) -> str:
    """Return what an exercise is called; its key when it is not there any more."""
    try:
        frame = content.load_contents().frame(exercise)
    except ReconnectError:
        frame = None
    return frame.title if frame else exercise


def _pair(people: Iterable[RosterEntry]) -> dict[str, RosterEntry]:
    """Return everybody's partner, by participant."""
    first: dict[str, RosterEntry] = {}
    pairs: dict[str, RosterEntry] = {}
    for entry in people:
        other = first.setdefault(entry.dyad_id, entry) if entry.dyad_id else entry
        if other is not entry:
            pairs[entry.participant_id], pairs[other.participant_id] = other, entry
    return pairs


def _find_signs(
    view: SessionView,
    seats: Seats,
    entry: RosterEntry,
    partner: RosterEntry | None,
    at: str,
    now: datetime,
) -> Signs:
    owner = KernelOwner("participant", view.record.session_id, entry.participant_id)
    tapped_s_ago = seats.silent_s(owner)
    instants = [view.last_seen.get(entry.participant_id), entry.last_row_at]
    if tapped_s_ago is not None:
        instants.append(now - timedelta(seconds=tapped_s_ago))
    return Signs(
        is_device_free=_is_device_free(view, entry, partner, at, now),
        is_connected=view.attendance.is_listening(entry.participant_id)
        or seats.has_open_page(owner),
        heard_at=max((instant for instant in instants if instant), default=None),
        left_at=view.attendance.left_at.get(entry.participant_id),
    )


def _is_device_free(
    view: SessionView,
    entry: RosterEntry,
    partner: RosterEntry | None,
    at: str,
    now: datetime,
) -> bool:
    """Say whether this person's phone lies aside on purpose.

    Of who is not recorded nothing is known but where they were: there, the group's clock counts.
    """
    if entry.presence or (partner is not None and partner.presence):
        both = {each.participant_id: each for each in (entry, partner) if each is not None}
        if presence_clock(both, entry, now).state == "running":
            return True
    return at == PRESENCE and view.evening.clock(PRESENCE, now).state == "running"


def _progress_in_words(entry: RosterEntry, total: int) -> str:
    if entry.consent == "not-recorded":
        return "Not recorded"
    if not entry.handled:
        return "–"
    again = f" (round {entry.checkup_round})" if entry.checkup_round > 1 else ""
    return f"{min(len(entry.handled), total)} of {total}{again}"


def _seen_in_words(presence: Presence | str, heard_at: datetime | None, now: datetime) -> str:
    ago = _ago(heard_at, now)
    match presence:
        case "away-on-purpose":
            return "Away from the phone on purpose"
        case "connected":
            return "Here"
        case "idle":
            return f"Here, quiet for {ago}"
        case "asleep":
            return f"Phone asleep, {ago}"
        case "left":
            return f"Left {ago} ago" if ago else "Left"
    return f"{ago} ago" if ago else "–"


def _ago(instant: datetime | None, now: datetime) -> str:
    """Say how long ago, in steps of five minutes: what is shown should not change all the time."""
    if instant is None:
        return ""
    minutes = max(int((now - instant).total_seconds() // 60), 1)
    if minutes < 60:
        return f"{minutes - minutes % 5 or minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"
