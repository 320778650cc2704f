"""What rows say of the dealings between partners: the values of `domain.acts` and `domain.clock`.

What belongs here: the JSON of an act's ``detail``, written and read. What does not: what may be
done or seen (`domain.between`), and whose rows are read when (`workbook`, `server`).

A detail that another version wrote, or that somebody changed by hand, is read as far as it makes
sense; a row that makes none is passed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final, cast, get_args

from reconnect_widgets.domain.acts import Act, Answer, Who
from reconnect_widgets.domain.clock import ClockAct, ClockName
from reconnect_widgets.records.rows import Row

CLOCK_PREFIX: Final = "clock-"
_CLOCK_NAMES: Final = frozenset(get_args(ClockName))


def read_said(own: Iterable[Row], partners: Iterable[Row], exercise: str) -> list[Act | Answer]:
    """Return what both said and did in one exercise, oldest first, as `domain.between.Gate` wants.

    Step-shown and other events of one person alone are among the acts; the gate passes them over.
    """
    rows: list[tuple[Who, Row]] = [("me", row) for row in own]
    rows += [("partner", row) for row in partners]
    said = ((who, row) for who, row in rows if row.exercise == exercise and row.kind != "person")
    return [_read_one(row, who) for who, row in sorted(said, key=lambda pair: pair[1].order)]


def _read_one(row: Row, who: Who) -> Act | Answer:
    if row.kind == "answer":
        return Answer(
            answer_id=row.event_id,
            who=who,
            exercise=row.exercise,
            round=row.round or 1,
            item=row.item,
            status=row.status,
            value=row.value,
            text=row.text,
        )
    return read_act(row, who)


def read_act(row: Row, who: Who = "me") -> Act:
    """Return what an event row says; anything in its detail that makes no sense is left out."""
    detail = read_detail(row)
    opens = detail.get("opens")
    return Act(
        act_id=row.event_id,
        who=who,
        name=row.event,
        at=row.recorded_at,
        exercise=row.exercise,
        round=_whole(detail.get("round"), 1),
        about=_text(detail.get("about")),
        opens=tuple(map(_text, opens)) if isinstance(opens, list) else (),
        reply=_text(detail.get("reply")),
    )


def write_act(round_: int, *, about: str = "", opens: Iterable[str] = (), reply: str = "") -> str:
    """Return the detail of an act; it holds ids and keys only, never words or values."""
    detail: dict[str, object] = {"round": round_}
    if about:
        detail["about"] = about
    if opened := list(opens):
        detail["opens"] = opened
    if reply:
        detail["reply"] = reply
    return json.dumps(detail)


def read_clock_acts(
    rows: Iterable[Row], exercise: str, *, round_: int | None = None, step: str = ""
) -> list[ClockAct]:
    """Return what was done to a clock of an exercise, by whoever the rows are of.

    Parameters
    ----------
    round_, step
        Of which round and step; None and empty: of any.
    """
    acts = []
    for row in rows:
        if row.kind != "event" or row.exercise != exercise or not is_clock_act(row.event):
            continue
        detail = read_detail(row)
        if round_ is not None and _whole(detail.get("round"), 1) != round_:
            continue
        if step and detail.get("step", step) != step:
            continue
        name = cast("ClockName", row.event.removeprefix(CLOCK_PREFIX))
        seconds = detail.get("seconds")
        is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
        length_s = float(cast("float", seconds)) if is_number else 0.0
        acts.append(ClockAct(row.recorded_at, name, length_s, row.event_id))
    return acts


def write_clock_act(round_: int, step: str, *, seconds: float = 0.0) -> str:
    """Return the detail of a clock's act; ``seconds`` for started and extended."""
    detail: dict[str, object] = {"round": round_, "step": step}
    if seconds:
        detail["seconds"] = seconds
    return json.dumps(detail)


def is_clock_act(event: str) -> bool:
    """Say whether an event is something done to a clock."""
    return event.startswith(CLOCK_PREFIX) and event.removeprefix(CLOCK_PREFIX) in _CLOCK_NAMES


def read_detail(row: Row) -> dict[str, object]:
    """Return the JSON object of a detail; empty for anything else."""
    try:
        detail = json.loads(row.detail) if row.detail else {}
    except ValueError:
        return {}
    return detail if isinstance(detail, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: object, otherwise: int) -> int:
    return value if type(value) is int and value >= 1 else otherwise
