"""Everything that is kept on disk: journals, the merged tables, and what is given away or erased.

What belongs here: every write to the record folder, and every reading of it that needs no pandas.
What does not: what answers mean (`domain`), what items say (`content`), frames (`review`).

The decision a newcomer would question: there is no database. One file has one writer, ever, so
nobody waits for a lock, no file system's locks are trusted, and a crash can harm one unfinished
line; the tables that people open are merged from those files and can always be made again.

Nothing heavy is imported: every kernel imports this.
"""

from reconnect_widgets.records.codebook import CodebookRow
from reconnect_widgets.records.folder import BrokenSession, RecordFolder, SessionRecord
from reconnect_widgets.records.history import (
    Gap,
    History,
    TornTail,
    Unreadable,
    current_answers,
)
from reconnect_widgets.records.journal import JournalWriter
from reconnect_widgets.records.merge import MergeReport
from reconnect_widgets.records.rows import (
    JOURNAL_COLUMNS,
    MAX_TEXT_LENGTH,
    SCHEMA_VERSION,
    Row,
    guard_text,
    unguard_text,
)
from reconnect_widgets.records.tail import JournalTail
from reconnect_widgets.records.writer import MemoryWriter, RecordWriter

__all__ = [
    "JOURNAL_COLUMNS",
    "MAX_TEXT_LENGTH",
    "SCHEMA_VERSION",
    "BrokenSession",
    "CodebookRow",
    "Gap",
    "History",
    "JournalTail",
    "JournalWriter",
    "MemoryWriter",
    "MergeReport",
    "RecordFolder",
    "RecordWriter",
    "Row",
    "SessionRecord",
    "TornTail",
    "Unreadable",
    "current_answers",
    "guard_text",
    "unguard_text",
]
