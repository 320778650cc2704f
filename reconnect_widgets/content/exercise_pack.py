"""What a pack of kind ``exercise`` may say: steps of words and fields, decks of cards, scenes.

What belongs here: the shape of the file. What does not: rules across several entries
(`exercise_checks`), how a step becomes a screen (`workbook.pages.exercise`).

A field or a step is one flat type with a ``kind``, and not a type for each kind: whoever writes a
pack by hand then reads one list of keys, and an error names the key and not the kind of error.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator, StringConstraints, model_validator

from reconnect_widgets.content import markdown
from reconnect_widgets.content.schema import (
    Action,
    ExerciseFrame,
    Key,
    Line,
    Paragraphs,
    Part,
    PrivacyMark,
    TextKey,
)
from reconnect_widgets.domain.people import Way

FieldKind = Literal["choice", "text", "list", "tally", "date"]
StepKind = Literal["ask", "sheet", "cards", "dialogue", "clock", "made"]

MAX_VALUE = 999
_SHORT = StringConstraints(max_length=600, strip_whitespace=True)


def _check_value(value: Any) -> int | str:
    if type(value) is int and 0 <= value <= MAX_VALUE:
        return value
    if isinstance(value, str) and value and len(value) <= 60:
        words = value.split("-")
        if all(word.isalnum() and word.isascii() and word == word.lower() for word in words):
            return value
    raise ValueError(f"a whole number from 0 to {MAX_VALUE}, or a key such as `not-now`")


Value = Annotated[int | str, PlainValidator(_check_value)]


class FieldOption(Part):
    """One answer of a choice; `reply` is shown under it once it is chosen (Markdown)."""

    value: Value
    label: Line
    reply: Annotated[str, _SHORT] = ""

    @property
    def reply_html(self) -> str:
        """The reply as HTML that is safe to put into a page."""
        return markdown.render(self.reply) if self.reply else ""


class _NoSuchList(str):
    """Stands where options were asked for by a name that no list of the pack has."""

    known: tuple[str, ...] = ()


def _refuse_unknown_list(value: Any) -> Any:
    if isinstance(value, _NoSuchList):
        known = ", ".join(value.known) or "there is none"
        raise ValueError(f"options, or the name of one of the pack's option_lists: {known}")
    return value


Options = Annotated[
    tuple[FieldOption, ...], BeforeValidator(_refuse_unknown_list), Field(max_length=20)
]


class ExerciseField(Part):
    """Something to fill in.

    Attributes
    ----------
    key
        Under which it is recorded (`item`); the same key on two steps is the same field.
    kind
        ``choice`` (one of the options, recorded when tapped), ``text``, ``list`` (short texts of
        which only the number is recorded), ``tally`` (one tap, one more), ``date`` (a day from
        today on, recorded as ``2026-12-05``).
    options
        Of a choice; or the name of one of the pack's `option_lists`.
    keep
        For a text: ``screen`` (never leaves the browser, unless an action takes it along) or
        ``recorded``.
    coach
        The key of a coach that reads the text as it is typed.
    days_ahead
        Of a date: how far from today it may be.
    """

    key: Key
    kind: FieldKind
    label: Line
    hint: Annotated[str, _SHORT] = ""
    options: Options = ()
    keep: Literal["screen", "recorded"] = "screen"
    coach: Key | None = None
    rows: Annotated[int, Field(ge=1, le=12)] = 3
    max_length: Annotated[int, Field(ge=20, le=2000)] = 600
    days_ahead: Annotated[int, Field(ge=1, le=730)] = 365

    @property
    def values(self) -> frozenset[str]:
        """The values that can be recorded, as the record writes them."""
        return frozenset(str(option.value) for option in self.options)


class StepAction(Action):
    """A button of a step.

    Attributes
    ----------
    goes
        The step that it leads to; empty: the page knows what the action's id means.
    takes
        Keys of texts that are recorded by pressing it.
    needs
        Keys of fields without which it can not be pressed.
    """

    goes: Key | None = None
    takes: Annotated[tuple[Key, ...], Field(max_length=6)] = ()
    needs: Annotated[tuple[Key, ...], Field(max_length=12)] = ()


class ExerciseStep(Part):
    """One screen.

    Attributes
    ----------
    kind
        ``ask``: words and fields; ``sheet``: its choices, one at a time; ``cards``: from the deck;
        ``dialogue``: the scenes; ``clock``: so many minutes; ``made``: the rest is filled in by
        the exercise's own page.
    ways
        Shown in these ways of doing the exercise only; empty: in all.
    options
        Of every choice of the step that has none of its own.
    deck, scenes, minutes
        What a step of that kind needs.
    actions
        Empty: back and onward.
    aside
        Beside the way: shown only to who comes by an action that `goes` there.
    """

    id: Key
    kind: StepKind = "ask"
    heading: Line
    body: Paragraphs | Literal[""] = ""
    privacy: PrivacyMark | None = None
    ways: tuple[Way, ...] = ()
    fields: Annotated[tuple[ExerciseField, ...], Field(max_length=200)] = ()
    options: Options = ()
    deck: Key | None = None
    scenes: Annotated[tuple[Key, ...], Field(max_length=40)] = ()
    minutes: Annotated[int, Field(ge=1, le=120)] | None = None
    actions: Annotated[tuple[StepAction, ...], Field(max_length=6)] = ()
    aside: bool = False

    @model_validator(mode="before")
    @classmethod
    def _hand_out_options(cls, step: Any) -> Any:
        """Give the step's options to its choices: whoever reads a field finds them there."""
        if not isinstance(step, dict) or not isinstance(step.get("fields"), list):
            return step
        fields = [
            {**field, "options": step["options"]}
            if "options" in step
            and isinstance(field, dict)
            and field.get("kind") == "choice"
            and "options" not in field
            else field
            for field in step["fields"]
        ]
        return {**step, "fields": fields}

    @property
    def html(self) -> str:
        """The body as HTML that is safe to put into a page."""
        return markdown.render(self.body) if self.body else ""


