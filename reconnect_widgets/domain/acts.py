"""What the two of a couple do towards one another, and what comes of it, as plain values.

What belongs here: the shapes, and which acts the other's page is told of. What does not: who may
see or do what (`between`), and rows (`workbook.acts`).

An act holds nothing private: it points to the answers that hold the words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

Who = Literal["me", "partner"]
Reveals = Literal["answers", "mutual-yes", "nothing"]
ReleaseState = Literal["offered", "waiting", "both"]
DeliveryState = Literal["delivered", "accepted", "replied"]
AgreementState = Literal["asked", "agreed", "declined"]

REPLIES: Final = ("thank-you", "tell-me-more")
MOST_OPEN_REQUESTS: Final = 3
LOOK_BACK_AFTER: Final = timedelta(days=7)

# What the partner's page is told of as soon as it is recorded …
TOLD_AT_ONCE: Final = frozenset(
    {
        "delivered",
        "accepted",
        "replied",
        "proposed",
        "agreed",
        "changed",
        "declined",
        "card-turned",
        "clock-started",
        "clock-paused",
        "clock-resumed",
        "clock-extended",
        "clock-stopped",
        "role-offered",
        "role-let-go",
        "role-taken",
        "turn-passed",
        "talk-stopped",
        "roles-swapped",
    }
)
# … and what both pages are told of when both have said it about the same thing, and not before.
TOLD_WHEN_BOTH: Final = frozenset({"released", "looked-back"})


@dataclass(frozen=True)
class Act:
    """Something one of the two did towards the other.

    Attributes
    ----------
    act_id
        Identity of the act.
    about
        What it is about: the answer that holds the text (delivered, proposed); the delivery
        (accepted, replied); the proposal (agreed, changed, declined, looked-back).
    opens
        Answers that it shows to the partner besides: the text of a counter-proposal (changed),
        what one says after a week (looked-back).
    reply
        One of `REPLIES` (replied).
    """

    act_id: str
    who: Who
    name: str
    at: datetime
    exercise: str
    round: int = 1
    about: str = ""
    opens: tuple[str, ...] = ()
    reply: str = ""


@dataclass(frozen=True)
class Answer:
    """One answer, skip or refusal as it was given; a later one of the same item replaces it."""

    answer_id: str
    who: Who
    exercise: str
    round: int
    item: str
    status: str
    value: str = ""
    text: str = ""


@dataclass(frozen=True)
class Delivery:
    """A line that one gave the other; both see all of this."""

    act_id: str
    by: Who
    round: int
    text: str
    state: DeliveryState = "delivered"
    reply: str = ""


@dataclass(frozen=True)
class Agreement:
    """A request, what became of it, and what was said a week later.

    Attributes
    ----------
    act_id
        Identity of the request: its first proposal.
    asked_by
        Who asked; what counts against `MOST_OPEN_REQUESTS` is counted for them.
    proposal_id, proposed_by, text
        The text that stands now: the first proposal, or the latest counter-proposal. An agreement
        is both names to this one.
    earlier
        The texts before it, oldest first.
    agreed_at
        When both had said yes.
    closed_by
        Who declined, or let go of what they had asked.
    my_look_back, partner_look_back
        What was said after a week. The partner's is empty until both have said theirs.
    """

    act_id: str
    asked_by: Who
    round: int
    proposal_id: str
    proposed_by: Who
    text: str
    earlier: tuple[str, ...] = ()
    state: AgreementState = "asked"
    agreed_at: datetime | None = None
    closed_by: Who | None = None
    my_look_back: tuple[Answer, ...] = ()
    partner_look_back: tuple[Answer, ...] = ()


@dataclass(frozen=True)
class Guesses:
    """How close each came, told only when both have released.

    Attributes
    ----------
    mine, theirs
        What each guessed about the other, in the order of the items.
    my_hits, their_hits
        Which of them are right, wherever in the other's list they stand.
    """

    mine: tuple[str, ...]
    my_hits: frozenset[str]
    theirs: tuple[str, ...]
    their_hits: frozenset[str]


@dataclass(frozen=True)
class Move:
    """Something that may be done now; `about` as in `Act`."""

    name: str
    round: int = 0
    about: str = ""
