"""Results in words: the right sentence in the right place, and one for every case there is."""

from __future__ import annotations

from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets import content
from reconnect_widgets.domain.checkup import (
    build_couple_view,
    build_snapshot,
    change_between,
)
from reconnect_widgets.domain.scoring import ScaleScore

INSTRUMENT = content.load_instrument()
SENTENCES = content.load_sentences()
CONTENTS = content.load_contents()
KEYS = [category.key for category in INSTRUMENT.categories]


def four(*values: float | None, prorated: str = "") -> list[ScaleScore]:
    return [
        ScaleScore(key, value, 3 if value is None else 4 if key == prorated else 5, 5,
                   is_prorated=key == prorated)
        for key, value in zip(KEYS, values, strict=True)
    ]  # fmt: skip


def describe(*values: float | None, prorated: str = "") -> content.SnapshotWords:
    snapshot = build_snapshot(four(*values, prorated=prorated))
    return content.describe_snapshot(snapshot, INSTRUMENT, SENTENCES, CONTENTS)


def test_a_snapshot_reads_strengths_first_then_one_place_to_begin() -> None:
    words = describe(50, 75, None, 31.25, prorated="repair")
    assert [(c.title, c.figure) for c in words.categories] == [
        ("Appreciation and curiosity", "75 out of 100"),
        ("Presence", "50 out of 100"),
        ("Repair and honesty", "31 out of 100"),
        ("Touch and warmth", ""),
    ]
    assert words.categories[0].sentences == ("Taken together, nearest to “often”.",)
    assert words.categories[2].sentences == (
        "Taken together, nearest to “rarely”.",
        "This rests on the 4 of 5 lines that you answered, so it is a little less sure.",
    )
    assert words.categories[3].sentences == (
        "Fewer than 4 answered, so no figure. That is all right.",
    )
    assert words.strengths == (
        "Appreciation and curiosity came out highest.",
        INSTRUMENT.category("appreciation").strength,
    )
    assert words.begin[0] == "Repair and honesty came out lowest, perhaps only by a little."
    assert words.try_this == INSTRUMENT.category("repair").try_this
    assert any("no norms" in caveat for caveat in words.caveats)


def test_no_strength_is_claimed_that_the_answers_do_not_bear_out() -> None:
    words = describe(25, 20, 20, 15)
    assert words.strengths == (
        "Presence came out highest.",
        "It is what you have to build on.",
    )


def test_level_categories_are_all_named() -> None:
    words = describe(50, 30, 30, 50)
    assert words.strengths[0] == "Presence; Repair and honesty came out highest, and level."
    assert words.begin[0].startswith("Appreciation and curiosity; Touch and warmth came out lowest")


def test_the_exercise_is_named_only_where_the_workbook_has_it() -> None:
    assert describe(50, 60, 60, 60).exercise_line != ""
    others = tuple(frame for frame in CONTENTS.exercises if frame.key != "presence")
    without = CONTENTS.model_copy(update={"exercises": others})
    scores = build_snapshot(four(50, 60, 60, 60))
    assert content.describe_snapshot(scores, INSTRUMENT, SENTENCES, without).exercise_line == ""
    frame = content.ExerciseFrame(key="presence", title="Fifteen minutes", minutes=20, why="Why.")
    later = CONTENTS.model_copy(update={"exercises": (*others, frame)})
    words = content.describe_snapshot(
        build_snapshot(four(50, 60, 60, 60)), INSTRUMENT, SENTENCES, later
    )
    assert words.exercise == "presence"
    assert words.exercise_line == "The exercise that fits: Fifteen minutes"


def test_the_couple_view_shows_figures_that_agree_with_their_distance() -> None:
    # 31.25 is shown as 31 and 62.5 as 63; the distance is what a reader would work out.
    view = build_couple_view(
        four(31.25, 50, None, 80), four(62.5, 50, 40, 90), {"presence": 2}, {"repair": 0}
    )
    presence, appreciation, touch, repair = content.describe_couple(view, INSTRUMENT, SENTENCES)
    assert (presence.mine, presence.theirs, presence.distance) == (31, 63, "32 points apart")
    assert presence.sentence == SENTENCES.text("couple.presence.one-of-each")
    assert presence.my_guess.startswith("Your guess came close")
    assert presence.their_guess == "Your partner made no guess here."
    assert appreciation.distance == "Level"
    assert (touch.mine, touch.theirs, touch.distance) == (None, 40, "")
    assert touch.sentence == SENTENCES.text("couple.no-figure")
    assert repair.sentence == SENTENCES.text("couple.repair.both-high")
    assert repair.their_guess.startswith("Your partner guessed a good deal lower")


def test_a_change_is_told_with_its_doubt() -> None:
    changes = [
        change_between(before, now)
        for before, now in zip(four(50, 50, 50, None), four(75, 30, 65, 60), strict=True)
    ]
    lede, said = content.describe_changes(changes, INSTRUMENT, SENTENCES)
    assert lede.endswith("from 20 points on.")
    more, less, same, none = (words.sentence for words in said)
    assert more.startswith("25 points higher than last time.")
    assert less.startswith("20 points lower than last time.")
    assert "chance" in more
    assert "chance" in less
    assert same.startswith("About the same")
    assert none.startswith("No comparison")


figures = st.none() | st.sampled_from([steps * 5.0 for steps in range(21)] + [6.25, 37.5, 93.75])
fours = st.tuples(figures, figures, figures, figures)
guesses = st.dictionaries(st.sampled_from(KEYS), st.none() | st.integers(0, 4))


@given(fours, fours, guesses, guesses)
def test_there_is_a_sentence_for_whatever_comes_out(
    mine: tuple[float | None, ...],
    theirs: tuple[float | None, ...],
    my_guesses: dict[str, int | None],
    their_guesses: dict[str, int | None],
) -> None:
    snapshot = describe(*mine)
    view = build_couple_view(four(*mine), four(*theirs), my_guesses, their_guesses)
    couple = content.describe_couple(view, INSTRUMENT, SENTENCES)
    changes = [change_between(a, b) for a, b in zip(four(*mine), four(*theirs), strict=True)]
    told = content.describe_changes(changes, INSTRUMENT, SENTENCES)
    everything = repr((astuple(snapshot), [astuple(row) for row in couple], told))
    assert "{" not in everything
    assert "None out of" not in everything
    assert snapshot.begin[0]


def test_a_place_that_is_not_filled_is_an_error() -> None:
    with pytest.raises(KeyError):
        SENTENCES.text("snapshot.figure")
