"""Following journals as they grow, for whatever is shown live."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from reconnect_widgets.domain.seating import Seating, read_seating
from reconnect_widgets.errors import RecordReadError
from reconnect_widgets.records.disk import list_names
from reconnect_widgets.records.history import is_journal, parse_journal, parse_lines
from reconnect_widgets.records.rows import Row, is_staff, is_tombstone
from reconnect_widgets.records.seat_acts import count_rows, is_set_aside, read_seat_acts

_Change = tuple[int, int, int]


@dataclass(frozen=True)
class _Place:
    """How far one file was read, and the line just before that place."""

    change: _Change
    offset: int
    line: int
    last_line: bytes


class JournalTail:
    """Gives each row of a session once, soon after it is in its file.

    The first poll returns every row so far, so that a follower needs no second reading to begin
    with. Rows of people who withdrew are left out from the poll that sees the withdrawal on. A
    row may be seen a moment before it is synced to the disk; if it then fails, its repetition has
    the same event id and is not given again. Not for several threads.

    When seats were changed, what was given before may be nobody's: then every row that counts is
    given anew, and `begins_anew` says so.

    Attributes
    ----------
    begins_anew
        Whether the last poll gave everything from the beginning, and what was known is to be
        forgotten.
    seating
        What the changes of seats come to.
    """

    def __init__(self, folder: Path, session_id: str) -> None:
        self.begins_anew = False
        self.seating = Seating()
        self._folder = folder
        self._session_id = session_id
        self._places: dict[str, _Place] = {}
        self._names: list[str] = []
        self._journals: list[tuple[str, Path]] = []
        self._seen: set[str] = set()
        self._withdrawn: set[str] = set()

    def poll(self, subject: str | None = None) -> list[Row]:
        """Return the rows that are new since the last poll, sorted.

        Costs one `stat` for each journal, and reads only what was added to those that changed.
        With a subject, it looks at their journals and the staff's, where withdrawals stand; what
        is new in others comes with a later poll.
        """
        fresh = self._read_fresh(subject)
        self.begins_anew = bool(read_seat_acts(fresh))
        if self.begins_anew:
            known, self._places, self._seen = set(self._places), {}, set()
            fresh = self._read_fresh(subject, known)
            self.seating = read_seating(read_seat_acts(fresh), gone=self._withdrawn)
            return count_rows(filter(self._is_shown, fresh), self.seating)
        counting = (row for row in fresh if not is_set_aside(row, self.seating))
        return sorted(filter(self._is_shown, counting), key=lambda row: row.order)

    def _read_fresh(self, subject: str | None, known: Collection[str] = ()) -> list[Row]:
        fresh: list[Row] = []
        for whose, path in self._list_journals():
            is_asked_for = subject is None or whose == subject or path.name in known
            if not is_asked_for and not is_staff(whose):
                continue
            for row in self._read_on(path):
                if row.event_id not in self._seen:
                    self._seen.add(row.event_id)
                    fresh.append(row)
        self._withdrawn.update(row.participant_id for row in fresh if is_tombstone(row))
        return fresh

    def _list_journals(self) -> list[tuple[str, Path]]:
        """Return each journal with its subject; names are looked at again when they change."""
        try:
            names = list_names(self._folder)
        except RecordReadError:  # purged, or out of reach just now
            return []
        if names != self._names:
            self._names = names
            self._journals = [
                (name.partition(".")[0], self._folder / name) for name in names if is_journal(name)
            ]
        return self._journals

    def _is_shown(self, row: Row) -> bool:
        return is_tombstone(row) or row.participant_id not in self._withdrawn

    def _read_on(self, path: Path) -> tuple[Row, ...]:
        place = self._places.get(path.name)
        try:
            status = os.stat(path)  # noqa: PTH116  # half the cost of Path.stat, 200 times a poll
            change = (status.st_ino, status.st_size, status.st_mtime_ns)
            if place is not None and place.change == change:
                return ()
            if place is not None:
                with path.open("rb") as file:
                    file.seek(place.offset - len(place.last_line))
                    data = file.read()
                if data.startswith(place.last_line):
                    return self._take_added(path.name, place, change, data)
            # New, or no longer as it was: its writer cut a failed row off and wrote another one.
            return self._take_whole(path.name, change, path.read_bytes())
        except OSError:  # withdrawn, or not readable just now: the next poll looks again
            return ()

    def _take_added(
        self, name: str, place: _Place, change: _Change, data: bytes
    ) -> tuple[Row, ...]:
        start = len(place.last_line)
        added = parse_lines(data, name, self._session_id, start=start, line=place.line)
        moved = added.end - start
        last_line = data[added.last_start : added.end] if moved else place.last_line
        self._places[name] = _Place(change, place.offset + moved, added.line, last_line)
        return added.rows

    def _take_whole(self, name: str, change: _Change, data: bytes) -> tuple[Row, ...]:
        journal = parse_journal(data, name, self._session_id)
        self._places[name] = _Place(
            change, journal.end, journal.line, data[journal.last_start : journal.end]
        )
        return journal.rows
