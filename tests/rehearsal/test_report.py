"""Counts and times of a rehearsal, and when it may be called well."""

from __future__ import annotations

import json

import pytest

from reconnect_widgets.rehearsal import Comparison, Ledger
from reconnect_widgets.rehearsal.report import Report, build_report, describe_times


def report(ledger: Ledger, comparison: Comparison | None = None, **more: int) -> Report:
    return build_report(ledger, couples=1, took_s=1.26, comparison=comparison, **more)


def through() -> Ledger:
    return Ledger(joined=2, finished=2)


def test_percentiles_are_times_that_somebody_waited() -> None:
    # Nearest rank, by hand: of 20, P95 is the 19th, P99 the 20th; of 1 all are the one.
    times = describe_times("join", [n / 1000 for n in range(20, 0, -1)])
    assert (times.count, times.p50_ms, times.p95_ms, times.p99_ms, times.most_ms) == (
        20, 10, 19, 20, 20,
    )  # fmt: skip
    one = describe_times("join", [0.0042])
    assert {one.p50_ms, one.p95_ms, one.p99_ms, one.most_ms} == {4.2}


def test_all_is_well_when_everybody_is_through_and_the_record_is_whole() -> None:
    assert report(through(), Comparison(5, 0, 0, 0)).is_ok
    told = report(through(), Comparison(5, 0, 0, 0)).as_json()
    assert json.loads(json.dumps(told))["ok"] is True


@pytest.mark.parametrize(
    "found", [Comparison(5, 1, 0, 0), Comparison(5, 0, 1, 0), Comparison(5, 0, 0, 1)]
)
def test_nothing_is_well_when_the_record_is_not(found: Comparison) -> None:
    assert not report(through(), found).is_ok
    assert not report(through(), found).is_whole


def test_gaps_somebody_missing_and_problems_are_not_well() -> None:
    whole = Comparison(5, 0, 0, 0)
    assert not report(through(), whole, gaps=1).is_ok
    assert not report(through(), whole, unreadable=1).is_ok
    assert not report(Ledger(joined=2, finished=1), whole).is_ok
    ledger = through()
    ledger.problems["pages", "it rained"] += 2
    assert report(ledger, whole).problems == ({"where": "pages", "what": "it rained", "count": 2},)
    assert not report(ledger, whole).is_ok


def test_without_a_comparison_what_pages_did_not_show_is_lost() -> None:
    ledger = through()
    ledger.seen, ledger.unseen = 47, 1
    told = report(ledger)
    assert (told.checked_against, told.compared, told.lost) == ("pages", 48, 1)
