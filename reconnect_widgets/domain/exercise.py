"""How far a person is in an exercise of steps: values, found again from what was recorded.

What belongs here: the place and what was given, round by round. What does not: rows and their
JSON (`workbook.exercise_place`), what a step looks like.

A round is one time through. Within it the place is a step and, where a step has several screens
(a card, a turn of a dialogue), a spot in it. The place is the one shown last, as the record has
it; what was answered does not move it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Status = Literal["answered", "skipped", "declined"]

INTRO = "intro"
CLOSING = "closing"


@dataclass(frozen=True)
class Said:
    """What a person did with one item; `value` and `text` are empty unless answered."""

    status: Status
    value: str = ""
    text: str = ""

    @property
    def count(self) -> int:
        """The value as a whole number; 0 when it is none."""
        return int(self.value) if self.value.isdecimal() else 0


@dataclass(frozen=True)
class Place:
    """A screen: the step's id, and the spot in it if the step has several."""

    step: str = INTRO
    spot: str = ""


@dataclass(frozen=True)
class Progress:
    """Where a person is in an exercise, and what they gave.

    Attributes
    ----------
    round
        1 for the first time through.
    given
        By item, in this round; `earlier` in the rounds before, oldest first.
    shown
        The steps shown in this round so far.
    came_from
        The step shown before this one; empty at the first.
    """

    round: int = 1
    place: Place = Place()
    given: Mapping[str, Said] = field(default_factory=dict)
    earlier: tuple[Mapping[str, Said], ...] = ()
    shown: frozenset[str] = frozenset()
    came_from: str = ""

    @property
    def is_finished(self) -> bool:
        """Whether this round was gone through to its end."""
        return CLOSING in self.shown

    def value(self, item: str) -> str:
        """Return the value given for this item in this round; empty when there is none."""
        said = self.given.get(item)
        return said.value if said else ""

    def text(self, item: str) -> str:
        """Return the text recorded for this item in this round; empty when there is none."""
        said = self.given.get(item)
        return said.text if said else ""

    def with_given(self, item: str, said: Said) -> Progress:
        """Return the progress after this was given."""
        return replace(self, given={**self.given, item: said})

    def at(self, place: Place) -> Progress:
        """Return the progress after this screen was shown."""
        came_from = self.came_from if place.step == self.place.step else self.place.step
        return replace(self, place=place, shown=self.shown | {place.step}, came_from=came_from)

    def again(self) -> Progress:
        """Return the progress at the beginning of the next round."""
        return Progress(self.round + 1, Place(), {}, (*self.earlier, self.given), frozenset())
