"""The record as typed frames: responses, participants, timeline.

What belongs here: the three loaders. What does not: finding sessions (`sources`), checking cells
(`csv_reading`), types (`columns`), scores (`scores`).

Frames are built session by session and put together at the end: where one machine's memory ends,
a distributed frame can take the sessions one at a time from the same place.
"""

from __future__ import annotations

import pandas as pd

from reconnect_widgets.errors import RecordReadError
from reconnect_widgets.records.tables import PARTICIPANTS, RESPONSES, TIMELINE, Table
from reconnect_widgets.review.columns import build_frame, build_numbers
from reconnect_widgets.review.csv_reading import read_cells
from reconnect_widgets.review.set_aside import leave_out_set_aside
from reconnect_widgets.review.sources import Paths, SessionSource, open_sources


def load_responses(path_or_paths: Paths) -> pd.DataFrame:
    """Read the answers: one row per answer given, every change of mind included.

    Parameters
    ----------
    path_or_paths
        A session's folder, a data folder (all its sessions but those for practice), an exported
        folder, a zip of any of them, a ``responses.csv``, or several of these.

    Returns
    -------
    pandas.DataFrame
        Ordered by session as given (within a data folder by name, which begins with the date),
        then `recorded_at`, then `writer_seq`. The last row of (session_id, participant_id,
        exercise, round, item) is the answer that counts; earlier ones are history.

        ================ ==================== ==================================================
        column           dtype                meaning
        ================ ==================== ==================================================
        event_id         string               identity of the row (UUID version 7)
        recorded_at      datetime64[ms, UTC]  when the row was durable
        session_id       string
        participant_id   string               opaque, of this session only
        dyad_id          string               the couple; ``<NA>`` for who takes part alone
        exercise         string               such as ``checkup``
        round            Int64                1 for the first time, 2 for the second …
        item             string               such as ``presence-3``
        status           category             ``answered``, ``skipped``, ``declined``
        value            string               number or option key as given, never reverse-keyed;
                                              ``<NA>`` unless answered
        value_number     Float64              `value` where it is a number, else ``<NA>``
        text             string               free text, exactly as written; ``<NA>`` when none
        writer_seq       Int64                1, 2, 3 … per journal file
        content_version  string               version of the wording that was shown
        schema_version   string
        ================ ==================== ==================================================

        What was never shown has no row. Of people who withdrew there is nothing, and nothing of
        what was set aside when a facilitator changed seats; a ``responses.csv`` that is given
        alone still holds it, because the timeline that says so is not there. A folder without
        answers gives an empty frame of the same types.

    Raises
    ------
    RecordReadError
        If there is nothing at a path, a session comes twice, or a CSV was changed by another
        program (with file, line and column).

    Warns
    -----
    UnreadRowsWarning
        If rows of a journal could not be read; all others are there.
    """
    frame = _load(RESPONSES, path_or_paths)
    frame.insert(
        list(frame.columns).index("value") + 1,
        "value_number",
        build_numbers(frame["value"].fillna("").tolist()),
    )
    return frame


def load_participants(path_or_paths: Paths) -> pd.DataFrame:
    """Read who takes part: one row per person, in the order of joining.

    Parameters
    ----------
    path_or_paths
        As for `load_responses`; a single CSV is a ``participants.csv``.

    Returns
    -------
    pandas.DataFrame
        ================= ==================== =================================================
        column            dtype                meaning
        ================= ==================== =================================================
        session_id        string               not in the CSV: known from the folder; ``<NA>``
                                               where a copy does not say it
        participant_id    string
        dyad_id           string               ``<NA>`` for who takes part alone
        partner_slot      category             ``A`` or ``B``
        name              string               as the person wants to be called
        joined_at         datetime64[ms, UTC]
        consent           category             ``recorded`` or ``not-recorded``; missing before
                                               the choice
        consent_at        datetime64[ms, UTC]
        withdrawn_at      datetime64[ms, UTC]  of a person who withdrew, only this and the ids
        return_code_hash  string
        ================= ==================== =================================================

    Raises
    ------
    RecordReadError
        As for `load_responses`.
    """
    return _load(PARTICIPANTS, path_or_paths)


def load_timeline(path_or_paths: Paths) -> pd.DataFrame:
    """Read what happened: one row per event, in order, nothing private.

    Parameters
    ----------
    path_or_paths
        As for `load_responses`; a single CSV is a ``timeline.csv``.

    Returns
    -------
    pandas.DataFrame
        ============ ==================== ======================================================
        column       dtype                meaning
        ============ ==================== ======================================================
        event_id     string
        recorded_at  datetime64[ms, UTC]
        session_id   string
        actor        string               a participant_id, ``facilitator``, ``f-ab12cd``, …
        event        string               ``opened``, ``joined``, ``step-shown``, ``closed`` …
        exercise     string               ``<NA>`` where it belongs to none
        detail       string
        ============ ==================== ======================================================

    Raises
    ------
    RecordReadError
        As for `load_responses`.
    """
    return _load(TIMELINE, path_or_paths)


def _load(table: Table, path_or_paths: Paths) -> pd.DataFrame:
    with open_sources(path_or_paths) as sources:
        frames = [load_session_table(source, table) for source in sources]
    _refuse_repeats(frames)
    if not frames:
        return _with_session_id(build_frame(table, {}), "")
    return pd.concat(frames, ignore_index=True)


def load_session_table(source: SessionSource, table: Table) -> pd.DataFrame:
    """Return one session's table as a typed frame: the unit that all loaders are made of."""
    file = table.file if source.has_journals else f"{source.label}: {table.file}"
    cells = read_cells(source.read_table(table), table, file)
    if not source.has_journals:
        cells = leave_out_set_aside(cells, table, source)
    frame = build_frame(table, cells)
    return _with_session_id(frame, source.find_session_id())


def _with_session_id(frame: pd.DataFrame, session_id: str) -> pd.DataFrame:
    if "session_id" not in frame.columns:
        ids = pd.Series([session_id or None] * len(frame), dtype="string")
        frame.insert(0, "session_id", ids)
    return frame


def _refuse_repeats(frames: list[pd.DataFrame]) -> None:
    """Counting somebody twice would be worse than stopping: a folder and its copy hold the same."""
    seen: set[str] = set()
    for frame in frames:
        found = set(frame["session_id"].dropna().unique())
        if twice := found & seen:
            raise RecordReadError(
                f"session {min(twice)} is in two of the places given; give each session once"
            )
        seen |= found
