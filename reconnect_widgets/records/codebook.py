"""What each recorded item asked, kept beside the answers so that they can be read in ten years."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from reconnect_widgets.records.rows import Row, guard_text
from reconnect_widgets.records.tables import CODEBOOK

_Cells = tuple[str, ...]


class CodebookRow(Protocol):
    """One item as a content pack words it. Whoever merges brings these: we know no content."""

    @property
    def exercise(self) -> str: ...
    @property
    def item(self) -> str: ...
    @property
    def wording(self) -> str: ...
    @property
    def options(self) -> Sequence[tuple[int | str, str]]:
        """(value, label) pairs in the order in which they were shown."""

    @property
    def keyed(self) -> int | None: ...
    @property
    def category(self) -> str: ...
    @property
    def content_version(self) -> str: ...


def build_codebook(
    answers: Iterable[Row], given: Iterable[CodebookRow], kept: Iterable[_Cells]
) -> list[_Cells]:
    """Return the codebook's cells: one row per item that occurs, in each version that occurs.

    Rows of an earlier codebook are kept for versions of the content that are no longer
    installed. Where no wording of exactly that version is known, what is given for the item
    stands in, under its own version.
    """
    known = {_key(cells): cells for cells in kept}
    given_cells = [_cells(row) for row in given]
    known.update({_key(cells): cells for cells in given_cells})
    stand_ins = {_key(cells)[:2]: cells for cells in given_cells}
    wanted = {(row.exercise, row.item, row.content_version) for row in answers}
    found = {
        _key(cells): cells
        for key in wanted
        if (cells := known.get(key) or stand_ins.get(key[:2])) is not None
    }
    return [found[key] for key in sorted(found)]


def read_codebook(path: Path) -> list[_Cells]:
    """Return the cells of an earlier codebook; none where it is missing or not one of ours."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = [tuple(cells) for cells in csv.reader(file, strict=True)]
    except (OSError, ValueError, csv.Error):
        return []
    is_ours = header == CODEBOOK.column_names
    return [cells for cells in rows if is_ours and len(cells) == len(header)]


def _key(cells: _Cells) -> tuple[str, str, str]:
    return cells[0], cells[1], cells[6]


def _cells(row: CodebookRow) -> _Cells:
    options = {str(value): label for value, label in row.options}
    return (
        row.exercise,
        row.item,
        guard_text(row.wording),
        json.dumps(options, ensure_ascii=False) if options else "",
        "" if row.keyed is None else str(row.keyed),
        guard_text(row.category),
        row.content_version,
    )
