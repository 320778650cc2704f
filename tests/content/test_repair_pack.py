"""The written scenes of the repair script: every way through them, and every answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reconnect_widgets.content import Scene, load_coach, load_exercise
from reconnect_widgets.domain.repair import MOVES, SLIPS

PACK = load_exercise("repair")
SCENES = pytest.mark.parametrize("scene", PACK.scenes, ids=[scene.key for scene in PACK.scenes])


def ways_through(scene: Scene, at: str = "", walked: tuple[str, ...] = ()) -> Iterator[list[str]]:
    """Yield the turns of every way from the first turn to the end, a circle ending it as well."""
    turn = scene.turn(at or scene.turns[0].id)
    assert turn is not None
    assert turn.id not in walked, f"{scene.key} goes in a circle: {walked}"
    for onward in {choice.goes for choice in turn.choices}:
        if onward == "end":
            yield [*walked, turn.id]
        else:
            yield from ways_through(scene, onward, (*walked, turn.id))


def test_there_are_at_least_six_scenes_each_with_other_people() -> None:
    assert len(PACK.scenes) >= 6
    assert len({scene.partner for scene in PACK.scenes}) == len(PACK.scenes)
    assert all(scene.partner in scene.who for scene in PACK.scenes)


@SCENES
def test_every_way_through_a_scene_has_four_turns_or_more_and_ends(scene: Scene) -> None:
    ways = list(ways_through(scene))
    assert ways
    assert min(map(len, ways)) >= 4


@SCENES
def test_every_turn_has_three_choices_each_answered_by_how_it_lands_and_why(scene: Scene) -> None:
    for turn in scene.turns:
        assert len(turn.choices) == 3
        for choice in turn.choices:
            assert len(choice.lands.split()) >= 4, choice.key
            assert len(choice.why.split()) >= 4, choice.key
            assert not (choice.moves and choice.slips), (scene.key, turn.id, choice.key)
            assert set(choice.moves) <= set(MOVES)
            assert set(choice.slips) <= set(SLIPS)


@SCENES
def test_every_scene_offers_each_move_and_most_slips(scene: Scene) -> None:
    choices = [choice for turn in scene.turns for choice in turn.choices]
    assert {move for choice in choices for move in choice.moves} == set(MOVES)
    assert len({slip for choice in choices for slip in choice.slips}) >= 4


@SCENES
def test_a_scene_can_turn_round_at_every_turn(scene: Scene) -> None:
    for turn in scene.turns:
        assert any(choice.moves for choice in turn.choices), (scene.key, turn.id)


def test_the_move_stands_in_any_place_among_the_choices() -> None:
    places = [
        place
        for scene in PACK.scenes
        for turn in scene.turns
        for place, choice in enumerate(turn.choices)
        if choice.moves
    ]
    assert min(places.count(place) for place in range(3)) >= len(places) / 5


def test_the_words_know_the_same_moves_and_slips_as_the_coach() -> None:
    assert set(load_coach("repair").codes) - {"cannot-tell"} == {*MOVES, *SLIPS}
    assert {f"move.{move}.did" for move in MOVES} <= set(PACK.sentences)
    noted = {field.key for field in PACK.noted}
    assert {f"move-{move}" for move in MOVES} | {f"slip-{slip}" for slip in SLIPS} <= noted


def test_the_coach_flags_no_slip_in_what_the_scenes_call_a_move() -> None:
    coach = load_coach("repair")
    nagged = [
        (choice.label, note.code)
        for scene in PACK.scenes
        for turn in scene.turns
        for choice in turn.choices
        if choice.moves
        for note in coach.read(choice.label)
        if note.tone == "watch"
    ]
    assert nagged == []
