"""Rules of a pack that go across several entries, or across several packs of a folder.

What belongs here: what the types of `schema` can not say. Each rule yields findings; a finding
says where in the pack, what was expected and what was found.
"""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import get_args

from reconnect_widgets.content.checkup_texts import text_places
from reconnect_widgets.content.coach_checks import (
    find_coach_problems,
    find_coach_vocabulary_problems,
)
from reconnect_widgets.content.coach_pack import CoachPack, CoachVocabulary
from reconnect_widgets.content.exercise_checks import find_exercise_problems
from reconnect_widgets.content.exercise_pack import ExercisePack
from reconnect_widgets.content.findings import Finding, find_in_markdown, find_twice
from reconnect_widgets.content.kinds import Pack
from reconnect_widgets.content.plan_pack import PlanPack, find_plan_problems
from reconnect_widgets.content.problems import PackError, nearest, show_value
from reconnect_widgets.content.schema import (
    Contents,
    HelpLines,
    Instrument,
    Option,
    PassagesPack,
    PrivacyMark,
    Sentences,
)
from reconnect_widgets.content.tree import Trail


def find_problems(pack: Pack) -> list[Finding]:
    """Return what is wrong inside one pack."""
    match pack:
        case Instrument():
            return list(_in_instrument(pack))
        case PassagesPack():
            return list(_in_passages(pack))
        case Sentences():
            return list(_in_sentences(pack))
        case HelpLines():
            return find_twice("lines", [f"{line.country}, {line.name}" for line in pack.lines], "")
        case Contents():
            return list(_in_contents(pack))
        case ExercisePack():
            return list(find_exercise_problems(pack))
        case CoachPack():
            return list(find_coach_problems(pack))
        case CoachVocabulary():
            return list(find_coach_vocabulary_problems(pack))
        case PlanPack():
            return list(find_plan_problems(pack))


def _in_instrument(instrument: Instrument) -> Iterator[Finding]:
    categories = [category.key for category in instrument.categories]
    yield from find_twice("categories", categories, "key")
    yield from find_twice("items", [item.key for item in instrument.items], "key")
    yield from _in_options(("options",), instrument.options)
    if instrument.guess is not None:
        yield from _in_options(("guess", "options"), instrument.guess.options)
        if "{title}" not in instrument.guess.stem:
            yield Finding(("guess", "stem"), "{title} in the text", "none")
    for index, item in enumerate(instrument.items):
        if item.category not in categories:
            yield Finding(
                ("items", index, "category"),
                f"one of {', '.join(categories)}",
                show_value(item.category),
                nearest(item.category, categories),
            )
    # The guesses are recorded beside the items, under keys of their own.
    guess_keys = {instrument.guess_key(category) for category in categories}
    for index, item in enumerate(instrument.items):
        if item.key in guess_keys:
            yield Finding(("items", index, "key"), "a key that no guess has", show_value(item.key))
    counts = Counter(item.category for item in instrument.items)
    for index, category in enumerate(categories):
        if counts[category] < instrument.min_answered:
            yield Finding(
                ("categories", index),
                f"at least {instrument.min_answered} items (min_answered)",
                f"{counts[category]}",
            )


def _in_options(trail: Trail, options: tuple[Option, ...]) -> Iterator[Finding]:
    values = [option.value for option in options]
    for index in range(1, len(values)):
        if values[index] != values[index - 1] + 1:
            expected = f"{values[index - 1] + 1}, one more than the value before"
            yield Finding((*trail, index, "value"), expected, str(values[index]))
    labels = [option.label for option in options]
    for index, label in enumerate(labels):
        if label in labels[:index]:
            yield Finding((*trail, index, "label"), "each label once", show_value(label))


def _in_passages(pack: PassagesPack) -> Iterator[Finding]:
    yield from find_twice("steps", [step.id for step in pack.steps], "id")
    for index, step in enumerate(pack.steps):
        yield from find_in_markdown(("steps", index, "body"), step.body)
        actions = [action.id for action in step.actions]
        for number, action in enumerate(step.actions):
            if action.id in actions[:number]:
                yield Finding(
                    ("steps", index, "actions", number, "id"), "each id once", show_value(action.id)
                )
        weights = Counter(action.weight for action in step.actions)
        if weights["main"] > 1:
            yield Finding(
                ("steps", index, "actions"),
                "one main action, or several of equal weight",
                f"{weights['main']} main actions",
            )
        if weights["equal"] == 1 or (weights["equal"] and weights["main"]):
            yield Finding(
                ("steps", index, "actions"),
                "two or more actions of equal weight and no main one beside them",
                "a choice that is pushed one way",
            )


