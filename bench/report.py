"""Writes the results down as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.figures import Results, Row, Target, percentile


@dataclass(frozen=True)
class Run:
    """When, where and with what was measured; every value as it is to be read."""

    facts: Mapping[str, str]
    versions: Mapping[str, str]
    remarks: Sequence[str]


@dataclass(frozen=True)
class Comparison:
    """One of the tables side by side: which peers stand in it, and whose ratio closes it.

    All in one table would be wider than a page. Ours is the first in each.
    """

    title: str
    peers: Sequence[str]
    ratio_to: str = ""


def write_report(
    run: Run,
    results: Results,
    rows: Sequence[Row],
    comparisons: Sequence[Comparison],
    alone: Results,
    alone_rows: Sequence[Row],
    targets: Sequence[Target],
) -> str:
    """Return the whole page.

    Parameters
    ----------
    results
        Of all peers; the first is ours.
    alone
        Of our server alone; its "peers" are the sizes of the group.
    """
    ours = results.peers[0]
    lines = [
        "# Benchmarks",
        "",
        f"Written by `make bench` on {run.facts['when']}, from this one run; not edited by hand.",
        "What the rows mean, how they are taken, and what is not here yet:",
        "[docs/explanation/benchmarks.md](../docs/explanation/benchmarks.md).",
        "",
        "## The machine",
        "",
        *_table(("", ""), [(name, value) for name, value in run.facts.items() if name != "when"]),
        *_table(("software", "version"), list(run.versions.items())),
        "## Side by side",
        "",
        "Median (least–most) of the repetitions; where waits were many, median (p95).",
        "",
        *(line for each in comparisons for line in _side_by_side(results, rows, each)),
        f"## {ours} alone: a rehearsed group on this machine",
        "",
        "Everybody arrives at once and taps without pauses; those who tap run on the same cores.",
        "",
        *_table(
            ("", *(f"{size} people" for size in alone.peers)),
            [
                (_title(row), *(_cell(alone, row, size) for size in alone.peers))
                for row in alone_rows
            ],
        ),
        "## What was to be reached",
        "",
        *_table(
            ("figure", "to reach", "measured", "reached"),
            [_target(target, results) for target in targets],
        ),
        "## Remarks",
        "",
        *(f"- {remark}" for remark in run.remarks),
        "",
    ]
    return "\n".join(lines)


def _side_by_side(results: Results, rows: Sequence[Row], comparison: Comparison) -> list[str]:
    reasons: list[str] = []
    body = []
    for row in rows:
        cells = []
        for peer in comparison.peers:
            reason = results.reasons.get((row.key, peer))
            if reason and reason not in reasons:
                reasons.append(reason)
            mark = f"– ({reasons.index(reason) + 1})" if reason else ""
            cells.append(mark or _cell(results, row, peer))
        if comparison.ratio_to:
            ratio = results.ratio(row.key, comparison.peers[0], comparison.ratio_to)
            cells.append("" if ratio is None else f"{ratio:.2f}")
        body.append((_title(row), *cells))
    head = ["", *comparison.peers, *(["ratio"] if comparison.ratio_to else [])]
    what_ratio = f"The last column is {comparison.peers[0]} ÷ {comparison.ratio_to}."
    return [
        f"### {comparison.title}",
        "",
        *([what_ratio, ""] if comparison.ratio_to else []),
        *_table(head, body),
        *(f"({n}) {reason}  " for n, reason in enumerate(reasons, 1)),
        *([""] if reasons else []),
    ]


def _title(row: Row) -> str:
    return f"{row.title}, {row.unit}" if row.unit else row.title


def _cell(results: Results, row: Row, peer: str) -> str:
    values = results.of(row.key, peer)
    middle = results.median(row.key, peer)
    if middle is None:
        return "–"
    if row.by_rank:
        return f"{_number(middle, row)} ({_number(percentile(values, 0.95), row)})"
    if len(values) == 1:
        return _number(middle, row)
    return f"{_number(middle, row)} ({_number(min(values), row)}–{_number(max(values), row)})"


def _number(value: float, row: Row) -> str:
    return f"{value:,.{row.digits}f}"


def _target(target: Target, results: Results) -> tuple[str, str, str, str]:
    value = target.measured(results)
    limit = target.limit(results) if callable(target.limit) else target.limit
    asked, measured = (
        "–" if figure is None else f"{figure:,.{target.digits}f} {target.unit}".strip()
        for figure in (limit, value)
    )
    asked = asked if limit is None else f"≤ {asked}"
    if value is None or limit is None:
        return (target.title, asked, measured, "not measured")
    return (target.title, asked, measured, "yes" if value <= limit else "**no**")


def _table(head: Sequence[str], body: Sequence[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *(f"| {' | '.join(cells)} |" for cells in body),
        "",
    ]
