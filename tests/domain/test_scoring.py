"""Scores worked out by hand, and laws that hold for every scale."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.domain.scoring import Scale, ScaleItem, key_value, score_scale

PRESENCE = Scale(
    key="presence",
    items=tuple(ScaleItem(f"presence-{n}", -1 if n == 3 else 1) for n in range(1, 6)),
    minimum=0,
    maximum=4,
    min_answered=4,
)


def answers(*values: int | None) -> dict[str, int | None]:
    return {f"presence-{n}": value for n, value in enumerate(values, start=1)}


# The third item is keyed -1. Worked out by hand: keyed values, their sum, the share of the
# highest sum possible.
@pytest.mark.parametrize(
    ("given_", "score"),
    [
        (answers(0, 0, 4, 0, 0), 0.0),  # 0+0+0+0+0 = 0 of 20
        (answers(4, 4, 0, 4, 4), 100.0),  # 4+4+4+4+4 = 20 of 20
        (answers(2, 2, 2, 2, 2), 50.0),  # 2+2+2+2+2 = 10 of 20
        (answers(3, 1, 2, 4, 0), 50.0),  # 3+1+2+4+0 = 10 of 20
        (answers(0, 0, 0, 0, 0), 20.0),  # 0+0+4+0+0 = 4 of 20
        (answers(4, 4, 4, 4, 4), 80.0),  # 4+4+0+4+4 = 16 of 20
        (answers(1, 0, 4, 0, 0), 5.0),  # 1 of 20
        (answers(4, 3, 1, 2, 4), 80.0),  # 4+3+3+2+4 = 16 of 20
        (answers(1, 3, 3, 2, 0), 35.0),  # 1+3+1+2+0 = 7 of 20
    ],
)
def test_five_answers_give_the_percent_of_the_maximum_possible(
    given_: dict[str, int | None], score: float
) -> None:
    result = score_scale(PRESENCE, given_)
    assert result.score == score
    assert (result.n_valid, result.n_items, result.is_prorated) == (5, 5, False)
    assert result.reason is None


@pytest.mark.parametrize(
    ("given_", "score"),
    [
        (answers(3, 1, None, 4, 0), 50.0),  # 8 of 16
        (answers(None, 4, 1, 2, 3), 75.0),  # 4+3+2+3 = 12 of 16
        (answers(1, 0, 4, 0, None), 6.25),  # 1 of 16
        (answers(4, 4, 0, None, 4), 100.0),  # 16 of 16
    ],
)
def test_four_answers_give_a_score_that_says_it_is_prorated(
    given_: dict[str, int | None], score: float
) -> None:
    result = score_scale(PRESENCE, given_)
    assert result.score == score
    assert (result.n_valid, result.is_prorated) == (4, True)


@pytest.mark.parametrize(
    "given_",
    [answers(3, None, None, 4, 0), answers(None, None, None, None, 4), {}, {"touch-1": 4}],
)
def test_fewer_than_four_answers_give_no_score_and_a_reason(
    given_: dict[str, int | None],
) -> None:
    result = score_scale(PRESENCE, given_)
    assert result.score is None
    assert result.reason == "too-few-answers"
    assert not result.is_prorated


def test_answers_to_other_scales_are_passed_over() -> None:
    own = answers(3, 1, 2, 4, 0)
    assert score_scale(PRESENCE, {**own, "touch-1": 4}) == score_scale(PRESENCE, own)


def test_another_range_is_scored_from_its_own_minimum() -> None:
    items = (ScaleItem("heard", 1), ScaleItem("waited", -1))
    ratings = Scale("ratings", items, minimum=1, maximum=5, min_answered=2)
    # 4 counts 3 above the minimum; 2, turned round, is 4 and counts 3 as well: 6 of 8.
    assert score_scale(ratings, {"heard": 4, "waited": 2}).score == 75.0


@pytest.mark.parametrize("value", [-1, 5, 2.0, "2", True])
def test_an_answer_that_is_not_on_offer_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="whole number from 0 to 4"):
        score_scale(PRESENCE, {"presence-1": value})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("items", "minimum", "maximum", "min_answered"),
    [
        ((), 0, 4, 1),
        ((ScaleItem("a", 1), ScaleItem("a", 1)), 0, 4, 1),
        ((ScaleItem("a", 1),), 4, 4, 1),
        ((ScaleItem("a", 1),), 0, 4, 2),
        ((ScaleItem("a", 1),), 0, 4, 0),
    ],
)
def test_a_scale_that_can_not_be_scored_is_refused(
    items: tuple[ScaleItem, ...], minimum: int, maximum: int, min_answered: int
) -> None:
    with pytest.raises(ValueError, match="scale s"):
        Scale("s", items, minimum, maximum, min_answered)


@st.composite
def scales_with_answers(draw: st.DrawFn) -> tuple[Scale, dict[str, int | None]]:
    minimum = draw(st.integers(-3, 3))
    maximum = minimum + draw(st.integers(1, 8))
    keyed = draw(st.lists(st.sampled_from((1, -1)), min_size=1, max_size=9))
    items = tuple(ScaleItem(f"i-{n}", k) for n, k in enumerate(keyed))  # type: ignore[arg-type]
    scale = Scale("s", items, minimum, maximum, draw(st.integers(1, len(items))))
    value = st.none() | st.integers(minimum, maximum)
    return scale, {item.key: draw(value) for item in items}


@given(scales_with_answers())
def test_every_score_lies_between_0_and_100(case: tuple[Scale, dict[str, int | None]]) -> None:
    scale, given_ = case
    result = score_scale(scale, given_)
    n_given = sum(value is not None for value in given_.values())
    assert result.n_valid == n_given
    assert (result.score is not None) == (n_given >= scale.min_answered)
    assert result.score is None or 0 <= result.score <= 100


@given(scales_with_answers())
def test_turning_every_item_round_mirrors_the_score(
    case: tuple[Scale, dict[str, int | None]],
) -> None:
    scale, given_ = case
    turned = tuple(ScaleItem(item.key, -1 if item.keyed == 1 else 1) for item in scale.items)
    mirror = Scale("s", turned, scale.minimum, scale.maximum, scale.min_answered)
    one, other = score_scale(scale, given_).score, score_scale(mirror, given_).score
    if one is not None and other is not None:
        assert one + other == pytest.approx(100)


@given(scales_with_answers())
def test_scoring_leaves_the_raw_answers_as_they_are(
    case: tuple[Scale, dict[str, int | None]],
) -> None:
    scale, given_ = case
    before = dict(given_)
    score_scale(scale, given_)
    assert given_ == before


@given(st.integers(-5, 5), st.integers(1, 9), st.data())
def test_reversing_twice_is_identity(minimum: int, span: int, data: st.DataObject) -> None:
    maximum = minimum + span
    value = data.draw(st.integers(minimum, maximum))
    once = key_value(value, -1, minimum=minimum, maximum=maximum)
    assert minimum <= once <= maximum
    assert key_value(once, -1, minimum=minimum, maximum=maximum) == value
    assert key_value(value, 1, minimum=minimum, maximum=maximum) == value
