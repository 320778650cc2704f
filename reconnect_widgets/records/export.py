"""A copy of a session to give away, at one of three levels.

``full``: the merged tables with names and texts. ``deidentified``: see `deidentify`. ``group``:
see `group_table`. No level holds a join code or a journal. Each is a data package of its own.

For Excel, files begin with a byte order mark: without one it takes UTF-8 for the local encoding.
They stay comma-separated. A ``sep=`` line was thought of and left out: Excel then forgets the
byte order mark, and every other program reads the line as data.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, get_args

from reconnect_widgets.domain.people import Participant, Session
from reconnect_widgets.errors import RecordError, RecordWriteError
from reconnect_widgets.records.datapackage import encode_datapackage
from reconnect_widgets.records.deidentify import (
    DEIDENTIFIED_PARTICIPANTS,
    DEIDENTIFIED_RESPONSES,
    deidentify,
)
from reconnect_widgets.records.disk import replace_file
from reconnect_widgets.records.group_table import GROUP_FIGURES, build_group_cells
from reconnect_widgets.records.history import BYTE_ORDER_MARK
from reconnect_widgets.records.rows import Row
from reconnect_widgets.records.session_file import FILE_NAME, describe_session
from reconnect_widgets.records.tables import (
    CODEBOOK,
    PARTICIPANTS,
    RESPONSES,
    TIMELINE,
    Table,
    participant_cells,
    response_cells,
    timeline_cells,
)

ExportLevel = Literal["full", "deidentified", "group"]
EXPORT_LEVELS: Final[tuple[str, ...]] = get_args(ExportLevel)
_PACKAGE_FILE = "datapackage.json"

_Cells = Iterable[Sequence[str]]


def build_export(
    level: str,
    session: Session,
    rows: Sequence[Row],
    people: Mapping[str, Participant],
    codebook: Sequence[tuple[str, ...]],
    *,
    excel: bool,
) -> dict[str, bytes]:
    """Return the copy's files by name.

    Raises
    ------
    RecordError
        If there is no such level, or if the copy would hide that nobody in it is real.
    """
    if session.is_practice and level in ("deidentified", "group"):
        raise RecordError(
            "this session was for practice: nobody in it is real, and only a full copy says so"
        )
    answers = [row for row in rows if row.kind == "answer"]
    if level == "full":
        tables: dict[Table, _Cells] = {
            RESPONSES: map(response_cells, answers),
            PARTICIPANTS: map(participant_cells, people.values()),
            TIMELINE: (timeline_cells(row) for row in rows if row.kind != "answer"),
            CODEBOOK: codebook,
        }
        about = {key: value for key, value in describe_session(session).items() if key != "code"}
        text = json.dumps(about, ensure_ascii=False, indent=2) + "\n"
        return {
            **_encode(session.session_id, tables, excel=excel),
            FILE_NAME: text.encode("utf-8"),
        }
    if level == "deidentified":
        people_cells, answer_cells = deidentify(answers, people, session.created_at)
        tables = {
            DEIDENTIFIED_RESPONSES: answer_cells,
            DEIDENTIFIED_PARTICIPANTS: people_cells,
            CODEBOOK: codebook,
        }
        return _encode("reconnect-deidentified", tables, excel=excel)
    if level == "group":
        tables = {GROUP_FIGURES: build_group_cells(rows, people, codebook)}
        return _encode("reconnect-group", tables, excel=excel)
    raise RecordError(f"expected a level: {', '.join(EXPORT_LEVELS)}")


def write_export(files: Mapping[str, bytes], out_dir: Path, session_folder: Path) -> None:
    """Put the files into a folder that holds nothing else.

    Raises
    ------
    RecordWriteError
        If the folder holds other files, which might be given away by mistake (names left from a
        fuller copy, say), lies inside the record, or can not be written.
    """
    if out_dir.resolve().is_relative_to(session_folder.resolve()):
        raise RecordWriteError("a copy does not belong inside the session's own folder")
    try:
        out_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        others = sorted({path.name for path in out_dir.iterdir()} - files.keys())
    except OSError as error:
        raise RecordWriteError(f"{out_dir} can not be written ({error.strerror})") from error
    if others:
        raise RecordWriteError(
            f"{out_dir} holds other files ({others[0]}), which might be given away by mistake; "
            "name a new or empty folder"
        )
    for name, data in files.items():
        replace_file(out_dir / name, data)


def _encode(name: str, tables: Mapping[Table, _Cells], *, excel: bool) -> dict[str, bytes]:
    mark, encoding = (BYTE_ORDER_MARK, "utf-8-sig") if excel else (b"", "utf-8")
    files = {table.file: mark + table.encode(cells) for table, cells in tables.items()}
    return files | {_PACKAGE_FILE: encode_datapackage(name, tables, encoding=encoding)}
