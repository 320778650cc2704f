"""The evening in words, for the desk: its agenda, what was done last, the notes.

What belongs here: values of `domain.evening` in, what the template prints out. What does not: who
is here (`desk`), what a button does (`desk_page`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from reconnect_widgets import content
from reconnect_widgets.domain.clock import Clock
from reconnect_widgets.domain.evening import ALWAYS_OPEN, DeskAct, Evening
from reconnect_widgets.domain.groups import Grouping, keep_present
from reconnect_widgets.domain.people import Session
from reconnect_widgets.server.desk import PersonLine, title_of
from reconnect_widgets.server.roster import RosterEntry

# So many of the last acts are offered to be undone.
LAST_ACTS = 6
_SCREENS = {
    "join": "how to join",
    "task": "the task",
    "wall": "the wall",
    "checkup": "the group’s checkup",
    "blank": "nothing",
}
_ACTS = {
    "brought": "Brought everyone to {title}",
    "let-go": "Let everybody go on by themselves",
    "exercise-opened": "Opened {title}",
    "exercise-closed": "Closed {title}",
    "clock-started": "Started the clock of {title}, {minutes} min",
    "clock-paused": "Paused the clock of {title}",
    "clock-resumed": "Let the clock of {title} go on",
    "clock-extended": "Gave {title} {minutes} min more",
    "clock-stopped": "Stopped the clock of {title}",
    "screen-shown": "Showed {screen} on the group screen",
    "line-approved": "Put a line on the wall",
    "line-set-aside": "Left a line off the wall",
    "grouped": "Made groups for {title}",
}


@dataclass(frozen=True)
class AgendaLine:
    """One exercise of the evening.

    Attributes
    ----------
    minutes
        What the session was prepared with, or what the exercise says of itself.
    is_now
        Everybody was brought here, or its clock runs.
    can_close
        Some things are never closed to anybody.
    clock, clock_words, clock_mark
        How the group's clock stands; the mark is of its latest act.
    done
        "3 of 8 done", counted in people who are recorded; empty where nothing can be counted.
    there
        How many people have it open.
    groups
        How many small groups were made for it, and who sits in none; empty where there are none.
    """

    key: str
    title: str
    minutes: int
    is_here: bool
    is_now: bool
    is_open: bool
    can_close: bool
    clock: str
    clock_words: str
    clock_mark: str
    done: str
    there: int
    groups: str


@dataclass(frozen=True)
class ActLine:
    """One act that can be undone.

    Attributes
    ----------
    by
        Whose it was, in words; empty where there is only one whose it could be.
    """

    act_id: str
    at: datetime
    by: str
    words: str


@dataclass(frozen=True)
class NoteLine:
    """One note; `by` as of an act."""

    at: datetime
    by: str
    words: str


def describe_agenda(
    session: Session,
    evening: Evening,
    keys: Iterable[str],
    people: Sequence[RosterEntry],
    lines: Sequence[PersonLine],
    now: datetime,
) -> list[AgendaLine]:
    """Return one line for each of these exercises.

    Parameters
    ----------
    people, lines
        Who is present: what the record knows, and where they are.
    """
    found = []
    for key in keys:
        frame = content.load_contents().frame(key)
        if frame is None:
            continue
        clock = evening.clock(key, now)
        # After the close nobody is anywhere any more, and a clock that ran tells nothing.
        is_on = session.is_open(now)
        is_here = is_on and evening.here is not None and evening.here.exercise == key
        is_free = session.free is None or key in session.free
        found.append(
            AgendaLine(
                key=key,
                title=frame.title,
                minutes=session.minutes.get(key) or frame.minutes,
                is_here=is_here,
                is_now=is_here or (is_on and clock.state in ("running", "paused")),
                is_open=evening.is_open(key, (key,) if is_free else ()),
                can_close=key not in ALWAYS_OPEN,
                clock=clock.state,
                clock_words=describe_group_clock(clock),
                clock_mark=mark_of("clock", key, evening),
                done=_count_done(key, people),
                there=sum(1 for line in lines if line.at == key) if is_on else 0,
                groups=_count_groups(evening.groups.get(key), people),
            )
        )
    return found


def describe_group_clock(clock: Clock) -> str:
    """Say how long the group's clock still runs, in whole minutes."""
    left = math.ceil(clock.left_s / 60)
    of = f"{left} of {round(clock.total_s / 60)} minutes left"
    match clock.state:
        case "running":
            return of if clock.left_s > 60 else "the last minute"
        case "paused":
            return f"paused, {of}"
        case "done" if not clock.was_stopped:
            return "the time is up"
    return ""


def describe_acts(evening: Evening, credit: Callable[[str], str]) -> list[ActLine]:
    """Return the last acts that can be undone, the latest first.

    Parameters
    ----------
    credit
        Says in words whose act it was, from the account's id (`accounts.Accounts.credit`).
    """
    last = evening.undoable[-LAST_ACTS:]
    return [ActLine(act.act_id, act.at.astimezone(), credit(act.by), _in_words(act))
            for act in reversed(last)]  # fmt: skip


def describe_notes(evening: Evening, credit: Callable[[str], str]) -> list[NoteLine]:
    """Return the notes, the latest first."""
    return [NoteLine(note.at.astimezone(), credit(note.by), note.words)
            for note in reversed(evening.notes)]  # fmt: skip


def mark_of(act: str, exercise: str, evening: Evening) -> str:
    """Return what a button for this act was made from: pressed later, it is compared with what is.

    So that a tap on a page that is behind does what its words said, or nothing.
    """
    if act in ("brought", "let-go"):
        return evening.here.act_id if evening.here else "-"
    if act.startswith("clock"):
        acts = evening.clocks.get(exercise, ())
        return acts[-1].act_id if acts else "-"
    return "-"


def _in_words(act: DeskAct) -> str:
    words = _ACTS[act.name]
    if act.name == "grouped" and not act.groups:
        words = "Ended the groups of {title}"
    elif act.name == "grouped" and act.about:
        words = "Changed the groups of {title}"
    return words.format(
        title=title_of(act.exercise),
        minutes=max(round(act.seconds / 60), 1),
        screen=_SCREENS.get(act.view, act.view),
    )


def _count_groups(grouping: Grouping | None, people: Sequence[RosterEntry]) -> str:
    """Say how many small groups there are; and how many people sit in none, if there are any."""
    present = [person.participant_id for person in people]
    groups = [each for each in keep_present(grouping.groups, present) if each] if grouping else []
    if grouping is None or not groups:
        return ""
    words = f"{len(groups)} small {'group' if len(groups) == 1 else 'groups'}"
    left = len(present) - sum(map(len, groups))
    none = f", {left} {'person' if left == 1 else 'people'} in none" if left else ""
    return f"{words}, round {grouping.turn}{none}"


def _count_done(key: str, people: Sequence[RosterEntry]) -> str:
    """Say how many came to the end, of those of whom that is noted."""
    counted = [person for person in people if person.consent != "not-recorded"]
    done = sum(1 for person in counted if person.has_done(key))
    return f"{done} of {len(counted)} done" if counted else ""
