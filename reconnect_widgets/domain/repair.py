"""Who speaks and who listens in the repair script, found again from what both of a couple did.

Roles are offered by one and taken by the other; nobody is put into one. Then the floor goes to and
fro: the speaker says what hurt, the listener answers with the first of four moves, the speaker goes
on, until the last move is answered. After that both may say that they swap.

What belongs here: the rules, on plain values. What does not: rows (`workbook.pages.repair`), words.

The decision a newcomer would question: a turn that is passed names its half and its number. Two
phones send what they send when they can; an act about a turn that is over changes nothing, so a
doubled tap, or one that was long on its way, gives nobody the floor.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from reconnect_widgets.domain.acts import Who

Role = Literal["speaker", "listener"]
Stage = Literal["open", "offered", "talking", "between", "over"]

MOVES: Final = (
    "hearing-the-hurt",
    "asking-how-it-was",
    "not-who-is-right",
    "asking-how-it-landed",
)
SLIPS: Final = (
    "rebuttal",
    "arguing-facts",
    "defending-intent",
    "counter-complaint",
    "rushing-to-fix",
    "apology-with-but",
)
# The speaker begins, answers each move, and has the last word.
TURNS: Final = 2 * len(MOVES) + 1
TALK_ACTS: Final = frozenset(
    {
        "role-offered",
        "role-let-go",
        "role-taken",
        "turn-passed",
        "talk-stopped",
        "roles-swapped",
    }
)


@dataclass(frozen=True)
class TalkAct:
    """One thing that one of the two did.

    Attributes
    ----------
    role
        Which role its giver would like to have (role-offered).
    about
        The offer that is taken or let go.
    half, turn
        Where the talk stood for who did it (turn-passed, talk-stopped, roles-swapped).
    is_for_both
        Both looked at the one phone that they share, and this was said for both.
    """

    act_id: str
    who: Who
    name: str
    at: datetime
    role: str = ""
    about: str = ""
    half: int = 0
    turn: int = -1
    is_for_both: bool = False


@dataclass(frozen=True)
class Offer:
    """What one would like to be first; it waits for the other's yes."""

    act_id: str
    by: Who
    role: Role


@dataclass(frozen=True)
class Half:
    """A part of a talk in which one person speaks; it began at this instant."""

    speaker: Who
    at: datetime


@dataclass(frozen=True)
class Talk:
    """How it stands between the two; each one's phone sees the same with `Who` turned round.

    Attributes
    ----------
    half, turn
        1, or 2 after the swap; from 0, even turns are the speaker's.
    turn_since
        When the present turn began; None unless talking.
    halves
        Everything that ever began, oldest first; the present half is the last one.
    ready_to_swap
        Who has said that they would swap.
    """

    stage: Stage = "open"
    offer: Offer | None = None
    half: int = 1
    turn: int = 0
    turn_since: datetime | None = None
    was_stopped: bool = False
    halves: tuple[Half, ...] = ()
    ready_to_swap: frozenset[Who] = frozenset()

    @property
    def speaker(self) -> Who | None:
        """Who speaks in this half; None when nothing is agreed."""
        return self.halves[-1].speaker if self.stage not in ("open", "offered") else None

    @property
    def floor(self) -> Who | None:
        """Whose turn it is; None unless talking."""
        if self.stage != "talking" or self.speaker is None:
            return None
        return self.speaker if self.turn % 2 == 0 else _other(self.speaker)

    @property
    def move(self) -> str:
        """The listener's move of this turn; empty while the speaker has the floor."""
        is_listeners = self.stage == "talking" and self.turn % 2 == 1
        return MOVES[self.turn // 2] if is_listeners else ""

    def role_of(self, who: Who) -> Role | None:
        """Return what somebody is in this half; None when nothing is agreed."""
        if self.speaker is None:
            return None
        return "speaker" if who == self.speaker else "listener"


def read_talk(acts: Iterable[TalkAct]) -> Talk:
    """Return how it stands after these acts, in order; those that do not fit are passed over."""
    talk = Talk()
    for act in acts:
        talk = advance(talk, act)
    return talk


def advance(talk: Talk, act: TalkAct) -> Talk:
    """Return how it stands after one more act: the same if it does not fit."""
    match act.name:
        case "role-offered":
            return _offer(talk, act)
        case "role-let-go" if talk.offer is not None and talk.offer.act_id == act.about:
            return replace(talk, stage="open", offer=None)
        case "role-taken":
            return _take(talk, act)
        case "turn-passed":
            return _pass(talk, act)
        case "talk-stopped" if talk.stage == "talking" and act.half == talk.half:
            return replace(_end_half(talk), was_stopped=True)
        case "roles-swapped":
            return _swap(talk, act)
    return talk


def _offer(talk: Talk, act: TalkAct) -> Talk:
    """Let an offer stand. Two that were made at once and fit together are a yes to each other."""
    if act.role not in ("speaker", "listener") or talk.stage == "talking":
        return talk
    role: Role = "speaker" if act.role == "speaker" else "listener"
    standing = talk.offer
    if standing is None or standing.by == act.who:
        return Talk("offered", Offer(act.act_id, act.who, role), halves=talk.halves)
    if standing.role != role:
        return _begin(talk, standing, act.at)
    return talk


def _take(talk: Talk, act: TalkAct) -> Talk:
    offer = talk.offer
    if offer is None or offer.act_id != act.about or offer.by == act.who:
        return talk
    return _begin(talk, offer, act.at)


def _begin(talk: Talk, offer: Offer, at: datetime) -> Talk:
    speaker = offer.by if offer.role == "speaker" else _other(offer.by)
    return Talk("talking", turn_since=at, halves=(*talk.halves, Half(speaker, at)))


def _pass(talk: Talk, act: TalkAct) -> Talk:
    if talk.stage != "talking" or (act.half, act.turn) != (talk.half, talk.turn):
        return talk
    if talk.floor != act.who and not act.is_for_both:
        return talk
    if talk.turn + 1 == TURNS:
        return _end_half(talk)
    return replace(talk, turn=talk.turn + 1, turn_since=act.at)


def _end_half(talk: Talk) -> Talk:
    stage: Stage = "between" if talk.half == 1 else "over"
    return replace(talk, stage=stage, turn_since=None, was_stopped=False)


def _swap(talk: Talk, act: TalkAct) -> Talk:
    if talk.stage != "between" or act.half != talk.half:
        return talk
    ready = talk.ready_to_swap | {act.who}
    if len(ready) < 2 and not act.is_for_both:
        return replace(talk, ready_to_swap=ready)
    half = Half(_other(talk.halves[-1].speaker), act.at)
    return Talk("talking", half=2, turn_since=act.at, halves=(*talk.halves, half))


def _other(who: Who) -> Who:
    return "partner" if who == "me" else "me"
