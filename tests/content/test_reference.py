"""The reference of content packs, held to the schema: examples are sound, no field is left out."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
from pydantic import BaseModel

from reconnect_widgets import content
from reconnect_widgets.content.coach_pack import CoachVocabulary
from reconnect_widgets.content.schema import PassagesPack
from reconnect_widgets.content.tree import MAX_BYTES, MAX_DEPTH, MAX_NODES

REFERENCE = (Path(__file__).parents[2] / "docs/reference/content-packs.md").read_text("utf-8")


HOWTO = (Path(__file__).parents[2] / "docs/howto/write-an-exercise.md").read_text("utf-8")
BLOCKS = [
    textwrap.dedent(block)
    for _, block in re.findall(r"^( *)```yaml\n(.*?)^\1```", REFERENCE + HOWTO, re.M | re.S)
]
EXAMPLES = [(block, block.split()[1]) for block in BLOCKS if block.startswith("kind: ")]


def test_the_kinds_that_people_write_have_an_example() -> None:
    assert {"instrument", "exercise", "plan", "passages", "coach"} <= {kind for _, kind in EXAMPLES}


@pytest.mark.parametrize("example", [text for text, _ in EXAMPLES])
def test_every_example_in_the_reference_is_a_sound_pack(tmp_path: Path, example: str) -> None:
    (tmp_path / "example.yaml").write_text(example, "utf-8")
    assert [str(problem) for problem in content.check_folder(tmp_path)] == []


@pytest.mark.parametrize(
    ("kind", "models"),
    [
        ("instrument", [content.Instrument, content.Category, content.Item, content.Guess]),
        (
            "exercise",
            [
                content.ExercisePack,
                content.ExerciseStep,
                content.ExerciseField,
                content.FieldOption,
                content.StepAction,
                content.Deck,
                content.CardSet,
                content.Card,
                content.Scene,
                content.Turn,
                content.TurnChoice,
            ],
        ),
        ("plan", [content.PlanPack, content.Meeting, content.AgendaLine]),
        ("passages", [PassagesPack, content.Step, content.Action]),
        ("sentences", [content.Sentences]),
        ("coach", [content.CoachPack, content.CoachRule, content.WordList]),
        ("coach-vocabulary", [CoachVocabulary]),
        ("help-lines", [content.HelpLines, content.HelpLine]),
        ("contents", [content.Contents, content.ExerciseFrame]),
    ],
)
def test_every_field_of_a_pack_is_in_the_reference(
    kind: str, models: list[type[BaseModel]]
) -> None:
    section = re.search(rf"^### `{kind}`.*?(?=^##|\Z)", REFERENCE, re.M | re.S)
    assert section
    named = set(re.findall(r"`([a-z_]+)`", section[0]))
    for model in models:
        assert set(model.model_fields) <= named


def test_the_limits_in_the_reference_are_those_in_force() -> None:
    text = " ".join(REFERENCE.split())
    assert f"at most {MAX_BYTES // 1024} KiB, {MAX_DEPTH} levels, {MAX_NODES:,} entries" in text
