"""The group's pictures of the checkup: drawn once, written down, read again from the record.

What belongs here: rows in, people who finished out; writing that a picture was drawn. What does
not: which figures may be shown (`domain.group_screen`, `domain.suppression`).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from reconnect_widgets import content, system
from reconnect_widgets.content import Instrument
from reconnect_widgets.domain.group_screen import (
    Drawing,
    Finished,
    Picture,
    find_round_to_draw,
    show_picture,
    take_basis,
)
from reconnect_widgets.domain.scoring import score_scale
from reconnect_widgets.domain.suppression import Member, is_enough
from reconnect_widgets.records import Row
from reconnect_widgets.records.drawings import DRAWN, find_finished, name_rows
from reconnect_widgets.records.waiting import CHECKUP
from reconnect_widgets.server.services import Services
from reconnect_widgets.server.session_view import SessionView

# A row carries the instant at which its writing began. Before the rows are read, those that are on
# their way get so long: one that came to light later would take the picture down.
SETTLED_S: Final = 2.0


def read_finished(
    rows: Iterable[Row], number: int, until: datetime, instrument: Instrument
) -> list[Finished]:
    """Return who had finished a round of the checkup by an instant, and what their answers score.

    Parameters
    ----------
    rows
        Of everybody who did not withdraw.
    """
    items = frozenset(item.key for item in instrument.items)
    return [
        _finish(seat, answers, instrument)
        for seat, answers in find_finished(rows, number, until, items)
    ]


def _finish(seat: Row, answers: dict[str, Row], instrument: Instrument) -> Finished:
    # What is no answer of this instrument (another version's, or changed by hand) counts as none.
    offered = {str(option.value): option.value for option in instrument.options}
    raw = {item: offered.get(row.value) for item, row in answers.items()}
    return Finished(
        member=Member(seat.participant_id, seat.dyad_id),
        scores={scale.key: score_scale(scale, raw).score for scale in instrument.scales},
        row_ids=name_rows(seat, answers),
    )


async def read_picture(view: SessionView) -> Picture:
    """Return what the screen shows of the checkup now."""
    group, instrument = view.group, content.load_instrument()
    finished = group.find_finished([item.key for item in instrument.items], view.roster)
    if not group.drawings:
        return show_picture((), finished, lambda _: ())
    # Nothing but a withdrawal, a change of seats or another drawing changes a picture; reading it
    # takes every journal.
    asked_for = (group.drawings, _count_withdrawn(view), view.changes.acts)
    if group.picture is None or group.picture[0] != asked_for:
        rows = (await asyncio.to_thread(view.record.read)).rows

        def read(drawing: Drawing) -> list[Finished]:
            return read_finished(rows, drawing.round, drawing.until, instrument)

        group.picture = (asked_for, show_picture(group.drawings, finished, read))
    return group.picture[1]


def _count_withdrawn(view: SessionView) -> int:
    return sum(1 for entry in view.roster.values() if entry.withdrawn_at)


def find_round(view: SessionView) -> int | None:
    """Return the round of which a picture could be drawn now, as far as the roster tells."""
    instrument = content.load_instrument()
    finished = view.group.find_finished([item.key for item in instrument.items], view.roster)
    return find_round_to_draw(view.group.drawings, finished)


async def draw(services: Services, view: SessionView, number: int, *, by: str) -> bool:
    """Have the picture of a round drawn, for good; False when that is not possible now.

    Once it is drawn it is drawn: a second tap, on this desk or on another, changes nothing.

    Raises
    ------
    RecordWriteError
        When that could not be written down; then nothing was drawn.
    """
    async with view.group.drawing:
        view.refresh()
        if find_round(view) != number:
            return False
        # As it will be read again: to the millisecond.
        noted = system.format_instant(system.utc_now())
        until = system.parse_instant(noted)
        await asyncio.sleep(SETTLED_S)
        rows = (await asyncio.to_thread(view.record.read)).rows
        people = read_finished(rows, number, until, content.load_instrument())
        if not is_enough([one.member for one in people]):
            return False
        detail = {"round": number, "until": noted, "basis": take_basis(people)}
        await asyncio.to_thread(_note, view, by, json.dumps(detail))
        view.refresh()
    services.hub.wake(view.record.session_id)
    return True


def _note(view: SessionView, by: str, detail: str) -> None:
    view.desk_writer(by).append_event(DRAWN, exercise=CHECKUP, detail=detail)
