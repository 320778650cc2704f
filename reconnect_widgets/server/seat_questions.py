"""What is asked before seats are changed: plain words on what happens to what was answered.

What belongs here: questions, and how a change is called. What does not: the page (`seats_page`),
what may be done (`reseating`). No answer is told here, nor whether there is any.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from reconnect_widgets.domain.seating import SeatAct, Seating
from reconnect_widgets.server.desk import name_at_desk
from reconnect_widgets.server.reseating import mark_seats, told_somebody, uses_one_phone
from reconnect_widgets.server.roster import Roster, RosterEntry, people_in_dyad, present_people
from reconnect_widgets.server.session_view import SessionView

_ASIDE: Final = (
    "is set aside: it stays in the record, and from now on it is shown to nobody and counts for "
    "nothing."
)
_AGAIN: Final = "The choice whether to be recorded is asked again."
_ACT_WORDS = {
    "seat-freed": "Freed the seat of {who}",
    "seat-begun-anew": "Had {who} begin anew",
    "seats-swapped": "Swapped {who}",
    "seat-moved": "Moved {who}",
    "couple-made": "Made a couple of {who}",
}


@dataclass(frozen=True)
class Question:
    """What is asked before something is done.

    Attributes
    ----------
    do, who, mark
        What the form says when it is sent.
    choices
        Where to: value and words.
    """

    do: str
    who: str
    mark: str
    heading: str
    says: list[str]
    yes: str
    choices: list[tuple[str, str]] = field(default_factory=list)


def ask_free(view: SessionView, person: RosterEntry) -> Question:
    """Ask whether somebody's seat is to be freed."""
    name = _name(view, person)
    others = [e for e in people_in_dyad(view.roster, person.dyad_id) if e is not person]
    beside = [
        f"The place beside {_name(view, other)} is open again for whoever has the couple’s code. "
        f"{_name(view, other)} keeps what they answered."
        for other in others
    ]
    says = [
        f"What was answered in this seat {_ASIDE}",
        "The device that holds the seat now says that you have freed it, and how to join anew. Its "
        "return code opens nothing any more. Whoever joins anew begins at the beginning.",
        *beside,
        "You can undo this until somebody else sits there.",
    ]
    mark = mark_of(view.roster, view.changes, "free", person.participant_id)
    return Question("free", person.participant_id, mark, f"Free the seat of {name}?", says,
                    "Free the seat")  # fmt: skip


def ask_anew(view: SessionView, person: RosterEntry) -> Question:
    """Ask whether somebody is to begin anew in their seat."""
    name = _name(view, person)
    says = [
        f"For when somebody else answered on {name}’s device.",
        f"What was answered in this seat so far {_ASIDE} {_AGAIN}",
        f"{name} keeps seat, device and return code. Their page begins anew by itself.",
        f"You can undo this until {name} has answered something.",
    ]
    mark = mark_of(view.roster, view.changes, "anew", person.participant_id)
    return Question("anew", person.participant_id, mark, f"Have {name} begin anew?", says,
                    "Begin anew")  # fmt: skip


def ask_swap(view: SessionView, dyad_id: str) -> Question:
    """Ask whether the two of a couple are to change seats."""
    one, two = people_in_dyad(view.roster, dyad_id)
    first, second = _name(view, one), _name(view, two)
    says = [
        "For when each sat down in the other’s seat. Both keep the device in their hands and its "
        f"return code: the one that says {first} will say {second}, and the other way round; A and "
        "B change, too.",
        f"What both answered so far {_ASIDE} {_AGAIN} Both pages begin anew by themselves.",
        "You can undo this until one of the two has answered something.",
    ]
    mark = mark_of(view.roster, view.changes, "swap", dyad_id)
    return Question("swap", dyad_id, mark, f"Swap {first} and {second}?", says, "Swap the two")


def ask_move(view: SessionView, who: str) -> Question | None:
    """Ask where somebody is to sit; None when there is nowhere to go, or they share a phone."""
    roster = view.roster
    person = roster.get(who)
    if person is None or not person.is_present or uses_one_phone(person):
        return None
    choices = []
    for entry in present_people(roster):
        pair = people_in_dyad(roster, entry.dyad_id)
        if entry is person or (entry.dyad_id and (len(pair) != 1 or person in pair)):
            continue
        if entry.dyad_id:
            choices.append((entry.dyad_id, f"Beside {_name(view, entry)}, in their couple"))
        elif not person.dyad_id:
            new = f"Beside {_name(view, entry)}, who came alone: a new couple"
            choices.append((entry.participant_id, new))
    if not choices:
        return None
    name = _name(view, person)
    told = told_somebody(roster, person)
    says = [
        f"{name} has sat beside somebody. So what {name} answered {_ASIDE} {_AGAIN}"
        if told
        else f"{name} was alone so far and has told nobody anything: what {name} answered stays "
        "theirs. What is not recorded begins anew.",
        f"{name} keeps device and return code. The page comes up again by itself.",
        "Whoever stays keeps what they answered. You can undo this until somebody who was moved "
        "has answered something.",
    ]
    mark = mark_of(roster, view.changes, "move", who)
    return Question("move", who, mark, f"Where is {name} to sit?", says, "Move", choices)


def ask_undo(view: SessionView, act_id: str) -> Question:
    """Ask whether a change is to be undone."""
    act = next(act for act in view.changes.acts if act.act_id == act_id)
    says = [
        f"{say_act(view, act)}: it will be as if that had never been.",
        "Everybody sits where they sat, and what was set aside is theirs again.",
    ]
    return Question("undo", act_id, mark_of(view.roster, view.changes, "undo", act_id),
                    "Undo this change?", says, "Undo it")  # fmt: skip


def mark_of(roster: Roster, changes: Seating, do: str, who: str) -> str:
    """Return a mark of what a question is about, as it stands."""
    if do == "swap":
        people = [entry.participant_id for entry in people_in_dyad(roster, who)]
    elif do == "undo":
        acts = [act for act in changes.acts if act.act_id == who]
        people = [change.participant_id for act in acts for change in act.changes]
    else:
        people = [who]
    return mark_seats(roster, people)


def say_act(view: SessionView, act: SeatAct) -> str:
    """Say what was changed."""
    entries = [view.roster.get(change.participant_id) for change in act.changes]
    names = [_name(view, entry) for entry in entries if entry is not None]
    return _ACT_WORDS[act.name].format(who=" and ".join(names) or "somebody who withdrew")


def _name(view: SessionView, entry: RosterEntry) -> str:
    # Between these two characters a name of any script keeps to itself.
    return f"\u2068{name_at_desk(view.info, entry)}\u2069"
