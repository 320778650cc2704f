"""Reads packs from disk into `schema` values, or says what is wrong with them and where.

The packs of this package are read when they are first asked for, and kept: they do not change
while a process lives. A facilitator's own packs go through the same door.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from reconnect_widgets.content import own_packs
from reconnect_widgets.content.checks import find_folder_problems
from reconnect_widgets.content.coach_pack import Coach, CoachPack, CoachVocabulary, build_coach
from reconnect_widgets.content.exercise_pack import ExercisePack
from reconnect_widgets.content.findings import Finding
from reconnect_widgets.content.kinds import Pack
from reconnect_widgets.content.own_packs import OwnPacks
from reconnect_widgets.content.plan_pack import PlanPack, find_unknown_exercises
from reconnect_widgets.content.problems import PackError
from reconnect_widgets.content.reading import load_pack, read_pack
from reconnect_widgets.content.schema import (
    Contents,
    HelpLines,
    Instrument,
    Passages,
    PassagesPack,
    Sentences,
)
from reconnect_widgets.errors import ContentError

PACKS = Path(__file__).parent / "packs" / "en"
_MOST_FILES = 500
_KEY = re.compile(r"[a-z0-9-]{1,60}")


class _Own:
    """The folder of one's own packs; a process has one, or none."""

    folder: Path | None = None


def use_own_packs(data_dir: Path | None) -> OwnPacks:
    """Let this process offer the packs in ``content/`` of this record folder, and return them.

    For the web server and for a participant's kernel, each once at its start; they are read now
    and kept. Without a folder, or with an empty one, there is only what is shipped.
    """
    folder = data_dir / own_packs.FOLDER if data_dir is not None else None
    if folder is not None and not folder.is_dir():
        folder = None  # nothing to read; what a forked kernel shares with its parent stays shared
    if folder != _Own.folder:
        _Own.folder = folder
        for kept in (load_own_packs, load_contents, load_help_lines, load_exercise):
            kept.cache_clear()
    return load_own_packs()


@lru_cache(maxsize=1)
def load_own_packs() -> OwnPacks:
    """Return the packs of the folder that `use_own_packs` named."""
    if _Own.folder is None:
        return own_packs.NONE
    return own_packs.read_own_packs(_Own.folder, _load_contents_file().order)


def exercise_keys() -> tuple[str, ...]:
    """Return the keys of all exercises, in their order; reads no exercise that is shipped."""
    return (*_load_contents_file().order, *load_own_packs().exercises)


@lru_cache(maxsize=32)
def load_instrument(key: str = "checkup") -> Instrument:
    """Return an instrument; ContentError if there is none of that key."""
    own = load_own_packs().instruments.get(key)
    return own if own is not None else Instrument.load(_shipped(key))


@lru_cache(maxsize=32)
def load_sentences(key: str = "checkup") -> Sentences:
    """Return the sentences that an exercise's pages compose; ContentError if there are none."""
    return load_pack(_shipped(key, ".sentences"), Sentences)


@lru_cache(maxsize=32)
def load_passages(key: str) -> Passages:
    """Return an exercise's frame and its steps; ContentError if there are none of that key."""
    frame = load_contents().frame(key)
    if frame is None:
        raise ContentError(f"contents.yaml has no exercise with the key {key!r:.60}")
    return Passages(frame, load_pack(_shipped(key, ".passages"), PassagesPack).steps)


@lru_cache(maxsize=1)
def load_help_lines() -> HelpLines:
    """Return the table of help lines, one's own first."""
    shipped = load_pack(PACKS / "help-lines.yaml", HelpLines)
    own = load_own_packs().help_lines
    return shipped.model_copy(update={"lines": (*own, *shipped.lines)}) if own else shipped


@lru_cache(maxsize=1)
def load_contents() -> Contents:
    """Return the list of exercises, all with their frames, and the words of the privacy marks.

    The shipped ones in their order, then one's own.
    """
    shipped, own = _load_shipped_contents(), load_own_packs().exercises
    if not own:
        return shipped
    return shipped.model_copy(
        update={
            "order": (*shipped.order, *own),
            "exercises": (*shipped.exercises, *own.values()),
        }
    )


