"""The roster in words, for the session page and its stream."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from reconnect_widgets import content
from reconnect_widgets.errors import ReconnectError
from reconnect_widgets.server.merging import DiskHealth
from reconnect_widgets.server.roster import (
    CHECKUP,
    Roster,
    RosterEntry,
    presence_clock,
    present_people,
)
from reconnect_widgets.server.session_view import SessionView


def describe_roster(
    view: SessionView, *, now: datetime, disk: DiskHealth, total: int
) -> dict[str, Any]:
    """Return what ``roster.html`` shows: one line per person present, in words.

    ``roster_mark`` changes when, and only when, something that is shown does.
    """
    roster = view.refresh()
    shows_names = view.info.name_visibility != "off"
    couples: dict[str, int] = {}
    lines = []
    for entry in present_people(roster):
        if entry.dyad_id:
            couples.setdefault(entry.dyad_id, len(couples) + 1)
        lines.append(
            {
                "name": entry.name if shows_names and entry.name else entry.participant_id,
                "couple": f"Couple {couples[entry.dyad_id]}" if entry.dyad_id else "On their own",
                "slot": entry.partner_slot or "",
                "step": _step_in_words(view.last_page.get(entry.participant_id) or _step_of(entry)),
                "progress": _progress_in_words(entry, total),
                "seen": _seen_in_words(roster, entry, view.last_seen, now),
            }
        )
    values: dict[str, Any] = {
        "lines": lines,
        "couple_count": len(couples),
        "withdrawn_count": sum(1 for entry in roster.values() if entry.withdrawn_at),
        "disk_ok": disk.is_ok,
        "disk_failing_since": disk.failing_since.astimezone() if disk.failing_since else None,
    }
    mark = hashlib.sha256(repr(values).encode()).hexdigest()[:16]
    return {**values, "roster_mark": mark}


def _step_of(entry: RosterEntry) -> str:
    """Return the exercise shown last; of a record without steps, the one that was answered."""
    return entry.step or (CHECKUP if entry.handled else "")


def _step_in_words(exercise: str) -> str:
    if not exercise:
        return "Has joined"
    try:
        frame = content.load_contents().frame(exercise)
    except ReconnectError:
        frame = None
    return frame.title if frame else exercise


def _progress_in_words(entry: RosterEntry, total: int) -> str:
    if entry.consent == "not-recorded":
        return "Not recorded"
    if not entry.handled:
        return "–"
    again = f" (round {entry.checkup_round})" if entry.checkup_round > 1 else ""
    return f"{min(len(entry.handled), total)} of {total}{again}"


def _seen_in_words(
    roster: Roster, entry: RosterEntry, last_seen: Mapping[str, datetime], now: datetime
) -> str:
    if presence_clock(roster, entry, now).state == "running":
        return "Away from the phone on purpose"
    instants = [at for at in (last_seen.get(entry.participant_id), entry.last_row_at) if at]
    if not instants:
        return "–"
    minutes = int((now - max(instants)).total_seconds() // 60)
    if minutes < 2:
        return "Just now"
    if minutes < 60:
        return f"{minutes - minutes % 5 or minutes} min ago"
    if minutes < 48 * 60:
        return f"{minutes // 60} h ago"
    return f"{minutes // (24 * 60)} days ago"
