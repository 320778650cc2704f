"""What each recorded item asked: the rows of the codebook, as plain values.

`records` writes them; it does not know this package, so they carry its column names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reconnect_widgets.content.exercise_pack import ExerciseField, ExercisePack
from reconnect_widgets.content.loader import (
    load_contents,
    load_exercise,
    load_instrument,
    load_own_packs,
)
from reconnect_widgets.content.schema import Instrument, Option
from reconnect_widgets.content.version import CONTENT_VERSION
from reconnect_widgets.domain.scoring import Keyed


@dataclass(frozen=True)
class CodebookEntry:
    """One item that can occur in the record.

    Attributes
    ----------
    options
        (value, label) pairs: of an instrument in ascending order of value, else as shown.
    keyed
        1 or -1; None for what is not scored.
    category
        Of an instrument; the step, deck or scene of any other exercise.
    """

    exercise: str
    item: str
    wording: str
    options: tuple[tuple[int | str, str], ...]
    keyed: Keyed | None
    category: str
    content_version: str


def codebook_rows() -> tuple[CodebookEntry, ...]:
    """Return an entry for every item of every exercise that is recorded."""
    contents, own = load_contents(), load_own_packs()
    others = (key for key in contents.order if key not in contents.read_elsewhere)
    entries = [*instrument_rows("checkup", load_instrument())]
    for key in others:
        questionnaire = own.instruments.get(key)
        entries += (
            instrument_rows(key, questionnaire)
            if questionnaire is not None
            else exercise_rows(load_exercise(key))
        )
    return tuple(entries)


# What becomes of a card, as its row says it.
CARD_OPTIONS = (
    ("drawn", "Drawn"),
    ("answered", "Answered"),
    ("put-back", "Put back"),
)


def exercise_rows(pack: ExercisePack) -> Iterator[CodebookEntry]:
    """Yield the entries of one exercise: fields, what is noted, cards, turns of scenes."""
    seen: set[str] = set()
    taken = {key for step in pack.steps for action in step.actions for key in action.takes}
    for step in pack.steps:
        for field in step.fields:
            is_recorded = field.kind != "text" or field.keep == "recorded" or field.key in taken
            if is_recorded and field.key not in seen:
                seen.add(field.key)
                yield _entry(pack, field.key, field.label, _field_options(field), step.id)
    for field in pack.noted:
        yield _entry(pack, field.key, field.label, _field_options(field), "noted")
    for deck_key, deck in pack.decks.items():
        for card in deck.cards:
            yield _entry(pack, card.key, card.text, CARD_OPTIONS, deck_key)
    for scene in pack.scenes:
        for turn in scene.turns:
            choices = ((choice.key, choice.label) for choice in turn.choices)
            yield _entry(pack, f"{scene.key}-{turn.id}", turn.says, choices, scene.key)


def _field_options(field: ExerciseField) -> Iterable[tuple[int | str, str]]:
    return ((option.value, option.label) for option in field.options)


def _entry(
    pack: ExercisePack,
    item: str,
    wording: str,
    options: Iterable[tuple[int | str, str]],
    category: str,
) -> CodebookEntry:
    return CodebookEntry(
        exercise=pack.key,
        item=item,
        wording=wording,
        options=tuple(options),
        keyed=None,
        category=category,
        content_version=CONTENT_VERSION,
    )


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


def _pairs(options: tuple[Option, ...]) -> tuple[tuple[int | str, str], ...]:
    return tuple((option.value, option.label) for option in options)
