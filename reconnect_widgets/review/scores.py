"""The checkup's scores as a frame: who scored what, on how many answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from reconnect_widgets.content import Instrument, load_instrument
from reconnect_widgets.domain.scoring import score_scale
from reconnect_widgets.errors import RecordReadError

EXERCISE: Final = "checkup"
_PERSON: Final = ["session_id", "participant_id", "round"]
_KEY: Final = [*_PERSON, "exercise", "item"]

SCORE_DTYPES: Final[Mapping[str, str]] = {
    "session_id": "string",
    "participant_id": "string",
    "dyad_id": "string",
    "round": "Int64",
    "category": "string",
    "score": "Float64",
    "n_valid": "Int64",
    "is_prorated": "boolean",
    "reason": "string",
}


def latest_answers(responses: pd.DataFrame) -> pd.DataFrame:
    """Return the answers that count: the last by `recorded_at`, then `writer_seq`, of each item.

    One row per (session_id, participant_id, exercise, round, item), columns as in
    `load_responses`, in the order in which they were given.
    """
    ordered = responses.sort_values(["recorded_at", "writer_seq"], kind="stable")
    return ordered.drop_duplicates(_KEY, keep="last").sort_index()


def score_checkup(frame: pd.DataFrame, instrument: Instrument | None = None) -> pd.DataFrame:
    """Score the checkup: one row per session, participant, round and category.

    Parameters
    ----------
    frame
        Responses as `load_responses` gives them; other exercises and the guesses about the
        partner are passed over.
    instrument
        What to score by; the checkup that comes with the workbook unless one is given.

    Returns
    -------
    pandas.DataFrame
        For everybody with at least one answered or skipped item of the checkup in that round;
        ordered by session, participant and round, the categories as in the instrument.

        ============== ======== ==================================================================
        column         dtype    meaning
        ============== ======== ==================================================================
        session_id     string
        participant_id string
        dyad_id        string   ``<NA>`` for who takes part alone
        round          Int64
        category       string
        score          Float64  percent of maximum possible, 0 to 100; ``<NA>`` when too few of
                                the items were answered
        n_valid        Int64    items answered
        is_prorated    boolean  the score rests on some of the items only
        reason         string   why there is no score (``too-few-answers``), else ``<NA>``
        ============== ======== ==================================================================

    Raises
    ------
    RecordReadError
        If a value is not one that the instrument offers; the text names row and item, and not
        the value.

    Notes
    -----
    Formula, missing-answer rule and their sources: `reconnect_widgets.domain.scoring.score_scale`.
    No total over the categories and no cut-off is given: the instrument has no norms.
    """
    instrument = instrument or load_instrument(EXERCISE)
    categories = {item.key: item.category for item in instrument.items}
    is_scored = (frame["exercise"] == EXERCISE) & frame["item"].isin(list(categories))
    answers = latest_answers(frame[is_scored])
    records: list[dict[str, Any]] = []
    for key, rows in answers.groupby(_PERSON, sort=True, dropna=False):
        records += _score_person(dict(zip(_PERSON, key, strict=True)), rows, instrument)
    return pd.DataFrame(records, columns=list(SCORE_DTYPES)).astype(dict(SCORE_DTYPES))


def _score_person(
    who: dict[str, Any], rows: pd.DataFrame, instrument: Instrument
) -> list[dict[str, Any]]:
    given = _read_values(rows, frozenset(option.value for option in instrument.options))
    dyads = rows["dyad_id"].dropna()
    records = []
    for scale in instrument.scales:
        result = score_scale(scale, given)
        records.append(
            who
            | {
                "dyad_id": None if dyads.empty else dyads.iloc[-1],
                "category": scale.key,
                "score": result.score,
                "n_valid": result.n_valid,
                "is_prorated": result.is_prorated,
                "reason": result.reason,
            }
        )
    return records


def _read_values(rows: pd.DataFrame, offered: frozenset[int]) -> dict[str, int | None]:
    given: dict[str, int | None] = {}
    columns = (rows[name].tolist() for name in ("event_id", "item", "status", "value_number"))
    for event_id, item, status, number in zip(*columns, strict=True):
        if status != "answered":
            given[item] = None
            continue
        if number is pd.NA or number not in offered:
            raise RecordReadError(
                f"the answer {event_id} to {item} is not one of those that the instrument offers; "
                "compare content_version with the codebook"
            )
        given[item] = int(number)
    return given
