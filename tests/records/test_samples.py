"""The samples: the same bytes every time, plainly synthetic, and a record like any other."""

from __future__ import annotations

import json
from pathlib import Path

import frictionless
import pytest

from reconnect_widgets.content import CodebookEntry, codebook_rows
from reconnect_widgets.domain.synthetic import ROUNDS
from reconnect_widgets.records import RecordFolder, SessionRecord, current_answers
from reconnect_widgets.records.samples import SAMPLE_NOTE, fill_demo, write_samples
from reconnect_widgets.system import utc_now
from tests.records.example import read_table

COMMITTED = Path(__file__).parents[2] / "data" / "samples"
CODEBOOK: tuple[CodebookEntry, ...] = codebook_rows()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SessionRecord:
    return write_samples(tmp_path_factory.mktemp("samples"), CODEBOOK)


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file by its path in the folder, the merge's empty lock file aside."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".merge.lock"
    }


def test_the_committed_samples_are_what_make_samples_writes(sample: SessionRecord) -> None:
    committed = files_of(COMMITTED / "sessions")
    written = files_of(sample.folder.parent)
    assert committed.keys() == written.keys(), "run: make samples"
    assert committed == written, "run: make samples"


def test_another_seed_writes_another_group(sample: SessionRecord, tmp_path: Path) -> None:
    assert files_of(write_samples(tmp_path, CODEBOOK, seed=2).folder) != files_of(sample.folder)


def test_the_samples_are_small() -> None:
    assert sum(map(len, files_of(COMMITTED).values())) < 400_000


def test_whoever_opens_any_part_of_it_learns_that_it_is_synthetic(sample: SessionRecord) -> None:
    assert "synthetic" in sample.info.title.lower()
    assert "synthetic" in sample.session_id
    timeline = read_table(sample.folder / "timeline.csv")
    assert [row["detail"] for row in timeline if row["event"] == "note"] == [SAMPLE_NOTE]
    for row in read_table(sample.folder / "responses.csv"):
        assert "synthetic" in row["session_id"]
    assert "Nobody said any of this" in (COMMITTED / "README.md").read_text(encoding="utf-8")


def test_frictionless_accepts_the_tables(sample: SessionRecord) -> None:
    report = frictionless.validate(str(sample.folder / "datapackage.json"))
    assert report.valid, report.flatten(["title", "message"])


def test_the_record_reads_without_a_gap_a_tear_or_an_unreadable_row(sample: SessionRecord) -> None:
    history = sample.read()
    assert (history.torn, history.gaps, history.unreadable) == ((), (), ())
    assert len({row.event_id for row in history.rows}) == len(history.rows)


def test_everybody_is_in_a_seat_and_only_they_answer(sample: SessionRecord) -> None:
    people = sample.participants()
    assert len(people) == 20
    silent = {one.participant_id for one in people.values() if one.consent == "not-recorded"}
    answered = {key[0] for key in current_answers(sample.read().rows)}
    assert len(silent) == 1
    assert answered == people.keys() - silent


def test_the_two_rounds_lie_two_weeks_apart(sample: SessionRecord) -> None:
    days = {
        round_: {row.recorded_at.date() for row in sample.read().rows if row.round == round_}
        for round_ in ROUNDS
    }
    (first,), (second,) = days[1], days[2]
    assert (second - first).days == 14


def test_the_session_is_closed_and_not_due_to_be_erased(sample: SessionRecord) -> None:
    assert sample.info.closed_at is not None
    assert not sample.is_due(utc_now())
    assert sample.folder.stat().st_mode & 0o077 == 0


def test_every_item_that_occurs_is_in_the_codebook(sample: SessionRecord) -> None:
    worded = {row["item"] for row in read_table(sample.folder / "codebook.csv")}
    assert {row["item"] for row in read_table(sample.folder / "responses.csv")} == worded
    package = json.loads((sample.folder / "datapackage.json").read_bytes())
    assert package["name"] == sample.session_id


def test_samples_are_never_written_over_a_session(sample: SessionRecord) -> None:
    before = files_of(sample.folder)
    with pytest.raises(FileExistsError):
        write_samples(sample.folder.parent.parent, CODEBOOK)
    assert files_of(sample.folder) == before


def test_a_demo_has_the_past_group_and_a_new_session_that_is_open(tmp_path: Path) -> None:
    opened = fill_demo(tmp_path, CODEBOOK)
    first, second = RecordFolder(tmp_path).sessions()
    assert first.session_id == opened.session_id
    assert opened.info.is_open(utc_now())
    assert opened.participants() == {}
    assert len(second.participants()) == 20
    assert RecordFolder(tmp_path).find_open(opened.info.code).session_id == opened.session_id
