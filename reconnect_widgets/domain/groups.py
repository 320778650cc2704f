"""Small groups for an evening: who sits with whom, and who speaks, listens, observes. Pure.

A group is a tuple of participant ids, and its order says the parts: the first speaks, the second
listens, all others observe. So a round is a turn of every tuple by one, and nobody has to work out
who did what before somebody joined or left.

Groups are called by their number. One that comes to its end leaves its place empty, so that the
third group of the room is called the third until the groups are made anew.

Nobody ever sits alone, in a group of more than four, or beside their own partner where there is
another place: what hurts between two is not to be practised on each other before others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final, Literal

Part = Literal["speak", "listen", "observe"]
Group = tuple[str, ...]
Groups = tuple[Group, ...]
# Who belongs to whom; who came alone is not in it.
Partners = Mapping[str, str]

# The exercise that is done in groups with parts.
IN_GROUPS: Final = "repair"
PAIR, TRIAD, LARGEST = 2, 3, 4


@dataclass(frozen=True)
class Grouping:
    """How the groups of an exercise stand.

    Attributes
    ----------
    act_id
        The act that left them so.
    split_id
        The act that made them anew last: everything since is about the same groups.
    turn
        1 for the first round in these groups.
    groups
        Empty ones hold the place of a group that is no more.
    """

    act_id: str = ""
    split_id: str = ""
    turn: int = 1
    groups: Groups = ()

    def part_of(self, person: str) -> GroupPart | None:
        """Return where somebody sits; None for who is in no group."""
        for number, group in enumerate(self.groups, 1):
            if person in group:
                part = part_at(group.index(person))
                others = tuple(one for one in group if one != person)
                return GroupPart(self.split_id, number, self.turn, part, others)
        return None

    def without(self, gone: Collection[str]) -> Grouping:
        """Return how they stand without some people."""
        left = {one for group in self.groups for one in group}.difference(gone)
        return replace(self, groups=keep_present(self.groups, left))


@dataclass(frozen=True)
class GroupPart:
    """Where one person sits, with whom, and what their part is in this round."""

    split_id: str
    number: int
    turn: int
    part: Part
    others: Group


def part_at(place: int) -> Part:
    """Return the part that goes with a place in a group."""
    return "speak" if place == 0 else "listen" if place == 1 else "observe"


def split_into_groups(
    units: Iterable[Sequence[str]], size: int = TRIAD, chance: Random | None = None
) -> Groups:
    """Split people into groups of three, or of two; what is left over makes a pair or a four.

    People are dealt like cards, couple after couple: whoever is dealt next goes to the next group,
    so partners never come into the same one while there are two. Four people with a couple among
    them make two pairs for that reason, and no group of four.

    Parameters
    ----------
    units
        Participant ids: of a couple together, of who came alone by themselves.
    size
        2 or 3.
    chance
        Mixes; without it, people are dealt as they come.

    Returns
    -------
    Everybody in one group. One person alone can not be split: a group of one.
    """
    dealt = [list(unit) for unit in units if unit]
    if chance is not None:
        chance.shuffle(dealt)
        for unit in dealt:
            chance.shuffle(unit)
    people = [one for unit in dealt for one in unit]
    if not people:
        return ()
    count = max((len(people) + size - 2) // size, 1)
    if count == 1 and len(people) == LARGEST and any(len(unit) > 1 for unit in dealt):
        count = 2
    return tuple(tuple(people[number::count]) for number in range(count))


def keep_present(groups: Groups, present: Collection[str]) -> Groups:
    """Return the groups with who is here. Whoever is left alone by that sits in none."""
    here = set(present)
    kept: list[Group] = []
    for group in groups:
        # Each person once, whatever the record says.
        still = tuple(one for one in dict.fromkeys(group) if one in here)
        kept.append(still if len(still) >= PAIR else ())
        here.difference_update(still)
    while kept and not kept[-1]:
        kept.pop()  # a number that nobody is called by any more
    return tuple(kept)


def find_seatless(groups: Groups, units: Iterable[Sequence[str]]) -> list[str]:
    """Return who sits in no group, in the order in which they are given."""
    seated = {one for group in groups for one in group}
    return [one for unit in units for one in unit if one not in seated]


def seat(groups: Groups, people: Sequence[str], partners: Partners, stays: str = "") -> Groups:
    """Find a place for people who sit in no group; nobody else is moved if that can be.

    Three and more who are not partners sit down together. Else everybody goes to the smallest
    group without their partner, as an observer. Where all are full, the last observer of one and
    whoever comes make a pair. Where nobody sits, two have nobody to sit with.

    Parameters
    ----------
    stays
        Who is not taken from a full group, because they were just put there.
    """
    if len(people) >= (TRIAD if any(groups) else PAIR):
        new = split_into_groups(_as_units(people, partners))
        if not any(groups) or not any(has_partners(group, partners) for group in new):
            return _add_groups(groups, new)
    if len(people) == PAIR and _find_full(groups) and not has_partners(tuple(people), partners):
        return _sit_with_one_of_four(groups, people, partners, stays)
    for person in people:
        groups = _seat_one(groups, person, partners, stays)
    return groups


def move(groups: Groups, person: str, number: int, partners: Partners) -> Groups:
    """Put somebody into another group, as an observer; the same groups if that does not go.

    Whoever would be left alone by it goes to a group as well.
    """
    if not can_take(groups, number) or person in groups[number - 1]:
        return groups
    without, alone = _without(groups, person)
    joined = _append(without, number, person)
    return seat(joined, alone, partners, stays=person)


def join(groups: Groups, person: str, number: int) -> Groups:
    """Put somebody who sits in no group into this one; the same groups if that does not go."""
    return _append(groups, number, person) if can_take(groups, number) else groups


def take_out(groups: Groups, person: str, partners: Partners) -> Groups:
    """Let somebody sit in no group. Whoever would be left alone by it goes to another one."""
    without, alone = _without(groups, person)
    return seat(without, alone, partners) if any(without) else ()


def swap(groups: Groups, one: str, other: str) -> Groups:
    """Let two people change places, and with them their parts; one of them may sit in no group."""
    places = {one: other, other: one}
    return tuple(tuple(places.get(each, each) for each in group) for group in groups)


def change_parts(groups: Groups) -> Groups:
    """Turn every group by one: who listened speaks, who observed first listens."""
    return tuple((*group[1:], *group[:1]) for group in groups)


def can_take(groups: Groups, number: int) -> bool:
    """Say whether a group of this number is there and has a place."""
    return 1 <= number <= len(groups) and PAIR <= len(groups[number - 1]) < LARGEST


def has_partners(group: Group, partners: Partners) -> bool:
    """Say whether two in a group are partners."""
    return any(partners.get(one) in group for one in group)


def _without(groups: Groups, person: str) -> tuple[Groups, Group]:
    """Return the groups without somebody, and who would be left alone then, taken out too."""
    left = [tuple(one for one in group if one != person) for group in groups]
    alone = tuple(one for group in left for one in group if len(group) < PAIR)
    return tuple(group if len(group) >= PAIR else () for group in left), alone


def _seat_one(groups: Groups, person: str, partners: Partners, stays: str) -> Groups:
    partner = partners.get(person)
    numbers = [number for number in range(1, len(groups) + 1) if can_take(groups, number)]
    apart = [number for number in numbers if partner not in groups[number - 1]]
    full = _find_full(groups)
    if apart or (numbers and not full):
        number = min(apart or numbers, key=lambda number: len(groups[number - 1]))
        return _append(groups, number, person)
    return _sit_with_one_of_four(groups, (person,), partners, stays) if full else groups


def _sit_with_one_of_four(
    groups: Groups, people: Sequence[str], partners: Partners, stays: str
) -> Groups:
    """Let the last observer of a group of four, who is nobody's partner here, sit with people."""
    number = _find_full(groups)[0]
    others = {stays, *(partners.get(person, "") for person in people)}
    came = next(one for one in reversed(groups[number - 1]) if one not in others)
    left = tuple(one for one in groups[number - 1] if one != came)
    changed = (*groups[: number - 1], left, *groups[number:])
    return _add_groups(changed, ((came, *people),))


def _find_full(groups: Groups) -> list[int]:
    return [number for number, group in enumerate(groups, 1) if len(group) == LARGEST]


def _append(groups: Groups, number: int, person: str) -> Groups:
    return (*groups[: number - 1], (*groups[number - 1], person), *groups[number:])


def _add_groups(groups: Groups, new: Groups) -> Groups:
    """Put groups where places are empty, and then at the end."""
    waiting = list(new)
    filled = [group if group or not waiting else waiting.pop(0) for group in groups]
    return (*filled, *waiting)


def _as_units(people: Sequence[str], partners: Partners) -> list[Group]:
    units: dict[frozenset[str], list[str]] = {}
    for one in people:
        units.setdefault(frozenset((one, partners.get(one, one))), []).append(one)
    return [tuple(unit) for unit in units.values()]
