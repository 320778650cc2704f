"""Copies to give away: what each level holds, and above all what it does not."""

from __future__ import annotations

import json
import re
import shutil
import stat
from pathlib import Path

import pytest

from reconnect_widgets.errors import RecordError, RecordReadError, RecordWriteError
from reconnect_widgets.records import SessionRecord
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
from tests.records.test_codebook import Wording
from tests.records.test_datapackage import validate

ITEMS = [Wording("checkup", f"presence-{n}", f"Item {n}", ((0, "never"), (4, "very often")))
         for n in range(1, 6)]  # fmt: skip
ITEMS.append(Wording("checkup", "guess-presence", "Guess", ((0, "low"), (4, "high")), None, ""))


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> SessionRecord:
    """Ten couples with whole checkups, five lower and five higher.

    And Cleo, who is not recorded, and Ann, who withdrew.
    """
    record = make_session(tmp_path_factory.mktemp("data"))
    for number in range(20):
        participant_id = f"p-pers{number:02}"
        writer = record.open_writer(participant_id)
        dyad_id = f"d-cpl{number // 2}"
        detail = {"name": f"Name{number}", "partner_slot": "AB"[number % 2]}
        detail["return_code_hash"] = f"hash{number}"
        writer.append_person("joined", detail, participant_id=participant_id, dyad_id=dyad_id)
        writer.append_person(
            "consented", {"consent": "recorded"}, participant_id=participant_id, dyad_id=dyad_id
        )
        for item in range(1, 6):
            append_answer(
                writer,
                item=f"presence-{item}",
                value=2 + number // 10,
                dyad_id=dyad_id,
                text=f"words{number}",
            )
    writer = record.open_writer(CLEO)
    writer.append_person("joined", {"name": "Cleo"}, participant_id=CLEO, dyad_id="")
    append_answer(writer, text="words of Cleo", dyad_id="")  # before she chose not to be recorded
    writer.append_person("consented", {"consent": "not-recorded"}, participant_id=CLEO, dyad_id="")
    join(record, ANN, "Ann")
    append_answer(record.open_writer(ANN), text="words of Ann")
    record.withdraw(ANN, EVENING)
    record.merge(ITEMS)
    return record


@pytest.fixture
def group(made_once: SessionRecord, tmp_path: Path) -> SessionRecord:
    """A group of one's own; copying it needs no syncing, making it 180 syncs."""
    folder = tmp_path / "sessions" / made_once.session_id
    shutil.copytree(made_once.folder, folder)
    return SessionRecord(folder)


def everything(folder: Path) -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(folder.iterdir()))


@pytest.mark.parametrize("excel", [False, True])
@pytest.mark.parametrize("level", ["full", "deidentified", "group"])
def test_every_level_is_a_valid_data_package(
    group: SessionRecord, tmp_path: Path, level: str, excel: bool
) -> None:
    group.export(level, tmp_path / "copy", excel=excel)
    report = validate(tmp_path / "copy")
    assert report["valid"], report


@pytest.mark.parametrize("level", ["full", "deidentified", "group"])
def test_no_level_lets_anybody_in(group: SessionRecord, tmp_path: Path, level: str) -> None:
    group.export(level, tmp_path / "copy")
    assert group.info.code not in everything(tmp_path / "copy")
    for path in (tmp_path / "copy").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_full_copy_is_the_merged_tables(group: SessionRecord, tmp_path: Path) -> None:
    group.export("full", tmp_path / "copy")
    names = {path.name for path in (tmp_path / "copy").iterdir()}
    assert names == {
        *("responses.csv", "participants.csv", "timeline.csv", "codebook.csv"),
        *("datapackage.json", "session.json"),
    }
    for name in names - {"session.json"}:
        assert (tmp_path / "copy" / name).read_bytes() == (group.folder / name).read_bytes()
    about = json.loads((tmp_path / "copy" / "session.json").read_bytes())
    assert about["title"] == "Tuesday group"
    assert "code" not in about


def test_a_deidentified_copy_holds_no_who_when_or_words(
    group: SessionRecord, tmp_path: Path
) -> None:
    group.export("deidentified", tmp_path / "copy")
    text = everything(tmp_path / "copy")
    secrets = [group.session_id, "Tuesday", "Name", "words", "hash", "p-pers", "d-cpl", ANN, CLEO]
    secrets += [row.event_id for row in group.read().rows]
    assert [secret for secret in secrets if secret in text] == []
    assert not re.search(r"20\d\d-\d\d", text)
    assert not (tmp_path / "copy" / "timeline.csv").exists()


def test_a_deidentified_copy_keeps_the_answers_and_who_belongs_together(
    group: SessionRecord, tmp_path: Path
) -> None:
    group.export("deidentified", tmp_path / "copy")
    responses = read_table(tmp_path / "copy" / "responses.csv")
    people = read_table(tmp_path / "copy" / "participants.csv")
    assert len(people) == 20
    assert len({person["dyad"] for person in people}) == 10
    assert len(responses) == 100
    for person in people:
        own = [row for row in responses if row["participant"] == person["participant"]]
        assert [row["position"] for row in own] == ["1", "2", "3", "4", "5"]
        assert {row["dyad"] for row in own} == {person["dyad"]}
        assert len({row["value"] for row in own}) == 1
    assert sorted(row["value"] for row in responses) == ["2"] * 50 + ["3"] * 50


