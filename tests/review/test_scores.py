"""Scores as a frame, against numbers worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.content import load_instrument
from reconnect_widgets.errors import RecordReadError
from reconnect_widgets.review import latest_answers, score_checkup
from tests.review.groups import SESSION, alone, couples, raw_value, response_frame, responses_of

DTYPES = {
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
PRESENCE = [item for item in load_instrument().items if item.category == "presence"]


def presence(levels: list[int | None]) -> pd.DataFrame:
    """Answers to the five items of presence, by the level they stand for; None is skipped."""
    return response_frame(
        [
            {
                "item": item.key,
                "status": "skipped" if level is None else "answered",
                "value": "" if level is None else str(raw_value(level, item.keyed)),
            }
            for item, level in zip(PRESENCE, levels, strict=True)
        ]
    )


def score_of(frame: pd.DataFrame, category: str = "presence") -> Mapping[str, object]:
    scores = score_checkup(frame)
    (row,) = scores[scores["category"] == category].to_dict("records")
    return row


# Worked out by hand: 100 * sum / (4 * answered).
@pytest.mark.parametrize(
    ("levels", "score", "n_valid", "is_prorated"),
    [
        ([0, 0, 0, 0, 0], 0.0, 5, False),
        ([4, 4, 4, 4, 4], 100.0, 5, False),
        ([1, 2, 3, 4, 0], 50.0, 5, False),  # 10 of 20
        ([3, 3, 2, 3, 3], 70.0, 5, False),  # 14 of 20
        ([3, 3, None, 3, 3], 75.0, 4, True),  # 12 of 16
        ([1, None, 2, 4, 0], 43.75, 4, True),  # 7 of 16
    ],
)
def test_a_score_is_the_percent_of_what_was_possible(
    levels: list[int | None], score: float, n_valid: int, is_prorated: bool
) -> None:
    row = score_of(presence(levels))
    assert row["score"] == score
    assert (row["n_valid"], row["is_prorated"]) == (n_valid, is_prorated)
    assert pd.isna(row["reason"])


def test_with_three_answers_there_is_no_score_and_it_says_why() -> None:
    row = score_of(presence([4, 4, 4, None, None]))
    assert pd.isna(row["score"])
    assert (row["n_valid"], row["is_prorated"]) == (3, False)
    assert row["reason"] == "too-few-answers"


def test_a_category_that_was_not_reached_has_no_score() -> None:
    row = score_of(presence([4, 4, 4, 4, 4]), "touch")
    assert pd.isna(row["score"])
    assert (row["n_valid"], row["reason"]) == (0, "too-few-answers")


def test_reverse_keyed_items_count_the_other_way_and_stay_raw_in_the_responses() -> None:
    keyed = [item.keyed for item in PRESENCE]
    assert -1 in keyed
    frame = response_frame([{"item": item.key, "value": "4"} for item in PRESENCE])
    expected = 100 * sum(4 if k == 1 else 0 for k in keyed) / 20
    assert score_of(frame)["score"] == expected
    assert frame["value_number"].tolist() == [4.0] * 5


def test_the_latest_answer_counts_by_time_then_by_number_wherever_it_stands() -> None:
    early, late = "2026-11-20T18:00:00.000Z", "2026-11-20T18:00:00.001Z"
    rows = [
        {"item": "presence-1", "value": "3", "recorded_at": late, "writer_seq": "2"},
        {"item": "presence-1", "value": "1", "recorded_at": late, "writer_seq": "1"},
        {"item": "presence-1", "value": "0", "recorded_at": early, "writer_seq": "9"},
    ]
    for order in (rows, rows[::-1], [rows[1], rows[0], rows[2]]):
        assert latest_answers(response_frame(order))["value"].tolist() == ["3"]


def test_an_answer_that_was_skipped_later_counts_as_skipped() -> None:
    first = presence([4, 4, 4, 4, 4])
    later = presence([None, None, 4, 4, 4])
    later["recorded_at"] += pd.Timedelta(minutes=1)
    row = score_of(pd.concat([first, later], ignore_index=True))
    assert (row["n_valid"], row["reason"]) == (3, "too-few-answers")


def test_rounds_people_and_sessions_are_scored_apart() -> None:
    first, second = presence([0] * 5), presence([4] * 5)
    second["round"] = pd.array([2] * 5, dtype="Int64")
    other = presence([2] * 5).assign(session_id="2026-11-21-other-group-abc234")
    other["session_id"] = other["session_id"].astype("string")
    scores = score_checkup(pd.concat([second, other, first], ignore_index=True))
    of_presence = scores[scores["category"] == "presence"]
    found = of_presence[["session_id", "round", "score"]].to_records(index=False).tolist()
    assert found == [
        (SESSION, 1, 0.0),
        (SESSION, 2, 100.0),
        ("2026-11-21-other-group-abc234", 1, 50.0),
    ]


def test_guesses_and_other_exercises_are_passed_over() -> None:
    rows = [
        {"item": "guess-presence", "value": "4"},
        {"item": "presence-1", "exercise": "presence", "value": "4"},
    ]
    assert score_checkup(response_frame(rows)).empty


def test_one_row_for_each_category_in_the_order_of_the_instrument() -> None:
    scores = score_checkup(responses_of([*couples(1), *alone(1)]))
    order = [category.key for category in load_instrument().categories]
    assert scores["category"].tolist() == order * 3
    assert scores.groupby("participant_id")["dyad_id"].first().isna().sum() == 1


@pytest.mark.parametrize("frame", [response_frame([]), presence([1, 2, 3, 4, 0])])
def test_every_column_has_its_type_also_when_empty(frame: pd.DataFrame) -> None:
    assert {name: str(dtype) for name, dtype in score_checkup(frame).dtypes.items()} == DTYPES


@pytest.mark.parametrize("value", ["5", "-1", "2.5", "often"])
def test_a_value_that_was_never_offered_is_refused_without_repeating_it(value: str) -> None:
    frame = response_frame([{"item": "presence-1", "value": value}])
    with pytest.raises(RecordReadError, match="presence-1") as caught:
        score_checkup(frame)
    assert "'" + value not in str(caught.value)


@given(st.lists(st.one_of(st.none(), st.integers(0, 4)), min_size=5, max_size=5))
def test_turning_every_answer_round_turns_the_score_round(levels: list[int | None]) -> None:
    row = score_of(presence(levels))
    turned = score_of(presence([None if level is None else 4 - level for level in levels]))
    if row["reason"] == "too-few-answers":
        assert turned["reason"] == "too-few-answers"
    else:
        assert turned["score"] == pytest.approx(100 - float(str(row["score"])))
