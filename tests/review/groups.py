"""Groups of any shape: as frames for laws, and as a written record for whole-way tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from reconnect_widgets.content import Instrument, load_instrument
from reconnect_widgets.records import SessionRecord
from reconnect_widgets.records.tables import PARTICIPANTS, RESPONSES
from reconnect_widgets.review.columns import build_frame, build_numbers
from reconnect_widgets.system import new_event_id
from tests.records.example import EVENING, make_session

SESSION = "2026-11-20-tuesday-group-k7f3mq"
INSTANT = "2026-11-20T18:03:12.345Z"
CATEGORIES = ("presence", "appreciation", "touch", "repair")


@dataclass(frozen=True)
class Someone:
    """A person who gives the same keyed level (0 to 4) throughout a category.

    A category that is None is skipped line by line; one that is missing was not reached.
    """

    participant_id: str
    dyad_id: str
    levels: Mapping[str, int | None]


def couples(number: int, level: int = 2, *, first: int = 0) -> list[Someone]:
    """Return both people of some couples, all of the same level."""
    return [
        Someone(f"p-c{first + couple:03d}{seat}0", f"d-{first + couple:04d}", all_at(level))
        for couple in range(number)
        for seat in "ab"
    ]


def alone(number: int, level: int = 2, *, first: int = 0) -> list[Someone]:
    """Return people who came alone."""
    return [Someone(f"p-s{first + n:03d}x0", "", all_at(level)) for n in range(number)]


def all_at(level: int | None) -> dict[str, int | None]:
    return dict.fromkeys(CATEGORIES, level)


def raw_value(level: int, keyed: int) -> int:
    return level if keyed == 1 else 4 - level


def participants_of(people: Sequence[Someone]) -> pd.DataFrame:
    cells = {
        "participant_id": [one.participant_id for one in people],
        "dyad_id": [one.dyad_id for one in people],
        "partner_slot": ["A" if one.dyad_id else "" for one in people],
        "joined_at": [INSTANT for _ in people],
        "consent": ["recorded" for _ in people],
    }
    frame = build_frame(PARTICIPANTS, cells)
    frame.insert(0, "session_id", pd.Series([SESSION] * len(people), dtype="string"))
    return frame


def responses_of(people: Sequence[Someone], *, round_: int = 1) -> pd.DataFrame:
    instrument: Instrument = load_instrument()
    rows = [
        (one, item.key, None if level is None else str(raw_value(level, item.keyed)))
        for one in people
        for item in instrument.items
        if item.category in one.levels
        for level in [one.levels[item.category]]
    ]
    return response_frame(
        [
            {
                "participant_id": one.participant_id,
                "dyad_id": one.dyad_id,
                "round": str(round_),
                "item": item,
                "status": "skipped" if value is None else "answered",
                "value": value or "",
            }
            for one, item, value in rows
        ]
    )


def response_frame(rows: Sequence[Mapping[str, str]]) -> pd.DataFrame:
    """Make a frame of responses; whatever a row does not say is said the usual way."""
    usual = {
        "event_id": "019cb4dd-2706-785c-ac3a-82c4b5583ecf",
        "recorded_at": INSTANT,
        "session_id": SESSION,
        "participant_id": "p-ann001",
        "exercise": "checkup",
        "round": "1",
        "item": "presence-1",
        "status": "answered",
        "writer_seq": "1",
        "schema_version": "1",
    }
    names = [column.name for column in RESPONSES.columns]
    cells = {name: [(usual | dict(row)).get(name, "") for row in rows] for name in names}
    frame = build_frame(RESPONSES, cells)
    frame.insert(names.index("value") + 1, "value_number", build_numbers(cells["value"]))
    return frame


def write_group(data_dir: Path, people: Sequence[Someone]) -> SessionRecord:
    """Write a session with these people through the record writer, as the workbook does."""
    record = make_session(data_dir, now=EVENING)
    instrument = load_instrument()
    for one in people:
        writer = record.open_writer(one.participant_id)
        who = {"participant_id": one.participant_id, "dyad_id": one.dyad_id}
        slot = "A" if one.dyad_id else None
        detail = {"name": "Sam", "partner_slot": slot, "return_code_hash": "c0ffee"}
        writer.append_person("joined", detail, **who)
        writer.append_person("consented", {"consent": "recorded"}, **who)
        for item in instrument.items:
            level = one.levels.get(item.category)
            writer.append_answer(
                exercise="checkup",
                round_=1,
                item=item.key,
                status="skipped" if level is None else "answered",
                value=None if level is None else raw_value(level, item.keyed),
                event_id=new_event_id(),
                content_version="en-1",
                **who,
            )
        writer.close()
    return record
