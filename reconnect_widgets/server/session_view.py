"""One session as this web process sees it: its roster, kept up to date from the journals.

Asking is cheap (one ``stat`` per journal; for one person, of theirs alone), so every request asks
again and nothing is ever taken from memory that the record has already outgrown.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

from reconnect_widgets.domain.evening import DeskAct, Evening, read_evening
from reconnect_widgets.domain.groups import IN_GROUPS, Grouping, keep_present
from reconnect_widgets.domain.people import Session
from reconnect_widgets.domain.seating import Seating
from reconnect_widgets.records import Row, SessionRecord
from reconnect_widgets.records.desk_acts import read_desk_acts
from reconnect_widgets.records.journal import JournalWriter
from reconnect_widgets.server.attendance import Attendance
from reconnect_widgets.server.group_rows import GroupRows
from reconnect_widgets.server.roster import Roster, RosterEntry, advance_roster


class SessionView:
    """Follows one session's record.

    Attributes
    ----------
    record
        The session's folder.
    seating
        Held while somebody takes or changes a seat: two people cannot take one.
    is_dirty
        Rows came since the last merge.
    last_seen, last_page
        participant_id → when this process last heard from their browser, and the exercise they
        opened last. Of who has not consented the record says nothing, so this is all there is;
        it is kept nowhere else.
    attendance
        Whose pages listen for news now, and who left.
    newest_row_at
        The latest date in the record, whose clock may have been wrong; None of an empty one.
    group
        What the group screen and the wall need of the rows.
    """

    def __init__(self, record: SessionRecord) -> None:
        self.record = record
        self.seating = asyncio.Lock()
        self.is_dirty = False
        self.last_seen: dict[str, datetime] = {}
        self.last_page: dict[str, str] = {}
        self.attendance = Attendance()
        self.group = GroupRows()
        self.version = 0
        self.newest_row_at: datetime | None = None
        self._tail = record.tail()
        self._roster: Roster = {}
        self._desk_acts: list[DeskAct] = []
        self._desk_writers: dict[str, JournalWriter] = {}
        self._evening = Evening()
        self._grouping: tuple[int, Grouping] = (0, Grouping())

    @property
    def info(self) -> Session:
        """The session as ``session.json`` holds it now."""
        return self.record.info

    @property
    def roster(self) -> Roster:
        """The roster as it was last read, for whoever was woken because it was read just now."""
        return self._roster

    def desk_writer(self, facilitator_id: str) -> JournalWriter:
        """Return the writer of a facilitator's acts: one file for an evening, not one for each."""
        writer = self._desk_writers.get(facilitator_id)
        if writer is None:
            writer = self._desk_writers[facilitator_id] = self.record.open_writer(facilitator_id)
        return writer

    @property
    def changes(self) -> Seating:
        """What the changes of seats come to, as they were last read."""
        return self._tail.seating

    @property
    def evening(self) -> Evening:
        """How the evening stands, as it was last read."""
        return self._evening

    @property
    def grouping(self) -> Grouping:
        """How the small groups stand, with whoever is still here."""
        if self._grouping[0] != self.version:
            grouping = self._evening.groups.get(IN_GROUPS, Grouping())
            present = {each.participant_id for each in self._roster.values() if each.is_present}
            grouping = replace(grouping, groups=keep_present(grouping.groups, present))
            self._grouping = (self.version, grouping)
        return self._grouping[1]

    def refresh(self) -> Roster:
        """Read what is new in the journals and return the roster."""
        self._take_in(self._tail.poll())
        return self._roster

    def read_anew(self) -> None:
        """Forget everything and read it again: a row that was seen may not have been kept."""
        self._tail = self.record.tail()
        self._forget()
        self.refresh()

    def _forget(self) -> None:
        self._roster, self._desk_acts, self._evening = {}, [], Evening()
        self.group.forget_all()

    def _take_in(self, rows: list[Row]) -> None:
        if self._tail.begins_anew:  # seats were changed: what counted before may be nobody's now
            self._forget()
        if rows:
            self._roster = advance_roster(self._roster, rows)
            self.group.take_in(rows)
            if acts := read_desk_acts(rows):
                self._desk_acts += acts
                self._evening = read_evening(self._desk_acts)
            newest = max(row.recorded_at for row in rows)
            self.newest_row_at = max(self.newest_row_at or newest, newest)
            self.is_dirty = True
            self.version += 1

    def person(self, participant_id: str) -> RosterEntry | None:
        """Return somebody who is present, or None. Reads what is new about them, not of others."""
        self._take_in(self._tail.poll(participant_id))
        entry = self._roster.get(participant_id)
        return entry if entry is not None and entry.is_present else None
