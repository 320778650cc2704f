"""Reading journals: what is there, what is torn, what is missing, what can not be read.

Reading never changes a file, never waits, and never fails because of one bad file: what can not
be read is reported with its file and line, and everything else is used.

The decision a newcomer would question: behind a damaged line reading goes on at the next line,
but an *unfinished* last row is never searched for rows. A row may hold a text that looks like
rows; cut in the middle it would otherwise come to life.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from reconnect_widgets.domain.seating import SeatAct, Seating, read_seating
from reconnect_widgets.records.disk import list_names
from reconnect_widgets.records.rows import (
    JOURNAL_COLUMNS,
    WRITER_ID,
    Row,
    is_staff,
    is_tombstone,
    parse_cells,
    parse_row,
)
from reconnect_widgets.records.seat_acts import count_rows, read_seat_acts
from reconnect_widgets.records.withdraw import forget_people

# RFC 4180, section 2, strictly: a quote stands at both ends of a cell, or doubled inside quotes.
# Possessive (`*+`) throughout: no text can make matching slow.
_QUOTED = rb'"(?:[^"]++|"")*+"'
_CELL = rb"(?:" + _QUOTED + rb'|[^",\r\n]*+)'
_LINE = re.compile(_CELL + rb"(?:," + _CELL + rb")*+\r?\n")
_UNFINISHED = re.compile(rb"(?:" + _CELL + rb",)*+(?:" + _CELL + rb'\r?|"(?:[^"]++|"")*+)\Z')
_WHOLE_CELL = re.compile(_CELL + rb",")
_WHOLE_CELLS = re.compile(rb"(?:" + _CELL + rb",)*+")
_FREE_TEXT_COLUMNS = {JOURNAL_COLUMNS.index("text"), JOURNAL_COLUMNS.index("detail")}
BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # some spreadsheet programs add it on saving


@dataclass(frozen=True)
class TornTail:
    """The unfinished last row of a journal: a crash, or a writer that is just writing."""

    file: str
    line: int
    data: bytes


@dataclass(frozen=True)
class Gap:
    """Numbers that a journal should hold and does not: rows that were lost or set aside."""

    file: str
    first: int
    last: int


@dataclass(frozen=True)
class Unreadable:
    """A row (or, with line 0, a whole file) that was set aside; the reason names no content."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.reason}"


@dataclass(frozen=True)
class History:
    """Everything that the journals say.

    Attributes
    ----------
    rows
        Every row that counts, once, sorted by (recorded_at, writer_seq): without those of people
        who withdrew (their ``withdrew`` rows stay), without their ids in anybody else's details,
        and without what was set aside when seats were
        changed; where people sit since is put in (`seat_acts.count_rows`).
    all_rows
        Every valid row as it was written, also what was set aside: for the tables and for writers,
        and never to be shown.
    seating
        What the changes of seats come to.
    withdrawn
        Who withdrew, and when. Of their files nothing else is told.
    """

    rows: tuple[Row, ...]
    all_rows: tuple[Row, ...]
    seating: Seating
    withdrawn: Mapping[str, datetime]
    torn: tuple[TornTail, ...]
    gaps: tuple[Gap, ...]
    unreadable: tuple[Unreadable, ...]


