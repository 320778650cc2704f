"""Promise 8: nobody can work out a hidden figure, however hard they try."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations_with_replacement, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.domain.suppression import (
    NO_FIGURE,
    SCORE_BANDS,
    Layout,
    Member,
    ProtectedTable,
    is_enough,
    protect_distributions,
    protect_tables,
    score_band,
)

CELLS = ("low", "middle", "high")
LAYOUT = Layout(CELLS, hide_first=("low", "high", "middle"))
TWO_CELLS = Layout(CELLS[:2], hide_first=("low", "middle"))


def alone(*counts: int) -> tuple[list[Member], dict[str, str]]:
    """That many people, each on their own, in each cell, "no figure" last."""
    placed = {
        f"p-{cell}-{n}": cell
        for cell, count in zip((*CELLS, NO_FIGURE), counts, strict=False)
        for n in range(count)
    }
    return [Member(person, "") for person in placed], placed


def couples(pairs: Sequence[tuple[str, str]]) -> tuple[list[Member], dict[str, str]]:
    """Couples, by the cells of their two partners."""
    placed = {f"p-{n}-{slot}": pair[slot] for n, pair in enumerate(pairs) for slot in (0, 1)}
    return [Member(person, f"d-{person[2:-2]}") for person in placed], placed


def protect(members: list[Member], placed: Mapping[str, str]) -> ProtectedTable:
    return protect_tables(members, {"t": placed}, {"t": LAYOUT})["t"]


# Worked out by hand. People alone; "no figure" is the last count; None is hidden.
@pytest.mark.parametrize(
    ("counts", "shown", "hidden"),
    [
        # All four are enough.
        ((5, 7, 9, 5), (5, 7, 9, 5), 0),
        # Nobody without a figure is itself a small figure: low goes with it, 10 together.
        ((10, 6, 8, 0), (None, 6, 8, None), 10),
        # 4 and 0 make 4 together, still too few: high goes as well, 13 together.
        ((4, 7, 9, 0), (None, 7, None, None), 13),
        # 4 and 2 make 6 together.
        ((4, 7, 9, 2), (None, 7, 9, None), 6),
        # Middle is too small, and it goes last: all are hidden.
        ((9, 4, 9, 9), (None, None, None, None), 31),
        ((20, 0, 0, 0), (None, None, None, None), 20),
        ((3, 1, 1, 0), (None, None, None, None), 5),
    ],
)
def test_small_figures_are_hidden_with_company(
    counts: tuple[int, ...], shown: tuple[int | None, ...], hidden: int
) -> None:
    table = protect(*alone(*counts))
    assert tuple(table.counts.values()) == shown
    assert (table.hidden, table.total) == (hidden, sum(counts))


def test_a_group_that_is_too_small_shows_not_even_its_size() -> None:
    table = protect(*alone(2, 2, 0, 0))
    assert (table.hidden, table.total) == (None, None)
    assert set(table.counts.values()) == {None}


def test_couples_count_once_however_many_of_the_two_stand_in_a_cell() -> None:
    four_couples = [("low", "low")] * 4
    members, _ = couples(four_couples)
    assert not is_enough(members)  # eight people, four couples
    five, _ = couples([("low", "high")] * 5)
    assert is_enough([m for m in five if m.participant_id.endswith("0")])


def test_couples_and_people_alone_are_not_added_up() -> None:
    four_couples, _ = couples([("low", "low")] * 4)
    four_alone, _ = alone(4)
    assert not is_enough([*four_couples, *four_alone])
    assert is_enough([*four_couples, *alone(5)[0]])


def test_the_same_people_in_other_tables_are_compared_by_no_figure() -> None:
    # All 20 have a figure for touch, 19 for repair. Without a cell for it, the difference of the
    # two totals would say that one person left repair out.
    members, placed = alone(8, 6, 6)
    one_left_out = {person: cell for person, cell in placed.items() if person != "p-low-0"}
    tables = protect_tables(
        members, {"touch": placed, "repair": one_left_out}, {"touch": LAYOUT, "repair": LAYOUT}
    )
    for table in tables.values():
        assert table.total == 20
        shown = [count for count in table.counts.values() if count is not None]
        assert table.counts[NO_FIGURE] is None
        assert sum(shown) <= 15


@pytest.mark.parametrize(
    ("score", "band"),
    [(0, "0-24"), (24.9, "0-24"), (25, "25-49"), (50, "50-74"), (75, "75-100"), (100, "75-100")],
)
def test_a_score_lies_in_one_quarter(score: float, band: str) -> None:
    assert score_band(score) == band


def test_distributions_have_a_cell_for_each_quarter_and_one_for_no_figure() -> None:
    members, _ = alone(12)
    scores: dict[str, float | None] = {m.participant_id: 60.0 for m in members[:6]}
    scores |= {m.participant_id: 80.0 for m in members[6:11]}
    scores |= {members[11].participant_id: None}
    table = protect_distributions(members, {"touch": scores})["touch"]
    assert tuple(table.counts) == (*SCORE_BANDS, NO_FIGURE)
    # Nobody is in "25-49", so it is hidden, and all before it in the order with it.
    assert table.counts == {**dict.fromkeys(table.counts), "50-74": 6}
    assert (table.hidden, table.total) == (6, 12)


@pytest.mark.parametrize(
    ("cells", "hide_first"),
    [(("a", "b"), ("a",)), (("a", "a"), ("a", "a")), ((), ()), ((NO_FIGURE,), (NO_FIGURE,))],
)
def test_an_order_of_hiding_that_misses_a_cell_is_refused(
    cells: tuple[str, ...], hide_first: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match="each"):
        Layout(cells, hide_first)


def test_somebody_from_outside_the_group_or_twice_in_it_is_refused() -> None:
    members, placed = alone(6)
    with pytest.raises(ValueError, match="not in the group"):
        protect(members[1:], placed)
    with pytest.raises(ValueError, match="twice"):
        protect([*members, members[0]], placed)
    with pytest.raises(ValueError, match="no cell"):
        protect(members, {members[0].participant_id: "sideways"})


def fillings(table: ProtectedTable) -> Iterator[dict[str, int]]:
    """All counts of people that agree with what is shown: the attacker's first list."""
    hidden = [cell for cell, count in table.counts.items() if count is None]
    assert table.total is not None
    rest = table.total - sum(count or 0 for count in table.counts.values())
    for parts in product(range(rest + 1), repeat=max(len(hidden) - 1, 0)):
        if hidden and sum(parts) <= rest:
            yield dict(zip(hidden, (*parts, rest - sum(parts)), strict=True))


