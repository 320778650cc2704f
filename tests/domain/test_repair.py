"""Speaker and listener on two phones: no role without a yes, one with the floor at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.domain.acts import TOLD_AT_ONCE, Who
from reconnect_widgets.domain.repair import (
    MOVES,
    TALK_ACTS,
    TURNS,
    Talk,
    TalkAct,
    advance,
    read_talk,
)

BEGIN = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


def act(name: str, who: Who, act_id: str = "", **more: object) -> TalkAct:
    return TalkAct(act_id or f"{name}-{who}", who, name, BEGIN, **more)  # type: ignore[arg-type]


def offer(who: Who, role: str = "speaker") -> TalkAct:
    return act("role-offered", who, role=role)


def take(who: Who, of: Who) -> TalkAct:
    return act("role-taken", who, about=f"role-offered-{of}")


def passed(who: Who, turn: int, half: int = 1) -> TalkAct:
    return act("turn-passed", who, f"pass-{half}-{turn}", half=half, turn=turn)


def turned(acts: Sequence[TalkAct]) -> list[TalkAct]:
    """The same, as the partner's kernel reads it."""
    return [replace(one, who="partner" if one.who == "me" else "me") for one in acts]


def whole_half(speaker: Who, half: int = 1) -> list[TalkAct]:
    listener: Who = "partner" if speaker == "me" else "me"
    return [passed((speaker, listener)[turn % 2], turn, half) for turn in range(TURNS)]


AGREED = [offer("me"), take("partner", "me")]


def test_a_role_needs_the_yes_of_both() -> None:
    assert read_talk([offer("me")]).stage == "offered"
    assert read_talk([offer("me")]).floor is None
    assert read_talk([offer("me"), take("me", "me")]).stage == "offered"
    talk = read_talk(AGREED)
    assert (talk.stage, talk.role_of("me"), talk.role_of("partner")) == (
        "talking",
        "speaker",
        "listener",
    )


def test_who_offers_to_listen_lets_the_other_speak() -> None:
    talk = read_talk([offer("me", "listener"), take("partner", "me")])
    assert talk.speaker == "partner"


def test_two_offers_at_once_that_fit_together_are_a_yes() -> None:
    assert read_talk([offer("me"), offer("partner", "listener")]).speaker == "me"
    clash = read_talk([offer("me"), offer("partner")])
    assert clash.offer is not None
    assert (clash.stage, clash.offer.by) == ("offered", "me")


@pytest.mark.parametrize("who", ["me", "partner"])
def test_an_offer_can_be_let_go_by_either_and_is_then_no_more(who: Who) -> None:
    let_go = [offer("me"), act("role-let-go", who, about="role-offered-me")]
    assert read_talk(let_go).stage == "open"
    assert read_talk([*let_go, take("partner", "me")]).stage == "open"


def test_the_floor_goes_to_and_fro_with_the_four_moves_in_their_order() -> None:
    acts, moves = list(AGREED), []
    for turn in range(TURNS):
        talk = read_talk(acts)
        assert talk.floor == ("me", "partner")[turn % 2]
        moves.append(talk.move)
        acts.append(passed(talk.floor, turn))
    assert [move for move in moves if move] == list(MOVES)
    assert read_talk(acts).stage == "between"


def test_only_who_has_the_floor_passes_it_unless_one_phone_is_for_both() -> None:
    assert read_talk([*AGREED, passed("partner", 0)]).turn == 0
    assert read_talk([*AGREED, replace(passed("partner", 0), is_for_both=True)]).turn == 1


def test_a_tap_that_comes_twice_or_late_passes_no_other_turn() -> None:
    acts = [*AGREED, passed("me", 0), passed("me", 0), passed("partner", 1), passed("partner", 1)]
    assert read_talk(acts).turn == 2
    assert read_talk([*acts, passed("me", 2, half=2)]).turn == 2


def test_roles_swap_when_both_have_said_so() -> None:
    done = [*AGREED, *whole_half("me")]
    alone = read_talk([*done, act("roles-swapped", "me", half=1)])
    assert alone.stage == "between"
    assert alone.ready_to_swap == {"me"}
    assert read_talk([*done, *[act("roles-swapped", "me", half=1)] * 2]).stage == "between"
    swapped = [*done, act("roles-swapped", "me", half=1), act("roles-swapped", "partner", half=1)]
    talk = read_talk(swapped)
    assert (talk.stage, talk.half, talk.speaker) == ("talking", 2, "partner")
    over = read_talk([*swapped, *whole_half("partner", 2)])
    assert over.stage == "over"
    assert [half.speaker for half in over.halves] == ["me", "partner"]


@pytest.mark.parametrize("who", ["me", "partner"])
def test_either_can_stop_at_any_moment(who: Who) -> None:
    talk = read_talk([*AGREED, passed("me", 0), act("talk-stopped", who, half=1)])
    assert (talk.stage, talk.was_stopped, talk.floor) == ("between", True, None)


