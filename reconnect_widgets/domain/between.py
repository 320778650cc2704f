"""What one partner may learn of the other, and what they may do next about it.

One gate for everything: releasing answers, mutual yes, guesses, lines that are delivered, and
agreements. What belongs here: the rules, on plain values. What does not: rows (`workbook.acts`
makes these values of them), widgets, words, and which page a partner's browser looks at.

The decision a newcomer would question: there is no way through the gate to the partner's answers
but the named ones, and each asks first whether *both* have said yes. Whether the other has
started, has marked something, or has released alone changes nothing that is given out: not what
is seen, not what may be done, not what is pushed (`acts.TOLD_AT_ONCE`, `acts.TOLD_WHEN_BOTH`). A
property test compares whole worlds that differ in such things only.

A release holds what was answered until then. Answers of that round that come later stay private:
nobody can look at the other's marks and then change their own to learn more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from reconnect_widgets.domain.acts import (
    LOOK_BACK_AFTER,
    MOST_OPEN_REQUESTS,
    REPLIES,
    Act,
    Agreement,
    Answer,
    Delivery,
    Guesses,
    Move,
    ReleaseState,
    Reveals,
    Who,
)


@dataclass
class _Folded:
    """The state after some acts and answers. Stays inside this module."""

    answers: dict[str, Answer] = field(default_factory=dict)
    held: dict[tuple[Who, int], dict[str, Answer]] = field(default_factory=dict)
    released: set[tuple[Who, int]] = field(default_factory=set)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    agreements: dict[str, Agreement] = field(default_factory=dict)
    used_texts: set[str] = field(default_factory=set)
    look_backs: dict[tuple[Who, str], tuple[Answer, ...]] = field(default_factory=dict)


class Gate:
    """One exercise of a couple, as one of the two may see it.

    Parameters
    ----------
    exercise
        Acts and answers of other exercises are passed over.
    said
        Acts and answers of both, oldest first. Each person's own must be in their order; how the
        two are woven together matters only where one answers the other.
    reveals
        What a release by both opens: all answers of the round, only what both marked yes, or
        nothing (then releasing is not offered).
    can_share
        Whether this person sits in a couple and is recorded; who is not can do nothing here.
    """

    def __init__(
        self,
        exercise: str,
        said: Iterable[Act | Answer],
        *,
        reveals: Reveals = "nothing",
        can_share: bool = True,
    ) -> None:
        self.exercise = exercise
        self._reveals = reveals
        self._can_share = can_share
        self._now = _fold(one for one in said if one.exercise == exercise)

    # -- Releasing -------------------------------------------------------------------------------

    def release_state(self, round_: int) -> ReleaseState:
        """Say how it stands: the same whatever the partner has done, until both have released."""
        if ("me", round_) not in self._now.released:
            return "offered"
        return "both" if ("partner", round_) in self._now.released else "waiting"

    def partner_answers(self, round_: int) -> Mapping[str, Answer]:
        """Return the partner's answers of this round by item; none unless both released it."""
        if self._reveals != "answers" or self.release_state(round_) != "both":
            return {}
        return dict(self._now.held.get(("partner", round_), {}))

    def mutual_yes(self, round_: int, yes: str = "yes") -> frozenset[str]:
        """Return the items that both marked yes; none unless both released this round."""
        if self._reveals == "nothing" or self.release_state(round_) != "both":
            return frozenset()
        mine, theirs = (
            {i for i, a in self._now.held.get((who, round_), {}).items() if a.value == yes}
            for who in ("me", "partner")
        )
        return frozenset(mine & theirs)

    def guesses(
        self, round_: int, *, items: Sequence[str], guess_items: Sequence[str]
    ) -> Guesses | None:
        """Compare each one's guesses with the other's own list; None unless both released.

        Parameters
        ----------
        items
            Items in which somebody says it of themselves (their top three, say).
        guess_items
            Items in which somebody guesses it of the other.
        """
        if self._reveals != "answers" or self.release_state(round_) != "both":
            return None
        mine, theirs = (
            self._values("me", round_, guess_items),
            self._values("partner", round_, guess_items),
        )
        return Guesses(
            mine=mine,
            my_hits=frozenset(mine) & frozenset(self._values("partner", round_, items)),
            theirs=theirs,
            their_hits=frozenset(theirs) & frozenset(self._values("me", round_, items)),
        )

    def _values(self, who: Who, round_: int, items: Sequence[str]) -> tuple[str, ...]:
        held = self._now.held.get((who, round_), {})
        return tuple(held[item].value for item in items if item in held and held[item].value)

    # -- Lines and agreements --------------------------------------------------------------------

    def deliveries(self) -> tuple[Delivery, ...]:
        """Return every line that was given, mine and the partner's, oldest first."""
        return tuple(self._now.deliveries.values())

    def agreements(self) -> tuple[Agreement, ...]:
        """Return every request, oldest first; a look-back of the partner's when both looked."""
        return tuple(map(self._with_look_back, self._now.agreements.values()))

    def _with_look_back(self, agreement: Agreement) -> Agreement:
        mine = self._now.look_backs.get(("me", agreement.act_id))
        theirs = self._now.look_backs.get(("partner", agreement.act_id))
        if mine is None:
            return agreement
        return replace(agreement, my_look_back=mine, partner_look_back=theirs or ())

    def open_requests(self) -> int:
        """Count what I asked that is not answered, or agreed and not looked back at by me.

        Whether the partner has looked back does not count: it would show when they did.
        """
        return sum(
            1
            for one in self._now.agreements.values()
            if one.asked_by == "me"
            and (
                one.state == "asked"
                or (one.state == "agreed" and ("me", one.act_id) not in self._now.look_backs)
            )
        )

    # -- What may be done ------------------------------------------------------------------------

    def may(self, name: str, *, round_: int = 1, about: str = "", now: datetime) -> bool:
        """Say whether I may do this now."""
        return self._can_share and _may(self, self._now, Move(name, round_, about), now)

    def moves(self, now: datetime, rounds: Iterable[int] = (1,)) -> frozenset[Move]:
        """Return everything that I may do now, in these rounds."""
        mine = [a for a in self._now.answers.values() if a.who == "me"]
        tried = [Move(name, round_) for round_ in rounds for name in ("released", "unreleased")]
        tried += [Move(name, a.round, a.answer_id) for a in mine for name in _NAMES_OF_TEXT]
        tried += [
            Move(name, one.round, one.act_id)
            for one in self._now.deliveries.values()
            for name in ("accepted", "replied")
        ]
        for one in self._now.agreements.values():
            names = ("agreed", "changed", "declined")
            tried += [Move(name, one.round, one.proposal_id) for name in names]
            tried.append(Move("looked-back", one.round, one.act_id))
        return frozenset(m for m in tried if self._can_share and _may(self, self._now, m, now))