def _fill_options(parts: Any, lists: dict[Any, Any]) -> Any:
    """Return fields or steps with the lists that they name in their place."""
    if not isinstance(parts, list):
        return parts
    return [_fill_part(part, lists) if isinstance(part, dict) else part for part in parts]


def _fill_part(part: dict[Any, Any], lists: dict[Any, Any]) -> dict[Any, Any]:
    name = part.get("options")
    if isinstance(name, str):
        found = lists.get(name)
        if found is None:
            found = _NoSuchList(name)
            found.known = tuple(map(str, lists))
        part = {**part, "options": found}
    if "fields" in part:
        part = {**part, "fields": _fill_options(part["fields"], lists)}
    return part


class Card(Part):
    """One card of a deck; `more` is a second thought under it."""

    key: Key
    text: Line
    more: Annotated[str, _SHORT] = ""


class CardSet(Part):
    """Cards that belong together; the sets of a deck are drawn one after the other."""

    key: Key
    title: Line
    about: Annotated[str, _SHORT] = ""
    cards: Annotated[tuple[Card, ...], Field(min_length=1, max_length=100)]


class Deck(Part):
    """A deck of cards."""

    sets: Annotated[tuple[CardSet, ...], Field(min_length=1, max_length=12)]

    @property
    def cards(self) -> tuple[Card, ...]:
        """All cards, set after set."""
        return tuple(card for each in self.sets for card in each.cards)


class TurnChoice(Part):
    """Something one could answer in a scene.

    Attributes
    ----------
    lands, why
        How it lands with the other, and why.
    moves, slips
        What it is made of, by the keys that the exercise uses.
    goes
        The turn that follows; ``end`` ends the scene.
    """

    key: Key
    label: Line
    lands: Annotated[str, _SHORT]
    why: Annotated[str, _SHORT]
    moves: tuple[Key, ...] = ()
    slips: tuple[Key, ...] = ()
    goes: Key


