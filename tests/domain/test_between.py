"""Between partners: what is shown, what may be done, and that nothing else can be inferred."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconnect_widgets.domain.acts import Act, Answer, Move, Reveals, Who
from reconnect_widgets.domain.between import Gate

BEGIN = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
Said = list[Act | Answer]


def act(name: str, who: Who, **more: Any) -> Act:
    filled = {"act_id": f"{name}-{who}-{more.get('about', '')}", "at": BEGIN, "exercise": "touch"}
    return Act(who=who, name=name, **{**filled, **more})


def answer(who: Who, item: str, value: str = "", text: str = "", **more: Any) -> Answer:
    filled = {"answer_id": f"{who}-{item}-{value}{text}", "exercise": "touch", "round": 1}
    filled["status"] = "answered"
    return Answer(who=who, item=item, value=value, text=text, **{**filled, **more})


def gate(said: Said, reveals: Reveals = "answers", **more: Any) -> Gate:
    return Gate("touch", said, reveals=reveals, **more)


def turned(said: Sequence[Act | Answer]) -> Said:
    """The same, as the partner's kernel reads it."""
    return [replace(one, who="partner" if one.who == "me" else "me") for one in said]


def names(of: Gate, now: datetime = BEGIN) -> set[str]:
    return {move.name for move in of.moves(now)}


MINE, THEIRS = answer("me", "hug", "yes"), answer("partner", "hug", "no")
I_RELEASE, THEY_RELEASE = act("released", "me"), act("released", "partner")


# -- Releasing ----------------------------------------------------------------------------------


@pytest.mark.parametrize("order", list(permutations([MINE, THEIRS, I_RELEASE, THEY_RELEASE])))
def test_answers_open_when_both_have_released_and_not_before(order: Said) -> None:
    for length in range(5):
        has_both = I_RELEASE in order[:length] and THEY_RELEASE in order[:length]
        shown = gate(order[:length]).partner_answers(1)
        before_release = THEIRS in order[: order.index(THEY_RELEASE)]
        assert bool(shown) == (has_both and before_release)


def test_another_round_and_another_exercise_are_another_matter() -> None:
    said: Said = [THEIRS, I_RELEASE, replace(THEY_RELEASE, round=2)]
    assert gate(said).release_state(1) == "waiting"
    said = [THEIRS, I_RELEASE, replace(THEY_RELEASE, exercise="intimacy")]
    assert gate(said).partner_answers(1) == {}


def test_a_release_can_be_taken_back_until_both_have() -> None:
    taken_back: Said = [MINE, THEIRS, I_RELEASE, act("unreleased", "me")]
    assert gate(taken_back).release_state(1) == "offered"
    assert gate([*taken_back, THEY_RELEASE]).partner_answers(1) == {}
    too_late: Said = [MINE, THEIRS, I_RELEASE, THEY_RELEASE, act("unreleased", "me")]
    assert gate(too_late).release_state(1) == "both"
    assert gate(turned(too_late)).release_state(1) == "both"
    assert "unreleased" not in names(gate(too_late))


def test_what_is_answered_after_a_release_stays_private() -> None:
    later = answer("partner", "hug", "yes")
    said: Said = [MINE, THEIRS, THEY_RELEASE, later, I_RELEASE]
    assert gate(said).partner_answers(1)["hug"].value == "no"
    assert gate(said, "mutual-yes").mutual_yes(1) == frozenset()


def test_nobody_learns_more_by_changing_their_own_marks_after_the_reveal() -> None:
    said: Said = [answer("me", "hug", "no"), answer("partner", "hug", "yes")]
    said += [I_RELEASE, THEY_RELEASE, MINE]
    assert gate(said, "mutual-yes").mutual_yes(1) == frozenset()


def test_what_was_changed_while_a_release_was_taken_back_counts() -> None:
    said: Said = [MINE, THEIRS, THEY_RELEASE, act("unreleased", "partner")]
    said += [answer("partner", "hug", "yes"), THEY_RELEASE, I_RELEASE]
    assert gate(said, "mutual-yes").mutual_yes(1) == {"hug"}


