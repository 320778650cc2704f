"""One row of a journal: its columns, its rules, and its exact text in a CSV file.

What belongs here: what a row may hold, and how it becomes bytes and comes back. What does not:
files (`journal`, `history`) and what rows mean together (`people`, `tables`).

The decision a newcomer would question: the same rules are checked when a row is written (then
breaking one is an `AnswerError`) and when it is read (then the row is set aside and reported),
because a journal may have been through somebody's spreadsheet program in between.

No message of this module ever repeats a cell: cells hold answers and names.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

from reconnect_widgets.domain.people import (
    DYAD_ID,
    FACILITATOR_ID,
    MAX_NAME_LENGTH,
    PARTICIPANT_ID,
    SESSION_ID,
)
from reconnect_widgets.errors import AnswerError
from reconnect_widgets.system import format_instant, is_event_id, parse_instant

SCHEMA_VERSION: Final = "1"
MAX_TEXT_LENGTH: Final = 4_000

Kind = Literal["answer", "person", "event"]
Status = Literal["answered", "skipped", "declined"]
PersonEvent = Literal["joined", "moved", "consented", "withdrew"]

KINDS: Final[tuple[str, ...]] = get_args(Kind)
STATUSES: Final[tuple[str, ...]] = get_args(Status)
PERSON_EVENTS: Final[tuple[str, ...]] = get_args(PersonEvent)

WRITER_ID: Final = re.compile(
    rf"({PARTICIPANT_ID.pattern}|{FACILITATOR_ID.pattern}|server|cli)\.([a-z0-9]{{8}})"
)

JOURNAL_COLUMNS: Final = (
    "event_id",
    "recorded_at",
    "kind",
    "session_id",
    "participant_id",
    "dyad_id",
    "exercise",
    "round",
    "item",
    "status",
    "value",
    "text",
    "event",
    "detail",
    "writer_seq",
    "content_version",
    "schema_version",
)

_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_MAX_KEY_LENGTH = 64
_VALUE = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,9})?|[a-z0-9]+(?:-[a-z0-9]+)*")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,39}")
# Beyond RFC 4180 (comma, quote, line end): LibreOffice splits at semicolons and tabs as well,
# unless told otherwise, and some programs trim spaces that stand outside quotes.
_NEEDS_QUOTES = re.compile(r"""[,;"\t\r\n]|^\s|\s$""")
_WHOLE = re.compile(r"[1-9][0-9]{0,8}")
# U+D800-DFFF are halves of characters: UTF-8 cannot hold them. NUL ends a text in many readers.
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")
# Cells that begin so are run as a formula by some spreadsheet program (OWASP, "CSV Injection",
# read 2026: = + - @ tab, carriage return, line feed, and the full-width four); the apostrophe
# itself is guarded too, so that taking exactly one away always gives the text back.
_GUARDED = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")


@dataclass(frozen=True, slots=True)
class Row:
    """One journal row, its texts as they were given (the guard of the file taken away).

    Attributes
    ----------
    recorded_at
        Aware, UTC, whole milliseconds; within one writer each is later than the one before.
    round
        1, 2, … for answers; None for other rows.
    value
        A number or an option key as text, raw as given; empty unless answered.
    writer_seq
        1, 2, 3 … within one journal file.
    writer_id
        The journal file's name without ``.csv``. Not a column: it is known from the file.
    """

    event_id: str
    recorded_at: datetime
    kind: Kind
    session_id: str
    participant_id: str
    dyad_id: str
    exercise: str
    round: int | None
    item: str
    status: str
    value: str
    text: str
    event: str
    detail: str
    writer_seq: int
    content_version: str
    schema_version: str
    writer_id: str

    @property
    def subject(self) -> str:
        """Whose journal the row stands in: a participant's, or one of the staff (`is_staff`)."""
        return self.writer_id.partition(".")[0]

    @property
    def order(self) -> tuple[datetime, int, str]:
        """What rows are sorted by; the event id only makes ties the same on every machine."""
        return (self.recorded_at, self.writer_seq, self.event_id)

    @property
    def private_detail(self) -> dict[str, Any]:
        """The JSON detail of a person row; an empty dict for every other row."""
        if self.kind != "person" or not self.detail:
            return {}
        detail: dict[str, Any] = json.loads(self.detail)
        return detail


def guard_text(text: str) -> str:
    """Put one apostrophe before a text that a spreadsheet program would run as a formula."""
    return "'" + text if text.startswith(_GUARDED) else text


def unguard_text(cell: str) -> str:
    """Take exactly one leading apostrophe away; the inverse of `guard_text` for any text."""
    return cell[1:] if cell.startswith("'") else cell


