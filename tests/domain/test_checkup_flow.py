"""The checkup's stages: no consent skipped, no answer lost, the place found again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.domain.checkup_flow import (
    AgainStarted,
    Answered,
    Begun,
    ConsentGiven,
    Event,
    FlowState,
    Given,
    Outline,
    PartnerReleased,
    Released,
    WentBack,
    WentOn,
    advance,
    missing_guesses,
    missing_items,
    release_status,
    resume,
    start,
)
from reconnect_widgets.errors import AnswerError

OUTLINE = Outline(
    items=("touch-1", "repair-1", "presence-1"),
    guesses=("guess-presence", "guess-touch"),
    item_values=frozenset(range(5)),
    guess_values=frozenset(range(3)),
)
ALL = (*OUTLINE.items, *OUTLINE.guesses)


def begin(consent: str | None = "recorded", *, has_partner: bool = True) -> FlowState:
    return start(OUTLINE, consent=consent, has_partner=has_partner)  # type: ignore[arg-type]


def after(state: FlowState, *events: Event) -> FlowState:
    for event in events:
        state = advance(state, event)
    return state


def answer(keys: Iterable[str], round_: int = 1) -> list[Event]:
    return [Answered(round_, key, "answered", 1) for key in keys]


def finished() -> FlowState:
    events = [Begun(), *answer(OUTLINE.items), WentOn(), *answer(OUTLINE.guesses), WentOn()]
    return after(begin(), *events)


def test_a_person_goes_from_consent_to_the_next_round() -> None:
    state = begin(None)
    assert state.stage == "consent"
    state = advance(state, ConsentGiven("recorded"))
    assert state.stage == "intro"
    state = advance(state, Begun())
    assert state.stage == "items"
    state = after(state, *answer(OUTLINE.items), WentOn())
    assert state.stage == "guesses"
    state = after(state, *answer(OUTLINE.guesses), WentOn())
    assert (state.stage, release_status(state)) == ("snapshot", "offered")
    state = advance(state, Released())
    assert (state.stage, release_status(state)) == ("snapshot", "waiting")
    state = advance(state, PartnerReleased(1))
    assert (state.stage, release_status(state)) == ("snapshot", "both")
    state = advance(state, WentOn())
    assert state.stage == "couple"
    state = advance(state, AgainStarted())
    assert (state.stage, state.round, state.released) == ("intro", 2, False)
    assert not state.given
    assert state.earlier[0].keys() == set(ALL)


def test_answers_do_not_move_the_page() -> None:
    state = after(begin(), Begun(), *answer(OUTLINE.items))
    assert state.stage == "items"
    assert missing_items(state) == ()


def test_going_on_waits_for_every_item_and_every_guess() -> None:
    state = after(begin(), Begun(), *answer(OUTLINE.items[:2]), WentOn())
    assert (state.stage, missing_items(state)) == ("items", ("presence-1",))
    state = after(state, Answered(1, "presence-1", "skipped"), WentOn())
    assert state.stage == "guesses"
    state = after(state, Answered(1, "guess-touch", "declined"), WentOn())
    assert (state.stage, missing_guesses(state)) == ("guesses", ("guess-presence",))


def test_back_works_from_every_stage_and_keeps_the_answers() -> None:
    state = finished()
    stages = []
    for _ in range(4):
        state = advance(state, WentBack())
        stages.append(state.stage)
    assert stages == ["guesses", "items", "intro", "intro"]
    assert state.given.keys() == set(ALL)


def test_back_from_the_snapshot_is_closed_once_it_was_shown() -> None:
    state = after(finished(), Released(), WentBack())
    assert state.stage == "snapshot"


def test_the_couple_view_leads_back_to_ones_own_snapshot() -> None:
    state = after(finished(), Released(), PartnerReleased(1), WentOn(), WentBack())
    assert state.stage == "snapshot"


def test_releasing_after_the_partner_opens_the_couple_view_at_once() -> None:
    assert after(finished(), PartnerReleased(1), Released()).stage == "couple"


def test_that_the_partner_released_is_not_told_before_one_did() -> None:
    assert release_status(advance(finished(), PartnerReleased(1))) == "offered"


@pytest.mark.parametrize(("consent", "has_partner"), [("not-recorded", True), ("recorded", False)])
def test_without_a_record_or_a_partner_there_is_nothing_to_release(
    consent: str, has_partner: bool
) -> None:
    state = replace(finished(), consent=consent, has_partner=has_partner)  # type: ignore[arg-type]
    assert release_status(state) == "not-offered"
    assert not advance(state, Released()).released


def test_a_partners_release_of_another_round_opens_nothing() -> None:
    assert not advance(finished(), PartnerReleased(2)).partner_released


@pytest.mark.parametrize(
    "event",
    [
        Answered(1, "touch-2", "answered", 1),
        Answered(1, "touch-1", "answered", 5),
        Answered(1, "touch-1", "answered", -1),
        Answered(1, "touch-1", "answered", None),
        Answered(1, "touch-1", "answered", True),
        Answered(1, "touch-1", "answered", 1.0),  # type: ignore[arg-type]
        Answered(1, "guess-touch", "answered", 4),  # offered for items, not for guesses
        Answered(1, "touch-1", "skipped", 1),
        Answered(1, "touch-1", "ignored"),  # type: ignore[arg-type]
        Answered(2, "touch-1", "answered", 1),
        Answered(0, "touch-1", "answered", 1),
    ],
)
def test_an_answer_that_is_not_on_offer_is_refused_aloud(event: Answered) -> None:
    with pytest.raises(AnswerError):
        advance(advance(begin(), Begun()), event)


def test_no_answer_is_taken_before_consent() -> None:
    with pytest.raises(AnswerError, match="consent"):
        advance(begin(None), Answered(1, "touch-1", "answered", 1))


def test_a_late_answer_is_taken_after_the_page_moved_on() -> None:
    late = Answered(1, "touch-1", "answered", 4)
    assert advance(finished(), late).given["touch-1"] == Given("answered", 4)


def test_an_answer_that_the_partner_may_have_seen_can_not_change() -> None:
    shown = advance(finished(), Released())
    with pytest.raises(AnswerError, match="shown"):
        advance(shown, Answered(1, "touch-1", "answered", 4))
    same_again = Answered(1, "touch-1", "answered", 1)
    assert advance(shown, same_again) == shown


def given_all(keys: Iterable[str]) -> dict[str, Given]:
    return {key: Given("answered", 1) for key in keys}


@pytest.mark.parametrize(
    ("keys", "stage"),
    [
        ((), "intro"),
        (OUTLINE.items[:1], "items"),
        (OUTLINE.guesses, "items"),
        (OUTLINE.items, "guesses"),
        ((*OUTLINE.items, "guess-touch"), "guesses"),
        (ALL, "snapshot"),
    ],
)
def test_the_place_is_found_again_from_the_answers(keys: tuple[str, ...], stage: str) -> None:
    state = resume(OUTLINE, consent="recorded", has_partner=True, rounds={1: given_all(keys)})
    assert (state.stage, state.round) == (stage, 1)


@pytest.mark.parametrize(
    ("mine", "theirs", "stage", "status"),
    [
        ((), (), "snapshot", "offered"),
        ((), (1,), "snapshot", "offered"),
        ((1,), (), "snapshot", "waiting"),
        ((1,), (1,), "couple", "both"),
        ((1,), (2,), "snapshot", "waiting"),
    ],
)
def test_releases_are_found_again_by_round(
    mine: tuple[int, ...], theirs: tuple[int, ...], stage: str, status: str
) -> None:
    state = resume(
        OUTLINE,
        consent="recorded",
        has_partner=True,
        rounds={1: given_all(ALL)},
        released=mine,
        partner_released=theirs,
    )
    assert (state.stage, release_status(state)) == (stage, status)


def test_a_second_round_keeps_the_first_in_sight() -> None:
    rounds = {1: given_all(ALL), 2: given_all(OUTLINE.items[:1])}
    state = resume(OUTLINE, consent="recorded", has_partner=True, rounds=rounds, released={1})
    assert (state.stage, state.round, state.released) == ("items", 2, False)
    assert state.earlier == (given_all(ALL),)


def test_a_round_that_was_begun_without_an_answer_is_resumed_at_its_beginning() -> None:
    rounds = {1: given_all(ALL)}
    state = resume(OUTLINE, consent="recorded", has_partner=True, rounds=rounds, started_round=2)
    assert (state.stage, state.round) == ("intro", 2)


def test_without_consent_nothing_resumes_even_with_answers() -> None:
    state = resume(OUTLINE, consent=None, has_partner=True, rounds={1: given_all(ALL)})
    assert state.stage == "consent"


def test_answers_to_items_the_content_no_longer_has_do_not_stand_in_the_way() -> None:
    rounds = {1: given_all((*ALL, "presence-9"))}
    state = resume(OUTLINE, consent="recorded", has_partner=True, rounds=rounds)
    assert (state.stage, set(state.given)) == ("snapshot", set(ALL))


values = st.none() | st.integers(-1, 5)
events = st.one_of(
    st.builds(ConsentGiven, st.sampled_from(("recorded", "not-recorded"))),
    st.builds(
        Answered,
        st.integers(1, 3),
        st.sampled_from((*ALL, "presence-9")),
        st.sampled_from(("answered", "skipped", "declined")),
        values,
    ),
    st.builds(PartnerReleased, st.integers(1, 3)),
    # Often the way forward, so that the far stages are reached.
    st.sampled_from((Begun(), WentOn(), WentOn(), WentBack(), Released(), AgainStarted())),
    st.sampled_from(ALL).map(lambda key: Answered(1, key, "answered", 1)),
)


def play(state: FlowState, sequence: list[Event]) -> tuple[FlowState, list[Answered]]:
    """Return the state at the end, and the answers that were taken, in order."""
    taken: list[Answered] = []
    for event in sequence:
        try:
            state = advance(state, event)
        except AnswerError:
            assert isinstance(event, Answered)
        else:
            taken += [event] if isinstance(event, Answered) else []
        assert (state.stage == "consent") == (state.consent is None)
    return state, taken


def sequences() -> st.SearchStrategy[list[Event]]:
    """Anything at all, and ways through the whole checkup with anything in between."""
    whole: list[Event] = [ConsentGiven("recorded"), Begun(), *answer(OUTLINE.items), WentOn()]
    whole += [*answer(OUTLINE.guesses), WentOn(), Released()]
    anything = st.lists(events, max_size=40)
    spliced = st.tuples(anything, st.integers(0, len(whole))).map(
        lambda t: whole[: t[1]] + t[0] + whole[t[1] :]
    )
    return anything | spliced


@given(sequences())
def test_no_event_sequence_skips_consent_or_loses_an_answer(sequence: list[Event]) -> None:
    state, taken = play(begin(None), sequence)
    latest = {(a.round, a.item): Given(a.status, a.value) for a in taken}
    held = {
        (number, item): given_
        for number, answers in enumerate((*state.earlier, state.given), start=1)
        for item, given_ in answers.items()
    }
    assert held == latest


@given(sequences())
def test_what_was_shown_to_the_partner_never_changes(sequence: list[Event]) -> None:
    state = begin(None)
    for event in sequence:
        try:
            following = advance(state, event)
        except AnswerError:
            continue
        if state.released and following.round == state.round:
            assert following.given == state.given
            assert following.released
        state = following


def test_what_was_shown_stays_shown_also_for_who_is_not_recorded_any_more() -> None:
    state = after(finished(), PartnerReleased(1), Released())
    assert release_status(state) == "both"
    assert release_status(advance(state, ConsentGiven("not-recorded"))) == "both"


@given(sequences())
def test_the_record_alone_leads_back_to_the_same_or_a_further_stage(
    sequence: list[Event],
) -> None:
    state, _ = play(begin(None), sequence)
    rounds = dict(enumerate((*state.earlier, state.given), start=1))
    again = resume(
        OUTLINE,
        consent=state.consent,
        has_partner=True,
        rounds=rounds,
        released={state.round} if state.released else (),
        partner_released={state.round} if state.partner_released else (),
        started_round=state.round,
    )
    order = ("consent", "intro", "items", "guesses", "snapshot", "couple")
    begun_without_an_answer = state.stage == "items" and not state.given
    assert begun_without_an_answer or order.index(again.stage) >= order.index(state.stage)
    assert again.given == state.given
    assert again.earlier == state.earlier
