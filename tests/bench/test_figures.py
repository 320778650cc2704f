"""The arithmetic of the benchmark, on numbers worked out by hand. Nothing here measures time."""

from __future__ import annotations

import pytest

from bench.figures import Results, interleave, percentile


def results(**samples: list[float]) -> Results:
    """Return results of one row, by peer."""
    made = Results(tuple(samples))
    for peer, values in samples.items():
        made.add("row", peer, *values)
    return made


@pytest.mark.parametrize(
    ("values", "middle"), [([7], 7), ([9, 1, 5], 5), ([4, 1, 3, 2], 2.5), ([1, 1, 100], 1)]
)
def test_the_median_is_the_middle_whatever_the_order(values: list[float], middle: float) -> None:
    assert results(ours=values).median("row", "ours") == middle


def test_the_ratio_is_that_of_the_medians() -> None:
    made = results(ours=[1, 2, 30], theirs=[8, 9, 8])
    assert made.ratio("row", "ours", "theirs") == 2 / 8
    assert made.ratio("row", "theirs", "ours") == 8 / 2


def test_there_is_no_ratio_to_what_was_not_measured_or_is_nothing() -> None:
    made = results(ours=[1], nothing=[0])
    assert made.ratio("row", "ours", "absent") is None
    assert made.ratio("row", "absent", "ours") is None
    assert made.ratio("row", "ours", "nothing") is None
    assert made.ratio("row", "nothing", "ours") == 0


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 10), (0.95, 19), (0.99, 20), (1, 20), (0.01, 1)]
)
def test_a_percentile_is_a_wait_that_took_place(share: float, expected: int) -> None:
    assert percentile([*range(20, 0, -1)], share) == expected


def test_samples_of_several_repetitions_are_kept_together() -> None:
    made = results(ours=[3])
    made.add("row", "ours", 1, 2)
    assert made.of("row", "ours") == [3, 1, 2]
    assert made.of("row", "absent") == []


def test_everybody_is_measured_once_in_each_repetition_and_first_in_turn() -> None:
    order = interleave(["a", "b", "c"], 4)
    assert order == [["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"], ["a", "b", "c"]]
