"""Promise 8 at the level of frames: what is shown of a group, and what never is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconnect_widgets.content import load_instrument
from reconnect_widgets.domain.suppression import NO_FIGURE, SCORE_BANDS, Member
from reconnect_widgets.review.group_figures import (
    GroupFigures,
    build_group_figures,
    describe_reach,
    list_members,
)
from tests.review.groups import (
    CATEGORIES,
    Someone,
    alone,
    couples,
    participants_of,
    responses_of,
)

# Each example scores a whole group; the laws of the rule itself are in tests/domain.
FEWER = settings(max_examples=25)
# The quarter in which somebody lies who gives the same level throughout.
BAND_OF_LEVEL = ["0-24", "25-49", "50-74", "75-100", "75-100"]


def figures_of(people: Sequence[Someone]) -> GroupFigures:
    return build_group_figures(participants_of(people), responses_of(people), load_instrument())


def units_behind(people: Sequence[Someone]) -> tuple[int, int]:
    """Couples, and people alone: counted here again, in the simplest way."""
    return (
        len({one.dyad_id for one in people if one.dyad_id}),
        len([one for one in people if not one.dyad_id]),
    )


def in_cell(people: Sequence[Someone], category: str, cell: str) -> list[Someone]:
    def cell_of(one: Someone) -> str:
        level = one.levels[category]
        return NO_FIGURE if level is None else BAND_OF_LEVEL[level]

    return [one for one in people if cell_of(one) == cell]


def test_four_couples_are_shown_nothing() -> None:
    figures = figures_of(couples(4))
    assert [round_.shows_anything for round_ in figures.rounds] == [False]


def test_four_couples_and_four_alone_are_not_added_up() -> None:
    figures = figures_of([*couples(4), *alone(4)])
    assert not figures.rounds[0].shows_anything


def test_ten_couples_in_two_quarters_are_shown_both() -> None:
    figures = figures_of([*couples(5, 0), *couples(5, 1, first=5), *couples(5, 2, first=10)])
    table = figures.rounds[0].tables["touch"]
    # 0-24 and "no figure" go first, 10 people together; 75-100 is empty, so it goes as well.
    assert table.counts == {"0-24": None, "25-49": 10, "50-74": 10, "75-100": None, NO_FIGURE: None}


def test_five_alone_count_as_five_couples_do() -> None:
    figures = figures_of([*alone(5, 0), *alone(6, 2, first=5)])
    assert figures.rounds[0].tables["repair"].counts["50-74"] == 6


levels = st.one_of(st.none(), st.integers(0, 4))


@st.composite
def groups(draw: st.DrawFn) -> list[Someone]:
    size = draw(st.integers(0, 12))
    people = [*couples(size), *alone(draw(st.integers(0, 8)))]
    return [
        replace(one, levels={category: draw(levels) for category in CATEGORIES}) for one in people
    ]


@FEWER
@given(groups())
def test_behind_every_figure_stand_five_couples_or_five_alone(people: list[Someone]) -> None:
    for round_ in figures_of(people).rounds:
        for category, table in round_.tables.items():
            for cell in (*SCORE_BANDS, NO_FIGURE):
                count = table.counts[cell]
                if count is not None:
                    behind = in_cell(people, category, cell)
                    assert count == len(behind)
                    assert max(units_behind(behind)) >= 5


@FEWER
@given(groups())
def test_what_is_hidden_is_never_so_little_that_the_rest_tells_it(people: list[Someone]) -> None:
    for round_ in figures_of(people).rounds:
        for category, table in round_.tables.items():
            hidden = [cell for cell, count in table.counts.items() if count is None]
            if hidden and table.total is not None:
                behind = [one for cell in hidden for one in in_cell(people, category, cell)]
                assert len(hidden) > 1
                assert max(units_behind(behind)) >= 5


def test_whoever_stopped_half_way_changes_no_figure_of_the_others() -> None:
    done = [*couples(5, 0), *couples(5, 1, first=5), *couples(5, 2, first=10)]
    half_way = [replace(one, levels={"presence": 2}) for one in couples(5, first=20)]
    assert figures_of([*done, *half_way]).rounds == figures_of(done).rounds


@FEWER
@given(groups(), st.integers(1, 2))
def test_people_who_have_not_finished_are_in_no_distribution(
    people: list[Someone], missing: int
) -> None:
    half_way = [
        replace(one, participant_id=one.participant_id[:-1] + "9", levels={"presence": 4})
        for one in couples(missing, first=50)
    ]
    everybody = [*people, *half_way]
    before, after = figures_of(people), figures_of(everybody)
    assert {r.round: r.tables for r in before.rounds if r.shows_anything} == {
        r.round: r.tables for r in after.rounds if r.shows_anything
    }


def test_two_rounds_stand_beside_each_other_each_under_the_rule() -> None:
    people = [*couples(5, 1), *couples(5, 2, first=5)]
    responses = pd.concat(
        [responses_of(people, round_=1), responses_of(people[:8], round_=2)], ignore_index=True
    )
    figures = build_group_figures(participants_of(people), responses, load_instrument())
    assert [(r.round, r.shows_anything) for r in figures.rounds] == [(1, True), (2, False)]


def test_who_withdrew_is_nowhere() -> None:
    people = couples(5)
    participants = participants_of(people)
    participants.loc[0, "withdrawn_at"] = pd.Timestamp("2026-11-21T00:00:00Z")
    participants.loc[1, "withdrawn_at"] = pd.Timestamp("2026-11-21T00:00:00Z")
    gone = set(participants.loc[:1, "participant_id"])
    responses = responses_of(people)
    kept = responses[~responses["participant_id"].isin(list(gone))]
    figures = build_group_figures(participants, kept, load_instrument())
    assert (figures.people, figures.couples) == (8, 4)
    assert not figures.rounds[0].shows_anything


def test_nobody_at_all_gives_figures_of_nothing() -> None:
    figures = figures_of([])
    assert (figures.people, figures.couples, figures.alone, figures.rounds) == (0, 0, 0, ())
    assert {progress.reached for progress in figures.progress} == {"nobody yet"}


def test_a_partner_whose_other_half_is_not_here_counts_as_a_couple_in_the_room() -> None:
    figures = figures_of([*couples(2)[:3], *alone(1)])
    assert (figures.people, figures.couples, figures.alone) == (4, 2, 1)


@pytest.mark.parametrize(
    ("reached", "everybody", "words"),
    [
        ([], couples(9), "nobody yet"),
        (couples(9), couples(9), "everyone"),
        (couples(9)[:17], couples(9), "all but a few"),
        (couples(9)[:2], couples(9), "a few"),
        (couples(5), couples(10), "10 of 20"),
        (couples(5)[:9], couples(10), "9 of 20"),
        (couples(2), couples(4), "some"),
    ],
)
def test_how_far_a_group_got_is_told_by_number_only_when_both_sides_are_enough(
    reached: list[Someone], everybody: list[Someone], words: str
) -> None:
    assert describe_reach(members(reached), members(everybody)) == words


@given(st.integers(0, 12), st.integers(0, 8), st.data())
def test_a_number_of_people_is_told_only_when_enough_stand_on_both_sides(
    n_couples: int, n_alone: int, data: st.DataObject
) -> None:
    everybody = [*couples(n_couples), *alone(n_alone)]
    chosen = [one for one in everybody if data.draw(st.booleans())]
    rest = [one for one in everybody if one not in chosen]
    words = describe_reach(members(chosen), members(everybody))
    if re.search(r"\d", words):
        assert max(units_behind(chosen)) >= 5
        assert max(units_behind(rest)) >= 5


def members(people: Sequence[Someone]) -> list[Member]:
    return list_members(participants_of(people))