def test_of_mutual_yes_only_the_intersection_is_given_out() -> None:
    said: Said = [MINE, answer("me", "kiss", "maybe"), answer("me", "hand", "yes")]
    said += [answer("partner", "hug", "yes"), answer("partner", "kiss", "yes")]
    said += [answer("partner", "hand", "not-now"), I_RELEASE, THEY_RELEASE]
    mutual = gate(said, "mutual-yes")
    assert mutual.mutual_yes(1) == {"hug"}
    assert mutual.partner_answers(1) == {}
    assert mutual.guesses(1, items=["hug"], guess_items=["hug"]) is None


def test_where_nothing_is_revealed_nothing_can_be_released() -> None:
    closed = gate([MINE, THEIRS, I_RELEASE, THEY_RELEASE], "nothing")
    assert closed.partner_answers(1) == {}
    assert closed.mutual_yes(1) == frozenset()
    assert "released" not in names(gate([MINE], "nothing"))


def test_guesses_are_compared_when_both_have_released() -> None:
    said: Said = [answer("me", "top-1", "talk"), answer("me", "guess-1", "laugh")]
    said += [answer("me", "guess-2", "talk"), answer("partner", "top-1", "walk")]
    said += [answer("partner", "top-2", "laugh"), answer("partner", "guess-1", "talk"), I_RELEASE]
    tops, guesses = ["top-1", "top-2"], ["guess-1", "guess-2"]
    assert gate(said).guesses(1, items=tops, guess_items=guesses) is None
    found = gate([*said, THEY_RELEASE]).guesses(1, items=tops, guess_items=guesses)
    assert found is not None
    assert (found.mine, found.my_hits) == (("laugh", "talk"), {"laugh"})
    assert (found.theirs, found.their_hits) == (("talk",), {"talk"})


# -- Lines that are delivered -------------------------------------------------------------------

LINE = answer("partner", "line", text="You waited for me in the rain.", answer_id="line")
GIVEN = act("delivered", "partner", about="line", act_id="given")
TAKEN = act("accepted", "me", about="given")
THANKED = act("replied", "me", about="given", reply="thank-you")


def test_a_line_is_seen_when_it_is_delivered_then_accepted_then_answered() -> None:
    assert gate([LINE]).deliveries() == ()
    for said, state, moves in (
        ([LINE, GIVEN], "delivered", {"accepted", "replied"}),
        ([LINE, GIVEN, TAKEN], "accepted", {"replied"}),
        ([LINE, GIVEN, TAKEN, THANKED], "replied", set()),
        ([LINE, GIVEN, THANKED], "replied", set()),
    ):
        mine, theirs = gate(said), gate(turned(said))
        assert mine.deliveries()[0].text == LINE.text
        assert mine.deliveries()[0].state == theirs.deliveries()[0].state == state
        assert names(mine) & {"accepted", "replied"} == moves
        assert names(theirs) & {"accepted", "replied"} == set()
    assert mine.deliveries()[0].reply == "thank-you"


def test_nobody_accepts_or_answers_what_they_gave_themselves() -> None:
    said: Said = [LINE, GIVEN, replace(TAKEN, who="partner"), replace(THANKED, who="partner")]
    assert gate(said).deliveries()[0].state == "delivered"


def test_only_ones_own_text_can_be_delivered_and_only_once() -> None:
    own: Said = [replace(LINE, who="me")]
    assert gate(own).may("delivered", about="line", now=BEGIN)
    assert not gate([LINE]).may("delivered", about="line", now=BEGIN)
    assert gate([LINE, replace(GIVEN, who="me")]).deliveries() == ()
    given = [*own, replace(GIVEN, who="me")]
    assert not gate(given).may("delivered", about="line", now=BEGIN)
    again = replace(GIVEN, who="me", act_id="again")
    assert len(gate([*given, again]).deliveries()) == 1


def test_an_empty_or_skipped_text_is_no_line() -> None:
    for empty in (replace(LINE, text=""), replace(LINE, status="skipped")):
        assert gate([empty, GIVEN]).deliveries() == ()


# -- Agreements ---------------------------------------------------------------------------------

