"""Who sits with whom: split, moved, swapped, joined by who comes later; never alone."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.domain.groups import (
    LARGEST,
    PAIR,
    TRIAD,
    Grouping,
    Groups,
    Partners,
    can_take,
    change_parts,
    find_seatless,
    has_partners,
    keep_present,
    move,
    part_at,
    seat,
    split_into_groups,
    swap,
    take_out,
)

ROOMS = st.lists(st.sampled_from([1, 2, 2]), max_size=30)
Unit = tuple[str, ...]


def a_room(sizes: list[int]) -> list[Unit]:
    return [tuple(f"p-{n:04}{slot}x" for slot in range(count)) for n, count in enumerate(sizes)]


def partners_of(units: list[Unit]) -> Partners:
    return {one: other for unit in units for one in unit for other in unit if one != other}


def people_in(groups: Groups) -> list[str]:
    return sorted(one for group in groups for one in group)


def sizes_of(groups: Groups) -> list[int]:
    return sorted(len(group) for group in groups if group)


@given(ROOMS, st.sampled_from([PAIR, TRIAD]), st.randoms(use_true_random=False))
def test_everybody_sits_in_one_group_and_partners_apart(sizes, size, chance) -> None:
    units = a_room(sizes)
    groups = split_into_groups(units, size, chance)
    assert people_in(groups) == sorted(one for unit in units for one in unit)
    if len(people_in(groups)) < PAIR:
        return
    assert all(PAIR <= len(group) <= LARGEST for group in groups)
    if len(groups) > 1:
        assert not any(has_partners(group, partners_of(units)) for group in groups)
    if len(groups) == 1:  # there were not enough people for two
        is_four_single = size == TRIAD and max(sizes) == 1
        assert len(people_in(groups)) <= (LARGEST if is_four_single else TRIAD)


@pytest.mark.parametrize(
    ("people", "sizes"),
    [(2, [2]), (3, [3]), (4, [4]), (5, [2, 3]), (6, [3, 3]), (7, [3, 4]), (8, [2, 3, 3]),
     (10, [3, 3, 4]), (12, [3, 3, 3, 3]), (0, []), (1, [1])],
)  # fmt: skip
def test_threes_where_they_go_up(people: int, sizes: list[int]) -> None:
    assert sizes_of(split_into_groups(a_room([1] * people))) == sizes


@pytest.mark.parametrize(("people", "sizes"), [(3, [3]), (4, [2, 2]), (5, [2, 3]), (6, [2, 2, 2])])
def test_pairs_and_one_three_for_an_odd_number(people: int, sizes: list[int]) -> None:
    assert sizes_of(split_into_groups(a_room([1] * people), PAIR)) == sizes


def test_two_couples_make_two_pairs_so_that_partners_sit_apart() -> None:
    groups = split_into_groups(a_room([2, 2]))
    assert sizes_of(groups) == [2, 2]
    assert not any(has_partners(group, partners_of(a_room([2, 2]))) for group in groups)


def test_chance_mixes_and_the_same_chance_mixes_the_same_way() -> None:
    units = a_room([2] * 6)
    found = [split_into_groups(units, TRIAD, Random(seed)) for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]


@st.composite
def seated(draw: st.DrawFn) -> tuple[Groups, list[Unit], list[str]]:
    """Draw groups as an evening may leave them, everybody's couples, and who is in no group."""
    units = a_room(draw(ROOMS))
    groups = split_into_groups(units, draw(st.sampled_from([PAIR, TRIAD])), Random(7))
    people = people_in(groups)
    gone = draw(st.sets(st.sampled_from(people), max_size=4)) if people else set()
    groups = keep_present(groups, set(people) - gone)
    late = draw(st.lists(st.sampled_from([1, 2]), max_size=4))
    later = [tuple(f"p-l{n:03}{slot}x" for slot in range(count)) for n, count in enumerate(late)]
    units = [tuple(one for one in unit if one not in gone) for unit in units] + later
    return groups, units, find_seatless(groups, units)


def are_sound(groups: Groups) -> bool:
    people = people_in(groups)
    is_once = len(people) == len(set(people))
    return is_once and all(not group or PAIR <= len(group) <= LARGEST for group in groups)


@given(seated())
def test_who_left_is_out_and_nobody_stays_behind_alone(room) -> None:
    groups, units, seatless = room
    assert are_sound(groups)
    assert set(people_in(groups)) | set(seatless) == {one for unit in units for one in unit}
    assert not groups or groups[-1]


