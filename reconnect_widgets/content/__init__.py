"""The words and the instruments: content packs, checked and loaded.

Importing this reads no pack; each is read when it is first asked for, and kept.
"""

from __future__ import annotations

from reconnect_widgets.content.codebook import CodebookEntry, codebook_rows
from reconnect_widgets.content.loader import (
    check_folder,
    load_contents,
    load_help_lines,
    load_instrument,
    load_passages,
    load_sentences,
)
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
    "Category",
    "CodebookEntry",
    "Contents",
    "ExerciseFrame",
    "Guess",
    "HelpLine",
    "HelpLines",
    "Instrument",
    "Item",
    "Option",
    "Passages",
    "PrivacyMark",
    "Sentences",
    "Step",
    "check_folder",
    "codebook_rows",
    "load_contents",
    "load_help_lines",
    "load_instrument",
    "load_passages",
    "load_sentences",
]
