"""Who writes rows: the one small interface, and the writer that keeps nothing.

`RecordWriter` is what the workbook and the server write through. Today the folder is its only
lasting implementation (`journal.JournalWriter`); `MemoryWriter` is for people who chose not to be
recorded and for notebooks opened without a session. Contract tests run against both.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from reconnect_widgets.errors import AnswerError
from reconnect_widgets.records.rows import SCHEMA_VERSION, Kind, Row, check_row
from reconnect_widgets.system import new_event_id, random_code, utc_now

_MILLISECOND = timedelta(milliseconds=1)
_NEVER = datetime(1, 1, 1, tzinfo=UTC)


class RecordWriter(Protocol):
    """Appends rows for one subject. Every method is safe to call from several threads.

    Each ``append_`` returns the row as it is kept, only after it is kept for good. Calling again
    with the same ``event_id`` adds nothing and returns the row that is there.

    Raises
    ------
    AnswerError
        If the row breaks a rule of the record; nothing was written.
    RecordWriteError
        If the row is not kept; nothing before it is harmed, and trying again is safe.
    WithdrawnError
        If the person has withdrawn; nothing more is ever written for them.
    """

    @property
    def writer_id(self) -> str:
        """Whose rows these are and which run of the program wrote them."""

    def append_answer(
        self,
        *,
        exercise: str,
        round_: int,
        item: str,
        status: str,
        value: int | float | str | None,
        text: str = "",
        event_id: str,
        participant_id: str,
        dyad_id: str,
        content_version: str,
    ) -> Row:
        """Keep one answer, skip or decline."""

    def append_person(
        self,
        event: str,
        detail: Mapping[str, Any],
        *,
        participant_id: str,
        dyad_id: str,
        event_id: str | None = None,
    ) -> Row:
        """Keep that somebody joined, moved, consented or withdrew."""

    def append_event(
        self,
        event: str,
        *,
        exercise: str = "",
        detail: str = "",
        participant_id: str = "",
        dyad_id: str = "",
        event_id: str | None = None,
    ) -> Row:
        """Keep that something happened; ``detail`` holds nothing private."""

    def close(self) -> None:
        """Let go of the file; what is kept stays kept."""


class RowWriter:
    """What every writer does the same: build, check, number and date rows, and know repeats.

    Subclasses say where a row is kept (`_keep`) and may get ready before it is numbered
    (`_prepare`). Of one subject's rows, each is dated after the one before, also when the clock
    of the machine was set back in between: "the latest answer" must not depend on a clock.
    """

    def __init__(
        self,
        session_id: str,
        subject: str,
        *,
        known: Iterable[Row] = (),
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._session_id = session_id
        self._subject = subject
        self._now = now
        self._lock = threading.Lock()
        self._known = {row.event_id: row for row in known}
        self._last = max((row.recorded_at for row in self._known.values()), default=_NEVER)
        self._writer_id = self._new_writer_id()
        self._seq = 0
        self._is_closed = False

    @property
    def writer_id(self) -> str:
        return self._writer_id

    def append_answer(
        self,
        *,
        exercise: str,
        round_: int,
        item: str,
        status: str,
        value: int | float | str | None,
        text: str = "",
        event_id: str,
        participant_id: str,
        dyad_id: str,
        content_version: str,
    ) -> Row:
        draft = self._draft("answer", event_id, participant_id, dyad_id)
        return self._append(
            replace(
                draft,
                exercise=exercise,
                round=round_,
                item=item,
                status=status,
                value=_value_text(value),
                text=text,
                content_version=content_version,
            )
        )

    def append_person(
        self,
        event: str,
        detail: Mapping[str, Any],
        *,
        participant_id: str,
        dyad_id: str,
        event_id: str | None = None,
    ) -> Row:
        draft = self._draft("person", event_id or new_event_id(), participant_id, dyad_id)
        # sort_keys: the same detail is the same text on every machine.
        text = json.dumps(dict(detail), ensure_ascii=False, sort_keys=True) if detail else ""
        return self._append(replace(draft, event=event, detail=text))

    def append_event(
        self,
        event: str,
        *,
        exercise: str = "",
        detail: str = "",
        participant_id: str = "",
        dyad_id: str = "",
        event_id: str | None = None,
    ) -> Row:
        draft = self._draft("event", event_id or new_event_id(), participant_id, dyad_id)
        return self._append(replace(draft, event=event, exercise=exercise, detail=detail))

    def close(self) -> None:
        with self._lock:
            self._is_closed = True

    def _draft(self, kind: Kind, event_id: str, participant_id: str, dyad_id: str) -> Row:
        return Row(
            event_id=event_id,
            recorded_at=_NEVER,  # dated and numbered when it is kept
            kind=kind,
            session_id=self._session_id,
            participant_id=participant_id,
            dyad_id=dyad_id,
            exercise="",
            round=None,
            item="",
            status="",
            value="",
            text="",
            event="",
            detail="",
            writer_seq=1,
            content_version="",
            schema_version=SCHEMA_VERSION,
            writer_id=self._writer_id,
        )

    def _append(self, draft: Row) -> Row:
        check_row(draft)
        with self._lock:
            if self._is_closed:
                raise ValueError("this writer is closed")
            known = self._known.get(draft.event_id)
            if known is not None:
                return known
            self._prepare()
            # Moved on before the row is kept: an attempt that fails may leave a whole row in a
            # file that can not be cut any more, and its repetition must be dated after it.
            self._last = self._next_instant()
            row = replace(
                draft,
                recorded_at=self._last,
                writer_seq=self._seq + 1,
                writer_id=self._writer_id,
            )
            self._keep(row)
            self._seq, self._known[row.event_id] = row.writer_seq, row
            return row

    def _next_instant(self) -> datetime:
        now = self._now()
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        return now if now > self._last else self._last + _MILLISECOND

    def _new_writer_id(self) -> str:
        return f"{self._subject}.{random_code(8).lower()}"

    def _prepare(self) -> None:
        """Get ready for one row; may choose a new writer id and begin its numbers again."""

    def _keep(self, row: Row) -> None:
        """Return only when the row is kept for good."""


def _value_text(value: int | float | str | None) -> str:
    """Return a value as its cell; what is neither number nor key is refused by the row's rules."""
    if value is None:
        return ""
    if isinstance(value, str) and value:
        return value
    # Not every float: nan, inf and 1e-07 would pass for keys.
    if type(value) in (int, float) and set(str(value)) <= set("-.0123456789"):
        return str(value)
    raise AnswerError("this row can not be recorded: value: expected a number or an option key")


class MemoryWriter(RowWriter):
    """Keeps rows in this process alone and writes nothing, anywhere.

    Attributes
    ----------
    rows
        What was appended, in order; gone when the process ends.
    """

    def __init__(
        self, session_id: str, subject: str, *, now: Callable[[], datetime] = utc_now
    ) -> None:
        super().__init__(session_id, subject, now=now)
        self.rows: list[Row] = []

    def _keep(self, row: Row) -> None:
        self.rows.append(row)
