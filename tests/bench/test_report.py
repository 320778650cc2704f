"""The page of results says what was measured, and says plainly what was not or was not reached."""

from __future__ import annotations

from bench.figures import Results, Row, Target
from bench.report import Comparison, Run, write_report

ROWS = (
    Row("few", "few repetitions", "ms"),
    Row("many", "many waits", "ms", 1, by_rank=True),
    Row("once", "counted once", ""),
    Row("mine", "only ours", "s", 1),
    Row("none", "of nobody", "s"),
)
COMPARISONS = (
    Comparison("Ours and Theirs", ("Ours", "Theirs"), "Theirs"),
    Comparison("Ours and others", ("Ours", "Others")),
)


def page(*targets: Target, others: bool = False) -> dict[str, list[str]]:
    """Return the cells of the page's tables by the first of each row.

    Rows that stand in both comparisons: those of the first, or those of the second.
    """
    results = Results(("Ours", "Theirs", "Others"))
    results.add("few", "Ours", 120, 80, 100)
    results.add("few", "Theirs", 1000, 2000)
    results.add("many", "Ours", *range(1, 21))
    results.add("once", "Ours", 5)
    results.add("once", "Theirs", 96)
    results.add("mine", "Ours", 1.25, 1.25)
    results.add("few", "Others", 300)
    results.cannot("mine", "Theirs", "it cannot")
    results.cannot("once", "Others", "it counts nothing")
    alone = Results(("30", "200"))
    alone.add("lost", "30", 0)
    alone.add("lost", "200", 1)
    run = Run({"when": "today", "load before": "0.1"}, {"Python": "3.11"}, ["a remark"])
    text = write_report(run, results, ROWS, COMPARISONS, alone, (Row("lost", "lost", ""),), targets)
    assert "(1) it cannot" in text
    assert "(1) it counts nothing" in text
    assert "- a remark" in text
    assert "on today, from this one run" in text
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    ordered = rows if others else rows[::-1]
    return {cells[0]: cells[1:] for cells in ordered}


def test_a_few_repetitions_are_shown_with_their_least_and_most_and_the_ratio() -> None:
    assert page()["few repetitions, ms"] == ["100 (80–120)", "1,500 (1,000–2,000)", "0.07"]


def test_many_waits_are_shown_with_their_95th_percentile() -> None:
    assert page()["many waits, ms"][0] == "10.5 (19.0)"


def test_what_was_counted_once_shows_no_spread() -> None:
    assert page()["counted once"] == ["5", "96", "0.05"]


def test_what_a_peer_cannot_do_is_said_and_has_no_ratio() -> None:
    assert page()["only ours, s"][:2] == ["1.2 (1.2–1.2)", "– (1)"]
    assert page()["of nobody, s"][:2] == ["–", "–"]


def test_each_comparison_has_its_own_peers_and_a_ratio_only_when_one_is_asked_for() -> None:
    assert page()["few repetitions, ms"] == ["100 (80–120)", "1,500 (1,000–2,000)", "0.07"]
    assert page(others=True)["few repetitions, ms"] == ["100 (80–120)", "300"]
    assert page(others=True)["counted once"] == ["5", "– (1)"]


def test_each_size_of_a_group_has_its_column() -> None:
    assert page()["lost"] == ["0", "1"]


def test_a_target_is_reached_missed_or_not_measured_and_the_page_says_which() -> None:
    rows = page(
        Target("reached", 100, "ms", lambda results: results.median("few", "Ours")),
        Target("missed", 0.05, "", lambda results: results.ratio("few", "Ours", "Theirs"), 2),
        Target("unknown", 1, "s", lambda results: results.median("none", "Ours")),
    )
    assert rows["reached"] == ["≤ 100 ms", "100 ms", "yes"]
    assert rows["missed"] == ["≤ 0.05", "0.07", "**no**"]
    assert rows["unknown"] == ["≤ 1 s", "–", "not measured"]


def test_a_target_may_be_another_figure_of_the_same_run() -> None:
    def mine(results: Results) -> float | None:
        return results.median("few", "Ours")

    rows = page(
        Target("below theirs", lambda results: results.median("few", "Theirs"), "ms", mine),
        Target("below nobody", lambda results: results.median("none", "Theirs"), "ms", mine),
    )
    assert rows["below theirs"] == ["≤ 1,500 ms", "100 ms", "yes"]
    assert rows["below nobody"] == ["–", "100 ms", "not measured"]
