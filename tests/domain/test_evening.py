"""The evening as a state machine: what follows from the acts of the desk, undone or not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.domain.evening import (
    ALWAYS_OPEN,
    DESK_ACTS,
    SCREEN_VIEWS,
    UNDOABLE,
    DeskAct,
    Evening,
    read_evening,
)

BEGAN = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
KEYS = ("checkup", "repair", "touch")
FREE = frozenset({"checkup"})


def act(n: int, name: str, **more: object) -> DeskAct:
    return DeskAct(f"e{n:03}", name, BEGAN + timedelta(seconds=n), **more)  # type: ignore[arg-type]


@st.composite
def evenings(draw: st.DrawFn) -> list[DeskAct]:
    names = draw(st.lists(st.sampled_from(DESK_ACTS), max_size=25))
    acts: list[DeskAct] = []
    for n, name in enumerate(names):
        earlier = [each.act_id for each in acts] or ["e999"]
        about = draw(st.sampled_from([*earlier, "line-1", "line-2"]))
        acts.append(
            act(
                n,
                name,
                exercise=draw(st.sampled_from(KEYS)),
                about=about,
                seconds=draw(st.sampled_from([0.0, 1.0, 600.0])),
                view=draw(st.sampled_from([*SCREEN_VIEWS, "nonsense"])),
                groups=draw(st.sampled_from([(), (("p-aaaaaa", "p-bbbbbb"),)])),
                words=draw(st.sampled_from(["", "late start"])),
            )
        )
    return acts


def without(acts: list[DeskAct], act_id: str) -> list[DeskAct]:
    return [each for each in acts if each.act_id != act_id]


@given(evenings(), st.randoms(use_true_random=False))
def test_the_order_in_which_journals_are_read_changes_nothing(acts, chance) -> None:
    shuffled = list(acts)
    chance.shuffle(shuffled)
    assert read_evening(shuffled) == read_evening(acts)


@given(evenings(), st.data())
def test_what_is_undone_counts_as_if_it_had_never_been(acts, data) -> None:
    undoable = read_evening(acts).undoable
    if not undoable:
        return
    gone = data.draw(st.sampled_from(undoable))
    after = read_evening([*acts, act(900, "undone", about=gone.act_id)])
    assert after == read_evening(without(acts, gone.act_id))
    # Twice is once: two facilitators tapped the same button.
    twice = [*acts, act(900, "undone", about=gone.act_id), act(901, "undone", about=gone.act_id)]
    assert read_evening(twice) == after


@given(evenings())
def test_everything_undone_is_an_evening_on_which_nothing_was_done(acts) -> None:
    undoing = [
        act(800 + n, "undone", about=each.act_id)
        for n, each in enumerate(acts)
        if each.name in UNDOABLE
    ]
    after = read_evening([*acts, *undoing])
    assert after == Evening(notes=after.notes)
    assert after.notes == tuple(each for each in acts if each.name == "note")


@given(evenings())
def test_an_act_before_it_was_done_can_not_be_undone(acts) -> None:
    early = DeskAct("e-early", "undone", BEGAN - timedelta(seconds=1), about="e000")
    assert read_evening([early, *acts]) == read_evening(acts)


@given(evenings())
def test_what_has_to_stay_open_stays_open(acts) -> None:
    evening = read_evening(acts)
    assert all(evening.is_open(key, frozenset()) for key in ALWAYS_OPEN)
    if evening.here:
        assert evening.is_open(evening.here.exercise, frozenset())
    assert evening.view in SCREEN_VIEWS
    assert not set(evening.approved) & evening.set_aside
    assert not evening.opened & evening.closed


def test_what_the_desk_opened_or_closed_goes_before_what_was_prepared() -> None:
    acts = [act(1, "exercise-opened", exercise="repair"), act(2, "exercise-closed",
            exercise="checkup")]  # fmt: skip
    evening = read_evening(acts)
    assert evening.is_open("repair", FREE)
    assert not evening.is_open("checkup", FREE)
    assert not evening.is_open("touch", FREE)
    assert read_evening(acts[:1]).is_open("checkup", FREE)


def test_bringing_everybody_again_to_the_same_place_is_news() -> None:
    once = read_evening([act(1, "brought", exercise="repair")])
    again = read_evening([act(1, "brought", exercise="repair"), act(2, "brought",
                          exercise="repair")])  # fmt: skip
    assert once.here and again.here
    assert once.here.act_id != again.here.act_id


def test_letting_go_twice_is_undone_once() -> None:
    acts = [act(1, "brought", exercise="repair"), act(2, "let-go"), act(3, "let-go")]
    evening = read_evening(acts)
    assert [each.act_id for each in evening.undoable] == ["e001", "e002"]


def test_a_clock_of_the_group_runs_pauses_and_is_extended() -> None:
    acts = [
        act(0, "clock-started", exercise="repair", seconds=600.0),
        act(60, "clock-paused", exercise="repair"),
        act(120, "clock-resumed", exercise="repair"),
        act(130, "clock-extended", exercise="repair", seconds=300.0),
    ]
    evening = read_evening(acts)
    clock = evening.clock("repair", BEGAN + timedelta(seconds=180))
    assert (clock.state, clock.left_s, clock.total_s) == ("running", 780.0, 900.0)
    assert evening.clock("touch", BEGAN).state == "ready"