people = st.lists(
    st.tuples(st.sampled_from((*CELLS, NO_FIGURE)), st.sampled_from((*CELLS, NO_FIGURE))),
    max_size=14,
)


@given(people, st.lists(st.integers(0, 9), min_size=4, max_size=4))
def test_an_attacker_who_tries_every_filling_pins_no_hidden_cell(
    pairs: list[tuple[str, str]], singles: list[int]
) -> None:
    members, placed = couples(pairs)
    more_members, more_placed = alone(*singles)
    table = protect([*members, *more_members], {**placed, **more_placed})
    if table.total is None:
        assert set(table.counts.values()) == {None}
        return
    everybody = {m.participant_id: m for m in (*members, *more_members)}
    for cell, count in table.counts.items():
        if count is not None:
            behind = [everybody[p] for p, c in {**placed, **more_placed}.items() if c == cell]
            assert count == len(behind)
            assert is_enough(behind)
    possible: dict[str, set[int]] = defaultdict(set)
    for filling in fillings(table):
        for cell, count in filling.items():
            possible[cell].add(count)
    for cell, count in table.counts.items():
        assert count is not None or len(possible[cell]) >= 2


def test_an_attacker_who_sees_two_tables_of_the_same_people_pins_no_cell_of_either() -> None:
    """Ten people alone, in every possible way in two tables of three cells each."""
    kinds = tuple(product((*TWO_CELLS.cells, NO_FIGURE), repeat=2))
    layouts = {"first": TWO_CELLS, "second": TWO_CELLS}
    cases = []
    for places in combinations_with_replacement(kinds, 10):
        members = [Member(f"p-{n}", "") for n in range(10)]
        placed = {
            name: {f"p-{n}": place[index] for n, place in enumerate(places)}
            for index, name in enumerate(layouts)
        }
        tables = protect_tables(members, placed, layouts)
        counts = tuple(
            [place[index] for place in places].count(cell)
            for index in (0, 1)
            for cell in (*TWO_CELLS.cells, NO_FIGURE)
        )
        shown = {
            **tables["first"].counts,
            **{f"2-{c}": n for c, n in tables["second"].counts.items()},
        }
        cases.append((counts, ProtectedTable(shown, None, None)))
    _no_cell_is_pinned(cases)


