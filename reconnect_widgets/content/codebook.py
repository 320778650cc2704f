"""What each recorded item asked: the rows of the codebook, as plain values.

`records` writes them; it does not know this package, so they carry its column names.
"""

from __future__ import annotations

from dataclasses import dataclass

from reconnect_widgets.content.loader import load_instrument
from reconnect_widgets.content.schema import Instrument, Option
from reconnect_widgets.content.version import CONTENT_VERSION
from reconnect_widgets.domain.scoring import Keyed


@dataclass(frozen=True)
class CodebookEntry:
    """One item that can occur in the record.

    Attributes
    ----------
    options
        (value, label) pairs in ascending order of value.
    keyed
        1 or -1; None for what is not scored (the guesses).
    """

    exercise: str
    item: str
    wording: str
    options: tuple[tuple[int, str], ...]
    keyed: Keyed | None
    category: str
    content_version: str


def codebook_rows() -> tuple[CodebookEntry, ...]:
    """Return an entry for every item of every exercise that is recorded."""
    return instrument_rows("checkup", load_instrument())


def instrument_rows(exercise: str, instrument: Instrument) -> tuple[CodebookEntry, ...]:
    """Return the entries of one instrument: its items, then its guesses."""
    items = [
        CodebookEntry(
            exercise=exercise,
            item=item.key,
            wording=item.text,
            options=_pairs(instrument.options),
            keyed=item.keyed,
            category=item.category,
            content_version=CONTENT_VERSION,
        )
        for item in instrument.items
    ]
    if instrument.guess is None:
        return tuple(items)
    guesses = [
        CodebookEntry(
            exercise=exercise,
            item=instrument.guess_key(category.key),
            wording=instrument.guess_text(category.key),
            options=_pairs(instrument.guess.options),
            keyed=None,
            category=category.key,
            content_version=CONTENT_VERSION,
        )
        for category in instrument.categories
    ]
    return (*items, *guesses)


def _pairs(options: tuple[Option, ...]) -> tuple[tuple[int, str], ...]:
    return tuple((option.value, option.label) for option in options)
