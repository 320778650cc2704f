"""What changes of seats come to, and whose answers they set aside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.domain.seating import SeatAct, SeatChange, find_undoable, read_seating

EVENING = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
ANN, BEN = "p-ann001", "p-ben002"


def at(second: int) -> datetime:
    return EVENING + timedelta(seconds=second)


def change(who: str, after: int, number: int = 1, **more: object) -> SeatChange:
    settings: dict[str, object] = {"sets_aside": True, "dyad_id": "d-ab12", "slot": "A", **more}
    return SeatChange(who, number, at(after), **settings)  # type: ignore[arg-type]


def test_all_up_to_the_latest_row_is_set_aside_and_nothing_after_it() -> None:
    seating = read_seating([SeatAct("1", "seats-swapped", at(9), changes=(change(ANN, 5),))])
    assert seating.sets_aside(ANN, at(5))
    assert not seating.sets_aside(ANN, at(6))
    assert not seating.sets_aside(BEN, at(5))
    assert seating.begun_anew(ANN) == 1
    assert seating.begun_anew(BEN) == 0


def test_the_date_of_the_act_itself_decides_nothing() -> None:
    # The machine's clock was an hour ahead while they answered, and was set right before the act.
    seating = read_seating([SeatAct("1", "seats-swapped", at(9), changes=(change(ANN, 3600),))])
    assert seating.sets_aside(ANN, at(3600))


def test_of_a_freed_seat_all_is_set_aside_whenever_it_was_said() -> None:
    act = SeatAct("1", "seat-freed", at(9), changes=(change(ANN, 5, is_freed=True),))
    seating = read_seating([act])
    assert seating.sets_aside(ANN, at(4))
    assert seating.sets_aside(ANN, at(4000))
    assert dict(seating.freed) == {ANN: at(9)}


def test_who_came_alone_keeps_what_they_said() -> None:
    act = SeatAct("1", "couple-made", at(9), changes=(change(ANN, 5, sets_aside=False),))
    seating = read_seating([act])
    assert not seating.sets_aside(ANN, at(5))
    assert seating.begun_anew(ANN) == 0
    assert seating.who_came_to("d-ab12") == {ANN}


def test_undone_is_as_if_it_had_never_been_but_everybody_looks_again() -> None:
    freed = SeatAct("1", "seat-freed", at(9), changes=(change(ANN, 5, is_freed=True),), near=(BEN,))
    # On a machine whose clock was set back in between.
    undone = SeatAct("2", "seats-undone", at(2), near=(ANN, BEN), about="1")
    seating = read_seating([undone, freed])
    assert not seating.sets_aside(ANN, at(5))
    assert seating.acts == ()
    assert dict(seating.told) == {ANN: 2, BEN: 2}


def test_a_change_is_undone_only_while_nobody_has_said_anything_in_their_new_place() -> None:
    act = SeatAct("1", "seats-swapped", at(9), changes=(change(ANN, 5), change(BEN, 6)))
    seating = read_seating([act])
    assert find_undoable(seating, {ANN: None, BEN: at(6)}) == [act]
    assert find_undoable(seating, {ANN: at(7), BEN: None}) == []
    assert find_undoable(seating, {ANN: None}) == []  # the other has withdrawn
    later = SeatAct("2", "seat-begun-anew", at(12), changes=(change(ANN, 5, number=2),))
    assert find_undoable(read_seating([act, later]), {ANN: None, BEN: None}) == [later]


def test_of_who_withdrew_nothing_is_told() -> None:
    act = SeatAct("1", "seat-freed", at(9), changes=(change(ANN, 5, is_freed=True),))
    seating = read_seating([act], gone={ANN})
    assert (dict(seating.freed), dict(seating.until), dict(seating.told)) == ({}, {}, {})


acts = st.lists(
    st.builds(
        SeatAct,
        act_id=st.sampled_from("abcdef"),
        name=st.sampled_from(["seat-freed", "seats-swapped", "seat-moved", "seats-undone"]),
        at=st.integers(0, 50).map(at),
        changes=st.lists(
            st.builds(
                change,
                st.sampled_from([ANN, BEN]),
                st.integers(0, 50),
                number=st.integers(1, 4),
                sets_aside=st.booleans(),
                is_freed=st.booleans(),
            ),
            max_size=2,
        ).map(tuple),
        about=st.sampled_from(["", *"abcdef"]),
    ),
    max_size=6,
    unique_by=lambda act: act.act_id,
)


@given(acts, st.randoms(use_true_random=False), st.integers(0, 60))
def test_the_order_in_which_acts_are_read_changes_nothing(acts, random, second) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(acts)
    random.shuffle(shuffled)
    one, other = read_seating(acts), read_seating(shuffled)
    assert one == other
    assert one.sets_aside(ANN, at(second)) == other.sets_aside(ANN, at(second))


@given(acts, st.integers(0, 60))
def test_what_a_change_sets_aside_stays_so_whatever_is_changed_later(acts, second) -> None:  # type: ignore[no-untyped-def]
    standing = [act for act in acts if act.name != "seats-undone"]
    before = read_seating(standing[:-1])
    assert before.sets_aside(ANN, at(second)) <= read_seating(standing).sets_aside(ANN, at(second))
