"""Journals → the tables that people open.

What another process may see: each file as it was before or as it is after, never a part. What is
on the disk after a power cut: likewise. Journals are only read; whatever is wrong in them is
reported and stays where it is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from reconnect_widgets.domain.people import Participant
from reconnect_widgets.records.codebook import CodebookRow, build_codebook, read_codebook
from reconnect_widgets.records.datapackage import encode_datapackage
from reconnect_widgets.records.disk import (
    LOCK_FILE,
    list_names,
    one_at_a_time,
    remove_leftovers,
    replace_file,
)
from reconnect_widgets.records.history import Gap, History, TornTail, Unreadable, read_history
from reconnect_widgets.records.people import build_participants
from reconnect_widgets.records.tables import (
    CODEBOOK,
    PARTICIPANTS,
    RESPONSES,
    TIMELINE,
    participant_cells,
    response_cells,
    timeline_cells,
)
from reconnect_widgets.records.withdraw import erase_journals


@dataclass(frozen=True)
class MergeReport:
    """How many rows each table has now, and what could not be used.

    Attributes
    ----------
    not_erased
        Journals of people who withdrew that could not be deleted yet; no table shows them.
    """

    responses: int
    participants: int
    timeline: int
    not_erased: tuple[str, ...]
    torn: tuple[TornTail, ...]
    gaps: tuple[Gap, ...]
    unreadable: tuple[Unreadable, ...]


def merge_session(
    folder: Path, session_id: str, codebook: Iterable[CodebookRow] = ()
) -> MergeReport:
    """Rebuild the merged files of one session; safe at any time, also while people answer.

    Also finishes a withdrawal that was cut short, and keeps a copy of every torn tail as
    ``journal/<writer_id>.torn``.

    Raises
    ------
    RecordReadError
        If there is no journal folder; the merged files stay as they were.
    RecordWriteError
        If a file could not be replaced. Every file is still whole.
    """
    journals = folder / "journal"
    with one_at_a_time(folder / LOCK_FILE):
        history = read_history(journals, session_id)
        not_erased = erase_journals(journals, history.withdrawn)
        remove_leftovers(folder)
        remove_leftovers(journals)
        people = build_participants(session_id, history.rows, history.withdrawn)
        kept = read_codebook(folder / CODEBOOK.file)
        for name, data in _build_files(session_id, history, people, codebook, kept).items():
            replace_file(folder / name, data)
        _copy_torn_tails(journals, history.torn)
    answers = sum(row.kind == "answer" for row in history.all_rows)
    return MergeReport(
        responses=answers,
        participants=len(people),
        timeline=len(history.all_rows) - answers,
        not_erased=not_erased,
        torn=history.torn,
        gaps=history.gaps,
        unreadable=history.unreadable,
    )


def _build_files(
    session_id: str,
    history: History,
    people: Mapping[str, Participant],
    codebook: Iterable[CodebookRow],
    kept: Iterable[tuple[str, ...]],
) -> dict[str, bytes]:
    """Return each merged file's bytes by name; the descriptor comes last."""
    answers = [row for row in history.all_rows if row.kind == "answer"]
    return {
        RESPONSES.file: RESPONSES.encode(map(response_cells, answers)),
        PARTICIPANTS.file: PARTICIPANTS.encode(map(participant_cells, people.values())),
        TIMELINE.file: TIMELINE.encode(
            timeline_cells(row) for row in history.all_rows if row.kind != "answer"
        ),
        CODEBOOK.file: CODEBOOK.encode(build_codebook(answers, codebook, kept)),
        "datapackage.json": encode_datapackage(session_id),
    }


def _copy_torn_tails(journals: Path, torn: Iterable[TornTail]) -> None:
    """Keep unfinished lines where they can be looked at; drop copies of lines finished since."""
    copies = {Path(tail.file).with_suffix(".torn").name: tail.data for tail in torn}
    for name, data in copies.items():
        replace_file(journals / name, data)
    for name in list_names(journals):
        if name.endswith(".torn") and name not in copies:
            with contextlib.suppress(OSError):  # the next merge tries again
                (journals / name).unlink()