@lru_cache(maxsize=1)
def _load_contents_file() -> Contents:
    return load_pack(PACKS / "contents.yaml", Contents)


@lru_cache(maxsize=1)
def _load_shipped_contents() -> Contents:
    contents = _load_contents_file()
    frames = {frame.key: frame for frame in contents.exercises}
    for key in contents.order:
        if key not in frames:
            frames[key] = _load_shipped_exercise(key)
    order = contents.order or tuple(frames)
    return contents.model_copy(
        update={"order": order, "exercises": tuple(frames[key] for key in order)}
    )


@lru_cache(maxsize=64)
def load_exercise(key: str) -> ExercisePack:
    """Return an exercise of steps and fields; ContentError if there is none of that key."""
    own = load_own_packs().exercises.get(key)
    return own if own is not None else _load_shipped_exercise(key)


@lru_cache(maxsize=64)
def _load_shipped_exercise(key: str) -> ExercisePack:
    return load_pack(_shipped(key, ".exercise"), ExercisePack)


@lru_cache(maxsize=32)
def load_coach(key: str) -> Coach:
    """Return the coach of an exercise; ContentError if there is none of that key.

    The listener's coach is ``repair``, the speaker's ``repair-speaker``.
    """
    return build_coach(load_pack(_shipped(key, ".coach"), CoachPack), load_coach_vocabulary())


@lru_cache(maxsize=1)
def load_coach_vocabulary() -> CoachVocabulary:
    """Return what all coaches share: spellings, everyday words, lists."""
    return load_pack(PACKS / "coach-vocabulary.yaml", CoachVocabulary)


def _shipped(key: str, suffix: str = "") -> Path:
    # A key may have come from an address; it never leads out of the folder.
    if not _KEY.fullmatch(key):
        raise ContentError(f"no exercise has the key {key!r:.60}")
    return PACKS / f"{key}{suffix}.yaml"


def check_folder(folder: Path | str = PACKS) -> list[ContentError]:
    """Check every pack in a folder, and how the packs of it fit together.

    Returns
    -------
    list of ContentError
        One per problem, by file and line; empty when all is well. Nothing is raised for a pack
        that is wrong, however wrong it is.
    """
    folder = Path(folder)
    if not folder.is_dir():
        return [PackError(str(folder), expected="a folder of packs", found="no such folder")]
    paths = sorted(p for p in folder.rglob("*") if p.suffix in (".yaml", ".yml"))
    if not paths:
        found = "no file that ends in .yaml"
        return [PackError(str(folder), expected="at least one pack", found=found)]
    if len(paths) > _MOST_FILES:
        found = f"{len(paths)} files"
        return [PackError(str(folder), expected=f"at most {_MOST_FILES} packs", found=found)]
    packs: dict[str, Pack] = {}
    problems: list[PackError] = []
    for path in paths:
        name = path.relative_to(folder).as_posix()
        pack, found_here = read_pack(path, name)
        problems += found_here
        if pack is not None:
            packs[name] = pack
    problems += _find_in_plans(folder, packs)
    return [*problems, *find_folder_problems(packs)]


def _find_in_plans(folder: Path, packs: Mapping[str, Pack]) -> list[PackError]:
    """Return where plans name exercises that are neither in the workbook nor in this folder."""
    plans = [name for name, pack in packs.items() if isinstance(pack, PlanPack)]
    if not plans:
        return []
    here = [p.key for p in packs.values() if isinstance(p, ExercisePack | Instrument)]
    try:
        known = list(dict.fromkeys((*exercise_keys(), *here)))
    except ContentError:  # the list of exercises is broken, and told
        return []

    def find(pack: Pack) -> list[Finding]:
        return list(find_unknown_exercises(pack, known)) if isinstance(pack, PlanPack) else []

    # Read once more, for the lines: only now is it known which exercises there are.
    return [problem for name in plans for problem in read_pack(folder / name, name, find)[1]]
