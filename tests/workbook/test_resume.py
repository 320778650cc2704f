"""A kernel may die between any two messages; the next one goes on as if nothing had been.

Random people do random things (answer, take back, press any button, send a message twice, send
one that does not fit), and kernels die in between. Beside each such person runs another, who does
the same in one kernel that never dies. Both must come to the same place and the same record.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconnect_widgets.records import SessionRecord, journal
from reconnect_widgets.system import new_event_id
from reconnect_widgets.workbook.pages.checkup import MOVES
from tests.workbook.hand import (
    ANN,
    BEN,
    Hand,
    Message,
    answers_of,
    checkup_of,
    copy_session,
    finish_round,
    let_consent,
    make_session,
    open_checkup,
    own_rows,
    release,
)

ACTIONS = sorted({action for _, action in MOVES})

# What a person does: weights make long ways through the checkup likely.
ANSWER_REST = st.tuples(st.just("answer-rest"), st.integers(0, 4))
ANSWER = st.tuples(st.just("answer"), st.integers(0, 23), st.sampled_from([0, 2, 4, None]))
ONWARD = st.tuples(st.just("onward"))
ACT = st.tuples(st.just("act"), st.sampled_from(ACTIONS))
AGAIN = st.tuples(st.just("again"), st.integers(0, 30))
KILL = st.tuples(st.just("kill"))
PARTNER = st.tuples(st.just("partner"))
DOINGS = st.lists(
    st.one_of(*[ONWARD] * 5, ANSWER_REST, ANSWER, ACT, AGAIN, KILL, KILL, PARTNER),
    min_size=8,
    max_size=40,
)
ONWARD_ACTIONS = (
    "begin",
    "finish",
    "guess",
    "see-both",
    "ask-release",
    "release",
    "again",
    "ask-again",
)


class Life:
    """One person's hand, and the record it writes; the kernel may be replaced at any time."""

    def __init__(self, record: SessionRecord, *, dies: bool) -> None:
        self.record = record
        self.dies = dies
        self.hand = open_checkup(record, ANN)
        self.acked: list[Message] = []
        self.partner_done = False

    def send(self, message: Message) -> None:
        reply = self.hand.say(message)
        assert reply is not None
        if reply["type"] == "saved":
            self.acked.append(message)

    def kill(self) -> None:
        if not self.dies:
            return
        before = self.hand
        # A living kernel hears of the partner by a refresh; a new one looks by itself.
        before.say({"type": "refresh"})
        self.hand = open_checkup(self.record, ANN)
        assert checkup_of(self.hand).place == checkup_of(before).place
        assert _what_is_seen(self.hand) == _what_is_seen(before)

    def let_partner_release(self) -> None:
        if self.partner_done:
            return
        self.partner_done = True
        ben = open_checkup(self.record, BEN)
        finish_round(ben, 1)
        release(ben)


def _what_is_seen(hand: Hand) -> dict[str, Any]:
    """Return the stage without what names the model, and the answers it no longer shows."""
    hidden = ("_", "comm")
    return {name: value for name, value in hand.stage.items() if not name.startswith(hidden)}


def plan_messages(
    doing: tuple[Any, ...], hand: Hand, sent: list[Message], new_id: Callable[[], str]
) -> list[Message]:
    """Say which messages a doing means for a person who sees what this hand sees."""
    page = checkup_of(hand)
    state = page.place.state
    if doing[0] == "answer-rest":
        left = [key for key in (*page.outline.items,) if key not in state.given]
        left += [key for key in page.outline.guesses if page.place.screen == "guessing"]
        return [_answer(key, doing[1], state.round, new_id()) for key in left]
    if doing[0] == "answer":
        key = (*page.outline.items, *page.outline.guesses)[doing[1]]
        return [_answer(key, doing[2], state.round, new_id())]
    if doing[0] == "onward":
        screen = page.place.screen
        possible = [action for action in ONWARD_ACTIONS if (screen, action) in MOVES]
        if screen in ("snapshot", "couple"):
            possible = [action for action in possible if action in hand.offered]
        return [_action(hand.token, possible[0], new_id())] if possible else []
    if doing[0] == "act":
        return [_action(hand.token, doing[1], new_id())]
    if doing[0] == "again" and sent:
        return [sent[doing[1] % len(sent)]]
    return []


def _answer(item: str, value: int | None, round_: int, event_id: str) -> Message:
    status = "skipped" if value is None else "answered"
    return {
        "type": "answer",
        "event_id": event_id,
        "exercise": "checkup",
        "round": round_,
        "item": item,
        "status": status,
        "value": value,
    }


def _action(token: str, action: str, event_id: str) -> Message:
    return {"type": "action", "event_id": event_id, "stage": token, "action": action}


@contextmanager
def rows_without_sync() -> Iterator[None]:
    """Leave out the wait for the disk: a kernel dies here, not the machine (`tests/records`)."""
    with patch.object(journal, "sync_data"), patch.object(journal, "sync_folder"):
        yield


# All the way into the second round, with the partner there from the beginning, or only late.
EARLY = [("partner",), *[("onward",), ("kill",)] * 16]
LATE = [*[("onward",), ("kill",)] * 6, ("partner",), *[("kill",), ("onward",)] * 10]


@settings(max_examples=25)
@example(EARLY)
@example(LATE)
@given(DOINGS)
def test_no_kernel_that_dies_changes_where_one_is_or_what_is_recorded(
    doings: list[tuple[Any, ...]],
) -> None:
    with tempfile.TemporaryDirectory() as folder, rows_without_sync():
        record = make_session(Path(folder) / "dies")
        for person in (ANN, BEN):
            let_consent(record, person)
        mortal = Life(record, dies=True)
        # A copy from here on, so that both have the same people and the same first rows.
        immortal = Life(copy_session(record, Path(folder) / "lives"), dies=False)
        sent: list[Message] = []
        for doing in doings:
            if doing[0] == "kill":
                mortal.kill()
            elif doing[0] == "partner":
                mortal.let_partner_release()
                immortal.let_partner_release()
            # Whoever stays hears of the partner as whoever comes anew does.
            for life in (mortal, immortal):
                life.hand.say({"type": "refresh"})
            for message in plan_messages(doing, mortal.hand, sent, new_event_id):
                sent.append(message)
                mortal.send(message)
                immortal.send(message)
        mortal.kill()
        assert checkup_of(mortal.hand).place == checkup_of(immortal.hand).place
        assert _keys(mortal.acked) == _keys(immortal.acked)
        _check_record(mortal)
        _check_record(immortal)
        assert _history(mortal) == _history(immortal)


def _keys(messages: list[Message]) -> list[str]:
    return [message["event_id"] for message in messages]


def _check_record(life: Life) -> None:
    """Each acknowledged answer stands in the record exactly once, as it was sent."""
    counts = Counter(row.event_id for row in own_rows(life.record, ANN))
    assert set(counts.values()) <= {1}
    rows = {row.event_id: row for row in answers_of(life.record, ANN)}
    for message in life.acked:
        if message["type"] != "answer":
            continue
        row = rows[message["event_id"]]
        value = "" if message["value"] is None else str(message["value"])
        assert (row.round, row.item, row.status, row.value) == (
            message["round"],
            message["item"],
            message["status"],
            value,
        )


def _history(life: Life) -> list[tuple[object, ...]]:
    """Return what the record tells, without identities that are drawn anew."""
    return [
        (row.kind, row.event, row.round, row.item, row.status, row.value, row.detail)
        for row in own_rows(life.record, ANN)
    ]
