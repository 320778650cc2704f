"""Which sentences the checkup's pages need, and which places each of them may fill.

`checks` holds a pack to this list, so that a page never looks for a sentence that is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconnect_widgets.domain.checkup import BEGIN_CASES, CHANGE_CASES, COUPLE_CASES, GUESS_CASES

_PLACES: Mapping[str, frozenset[str]] = {
    "snapshot.heading": frozenset(),
    "snapshot.lede": frozenset(),
    "snapshot.figure": frozenset({"score"}),
    "snapshot.level": frozenset({"option"}),
    "snapshot.prorated": frozenset({"n_valid", "n_items"}),
    "snapshot.no-figure": frozenset({"min_answered"}),
    "snapshot.strength-one": frozenset({"title"}),
    "snapshot.strength-several": frozenset({"titles"}),
    "snapshot.strength-to-build-on": frozenset(),
    "snapshot.no-norms": frozenset(),
    "snapshot.meaning": frozenset(),
    "snapshot.not-a-diagnosis": frozenset(),
    "begin.heading": frozenset(),
    "begin.exercise": frozenset({"exercise"}),
    "begin.this-week": frozenset(),
    "release.waiting": frozenset(),
    "release.both": frozenset(),
    "release.see-both": frozenset(),
    "release.fixed": frozenset(),
    "couple.heading": frozenset(),
    "couple.lede": frozenset(),
    "couple.you": frozenset(),
    "couple.partner": frozenset(),
    "couple.apart": frozenset({"distance"}),
    "couple.level": frozenset(),
    "couple.ask": frozenset(),
    "couple.no-figure": frozenset(),
    "couple.no-figure-here": frozenset(),
    "change.heading": frozenset(),
    "change.lede": frozenset({"points"}),
}


def text_places(key: str, categories: Iterable[str] = ()) -> dict[str, frozenset[str]]:
    """Return the keys that an exercise's sentences must have, with the places each may fill."""
    if key != "checkup":
        return {}
    places = dict(_PLACES)
    places |= {f"begin.{case}": frozenset({"title", "titles"}) for case in BEGIN_CASES}
    places |= {f"change.{case}": frozenset({"points"}) for case in CHANGE_CASES}
    for whose in ("mine", "theirs"):
        places |= {f"guess.{whose}.{case}": frozenset() for case in GUESS_CASES}
    for category in categories:
        places |= {
            f"couple.{category}.{case}": frozenset() for case in COUPLE_CASES if case != "no-figure"
        }
    return places