_NAMES_OF_TEXT: Final = ("delivered", "proposed")


def _may(gate: Gate, state: _Folded, move: Move, now: datetime) -> bool:
    match move.name:
        case "released":
            return gate._reveals != "nothing" and gate.release_state(move.round) == "offered"
        case "unreleased":
            return gate.release_state(move.round) == "waiting"
        case "delivered":
            return _is_text_of(state, "me", move.about)
        case "proposed":
            is_room = gate.open_requests() < MOST_OPEN_REQUESTS
            return is_room and _is_text_of(state, "me", move.about)
        case "accepted" | "replied":
            delivery = state.deliveries.get(move.about)
            states = ("delivered",) if move.name == "accepted" else ("delivered", "accepted")
            return delivery is not None and delivery.by == "partner" and delivery.state in states
        case "agreed" | "changed" | "declined":
            found = _find_proposal(state, move.about)
            is_mine_to_answer = move.name == "declined" or (
                found is not None and found.proposed_by == "partner"
            )
            return found is not None and found.state == "asked" and is_mine_to_answer
        case "looked-back":
            agreement = state.agreements.get(move.about)
            return (
                agreement is not None
                and agreement.agreed_at is not None
                and now >= agreement.agreed_at + LOOK_BACK_AFTER
                and ("me", move.about) not in state.look_backs
            )
    return False


