"""A checkup's results in words: what `domain.checkup` found, said with the sentences of the pack.

What belongs here: which sentence is said when, and how a figure is written. What does not: rules
(`domain.checkup`), pages. Everything returned is plain text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reconnect_widgets.content.schema import Contents, Instrument, Sentences
from reconnect_widgets.domain.checkup import (
    UNCERTAINTY_POINTS,
    Change,
    CoupleCategory,
    Snapshot,
    nearest_level,
)
from reconnect_widgets.domain.scoring import ScaleScore


@dataclass(frozen=True)
class CategoryWords:
    """One category of a snapshot.

    Attributes
    ----------
    score
        0 to 100, rounded as it is shown; None when there is no figure.
    figure
        The score in words; empty when there is none.
    sentences
        What the figure lies nearest to, or why there is none, and what it rests on.
    """

    key: str
    title: str
    score: int | None
    figure: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class SnapshotWords:
    """A snapshot as text, in reading order.

    Attributes
    ----------
    categories
        Highest first.
    strengths
        Sentences on what came out highest; empty when nothing has a figure.
    begin
        Sentences on the one place to begin, and why.
    try_this
        The small thing for this week; empty when no place could be named.
    exercise, exercise_line
        The key of the exercise that fits and the line that names it; both empty while the
        workbook does not have it.
    caveats
        What the figures are not. Shown with them, always.
    """

    heading: str
    lede: str
    categories: tuple[CategoryWords, ...]
    strengths: tuple[str, ...]
    begin_heading: str
    begin: tuple[str, ...]
    try_heading: str
    try_this: str
    exercise: str
    exercise_line: str
    caveats: tuple[str, ...]


@dataclass(frozen=True)
class CoupleWords:
    """One category of the couple view as text.

    Attributes
    ----------
    mine, theirs
        Rounded as shown; None when there is no figure.
    distance
        How far apart, in words; empty when one has no figure.
    """

    key: str
    title: str
    mine: int | None
    theirs: int | None
    distance: str
    sentence: str
    my_guess: str
    their_guess: str


@dataclass(frozen=True)
class ChangeWords:
    """One category since the round before, as text."""

    key: str
    title: str
    sentence: str


def show_score(score: float) -> int:
    """Round a score as it is shown; halves go up."""
    return int(score + 0.5)


def describe_snapshot(
    snapshot: Snapshot, instrument: Instrument, sentences: Sentences, contents: Contents
) -> SnapshotWords:
    """Say a snapshot in words, strengths first."""
    say = sentences.text
    place = instrument.category(snapshot.begin_with) if snapshot.begin_with else None
    frame = contents.frame(place.begin_with) if place else None
    begin = say(
        f"begin.{snapshot.begin_case}",
        title=place.title if place else "",
        titles=_join([instrument.category(key).title for key in snapshot.begin_tied]),
    )
    return SnapshotWords(
        heading=say("snapshot.heading"),
        lede=say("snapshot.lede"),
        categories=tuple(_category(score, instrument, sentences) for score in snapshot.scores),
        strengths=_strengths(snapshot, instrument, sentences),
        begin_heading=say("begin.heading"),
        begin=(begin, place.begin) if place else (begin,),
        try_heading=say("begin.this-week"),
        try_this=place.try_this if place else "",
        exercise=frame.key if frame else "",
        exercise_line=say("begin.exercise", exercise=frame.title) if frame else "",
        caveats=(
            say("snapshot.meaning"),
            say("snapshot.no-norms"),
            say("snapshot.not-a-diagnosis"),
        ),
    )


def _category(score: ScaleScore, instrument: Instrument, sentences: Sentences) -> CategoryWords:
    say = sentences.text
    title = instrument.category(score.scale).title
    if score.score is None:
        why = say("snapshot.no-figure", min_answered=instrument.min_answered)
        return CategoryWords(score.scale, title, None, "", (why,))
    shown = show_score(score.score)
    option = instrument.options[nearest_level(score.score)].label.lower()
    said = [say("snapshot.level", option=option)]
    if score.is_prorated:
        said.append(say("snapshot.prorated", n_valid=score.n_valid, n_items=score.n_items))
    return CategoryWords(
        score.scale, title, shown, say("snapshot.figure", score=shown), tuple(said)
    )


def _strengths(snapshot: Snapshot, instrument: Instrument, sentences: Sentences) -> tuple[str, ...]:
    categories = [instrument.category(key) for key in snapshot.strengths]
    if not categories:
        return ()
    if len(categories) == 1:
        first = sentences.text("snapshot.strength-one", title=categories[0].title)
    else:
        titles = _join([category.title for category in categories])
        first = sentences.text("snapshot.strength-several", titles=titles)
    # The category's own words of strength claim "often"; below that they would be flattery.
    if not snapshot.strength_is_often:
        return first, sentences.text("snapshot.strength-to-build-on")
    return first, *(category.strength for category in categories)


def describe_couple(
    view: Sequence[CoupleCategory], instrument: Instrument, sentences: Sentences
) -> tuple[CoupleWords, ...]:
    """Say a couple view in words, category by category."""
    return tuple(_couple(row, instrument, sentences) for row in view)


def _couple(row: CoupleCategory, instrument: Instrument, sentences: Sentences) -> CoupleWords:
    say = sentences.text
    mine = None if row.mine.score is None else show_score(row.mine.score)
    theirs = None if row.theirs.score is None else show_score(row.theirs.score)
    distance, sentence = "", say("couple.no-figure")
    if mine is not None and theirs is not None:
        # From the rounded figures, so that what is read can be checked by eye.
        apart = abs(mine - theirs)
        distance = say("couple.apart", distance=apart) if apart else say("couple.level")
        sentence = say(f"couple.{row.category}.{row.case}")
    return CoupleWords(
        key=row.category,
        title=instrument.category(row.category).title,
        mine=mine,
        theirs=theirs,
        distance=distance,
        sentence=sentence,
        my_guess=say(f"guess.mine.{row.my_guess.case}"),
        their_guess=say(f"guess.theirs.{row.their_guess.case}"),
    )


def describe_changes(
    changes: Sequence[Change], instrument: Instrument, sentences: Sentences
) -> tuple[str, tuple[ChangeWords, ...]]:
    """Say what changed since the last round: one line before, then each category."""
    lede = sentences.text("change.lede", points=show_score(UNCERTAINTY_POINTS))
    said = tuple(
        ChangeWords(
            key=change.category,
            title=instrument.category(change.category).title,
            sentence=sentences.text(
                f"change.{change.case}", points=show_score(abs(change.points or 0))
            ),
        )
        for change in changes
    )
    return lede, said


def _join(titles: Sequence[str]) -> str:
    """Write a list for reading. Titles may hold an "and" themselves, hence the semicolons."""
    return "; ".join(titles)