def test_after_a_talk_another_can_be_offered_and_what_was_is_remembered() -> None:
    stopped = [*AGREED, act("talk-stopped", "me", half=1)]
    again = [*stopped, act("role-offered", "partner", "second", role="speaker")]
    assert read_talk(again).stage == "offered"
    talk = read_talk([*again, act("role-taken", "me", about="second")])
    assert (talk.speaker, talk.half, talk.turn) == ("partner", 1, 0)
    assert [half.speaker for half in talk.halves] == ["me", "partner"]


def test_the_partners_page_is_told_of_every_act() -> None:
    assert TALK_ACTS <= TOLD_AT_ONCE


# -- Any order of acts on two phones ------------------------------------------------------------

WHO: st.SearchStrategy[Who] = st.sampled_from(["me", "partner"])
IDS = st.sampled_from(["o1", "o2", "o3"])
ANY_ACT = st.builds(
    TalkAct,
    act_id=IDS,
    who=WHO,
    name=st.sampled_from([*sorted(TALK_ACTS), "step-shown"]),
    at=st.just(BEGIN),
    role=st.sampled_from(["speaker", "listener", "", "judge"]),
    about=IDS,
    half=st.integers(0, 3),
    turn=st.integers(-1, TURNS),
)


@st.composite
def evenings(draw: st.DrawFn) -> list[TalkAct]:
    """Acts that mostly fit where they come, with doubled, late and senseless ones between."""
    acts: list[TalkAct] = []
    talk = Talk()
    for number in range(draw(st.integers(0, 40))):
        kind = draw(st.sampled_from(["fits", "fits", "fits", "fits", "again", "any"]))
        if kind == "again" and acts:
            one = draw(st.sampled_from(acts))
        elif kind == "any":
            one = draw(ANY_ACT)
        else:
            one = TalkAct(
                act_id=f"a{number}",
                who=draw(WHO) if talk.floor is None else talk.floor,
                name=draw(st.sampled_from(_fitting(talk))),
                at=BEGIN + timedelta(seconds=number),
                role=draw(st.sampled_from(["speaker", "listener"])),
                about=talk.offer.act_id if talk.offer else "",
                half=talk.half,
                turn=talk.turn,
            )
        acts.append(one)
        talk = advance(talk, one)
    return acts


def _fitting(talk: Talk) -> list[str]:
    return {
        "open": ["role-offered"],
        "offered": ["role-taken", "role-taken", "role-offered", "role-let-go"],
        "talking": ["turn-passed"] * 12 + ["talk-stopped"],
        "between": ["roles-swapped", "roles-swapped", "role-offered"],
        "over": ["role-offered"],
    }[talk.stage]


def stages(acts: Sequence[TalkAct]) -> list[Talk]:
    """Return how it stands after each act."""
    return list(accumulate(acts, advance, initial=Talk()))


@given(evenings())
def test_in_no_order_have_two_the_floor_or_the_same_role(acts: list[TalkAct]) -> None:
    for mine, theirs in zip(stages(acts), stages(turned(acts)), strict=True):
        assert (mine.stage, mine.half, mine.turn) == (theirs.stage, theirs.half, theirs.turn)
        assert mine.move == theirs.move
        assert [mine.floor, theirs.floor].count("me") == (mine.stage == "talking")
        roles = {mine.role_of("me"), theirs.role_of("me")}
        assert roles == ({"speaker", "listener"} if mine.speaker else {None})
        assert mine.role_of("partner") == theirs.role_of("me")


@given(evenings())
def test_in_no_order_does_anybody_get_a_role_without_both_having_said_so(
    acts: list[TalkAct],
) -> None:
    seen = stages(acts)
    for before, now, last in zip(seen, seen[1:], acts, strict=False):
        if len(now.halves) > len(before.halves):
            is_taken = before.offer is not None and before.offer.by != last.who
            assert is_taken or before.ready_to_swap | {last.who} == {"me", "partner"}


@given(evenings(), st.sampled_from(sorted(TALK_ACTS - {"talk-stopped"})))
def test_in_no_order_does_who_has_not_the_floor_change_anything_but_by_stopping(
    acts: list[TalkAct], name: str
) -> None:
    for talk in stages(acts):
        if talk.floor is not None:
            other: Who = "partner" if talk.floor == "me" else "me"
            tried = TalkAct("x", other, name, BEGIN, "speaker", "x", talk.half, talk.turn)
            assert advance(talk, tried) == talk


@given(evenings())
def test_in_no_order_does_it_matter_that_an_act_comes_twice(acts: list[TalkAct]) -> None:
    """As from a phone that was not sure whether it was heard."""
    doubled = [one for one in acts for _ in range(2)]
    assert read_talk(doubled) == read_talk(acts)