@pytest.mark.parametrize("size", [5, 6, 7, 10, 15, 18])
def test_an_attacker_who_knows_the_rule_pins_no_cell_of_people_alone(size: int) -> None:
    """Every group of this size is tried: those that show the same stay in doubt of each other."""
    groups = [c for c in product(range(size + 1), repeat=4) if sum(c) == size]
    _no_cell_is_pinned([(c, protect(*alone(*c))) for c in groups])


@pytest.mark.parametrize(("layout", "size"), [(LAYOUT, 5), (LAYOUT, 6), (TWO_CELLS, 10)])
def test_an_attacker_who_knows_the_rule_pins_no_cell_of_couples(layout: Layout, size: int) -> None:
    cells = layout.cells
    kinds = tuple(combinations_with_replacement((*cells, NO_FIGURE), 2))
    cases = []
    for pairs in combinations_with_replacement(kinds, size):
        members, placed = couples(pairs)
        table = protect_tables(members, {"t": placed}, {"t": layout})["t"]
        in_cells = list(placed.values())
        cases.append((tuple(in_cells.count(cell) for cell in (*cells, NO_FIGURE)), table))
    _no_cell_is_pinned(cases)


@pytest.mark.parametrize(("n_couples", "n_alone"), [(5, 3), (3, 6), (5, 5)])
def test_an_attacker_who_knows_the_rule_pins_no_cell_of_a_mixed_group(
    n_couples: int, n_alone: int
) -> None:
    layout, cells = TWO_CELLS, TWO_CELLS.cells
    kinds = tuple(combinations_with_replacement((*cells, NO_FIGURE), 2))
    singles = [c for c in product(range(n_alone + 1), repeat=3) if sum(c) == n_alone]
    cases = []
    for pairs, (low, middle, none) in product(
        combinations_with_replacement(kinds, n_couples), singles
    ):
        members, placed = couples(pairs)
        more_members, more_placed = alone(low, middle, 0, none)
        everybody = {**placed, **more_placed}
        table = protect_tables([*members, *more_members], {"t": everybody}, {"t": layout})["t"]
        in_cells = list(everybody.values())
        cases.append((tuple(in_cells.count(cell) for cell in (*cells, NO_FIGURE)), table))
    _no_cell_is_pinned(cases)


def _no_cell_is_pinned(cases: list[tuple[tuple[int, ...], ProtectedTable]]) -> None:
    by_publication: dict[tuple[int | None, ...], set[tuple[int, ...]]] = defaultdict(set)
    for counts, table in cases:
        by_publication[tuple(table.counts.values())].add(counts)
    for shown, behind in by_publication.items():
        for index, count in enumerate(shown):
            if count is None:
                values = {counts[index] for counts in behind}
                assert len(values) >= 2, (shown, behind)
