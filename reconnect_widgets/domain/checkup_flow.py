"""Which part of the checkup a person is in: values, and one function that moves between them.

What belongs here: what may follow what, and how to find the place again from the record. What
does not: writing the record, widgets, words.

Stages: ``consent`` (nothing begins without it), ``intro``, ``items``, ``guesses``, ``snapshot``
(where the result may be released to the partner), ``couple``; then the next round begins at
``intro`` again.

Two decisions a newcomer would question. Answers do not move the page: a person who taps the last
answer stays where they are until they say "on" (`WentOn`). And late answers are normal, because a
phone that was offline delivers them when the page has long moved on: they are taken in every
stage after consent. Nothing is dropped in silence: an answer that can not be taken raises
`AnswerError`. Everything else that does not fit the stage (a second tap, an old tab) changes
nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from reconnect_widgets.domain.people import Consent
from reconnect_widgets.errors import AnswerError

Stage = Literal["consent", "intro", "items", "guesses", "snapshot", "couple"]
Status = Literal["answered", "skipped", "declined"]
ReleaseStatus = Literal["not-offered", "offered", "waiting", "both"]

STAGES: tuple[Stage, ...] = ("consent", "intro", "items", "guesses", "snapshot", "couple")
STATUSES: tuple[Status, ...] = ("answered", "skipped", "declined")


@dataclass(frozen=True)
class Given:
    """What a person did with one item. The value is raw, and None unless answered."""

    status: Status
    value: int | None = None


NOTHING_GIVEN: Mapping[str, Given] = MappingProxyType({})


@dataclass(frozen=True)
class Outline:
    """What there is to answer, in the order this person sees it, and the values offered."""

    items: tuple[str, ...]
    guesses: tuple[str, ...]
    item_values: frozenset[int]
    guess_values: frozenset[int]

    def offers(self, item: str, value: int) -> bool:
        """Say whether this value is one of those shown for this item or guess."""
        values = self.item_values if item in self.items else self.guess_values
        return value in values


@dataclass(frozen=True)
class FlowState:
    """All that decides what a person sees in the checkup.

    Attributes
    ----------
    outline
        The items and guesses.
    stage
        What is on the screen.
    round
        1 for the first checkup, 2 when it is taken again, and so on.
    consent
        None until the person chose in `welcome`.
    has_partner
        Whether this person sits in a couple (the partner may not have joined yet).
    given
        Items and guesses of this round, by key, every status included.
    earlier
        The same for the rounds before, oldest first.
    released, partner_released
        Whether each has chosen to show this round to the other.
    """

    outline: Outline
    stage: Stage
    round: int
    consent: Consent | None
    has_partner: bool
    given: Mapping[str, Given]
    earlier: tuple[Mapping[str, Given], ...] = ()
    released: bool = False
    partner_released: bool = False


@dataclass(frozen=True)
class ConsentGiven:
    """The person chose in `welcome`."""

    consent: Consent


@dataclass(frozen=True)
class Begun:
    """The introduction is behind them."""


@dataclass(frozen=True)
class Answered:
    """An item or a guess was answered, skipped or declined."""

    round: int
    item: str
    status: Status
    value: int | None = None


@dataclass(frozen=True)
class WentOn:
    """On to the next stage; only when nothing of this one is missing."""


@dataclass(frozen=True)
class WentBack:
    """Back to the stage before."""


@dataclass(frozen=True)
class Released:
    """The person chose to show this round to their partner."""


@dataclass(frozen=True)
class PartnerReleased:
    """News from the record: the partner released their round of this number."""

    round: int


@dataclass(frozen=True)
class AgainStarted:
    """The person takes the checkup again."""


Event = (
    ConsentGiven | Begun | Answered | WentOn | WentBack | Released | PartnerReleased | AgainStarted
)


def missing_items(state: FlowState) -> tuple[str, ...]:
    """Return the items of this round without an answer of any status, in the person's order."""
    return tuple(item for item in state.outline.items if item not in state.given)


def missing_guesses(state: FlowState) -> tuple[str, ...]:
    """Return the guesses of this round without an answer of any status, in order."""
    return tuple(guess for guess in state.outline.guesses if guess not in state.given)


def release_status(state: FlowState) -> ReleaseStatus:
    """Say what can be told about showing this round to the partner.

    ``not-offered`` when there is nobody to show it to, nothing recorded that could be shown, or
    the round is not finished. Whether the partner has released is never told before this person
    has: it would be a push.
    """
    finished = not missing_items(state) and not missing_guesses(state)
    if not finished or not state.has_partner:
        return "not-offered"
    if state.released:
        # Also when they are not recorded any more: what was shown stays shown.
        return "both" if state.partner_released else "waiting"
    return "offered" if state.consent == "recorded" else "not-offered"


