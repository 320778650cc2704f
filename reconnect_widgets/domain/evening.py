"""A live evening: what the desk has done so far, and what follows for everybody in the room.

What belongs here: the state machine of an evening, folded from the desk's acts. What does not:
rows (`records.desk_acts`), who is in the room (`server.roster`), words.

The evening is nothing but its acts, like a clock (`domain.clock`): two facilitators see the same,
and a server that was killed knows where everybody is. An act that does not fit any more (opening
what is open, undoing what was undone) is passed over, so two taps on two desks do a thing once.

Undoing is an act of its own, about another one. An undone act counts as if it had never been, so
what is undone need not be the last thing that was done. What went to people's screens is not
called back by it: they are free where they are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, get_args

from reconnect_widgets.domain.clock import Clock, ClockAct, ClockName, read_clock
from reconnect_widgets.domain.groups import Grouping, Groups

DeskActName = Literal[
    "brought",
    "let-go",
    "exercise-opened",
    "exercise-closed",
    "clock-started",
    "clock-paused",
    "clock-resumed",
    "clock-extended",
    "clock-stopped",
    "screen-shown",
    "line-approved",
    "line-set-aside",
    "grouped",
    "note",
    "undone",
]
# What the group screen can show. `blank` is a screen to talk in front of.
ScreenView = Literal["join", "task", "wall", "checkup", "blank"]

DESK_ACTS: Final[tuple[str, ...]] = get_args(DeskActName)
SCREEN_VIEWS: Final[tuple[str, ...]] = get_args(ScreenView)
# A note was written, and what was undone was undone: neither can be taken back.
UNDOABLE: Final = frozenset(DESK_ACTS) - {"note", "undone"}
# Never closed to anybody: what has to come first, where to turn, and what is one's own.
ALWAYS_OPEN: Final = frozenset({"welcome", "safety", "takeaway"})
CLOCK_PREFIX: Final = "clock-"


@dataclass(frozen=True)
class DeskAct:
    """One thing that a facilitator did.

    Attributes
    ----------
    by
        Whose act it was: the subject of the journal that it stands in.
    exercise
        What it is about: brought, opened, closed, the clock's, grouped.
    about
        The act that it undoes, the answer whose text it approves or sets aside, or the split of
        the groups that it goes on from.
    seconds
        Of a clock: how long it is to run, or how much longer.
    view
        Of the group screen.
    groups, turn
        Participant ids, group by group, and the round in which they are.
    words
        Of a note.
    """

    act_id: str
    name: DeskActName
    at: datetime
    by: str = ""
    exercise: str = ""
    about: str = ""
    seconds: float = 0.0
    view: str = ""
    groups: Groups = ()
    turn: int = 1
    words: str = ""


@dataclass(frozen=True)
class Together:
    """Everybody was brought to one exercise, by this act."""

    act_id: str
    exercise: str
    since: datetime


@dataclass(frozen=True)
class Evening:
    """How an evening stands.

    Attributes
    ----------
    here
        Where everybody was brought last; None before that, and when they were let go.
    opened, closed
        Exercises that the desk opened or closed to people coming by themselves; what is in
        neither is as the session was prepared.
    clocks
        The acts of the group's clock, by exercise.
    view
        What the group screen shows.
    approved
        Answers whose text may stand on the wall, in the order of approval.
    set_aside
        Answers whose text was looked at and stays off the wall.
    groups
        How the groups stand, by exercise.
    notes
        The notes, oldest first.
    undoable
        The acts that can still be undone, oldest first.
    """

    here: Together | None = None
    opened: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()
    clocks: Mapping[str, tuple[ClockAct, ...]] = field(default_factory=dict)
    view: str = "join"
    approved: tuple[str, ...] = ()
    set_aside: frozenset[str] = frozenset()
    groups: Mapping[str, Grouping] = field(default_factory=dict)
    notes: tuple[DeskAct, ...] = ()
    undoable: tuple[DeskAct, ...] = ()

    def clock(self, exercise: str, now: datetime) -> Clock:
        """Return how the group's clock for an exercise stands."""
        return read_clock(self.clocks.get(exercise, ()), now)

    def is_open(self, exercise: str, free: Collection[str]) -> bool:
        """Say whether people may open an exercise by themselves.

        Parameters
        ----------
        free
            What the session was prepared to let people open by themselves.
        """
        if exercise in ALWAYS_OPEN or (self.here and self.here.exercise == exercise):
            return True
        if exercise in self.opened or exercise in self.closed:
            return exercise in self.opened
        return exercise in free


