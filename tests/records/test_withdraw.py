"""Withdrawing: no trace of the person, the others untouched, however it was cut short."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconnect_widgets.errors import RecordError, RecordWriteError
from reconnect_widgets.records import SessionRecord
from reconnect_widgets.records.desk_acts import read_desk_acts, write_desk_act
from reconnect_widgets.records.withdraw import forget_people
from tests.records.example import (
    ANN,
    BEN,
    CLEO,
    EVENING,
    append_answer,
    join,
    make_session,
    read_table,
)

SECRETS = (b"Ann the first", b"what Ann wrote", b"noted of Ann")


@pytest.fixture
def couple(record: SessionRecord) -> SessionRecord:
    """Ann and Ben, both with answers, merged once."""
    join(record, ANN, "Ann the first")
    join(record, BEN, "Ben", "B")
    writer = record.open_writer(ANN)
    append_answer(writer, text="what Ann wrote")
    writer.append_event("note", detail="noted of Ann", participant_id=ANN)
    append_answer(record.open_writer(BEN), value=1)
    (record.folder / "journal" / f"{ANN}.abcd2345.csv").write_bytes(b"torn: what Ann wrote")
    record.merge()
    return record


def traces(record: SessionRecord) -> list[str]:
    return [
        path.name
        for path in record.folder.rglob("*")
        if path.is_file() and any(secret in path.read_bytes() for secret in SECRETS)
    ]


def test_every_trace_of_the_person_goes(couple: SessionRecord) -> None:
    assert len(traces(couple)) >= 4
    couple.withdraw(ANN, EVENING)
    assert traces(couple) == []
    assert not list((couple.folder / "journal").glob(f"{ANN}.*"))


def test_an_id_and_one_line_are_left(couple: SessionRecord) -> None:
    couple.withdraw(ANN, EVENING)
    people = read_table(couple.folder / "participants.csv")
    assert {name: cell for name, cell in people[-1].items() if cell} == {
        "participant_id": ANN,
        "withdrawn_at": "2026-11-20T18:00:00.000Z",
    }
    line = read_table(couple.folder / "timeline.csv")
    (withdrew,) = [row for row in line if row["event"] == "withdrew"]
    assert (withdrew["actor"], withdrew["exercise"], withdrew["detail"]) == ("server", "", "")
    assert not any(ANN in row.values() for row in line)


def test_the_others_are_untouched(couple: SessionRecord) -> None:
    bens = {path: path.read_bytes() for path in (couple.folder / "journal").glob(f"{BEN}.*")}
    couple.withdraw(ANN, EVENING)
    assert {path: path.read_bytes() for path in bens} == bens
    assert [row["participant_id"] for row in read_table(couple.folder / "responses.csv")] == [BEN]


def test_withdrawing_twice_is_one_withdrawal(couple: SessionRecord) -> None:
    couple.withdraw(ANN, EVENING)
    couple.withdraw(ANN, EVENING, actor="cli")
    timeline = read_table(couple.folder / "timeline.csv")
    assert [row["actor"] for row in timeline if row["event"] == "withdrew"] == ["server"]


def test_both_partners_may_withdraw(couple: SessionRecord) -> None:
    couple.withdraw(ANN, EVENING)
    couple.withdraw(BEN, EVENING)
    assert read_table(couple.folder / "responses.csv") == []
    assert len(read_table(couple.folder / "participants.csv")) == 2


def test_journals_that_a_backup_brings_back_stay_out_and_are_erased_again(
    couple: SessionRecord,
) -> None:
    saved = {path: path.read_bytes() for path in (couple.folder / "journal").glob(f"{ANN}.*")}
    couple.withdraw(ANN, EVENING)
    for path, data in saved.items():
        path.write_bytes(data)
    assert ANN not in {row.participant_id for row in couple.read((ANN,)).rows}
    couple.merge()
    assert traces(couple) == []
    assert not any(path.exists() for path in saved)


PEOPLE = (ANN, BEN, CLEO, "p-dan004", "p-eva005")
groups = st.permutations(PEOPLE).flatmap(
    lambda people: st.integers(1, 4).map(lambda cut: [people[:cut], people[cut:]])
)


@settings(max_examples=25)
@given(
    acts=st.lists(groups, min_size=1, max_size=3),
    gone=st.sets(st.sampled_from(PEOPLE), min_size=1),
    before=st.integers(0, 3),
)
def test_no_act_at_the_desk_names_who_withdrew_and_all_others_stay_where_they_were(
    acts: list[list[list[str]]], gone: set[str], before: int
) -> None:
    """Whether they were put into a group before they withdrew, or by a desk that was behind."""
    with TemporaryDirectory() as folder:
        record = make_session(Path(folder))
        for person in PEOPLE:
            join(record, person, "Somebody")
        desk = record.open_writer("facilitator")
        for number, made in enumerate([*acts, None]):
            if number == min(before, len(acts)):
                for person in sorted(gone):
                    record.withdraw(person, EVENING)
            if made is not None:
                detail = write_desk_act(groups=made)
                desk.append_event("grouped", exercise="repair", detail=detail)
        desk.append_event("note", detail=write_desk_act(words=f"{min(gone)} was late"))
        desk.close()
        record.merge()
        timeline = (record.folder / "timeline.csv").read_text()
        assert not [person for person in gone if person in timeline]
        assert " was late" in timeline
        read = [act for act in read_desk_acts(record.read_staff().rows) if act.name == "grouped"]
        for act, made in zip(read, acts, strict=True):
            left = [[one for one in group if one not in gone] for group in made]
            assert [list(group) for group in act.groups] == left
        record.export("full", Path(folder) / "copy")
        assert not [one for one in gone if one in (Path(folder) / "copy/timeline.csv").read_text()]


@pytest.mark.parametrize(
    ("detail", "left"),
    [
        ("", ""),
        ('{"words":  "as it was"}', '{"words":  "as it was"}'),
        (f"not JSON, of {ANN}", "not JSON, of "),
        (f'["{ANN}"]', "[]"),
        (f'{{"{ANN}": 1, "groups": [["{ANN}"], ["{BEN}", 2]]}}',
         f'{{"groups": [[], ["{BEN}", 2]]}}'),
        (f'{{"about": "{ANN}", "é": true}}', '{"about": "", "é": true}'),
    ],
)  # fmt: skip
def test_what_is_left_of_a_detail_is_as_it_was(detail: str, left: str) -> None:
    assert forget_people(detail, {ANN}) == left


@pytest.mark.parametrize("participant_id", ["p-nobody", "../../x", "facilitator", "p-*", ""])
def test_nobody_else_can_be_withdrawn(couple: SessionRecord, participant_id: str) -> None:
    before = sorted(path.name for path in (couple.folder / "journal").iterdir())
    with pytest.raises(RecordError):
        couple.withdraw(participant_id, EVENING)
    assert sorted(path.name for path in (couple.folder / "journal").iterdir()) == before


def test_somebody_whose_only_journal_can_not_be_read_can_withdraw(record: SessionRecord) -> None:
    path = record.folder / "journal" / f"{ANN}.abcd2345.csv"
    path.write_bytes(b"\xff\xfe damaged")
    record.withdraw(ANN, EVENING)
    assert not path.exists()
    assert list(record.participants()) == [ANN]


def test_a_file_that_can_not_be_deleted_is_told_shown_nowhere_and_deleted_later(
    couple: SessionRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As under Windows, while a kernel of the person still has its journal open."""
    unlink = os.unlink

    def unlink_all_but_anns(path: str | Path, *args: object, **kwargs: object) -> None:
        if Path(path).name.startswith(ANN):
            raise PermissionError(errno.EACCES, "in use")
        unlink(path)

    with monkeypatch.context() as windows:
        windows.setattr(os, "unlink", unlink_all_but_anns)
        with pytest.raises(RecordWriteError, match="could not be deleted"):
            couple.withdraw(ANN, EVENING)
        assert ANN not in (couple.folder / "responses.csv").read_text()
        assert couple.merge().not_erased
    assert couple.merge().not_erased == ()
    assert traces(couple) == []
