"""What the desk's rows say: the values of `domain.evening`.

A detail that another version wrote, or that somebody changed by hand, is read as far as it makes
sense; a row that makes none is passed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, cast

from reconnect_widgets.domain.evening import DESK_ACTS, DeskAct, DeskActName
from reconnect_widgets.domain.people import PARTICIPANT_ID
from reconnect_widgets.records.acts import read_detail
from reconnect_widgets.records.rows import Row, is_staff


def read_desk_acts(rows: Iterable[Row]) -> list[DeskAct]:
    """Return what the facilitators did, in the order of the rows; all other rows passed over."""
    acts = (read_desk_act(row) for row in rows)
    return [act for act in acts if act is not None]


def read_desk_act(row: Row) -> DeskAct | None:
    """Return what one row says; None when it is no act of a desk."""
    # The same words are used by participants (a clock that they start themselves).
    if row.kind != "event" or row.event not in DESK_ACTS or not is_staff(row.subject):
        return None
    detail = read_detail(row)
    seconds = detail.get("seconds")
    turn = detail.get("turn")
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    return DeskAct(
        act_id=row.event_id,
        name=cast("DeskActName", row.event),
        at=row.recorded_at,
        by=row.subject,
        exercise=row.exercise,
        about=_text(detail.get("about")),
        seconds=float(cast("float", seconds)) if is_number else 0.0,
        view=_text(detail.get("view")),
        groups=_groups(detail.get("groups")),
        turn=turn if type(turn) is int and turn > 0 else 1,
        words=_text(detail.get("words")),
    )


def write_desk_act(
    *,
    about: str = "",
    seconds: float = 0.0,
    view: str = "",
    groups: Sequence[Sequence[str]] = (),
    turn: int = 1,
    words: str = "",
) -> str:
    """Return the detail of an act; empty when there is nothing to say."""
    detail: dict[str, Any] = {
        "about": about,
        "seconds": seconds,
        "view": view,
        "groups": [list(group) for group in groups],
        "turn": turn if turn > 1 else 0,
        "words": words,
    }
    said = {name: value for name, value in detail.items() if value}
    return json.dumps(said, ensure_ascii=False) if said else ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _groups(value: object) -> tuple[tuple[str, ...], ...]:
    if not isinstance(value, list):
        return ()
    return tuple(
        tuple(one for one in group if isinstance(one, str) and PARTICIPANT_ID.fullmatch(one))
        for group in value
        if isinstance(group, list)
    )
