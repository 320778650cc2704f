"""Which type each column of the record has in a frame, and frames of checked cells.

The columns and their limits are said once, in `records.tables`; this module says what they become
in pandas. The types, and why these: texts and keys are ``string`` (missing is ``<NA>``, never the
word "nan"); only vocabularies that are closed for good are ``category``, because categories that
differ from session to session turn into ``object`` when frames are put together; whole numbers
are ``Int64``, which knows missing values; instants are UTC to the millisecond, as they are kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from reconnect_widgets.records.tables import Column, Table

INSTANT_DTYPE: Final = "datetime64[ms, UTC]"

# Texts of people: stored with one apostrophe before what a spreadsheet would run as a formula.
GUARDED: Final = frozenset({"text", "name", "detail"})

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)


def dtype_of(column: Column) -> Any:
    """Return the pandas type of a column."""
    if column.type == "datetime":
        return INSTANT_DTYPE
    if column.type == "integer":
        return "Int64"
    if vocabulary := column.constraints.get("enum"):
        return pd.CategoricalDtype(list(vocabulary))
    return "string"


def build_frame(table: Table, cells: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Make a typed frame of checked cells; an empty cell is a missing value.

    Parameters
    ----------
    cells
        One sequence of texts per column name, the guard already taken away. A column that is not
        there becomes a column of missing values.
    """
    length = max((len(values) for values in cells.values()), default=0)
    return pd.DataFrame(
        {
            column.name: _build_series(column, cells.get(column.name) or [""] * length)
            for column in table.columns
        }
    )


def build_numbers(values: Sequence[str]) -> pd.Series[Any]:
    """Return texts as ``Float64``; an option key or an empty cell is ``<NA>``."""
    # Not pandas' own reading of numbers: an option may well be called "inf" or "1e5".
    numbers = [float(value) if _NUMBER.fullmatch(value) else None for value in values]
    return pd.Series(numbers, dtype="Float64")


def _build_series(column: Column, cells: Sequence[str]) -> pd.Series[Any]:
    given = pd.Series([cell if cell else None for cell in cells], dtype="object")
    if column.type == "datetime":
        instants = pd.to_datetime(given, utc=True, format="%Y-%m-%dT%H:%M:%S.%fZ")
        return instants.astype(INSTANT_DTYPE)
    return given.astype(dtype_of(column))
