"""A group in the record, as its kernels would have written it: people who join, finish, offer."""

from __future__ import annotations

import json
from collections.abc import Sequence

from reconnect_widgets.content import load_instrument
from reconnect_widgets.records import SessionRecord
from reconnect_widgets.system import new_event_id

# Raw answers to the items of one category, and the quarter of the scale in which they end.
LOW, MIDDLE, HIGH, TOP = 0, 1, 2, 4


def seat(
    record: SessionRecord, participant_id: str, dyad_id: str = "", name: str = "", slot: str = "A"
) -> None:
    """Let somebody join and consent."""
    writer = record.open_writer(participant_id)
    detail = {"name": name or participant_id, "partner_slot": slot if dyad_id else None,
              "return_code_hash": "c0ffee"}  # fmt: skip
    for event, what in (("joined", detail), ("consented", {"consent": "recorded"})):
        writer.append_person(event, what, participant_id=participant_id, dyad_id=dyad_id)
    writer.close()


def seat_couples(record: SessionRecord, count: int) -> list[tuple[str, str]]:
    """Seat couples; returns participant and dyad ids."""
    people = [(f"p-c{n:02}{slot.lower()}xx", f"d-c{n:02}x") for n in range(count) for slot in "AB"]
    for participant_id, dyad_id in people:
        seat(record, participant_id, dyad_id, slot=participant_id[5].upper())
    return people


def take_checkup(
    record: SessionRecord,
    participant_id: str,
    dyad_id: str = "",
    *,
    level: int = HIGH,
    round_: int = 1,
    leave_out: int = 0,
) -> None:
    """Answer the checkup so that every category lies on one level of the scale."""
    instrument = load_instrument()
    writer = record.open_writer(participant_id)
    for item in instrument.items[: len(instrument.items) - leave_out]:
        writer.append_answer(
            exercise="checkup",
            round_=round_,
            item=item.key,
            status="answered",
            value=str(level if item.keyed == 1 else 4 - level),
            event_id=new_event_id(),
            participant_id=participant_id,
            dyad_id=dyad_id,
            content_version="1",
        )
    writer.close()


def take_checkups(
    record: SessionRecord,
    people: Sequence[tuple[str, str]],
    levels: Sequence[int],
    round_: int = 1,
) -> None:
    for (participant_id, dyad_id), level in zip(people, levels, strict=True):
        take_checkup(record, participant_id, dyad_id, level=level, round_=round_)


def finish(record: SessionRecord, participant_id: str, exercise: str, round_: int = 1) -> None:
    writer = record.open_writer(participant_id)
    writer.append_event(
        "finished",
        exercise=exercise,
        detail=json.dumps({"round": round_}),
        participant_id=participant_id,
        dyad_id="",
    )
    writer.close()


def write_line(
    record: SessionRecord, participant_id: str, words: str, *, dyad_id: str = "", round_: int = 1
) -> str:
    """Keep a line of appreciation; nobody but its writer sees it so far. Returns its id."""
    event_id = new_event_id()
    writer = record.open_writer(participant_id)
    writer.append_answer(
        exercise="appreciation",
        round_=round_,
        item="line",
        status="answered" if words else "skipped",
        value=None,
        text=words,
        event_id=event_id,
        participant_id=participant_id,
        dyad_id=dyad_id,
        content_version="1",
    )
    writer.close()
    return event_id


def offer(
    record: SessionRecord,
    participant_id: str,
    line_id: str,
    *,
    event: str = "offered-to-group",
    round_: int = 1,
) -> None:
    """Offer a line to the group, or take it back."""
    writer = record.open_writer(participant_id)
    writer.append_event(
        event,
        exercise="appreciation",
        detail=json.dumps({"round": round_, "about": line_id}),
        participant_id=participant_id,
        dyad_id="",
    )
    writer.close()


def offer_line(record: SessionRecord, participant_id: str, words: str, round_: int = 1) -> str:
    line_id = write_line(record, participant_id, words, round_=round_)
    offer(record, participant_id, line_id, round_=round_)
    return line_id
