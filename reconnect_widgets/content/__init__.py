"""The words and the instruments: content packs, checked and loaded.

Importing this reads no pack; each is read when it is first asked for, and kept.
"""

from __future__ import annotations

from reconnect_widgets.content.checkup_words import (
    CategoryWords,
    ChangeWords,
    CoupleWords,
    SnapshotWords,
    describe_changes,
    describe_couple,
    describe_snapshot,
    show_score,
)
from reconnect_widgets.content.coach_pack import (
    Coach,
    CoachPack,
    CoachRule,
    Note,
    WordList,
)
from reconnect_widgets.content.codebook import CodebookEntry, codebook_rows
from reconnect_widgets.content.exercise_pack import (
    Card,
    CardSet,
    Deck,
    ExerciseField,
    ExercisePack,
    ExerciseStep,
    FieldOption,
    Scene,
    StepAction,
    Turn,
    TurnChoice,
)
from reconnect_widgets.content.loader import (
    check_folder,
    load_coach,
    load_contents,
    load_exercise,
    load_help_lines,
    load_instrument,
    load_passages,
    load_sentences,
)
from reconnect_widgets.content.problems import PackError
from reconnect_widgets.content.schema import (
    Action,
    Category,
    Contents,
    ExerciseFrame,
    Guess,
    HelpLine,
    HelpLines,
    Instrument,
    Item,
    Option,
    Passages,
    PrivacyMark,
    Sentences,
    Step,
)
from reconnect_widgets.content.version import CONTENT_VERSION

__all__ = [
    "CONTENT_VERSION",
    "Action",
    "Card",
    "CardSet",
    "Category",
    "CategoryWords",
    "ChangeWords",
    "Coach",
    "CoachPack",
    "CoachRule",
    "CodebookEntry",
    "Contents",
    "CoupleWords",
    "Deck",
    "ExerciseField",
    "ExerciseFrame",
    "ExercisePack",
    "ExerciseStep",
    "FieldOption",
    "Guess",
    "HelpLine",
    "HelpLines",
    "Instrument",
    "Item",
    "Note",
    "Option",
    "PackError",
    "Passages",
    "PrivacyMark",
    "Scene",
    "Sentences",
    "SnapshotWords",
    "Step",
    "StepAction",
    "Turn",
    "TurnChoice",
    "WordList",
    "check_folder",
    "codebook_rows",
    "describe_changes",
    "describe_couple",
    "describe_snapshot",
    "load_coach",
    "load_contents",
    "load_exercise",
    "load_help_lines",
    "load_instrument",
    "load_passages",
    "load_sentences",
    "show_score",
]