def start(
    outline: Outline, *, consent: Consent | None, has_partner: bool, round_: int = 1
) -> FlowState:
    """Return the state of somebody of whom nothing is known but whether they consented."""
    stage: Stage = "consent" if consent is None else "intro"
    return FlowState(outline, stage, round_, consent, has_partner, NOTHING_GIVEN)


def resume(
    outline: Outline,
    *,
    consent: Consent | None,
    has_partner: bool,
    rounds: Mapping[int, Mapping[str, Given]],
    released: Collection[int] = (),
    partner_released: Collection[int] = (),
    started_round: int = 1,
) -> FlowState:
    """Find a person's place again from what the record holds.

    Parameters
    ----------
    outline
        The items in this person's order. Answers to items that the content no longer has are
        left in the record and out of the state.
    rounds
        Current answers by round, then by item. Rounds without any answer may be missing.
    released, partner_released
        The rounds that each has released.
    started_round
        The highest round that was begun, when its first answer may not be there yet.
    """
    known = frozenset(outline.items) | frozenset(outline.guesses)
    current = max((started_round, *rounds))
    kept = {
        number: MappingProxyType(
            {item: given for item, given in rounds.get(number, {}).items() if item in known}
        )
        for number in range(1, current + 1)
    }
    state = FlowState(
        outline=outline,
        stage="consent",
        round=current,
        consent=consent,
        has_partner=has_partner,
        given=kept[current],
        earlier=tuple(kept[number] for number in range(1, current)),
        released=current in released,
        partner_released=current in partner_released,
    )
    return replace(state, stage=_reached(state))


def _reached(state: FlowState) -> Stage:
    """Return the furthest stage that the answers of this round speak for."""
    if state.consent is None:
        return "consent"
    if not state.given:
        return "intro"
    if missing_items(state):
        return "items"
    if missing_guesses(state):
        return "guesses"
    return "couple" if release_status(state) == "both" else "snapshot"


def advance(state: FlowState, event: Event) -> FlowState:
    """Return the state after an event.

    Raises
    ------
    AnswerError
        If an answer can not be taken: no consent, another round, not on offer, or already shown
        to the partner.
    """
    match event:
        case Answered():
            return _take_answer(state, event)
        case ConsentGiven(consent):
            stage: Stage = "intro" if state.stage == "consent" else state.stage
            return replace(state, consent=consent, stage=stage)
        case PartnerReleased(number):
            return replace(state, partner_released=True) if number == state.round else state
        case Begun():
            return replace(state, stage="items") if state.stage == "intro" else state
        case WentOn():
            return replace(state, stage=_stage_on(state))
        case WentBack():
            return replace(state, stage=_stage_back(state))
        case Released():
            return _release(state)
        case AgainStarted():
            return _begin_again(state)


def _take_answer(state: FlowState, event: Answered) -> FlowState:
    if state.consent is None:
        raise AnswerError("no answer is taken before consent")
    if event.round != state.round:
        raise AnswerError("this answer belongs to another round")
    if event.item not in state.outline.items and event.item not in state.outline.guesses:
        raise AnswerError("the checkup has no such item")
    if event.status not in STATUSES:
        raise AnswerError("expected answered, skipped or declined")
    if event.status != "answered":
        fits = event.value is None
    else:
        # `True` equals 1, and would pass for an answer.
        fits = type(event.value) is int and state.outline.offers(event.item, event.value)
    if not fits:
        raise AnswerError("this item does not offer that value")
    given = Given(event.status, event.value)
    if state.released and state.given.get(event.item, given) != given:
        raise AnswerError("this answer was already shown to the partner and can not change")
    return replace(state, given=MappingProxyType({**state.given, event.item: given}))


def _stage_on(state: FlowState) -> Stage:
    if state.stage == "items" and not missing_items(state):
        return "guesses"
    if state.stage == "guesses" and not missing_items(state) and not missing_guesses(state):
        return "snapshot"
    if state.stage == "snapshot" and release_status(state) == "both":
        return "couple"
    return state.stage


def _stage_back(state: FlowState) -> Stage:
    before: dict[Stage, Stage] = {"items": "intro", "guesses": "items", "couple": "snapshot"}
    if not state.released:
        before["snapshot"] = "guesses"
    return before.get(state.stage, state.stage)


def _release(state: FlowState) -> FlowState:
    if state.stage != "snapshot" or release_status(state) != "offered":
        return state
    return replace(state, released=True, stage="couple" if state.partner_released else "snapshot")


def _begin_again(state: FlowState) -> FlowState:
    if state.stage not in ("snapshot", "couple"):
        return state
    return replace(
        state,
        stage="intro",
        round=state.round + 1,
        given=NOTHING_GIVEN,
        earlier=(*state.earlier, state.given),
        released=False,
        partner_released=False,
    )
