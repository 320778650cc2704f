"""Finds a person's place in the checkup again, from rows.

What belongs here: rows in, place out. What does not: widgets, words, writing.

The flow (`domain.checkup_flow`) knows stages; a person sees screens, of which a stage may have
several. The last screen shown is noted in the record (``step-shown``), so that a new kernel shows
the same one, unless the answers do not reach that far.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from reconnect_widgets.domain.checkup_flow import (
    STAGES,
    FlowState,
    Given,
    Outline,
    Stage,
    resume,
)
from reconnect_widgets.domain.people import Consent
from reconnect_widgets.records import Row, current_answers

EXERCISE = "checkup"

Screen = Literal[
    "consent", "intro", "items", "guesses", "guessing", "snapshot", "release", "again", "couple"
]

STAGE_OF: Mapping[Screen, Stage] = {
    "consent": "consent",
    "intro": "intro",
    "items": "items",
    "guesses": "guesses",
    "guessing": "guesses",
    "snapshot": "snapshot",
    "release": "snapshot",
    "again": "snapshot",
    "couple": "couple",
}
SCREENS: tuple[Screen, ...] = get_args(Screen)


@dataclass(frozen=True)
class Place:
    """Where a person is: the flow's state, and which screen of its stage."""

    state: FlowState
    screen: Screen


def find_place(
    outline: Outline,
    own: Iterable[Row],
    *,
    consent: Consent | None,
    has_partner: bool,
    partner_released: Callable[[], Collection[int]],
) -> Place:
    """Rebuild the place from this person's own rows.

    Parameters
    ----------
    partner_released
        Reads which rounds the partner has released. Called only when this person has released
        the present round: before that, nothing of the partner's is looked at.
    """
    rows = [row for row in own if row.exercise == EXERCISE]
    steps = shown_steps(rows)
    state = resume(
        outline,
        consent=consent,
        has_partner=has_partner,
        rounds=given_by_round(rows),
        released=released_rounds(rows),
        started_round=max((round_ for round_, _ in steps), default=1),
    )
    if state.released:
        state = replace(state, partner_released=state.round in partner_released())
    shown = [screen for round_, screen in steps if round_ == state.round]
    if shown and _reaches(state, shown[-1]):
        return Place(replace(state, stage=STAGE_OF[shown[-1]]), shown[-1])
    return Place(state, "snapshot" if state.stage == "couple" else state.stage)


def _reaches(state: FlowState, screen: Screen) -> bool:
    """Say whether what is recorded carries this screen; the couple's needs both people's word."""
    if screen == "couple":
        return state.released and state.partner_released
    if screen == "release" and state.released:
        return False  # said yes, and stopped before the next screen was noted
    if screen == "items" and state.stage == "intro":
        return True  # begun, nothing answered yet
    return STAGES.index(STAGE_OF[screen]) <= STAGES.index(state.stage)


def given_by_round(rows: Iterable[Row]) -> dict[int, dict[str, Given]]:
    """Return what was given, current answers only, by round and item."""
    given: dict[int, dict[str, Given]] = {}
    for (_, _, round_, item), row in current_answers(rows).items():
        value = int(row.value) if row.value else None
        given.setdefault(round_, {})[item] = Given(row.status, value)  # type: ignore[arg-type]
    return given


def released_rounds(rows: Iterable[Row]) -> frozenset[int]:
    """Return the rounds of the checkup that this person has shown to the partner."""
    return frozenset(
        round_
        for row in rows
        if row.exercise == EXERCISE and row.event == "released"
        for round_ in [_read_detail(row).get("round")]
        if isinstance(round_, int)
    )


def shown_steps(rows: Iterable[Row]) -> list[tuple[int, Screen]]:
    """Return the screens that were shown, as (round, screen), oldest first."""
    steps: list[tuple[int, Screen]] = []
    for row in rows:
        detail = _read_detail(row) if row.event == "step-shown" else {}
        round_, step = detail.get("round"), detail.get("step")
        if isinstance(round_, int) and step in SCREENS:
            steps.append((round_, step))
    return steps


def write_detail(round_: int, step: str = "") -> str:
    """Return what `released_rounds` and `shown_steps` read."""
    return json.dumps({"round": round_, **({"step": step} if step else {})})


def _read_detail(row: Row) -> dict[str, object]:
    """Read a detail that this version may not have written; anything else is no detail."""
    try:
        detail = json.loads(row.detail)
    except ValueError:
        return {}
    return detail if isinstance(detail, dict) else {}
