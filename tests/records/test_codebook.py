"""The codebook: what occurs, in the wording that was shown, and nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass

from reconnect_widgets.records import SessionRecord
from tests.records.example import ANN, append_answer, read_table


@dataclass(frozen=True)
class Wording:
    exercise: str
    item: str
    wording: str
    options: tuple[tuple[int | str, str], ...] = ((0, "never"), (1, "very often"))
    keyed: int | None = 1
    category: str = "presence"
    content_version: str = "2026.1"


def test_only_items_that_occur_are_written(record: SessionRecord) -> None:
    append_answer(record.open_writer(ANN), item="presence-1")
    record.merge(
        [Wording("checkup", "presence-1", "=I, “looked” up"), Wording("checkup", "touch-1", "…")]
    )
    (row,) = read_table(record.folder / "codebook.csv")
    assert row["item"] == "presence-1"
    assert row["wording"] == "'=I, “looked” up"
    assert json.loads(row["options"]) == {"0": "never", "1": "very often"}
    assert (row["keyed"], row["category"], row["content_version"]) == ("1", "presence", "2026.1")


def test_an_item_that_is_not_scored_has_no_key(record: SessionRecord) -> None:
    append_answer(record.open_writer(ANN))
    record.merge([Wording("checkup", "presence-1", "Guess", (), None)])
    (row,) = read_table(record.folder / "codebook.csv")
    assert (row["keyed"], row["options"]) == ("", "")


def test_a_merge_without_wordings_keeps_those_that_are_there(record: SessionRecord) -> None:
    append_answer(record.open_writer(ANN))
    record.merge([Wording("checkup", "presence-1", "I looked\r\nup")])
    before = (record.folder / "codebook.csv").read_bytes()
    record.merge()
    assert (record.folder / "codebook.csv").read_bytes() == before


def test_each_version_that_occurs_keeps_its_own_wording(record: SessionRecord) -> None:
    writer = record.open_writer(ANN)
    append_answer(writer, content_version="2026.1")
    record.merge([Wording("checkup", "presence-1", "old")])
    append_answer(writer, content_version="2026.2")
    record.merge([Wording("checkup", "presence-1", "new", content_version="2026.2")])
    rows = read_table(record.folder / "codebook.csv")
    assert [(row["wording"], row["content_version"]) for row in rows] == [
        ("old", "2026.1"),
        ("new", "2026.2"),
    ]


def test_where_the_shown_version_is_unknown_the_given_one_stands_in_as_itself(
    record: SessionRecord,
) -> None:
    append_answer(record.open_writer(ANN), content_version="2025.9")
    record.merge([Wording("checkup", "presence-1", "new")])
    (row,) = read_table(record.folder / "codebook.csv")
    assert row["content_version"] == "2026.1"


def test_wordings_of_a_codebook_that_is_not_ours_are_not_taken_over(record: SessionRecord) -> None:
    append_answer(record.open_writer(ANN))
    record.merge([Wording("checkup", "presence-1", "ours")])
    path = record.folder / "codebook.csv"
    path.write_bytes(path.read_bytes().replace(b",", b";"))
    record.merge()
    assert read_table(path) == []
