"""A CSV that another program saved: refused with file, line, column and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from reconnect_widgets.errors import RecordReadError
from reconnect_widgets.review import load_participants, load_responses
from tests.records.example import ANN, append_answer, join, make_session


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """An exported copy with three answers: rows on the lines 2, 3 to 4 and 5."""
    record = make_session(tmp_path / "data")
    join(record, ANN, "Ann")
    writer = record.open_writer(ANN)
    append_answer(writer, item="presence-1", value=3)
    append_answer(writer, item="note-1", value=None, text="two\nlines, Zoë's")
    append_answer(writer, item="presence-2", value=4)
    writer.close()
    folder = tmp_path / "copy"
    record.export("full", folder)
    return folder


def change(folder: Path, how: Callable[[str], str]) -> None:
    path = folder / "responses.csv"
    path.write_bytes(how(path.read_bytes().decode()).encode())


def replaced(old: str, new: str) -> Callable[[str], str]:
    def how(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return how


def year_first_to_last(text: str) -> str:
    lines = text.split("\r\n")
    cells = lines[1].split(",")
    cells[1] = "11/20/2026 6:03:12 PM"
    return "\r\n".join([lines[0], ",".join(cells), *lines[2:]])


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        (
            lambda text: text.replace(",", ";"),
            "line 1: expected commas between the cells, found semicolons",
        ),
        (
            lambda text: text.replace(",", "\t"),
            "line 1: expected commas between the cells, found tabs",
        ),
        # As LibreOffice writes a text with a comma and a quote once semicolons separate.
        (
            lambda text: text.replace(",", ";") + '1;she said, "no", and left\r\n',
            "line 1: expected commas between the cells, found semicolons",
        ),
        (year_first_to_last, "line 2, column recorded_at: expected an instant like"),
        (
            replaced("presence-2,answered", "presence-2,Answered"),
            "line 5, column status: expected one of answered",
        ),
        (
            replaced("checkup,1,presence-2", "checkup,1.0,presence-2"),
            "line 5, column round: expected a whole number",
        ),
        (
            replaced("checkup,1,presence-2", "checkup,,presence-2"),
            "line 5, column round: expected something",
        ),
        (
            replaced("ann001,d-ab12,checkup,1,presence-2", "ANN001,d-ab12,checkup,1,presence-2"),
            "line 5, column participant_id: expected p- and six",
        ),
        (replaced("writer_seq", "Writer Seq"), "line 1: the column writer_seq can not be found"),
        (replaced("exercise,round,", ""), "line 1: the columns exercise, round can not be found"),
        (
            replaced("presence-2,answered", "presence-2,answered,"),
            "line 5: expected 14 cells, found 15",
        ),
        (
            replaced("status,value,text", "status,status,text"),
            "line 1: a column name stands there twice",
        ),
        (replaced('"two', '"two"x'), "line 3: the quotes do not pair"),
        (lambda text: "", "is empty"),
    ],
)
def test_what_another_program_changed_is_told_with_its_place(
    how: Callable[[str], str], expected: str, copy: Path
) -> None:
    change(copy, how)
    with pytest.raises(RecordReadError) as caught:
        load_responses(copy)
    message = str(caught.value)
    assert f"{copy}: responses.csv" in message
    assert expected in message
    assert "saved by another program" in message
    assert "reconnect merge" in message


def test_an_encoding_of_the_nineties_is_told_with_its_line(copy: Path) -> None:
    path = copy / "responses.csv"
    path.write_bytes(path.read_bytes().decode().encode("cp1252"))
    with pytest.raises(RecordReadError, match=r"responses\.csv, line 4: expected text in UTF-8"):
        load_responses(copy)


def test_two_bytes_per_character_are_recognised(copy: Path) -> None:
    path = copy / "responses.csv"
    path.write_bytes(path.read_bytes().decode().encode("utf-16"))
    with pytest.raises(RecordReadError, match="UTF-16; expected UTF-8"):
        load_responses(copy)


def test_a_byte_order_mark_other_line_ends_and_quotes_everywhere_change_nothing(copy: Path) -> None:
    before = load_responses(copy)

    def resave(text: str) -> str:
        lines = text.replace('"two\nlines, Zoë\'s"', "TEXT").removesuffix("\r\n").split("\r\n")
        quoted = [",".join(f'"{cell}"' for cell in line.split(",")) for line in lines]
        return "\ufeff" + "\n".join(quoted).replace("TEXT", "two\nlines, Zoë's") + "\n\n"

    change(copy, resave)
    assert load_responses(copy).equals(before)


def test_a_message_never_repeats_what_a_cell_holds(copy: Path) -> None:
    change(copy, replaced("presence-2,answered", "presence-2,my private words"))
    with pytest.raises(RecordReadError) as caught:
        load_responses(copy)
    assert "private" not in str(caught.value)


def test_columns_added_by_somebody_are_passed_over(copy: Path) -> None:
    before = load_participants(copy)
    path = copy / "participants.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(f"{line},note" for line in lines), encoding="utf-8")
    assert load_participants(copy).equals(before)


def test_a_deidentified_copy_says_that_it_is_one(tmp_path: Path) -> None:
    record = make_session(tmp_path / "data")
    join(record, ANN, "Ann")
    record.export("deidentified", tmp_path / "copy")
    with pytest.raises(RecordReadError, match="de-identified copy"):
        load_responses(tmp_path / "copy")
