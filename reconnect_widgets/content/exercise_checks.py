"""Rules of an exercise's pack that go across several of its entries.

What belongs here: what the types of `exercise_pack` can not say. A reference that leads nowhere
is found here, with the nearest right spelling, and not by a couple in the middle of an evening.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Collection, Iterable, Iterator

from reconnect_widgets.content.exercise_pack import (
    Deck,
    ExerciseField,
    ExercisePack,
    ExerciseStep,
    Scene,
)
from reconnect_widgets.content.findings import Finding, find_in_markdown, find_twice
from reconnect_widgets.content.problems import nearest, show_value
from reconnect_widgets.content.tree import Trail

END = "end"
# What each kind of step needs beside its words.
_NEEDS: dict[str, tuple[str, Callable[[ExerciseStep], object]]] = {
    "cards": ("deck", lambda step: step.deck),
    "clock": ("minutes", lambda step: step.minutes),
}


def find_exercise_problems(pack: ExercisePack) -> Iterator[Finding]:
    """Yield what is wrong inside one exercise."""
    yield from find_in_markdown(("why",), pack.why)
    yield from find_twice("steps", [step.id for step in pack.steps], "id")
    yield from find_twice("scenes", [scene.key for scene in pack.scenes], "key")
    for index, step in enumerate(pack.steps):
        yield from _in_step(pack, ("steps", index), step)
    for key, deck in pack.decks.items():
        yield from _in_deck(("decks", key), deck)
    for index, scene in enumerate(pack.scenes):
        yield from _in_scene(("scenes", index), scene)
    for key, text in pack.sentences.items():
        yield from _in_sentence(("sentences", key), text)
    yield from _one_meaning_per_field(pack)


def _in_step(pack: ExercisePack, at: Trail, step: ExerciseStep) -> Iterator[Finding]:
    yield from find_in_markdown((*at, "body"), step.body)
    for name, value in ((name, get(step)) for kind, (name, get) in _NEEDS.items()
                        if kind == step.kind):  # fmt: skip
        if not value:
            yield Finding(at, f"the key {name} (the step is of kind {step.kind})", "no such key")
    if step.deck is not None:
        yield from _known((*at, "deck"), step.deck, pack.decks, "a deck of this pack")
    scenes = [scene.key for scene in pack.scenes]
    for number, key in enumerate(step.scenes):
        yield from _known((*at, "scenes", number), key, scenes, "a scene of this pack")
    if step.kind == "dialogue" and not pack.scenes:
        yield Finding(at, "scenes in this pack (the step is of kind dialogue)", "none")
    for number, way in enumerate(step.ways):
        yield from _known((*at, "ways", number), way, pack.ways, "a way of this exercise")
    for number, field in enumerate(step.fields):
        yield from _in_field((*at, "fields", number), field)
    if step.kind == "sheet":
        yield from _in_sheet(at, step)
    yield from _in_actions(pack, at, step)


def _in_sheet(at: Trail, step: ExerciseStep) -> Iterator[Finding]:
    """A sheet has choices only, and all of them offer the same."""
    if not step.options:
        yield Finding(at, "the key options (the step is of kind sheet)", "no such key")
    for number, field in enumerate(step.fields):
        if field.kind != "choice" or field.options != step.options:
            expected = "a choice with the options of the step"
            yield Finding((*at, "fields", number), expected, f"a {field.kind} of its own")


def _in_field(at: Trail, field: ExerciseField) -> Iterator[Finding]:
    for number, option in enumerate(field.options):
        yield from find_in_markdown((*at, "options", number, "reply"), option.reply)
    if field.kind == "choice":
        if len(field.options) < 2:
            yield Finding(
                at, "two or more options (the field is a choice)", f"{len(field.options)}"
            )
        values = [str(option.value) for option in field.options]
        for number, value in enumerate(values):
            if value in values[:number]:
                yield Finding((*at, "options", number, "value"), "each value once", value)
    elif field.options:
        yield Finding(at, f"no options (the field is of kind {field.kind})", "options")
    if field.coach is not None and field.kind != "text":
        yield Finding((*at, "coach"), "a coach on a text only", f"on a {field.kind}")


def _in_actions(pack: ExercisePack, at: Trail, step: ExerciseStep) -> Iterator[Finding]:
    steps = [each.id for each in pack.steps]
    texts = [f.key for each in pack.steps for f in each.fields if f.kind == "text"]
    fields = [f.key for each in pack.steps for f in each.fields]
    ids = [action.id for action in step.actions]
    for number, action in enumerate(step.actions):
        here: Trail = (*at, "actions", number)
        if action.id in ids[:number]:
            yield Finding((*here, "id"), "each id once", show_value(action.id))
        if action.goes is not None:
            yield from _known((*here, "goes"), action.goes, steps, "a step of this pack")
        for place, key in enumerate(action.takes):
            yield from _known((*here, "takes", place), key, texts, "a text of this pack")
        for place, key in enumerate(action.needs):
            yield from _known((*here, "needs", place), key, fields, "a field of this pack")
    leads = {action.goes for each in pack.steps for action in each.actions}
    if step.aside and step.id not in leads:
        yield Finding((*at, "aside"), "an action of this pack that goes here", "none")
    weights = [action.weight for action in step.actions]
    if weights.count("main") > 1:
        yield Finding((*at, "actions"), "one main action", f"{weights.count('main')} main actions")
    if weights.count("equal") == 1:
        yield Finding((*at, "actions"), "two or more actions of equal weight", "one")


def _in_deck(at: Trail, deck: Deck) -> Iterator[Finding]:
    seen: set[str] = set()
    for number, each in enumerate(deck.sets):
        for place, card in enumerate(each.cards):
            if card.key in seen:
                trail: Trail = (*at, "sets", number, "cards", place, "key")
                yield Finding(trail, "each card's key once in a deck", show_value(card.key))
            seen.add(card.key)


def _in_scene(at: Trail, scene: Scene) -> Iterator[Finding]:
    turns = [turn.id for turn in scene.turns]
    for number, id_ in enumerate(turns):
        if id_ in turns[:number] or id_ == END:
            expected = f"each id once, and not `{END}`"
            yield Finding((*at, "turns", number, "id"), expected, show_value(id_))
    for number, turn in enumerate(scene.turns):
        keys = [choice.key for choice in turn.choices]
        for place, choice in enumerate(turn.choices):
            here: Trail = (*at, "turns", number, "choices", place)
            if choice.key in keys[:place]:
                yield Finding((*here, "key"), "each key once", show_value(choice.key))
            yield from _known((*here, "goes"), choice.goes, (*turns, END), "a turn of this scene")
    for id_ in sorted(set(turns) - _reached(scene)):
        trail = (*at, "turns", turns.index(id_))
        yield Finding(trail, "a turn that some choice leads to", "none leads here")


def _reached(scene: Scene) -> set[str]:
    reached: set[str] = set()
    ahead = [scene.turns[0].id]
    while ahead:
        turn = scene.turn(ahead.pop())
        if turn is not None and turn.id not in reached:
            reached.add(turn.id)
            ahead += [choice.goes for choice in turn.choices]
    return reached


def _in_sentence(at: Trail, text: str) -> Iterator[Finding]:
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        yield Finding(at, "braces in pairs, around the name of a place", text[:60])
        return
    for _, place, form, conversion in parts:
        # A dot or bracket would reach into Python values; a pack may come from anybody.
        if place is not None and (not place.isidentifier() or form or conversion):
            yield Finding(at, "a plain name between the braces", f"{{{place[:40]}}}")


def _one_meaning_per_field(pack: ExercisePack) -> Iterator[Finding]:
    """The same key on two steps is the same field: what can be recorded must be the same."""
    first: dict[str, ExerciseField] = {}
    for index, step in enumerate(pack.steps):
        for number, field in enumerate(step.fields):
            other = first.setdefault(field.key, field)
            if (other.kind, other.values) != (field.kind, field.values):
                at: Trail = ("steps", index, "fields", number)
                expected = "the same kind and values as where this key stands first"
                yield Finding(at, expected, field.kind)


def _known(
    at: Trail, key: str, choices: Collection[str] | Iterable[str], what: str
) -> Iterator[Finding]:
    known = list(choices)
    if key not in known:
        expected = f"{what}: {', '.join(known) or 'there is none'}"
        yield Finding(at, expected, show_value(key), nearest(key, known))