def test_two_deidentified_copies_can_not_be_laid_side_by_side(
    group: SessionRecord, tmp_path: Path
) -> None:
    ids = []
    for name in ("one", "two"):
        group.export("deidentified", tmp_path / name)
        people = read_table(tmp_path / name / "participants.csv")
        ids.append({cell for row in people for cell in (row["participant"], row["dyad"])})
        assert [row["participant"] for row in people] == sorted(
            row["participant"] for row in people
        )
    assert not ids[0] & ids[1]


def test_the_days_of_a_later_round_are_counted_from_the_session(
    record: SessionRecord, tmp_path: Path
) -> None:
    join(record, BEN, "Ben", None)
    row = append_answer(record.open_writer(BEN))
    record.merge()
    record.export("deidentified", tmp_path / "copy")
    (response,) = read_table(tmp_path / "copy" / "responses.csv")
    assert int(response["day"]) == (row.recorded_at.date() - EVENING.date()).days


def test_group_figures_are_those_of_enough_people_and_no_others(
    group: SessionRecord, tmp_path: Path
) -> None:
    group.export("group", tmp_path / "copy")
    rows = read_table(tmp_path / "copy" / "group.csv")
    assert {(row["exercise"], row["round"], row["category"]) for row in rows} == {
        ("checkup", "1", "presence")
    }
    # Values 2 and 3 of 0 to 4 score 50 and 75. Worked out by hand after `domain.suppression`.
    assert {row["figure"]: row["people"] for row in rows} == {
        "0-24": "",
        "25-49": "",
        "50-74": "10",
        "75-100": "",
        "no-figure": "",
        "hidden": "10",
        "total": "20",
    }
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == [
        "datapackage.json",
        "group.csv",
    ]


def test_of_a_practice_session_only_a_copy_that_says_so_is_made(tmp_path: Path) -> None:
    practice = make_session(tmp_path, is_practice=True)
    for level in ("deidentified", "group"):
        with pytest.raises(RecordError, match="practice"):
            practice.export(level, tmp_path / level)
        assert not (tmp_path / level).exists()
    practice.export("full", tmp_path / "full")
    assert json.loads((tmp_path / "full" / "session.json").read_text())["is_practice"] is True


def test_four_couples_have_no_group_figures(record: SessionRecord, tmp_path: Path) -> None:
    for number in range(8):
        writer = record.open_writer(f"p-pers{number:02}")
        for item in range(1, 6):
            append_answer(writer, item=f"presence-{item}", dyad_id=f"d-cpl{number // 2}")
    record.merge(ITEMS)
    record.export("group", tmp_path / "copy")
    assert read_table(tmp_path / "copy" / "group.csv") == []


def test_who_withdraws_is_not_in_the_group_figures_any_more(
    group: SessionRecord, tmp_path: Path
) -> None:
    group.export("group", tmp_path / "before")
    for participant_id in ("p-pers00", "p-pers01"):
        group.withdraw(participant_id, EVENING)
    group.export("group", tmp_path / "copy")
    assert read_table(tmp_path / "before" / "group.csv") != []
    assert read_table(tmp_path / "copy" / "group.csv") == []


def test_a_codebook_that_does_not_fit_is_told(group: SessionRecord, tmp_path: Path) -> None:
    path = group.folder / "codebook.csv"
    path.write_bytes(path.read_bytes().replace(b'""4""', b'""2""'))
    with pytest.raises(RecordReadError, match=r"codebook\.csv"):
        group.export("group", tmp_path / "copy")


def test_a_copy_for_excel_begins_with_its_mark_and_says_so(
    group: SessionRecord, tmp_path: Path
) -> None:
    group.export("full", tmp_path / "copy", excel=True)
    for path in (tmp_path / "copy").glob("*.csv"):
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    package = json.loads((tmp_path / "copy" / "datapackage.json").read_bytes())
    assert {resource["encoding"] for resource in package["resources"]} == {"utf-8-sig"}


def test_cells_with_a_semicolon_or_a_tab_are_quoted_in_every_file(
    record: SessionRecord,
) -> None:
    """LibreOffice splits at both unless told otherwise."""
    append_answer(record.open_writer(ANN), text="one; two\tthree ")
    record.merge()
    assert b',"one; two\tthree ",' in (record.folder / "responses.csv").read_bytes()


def test_a_copy_is_noted_in_the_timeline(group: SessionRecord, tmp_path: Path) -> None:
    group.export("deidentified", tmp_path / "copy", actor="facilitator")
    noted = group.read().rows[-1]
    assert (noted.event, noted.detail, noted.subject) == ("exported", "deidentified", "facilitator")


def test_an_earlier_copy_is_replaced(group: SessionRecord, tmp_path: Path) -> None:
    group.export("group", tmp_path / "copy")
    group.export("group", tmp_path / "copy", excel=True)
    assert (tmp_path / "copy" / "group.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_copy_is_never_put_beside_a_fuller_one(group: SessionRecord, tmp_path: Path) -> None:
    group.export("full", tmp_path / "copy")
    before = everything(tmp_path / "copy")
    with pytest.raises(RecordWriteError, match="other files"):
        group.export("deidentified", tmp_path / "copy")
    assert everything(tmp_path / "copy") == before


def test_a_copy_is_never_put_into_the_record(group: SessionRecord) -> None:
    before = (group.folder / "responses.csv").read_bytes()
    for folder in (group.folder, group.folder / "journal", group.folder / "copy"):
        with pytest.raises(RecordWriteError):
            group.export("deidentified", folder)
    assert (group.folder / "responses.csv").read_bytes() == before


@pytest.mark.parametrize("level", ["", "FULL", "anonymous"])
def test_there_are_no_other_levels(group: SessionRecord, tmp_path: Path, level: str) -> None:
    with pytest.raises(RecordError, match="full, deidentified, group"):
        group.export(level, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
