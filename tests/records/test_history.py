"""Reading: torn tails, gaps, rows set aside, and that nothing else is lost with them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.errors import RecordReadError
from reconnect_widgets.records import Gap, JournalWriter, SessionRecord, current_answers
from reconnect_widgets.records.history import parse_journal
from reconnect_widgets.records.rows import HEADER, Row, encode_row
from tests.records.example import ANN, BEN, EVENING, append_answer, journal_of
from tests.records.test_rows import ANSWER, SESSION, texts

FILE = f"{ANSWER.writer_id}.csv"


def rows_with(texts_: list[str]) -> list[Row]:
    return [
        replace(ANSWER, text=text, writer_seq=number, event_id=f"{ANSWER.event_id[:-4]}{number:04}")
        for number, text in enumerate(texts_, start=1)
    ]


def lines_of(rows: list[Row]) -> list[bytes]:
    return [encode_row(row) for row in rows]


@given(st.lists(texts, min_size=1, max_size=5), st.data())
def test_a_file_cut_anywhere_loses_no_complete_row_and_invents_none(
    some: list[str], data: st.DataObject
) -> None:
    rows = rows_with(some)
    pieces = [HEADER, *lines_of(rows)]
    whole = b"".join(pieces)
    cut = data.draw(st.integers(0, len(whole)))
    journal = parse_journal(whole[:cut], FILE, SESSION)
    ends = [sum(map(len, pieces[: n + 1])) for n in range(len(pieces))]
    complete = max(0, sum(end <= cut for end in ends) - 1)
    assert journal.rows == tuple(rows[:complete])
    assert journal.unreadable == ()
    kept = max((end for end in ends if end <= cut), default=0)
    assert (journal.torn.data if journal.torn else b"") == whole[kept:cut]


@pytest.mark.parametrize("opening", ["so", "", "one, two, three", '"', ' ","'])
def test_a_text_that_looks_like_rows_stays_a_text_wherever_it_is_cut(opening: str) -> None:
    forged = encode_row(replace(ANSWER, value="0", writer_seq=2)).decode()
    row = replace(ANSWER, text=f"{opening}\r\n{forged}\r\n{forged}")
    whole = HEADER + encode_row(row)
    for cut in range(len(whole)):
        assert parse_journal(whole[:cut], FILE, SESSION).rows == ()
    assert parse_journal(whole, FILE, SESSION).rows == (row,)


def test_a_torn_tail_is_told_with_its_line_and_bytes(record: SessionRecord) -> None:
    append_answer(record.open_writer(ANN), text="two\nlines")
    path = journal_of(record, ANN)
    path.write_bytes(path.read_bytes() + b'0197,"unfini')
    (torn,) = record.read().torn
    assert (torn.file, torn.line, torn.data) == (path.name, 4, b'0197,"unfini')


@pytest.mark.parametrize(
    ("damage", "number"),
    [
        (b"\r\n", 3),
        (b"a,b,c\r\n", 3),
        (b"\x00\x00\x00\x00\r\n", 3),
        (b"caf\xe9,\xff\r\n", 3),
        (b'0197,"a" b\r\n', 3),
        (encode_row(replace(ANSWER, session_id=SESSION.replace("tuesday", "friday"))), 3),
        (encode_row(replace(ANSWER, participant_id=BEN)), 3),
        (encode_row(replace(ANSWER, status="guessed")), 3),
    ],
)
def test_a_damaged_line_is_set_aside_alone(damage: bytes, number: int) -> None:
    first, second, third = rows_with(["one", "two", "three"])
    data = HEADER + encode_row(first) + damage + b"".join(lines_of([second, third]))
    journal = parse_journal(data, FILE, SESSION)
    assert journal.rows == (first, second, third)
    assert [(found.file, found.line) for found in journal.unreadable] == [(FILE, number)]


@pytest.mark.parametrize(
    "damage", [b'"answered', b'answ"ered', b'answered"', b'answered,"', b'"answered\r\n"']
)
@pytest.mark.parametrize("behind", [["three", "four"], ["three, quoted", 'fo\r\nur "quoted"']])
def test_a_quote_too_many_costs_its_own_line_and_no_other(damage: bytes, behind: list[str]) -> None:
    rows = rows_with(["one", "two", *behind])
    lines = lines_of(rows)
    lines[1] = lines[1].replace(b"answered", damage)
    journal = parse_journal(HEADER + b"".join(lines), FILE, SESSION)
    assert journal.rows == (rows[0], *rows[2:])
    assert journal.unreadable[0].line == 3


def test_a_row_that_is_refused_does_not_let_its_text_be_read_as_rows() -> None:
    forged = encode_row(replace(ANSWER, value="0")).decode()
    refused = encode_row(replace(ANSWER, text=f"\r\n{forged}", schema_version="99"))
    journal = parse_journal(HEADER + refused, FILE, SESSION)
    assert (journal.rows, len(journal.unreadable)) == ((), 1)


def test_no_reason_repeats_what_was_in_the_row(record: SessionRecord) -> None:
    append_answer(record.open_writer(ANN), text="my secret", item="presence-1")
    path = journal_of(record, ANN)
    path.write_bytes(path.read_bytes().replace(b",answered,", b",my secret status,"))
    (unreadable,) = record.read().unreadable
    assert str(unreadable) == (
        f"{path.name}, line 2: status: expected one of answered, skipped, declined"
    )


@pytest.mark.parametrize(
    "dialect",
    [
        {"lineterminator": "\n"},
        {"lineterminator": "\r\n", "quoting": csv.QUOTE_ALL},
        {"lineterminator": "\n", "quoting": csv.QUOTE_ALL},
    ],
)
@pytest.mark.parametrize("mark", ["", "\N{BYTE ORDER MARK}"])
def test_a_journal_that_a_spreadsheet_saved_without_changing_cells_is_read_on(
    record: SessionRecord, dialect: dict[str, object], mark: str
) -> None:
    writer = record.open_writer(ANN)
    rows = (append_answer(writer, text='=a "b"\r\nc'), append_answer(writer, item="touch-1"))
    path = journal_of(record, ANN)
    cells = list(csv.reader(io.StringIO(path.read_bytes().decode(), newline="")))
    saved = io.StringIO()
    csv.writer(saved, **dialect).writerows(cells)  # type: ignore[arg-type]
    path.write_bytes((mark + saved.getvalue()).encode())
    history = record.read((ANN,))
    assert history.rows == rows
    assert history.unreadable == ()


def test_a_journal_saved_with_semicolons_is_set_aside_whole_and_the_others_are_read(
    record: SessionRecord,
) -> None:
    append_answer(record.open_writer(ANN))
    kept = append_answer(record.open_writer(BEN))
    path = journal_of(record, ANN)
    path.write_bytes(path.read_bytes().replace(b",", b";"))
    history = record.read()
    assert history.rows[-1] == kept
    assert [(found.file, found.line) for found in history.unreadable] == [(path.name, 1)]


def test_a_copy_under_another_name_is_told_and_not_read(record: SessionRecord) -> None:
    append_answer(record.open_writer(ANN))
    path = journal_of(record, ANN)
    copy = path.with_name(f"{path.stem} (conflicted copy).csv")
    copy.write_bytes(path.read_bytes())
    path.with_name(".~lock.whatever.csv").write_bytes(b"")
    path.with_name("notes.txt").write_bytes(b"")
    history = record.read()
    assert [found.file for found in history.unreadable] == [copy.name]


def test_a_journal_that_is_a_folder_is_told_and_the_others_are_read(record: SessionRecord) -> None:
    kept = append_answer(record.open_writer(BEN))
    (record.folder / "journal" / f"{ANN}.abcd2345.csv").mkdir()
    history = record.read()
    assert history.rows[-1] == kept
    assert [(found.file, found.line) for found in history.unreadable] == [
        (f"{ANN}.abcd2345.csv", 0)
    ]


def test_missing_numbers_are_told_as_gaps(record: SessionRecord) -> None:
    writer = record.open_writer(ANN)
    for number in range(1, 8):
        append_answer(writer, item=f"presence-{number}")
    path = journal_of(record, ANN)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[n] for n in (0, 3, 4, 7)))
    assert record.read().gaps == (Gap(path.name, 1, 2), Gap(path.name, 5, 6))


def test_a_whole_record_has_no_gaps_no_torn_tails_nothing_unreadable(
    record: SessionRecord,
) -> None:
    for subject in (ANN, BEN):
        writer = record.open_writer(subject)
        for _ in range(3):
            append_answer(writer)
    history = record.read()
    assert (history.gaps, history.torn, history.unreadable) == ((), (), ())


def test_only_the_subjects_that_were_asked_for_are_read(record: SessionRecord) -> None:
    append_answer(record.open_writer(ANN))
    kept = append_answer(record.open_writer(BEN))
    assert record.read((BEN,)).rows == (kept,)
    assert {row.subject for row in record.read((BEN, "facilitator")).rows} == {BEN, "facilitator"}


def test_an_empty_file_is_nothing(record: SessionRecord) -> None:
    (record.folder / "journal" / f"{ANN}.abcd2345.csv").touch()
    history = record.read((ANN,))
    assert (history.rows, history.torn, history.unreadable) == ((), (), ())


def test_a_missing_journal_folder_is_no_empty_record(record: SessionRecord) -> None:
    (record.folder / "journal").rename(record.folder / "elsewhere")
    with pytest.raises(RecordReadError, match="journal"):
        record.read()


def test_of_an_attempt_and_its_repetition_the_acknowledged_one_is_kept(
    record: SessionRecord,
) -> None:
    """The first attempt stayed in a file that its writer had to leave."""
    attempt, acknowledged = (
        append_answer(
            JournalWriter(
                record.folder / "journal",
                record.session_id,
                ANN,
                is_withdrawn=lambda: False,
                now=lambda later=later: EVENING + timedelta(milliseconds=later),
            ),
            event_id=ANSWER.event_id,
        )
        for later in (0, 1)
    )
    assert attempt != acknowledged
    assert record.read((ANN,)).rows == (acknowledged,)


def test_nobody_replaces_somebody_elses_row_by_sending_its_event_id(record: SessionRecord) -> None:
    anns = append_answer(record.open_writer(ANN), value=4)
    append_answer(record.open_writer(BEN), value=0, event_id=anns.event_id)
    assert record.read((ANN, BEN)).rows == (anns,)


def test_the_latest_answer_counts_and_at_one_instant_the_later_number() -> None:
    earlier = replace(ANSWER, recorded_at=EVENING, writer_seq=9, value="1")
    tie = replace(ANSWER, recorded_at=EVENING, writer_seq=10, value="2")
    other = replace(ANSWER, item="presence-4", value="3")
    later_round = replace(ANSWER, round=2, value="4")
    event = replace(ANSWER, kind="event")
    current = current_answers([tie, earlier, other, event, later_round])
    assert {key[2:]: row.value for key, row in current.items()} == {
        (1, "presence-3"): "2",
        (1, "presence-4"): "3",
        (2, "presence-3"): "4",
    }