def read_evening(acts: Iterable[DeskAct]) -> Evening:
    """Return how the evening stands after these acts, in whatever order they are given."""
    ordered = sorted(acts, key=lambda act: (act.at, act.act_id))
    undone = _find_undone(ordered)
    state = _Fold()
    for act in ordered:
        if act.act_id not in undone and act.name != "undone":
            state.take(act)
    return state.evening()


def _find_undone(ordered: Iterable[DeskAct]) -> frozenset[str]:
    """Return the acts that were undone: each of them before it was, and of a kind that can be."""
    known: dict[str, DeskAct] = {}
    undone: set[str] = set()
    for act in ordered:
        if act.name == "undone":
            target = known.get(act.about)
            if target is not None and target.name in UNDOABLE:
                undone.add(target.act_id)
        known[act.act_id] = act
    return frozenset(undone)


class _Fold:
    """The state while it is built. An act that changes nothing leaves nothing to undo."""

    def __init__(self) -> None:
        self.here: Together | None = None
        self.opened: dict[str, bool] = {}
        self.clocks: dict[str, tuple[ClockAct, ...]] = {}
        self.view = "join"
        self.wall: dict[str, bool] = {}
        self.groups: dict[str, Grouping] = {}
        self.notes: list[DeskAct] = []
        self.undoable: list[DeskAct] = []

    def take(self, act: DeskAct) -> None:
        if self._changes(act) and act.name in UNDOABLE:
            self.undoable.append(act)

    def _changes(self, act: DeskAct) -> bool:
        """Do what an act says; False when it does not fit."""
        match act.name:
            case "brought":
                if not act.exercise:
                    return False
                # Again to the same place counts: somebody may have gone elsewhere meanwhile.
                self.here = Together(act.act_id, act.exercise, act.at)
                return True
            case "let-go":
                was, self.here = self.here, None
                return was is not None
            case "exercise-opened" | "exercise-closed":
                return self._set(self.opened, act.exercise, act.name == "exercise-opened")
            case "screen-shown":
                was_view, self.view = self.view, act.view if act.view in SCREEN_VIEWS else self.view
                return was_view != self.view
            case "line-approved" | "line-set-aside":
                return self._set(self.wall, act.about, act.name == "line-approved")
            case "grouped":
                return self._group(act)
            case "note":
                self.notes.append(act)
                return bool(act.words)
            case _:
                return self._turn_clock(act)

    def _group(self, act: DeskAct) -> bool:
        was = self.groups.get(act.exercise, Grouping())
        split_id = act.about or act.act_id
        self.groups[act.exercise] = Grouping(act.act_id, split_id, act.turn, act.groups)
        return (was.groups, was.turn) != (act.groups, act.turn)

    @staticmethod
    def _set(flags: dict[str, bool], key: str, value: bool) -> bool:
        if not key or flags.get(key) is value:
            return False
        flags.pop(key, None)  # approved again: at the end of the wall
        flags[key] = value
        return True

    def _turn_clock(self, act: DeskAct) -> bool:
        name: ClockName = act.name.removeprefix(CLOCK_PREFIX)  # type: ignore[assignment]
        before = self.clocks.get(act.exercise, ())
        after = (*before, ClockAct(act.at, name, act.seconds, act.act_id))
        if not act.exercise or read_clock(before, act.at) == read_clock(after, act.at):
            return False
        self.clocks[act.exercise] = after
        return True

    def evening(self) -> Evening:
        return Evening(
            here=self.here,
            opened=frozenset(key for key, is_open in self.opened.items() if is_open),
            closed=frozenset(key for key, is_open in self.opened.items() if not is_open),
            clocks=self.clocks,
            view=self.view,
            approved=tuple(key for key, is_in in self.wall.items() if is_in),
            set_aside=frozenset(key for key, is_in in self.wall.items() if not is_in),
            groups=self.groups,
            notes=tuple(self.notes),
            undoable=tuple(self.undoable),
        )