WISH = answer("partner", "wish", text="Dinner on Fridays, no phones.", answer_id="wish")
ASKED = act("proposed", "partner", about="wish", act_id="asked")
AGREED = act("agreed", "me", about="asked")
OTHER = answer("me", "wish", text="Dinner on Sundays, no phones.", answer_id="other")
COUNTER = act("changed", "me", about="asked", act_id="counter", opens=("other",))


def test_an_agreement_is_both_names_to_the_same_text() -> None:
    (agreement,) = gate([WISH, ASKED, AGREED]).agreements()
    assert (agreement.state, agreement.text, agreement.agreed_at) == ("agreed", WISH.text, BEGIN)


def test_a_counter_proposal_turns_the_question_round() -> None:
    said: Said = [WISH, ASKED, OTHER, COUNTER]
    (agreement,) = gate(said).agreements()
    assert (agreement.text, agreement.earlier) == (OTHER.text, (WISH.text,))
    assert (agreement.asked_by, agreement.proposed_by) == ("partner", "me")
    assert names(gate(said)) & {"agreed", "changed", "declined"} == {"declined"}
    partners = gate(turned(said))
    assert names(partners) >= {"agreed", "changed", "declined"}
    said += [act("agreed", "partner", about="counter")]
    assert gate(said).agreements()[0].state == "agreed"


def test_a_yes_to_a_text_that_was_changed_meanwhile_is_no_agreement() -> None:
    """Two rows cross: one says yes to the old text just after the other has changed it."""
    changed = act("changed", "me", about="asked", act_id="counter", opens=("other",))
    said: Said = [WISH, ASKED, OTHER, changed, act("agreed", "me", about="asked")]
    assert gate(said).agreements()[0].state == "asked"


def test_nobody_agrees_with_themselves() -> None:
    said: Said = [WISH, ASKED, act("agreed", "partner", about="asked")]
    assert gate(said).agreements()[0].state == "asked"


def test_declining_closes_it_and_so_does_who_asked() -> None:
    for who in ("me", "partner"):
        said: Said = [WISH, ASKED, act("declined", who, about="asked")]
        assert gate(said).agreements()[0].closed_by == who
        assert names(gate(said)) & {"agreed", "changed", "declined"} == set()


def requests(count: int) -> Said:
    said: Said = []
    for n in range(count):
        said.append(answer("me", "wish", text="Please.", answer_id=f"wish-{n}"))
        said.append(act("proposed", "me", about=f"wish-{n}", act_id=f"asked-{n}"))
    return said


def test_three_requests_may_be_open_at_a_time() -> None:
    one_more = answer("me", "wish", text="And this.", answer_id="more")
    assert gate([*requests(2), one_more]).may("proposed", about="more", now=BEGIN)
    three: Said = [*requests(3), one_more]
    assert not gate(three).may("proposed", about="more", now=BEGIN)
    # Neither the partner's requests nor an agreement still to be looked back at make room.
    agreed: Said = [*three, act("agreed", "partner", about="asked-0")]
    assert not gate(agreed).may("proposed", about="more", now=BEGIN)
    for closing in (
        [act("declined", "partner", about="asked-0")],
        [act("declined", "me", about="asked-0")],
        [act("agreed", "partner", about="asked-0"), act("looked-back", "me", about="asked-0")],
    ):
        assert gate([*three, *closing]).may("proposed", about="more", now=BEGIN)


def test_a_week_later_each_looks_back_and_both_see_it_when_both_have() -> None:
    tried = answer("me", "tried-1", "tried", answer_id="mine")
    theirs = answer("partner", "tried-1", "not-tried", answer_id="theirs")
    said: Said = [WISH, ASKED, AGREED, tried, theirs]
    assert "looked-back" not in names(gate(said), BEGIN + WEEK - timedelta(seconds=1))
    assert "looked-back" in names(gate(said), BEGIN + WEEK)
    mine = act("looked-back", "me", about="asked", opens=("mine",))
    other = act("looked-back", "partner", about="asked", opens=("theirs",))
    assert gate([*said, other]).agreements() == gate(said).agreements()
    alone = gate([*said, mine]).agreements()[0]
    assert (alone.my_look_back, alone.partner_look_back) == ((tried,), ())
    for order in ([mine, other], [other, mine]):
        both = gate([*said, *order]).agreements()[0]
        assert both.partner_look_back == (theirs,)
    assert "looked-back" not in names(gate([*said, mine]), BEGIN + WEEK)


