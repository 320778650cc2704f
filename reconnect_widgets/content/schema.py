"""What a content pack may say, as frozen types.

What belongs here: the shape of each kind of file, and how it turns into values of `domain`. What
does not: reading files (`loader`), rules across several entries (`checks`), HTML (`markdown`).

Every file names its kind in its first key, so that a folder of packs can be checked without a
list of file names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from reconnect_widgets.content import markdown
from reconnect_widgets.domain.checkup_flow import Outline
from reconnect_widgets.domain.people import PartnerPolicy, Way
from reconnect_widgets.domain.scoring import Keyed, Scale, ScaleItem

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
TextKey = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)*$", max_length=120)
]
Line = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]
Paragraphs = Annotated[str, StringConstraints(min_length=1, max_length=8000, strip_whitespace=True)]
PrivacyMark = Literal[
    "only-on-your-screen",
    "recorded-under-your-code",
    "shared-when-both-release",
    "shared-with-the-group",
]


class Part(BaseModel):
    """Base of everything in a pack: unknown keys are refused, nothing changes later."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Option(Part):
    """One answer that can be chosen: the value that is recorded, and the words on it."""

    value: Annotated[int, Field(ge=0, le=100)]
    label: Line


class Item(Part):
    """One statement to answer. `keyed` -1 counts the other way round when it is scored."""

    key: Key
    category: Key
    keyed: Keyed
    text: Line


class Category(Part):
    """Items that are scored together.

    Attributes
    ----------
    about
        One line on what the category looks at.
    strength
        Said when the person placed themselves near "often" or above.
    begin
        Said when this is the place to begin.
    begin_with
        The key of the exercise that fits.
    try_this
        One small thing for this week; stands on its own while the exercise is not there.
    """

    key: Key
    title: Line
    about: Line
    strength: Line
    begin: Line
    begin_with: Key
    try_this: Line


class Guess(Part):
    """The question about the partner, asked once for each category; `stem` holds ``{title}``."""

    stem: Line
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=11)]


class Instrument(Part):
    """A set of items, how they are answered and how they are scored.

    Attributes
    ----------
    key, version, title
        `version` is the instrument's own; `CONTENT_VERSION` covers every word around it.
    timeframe
        The line above each item.
    min_answered
        With fewer answered items, a category has no score.
    options
        In ascending order of value.
    licence, source
        Whose words these are, and on what they rest.
    """

    kind: Literal["instrument"]
    key: Key
    title: Line
    version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
    licence: Line
    source: Line
    timeframe: Line
    min_answered: Annotated[int, Field(ge=1, le=100)]
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=11)]
    categories: Annotated[tuple[Category, ...], Field(min_length=1, max_length=20)]
    items: Annotated[tuple[Item, ...], Field(min_length=1, max_length=200)]
    guess: Guess | None = None

    @classmethod
    def load(cls, path: str | Path) -> Instrument:
        """Read an instrument from a pack's file; ContentError says what is wrong and where."""
        from reconnect_widgets.content.reading import load_pack

        return load_pack(Path(path), cls)

    def category(self, key: str) -> Category:
        """Return the category of this key; KeyError if there is none."""
        for category in self.categories:
            if category.key == key:
                return category
        raise KeyError(key)

    def item(self, key: str) -> Item:
        """Return the item of this key; KeyError if there is none."""
        for item in self.items:
            if item.key == key:
                return item
        raise KeyError(key)

    @cached_property
    def scales(self) -> tuple[Scale, ...]:
        """One scale per category, for `domain.scoring`."""
        return tuple(
            Scale(
                key=category.key,
                items=tuple(
                    ScaleItem(item.key, item.keyed)
                    for item in self.items
                    if item.category == category.key
                ),
                minimum=min(option.value for option in self.options),
                maximum=max(option.value for option in self.options),
                min_answered=self.min_answered,
            )
            for category in self.categories
        )

    def guess_key(self, category: str) -> str:
        """Return the item key under which the guess for this category is recorded."""
        return f"guess-{category}"

    def guess_text(self, category: str) -> str:
        """Return the question about the partner for this category, in words."""
        if self.guess is None:
            raise KeyError(category)
        return self.guess.stem.replace("{title}", self.category(category).title)

    def outline(self, item_order: tuple[str, ...]) -> Outline:
        """Return what there is to answer, for `domain.checkup_flow`."""
        guess = self.guess
        return Outline(
            items=item_order,
            guesses=tuple(self.guess_key(c.key) for c in self.categories) if guess else (),
            item_values=frozenset(option.value for option in self.options),
            guess_values=frozenset(option.value for option in guess.options)
            if guess
            else frozenset(),
        )


class Action(Part):
    """A choice at the end of a step.

    Attributes
    ----------
    id
        What the page reports when it is chosen; its meaning belongs to the page, not to the pack.
    weight
        ``main`` (one per step), ``quiet``, or ``equal``: choices that must look the same.
    """

    id: Key
    label: Line
    weight: Literal["main", "quiet", "equal"] = "main"


