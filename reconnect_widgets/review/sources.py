"""Finds the sessions behind a path, and gives the bytes of their tables.

What belongs here: session folders, data folders, copies that were given away, zip files of any of
them, single CSVs. What does not: what is in the tables (`csv_reading`), frames (`frames`).

The decision a newcomer would question: where a session's journals are there, the tables are put
together from them, in memory, and the merged CSVs beside them are not opened. The merged ones are
up to half a minute behind while a session is open, a comparison of file times would miss a row
written while the merge was running, and a reader must never be shown less than people were told
is saved. It also means that a merged CSV which a spreadsheet program damaged does no harm.
"""

from __future__ import annotations

import json
import os
import tempfile
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reconnect_widgets.domain.people import SESSION_ID
from reconnect_widgets.errors import RecordReadError
from reconnect_widgets.records.history import History, list_journals, read_history
from reconnect_widgets.records.people import build_participants
from reconnect_widgets.records.session_file import FILE_NAME
from reconnect_widgets.records.tables import (
    PARTICIPANTS,
    RESPONSES,
    TIMELINE,
    Table,
    participant_cells,
    response_cells,
    timeline_cells,
)

PathLike = str | os.PathLike[str]
Paths = PathLike | Iterable[PathLike]

_TABLES = (RESPONSES, PARTICIPANTS, TIMELINE)
_EXPECTED = (
    "expected a session's folder (with session.json), a data folder (with sessions/), an exported "
    "folder or zip (with responses.csv), or one of these CSVs"
)


class UnreadRowsWarning(UserWarning):
    """Rows of a journal could not be read; everything else was. The text says which and why."""


@dataclass(frozen=True)
class SessionSource:
    """Where the tables of one session can be read.

    Attributes
    ----------
    label
        What messages call it.
    folder
        Holds either the journals or the merged CSVs.
    only
        The one table there is, when a single CSV was named; None for all.
    """

    label: str
    folder: Path
    only: str | None = None

    @property
    def has_journals(self) -> bool:
        """Whether the record itself is here, and not only what was merged from it."""
        journals = self.folder / "journal"
        return self.only is None and journals.is_dir() and bool(list_journals(journals))

    def read_table(self, table: Table) -> bytes:
        """Return the table as CSV, up to date.

        Raises
        ------
        RecordReadError
            If it is not there, or nothing beside the journals says which session they are of.
        """
        if self.has_journals:
            return self._merge(table)
        if self.only not in (None, table.file):
            raise RecordReadError(f"{self.label}: expected {table.file}, or the whole folder")
        try:
            return (self.folder / table.file).read_bytes()
        except OSError as error:
            raise RecordReadError(
                f"{self.label}: {table.file} can not be read ({error.strerror})"
            ) from error

    def find_session_id(self) -> str:
        """Return the session's id; empty where a copy does not say it.

        Copies keep less in ``session.json`` than a session's own folder, and may be called
        anything: so only this one field is asked for, and after it the data package's name.
        """
        for file, field in ((FILE_NAME, "session_id"), ("datapackage.json", "name")):
            try:
                found = json.loads((self.folder / file).read_bytes())[field]
            except (OSError, ValueError, TypeError, KeyError):
                continue
            if isinstance(found, str) and SESSION_ID.fullmatch(found):
                return found
        return ""

    @property
    def is_practice(self) -> bool:
        """Whether the people in it were made up, to try an evening out."""
        try:
            return json.loads((self.folder / FILE_NAME).read_bytes())["is_practice"] is True
        except (OSError, ValueError, TypeError, KeyError):
            return False

    def _merge(self, table: Table) -> bytes:
        session_id = self.find_session_id()
        if not session_id:
            raise RecordReadError(f"{self.label}: expected a {FILE_NAME} that names the session")
        history = read_history(self.folder / "journal", session_id)
        if history.unreadable:
            first = "; ".join(str(found) for found in history.unreadable[:3])
            warnings.warn(
                f"{self.label}: {len(history.unreadable)} places of the journal could not be read "
                f"and are left out: {first}. Everything else is here.",
                UnreadRowsWarning,
                stacklevel=2,
            )
        return table.encode(_table_cells(table, session_id, history))


def _table_cells(table: Table, session_id: str, history: History) -> Iterable[tuple[str, ...]]:
    if table is RESPONSES:
        return (response_cells(row) for row in history.rows if row.kind == "answer")
    if table is TIMELINE:
        return (timeline_cells(row) for row in history.all_rows if row.kind != "answer")
    people = build_participants(session_id, history.rows, history.withdrawn).values()
    return (participant_cells(person) for person in people if person.freed_at is None)


@contextmanager
def open_sources(path_or_paths: Paths) -> Iterator[list[SessionSource]]:
    """Give the sessions behind one path or several, in that order; those of a folder by name.

    Practice sessions are left out, unless a path is the session's own.

    Raises
    ------
    RecordReadError
        If there is nothing at a path, or nothing of ours.
    """
    paths = [path_or_paths] if isinstance(path_or_paths, str | os.PathLike) else path_or_paths
    # A zip is unpacked where only this user can look, and only while it is read.
    with tempfile.TemporaryDirectory(prefix="reconnect-zip-") as unpacked:
        sources: list[SessionSource] = []
        for number, path in enumerate(map(Path, paths)):
            sources += _find_sources(path, Path(unpacked) / str(number))
        yield sources


def _find_sources(path: Path, unpacked: Path) -> list[SessionSource]:
    if path.is_dir():
        return _find_in_folder(path, str(path))
    if not path.exists():
        raise RecordReadError(f"{path}: there is nothing here; {_EXPECTED}")
    if path.name in [table.file for table in _TABLES]:
        return [SessionSource(str(path), path.parent, only=path.name)]
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(unpacked)
        return _find_in_folder(unpacked, str(path))
    raise RecordReadError(f"{path}: {_EXPECTED}")


def _find_in_folder(folder: Path, label: str) -> list[SessionSource]:
    if _is_session(folder):
        return [SessionSource(label, folder)]
    is_data_folder = (folder / "sessions").is_dir()
    within = folder / "sessions" if is_data_folder else folder
    found = [
        SessionSource(f"{label}: {inner.name}", inner)
        for inner in sorted(within.iterdir())
        if inner.is_dir() and _is_session(inner)
    ]
    # A data folder in which no session was made yet is in order; any other folder is a mistake.
    if not found and not is_data_folder and within.name != "sessions":
        raise RecordReadError(f"{label}: {_EXPECTED}")
    # Nobody in a practice session is real: it counts only where a path leads to it alone.
    if is_data_folder or within.name == "sessions" or len(found) > 1:
        found = [source for source in found if not source.is_practice]
    return found


def _is_session(folder: Path) -> bool:
    names = [FILE_NAME, *(table.file for table in _TABLES)]
    return any((folder / name).is_file() for name in names)