def _in_sentences(sentences: Sentences) -> Iterator[Finding]:
    known = text_places(sentences.key)
    for key, text in sentences.texts.items():
        trail: Trail = ("texts", key)
        try:
            parts = list(string.Formatter().parse(text))
        except ValueError:
            yield Finding(trail, "braces in pairs, around the name of a place", text[:60])
            continue
        # Pages that keep no list may fill any place, as long as it is a plain name.
        allowed = known.get(key, frozenset()) if known else _names(parts)
        for _, place, form, conversion in parts:
            if place is None:
                continue
            # A dot or bracket would reach into Python values; a pack may come from anybody.
            if place not in allowed or form or conversion:
                choices = ", ".join(f"{{{name}}}" for name in sorted(allowed)) or "no place to fill"
                yield Finding(trail, choices, f"{{{place[:40]}}}", nearest(place, allowed))


def _names(parts: list[tuple[str, str | None, str | None, str | None]]) -> frozenset[str]:
    return frozenset(place for _, place, _, _ in parts if place and place.isidentifier())


def _in_contents(contents: Contents) -> Iterator[Finding]:
    yield from find_twice("exercises", [frame.key for frame in contents.exercises], "key")
    yield from find_twice("order", contents.order, "")
    for index, frame in enumerate(contents.exercises):
        yield from find_in_markdown(("exercises", index, "why"), frame.why)
    for mark in sorted(set(get_args(PrivacyMark)) - set(contents.privacy_marks)):
        yield Finding(("privacy_marks",), f"the key {mark}", "no such key")


def find_folder_problems(packs: Mapping[str, Pack]) -> list[PackError]:
    """Return what does not fit between the packs of one folder, by file."""
    problems = list(_same_twice(packs))
    instruments = {p.key: p for p in packs.values() if isinstance(p, Instrument)}
    contents = [p for p in packs.values() if isinstance(p, Contents)]
    for name, pack in packs.items():
        if isinstance(pack, Sentences) and pack.key in instruments:
            problems += _wanting_sentences(name, pack, instruments[pack.key])
        if isinstance(pack, ExercisePack) and contents:
            problems += _not_in_order(name, pack, contents[0])
        if isinstance(pack, PassagesPack) and contents and contents[0].frame(pack.key) is None:
            problems.append(
                PackError(
                    name,
                    trail=("key",),
                    expected="the key of an exercise in contents.yaml",
                    found=show_value(pack.key),
                    nearest=nearest(pack.key, [frame.key for frame in contents[0].exercises]),
                )
            )
    return problems


def _not_in_order(name: str, pack: ExercisePack, contents: Contents) -> Iterator[PackError]:
    if pack.key not in contents.order:
        yield PackError(
            name,
            trail=("key",),
            expected="a key that stands in the order of contents.yaml",
            found=show_value(pack.key),
            nearest=nearest(pack.key, contents.order),
        )


def _same_twice(packs: Mapping[str, Pack]) -> Iterator[PackError]:
    seen: dict[tuple[str, str], str] = {}
    for name, pack in packs.items():
        key = (pack.kind, str(getattr(pack, "key", "")))
        if key in seen:
            expected = f"one pack of kind {pack.kind}" + (
                f" with the key {key[1]}" if key[1] else ""
            )
            yield PackError(name, expected=expected, found=f"another in {seen[key]}")
        seen.setdefault(key, name)


def _wanting_sentences(
    name: str, sentences: Sentences, instrument: Instrument
) -> Iterator[PackError]:
    wanted = text_places(sentences.key, [category.key for category in instrument.categories])
    for key in sorted(wanted.keys() - sentences.texts.keys()):
        yield PackError(
            name, trail=("texts",), expected=f"a sentence with the key {key}", found="none"
        )
    for key in sorted(sentences.texts.keys() - wanted.keys()):
        yield PackError(
            name,
            trail=("texts", key),
            expected="a key that the pages use",
            found=show_value(key),
            nearest=nearest(key, wanted),
        )