def test_a_look_back_opens_nobody_elses_answers() -> None:
    said: Said = [WISH, ASKED, AGREED, MINE, THEIRS]
    said += [act("looked-back", "me", about="asked", opens=(THEIRS.answer_id,))]
    assert gate(said).agreements()[0].my_look_back == ()


def test_who_is_not_recorded_or_alone_can_see_and_do_nothing_new() -> None:
    said: Said = [replace(LINE, who="me"), MINE, WISH, ASKED, GIVEN]
    assert gate(said, can_share=False).moves(BEGIN) == frozenset()
    assert not gate(said, can_share=False).may("released", now=BEGIN)


# -- Nothing else can be inferred ----------------------------------------------------------------

ITEMS = ("hug", "kiss")
VALUES = ("yes", "maybe", "not-now")
ROUNDS = (1, 2)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Said, Reveals]:
    """Draw what two people did, each only what their own page allowed at that moment."""
    reveals: Reveals = draw(st.sampled_from(["answers", "mutual-yes"]))
    said: Said = []
    for number in range(draw(st.integers(0, 25))):
        who: Who = draw(st.sampled_from(["me", "partner"]))
        own = Gate("touch", said if who == "me" else turned(said), reveals=reveals)
        moves = sorted(own.moves(BEGIN + 2 * WEEK, ROUNDS), key=repr)
        row_id = f"row-{number}"
        if not moves or draw(st.booleans()):
            is_text = draw(st.booleans())
            item = "line" if is_text else draw(st.sampled_from(ITEMS))
            value = "" if is_text else draw(st.sampled_from(VALUES))
            words = f"words {number}" if is_text else ""
            round_ = draw(st.sampled_from(ROUNDS))
            said.append(answer(who, item, value, words, answer_id=row_id, round=round_))
        else:
            said += _do(draw(st.sampled_from(moves)), who, row_id, draw)
    return said, reveals


def _do(move: Move, who: Who, row_id: str, draw: st.DrawFn) -> Said:
    done = Act(row_id, who, move.name, BEGIN, "touch", move.round, move.about)
    if move.name == "changed":
        text = answer(who, "line", text=f"rather {row_id}", answer_id=f"{row_id}-text")
        return [text, replace(done, opens=(text.answer_id,))]
    if move.name == "looked-back":
        value = draw(st.sampled_from(["tried", "not-tried"]))
        look = answer(who, "tried", value, answer_id=f"{row_id}-look")
        return [look, replace(done, opens=(look.answer_id,))]
    if move.name == "replied":
        return [replace(done, reply="thank-you")]
    return [done]


def opened_rounds(said: Said) -> set[int]:
    """The rounds that both have released: told here anew, and not by the gate."""
    open_: set[int] = set()
    for round_ in ROUNDS:
        stand: set[str] = set()
        for one in said:
            if isinstance(one, Act) and one.round == round_ and len(stand) < 2:
                if one.name == "released":
                    stand.add(one.who)
                elif one.name == "unreleased":
                    stand.discard(one.who)
        if len(stand) == 2:
            open_.add(round_)
    return open_


def secret_of_partner(said: Said, reveals: Reveals) -> list[int]:
    """Where in the list the partner's unreleased answers and lone yeses stand."""
    open_ = opened_rounds(said)
    pointed_to: set[str] = set()
    looked = {one.about for one in said if one.who == "me" and _named(one, "looked-back")}
    for one in said:
        if isinstance(one, Act) and one.name in ("delivered", "proposed"):
            pointed_to.add(one.about)
        if isinstance(one, Act) and (one.name == "changed" or one.about in looked):
            pointed_to.update(one.opens)
    secret = []
    for index, one in enumerate(said):
        if one.who == "me":
            continue
        if isinstance(one, Answer):
            is_secret = one.answer_id not in pointed_to and one.round not in open_
        elif one.name in ("released", "unreleased"):
            is_secret = one.round not in open_
        else:
            is_secret = one.name == "looked-back" and one.about not in looked
        if is_secret:
            secret.append(index)
    return secret


