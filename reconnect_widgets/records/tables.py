"""The merged tables: their columns, said once, and their cells.

`merge` writes these columns, `datapackage` describes them, and the reference in ``docs/`` is
tested against them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reconnect_widgets.domain.people import Participant
from reconnect_widgets.records.rows import STATUSES, Row, encode_cells, guard_text, is_tombstone
from reconnect_widgets.system import format_instant

_EVENT_ID = {"pattern": "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"}
_PARTICIPANT_ID = {"pattern": "p-[a-z0-9]{6}"}
_DYAD_ID = {"pattern": "d-[a-z0-9]{4}"}
_NEEDED = {"required": True}
_GUARD = " A first apostrophe guards texts that a spreadsheet would run; take one away."


@dataclass(frozen=True, eq=False)
class Column:
    """One column: its Table Schema type, what it holds, and the limits it keeps."""

    name: str
    description: str
    type: str = "string"
    constraints: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Table:
    """One merged CSV file."""

    name: str
    description: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    foreign_key: tuple[str, str] | None = None

    @property
    def file(self) -> str:
        """The table's file name."""
        return f"{self.name}.csv"

    @property
    def column_names(self) -> tuple[str, ...]:
        """The header line."""
        return tuple(column.name for column in self.columns)

    def encode(self, rows: Iterable[Sequence[str]]) -> bytes:
        """Return the file's bytes: header, then rows."""
        return encode_cells([self.column_names, *rows])


RESPONSES = Table(
    "responses",
    "One row per answer given. The latest row of (participant, exercise, round, item) counts.",
    (
        Column("event_id", "Identity of the row.", constraints=_NEEDED | _EVENT_ID),
        Column("recorded_at", "When the row was durable (UTC).", "datetime", _NEEDED),
        Column("session_id", "The session.", constraints=_NEEDED),
        Column("participant_id", "Who answered.", constraints=_NEEDED | _PARTICIPANT_ID),
        Column("dyad_id", "Their couple; empty when solo.", constraints=_DYAD_ID),
        Column("exercise", "The exercise's key.", constraints=_NEEDED),
        Column(
            "round", "1 for the first time, 2 for the second …", "integer", _NEEDED | {"minimum": 1}
        ),
        Column("item", "The item's key.", constraints=_NEEDED),
        Column(
            "status",
            "What the person did with the item; never shown = no row.",
            constraints=_NEEDED | {"enum": list(STATUSES)},
        ),
        Column(
            "value", "Number or option key as given, never reverse-keyed; empty unless answered."
        ),
        Column("text", "Free text, only where the page said it would be recorded." + _GUARD),
        Column(
            "writer_seq",
            "1, 2, 3 … per journal file; a gap proves a loss.",
            "integer",
            _NEEDED | {"minimum": 1},
        ),
        Column("content_version", "Version of the wording that was shown."),
        Column("schema_version", "Version of these columns.", constraints=_NEEDED),
    ),
    ("event_id",),
    ("participant_id", "participants"),
)

PARTICIPANTS = Table(
    "participants",
    "One row per person. Of a person who withdrew: the id and the time, nothing else.",
    (
        Column(
            "participant_id", "Opaque, of this session only.", constraints=_NEEDED | _PARTICIPANT_ID
        ),
        Column("dyad_id", "Their couple; empty when solo.", constraints=_DYAD_ID),
        Column("partner_slot", "The seat in the couple.", constraints={"enum": ["A", "B"]}),
        Column("name", "What the person wants to be called." + _GUARD),
        Column("joined_at", "When they first joined (UTC).", "datetime"),
        Column("consent", "What they chose.", constraints={"enum": ["recorded", "not-recorded"]}),
        Column("consent_at", "When they chose last (UTC).", "datetime"),
        Column("withdrawn_at", "When they withdrew (UTC).", "datetime"),
        Column("return_code_hash", "Keyed hash of the personal return code."),
    ),
    ("participant_id",),
)

TIMELINE = Table(
    "timeline",
    "What happened, one row per event; nothing private.",
    (
        Column("event_id", "Identity of the row.", constraints=_NEEDED | _EVENT_ID),
        Column("recorded_at", "When the row was durable (UTC).", "datetime", _NEEDED),
        Column("session_id", "The session.", constraints=_NEEDED),
        Column(
            "actor",
            "A participant_id, facilitator, another facilitator's id (f-ab12cd), server or cli.",
            constraints=_NEEDED,
        ),
        Column(
            "event", "What happened: joined, step-shown, released, closed …", constraints=_NEEDED
        ),
        Column("exercise", "The exercise it belongs to, if any."),
        Column("detail", "More about it, nothing private." + _GUARD),
    ),
    ("event_id",),
)

CODEBOOK = Table(
    "codebook",
    "What each item that occurs asked, in the wording that was shown.",
    (
        Column("exercise", "The exercise's key.", constraints=_NEEDED),
        Column("item", "The item's key.", constraints=_NEEDED),
        Column("wording", "What the person read." + _GUARD),
        Column("options", "The response options: a JSON object, value → label."),
        Column(
            "keyed",
            "1, or -1 where a high value means less; empty if not scored.",
            "integer",
            {"enum": [1, -1]},
        ),
        Column("category", "What the item counts for." + _GUARD),
        Column("content_version", "Version of the wording.", constraints=_NEEDED),
    ),
    ("exercise", "item", "content_version"),
)

TABLES = (RESPONSES, PARTICIPANTS, TIMELINE, CODEBOOK)


def response_cells(row: Row) -> tuple[str, ...]:
    """Return an answer's cells in the order of `RESPONSES`."""
    return (
        row.event_id,
        format_instant(row.recorded_at),
        row.session_id,
        row.participant_id,
        row.dyad_id,
        row.exercise,
        str(row.round),
        row.item,
        row.status,
        row.value,
        guard_text(row.text),
        str(row.writer_seq),
        row.content_version,
        row.schema_version,
    )


def participant_cells(person: Participant) -> tuple[str, ...]:
    """Return a person's cells in the order of `PARTICIPANTS`."""
    if person.withdrawn_at is not None:
        withdrawn_at = _instant(person.withdrawn_at)
        return (person.participant_id, "", "", "", "", "", "", withdrawn_at, "")
    return (
        person.participant_id,
        person.dyad_id,
        person.partner_slot or "",
        guard_text(person.name),
        _instant(person.joined_at),
        person.consent or "",
        _instant(person.consent_at),
        "",
        person.return_code_hash,
    )


def timeline_cells(row: Row) -> tuple[str, ...]:
    """Return an event's cells in the order of `TIMELINE`; of person rows nothing private."""
    detail = row.detail if row.kind == "event" else str(row.private_detail.get("consent", ""))
    return (
        row.event_id,
        format_instant(row.recorded_at),
        row.session_id,
        row.subject,
        row.event,
        row.exercise,
        "" if is_tombstone(row) else guard_text(detail),
    )


def _instant(instant: datetime | None) -> str:
    return "" if instant is None else format_instant(instant)
