"""Reads packs from disk into `schema` values, or says what is wrong with them and where.

The packs of this package are read when they are first asked for, and kept: they do not change
while a process lives. A facilitator's own packs go through the same door.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from reconnect_widgets.content.checks import find_folder_problems, find_problems
from reconnect_widgets.content.coach_pack import Coach, CoachPack, CoachVocabulary, build_coach
from reconnect_widgets.content.exercise_pack import ExercisePack
from reconnect_widgets.content.kinds import MODELS, Pack
from reconnect_widgets.content.problems import (
    PackError,
    join_problems,
    nearest,
    shape_problems,
    show_trail,
    show_value,
)
from reconnect_widgets.content.schema import (
    Contents,
    HelpLines,
    Instrument,
    Passages,
    PassagesPack,
    Sentences,
)
from reconnect_widgets.content.tree import MAX_BYTES, Tree, TreeError, decode, parse_tree
from reconnect_widgets.errors import ContentError

P = TypeVar("P", bound=Pack)

PACKS = Path(__file__).parent / "packs" / "en"
_MOST_FILES = 500
_KEY = re.compile(r"[a-z0-9-]{1,60}")


def load_pack(path: Path, model: type[P]) -> P:
    """Read one file that should be a pack of this kind.

    Raises
    ------
    ContentError
        With every problem of the file: where, what was expected, what was found.
    """
    pack, problems = _read(path, path.name)
    if problems:
        raise join_problems(problems)
    if not isinstance(pack, model):
        expected = next(kind for kind, known in MODELS.items() if known is model)
        found = getattr(pack, "kind", "nothing")
        raise PackError(
            path.name, line=1, trail=("kind",), expected=expected, found=show_value(found)
        )
    return pack


@lru_cache(maxsize=32)
def load_instrument(key: str = "checkup") -> Instrument:
    """Return an instrument of this package; ContentError if there is none of that key."""
    return Instrument.load(_shipped(key))


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
    """Return the table of help lines."""
    return load_pack(PACKS / "help-lines.yaml", HelpLines)


@lru_cache(maxsize=1)
def load_contents() -> Contents:
    """Return the list of exercises, all with their frames, and the words of the privacy marks."""
    contents = load_pack(PACKS / "contents.yaml", Contents)
    frames = {frame.key: frame for frame in contents.exercises}
    for key in contents.order:
        if key not in frames:
            frames[key] = load_exercise(key)
    order = contents.order or tuple(frames)
    return contents.model_copy(
        update={"order": order, "exercises": tuple(frames[key] for key in order)}
    )


@lru_cache(maxsize=64)
def load_exercise(key: str) -> ExercisePack:
    """Return an exercise of steps and fields; ContentError if there is none of that key."""
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
        pack, found_here = _read(path, name)
        problems += found_here
        if pack is not None:
            packs[name] = pack
    return [*problems, *find_folder_problems(packs)]


def _read(path: Path, name: str) -> tuple[Pack | None, list[PackError]]:
    """Read one file as whatever kind it says it is; exactly one of the two is not empty."""
    try:
        tree = parse_tree(decode(_read_bytes(path)))
    except TreeError as error:
        trail = show_trail(Tree(None, {}), error.trail)
        return None, [
            PackError(
                name, line=error.line, trail=trail, expected=error.expected, found=error.found
            )
        ]
    except OSError as error:
        reason = error.strerror or "it can not be opened"
        return None, [PackError(name, expected="a file that can be read", found=reason)]
    if not isinstance(tree.value, dict):
        found = show_value(tree.value)
        return None, [PackError(name, line=1, expected="keys with values", found=found)]
    model = MODELS.get(str(tree.value.get("kind")))
    if model is None:
        kind = tree.value.get("kind")
        return None, [
            PackError(
                name,
                line=tree.line_of(("kind",)),
                trail=("kind",),
                expected=f"one of {', '.join(MODELS)}",
                found=show_value(kind),
                nearest=nearest(kind, MODELS),
            )
        ]
    try:
        pack = model.model_validate(tree.value)
    except ValidationError as error:
        return None, shape_problems(name, tree, model, error)
    problems = [
        PackError(
            name,
            line=tree.line_of(finding.trail),
            trail=show_trail(tree, finding.trail),
            expected=finding.expected,
            found=finding.found,
            nearest=finding.nearest,
        )
        for finding in find_problems(pack)
    ]
    return (None, problems) if problems else (pack, [])


def _read_bytes(path: Path) -> bytes:
    # A pipe or device would wait or never end; one byte too many is enough to know.
    if not path.is_file():
        raise FileNotFoundError(None, "no such file")
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