def _named(one: Act | Answer, name: str) -> bool:
    return isinstance(one, Act) and one.name == name


def observe(said: Said, reveals: Reveals) -> object:
    """Everything that the gate can tell me."""
    seen = Gate("touch", said, reveals=reveals)
    nows = (BEGIN, BEGIN + WEEK)
    return (
        [seen.release_state(r) for r in ROUNDS],
        [seen.partner_answers(r) for r in ROUNDS],
        [seen.mutual_yes(r) for r in ROUNDS],
        [seen.guesses(r, items=ITEMS, guess_items=ITEMS) for r in ROUNDS],
        seen.deliveries(),
        seen.agreements(),
        seen.open_requests(),
        [seen.moves(now, ROUNDS) for now in nows],
    )


def other_worlds(said: Said, reveals: Reveals, draw: st.DrawFn) -> list[Said]:
    """Worlds that differ from this one in the partner's unreleased things only."""
    secret = set(secret_of_partner(said, reveals))
    without = [one for index, one in enumerate(said) if index not in secret]
    changed = [
        replace(one, value=draw(st.sampled_from(VALUES)), text="", item="hug")
        if index in secret and isinstance(one, Answer)
        else one
        for index, one in enumerate(said)
    ]
    at = draw(st.integers(0, len(said)))
    closed = [round_ for round_ in ROUNDS if round_ not in opened_rounds(said)]
    more = [*said[:at], *(answer("partner", "kiss", "yes", round=r) for r in closed), *said[at:]]
    return [without, changed, more]


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(history=histories(), data=st.data())
def test_nothing_unreleased_changes_what_the_other_can_observe(
    history: tuple[Said, Reveals], data: st.DataObject
) -> None:
    said, reveals = history
    for length in range(len(said) + 1):
        before = said[:length]
        seen = observe(before, reveals)
        for world in other_worlds(before, reveals, data.draw):
            assert observe(world, reveals) == seen


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(marks=st.lists(st.sampled_from(VALUES), min_size=4, max_size=4), data=st.data())
def test_after_a_mutual_reveal_the_other_marks_stay_private(
    marks: list[str], data: st.DataObject
) -> None:
    """Where I did not mark yes I learn nothing; where I did, only whether it is mutual."""
    items = ("hug", "kiss", "hand", "sit")
    mine: Said = [answer("me", i, m) for i, m in zip(items, marks, strict=True)]

    def world() -> Said:
        theirs = {i: data.draw(st.sampled_from(VALUES)) for i in items}
        for item, mark in zip(items, marks, strict=True):
            if mark == "yes":  # what both marked yes is the same in both worlds
                is_mutual = item in ("hug", "kiss")
                theirs[item] = "yes" if is_mutual else data.draw(st.sampled_from(VALUES[1:]))
        said = [*mine, *(answer("partner", i, v) for i, v in theirs.items())]
        return [*said, I_RELEASE, THEY_RELEASE]

    assert observe(world(), "mutual-yes") == observe(world(), "mutual-yes")


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(history=histories())
def test_both_see_the_same_lines_agreements_and_releases(history: tuple[Said, Reveals]) -> None:
    said, reveals = history
    mine, theirs = (Gate("touch", one, reveals=reveals) for one in (said, turned(said)))
    for round_ in ROUNDS:
        both = [gate_.release_state(round_) == "both" for gate_ in (mine, theirs)]
        assert both[0] == both[1]
        assert mine.mutual_yes(round_) == theirs.mutual_yes(round_)
    assert [d.text for d in mine.deliveries()] == [d.text for d in theirs.deliveries()]
    assert [a.text for a in mine.agreements()] == [a.text for a in theirs.agreements()]


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(history=histories(), data=st.data())
def test_doing_it_twice_is_doing_it_once(
    history: tuple[Said, Reveals], data: st.DataObject
) -> None:
    """A doubled tap: the same act once more, under another id, right after the first."""
    said, reveals = history
    acts = [index for index, one in enumerate(said) if isinstance(one, Act)]
    if not acts:
        return
    index = data.draw(st.sampled_from(acts))
    twice = [*said[: index + 1], replace(said[index], act_id="again"), *said[index + 1 :]]
    assert observe(twice, reveals) == observe(said, reveals)
