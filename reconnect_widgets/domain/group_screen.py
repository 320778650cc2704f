"""What a screen in front of a whole group may say: pictures, counts, a clock. Pure.

What belongs here: which figures may stand on the group screen, and when. What does not: reading
the record, words, drawing.

The decision a newcomer would question: a picture of the checkup is drawn once for each round, at
an instant that stands in the record, and is never drawn again. Two pictures of the same answers,
each of them safe, can give somebody away together: what changed between them is the person who
came, left, or answered anew. `docs/explanation/disclosure.md` has the proof that a sequence of
screens tells nothing beyond what each picture tells by itself.

A drawing names what it rests on by a digest of row ids, and holds no figure. So the record keeps
nothing of somebody who withdraws, and whoever reads it again shows the same picture or none:
none, when one of the rows is gone, or one came to light that was on its way when it was drawn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from reconnect_widgets.domain.clock import Clock
from reconnect_widgets.domain.suppression import (
    Member,
    ProtectedTable,
    is_enough,
    protect_distributions,
)

# A count says something of the few on either side of it.
FEW: Final = 5
# `too-few`: not enough couples yet. `not-drawn`: there could be a picture. `gone`: there was one.
PictureState = Literal["too-few", "not-drawn", "shown", "gone"]
DoneWords = Literal["", "counted", "most", "nearly"]
ClockWords = Literal["running", "soon", "paused", "over"]
CLOCK_STEPS: Final = 24


@dataclass(frozen=True)
class Finished:
    """One person who finished a round, as it stood at one instant.

    Attributes
    ----------
    scores
        By category; None where too few lines were answered.
    row_ids
        Every row that this rests on: the answers that count, and the seat.
    """

    member: Member
    scores: Mapping[str, float | None]
    row_ids: frozenset[str]


@dataclass(frozen=True)
class Drawing:
    """A facilitator had the picture of a round drawn.

    Attributes
    ----------
    until
        Rows of later than this are not in it.
    basis
        What it rests on (`take_basis`).
    """

    act_id: str
    round: int
    until: datetime
    basis: str


@dataclass(frozen=True)
class Picture:
    """What stands on the screen of a group's checkup.

    Attributes
    ----------
    round, until, tables
        Of a picture that is shown; `tables` by category, protected.
    """

    state: PictureState
    round: int = 0
    until: datetime | None = None
    tables: Mapping[str, ProtectedTable] = field(default_factory=dict)


def take_basis(finished: Iterable[Finished]) -> str:
    """Return what names these people's answers, and nothing else's.

    A digest of ids that hold 74 random bits each: nobody who lacks the ids can find out anything
    from it, so it says nothing of somebody whose rows were erased.
    """
    ids = sorted({row_id for one in finished for row_id in one.row_ids})
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()[:32]


def find_round_to_draw(
    drawings: Collection[Drawing], finished: Mapping[int, Collection[Member]]
) -> int | None:
    """Return the round of which a picture can be drawn now: newer than all that were drawn.

    Whether there is one follows from who has finished, never from what they answered: a picture in
    which everything is hidden counts as drawn, too.

    Parameters
    ----------
    finished
        By round, who has finished it.
    """
    newest = max((drawing.round for drawing in drawings), default=0)
    enough = [number for number, members in finished.items() if is_enough(members)]
    return max((number for number in enough if number > newest), default=None)


def show_picture(
    drawings: Collection[Drawing],
    finished: Mapping[int, Collection[Member]],
    read: Callable[[Drawing], Sequence[Finished]],
) -> Picture:
    """Return what the screen shows: the newest round that was drawn.

    Parameters
    ----------
    finished
        By round, who has finished it by now.
    read
        Reads from the record who had finished a drawing's round by its instant.
    """
    if not drawings:
        waits = find_round_to_draw(drawings, finished) is not None
        return Picture("not-drawn" if waits else "too-few")
    newest = max(drawing.round for drawing in drawings)
    drawn = read_drawn([drawing for drawing in drawings if drawing.round == newest], read)
    if drawn is None:
        return Picture("gone", newest)
    drawing, people = drawn
    return Picture("shown", newest, drawing.until, draw_tables(people))


def read_drawn(
    drawings: Collection[Drawing], read: Callable[[Drawing], Sequence[Finished]]
) -> tuple[Drawing, Sequence[Finished]] | None:
    """Return the drawing of one round, and whom it shows; None when it is not what it was.

    Two servers over one record folder may have drawn at the same moment: one picture, or none.
    """
    drawing = min(drawings, key=lambda one: (one.until, one.act_id))
    if any(other.basis != drawing.basis for other in drawings):
        return None
    people = read(drawing)
    return (drawing, people) if take_basis(people) == drawing.basis else None


def draw_tables(people: Sequence[Finished]) -> dict[str, ProtectedTable]:
    """Return each category's distribution over the quarters of the scale, protected."""
    categories = list(people[0].scores) if people else []
    scores = {
        category: {one.member.participant_id: one.scores[category] for one in people}
        for category in categories
    }
    return protect_distributions([one.member for one in people], scores)


def describe_done(done: int, total: int) -> DoneWords:
    """Say how to speak of how many are done: by number only with enough people on both sides.

    "19 of 20" makes a room look for the one. And somebody who is not recorded is never done as far
    as the record goes: the last few must not be told from nobody. So there is no "everyone".

    Returns
    -------
    DoneWords
        ``counted``: the number may be said. ``nearly``: fewer than five are left, and at least
        four times as many are done. ``most``: fewer than five are left. Else empty.
    """
    left = total - done
    if done < FEW:
        return ""
    if left >= FEW:
        return "counted"
    return "nearly" if done >= 4 * left else "most"


@dataclass(frozen=True)
class SoftClock:
    """A clock without seconds.

    Attributes
    ----------
    minutes
        About how many are left; 0 with ``soon`` and ``over``.
    steps
        How much of the shape is left, of `CLOCK_STEPS`.
    """

    words: ClockWords
    minutes: int
    steps: int


def soften_clock(clock: Clock) -> SoftClock | None:
    """Return a clock as a group may see it; None when none was started."""
    if clock.state == "ready":
        return None
    if clock.state == "done":
        return SoftClock("over", 0, 0)
    minutes = round(clock.left_s / 60)
    if minutes > 20:
        minutes = 5 * round(minutes / 5)
    steps = max(round(clock.left_s / clock.total_s * CLOCK_STEPS), 1) if clock.total_s else 0
    if clock.state == "paused":
        return SoftClock("paused", max(minutes, 1), steps)
    return SoftClock("running", minutes, steps) if minutes else SoftClock("soon", 0, steps)
