"""Following: every row once, whatever happens to the files meanwhile."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.records import JournalTail, SessionRecord
from reconnect_widgets.records.rows import HEADER, encode_row
from tests.records.example import ANN, BEN, CLEO, EVENING, append_answer, append_joined, journal_of
from tests.records.test_history import rows_with
from tests.records.test_rows import ANSWER, SESSION, texts


def test_the_first_poll_gives_every_row_so_far_and_then_only_new_ones(
    record: SessionRecord,
) -> None:
    writer = record.open_writer(ANN)
    first = append_answer(writer)
    tail = record.tail()
    assert tail.poll()[1:] == [first]
    assert tail.poll() == []
    second = append_answer(writer)
    assert tail.poll() == [second]
    third = append_answer(record.open_writer(BEN))
    assert tail.poll() == [third]
    assert tail.poll() == []


def test_a_poll_for_one_person_gives_their_rows_and_the_staffs_and_loses_no_others(
    record: SessionRecord,
) -> None:
    tail = record.tail()
    opened = tail.poll()
    anns, bens = append_answer(record.open_writer(ANN)), append_answer(record.open_writer(BEN))
    assert tail.poll(ANN) == [anns]
    record.withdraw(BEN, EVENING)
    (withdrawn,) = tail.poll(ANN)
    assert (withdrawn.event, withdrawn.participant_id) == ("withdrew", BEN)
    assert bens not in (*opened, *tail.poll())
    assert tail.poll(ANN) == tail.poll() == []
    cleos = append_answer(record.open_writer(CLEO))
    assert tail.poll(ANN) == []
    assert tail.poll() == [cleos]


@given(st.lists(texts, min_size=1, max_size=4), st.data())
def test_however_the_bytes_arrive_each_row_is_given_once(
    tmp_path_factory: pytest.TempPathFactory, some: list[str], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    rows = rows_with(some)
    whole = HEADER + b"".join(map(encode_row, rows))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(whole)), max_size=6)) | {len(whole)})
    tail = JournalTail(folder, SESSION)
    seen = []
    for begin, end in zip([0, *cuts], cuts, strict=False):
        with (folder / f"{ANSWER.writer_id}.csv").open("ab") as file:
            file.write(whole[begin:end])
        seen += tail.poll()
    assert seen == rows


def test_a_failed_row_that_was_seen_and_cut_off_hides_no_row_in_its_place(tmp_path: Path) -> None:
    """The writer cuts a failed row off; the next one may be as long and end the same."""
    first, failed = rows_with(["one", "two"])
    instead, after = rows_with(["", "2nd", "three"])[1:]
    instead = type(instead)(**{f: getattr(instead, f) for f in instead.__slots__})
    object.__setattr__(instead, "event_id", ANSWER.event_id[:-4] + "ffff")
    path = tmp_path / f"{ANSWER.writer_id}.csv"
    tail = JournalTail(tmp_path, SESSION)
    path.write_bytes(HEADER + encode_row(first) + encode_row(failed))
    assert tail.poll() == [first, failed]
    for extra in ([], [after]):
        with path.open("r+b") as file:
            file.truncate(len(HEADER) + len(encode_row(first)))
            file.seek(0, os.SEEK_END)
            file.write(b"".join(map(encode_row, [instead, *extra])))
        os.utime(path, ns=(1, len(extra) + 1))
        assert tail.poll() == ([after] if extra else [instead])
    assert tail.poll() == []


def test_a_row_that_stands_in_two_files_is_given_once(record: SessionRecord) -> None:
    append_answer(record.open_writer(ANN))
    tail = record.tail()
    assert len(tail.poll()) == 2
    path = journal_of(record, ANN)
    path.with_name(f"{ANN}.copy2345.csv").write_bytes(path.read_bytes())
    assert tail.poll() == []


def test_a_withdrawal_is_given_and_then_nothing_of_the_person(record: SessionRecord) -> None:
    writer = record.open_writer(ANN)
    append_joined(writer, "Ann")
    path = journal_of(record, ANN)
    rescued = path.read_bytes()
    tail = record.tail()
    tail.poll()
    record.withdraw(ANN, EVENING)
    (withdrew,) = tail.poll()
    assert (withdrew.event, withdrew.participant_id) == ("withdrew", ANN)
    path.write_bytes(rescued.replace(b"joined", b"moved").replace(b'""name"": ""Ann"", ', b""))
    assert tail.poll() == []


def test_a_new_follower_after_a_withdrawal_never_sees_the_person(record: SessionRecord) -> None:
    append_joined(record.open_writer(ANN), "Ann")
    path = journal_of(record, ANN)
    rescued = path.read_bytes()
    record.withdraw(ANN, EVENING)
    path.write_bytes(rescued)
    assert [row.event for row in record.tail().poll()] == ["opened", "withdrew"]


def test_damaged_lines_are_passed_over(record: SessionRecord) -> None:
    writer = record.open_writer(ANN)
    append_answer(writer)
    tail = record.tail()
    tail.poll()
    with journal_of(record, ANN).open("ab") as file:
        file.write(b"not a row\r\n")
    kept = append_answer(writer)
    assert tail.poll() == [kept]


def test_a_purged_session_has_no_news(record: SessionRecord) -> None:
    tail = record.tail()
    record.purge()
    assert tail.poll() == []
