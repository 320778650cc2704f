"""The roster is folded from rows: how far people are, never what they said."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import permutations
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.domain.acts import TOLD_AT_ONCE
from reconnect_widgets.records import SCHEMA_VERSION, Row
from reconnect_widgets.server.roster import (
    Roster,
    advance_roster,
    partner_of,
    people_in_dyad,
    presence_clock,
    present_people,
)
from reconnect_widgets.system import new_event_id

BEGIN = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


def row(minute: int, kind: str, participant_id: str = "", **cells: Any) -> Row:
    subject = (
        "facilitator" if not participant_id or cells.get("event") == "withdrew" else participant_id
    )
    empty: dict[str, Any] = {
        "event_id": new_event_id(),
        "recorded_at": BEGIN + timedelta(minutes=minute),
        "kind": kind,
        "session_id": "2026-11-20-group-k7f3mq",
        "participant_id": participant_id,
        "dyad_id": "",
        "exercise": "",
        "round": None,
        "item": "",
        "status": "",
        "value": "",
        "text": "",
        "event": "",
        "detail": "",
        "writer_seq": 1,
        "content_version": "",
        "schema_version": SCHEMA_VERSION,
        "writer_id": f"{subject}.00000000",
    }
    return Row(**{**empty, **cells})


def joined(minute: int, who: str, name: str, dyad: str = "", slot: str | None = None) -> Row:
    detail = json.dumps({"name": name, "partner_slot": slot, "return_code_hash": "ab"})
    return row(minute, "person", who, event="joined", detail=detail, dyad_id=dyad)


def answered(minute: int, who: str, item: str, round_: int = 1, status: str = "answered") -> Row:
    value = "3" if status == "answered" else ""
    return row(
        minute,
        "answer",
        who,
        exercise="checkup",
        item=item,
        round=round_,
        status=status,
        value=value,
    )


ADA, BO, CY = "p-aaaaaa", "p-bbbbbb", "p-cccccc"
COUPLE = [joined(0, ADA, "Ada", "d-1111", "A"), joined(1, BO, "Bo", "d-1111", "B")]


def test_people_are_there_once_they_joined() -> None:
    roster = advance_roster({}, COUPLE)
    assert [entry.name for entry in present_people(roster)] == ["Ada", "Bo"]
    assert roster[ADA].partner_slot == "A"
    assert roster[ADA].return_code_hash == "ab"
    partner = partner_of(roster, roster[ADA])
    assert partner is not None
    assert partner.name == "Bo"


def test_somebody_alone_has_no_partner_even_beside_others_alone() -> None:
    roster = advance_roster({}, [joined(0, ADA, "Ada"), joined(1, BO, "Bo")])
    assert partner_of(roster, roster[ADA]) is None
    assert people_in_dyad(roster, "") == []


def test_questions_handled_are_counted_once_whatever_was_said() -> None:
    rows = [
        answered(2, ADA, "presence-1"),
        answered(3, ADA, "presence-1"),
        answered(4, ADA, "presence-2", status="skipped"),
        answered(5, ADA, "guess-presence"),
    ]
    entry = advance_roster(advance_roster({}, COUPLE), rows)[ADA]
    assert len(entry.handled) == 2
    assert entry.has_answered


def test_a_new_round_counts_from_the_beginning() -> None:
    rows = [answered(2, ADA, f"presence-{n}") for n in (1, 2, 3)] + [answered(9, ADA, "touch-1", 2)]
    entry = advance_roster({}, [*COUPLE, *rows])[ADA]
    assert (entry.checkup_round, len(entry.handled)) == (2, 1)


def test_no_answer_is_in_the_roster() -> None:
    secret = row(
        2,
        "answer",
        ADA,
        exercise="checkup",
        item="presence-1",
        round=1,
        status="answered",
        value="4",
        text="MARKER",
    )
    entry = advance_roster({}, [*COUPLE, secret])[ADA]
    assert "MARKER" not in str(asdict(entry))


def test_the_step_shown_last_counts_in_whatever_order_rows_come() -> None:
    rows = [
        row(minute, "event", ADA, event="step-shown", exercise=exercise)
        for minute, exercise in ((2, "welcome"), (3, "checkup"), (4, "presence"))
    ]
    for order in permutations(rows):
        assert advance_roster({}, [*COUPLE, *order])[ADA].step == "presence"


def test_who_withdrew_is_gone_and_leaves_no_name() -> None:
    roster = advance_roster({}, [*COUPLE, row(5, "person", ADA, event="withdrew")])
    assert [entry.name for entry in present_people(roster)] == ["Bo"]
    assert roster[ADA].name == ""
    assert partner_of(roster, roster[BO]) is None
    late = answered(4, ADA, "presence-1")
    assert advance_roster(roster, [late])[ADA] == roster[ADA]


def test_moving_changes_the_couple() -> None:
    rows = [
        joined(0, ADA, "Ada", "d-1111", "A"),
        joined(1, BO, "Bo", "d-2222", "A"),
        row(2, "person", BO, event="moved", dyad_id="d-1111", detail='{"partner_slot": "B"}'),
    ]
    roster = advance_roster({}, rows)
    assert [entry.name for entry in people_in_dyad(roster, "d-1111")] == ["Ada", "Bo"]
    assert people_in_dyad(roster, "d-2222") == []


def released(minute: int, who: str, round_: int = 1) -> Row:
    detail = f'{{"round": {round_}}}'
    return row(minute, "event", who, event="released", exercise="checkup", detail=detail)


def news(roster: Roster) -> list[int]:
    return [roster[who].news for who in (ADA, BO, CY) if who in roster]


def test_news_goes_to_whom_it_concerns() -> None:
    roster = advance_roster({}, [*COUPLE, joined(2, CY, "Cy")])
    assert news(roster) == [0, 0, 0]
    roster = advance_roster(roster, [row(4, "event", event="closed")])
    assert news(roster) == [1, 1, 1]
    roster = advance_roster(roster, [row(5, "person", BO, event="withdrew")])
    assert [roster[who].news for who in (ADA, CY)] == [2, 1]


def test_a_release_is_no_news_before_both_have_released_the_same() -> None:
    for order in permutations((ADA, BO)):
        roster = advance_roster({}, [*COUPLE, joined(2, CY, "Cy"), released(3, order[0])])
        assert news(roster) == [0, 0, 0]
        other_round = advance_roster(roster, [released(4, order[1], round_=2)])
        assert news(other_round) == [0, 0, 0]
        both = advance_roster(roster, [released(4, order[1])])
        assert news(both) == [1, 1, 0]


def did(minute: int, who: str, event: str, exercise: str = "requests", **detail: Any) -> Row:
    told = json.dumps({"round": 1, **detail})
    return row(minute, "event", who, event=event, exercise=exercise, detail=told)


@pytest.mark.parametrize("event", sorted(TOLD_AT_ONCE))
def test_what_somebody_does_towards_their_partner_is_news_to_the_partner_alone(event: str) -> None:
    roster = advance_roster({}, [*COUPLE, joined(2, CY, "Cy"), did(3, ADA, event)])
    assert news(roster) == [0, 1, 0]


def test_a_release_that_was_taken_back_counts_no_more() -> None:
    taken_back = [released(3, ADA), did(4, ADA, "unreleased", "checkup")]
    roster = advance_roster({}, [*COUPLE, *taken_back, released(5, BO)])
    assert news(roster) == [0, 0]
    roster = advance_roster(roster, [released(6, ADA)])
    assert news(roster) == [1, 1]
    # What both have released stays so.
    roster = advance_roster(roster, [did(7, ADA, "unreleased", "checkup"), released(8, BO)])
    assert news(roster) == [2, 2]


def test_looking_back_is_news_when_both_have_looked_at_the_same() -> None:
    alone = advance_roster({}, [*COUPLE, did(3, ADA, "looked-back", about="a")])
    assert news(alone) == [0, 0]
    assert news(advance_roster(alone, [did(4, BO, "looked-back", about="b")])) == [0, 0]
    assert news(advance_roster(alone, [did(4, BO, "looked-back", about="a")])) == [1, 1]


ALONE = st.sampled_from(["answer", "released", "unreleased", "looked-back", "step-shown", "note"])


@given(
    hers=st.lists(st.tuples(ALONE, st.integers(1, 2)), max_size=12),
    his=st.lists(st.tuples(ALONE, st.integers(1, 2)), max_size=12),
    order=st.randoms(use_true_random=False),
)
def test_no_order_of_what_each_does_alone_is_news(
    hers: list[tuple[str, int]], his: list[tuple[str, int]], order: Random
) -> None:
    """She keeps to the checkup and he to another exercise: they never say yes to the same."""
    told = [(ADA, "checkup", *each) for each in hers] + [(BO, "touch", *each) for each in his]
    order.shuffle(told)
    roster: Roster = advance_roster({}, COUPLE)
    for minute, (who, exercise, event, round_) in enumerate(told):
        if event == "answer":
            rows = [answered(minute, who, "presence-1", round_)]
        else:
            rows = [did(minute, who, event, exercise, round=round_)]
        roster = advance_roster(roster, rows)
        assert news(roster) == [0, 0]


def test_the_fifteen_minutes_of_one_are_those_of_both_and_end_by_themselves() -> None:
    started = did(5, ADA, "clock-started", "presence", step="talk", seconds=900)
    roster = advance_roster({}, [*COUPLE, joined(2, CY, "Cy"), started])

    def states(minute: float) -> list[str]:
        now = BEGIN + timedelta(minutes=minute)
        return [presence_clock(roster, roster[who], now).state for who in (ADA, BO, CY)]

    assert states(19.9) == ["running", "running", "ready"]
    assert states(20) == ["done", "done", "ready"]
    roster = advance_roster(roster, [did(10, BO, "clock-paused", "presence", step="talk")])
    assert states(19) == ["paused", "paused", "ready"]
    # A new round has a clock of its own, whatever became of the one before.
    again = did(30, BO, "clock-started", "presence", round=2, step="talk", seconds=900)
    roster = advance_roster(roster, [again])
    assert states(31) == ["running", "running", "ready"]


def test_the_clock_of_another_exercise_is_another_clock() -> None:
    roster = advance_roster({}, [*COUPLE, did(5, ADA, "clock-started", "repair", seconds=900)])
    assert presence_clock(roster, roster[ADA], BEGIN + timedelta(minutes=6)).state == "ready"


def test_an_answer_of_the_partner_is_no_news() -> None:
    roster = advance_roster({}, [*COUPLE, answered(2, ADA, "presence-1")])
    assert roster[BO].news == 0


def test_couples_stand_together_in_the_order_of_joining() -> None:
    rows = [
        joined(0, CY, "Cy"),
        joined(1, ADA, "Ada", "d-1111", "B"),
        joined(2, "p-dddddd", "Di"),
        joined(3, BO, "Bo", "d-1111", "A"),
    ]
    assert [e.name for e in present_people(advance_roster({}, rows))] == ["Cy", "Bo", "Ada", "Di"]


def test_how_far_somebody_is_and_what_they_asked_is_the_same_in_any_order_of_reading() -> None:
    def did(minute: int, event: str, **detail: Any) -> Row:
        return row(minute, "event", "p-aaaaaa", event=event, exercise="requests",
                   detail=json.dumps(detail))  # fmt: skip

    rows = [
        did(1, "step-shown", round=1, step="ask"),
        did(2, "proposed", round=1),
        did(3, "finished", round=1),
        did(4, "step-shown", round=2, step="ask"),
        did(5, "changed", round=2, about="e"),
    ]
    seen = set()
    for order in permutations(rows):
        entry = advance_roster({}, order)["p-aaaaaa"]
        names = tuple(act.name for act in entry.asking)
        seen.add((tuple(entry.rounds.items()), entry.ended, names, entry.has_done("requests")))
    assert seen == {
        ((("requests", 2),), frozenset({("requests", 1)}), ("proposed", "changed"), False)
    }
    first = advance_roster({}, rows[:3])["p-aaaaaa"]
    assert first.has_done("requests")
    assert not first.has_done("touch")
