"""A ledger of what people press, as they press it; afterwards the record is held against it.

What belongs here: who did what, in the order in which it was seen done, and the same read back
from the merged tables. What does not: pressing (`cast`).

People who press at the same time are noted in one moment: within it the order of two people means
nothing, that of one does.
"""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

SHOWN = "step-shown"


class Act(NamedTuple):
    """One row of the timeline: who, what, and of which exercise."""

    actor: str
    event: str
    exercise: str = ""


class Answer(NamedTuple):
    """One row of the responses, as far as somebody chose it."""

    exercise: str
    item: str
    status: str
    value: str = ""
    text: str = ""


class Screen(NamedTuple):
    """One screen that was shown to somebody."""

    actor: str
    exercise: str
    step: str


class Ledger:
    """What was done on an evening, by the names of those who did it."""

    def __init__(self) -> None:
        self.moments: list[list[Act]] = []
        self.screens: Counter[Screen] = Counter()
        self.answers: defaultdict[str, list[Answer]] = defaultdict(list)
        self._is_together = False

    def note(self, actor: str, event: str, exercise: str = "") -> None:
        """Note what was done; it has been seen to be done."""
        if not self._is_together:
            self.moments.append([])
        self.moments[-1].append(Act(actor, event, exercise))

    @contextmanager
    def together(self) -> Iterator[None]:
        """Take what is noted meanwhile as one moment."""
        self.moments.append([])
        self._is_together = True
        try:
            yield
        finally:
            self._is_together = False

    def tell(self) -> list[str]:
        """Return the story, one line for each act."""
        return [_line(act) for moment in self.moments for act in _in_order(moment)]

    def tell_as_recorded(self, acts: Iterable[Act]) -> list[str]:
        """Return the recorded acts as lines, those of one moment in this ledger's order."""
        recorded, lines = list(acts), list[str]()
        for moment in self.moments:
            lines += map(_line, _in_order(recorded[: len(moment)]))
            del recorded[: len(moment)]
        return lines + [_line(act) for act in recorded]


def _in_order(moment: Iterable[Act]) -> list[Act]:
    """Put people in order and leave what each of them did as it was."""
    return sorted(moment, key=lambda act: act.actor)


def _line(act: Act) -> str:
    return " ".join(filter(None, act))


# -- The record ------------------------------------------------------------------------------------


def _read(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def names_in(folder: Path) -> dict[str, str]:
    """Return what the participants are called, by id."""
    return {row["participant_id"]: row["name"] for row in _read(folder, "participants")}


def recorded_acts(folder: Path, names: Mapping[str, str]) -> list[Act]:
    """Return the timeline in its own order, without the screens."""
    rows = (row for row in _read(folder, "timeline") if row["event"] != SHOWN)
    return [Act(names.get(row["actor"], row["actor"]), row["event"], row["exercise"])
            for row in rows]  # fmt: skip


def recorded_screens(folder: Path, names: Mapping[str, str]) -> Counter[Screen]:
    """Return how often each screen was shown to whom."""
    rows = (row for row in _read(folder, "timeline") if row["event"] == SHOWN)
    return Counter(
        Screen(names[row["actor"]], row["exercise"], json.loads(row["detail"])["step"])
        for row in rows
    )


def recorded_answers(folder: Path, names: Mapping[str, str]) -> dict[str, list[Answer]]:
    """Return what each person answered, in the order in which it was recorded."""
    answers: defaultdict[str, list[Answer]] = defaultdict(list)
    for row in _read(folder, "responses"):
        cells = (row[name] for name in Answer._fields)
        answers[names[row["participant_id"]]].append(Answer(*cells))
    return dict(answers)
