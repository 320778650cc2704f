"""A facilitator's own packs: offered beside the shipped ones, left out and named when wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconnect_widgets import content

WALK = """
kind: exercise
key: evening-walk
title: An evening walk
minutes: 30
why: Walking side by side makes some things easier to say.
steps:
  - id: before
    heading: Before you go
    fields:
      - key: mood
        kind: choice
        label: How are you?
        options:
          - {value: 1, label: Tired}
          - {value: 2, label: All right}
"""
EASE = """
kind: instrument
key: evening-ease
title: How was this evening?
version: 1.0.0
licence: CC-BY-4.0, Jo Example
source: Example and Other (2020), Journal, 1(2), 3-4.
timeframe: This evening
min_answered: 1
options:
  - {value: 0, label: Not at all}
  - {value: 1, label: Very much}
categories:
  - {key: ease, title: Ease, about: How easy it was., strength: S., begin: B., begin_with: presence,
     try_this: T.}
items:
  - {key: ease-1, category: ease, keyed: -1, text: I felt hurried.}
"""
LINE = """
kind: help-lines
lines:
  - {country: Here, name: Local line, for_whom: Everybody, number: 0800 111 0 111,
     hours: Day and night, run_by: The town, checked_on: 2026-11-01}
"""


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "content").mkdir()
    yield tmp_path
    content.use_own_packs(None)


def add(data_dir: Path, name: str, text: str) -> content.OwnPacks:
    (data_dir / "content" / name).write_text(text, "utf-8")
    content.use_own_packs(None)
    return content.use_own_packs(data_dir)


def test_an_exercise_stands_after_the_shipped_ones(data_dir: Path) -> None:
    assert add(data_dir, "walk.yaml", WALK).problems == ()
    assert content.exercise_keys()[-1] == content.load_contents().order[-1] == "evening-walk"
    assert content.load_exercise("evening-walk").steps[0].heading == "Before you go"
    assert ("evening-walk", "mood") in {(r.exercise, r.item) for r in content.codebook_rows()}


def test_a_questionnaire_becomes_an_exercise_with_its_keys_in_the_codebook(data_dir: Path) -> None:
    add(data_dir, "ease.yaml", EASE)
    pack = content.load_exercise("evening-ease")
    assert [field.key for field in pack.steps[0].fields] == ["ease-1"]
    assert "CC-BY-4.0" in pack.source
    (row,) = [row for row in content.codebook_rows() if row.exercise == "evening-ease"]
    assert (row.keyed, row.category) == (-1, "ease")


def test_ones_own_help_lines_stand_first(data_dir: Path) -> None:
    shipped = len(content.load_help_lines().lines)
    add(data_dir, "help.yaml", LINE)
    assert content.load_help_lines().lines[0].name == "Local line"
    assert len(content.load_help_lines().lines) == shipped + 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (WALK.replace("key: evening-walk", "key: checkup"), "a key that no other exercise has"),
        (WALK.replace("kind: choice", "kind: choise"), "did you mean: choice"),
        (WALK.replace("heading: Before you go", "headin: Before you go"), "did you mean: heading"),
        ("kind: sentences\nkey: page\ntexts: {a: b}\n", "one of exercise, instrument, help-lines"),
        ("- just\n- a list\n", "keys with values"),
    ],
)
def test_a_pack_that_is_wrong_is_left_out_and_named(data_dir: Path, text: str, told: str) -> None:
    add(data_dir, "good.yaml", WALK.replace("evening-walk", "morning-walk"))
    own = add(data_dir, "wrong.yaml", text)
    assert any(told in str(problem) and "wrong.yaml" in str(problem) for problem in own.problems)
    assert "morning-walk" in content.exercise_keys()
    assert len(content.exercise_keys()) == len(set(content.exercise_keys()))


def test_without_a_folder_there_is_only_what_is_shipped(tmp_path: Path) -> None:
    assert content.use_own_packs(tmp_path).exercises == {}
    content.use_own_packs(None)
