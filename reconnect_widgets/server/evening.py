"""The desk's acts, written down: the one way in which a facilitator changes an evening."""

from __future__ import annotations

import asyncio
from typing import Any

from reconnect_widgets.domain.evening import DeskActName
from reconnect_widgets.records import Row
from reconnect_widgets.records.desk_acts import write_desk_act
from reconnect_widgets.server.services import Services
from reconnect_widgets.server.session_view import SessionView


async def act_at_desk(
    services: Services,
    view: SessionView,
    name: DeskActName,
    /,
    *,
    by: str,
    exercise: str = "",
    **detail: Any,
) -> Row:
    """Write one act into the facilitator's own journal, and tell everybody to look.

    Parameters
    ----------
    by
        Whose act it is (`domain.people.FACILITATOR_ID`).
    detail
        What `write_desk_act` takes.

    Raises
    ------
    RecordWriteError
        When it could not be written; then nothing has happened.
    """
    row = await asyncio.to_thread(_append, view, by, name, exercise, write_desk_act(**detail))
    view.refresh()
    services.hub.wake(view.record.session_id)
    return row


def _append(view: SessionView, by: str, name: str, exercise: str, detail: str) -> Row:
    return view.desk_writer(by).append_event(name, exercise=exercise, detail=detail)
