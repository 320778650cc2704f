"""Finds a person's place in an exercise of steps again, from rows.

What belongs here: rows in, progress out, and the JSON of a step's detail. What does not: widgets,
words, writing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from reconnect_widgets.domain.exercise import INTRO, Place, Progress, Said
from reconnect_widgets.records import Row, current_answers
from reconnect_widgets.records.acts import read_detail

STEP_SHOWN = "step-shown"


def read_progress(rows: Iterable[Row], exercise: str) -> Progress:
    """Return where a person is in this exercise, from their own rows, oldest first."""
    own = [row for row in rows if row.exercise == exercise]
    given: dict[int, dict[str, Said]] = {}
    for (_, _, number, item), row in current_answers(own).items():
        given.setdefault(number, {})[item] = said_in(row)
    shown: dict[int, list[Place]] = {}
    for row in own:
        detail = read_detail(row) if row.event == STEP_SHOWN else {}
        round_, step = detail.get("round"), detail.get("step")
        if isinstance(round_, int) and isinstance(step, str):
            spot = detail.get("spot", "")
            shown.setdefault(round_, []).append(Place(step, spot if isinstance(spot, str) else ""))
    latest = max({1, *given, *shown})
    places = shown.get(latest, [])
    at = places[-1].step if places else ""
    others = [place.step for place in places if place.step != at]
    return Progress(
        round=latest,
        place=places[-1] if places else Place(INTRO),
        given=given.get(latest, {}),
        earlier=tuple(given.get(round_, {}) for round_ in range(1, latest)),
        shown=frozenset(place.step for place in places),
        came_from=others[-1] if others else "",
    )


def said_in(row: Row) -> Said:
    """Return what an answer's row says."""
    return Said(row.status, row.value, row.text)  # type: ignore[arg-type]  # checked on reading


def write_place(progress: Progress, place: Place) -> str:
    """Return the detail of a ``step-shown`` row, which `read_progress` reads."""
    spot = {"spot": place.spot} if place.spot else {}
    return json.dumps({"round": progress.round, "step": place.step, **spot})


def write_detail(**detail: object) -> str:
    """Return the detail of any other event of an exercise; nothing private may be in it."""
    return json.dumps(detail)
