"""`frictionless validate datapackage.json`, run in the session's folder by its own command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import frictionless
import pytest

from reconnect_widgets.records import SessionRecord
from tests.records.example import ANN, BEN, CLEO, EVENING, append_answer, join
from tests.records.test_codebook import Wording

AWKWARD = (
    "=SUM(A1:A9)",
    "'quoted'",
    'say "hi", twice',
    "one\r\ntwo\nthree\rfour",
    "\r",
    "\n\n",
    "ends with a return\r",
    "tab\tand null-ish NA, nan, None",
    "שלום עולם ‏",
    "👩‍❤️‍👨 🏳️‍🌈",
    "\u2028 \u2029 \x85 \x0b \x0c \x1c \x1d \x1e",
    "\ufeffmark first",
    "\x01\x02\x7f",
    ",,,,,,,,",
    ";;;;",
    '"',
    " spaces around ",
    "é" * 4000,
)


def validate(folder: Path) -> dict[str, object]:
    """Run the real command line and return its report."""
    run = subprocess.run(
        [sys.executable, "-m", "frictionless", "validate", "datapackage.json", "--json"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    report: dict[str, object] = json.loads(run.stdout)
    assert (run.returncode == 0) == report["valid"]
    return report


def test_an_empty_session_is_valid(record: SessionRecord) -> None:
    record.merge()
    report = validate(record.folder)
    assert report["valid"], report


def test_a_full_session_with_awkward_texts_is_valid(record: SessionRecord) -> None:
    for number, participant_id in enumerate((ANN, BEN, CLEO)):
        join(record, participant_id, AWKWARD[number], "AB"[number % 2])
    writer = record.open_writer(ANN)
    for text in AWKWARD:
        append_answer(writer, text=text)
    append_answer(writer, status="skipped", value=None)
    append_answer(writer, value="not-now", dyad_id="")
    writer.append_event("note", detail=AWKWARD[3], participant_id=ANN)
    append_answer(record.open_writer("p-nobody"), item="touch-1")
    record.withdraw(CLEO, EVENING)
    record.merge([Wording("checkup", "presence-1", "=\r\n", keyed=-1)])
    report = validate(record.folder)
    assert report["valid"], report
    assert [task["stats"]["rows"] for task in report["tasks"]] == [21, 4, 7, 1]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("table", "before", "after"),
    [
        ("responses.csv", b",answered,", b",guessed,"),
        ("responses.csv", b",p-ann001,", b",p-gone99,"),
        ("responses.csv", b",checkup,1,", b",checkup,0,"),
        ("participants.csv", b"p-ann001", b"Ann"),
        ("participants.csv", b",recorded,", b",maybe,"),
        ("timeline.csv", b"Z,", b" o'clock,"),
    ],
)
def test_the_schema_notices_what_does_not_belong(
    record: SessionRecord, table: str, before: bytes, after: bytes
) -> None:
    join(record, ANN, "Ann")
    append_answer(record.open_writer(ANN))
    record.merge()
    assert frictionless.Package(str(record.folder / "datapackage.json")).validate().valid
    path = record.folder / table
    assert before in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(before, after))
    # The library itself: the same check as the command line's, without its start-up.
    report = frictionless.Package(str(record.folder / "datapackage.json")).validate()
    assert not report.valid
