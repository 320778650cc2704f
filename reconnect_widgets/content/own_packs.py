"""A facilitator's own packs: the folder `data/content/`, beside what is shipped.

What belongs here: which of them can be used, and what is wrong with the others. What does not:
reading a file (`reading`), the shipped packs (`loader`).

A pack that is wrong is left out and named; the workbook runs without it. A pack of another
person's making never takes the place of a shipped one: its key has to be its own. Help lines of
one's own stand before the shipped ones.

A questionnaire (kind ``instrument``) becomes an exercise by itself: its items one at a time, then
where one placed oneself, with its licence and source.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reconnect_widgets.content.exercise_pack import (
    ExerciseField,
    ExercisePack,
    ExerciseStep,
    FieldOption,
)
from reconnect_widgets.content.problems import PackError, show_value
from reconnect_widgets.content.reading import read_pack
from reconnect_widgets.content.schema import HelpLine, HelpLines, Instrument

FOLDER = "content"
MOST_FILES = 200
# What one's own folder may hold; words and coaches of shipped exercises are not for replacing.
KINDS = ("exercise", "instrument", "help-lines")
ITEMS, RESULT = "items", "result"
_SECONDS_PER_ITEM = 10


@dataclass(frozen=True)
class OwnPacks:
    """What one's own folder holds.

    Attributes
    ----------
    exercises
        By key, in the order of the files' names; questionnaires among them.
    instruments
        The questionnaires, by key.
    problems
        What was left out, and why.
    """

    exercises: Mapping[str, ExercisePack] = field(default_factory=dict)
    instruments: Mapping[str, Instrument] = field(default_factory=dict)
    help_lines: tuple[HelpLine, ...] = ()
    problems: tuple[PackError, ...] = ()


NONE = OwnPacks()


def read_own_packs(folder: Path, shipped: Collection[str]) -> OwnPacks:
    """Read every pack of a folder; what can not be used is among the problems.

    Parameters
    ----------
    shipped
        Keys that are taken.
    """
    if not folder.is_dir():
        return NONE
    exercises: dict[str, ExercisePack] = {}
    instruments: dict[str, Instrument] = {}
    lines: list[HelpLine] = []
    problems: list[PackError] = []
    paths = sorted(p for p in folder.rglob("*") if p.suffix in (".yaml", ".yml"))
    for path in paths[:MOST_FILES]:
        name = path.relative_to(folder).as_posix()
        pack, found = read_pack(path, name)
        problems += found
        if isinstance(pack, HelpLines):
            lines += pack.lines
        elif isinstance(pack, ExercisePack | Instrument):
            if pack.key in shipped or pack.key in exercises:
                expected = "a key that no other exercise has"
                problems.append(
                    PackError(name, trail=("key",), expected=expected, found=show_value(pack.key))
                )
                continue
            if isinstance(pack, Instrument):
                instruments[pack.key] = pack
                pack = make_exercise(pack)
            exercises[pack.key] = pack
        elif pack is not None:
            expected = f"one of {', '.join(KINDS)}"
            problems.append(
                PackError(name, trail=("kind",), expected=expected, found=show_value(pack.kind))
            )
    if len(paths) > MOST_FILES:
        found_many = f"{len(paths)} files"
        problems.append(PackError("", expected=f"at most {MOST_FILES} packs", found=found_many))
    return OwnPacks(exercises, instruments, tuple(lines), tuple(problems))


def make_exercise(instrument: Instrument) -> ExercisePack:
    """Return a questionnaire as an exercise: a sheet of its items, and a page for the result."""
    options = tuple(FieldOption(value=o.value, label=o.label) for o in instrument.options)
    fields = tuple(
        ExerciseField(key=item.key, kind="choice", label=item.text, options=options)
        for item in instrument.items
    )
    about = "\n".join(f"- **{each.title}**: {each.about}" for each in instrument.categories)
    return ExercisePack(
        kind="exercise",
        key=instrument.key,
        title=instrument.title,
        minutes=max(1, round(len(fields) * _SECONDS_PER_ITEM / 60)),
        ways=("solo",),
        why=about,
        source=f"{instrument.source} {instrument.licence}"[:600],
        sentences={},
        decks={},
        option_lists={},
        steps=(
            ExerciseStep(
                id=ITEMS,
                kind="sheet",
                heading=instrument.timeframe,
                privacy="recorded-under-your-code",
                fields=fields,
                options=options,
            ),
            ExerciseStep(id=RESULT, kind="made", heading=instrument.title),
        ),
    )