def encode_cells(rows: Iterable[Sequence[str]]) -> bytes:
    """Write cells as RFC 4180 in UTF-8: CRLF after each row, quotes only where they help."""
    return "".join(",".join(map(_quote_cell, cells)) + "\r\n" for cells in rows).encode("utf-8")


def _quote_cell(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _NEEDS_QUOTES.search(cell) else cell


HEADER: Final = encode_cells([JOURNAL_COLUMNS])


def encode_row(row: Row) -> bytes:
    """Return the row as its line in a journal, line end included."""
    cells = (
        row.event_id,
        format_instant(row.recorded_at),
        row.kind,
        row.session_id,
        row.participant_id,
        row.dyad_id,
        row.exercise,
        "" if row.round is None else str(row.round),
        row.item,
        row.status,
        row.value,
        guard_text(row.text),
        row.event,
        guard_text(row.detail),
        str(row.writer_seq),
        row.content_version,
        row.schema_version,
    )
    return encode_cells([cells])


def parse_cells(line: bytes) -> list[str] | None:
    """Split one line into cells; None when it is not one well-formed CSV line in UTF-8."""
    try:
        found = list(csv.reader(io.StringIO(line.decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        return None
    return found[0] if len(found) == 1 else None


def parse_row(cells: Sequence[str], *, session_id: str, writer_id: str) -> Row:
    """Make a row of a journal line's cells.

    Raises
    ------
    ValueError
        If a cell breaks a rule; the message names the column and what was expected there.
    """
    cell = dict(zip(JOURNAL_COLUMNS, cells, strict=True))
    for column in ("round", "writer_seq"):
        if cell[column] and not _WHOLE.fullmatch(cell[column]):
            raise ValueError(f"{column}: expected a whole number of 1 or more")
    try:
        recorded_at = parse_instant(cell["recorded_at"])
    except ValueError as error:
        raise ValueError(f"recorded_at: {error}") from None
    row = Row(
        event_id=cell["event_id"],
        recorded_at=recorded_at,
        kind=cell["kind"],  # type: ignore[arg-type]  # checked below
        session_id=cell["session_id"],
        participant_id=cell["participant_id"],
        dyad_id=cell["dyad_id"],
        exercise=cell["exercise"],
        round=int(cell["round"]) if cell["round"] else None,
        item=cell["item"],
        status=cell["status"],
        value=cell["value"],
        text=unguard_text(cell["text"]),
        event=cell["event"],
        detail=unguard_text(cell["detail"]),
        writer_seq=int(cell["writer_seq"] or 0),
        content_version=cell["content_version"],
        schema_version=cell["schema_version"],
        writer_id=writer_id,
    )
    if row.session_id != session_id:
        raise ValueError("session_id: expected the session whose folder the journal is in")
    problem = find_problem(row)
    if problem:
        raise ValueError(problem)
    return row


def check_row(row: Row) -> None:
    """Raise AnswerError if the row must not be written; the message names the column."""
    problem = find_problem(row)
    if problem:
        raise AnswerError(f"this row can not be recorded: {problem}")


def find_problem(row: Row) -> str:
    """Return the first rule that the row breaks, as ``column: expected …``; empty if none."""
    return (
        _find_identity_problem(row)
        or _find_text_problem(row)
        or _FIND_PROBLEM_OF_KIND[row.kind](row)
        or _find_subject_problem(row)
    )


def _find_identity_problem(row: Row) -> str:
    if not is_event_id(row.event_id):
        return "event_id: expected a UUID version 7 in lower case"
    if row.kind not in KINDS:
        return f"kind: expected one of {', '.join(KINDS)}"
    if not SESSION_ID.fullmatch(row.session_id):
        return "session_id: expected an id like 2026-11-20-tuesday-group-k7f3mq"
    if row.participant_id and not PARTICIPANT_ID.fullmatch(row.participant_id):
        return "participant_id: expected p- and six characters"
    if row.dyad_id and not DYAD_ID.fullmatch(row.dyad_id):
        return "dyad_id: expected d- and four characters, or nothing"
    if not WRITER_ID.fullmatch(row.writer_id):
        return "writer_id: expected <subject>.<eight characters>"
    if type(row.writer_seq) is not int or row.writer_seq < 1:
        return "writer_seq: expected a whole number of 1 or more"
    if row.schema_version != SCHEMA_VERSION:
        return f"schema_version: expected {SCHEMA_VERSION}"
    if row.content_version and not _VERSION.fullmatch(row.content_version):
        return "content_version: expected letters, digits, dots and hyphens"
    return ""


def _find_text_problem(row: Row) -> str:
    for column, text in (("text", row.text), ("detail", row.detail)):
        if not isinstance(text, str):
            return f"{column}: expected text"
        if len(text) > MAX_TEXT_LENGTH:
            return f"{column}: expected at most {MAX_TEXT_LENGTH} characters, found {len(text)}"
        if _NOT_STORABLE.search(text):
            return f"{column}: expected text without NUL and without halves of characters"
    return ""


def _find_answer_problem(row: Row) -> str:
    if not row.participant_id:
        return "participant_id: an answer needs one"
    if not is_key(row.exercise):
        return "exercise: expected a key such as checkup"
    if type(row.round) is not int or row.round < 1:
        return "round: expected a whole number of 1 or more"
    if not is_key(row.item):
        return "item: expected a key such as presence-3"
    if row.status not in STATUSES:
        return f"status: expected one of {', '.join(STATUSES)}"
    if row.status != "answered" and (row.value or row.text):
        return "value, text: expected nothing unless the status is answered"
    if row.value and (not _VALUE.fullmatch(row.value) or len(row.value) > _MAX_KEY_LENGTH):
        return "value: expected a number or an option key"
    if row.event or row.detail:
        return "event, detail: expected nothing in an answer"
    return ""


def _find_event_problem(row: Row) -> str:
    if not is_key(row.event):
        return "event: expected a key such as step-shown"
    if row.exercise and not is_key(row.exercise):
        return "exercise: expected a key such as checkup, or nothing"
    return _find_answer_remains(row)


def _find_person_problem(row: Row) -> str:
    if row.event not in PERSON_EVENTS:
        return f"event: expected one of {', '.join(PERSON_EVENTS)}"
    if not row.participant_id:
        return "participant_id: a person row needs one"
    try:
        detail = json.loads(row.detail) if row.detail else {}
    except ValueError:
        return "detail: expected JSON"
    if not isinstance(detail, dict):
        return "detail: expected a JSON object"
    return _find_person_detail_problem(row.event, detail) or _find_answer_remains(row)


def _find_person_detail_problem(event: str, detail: Mapping[str, object]) -> str:
    allowed = {
        "joined": {"name", "partner_slot", "return_code_hash"},
        "moved": {"partner_slot"},
        "consented": {"consent"},
        "withdrew": set(),
    }[event]
    if not set(detail) <= allowed:
        return f"detail: expected only {', '.join(sorted(allowed)) or 'nothing'} for {event}"
    name = detail.get("name", "")
    if not isinstance(name, str) or len(name) > MAX_NAME_LENGTH:
        return f"detail: expected a name of at most {MAX_NAME_LENGTH} characters"
    if detail.get("partner_slot") not in (None, "A", "B"):
        return "detail: expected partner_slot A, B or null"
    code_hash = detail.get("return_code_hash", "")
    if not isinstance(code_hash, str) or not re.fullmatch(r"[A-Za-z0-9_=:+/-]{0,200}", code_hash):
        return "detail: expected return_code_hash as hexadecimal or base64 text"
    if event == "consented" and detail.get("consent") not in ("recorded", "not-recorded"):
        return "detail: expected consent recorded or not-recorded"
    if _NOT_STORABLE.search(name):
        return "detail: expected a name without NUL and without halves of characters"
    return ""


def _find_answer_remains(row: Row) -> str:
    if row.round is not None or row.item or row.status or row.value or row.text:
        return f"round, item, status, value, text: expected nothing in a row of kind {row.kind}"
    return ""


def _find_subject_problem(row: Row) -> str:
    """Whatever is about a person stands in that person's journal: withdrawing deletes it."""
    if not is_staff(row.subject):
        if row.participant_id != row.subject:
            return "participant_id: expected the participant whose journal this is"
        if row.kind == "person" and row.event == "withdrew":
            return "event: a withdrawal is noted in somebody else's journal"
        return ""
    if row.participant_id and not is_tombstone(row):
        return "participant_id: rows about a person belong in that person's journal"
    return ""


def is_staff(subject: str) -> bool:
    """Say whether a journal is not a participant's: a facilitator's, the server's, of the CLI."""
    return subject in ("server", "cli") or FACILITATOR_ID.fullmatch(subject) is not None


def is_tombstone(row: Row) -> bool:
    """Say whether this row notes that somebody withdrew."""
    return row.kind == "person" and row.event == "withdrew"


def is_key(text: object) -> bool:
    """Say whether this is a key: lower-case words and digits joined by hyphens."""
    return (
        isinstance(text, str) and len(text) <= _MAX_KEY_LENGTH and _KEY.fullmatch(text) is not None
    )


_FIND_PROBLEM_OF_KIND = {
    "answer": _find_answer_problem,
    "person": _find_person_problem,
    "event": _find_event_problem,
}
