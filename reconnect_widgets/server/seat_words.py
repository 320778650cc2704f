"""What a person is told when a facilitator changed seats: no blame, no name, nobody's answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from reconnect_widgets.domain.seating import Seating
from reconnect_widgets.server.roster import Roster, RosterEntry, partner_of

# Later it is no news any more. Whoever answers before has read it.
TOLD_FOR: Final = timedelta(minutes=10)
_BEGINS = "Everything begins anew here. What was answered before is set aside, and nobody sees it."
_KEEPS = "What you answered is still yours."


def say_to_person(seating: Seating, roster: Roster, person: RosterEntry, now: datetime) -> str:
    """Return what to say about the last change that concerned somebody; empty when it is over."""
    # A page that waited for its kernel knew its person before the change.
    person = roster.get(person.participant_id, person)
    act = seating.last_act(person.participant_id)
    if act is None or abs(now - act.at) > TOLD_FOR:
        return ""
    own = [c for c in act.changes if c.participant_id == person.participant_id]
    if person.spoke_at is not None and person.spoke_at > (own[0].after if own else act.at):
        return ""
    if own and own[0].sets_aside and person.consent is not None:
        return ""  # they have made the choice again since, and have read it on the way
    begins = "Your facilitator has changed seats:"
    partner = partner_of(roster, person)
    if not own:
        if act.name == "seat-begun-anew":
            return f"{begins} your partner begins anew. {_KEEPS}"
        if partner is None:
            return f"{begins} the place beside you is free. Your couple’s code is on “My place”."
        return f"{begins} your partner is here now. {_KEEPS}"
    match act.name:
        case "seats-swapped":
            return f"{begins} you and your partner have swapped. {_BEGINS}"
        case "seat-begun-anew":
            return f"Your facilitator has changed seats. {_BEGINS}"
    where = (
        "you are in another couple now." if own[0].was_dyad_id else "you have a partner here now."
    )
    return f"{begins} {where} {_BEGINS if own[0].sets_aside else _KEEPS}"
