"""What the desk does to everybody, as one participant meets it: where the group is, what is open.

What belongs here: what may be said to a participant of the evening, and of nobody in it. What does
not: how the evening stands (`domain.evening`), and the facilitator's view of it (`desk`).

Nobody is led past the choice whether to be recorded: who has not made it is told, and stays.
When the session is closed the group is nowhere any more, and all is as for one's own practice.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from reconnect_widgets.content import load_contents
from reconnect_widgets.domain.evening import Evening
from reconnect_widgets.domain.groups import IN_GROUPS, Grouping, Part
from reconnect_widgets.server.roster import RosterEntry
from reconnect_widgets.server.session_view import SessionView

# What "about … minutes left" may say. Few, so that a page in somebody's hand changes seldom.
_MINUTES = (1, 2, 3, 5, 8, 10, 15, 20, 25, 30, 40, 50, 60, 75, 90, 120, 180, 240)


@dataclass(frozen=True)
class Brought:
    """Where everybody was brought, for one person who is elsewhere.

    Attributes
    ----------
    act_id
        By which act: a page that has dealt with it does not do so again.
    moves
        Whether this person goes there too. Without, the choice at the beginning comes first.
    """

    act_id: str
    exercise: str
    title: str
    moves: bool

    @property
    def href(self) -> str:
        """The address to go to."""
        return f"/w/{self.exercise if self.moves else 'welcome'}"

    @property
    def news(self) -> dict[str, Any]:
        """What a page is told at once, so that no phone has to ask first."""
        return {"id": self.act_id, "href": self.href, "title": self.title, "moves": self.moves}


@dataclass(frozen=True)
class InGroup:
    """In which small group somebody sits, and what their part is.

    Attributes
    ----------
    names
        Whom they sit with: empty unless everybody was told that everybody sees the names.
    href
        The address of what they do there; empty for who is there.
    """

    number: int
    turn: int
    part: Part
    names: tuple[str, ...]
    title: str
    href: str


def find_brought(evening: Evening, person: RosterEntry) -> Brought | None:
    """Return where the group is; None when everybody goes on by themselves."""
    here = evening.here
    frame = load_contents().frame(here.exercise) if here else None
    if here is None or frame is None:
        return None
    return Brought(here.act_id, here.exercise, frame.title, moves=person.consent is not None)


def find_in_group(view: SessionView, person: RosterEntry, *, at: str = "") -> InGroup | None:
    """Return where somebody sits, when the group is at what is done there, or they are."""
    here, is_there = view.evening.here, at == IN_GROUPS
    frame = load_contents().frame(IN_GROUPS)
    if frame is None or not (is_there or (here and here.exercise == IN_GROUPS)):
        return None
    roster = view.refresh()  # who asks may be the first of whom anything was read
    mine = view.grouping.part_of(person.participant_id)
    if mine is None:
        return None
    others = [roster[one] for one in mine.others]
    sees_names = view.info.name_visibility == "everyone"
    names = tuple(" ".join(one.name.split()) for one in others if one.name) if sees_names else ()
    href = "" if is_there or person.consent is None else f"/w/{IN_GROUPS}"
    return InGroup(mine.number, mine.turn, mine.part, names, frame.title, href)


def mark_part(view: SessionView, person: RosterEntry) -> str:
    """Return a mark that changes when somebody gets another part, group or round."""
    mine = view.grouping.part_of(person.participant_id)
    return f"{mine.split_id[-6:]}.{mine.number}.{mine.turn}.{mine.part}" if mine else "0"


def mark_news(view: SessionView, person: RosterEntry, now: datetime) -> str:
    """Return an id of all that there can be news of for somebody: their own, their part, the group.

    A page says which it was made from, and a stream which it told last.
    """
    told = view.changes.told.get(person.participant_id, 0)
    mark = f"{person.news}.{told}-{mark_part(view, person)}-{mark_together(view, now)}"
    return f"{mark}{'' if person.consent else '-before-the-choice'}"


def describe_together(
    view: SessionView, person: RosterEntry, now: datetime, *, at: str = ""
) -> dict[str, Any]:
    """Return what ``waiting.html`` says of the group to somebody at one exercise."""
    if not view.info.is_open(now):
        return {"brought": None, "group": None, "clock": ""}
    brought = find_brought(view.evening, person)
    if brought is not None and at == brought.exercise:
        brought = None
    return {
        "brought": brought,
        "group": find_in_group(view, person, at=at),
        "clock": describe_clock(view.evening, at, now),
    }


def describe_clock(evening: Evening, exercise: str, now: datetime) -> str:
    """Say softly how long the group still has for this; empty when no clock runs."""
    clock = evening.clock(exercise, now)
    if clock.state == "done" and not clock.was_stopped:
        return "The time for this is up."
    if clock.state != "running":
        return ""
    minutes = min(_MINUTES, key=lambda n: abs(n - clock.left_s / 60))
    return f"About {'one minute' if minutes == 1 else f'{minutes} minutes'} left for this."


def is_open_to(view: SessionView, person: RosterEntry, exercise: str, now: datetime) -> bool:
    """Say whether somebody may open an exercise now; whoever is at it already stays."""
    session = view.info
    if not session.is_open(now):
        return True
    is_free = session.free is None or exercise in session.free
    is_open = view.evening.is_open(exercise, (exercise,) if is_free else ())
    return is_open or exercise == place_of(view, person)


def place_of(view: SessionView, person: RosterEntry) -> str:
    """Return the exercise that somebody opened last, as far as anybody knows."""
    return view.last_page.get(person.participant_id) or person.step


# Two hundred streams look at every answer in the room: how it stood, the second, the mark.
_marks: WeakKeyDictionary[SessionView, tuple[Evening, Grouping, int, str]] = WeakKeyDictionary()


def mark_together(view: SessionView, now: datetime) -> str:
    """Return a mark that changes when, and only when, participants are shown something else.

    It is made anew when the evening or the groups stand otherwise, and each second, for the clocks.
    """
    evening, grouping, second = view.evening, view.grouping, int(now.timestamp())
    known = _marks.get(view)
    if known and known[0] is evening and known[1] == grouping and known[2] == second:
        return known[3]
    shown = (
        view.info.is_open(now),
        evening.here,
        sorted(evening.opened),
        sorted(evening.closed),
        sorted((key, describe_clock(evening, key, now)) for key in evening.clocks),
        grouping,
    )
    mark = hashlib.sha256(repr(shown).encode()).hexdigest()[:10]
    _marks[view] = (evening, grouping, second, mark)
    return mark
