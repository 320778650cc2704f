"""Plans: the four that are shipped, a facilitator's own, and how a mistake in one is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets import content
from reconnect_widgets.content import AgendaLine, PlanPack, write_plan
from reconnect_widgets.content.plan_pack import find_unknown_exercises
from reconnect_widgets.content.plans import MOST_FILES

PLAN = """
kind: plan
key: my-tuesday
title: My Tuesday
for_whom: My Tuesday group.
how: Begin on *time*.
free: desk
door: seats
seats: 12
agenda:
  - {exercise: welcome, minutes: 10}
  - {exercise: checkup}
"""


def put(data_dir: Path, text: str, name: str = "tuesday.yaml") -> content.Plans:
    (data_dir / "plans").mkdir(exist_ok=True)
    (data_dir / "plans" / name).write_text(text, "utf-8")
    return content.load_plans(data_dir)


def test_the_four_shipped_plans_are_there() -> None:
    assert [*content.load_plans().by_key] == [
        "couple-in-the-room",
        "first-evening",
        "half-day-workshop",
        "six-week-group",
    ]


@pytest.mark.parametrize("plan", content.load_plans().by_key.values(), ids=lambda plan: plan.key)
def test_a_shipped_plan_names_exercises_that_are_shipped_and_says_how_to_run_it(
    plan: PlanPack,
) -> None:
    shipped = content.load_contents().order
    assert [*find_unknown_exercises(plan, shipped)] == []
    assert plan.how
    for evening in plan.evenings:
        assert all(line.minutes for line in evening.agenda)
        for line in evening.agenda:
            frame = content.load_contents().frame(line.exercise)
            # Reading and the checkup can be hurried by nobody.
            assert frame is not None and (line.minutes or 0) >= frame.minutes


@pytest.mark.parametrize(
    ("choice", "least", "most"),
    [
        ("couple-in-the-room", 50, 50),
        ("first-evening", 100, 110),
        ("half-day-workshop", 180, 210),
        *((f"six-week-group.{number}", 70, 85) for number in range(1, 7)),
    ],
)
def test_a_shipped_plan_takes_as_long_as_it_says(choice: str, least: int, most: int) -> None:
    found = content.load_plans().find(choice)
    assert found is not None
    assert least <= found[1].minutes <= most


def test_a_group_and_a_couple_begin_with_the_welcome() -> None:
    for plan in content.load_plans().by_key.values():
        assert plan.evenings[0].agenda[0].exercise == "welcome"


@pytest.mark.parametrize(
    "choice",
    ["", "nothing", "six-week-group.7", "six-week-group.0", "first-evening.2", "six-week-group.٣"],
)
def test_a_choice_that_is_no_evening_finds_none(choice: str) -> None:
    assert content.load_plans().find(choice) is None


def test_a_choice_names_a_plan_and_one_of_its_evenings() -> None:
    plans = content.load_plans()
    for choice, title in (
        ("six-week-group", "Being there"),
        ("six-week-group.6", "Looking back"),
        ("first-evening", "A first evening"),
        ("first-evening.1", "A first evening"),
    ):
        found = plans.find(choice)
        assert found is not None
        assert found[1].title == title


def test_ones_own_plan_stands_after_the_shipped_ones_and_is_read_again_each_time(
    tmp_path: Path,
) -> None:
    plans = put(tmp_path, PLAN)
    assert plans.problems == ()
    assert [*plans.by_key][-1] == "my-tuesday"
    assert plans.own == {"my-tuesday"}
    plan = plans.by_key["my-tuesday"]
    assert plan.settings(plan.evenings[0]) == {
        "agenda": ("welcome", "checkup"),
        "minutes": {"welcome": 10},
        "free": (),
        "door": "seats",
        "seats": 12,
    }
    assert put(tmp_path, PLAN.replace("My Tuesday\n", "Wednesday\n")).by_key[
        "my-tuesday"
    ].title == ("Wednesday")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("exercise: checkup", "exercise: chekup", "line 12|agenda → 2 → exercise|mean: checkup"),
        ("free: desk", "free: [chekup]", "line 7|free → 1|did you mean: checkup"),
        ("free: desk", "free: dsk", "line 7|at: free|did you mean: desk"),
        ("minutes: 10", "minutes: 1000000000", "line 11|less than or equal to 240|1000000000"),
        ("minutes: 10", "minutes: ten", "line 11|a whole number|“ten”"),
        ("exercise: checkup", "exercise: welcome", "line 12|each exercise once|“welcome”"),
        ("free: desk", "fre: desk", "line 7|one of the keys|did you mean: free"),
        ("seats: 12\n", "", "the key seats"),
        ("door: seats\n", "", "door: seats"),
        ("agenda:", "meetings: [{title: A, agenda: [{exercise: touch}]}]\nagenda:", "found: both"),
        ("key: my-tuesday", "key: first-evening", "a key that no other plan has"),
        ("kind: plan", "kind: pan", "did you mean: plan"),
        ("how: Begin on *time*.", "how: Begin <br> now", "line 6|Markdown without HTML"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_the_others_are_there(
    tmp_path: Path, before: str, after: str, told: str
) -> None:
    assert before in PLAN
    put(tmp_path, PLAN.replace("my-tuesday", "good"), "good.yaml")
    plans = put(tmp_path, PLAN.replace(before, after, 1))
    (problem,) = plans.problems
    for part in ("tuesday.yaml", *told.split("|")):
        assert part in str(problem)
    assert plans.own == {"good"}


def test_another_kind_of_pack_is_no_plan(tmp_path: Path) -> None:
    plans = put(tmp_path, "kind: sentences\nkey: page\ntexts: {a: b}\n")
    assert "expected: plan" in str(plans.problems[0])


def test_an_agenda_that_is_too_long_is_told(tmp_path: Path) -> None:
    lines = "".join(f"  - {{exercise: e{number}}}\n" for number in range(61))
    plans = put(tmp_path, PLAN[: PLAN.index("  - ")] + lines)
    assert "at most 60" in str(plans.problems[0])


def test_more_plans_than_one_can_choose_from_are_told(tmp_path: Path) -> None:
    for number in range(MOST_FILES + 1):
        plans = put(tmp_path, PLAN.replace("my-tuesday", f"p{number}"), f"{number:03}.yaml")
    assert len(plans.own) == MOST_FILES
    assert f"at most {MOST_FILES} plans" in str(plans.problems[0])


def test_a_folder_of_packs_is_checked_for_the_exercises_that_its_plans_name(
    tmp_path: Path,
) -> None:
    (tmp_path / "plan.yaml").write_text(PLAN.replace("checkup", "my-walk"), "utf-8")
    (problem,) = content.check_folder(tmp_path)
    assert "line 12" in str(problem)
    walk = (
        "kind: exercise\nkey: my-walk\ntitle: W\nminutes: 5\nwhy: W\nsteps: [{id: a, heading: A}]\n"
    )
    (tmp_path / "walk.yaml").write_text(walk, "utf-8")
    assert content.check_folder(tmp_path) == []


TITLES = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Co", "Cn", "Zl", "Zp", "Cf")), min_size=1
).filter(lambda text: 0 < len(text.strip()) <= 80)


@given(
    title=TITLES | st.sampled_from(["no", "0808", "1.5", "null", "- a", "a: b", "# a", "'", "~"]),
    keys=st.lists(st.sampled_from(content.exercise_keys()), min_size=1, unique=True),
    minutes=st.integers(1, 240) | st.none(),
    free=st.none() | st.just(()) | st.just(("checkup", "touch")),
)
def test_a_plan_that_was_written_is_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory,
    title: str,
    keys: list[str],
    minutes: int | None,
    free: tuple[str, ...] | None,
) -> None:
    plan = PlanPack(
        kind="plan",
        key="mine",
        title=title,
        for_whom=title,
        free=free,
        agenda=tuple(AgendaLine(exercise=key, minutes=minutes) for key in keys),
    )
    data_dir = tmp_path_factory.mktemp("data")
    plans = put(data_dir, write_plan(plan))
    assert plans.problems == ()
    assert plans.by_key["mine"] == plan


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("My Tuesday", "my-tuesday"),
        ("Élan & Zoë’s", "elan-zoes"),
        ("2nd evening", "plan-2nd-evening"),
        ("פגישה", "plan"),
        ("../../etc", "etc"),
        ("x" * 80, "x" * 40),
    ],
)
def test_a_title_becomes_a_key_that_a_plan_may_have(title: str, key: str) -> None:
    assert content.make_key(title) == key
    values: dict[str, Any] = {"kind": "plan", "title": "T", "for_whom": "T"}
    assert PlanPack(key=key, **values).key == key