@given(seated())
def test_whoever_comes_later_finds_a_place_and_nobody_is_lost(room) -> None:
    groups, units, seatless = room
    after = seat(groups, seatless, partners_of(units))
    assert are_sound(after)
    assert set(people_in(after)) >= set(people_in(groups))
    if people_in(groups) or len(seatless) >= PAIR:
        assert set(people_in(after)) == set(people_in(groups)) | set(seatless)


@given(seated())
def test_who_comes_later_sits_apart_from_their_partner_where_there_is_another_place(room) -> None:
    groups, units, seatless = room
    partners = partners_of(units)
    if any(has_partners(group, partners) for group in groups):
        return
    after = seat(groups, seatless, partners)
    if sum(1 for group in after if group) > 1:
        assert not any(has_partners(group, partners) for group in after)


@given(seated(), st.data())
def test_moving_swapping_and_taking_out_leave_nobody_alone(room, data) -> None:
    groups, units, _ = room
    if not people_in(groups):
        return
    partners = partners_of(units)
    person = data.draw(st.sampled_from(people_in(groups)))
    number = data.draw(st.integers(-1, len(groups) + 1))
    other = data.draw(st.sampled_from(people_in(groups)))
    moved = move(groups, person, number, partners)
    assert are_sound(moved)
    assert people_in(moved) == people_in(groups)
    if can_take(groups, number):
        assert person in moved[number - 1]
    swapped = swap(groups, person, other)
    assert are_sound(swapped)
    assert people_in(swapped) == people_in(groups)
    left = take_out(groups, person, partners)
    assert are_sound(left)
    alone = set(people_in(groups)) - {person} - set(people_in(left))
    # Only where nobody else sits.
    assert not alone or (len(alone) == 1 and not people_in(left))


def test_who_is_left_alone_by_a_move_gets_a_place_and_who_was_moved_keeps_theirs() -> None:
    groups: Groups = (("a", "b"), ("c", "d", "e"))
    # Five are too many for one group: the last observer who was there before comes over.
    assert move(groups, "a", 2, {}) == (("e", "b"), ("c", "d", "a"))
    assert move((("a", "b"), ("c", "d")), "a", 2, {}) == ((), ("c", "d", "a", "b"))


def test_numbers_stay_when_a_group_comes_to_its_end() -> None:
    groups: Groups = (("a", "b"), ("c", "d", "e"), ("f", "g"))
    assert keep_present(groups, set("acdefg")) == ((), ("c", "d", "e"), ("f", "g"))
    assert keep_present(groups, set("abcdef")) == (("a", "b"), ("c", "d", "e"))
    new = seat(((), ("c", "d", "e")), ["x", "y", "z"], {})
    assert new == (("x", "y", "z"), ("c", "d", "e"))


def test_who_comes_to_full_groups_makes_a_pair_with_the_last_observer_of_one() -> None:
    assert seat((tuple("abcd"),), ["e"], {"e": "d", "d": "e"}) == (("a", "b", "d"), ("c", "e"))


def test_two_who_come_to_a_group_of_four_make_a_three_with_its_last_observer() -> None:
    groups = (tuple("abcd"), tuple("efg"))
    assert seat(groups, ["x", "y"], {}) == (("a", "b", "c"), ("e", "f", "g"), ("d", "x", "y"))
    partners = {"x": "d", "d": "x"}
    after = seat(groups, ["x", "y"], partners)
    assert after == (("a", "b", "d"), ("e", "f", "g"), ("c", "x", "y"))


@given(seated())
def test_everybody_has_every_part_once_while_a_group_goes_round(room) -> None:
    groups, _, _ = room
    for group in groups:
        rounds: Groups = (group,)
        had: dict[str, list[str]] = {one: [] for one in group}
        for _ in group:
            for place, one in enumerate(rounds[0]):
                had[one].append(part_at(place))
            rounds = change_parts(rounds)
        assert rounds == (group,)
        for parts in had.values():
            observed = ["observe"] * (len(group) - 2)
            assert sorted(parts) == sorted(["speak", "listen", *observed])


def test_a_person_finds_their_group_their_part_and_whom_they_sit_with() -> None:
    grouping = Grouping("e2", "e1", 2, (("a", "b"), (), ("c", "d", "e", "f")))
    mine = grouping.part_of("f")
    assert mine is not None
    assert (mine.number, mine.turn, mine.part, mine.others) == (3, 2, "observe", ("c", "d", "e"))
    assert (mine.split_id, grouping.part_of("x")) == ("e1", None)