@dataclass(frozen=True)
class Journal:
    """What one journal file says, as far as its lines are complete.

    Attributes
    ----------
    last_start, end
        Where in the bytes the last complete line begins and ends.
    line
        The number of the line that begins at ``end``.
    """

    rows: tuple[Row, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    torn: TornTail | None = None
    last_start: int = 0
    end: int = 0
    line: int = 1


def read_history(folder: Path, session_id: str, subjects: Collection[str] | None = None) -> History:
    """Read a session's ``journal`` folder; with ``subjects``, only theirs.

    The staff's journals are always looked through for withdrawals and changes of seats.

    Raises
    ------
    RecordReadError
        If the folder itself is not there or can not be looked through.
    """
    rows: list[Row] = []
    seat_acts: list[SeatAct] = []
    withdrawn: dict[str, datetime] = {}
    torn: list[TornTail] = []
    gaps: list[Gap] = []
    names = list_names(folder)
    unreadable: list[Unreadable] = list(_name_strangers(names))
    for name in names:
        subject = _subject(name)
        is_wanted = subjects is None or subject in subjects
        if not (is_wanted or is_staff(subject)) or not is_journal(name):
            continue
        journal = read_journal(folder / name, session_id)
        _note_withdrawals(journal.rows, withdrawn)
        seat_acts += read_seat_acts(journal.rows)
        if not is_wanted:
            continue
        rows += journal.rows
        torn += [journal.torn] if journal.torn else []
        gaps += find_gaps(name, journal.rows)
        unreadable += journal.unreadable
    seating = read_seating(seat_acts, gone=withdrawn)
    kept = keep_one_of_each(_without(rows, withdrawn))
    return History(
        rows=tuple(count_rows(kept, seating)),
        all_rows=tuple(kept),
        seating=seating,
        withdrawn=withdrawn,
        torn=tuple(one for one in torn if _subject(one.file) not in withdrawn),
        gaps=tuple(one for one in gaps if _subject(one.file) not in withdrawn),
        unreadable=tuple(one for one in unreadable if _subject(one.file) not in withdrawn),
    )


def read_withdrawals(folder: Path, session_id: str) -> dict[str, datetime]:
    """Return who withdrew and when, from the staff's journals alone."""
    return dict(read_history(folder, session_id, ()).withdrawn)


def find_staff(folder: Path) -> set[str]:
    """Return who of the staff has a journal here; RecordReadError as in `list_journals`."""
    return {subject for path in list_journals(folder) if is_staff(subject := _subject(path.name))}


def find_sitters(folder: Path, dyad_id: str) -> set[str]:
    """Return everybody who ever sat in a couple, and few others: whose journals name it.

    Whom a change of seats brought there may have said nothing there yet: the act names them.

    Searching two hundred journals takes 5 ms, making rows of them 300. A file that can not be read
    is taken for one that holds it: then its reader reports it.

    Raises
    ------
    RecordReadError
        If there is no such folder or it can not be looked through.
    """
    wanted = dyad_id.encode()
    found = {_subject(path.name) for path in list_journals(folder) if _holds(path, wanted)}
    return found | read_history(folder, folder.parent.name, ()).seating.who_came_to(dyad_id)


def _holds(path: Path, wanted: bytes) -> bool:
    try:
        return wanted in path.read_bytes()
    except OSError:
        return True


def list_journals(folder: Path) -> list[Path]:
    """Return the journal files by name.

    Raises
    ------
    RecordReadError
        If there is no such folder or it can not be looked through. Taking that for "no rows"
        would let a merge put empty tables in place of full ones.
    """
    return [folder / name for name in list_names(folder) if is_journal(name)]


def is_journal(name: str) -> bool:
    """Say whether a file of this name is a journal."""
    return name.endswith(".csv") and WRITER_ID.fullmatch(name.removesuffix(".csv")) is not None


def read_journal(path: Path, session_id: str) -> Journal:
    """Read one journal file; a file that can not be read at all is reported, not raised."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:  # withdrawn since the folder was listed
        return Journal()
    except OSError as error:
        reason = f"the file can not be read ({error.strerror})"
        return Journal(unreadable=(Unreadable(path.name, 0, reason),))
    return parse_journal(data, path.name, session_id)


def parse_journal(data: bytes, file: str, session_id: str) -> Journal:
    """Make rows of a journal's bytes, from its header on."""
    begin = len(BYTE_ORDER_MARK) if data.startswith(BYTE_ORDER_MARK) else 0
    end, _ = find_line(data, begin)
    if end < 0:
        return Journal(torn=TornTail(file, 1, data) if data else None)
    if parse_cells(data[begin:end]) != list(JOURNAL_COLUMNS):
        reason = "expected the columns of a journal; the whole file is set aside"
        return Journal(unreadable=(Unreadable(file, 1, reason),))
    journal = parse_lines(data, file, session_id, start=end, line=1 + data.count(b"\n", 0, end))
    if journal.end < len(data):
        return replace(journal, torn=TornTail(file, journal.line, data[journal.end :]))
    return journal


def parse_lines(data: bytes, file: str, session_id: str, *, start: int, line: int) -> Journal:
    """Make rows of the complete lines from ``start`` on; ``line`` is the number of the first."""
    writer_id = file.removesuffix(".csv")
    rows: list[Row] = []
    unreadable: list[Unreadable] = []
    last_start = start
    while True:
        end, is_well_formed = find_line(data, start)
        if end < 0:
            break
        cells = parse_cells(data[start:end]) if is_well_formed else None
        if cells is None or len(cells) != len(JOURNAL_COLUMNS):
            reason = f"expected {len(JOURNAL_COLUMNS)} cells of well-formed CSV in UTF-8"
            unreadable.append(Unreadable(file, line, reason))
        else:
            try:
                rows.append(parse_row(cells, session_id=session_id, writer_id=writer_id))
            except ValueError as error:
                unreadable.append(Unreadable(file, line, str(error)))
        line += data.count(b"\n", start, end)
        last_start, start = start, end
    return Journal(tuple(rows), tuple(unreadable), last_start=last_start, end=start, line=line)


def find_line(data: bytes, start: int) -> tuple[int, bool]:
    """Return where the line that begins at ``start`` ends, and whether it is well-formed CSV.

    A line end inside quotes belongs to the cell; CRLF and LF both end a line, since some
    spreadsheet programs save LF. The end is -1 where the line is not finished. Of what is not
    well-formed only the first line of the file counts: a quote too many must not take the rows
    behind it along.
    """
    line = _LINE.match(data, start)
    if line:
        return line.end(), True
    newline = data.find(b"\n", start)
    if newline < 0:
        return -1, False
    # Either the last row is unfinished inside a text that holds line ends, or something is
    # damaged. We quote nothing but the free texts: quotes left open elsewhere are damage.
    whole_cells = _WHOLE_CELLS.match(data, start, newline)
    column = len(_WHOLE_CELL.findall(whole_cells[0])) if whole_cells else 0
    if column in _FREE_TEXT_COLUMNS and _UNFINISHED.match(data, start):
        return -1, False
    return newline + 1, False


def find_gaps(file: str, rows: Iterable[Row]) -> list[Gap]:
    """Return the numbers that are missing between 1 and the highest one there is."""
    gaps, expected = [], 1
    for number in sorted({row.writer_seq for row in rows}):
        if number > expected:
            gaps.append(Gap(file, expected, number - 1))
        expected = number + 1
    return gaps


def keep_one_of_each(rows: Iterable[Row]) -> list[Row]:
    """Sort rows by (recorded_at, writer_seq), and keep one of each event id.

    It is the latest one: an acknowledged row is never written again, so what stands before it is
    an attempt that failed and could not be cut off. But nobody's row is replaced by somebody
    else's, whatever event id they send.
    """
    found: dict[str, Row] = {}
    for row in sorted(rows, key=_order):
        if found.setdefault(row.event_id, row).subject == row.subject:
            found[row.event_id] = row
    return sorted(found.values(), key=_order)


def current_answers(rows: Iterable[Row]) -> dict[tuple[str, str, int, str], Row]:
    """Return the answer that counts for each (participant_id, exercise, round, item).

    It is the latest one by recorded_at, then writer_seq; rows of other kinds are left out.
    """
    answers = sorted((row for row in rows if row.kind == "answer"), key=_order)
    return {(row.participant_id, row.exercise, row.round or 0, row.item): row for row in answers}


def _order(row: Row) -> tuple[datetime, int, str]:
    return row.order


def _subject(file: str) -> str:
    return file.partition(".")[0]


def _name_strangers(names: Iterable[str]) -> Iterator[Unreadable]:
    """Report files that look like journals under a wrong name: a copy, a conflict, a rename."""
    for name in names:
        if name.endswith(".csv") and not name.startswith(".") and not is_journal(name):
            yield Unreadable(name, 0, "not a journal's name; the file is set aside")


def _note_withdrawals(rows: Iterable[Row], withdrawn: dict[str, datetime]) -> None:
    for row in rows:
        if is_tombstone(row):
            earlier = withdrawn.get(row.participant_id, row.recorded_at)
            withdrawn[row.participant_id] = min(earlier, row.recorded_at)


def _without(rows: Iterable[Row], withdrawn: Mapping[str, datetime]) -> Iterator[Row]:
    for row in rows:
        if row.participant_id in withdrawn and not is_tombstone(row):
            continue
        if row.kind == "event" and (detail := forget_people(row.detail, withdrawn)) != row.detail:
            row = replace(row, detail=detail)
        yield row