class Turn(Part):
    """What somebody says, and what one could answer."""

    id: Key
    says: Annotated[str, StringConstraints(min_length=1, max_length=600, strip_whitespace=True)]
    choices: Annotated[tuple[TurnChoice, ...], Field(min_length=2, max_length=5)]

    def choice(self, key: str) -> TurnChoice | None:
        """Return the choice of this key, if there is one."""
        return next((choice for choice in self.choices if choice.key == key), None)


class Scene(Part):
    """A short branching dialogue; it begins with its first turn.

    Attributes
    ----------
    partner
        The other one's name, over what they say; empty: “Your partner”.
    """

    key: Key
    title: Line
    who: Line
    partner: Annotated[str, StringConstraints(max_length=40, strip_whitespace=True)] = ""
    setting: Annotated[str, StringConstraints(min_length=1, max_length=900, strip_whitespace=True)]
    turns: Annotated[tuple[Turn, ...], Field(min_length=1, max_length=40)]
    end: Annotated[str, StringConstraints(min_length=1, max_length=900, strip_whitespace=True)]

    def turn(self, id_: str) -> Turn | None:
        """Return the turn of this id, if there is one."""
        return next((turn for turn in self.turns if turn.id == id_), None)


class ExercisePack(ExerciseFrame):
    """A whole exercise: its frame, and its steps in order.

    Attributes
    ----------
    small_thing
        One small thing to try this week, offered at the end.
    sentences
        Short texts with ``{places}``, for a page that composes what it says.
    noted
        What the page records by itself and asks in no step; here for the codebook.
    option_lists
        Options that several choices offer, by name: ``options: closeness``.
    """

    kind: Literal["exercise"]
    small_thing: Annotated[str, StringConstraints(max_length=300, strip_whitespace=True)] = ""
    sentences: Annotated[dict[TextKey, Line], Field(default_factory=dict, max_length=200)]
    decks: Annotated[dict[Key, Deck], Field(default_factory=dict, max_length=8)]
    scenes: Annotated[tuple[Scene, ...], Field(max_length=40)] = ()
    noted: Annotated[tuple[ExerciseField, ...], Field(max_length=60)] = ()
    option_lists: Annotated[
        dict[Key, Annotated[tuple[FieldOption, ...], Field(min_length=2, max_length=20)]],
        Field(default_factory=dict, max_length=20),
    ]
    steps: Annotated[tuple[ExerciseStep, ...], Field(min_length=1, max_length=60)]

    @model_validator(mode="before")
    @classmethod
    def _hand_out_lists(cls, pack: Any) -> Any:
        """Put a list of options where it is named: whoever reads a field finds them there."""
        lists = pack.get("option_lists", {}) if isinstance(pack, dict) else None
        if not isinstance(lists, dict):
            return pack
        filled = {name: _fill_options(pack[name], lists) for name in ("steps", "noted")
                  if name in pack}  # fmt: skip
        return {**pack, **filled}

    @property
    def frame(self) -> ExerciseFrame:
        """Title, length, reason: the pack is its own frame."""
        return self

    def steps_in(self, way: Way) -> tuple[ExerciseStep, ...]:
        """Return the steps of one way of doing the exercise, in order."""
        return tuple(step for step in self.steps if not step.ways or way in step.ways)

    def step(self, id_: str) -> ExerciseStep:
        """Return the step of this id; KeyError if there is none."""
        for step in self.steps:
            if step.id == id_:
                return step
        raise KeyError(id_)

    def scene(self, key: str) -> Scene:
        """Return the scene of this key; KeyError if there is none."""
        for scene in self.scenes:
            if scene.key == key:
                return scene
        raise KeyError(key)

    def field(self, key: str) -> ExerciseField | None:
        """Return the first field of this key, if there is one."""
        fields = (field for step in self.steps for field in step.fields)
        return next((field for field in fields if field.key == key), None)

    def say(self, key: str, **places: object) -> str:
        """Return one of the sentences with its places filled; KeyError if there is none."""
        return self.sentences[key].format_map(places)
