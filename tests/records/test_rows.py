"""What a row may hold, and that it comes back from its line exactly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.errors import AnswerError
from reconnect_widgets.records.rows import (
    JOURNAL_COLUMNS,
    MAX_TEXT_LENGTH,
    Row,
    check_row,
    encode_row,
    guard_text,
    parse_cells,
    parse_row,
    unguard_text,
)
from tests.records.example import ANN, COUPLE, EVENING

SESSION = "2026-11-20-tuesday-group-k7f3mq"
ANSWER = Row(
    event_id="01a1fcc6-2bd0-78ca-9cc8-a61df266b6ce",
    recorded_at=EVENING,
    kind="answer",
    session_id=SESSION,
    participant_id=ANN,
    dyad_id=COUPLE,
    exercise="checkup",
    round=1,
    item="presence-3",
    status="answered",
    value="4",
    text="",
    event="",
    detail="",
    writer_seq=1,
    content_version="2026.1",
    schema_version="1",
    writer_id=f"{ANN}.k7f3mqxy",
)
_BLANK: dict[str, Any] = {"exercise": "", "round": None, "item": "", "status": "", "value": ""}
JOINED = replace(
    ANSWER,
    **_BLANK,
    kind="person",
    event="joined",
    detail='{"name": "Ann", "partner_slot": "A", "return_code_hash": "c0ffee"}',
)
EVENT = replace(ANSWER, **_BLANK, kind="event", event="step-shown")
WITHDREW = replace(
    ANSWER, **_BLANK, kind="person", event="withdrew", writer_id="server.k7f3mqxy", dyad_id=""
)

# Everything UTF-8 can hold but NUL: what the record promises to give back.
texts = st.text(
    alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=80
)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+49",
        "-3",
        "@name",
        "\tx",
        "\rx",
        "\nx",
        "＝1",
        "＋1",
        "－1",
        "＠a",
        "'",
        "''=",
        "'a",
    ],
)
def test_what_a_spreadsheet_would_run_is_stored_behind_one_apostrophe(text: str) -> None:
    assert guard_text(text) == "'" + text


@pytest.mark.parametrize("text", ["", "fine", " =1", "a=b", "5 - 3", "é", "🙂", '"quoted"'])
def test_other_texts_are_stored_as_they_are(text: str) -> None:
    assert guard_text(text) == text


@given(texts)
def test_taking_one_apostrophe_away_gives_any_text_back(text: str) -> None:
    assert unguard_text(guard_text(text)) == text


@given(texts)
def test_any_text_comes_back_from_its_line(text: str) -> None:
    row = replace(ANSWER, text=text)
    cells = parse_cells(encode_row(row))
    assert cells is not None
    assert parse_row(cells, session_id=SESSION, writer_id=row.writer_id) == row


@pytest.mark.parametrize("row", [ANSWER, JOINED, EVENT, WITHDREW])
def test_a_row_of_every_kind_may_be_written(row: Row) -> None:
    check_row(row)


@pytest.mark.parametrize(
    ("row", "changes", "column"),
    [
        (ANSWER, {"event_id": "1"}, "event_id"),
        (ANSWER, {"event_id": "01A1FCC6-2BD0-78CA-9CC8-A61DF266B6CE"}, "event_id"),
        (ANSWER, {"event_id": "0b1b9a3e-2bd0-48ca-9cc8-a61df266b6ce"}, "event_id"),
        (ANSWER, {"event_id": None}, "event_id"),
        (ANSWER, {"kind": "answers"}, "kind"),
        (ANSWER, {"session_id": "../../etc"}, "session_id"),
        (ANSWER, {"participant_id": "p-ANN001"}, "participant_id"),
        (ANSWER, {"participant_id": "p-ann001\n"}, "participant_id"),
        (ANSWER, {"participant_id": ""}, "participant_id"),
        (ANSWER, {"participant_id": "p-ben002"}, "participant_id"),
        (ANSWER, {"dyad_id": "d-abc"}, "dyad_id"),
        (ANSWER, {"exercise": ""}, "exercise"),
        (ANSWER, {"exercise": "Checkup"}, "exercise"),
        (ANSWER, {"exercise": "x" * 65}, "exercise"),
        (ANSWER, {"round": 0}, "round"),
        (ANSWER, {"round": None}, "round"),
        (ANSWER, {"round": True}, "round"),
        (ANSWER, {"item": "presence 3"}, "item"),
        (ANSWER, {"item": "../x"}, "item"),
        (ANSWER, {"status": "unknown"}, "status"),
        (ANSWER, {"status": "skipped"}, "value"),
        (ANSWER, {"status": "declined", "value": "", "text": "no"}, "text"),
        (ANSWER, {"value": "=1+1"}, "value"),
        (ANSWER, {"value": "True"}, "value"),
        (ANSWER, {"value": "٣"}, "value"),
        (ANSWER, {"value": "k" * 65}, "value"),
        (ANSWER, {"text": "x" * (MAX_TEXT_LENGTH + 1)}, "text"),
        (ANSWER, {"text": "a\x00b"}, "text"),
        (ANSWER, {"text": "half \ud83d"}, "text"),
        (ANSWER, {"text": 7}, "text"),
        (ANSWER, {"event": "joined"}, "event"),
        (ANSWER, {"detail": "x"}, "detail"),
        (ANSWER, {"writer_seq": 0}, "writer_seq"),
        (ANSWER, {"schema_version": "2"}, "schema_version"),
        (ANSWER, {"content_version": "a b"}, "content_version"),
        (ANSWER, {"writer_id": "somebody.k7f3mqxy"}, "writer_id"),
        (ANSWER, {"writer_id": "facilitator.k7f3mqxy"}, "participant_id"),
        (EVENT, {"event": ""}, "event"),
        (EVENT, {"event": "Step shown"}, "event"),
        (EVENT, {"value": "3"}, "value"),
        (EVENT, {"text": "private"}, "text"),
        (EVENT, {"round": 1}, "round"),
        (EVENT, {"detail": "x" * (MAX_TEXT_LENGTH + 1)}, "detail"),
        (EVENT, {"detail": "\x00"}, "detail"),
        (EVENT, {"writer_id": "server.k7f3mqxy"}, "participant_id"),
        (JOINED, {"event": "left"}, "event"),
        (JOINED, {"detail": "Ann"}, "detail"),
        (JOINED, {"detail": '["Ann"]'}, "detail"),
        (JOINED, {"detail": '{"name": 7}'}, "detail"),
        (JOINED, {"detail": '{"name": "' + "n" * 41 + '"}'}, "detail"),
        (JOINED, {"detail": r'{"name": "\u0000"}'}, "detail"),
        (JOINED, {"detail": r'{"name": "\ud83d"}'}, "detail"),
        (JOINED, {"detail": '{"partner_slot": "C"}'}, "detail"),
        (JOINED, {"detail": '{"return_code_hash": "="}'.replace("=", "a b")}, "detail"),
        (JOINED, {"detail": '{"e-mail": "ann@example.org"}'}, "detail"),
        (JOINED, {"event": "consented", "detail": ""}, "detail"),
        (JOINED, {"event": "consented", "detail": '{"consent": "yes"}'}, "detail"),
        (WITHDREW, {"writer_id": f"{ANN}.k7f3mqxy"}, "event"),
        (WITHDREW, {"detail": '{"name": "Ann"}'}, "detail"),
        (WITHDREW, {"participant_id": ""}, "participant_id"),
    ],
)
def test_a_row_that_breaks_a_rule_is_refused_by_column(
    row: Row, changes: dict[str, Any], column: str
) -> None:
    with pytest.raises(AnswerError, match=column):
        check_row(replace(row, **changes))


def test_no_refusal_repeats_what_was_given() -> None:
    with pytest.raises(AnswerError) as refusal:
        check_row(replace(ANSWER, text="\x00my secret"))
    assert "my secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("recorded_at", "2026-11-20 18:03:12"),
        ("recorded_at", "20.11.2026 18:03"),
        ("recorded_at", "2026-13-45T18:03:12.345Z"),
        ("round", "1.0"),
        ("round", "0"),
        ("round", "٣"),
        ("writer_seq", ""),
        ("writer_seq", "1e3"),
        ("writer_seq", "-1"),
        ("value", "0,5"),
        ("session_id", "2026-11-20-wednesday-group-k7f3mq"),
        ("kind", "ANSWER"),
    ],
)
def test_a_cell_that_a_spreadsheet_changed_is_named_by_its_column(column: str, cell: str) -> None:
    cells = parse_cells(encode_row(ANSWER))
    assert cells is not None
    cells[JOURNAL_COLUMNS.index(column)] = cell
    with pytest.raises(ValueError, match=column):
        parse_row(cells, session_id=SESSION, writer_id=ANSWER.writer_id)


@pytest.mark.parametrize(
    "line",
    [b'a,"b', b'a,"b"c\r\n', b"a\r\nb\r\n", b"caf\xe9\r\n", b"a\rb\r\n", b""],
)
def test_what_is_not_one_line_of_csv_in_utf_8_has_no_cells(line: bytes) -> None:
    assert parse_cells(line) is None
