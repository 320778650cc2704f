"""Sizes on the group screen, and what a room is asked to do: pure, and nothing of it is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.content import ExerciseFrame, load_contents
from reconnect_widgets.server.screen_fit import (
    SIZES,
    choose_names,
    count_lines,
    fit,
    lay_out_wall,
    measure,
)
from reconnect_widgets.server.screen_tasks import TASKS, task_of

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=500)


@given(st.lists(texts, max_size=12))
def test_every_line_of_the_wall_stands_on_one_page_in_the_order_of_approval(
    lines: list[str],
) -> None:
    pages = lay_out_wall(lines)
    assert [line for page in pages for line in page.lines] == lines
    assert all(page.lines and page.size in SIZES for page in pages)


def test_a_few_short_lines_are_larger_than_many() -> None:
    assert lay_out_wall(["You made tea."])[0].size == "6"
    many = lay_out_wall(["On Tuesday you let my mother finish her story, though you knew it."] * 12)
    assert {page.size for page in many} == {"4"}
    assert len(many[0].lines) > 1


@given(texts, texts)
def test_more_words_never_need_less_room(one: str, more: str) -> None:
    assert measure(one + more) >= measure(one)
    assert count_lines(one + more, 5.0) >= count_lines(one, 5.0)


@given(texts)
def test_a_size_that_is_chosen_is_the_largest_that_fits(text: str) -> None:
    names = ("8", "6", "5", "4")
    chosen = fit(text, names, 3)
    assert all(count_lines(text, SIZES[name]) > 3 for name in names[: names.index(chosen)])


def test_names_end_where_there_is_no_more_room() -> None:
    names = [f"Maximiliane {n:03}" for n in range(200)]
    chosen = choose_names(names, 3.6, 4, 118.0)
    assert chosen == names[: len(chosen)]
    assert 5 < len(chosen) < 40
    assert choose_names(["Ada", "Bo"], 3.6, 4, 118.0) == ["Ada", "Bo"]


def test_every_exercise_has_its_task_for_the_screen() -> None:
    keys = {frame.key for frame in load_contents().exercises}
    assert keys == set(TASKS)
    for task in TASKS.values():
        assert task.count(". ") + task.count("? ") <= 1, task


def test_an_exercise_of_ones_own_brings_its_task_along() -> None:
    why = (
        "Think of a *place*. Name it, [aloud](/w/touch). Then go there.\n\nNobody has to hear this."
    )
    frame = ExerciseFrame(key="our-place", title="Our place", minutes=5, why=why)
    assert task_of(frame) == "Think of a place. Name it, aloud."
