"""The reference of the record, held to what the program writes."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from reconnect_widgets.records import JOURNAL_COLUMNS, MAX_TEXT_LENGTH, SessionRecord
from reconnect_widgets.records.deidentify import (
    DEIDENTIFIED_PARTICIPANTS,
    DEIDENTIFIED_RESPONSES,
)
from reconnect_widgets.records.group_table import GROUP_FIGURES
from reconnect_widgets.records.session_file import describe_session
from reconnect_widgets.records.tables import TABLES, Table
from tests.records.example import ANN, append_answer

REFERENCE = (Path(__file__).parents[2] / "docs/reference/record.md").read_text("utf-8")


def section(heading: str) -> str:
    found = re.search(rf"^## {re.escape(heading)}$(.*?)(?=^## |\Z)", REFERENCE, re.M | re.S)
    assert found, f"docs/reference/record.md has no heading '## {heading}'"
    return found[1]


def first_cells(table: str) -> list[str]:
    return [
        name
        for line in re.findall(r"^\| (`.*?) \|", table, re.M)
        for name in re.findall(r"`([^`]+)`", line)
    ]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_of_a_table_is_in_the_reference_in_its_order(table: Table) -> None:
    assert first_cells(section(f"`{table.file}`")) == list(table.column_names)


@pytest.mark.parametrize(
    "table", [DEIDENTIFIED_PARTICIPANTS, DEIDENTIFIED_RESPONSES, GROUP_FIGURES]
)
def test_every_column_of_a_copy_is_in_the_reference_in_its_order(table: Table) -> None:
    copies = section("Copies to give away")
    (found,) = re.findall(
        rf"^\| `{table.file}` \|.*?\n\|[-|]+\n(.*?)(?=\n\n|\Z)", copies, re.M | re.S
    )
    assert first_cells(found)[: len(table.columns)] == list(table.column_names)


def test_the_journals_columns_are_in_the_reference_in_their_order() -> None:
    listed = re.search(r"Columns, in this order: (.*?)\.", section("`journal/`"), re.S)
    assert listed
    assert re.findall(r"`([a-z_]+)`", listed[1]) == list(JOURNAL_COLUMNS)


def test_every_field_of_session_json_is_in_the_reference_in_its_order(
    record: SessionRecord,
) -> None:
    named = re.findall(r"`([a-z_]+)`", section("`session.json`"))
    assert named == list(describe_session(record.info))


def test_the_limit_of_a_text_is_the_one_in_force() -> None:
    assert f"texts over {MAX_TEXT_LENGTH:,} characters" in REFERENCE


def test_every_file_of_a_session_is_in_the_reference(record: SessionRecord) -> None:
    append_answer(record.open_writer(ANN))
    record.merge()
    for path in record.folder.iterdir():
        assert f"`{path.name}" in REFERENCE


def test_the_lines_for_pandas_read_every_cell_as_it_is(
    record: SessionRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = record.open_writer(ANN)
    texts = ["=one", "'two", "NA", "", "three; four\r\nfive"]
    for text in texts:
        append_answer(writer, text=text, value="none")
    record.merge()
    (code,) = re.findall(r"^```python\n(.*?)^```", REFERENCE, re.M | re.S)
    monkeypatch.chdir(record.folder)
    names: dict[str, pd.DataFrame] = {}
    exec(code, names)
    answers = names["answers"]
    assert answers["text"].tolist() == texts
    assert set(answers["value"]) == {"none"}
    assert str(answers["recorded_at"].dt.tz) == "UTC"