def _is_text_of(state: _Folded, who: Who, answer_id: str) -> bool:
    """Say whether this answer is a text of theirs that has not been given away yet."""
    answer = state.answers.get(answer_id)
    is_text = answer is not None and answer.who == who and answer.status == "answered"
    return is_text and bool(answer and answer.text) and answer_id not in state.used_texts


def _find_proposal(state: _Folded, proposal_id: str) -> Agreement | None:
    found = (one for one in state.agreements.values() if one.proposal_id == proposal_id)
    return next(found, None)


# -- Folding: what is not allowed is passed over, so a doubled tap or a late row does no harm ------


def _fold(said: Iterable[Act | Answer]) -> _Folded:
    state = _Folded()
    for one in said:
        if isinstance(one, Answer):
            _take_answer(state, one)
        elif one.name in ("released", "unreleased"):
            _take_release(state, one)
        elif one.name in ("delivered", "accepted", "replied"):
            _take_delivery(state, one)
        elif one.name == "proposed":
            _take_proposal(state, one)
        elif one.name in ("agreed", "changed", "declined"):
            _take_word(state, one)
        elif one.name == "looked-back":
            _take_look_back(state, one)
    return state


def _take_answer(state: _Folded, answer: Answer) -> None:
    state.answers[answer.answer_id] = answer
    key = (answer.who, answer.round)
    if key not in state.released:
        state.held.setdefault(key, {})[answer.item] = answer


def _take_release(state: _Folded, act: Act) -> None:
    key, other = (act.who, act.round), (_other(act.who), act.round)
    if act.name == "released":
        state.released.add(key)
    elif other not in state.released:  # what both have opened can not be closed by one
        state.released.discard(key)
        # What was answered meanwhile is what the next release will hold.
        for answer in state.answers.values():
            if (answer.who, answer.round) == key:
                state.held.setdefault(key, {})[answer.item] = answer


def _take_delivery(state: _Folded, act: Act) -> None:
    if act.name == "delivered":
        if _is_text_of(state, act.who, act.about):
            text = state.answers[act.about].text
            state.deliveries[act.act_id] = Delivery(act.act_id, act.who, act.round, text)
            state.used_texts.add(act.about)
        return
    delivery = state.deliveries.get(act.about)
    if delivery is None or delivery.by == act.who or delivery.state == "replied":
        return
    if act.name == "accepted":
        state.deliveries[act.about] = replace(delivery, state="accepted")
    elif act.reply in REPLIES:
        state.deliveries[act.about] = replace(delivery, state="replied", reply=act.reply)


def _take_proposal(state: _Folded, act: Act) -> None:
    if _is_text_of(state, act.who, act.about):
        text = state.answers[act.about].text
        state.agreements[act.act_id] = Agreement(
            act.act_id, act.who, act.round, act.act_id, act.who, text
        )
        state.used_texts.add(act.about)


def _take_word(state: _Folded, act: Act) -> None:
    """Take an answer to the proposal that stands; one to an earlier text is too late."""
    found = _find_proposal(state, act.about)
    if found is None or found.state != "asked":
        return
    if act.name == "declined":
        state.agreements[found.act_id] = replace(found, state="declined", closed_by=act.who)
    elif found.proposed_by == act.who:
        return
    elif act.name == "agreed":
        state.agreements[found.act_id] = replace(found, state="agreed", agreed_at=act.at)
    elif len(act.opens) == 1 and _is_text_of(state, act.who, act.opens[0]):
        text = state.answers[act.opens[0]].text
        state.used_texts.add(act.opens[0])
        state.agreements[found.act_id] = replace(
            found,
            proposal_id=act.act_id,
            proposed_by=act.who,
            text=text,
            earlier=(*found.earlier, found.text),
        )


def _take_look_back(state: _Folded, act: Act) -> None:
    agreement = state.agreements.get(act.about)
    if agreement is None or agreement.state != "agreed":
        return
    opened = tuple(
        state.answers[one]
        for one in act.opens
        if one in state.answers and state.answers[one].who == act.who
    )
    state.look_backs.setdefault((act.who, act.about), opened)


def _other(who: Who) -> Who:
    return "partner" if who == "me" else "me"
