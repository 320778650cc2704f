"""Reads one merged CSV into checked cells, or says which file, line and column is not as it was.

The commonest way to a broken record is a kind one: somebody opened a CSV in a spreadsheet program
to have a look, and saved it. The program then writes its own separator, its own dates, its own
encoding. What it changed can not be told back with certainty, so nothing is guessed: reading
stops and says where, and where the untouched record is. (A byte order mark alone is let pass: it
changes no cell, and our own copies for Excel carry it.)

No message repeats a cell: cells hold answers and names.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Final

from reconnect_widgets.errors import RecordReadError
from reconnect_widgets.records.rows import unguard_text
from reconnect_widgets.records.tables import Column, Table
from reconnect_widgets.review.columns import GUARDED
from reconnect_widgets.system import parse_instant

_WHAT_TO_DO: Final = (
    "The file was probably saved by another program. Read the session's own folder (its journal "
    "is the record), write the CSVs again with `reconnect merge`, or take a fresh export; to look "
    "at a CSV in a spreadsheet program, open a copy."
)
_FOREIGN_SEPARATORS: Final = {";": "semicolons", "\t": "tabs", "|": "bars"}
_IN_WORDS: Final = {
    "event_id": "a UUID version 7 in lower case",
    "participant_id": "p- and six characters",
    "dyad_id": "d- and four characters, or nothing",
}
_DEIDENTIFIED_ONLY: Final = ("participant", "dyad", "day")
_WHOLE = re.compile(r"[1-9]\d{0,8}", re.ASCII)


def read_cells(data: bytes, table: Table, file: str) -> dict[str, list[str]]:
    """Return each column's cells as text, checked, with the spreadsheet guard taken away.

    Parameters
    ----------
    data
        The file's bytes.
    file
        What to call it in messages.

    Returns
    -------
    dict
        One list per column of the table, in the table's order. Columns that the table does not
        know are passed over.

    Raises
    ------
    RecordReadError
        With file, line (of the end of the row), column, what was expected and what to do.
    """
    text = _decode(data, file)
    _check_separator(text, file)
    lines, rows = _split(text, file)
    if not rows:
        raise _error(f"{file} is empty; expected at least the line of column names.")
    header = rows[0]
    _check_header(header, table, file)
    for line, row in zip(lines[1:], rows[1:], strict=True):
        if len(row) != len(header):
            raise _error(f"{file}, line {line}: expected {len(header)} cells, found {len(row)}.")
    position = {name: index for index, name in enumerate(header)}
    cells = {
        column.name: [row[position[column.name]] for row in rows[1:]] for column in table.columns
    }
    for column in table.columns:
        _check_column(column, cells[column.name], lines[1:], file)
        if column.name in GUARDED:
            cells[column.name] = [unguard_text(cell) for cell in cells[column.name]]
    return cells


def _decode(data: bytes, file: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _error(f"{file} is in UTF-16; expected UTF-8.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _error(f"{file}, line {line}: expected text in UTF-8.") from None


def _split(text: str, file: str) -> tuple[list[int], list[list[str]]]:
    """Return the line on which each row ends, and the rows; blank lines are passed over."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[int] = []
    rows: list[list[str]] = []
    try:
        for row in reader:
            if row:
                lines.append(reader.line_num)
                rows.append(row)
    except csv.Error:
        raise _error(f"{file}, line {reader.line_num}: the quotes do not pair.") from None
    return lines, rows


def _check_separator(text: str, file: str) -> None:
    # Before anything is split: with another separator the quotes seem not to pair either.
    first = text.partition("\n")[0]
    for separator, name in _FOREIGN_SEPARATORS.items():
        if separator in first and "," not in first:
            raise _error(f"{file}, line 1: expected commas between the cells, found {name}.")


def _check_header(header: Sequence[str], table: Table, file: str) -> None:
    if len(set(header)) != len(header):
        raise _error(f"{file}, line 1: a column name stands there twice.")
    if set(_DEIDENTIFIED_ONLY) <= set(header):
        raise RecordReadError(
            f"{file} is a de-identified copy. It has columns of its own, described in the "
            "datapackage.json beside it; read it with pandas.read_csv."
        )
    missing = [column.name for column in table.columns if column.name not in header]
    if missing:
        what = "column" if len(missing) == 1 else "columns"
        raise _error(f"{file}, line 1: the {what} {', '.join(missing)} can not be found.")


def _check_column(column: Column, cells: Sequence[str], lines: Sequence[int], file: str) -> None:
    # Most columns repeat a few values: each is looked at once.
    wrong = {cell for cell in set(cells) if _find_problem(column, cell)}
    if not wrong:
        return
    index = next(index for index, cell in enumerate(cells) if cell in wrong)
    problem = _find_problem(column, cells[index])
    raise _error(f"{file}, line {lines[index]}, column {column.name}: {problem}.")


def _find_problem(column: Column, cell: str) -> str:
    """Return what was expected in this cell; empty if it is in order."""
    limits = column.constraints
    if not cell:
        return "expected something, found nothing" if limits.get("required") else ""
    if column.type == "datetime":
        return _find_instant_problem(cell)
    if column.type == "integer":
        is_whole = _WHOLE.fullmatch(cell)
        return "" if is_whole else "expected a whole number of 1 or more, in digits alone"
    if "enum" in limits and cell not in limits["enum"]:
        return f"expected one of {', '.join(limits['enum'])}"
    if "pattern" in limits and not re.fullmatch(limits["pattern"], cell):
        return f"expected {_IN_WORDS.get(column.name, limits['pattern'])}"
    return ""


def _find_instant_problem(cell: str) -> str:
    try:
        parse_instant(cell)
    except ValueError:
        return "expected an instant like 2026-11-20T18:03:12.345Z"
    return ""


def _error(what: str) -> RecordReadError:
    return RecordReadError(f"{what} {_WHAT_TO_DO}")