class Step(Part):
    """One screen of words.

    Attributes
    ----------
    privacy
        The mark that says who can see what happens on this screen; None where nothing is asked.
    partner_policy
        The step is shown under this rule between partners only; None: always.
    body
        Markdown without raw HTML.
    """

    id: Key
    heading: Line
    privacy: PrivacyMark | None = None
    partner_policy: PartnerPolicy | None = None
    body: Paragraphs
    actions: Annotated[tuple[Action, ...], Field(max_length=6)] = ()

    @property
    def html(self) -> str:
        """The body as HTML that is safe to put into a page."""
        return markdown.render(self.body)


class PassagesPack(Part):
    """A file of steps; its title and length stand in ``contents.yaml``."""

    kind: Literal["passages"]
    key: Key
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=60)]


class Sentences(Part):
    """Short texts by key, with ``{places}`` to fill, for pages that compose what they say."""

    kind: Literal["sentences"]
    key: Key
    texts: Annotated[dict[TextKey, Line], Field(min_length=1, max_length=500)]

    def text(self, key: str, **places: object) -> str:
        """Return the sentence with its places filled.

        Raises
        ------
        KeyError
            If there is no such sentence, or a place of it was not given.
        """
        return self.texts[key].format_map(places)


class HelpLine(Part):
    """A place to call.

    Attributes
    ----------
    number
        As it is dialled, written for the eye.
    text
        How to reach it by text message, in words; empty when unknown.
    checked_on
        The day on which somebody last compared this row with what the line publishes.
    """

    country: Line
    name: Line
    for_whom: Line
    number: Annotated[str, StringConstraints(pattern=r"^[0-9][0-9 -]{1,18}[0-9]$")]
    text: Annotated[str, StringConstraints(max_length=120)] = ""
    hours: Line
    run_by: Line
    checked_on: date

    @property
    def tel_href(self) -> str:
        """The number as a link that a phone dials."""
        return "tel:" + "".join(c for c in self.number if c.isdigit())


class HelpLines(Part):
    """The help lines, grouped by country in the order of the file."""

    kind: Literal["help-lines"]
    lines: Annotated[tuple[HelpLine, ...], Field(min_length=1, max_length=200)]


class ExerciseFrame(Part):
    """What stands around an exercise: title, length, why, and on what that rests.

    Attributes
    ----------
    ways
        How it can be done; the first is what is offered first.
    open_after_close
        A person's own practice: it goes on when the group's session is closed, until the record's
        keep date.
    """

    key: Key
    title: Line
    minutes: Annotated[int, Field(ge=1, le=120)]
    ways: Annotated[tuple[Way, ...], Field(min_length=1, max_length=3)] = ("solo", "couple")
    why: Paragraphs
    source: Annotated[str, StringConstraints(max_length=600)] = ""
    open_after_close: bool = False

    @property
    def why_html(self) -> str:
        """The reason as HTML that is safe to put into a page."""
        return markdown.render(self.why)


class Contents(Part):
    """The exercises that are there, and the words of the privacy marks.

    Attributes
    ----------
    order
        Keys of exercises in the order in which they are offered. Those that have a pack of their
        own (kind ``exercise``) bring their frame along.
    exercises
        The frames; of the others in the file, of all once they are loaded.
    """

    kind: Literal["contents"]
    privacy_marks: dict[PrivacyMark, Line]
    order: Annotated[tuple[Key, ...], Field(max_length=60)] = ()
    exercises: Annotated[tuple[ExerciseFrame, ...], Field(min_length=1, max_length=60)]

    @property
    def read_elsewhere(self) -> frozenset[str]:
        """Keys of exercises that are no pack of steps and fields (welcome, checkup, safety)."""
        return frozenset(f.key for f in self.exercises if type(f) is ExerciseFrame)

    def frame(self, key: str) -> ExerciseFrame | None:
        """Return the frame of an exercise; None when it is not there (yet)."""
        return next((frame for frame in self.exercises if frame.key == key), None)

    def is_open_after_close(self, key: str) -> bool:
        """Say whether an exercise goes on for each person when the group's session is closed."""
        frame = self.frame(key)
        return frame is not None and frame.open_after_close


@dataclass(frozen=True)
class Passages:
    """An exercise that is read: its frame and its steps."""

    frame: ExerciseFrame
    steps: tuple[Step, ...]

    @property
    def key(self) -> str:
        """The exercise's key."""
        return self.frame.key

    @property
    def title(self) -> str:
        """The exercise's title."""
        return self.frame.title

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return self.frame.minutes

    def steps_under(self, policy: PartnerPolicy) -> tuple[Step, ...]:
        """Return the steps for a session with this rule between partners, in order."""
        return tuple(step for step in self.steps if step.partner_policy in (None, policy))

    def step(self, id_: str) -> Step:
        """Return the step of this id; KeyError if there is none."""
        for step in self.steps:
            if step.id == id_:
                return step
        raise KeyError(id_)
