"""Kinds of steps that are more than words and fields: cards, dialogues, clocks.

Each is a module with the three functions of `StepKind`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, cast

from reconnect_widgets.workbook.steps import cards, clock, dialogue

if TYPE_CHECKING:
    from reconnect_widgets.content import ExerciseStep
    from reconnect_widgets.records import Row
    from reconnect_widgets.workbook.messages import ActionSaid
    from reconnect_widgets.workbook.screen import Screen


class StepKind(Protocol):
    """What a module of a kind of steps has; `page` is the `ExercisePage` that asks."""

    def make(self, page: Any, step: ExerciseStep) -> Screen:
        """Return what the screen is now."""

    def act(self, page: Any, step: ExerciseStep, said: ActionSaid) -> Row | None:
        """Do what an action means; AnswerError when it means nothing now."""

    def values_of(self, page: Any, item: str) -> frozenset[str] | None:
        """Return what can be answered for an item of this kind; None if it is not of it."""


STEP_KINDS: Mapping[str, StepKind] = {
    "cards": cast("StepKind", cards),
    "dialogue": cast("StepKind", dialogue),
    "clock": cast("StepKind", clock),
}

__all__ = ["STEP_KINDS", "StepKind"]
