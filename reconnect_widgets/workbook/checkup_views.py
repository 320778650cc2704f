"""Puts what the checkup found on the page: the words of the pack, with a picture beside them.

What belongs here: which words stand where, as HTML. What does not: scores and cases
(`domain.checkup`), the words (`content.checkup_words`).

Picture and text are one list, not two: each scale stands under the name it belongs to and over the
sentence that says the same, so that nobody has to match a legend, and a screen reader, which is
told to pass the drawing over, misses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconnect_widgets.content import Instrument, Sentences, load_contents
from reconnect_widgets.content.checkup_words import (
    CategoryWords,
    CoupleWords,
    SnapshotWords,
    describe_changes,
    describe_couple,
    describe_snapshot,
)
from reconnect_widgets.domain.checkup import build_couple_view, build_snapshot, change_between
from reconnect_widgets.domain.checkup_flow import Given
from reconnect_widgets.domain.scoring import ScaleScore, score_scale
from reconnect_widgets.workbook.markup import draw_scale, element, sentences, text


def score_given(instrument: Instrument, given: Mapping[str, Given]) -> tuple[ScaleScore, ...]:
    """Score one round: one score per category, in the instrument's order."""
    values = {key: each.value for key, each in given.items()}
    return tuple(score_scale(scale, values) for scale in instrument.scales)


def guesses_given(instrument: Instrument, given: Mapping[str, Given]) -> dict[str, int | None]:
    """Return the guesses of one round by category; None where none was made."""
    found = {c.key: given.get(instrument.guess_key(c.key)) for c in instrument.categories}
    return {key: guess.value if guess else None for key, guess in found.items()}


def show_snapshot(
    instrument: Instrument,
    words: Sentences,
    given: Mapping[str, Given],
    earlier: Sequence[Mapping[str, Given]] = (),
) -> str:
    """Return one person's picture as HTML: strengths first, then one place to begin.

    With earlier rounds, what changed since the one before stands after that.
    """
    scores = score_given(instrument, given)
    said = describe_snapshot(build_snapshot(scores), instrument, words, load_contents())
    changes = _show_changes(instrument, words, scores, earlier[-1]) if earlier else ""
    return "".join(
        (
            text("p", said.lede, "rc-lede"),
            element("ul", *map(_show_category, said.categories), cls="rc-scales"),
            sentences(said.strengths),
            _show_beginning(said),
            changes,
            sentences(said.caveats, "rc-small"),
        )
    )


def find_small_thing(instrument: Instrument, words: Sentences, given: Mapping[str, Given]) -> str:
    """Return the one small thing that a round's picture suggests; empty when it names none."""
    snapshot = build_snapshot(score_given(instrument, given))
    return describe_snapshot(snapshot, instrument, words, load_contents()).try_this


def _show_category(category: CategoryWords) -> str:
    picture = draw_scale(category.score) if category.score is not None else ""
    return element(
        "li",
        text("h3", category.title),
        sentences([category.figure], "rc-scales__figure"),
        picture,
        sentences(category.sentences, "rc-scales__words"),
    )


def _show_beginning(said: SnapshotWords) -> str:
    this_week = (
        text("h3", said.try_heading) + text("p", said.try_this, "rc-note") if said.try_this else ""
    )
    return "".join(
        (
            text("h3", said.begin_heading),
            sentences([*said.begin, said.exercise_line]),
            this_week,
        )
    )


def _show_changes(
    instrument: Instrument,
    words: Sentences,
    now: Sequence[ScaleScore],
    before: Mapping[str, Given],
) -> str:
    pairs = zip(score_given(instrument, before), now, strict=True)
    changes = [change_between(then, this) for then, this in pairs]
    lede, said = describe_changes(changes, instrument, words)
    rows = [text("dt", change.title) + text("dd", change.sentence) for change in said]
    head = text("h3", words.text("change.heading"))
    return head + text("p", lede) + element("dl", *rows, cls="rc-changes")


def show_couple(
    instrument: Instrument,
    words: Sentences,
    mine: Mapping[str, Given],
    theirs: Mapping[str, Given],
) -> str:
    """Return both pictures side by side as HTML. Both people have released this round."""
    view = build_couple_view(
        score_given(instrument, mine),
        score_given(instrument, theirs),
        guesses_given(instrument, mine),
        guesses_given(instrument, theirs),
    )
    said = describe_couple(view, instrument, words)
    return "".join(
        (
            text("p", words.text("couple.lede"), "rc-lede"),
            element("ul", *(_show_pair(words, pair) for pair in said), cls="rc-scales"),
            text("p", words.text("couple.ask")),
            text("p", words.text("snapshot.no-norms"), "rc-small"),
        )
    )


def _show_pair(words: Sentences, pair: CoupleWords) -> str:
    figures = "".join(
        _show_figure(words, who, side, score)
        for who, side, score in (
            ("couple.you", "mine", pair.mine),
            ("couple.partner", "theirs", pair.theirs),
        )
    )
    distance = f"{pair.distance}." if pair.distance else ""
    return element(
        "li",
        text("h3", pair.title),
        element("dl", figures, cls="rc-scales__pair"),
        draw_scale(pair.mine, pair.theirs),
        sentences([distance, pair.sentence], "rc-scales__words"),
        sentences([pair.my_guess, pair.their_guess], "rc-scales__words"),
    )


def _show_figure(words: Sentences, who: str, side: str, score: int | None) -> str:
    none = words.text("couple.no-figure-here")
    figure = none if score is None else words.text("snapshot.figure", score=score)
    return element("div", text("dt", words.text(who), f"rc-key rc-key--{side}"), text("dd", figure))
