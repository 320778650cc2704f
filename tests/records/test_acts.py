"""What rows say of the dealings between partners, as far as they make sense."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconnect_widgets.domain.acts import Act, Answer
from reconnect_widgets.domain.clock import ClockAct
from reconnect_widgets.records import SCHEMA_VERSION, Row
from reconnect_widgets.records.acts import (
    is_clock_act,
    read_clock_acts,
    read_said,
    write_act,
    write_clock_act,
)
from reconnect_widgets.system import new_event_id

BEGIN = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
ANN, BEN = "p-ann001", "p-ben002"


def row(second: int, who: str, **cells: Any) -> Row:
    filled: dict[str, Any] = dict.fromkeys(
        ("exercise", "item", "status", "value", "text", "event", "detail", "content_version"), ""
    )
    filled |= {"kind": "event", "exercise": "requests", "round": None, **cells}
    return Row(
        event_id=new_event_id(),
        recorded_at=BEGIN + timedelta(seconds=second),
        session_id="2026-11-20-group-abcdef",
        participant_id=who,
        dyad_id="d-ab12",
        writer_seq=second + 1,
        schema_version=SCHEMA_VERSION,
        writer_id=f"{who}.abcdefgh",
        **filled,
    )


def test_both_peoples_rows_are_told_in_the_order_in_which_they_came() -> None:
    mine = [row(0, ANN, kind="answer", item="wish", round=2, status="answered", text="Please.")]
    mine += [row(2, ANN, event="declined", detail=write_act(2, about="x"))]
    theirs = [row(1, BEN, event="accepted"), row(3, BEN, event="released", exercise="touch")]
    answer, accepted, declined = read_said(mine, theirs, "requests")
    assert isinstance(answer, Answer)
    assert (answer.who, answer.round, answer.text) == ("me", 2, "Please.")
    assert isinstance(accepted, Act)
    assert (accepted.who, accepted.round, accepted.about) == ("partner", 1, "")
    assert isinstance(declined, Act)
    assert (declined.round, declined.about) == (2, "x")
    assert declined.at == BEGIN + timedelta(seconds=2)


def test_an_act_comes_back_as_it_was_written_and_holds_no_more_than_it_must() -> None:
    assert write_act(1) == '{"round": 1}'
    detail = write_act(3, about="a", opens=["b", "c"], reply="thank-you")
    (act,) = read_said([row(0, ANN, event="changed", detail=detail)], (), "requests")
    assert isinstance(act, Act)
    assert (act.round, act.about, act.opens, act.reply) == (3, "a", ("b", "c"), "thank-you")


@pytest.mark.parametrize(
    "detail",
    ["", "{", "[]", "7", '{"round": "1", "about": 4, "opens": "abc", "reply": []}', '{"round": 0}'],
)
def test_a_detail_that_makes_no_sense_is_read_as_none(detail: str) -> None:
    (act,) = read_said([row(0, ANN, event="delivered", detail=detail)], (), "requests")
    assert isinstance(act, Act)
    assert (act.round, act.about, act.opens, act.reply) == (1, "", (), "")


def test_clock_acts_of_one_step_of_one_round_are_read_of_both() -> None:
    rows = [
        row(0, ANN, event="clock-started", detail=write_clock_act(1, "talk", seconds=900)),
        row(1, BEN, event="clock-paused", detail=write_clock_act(1, "talk")),
        row(2, BEN, event="clock-paused", detail=write_clock_act(2, "talk")),
        row(3, BEN, event="clock-paused", detail=write_clock_act(1, "listen")),
        row(4, BEN, event="clock-paused", exercise="presence"),
        row(5, BEN, event="clock-smashed"),
    ]
    found = read_clock_acts(rows, "requests", round_=1, step="talk")
    assert found == [
        ClockAct(BEGIN, "started", 900.0, rows[0].event_id),
        ClockAct(BEGIN + timedelta(seconds=1), "paused", 0.0, rows[1].event_id),
    ]
    assert len(read_clock_acts(rows, "requests")) == 4
    assert [is_clock_act(each.event) for each in rows] == [True] * 5 + [False]


@pytest.mark.parametrize("seconds", ['"900"', "true", "null", "[]"])
def test_a_length_that_is_no_number_is_none(seconds: str) -> None:
    detail = f'{{"round": 1, "seconds": {seconds}}}'
    json.loads(detail)
    (act,) = read_clock_acts([row(0, ANN, event="clock-started", detail=detail)], "requests")
    assert act.seconds == 0.0
