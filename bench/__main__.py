"""Measures everything once and writes `bench/RESULTS.md`: ``python -m bench``."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench.browser import open_browser
from bench.desk import ACTS, measure_desk
from bench.figures import Results, Row, Target, percentile
from bench.machine import describe_machine, describe_software, load
from bench.peers import SEATS, Peer
from bench.peers.otree import OTREE
from bench.peers.panel import PANEL
from bench.peers.reconnect import Reconnect
from bench.peers.served import ServedApp
from bench.peers.shiny import SHINY
from bench.peers.solara import SOLARA
from bench.peers.streamlit import STREAMLIT
from bench.peers.voila import Voila
from bench.report import Comparison, Run, write_report
from bench.rounds import (
    ARRIVALS,
    MEMORY_ROWS,
    QUESTIONS,
    measure_arrivals,
    measure_memory,
    measure_pages,
    measure_rehearsals,
    prepare,
    timed,
)

RESULTS = Path(__file__).with_name("RESULTS.md")
# In the checkout: /tmp may be memory, and a write there waits for no disk.
_SCRATCH = Path(__file__).parents[1] / "build"
PAGE_REPETITIONS = 5
ARRIVAL_REPETITIONS = 2
GROUPS = ("30", "100", "200")
_SAME_KERNELS = "the same kernels as Voilà's, and besides as many as are kept ready"

AT_HOME: tuple[Peer, ...] = (
    Reconnect(),
    Voila(),
    Voila(
        name="Voilà, preheated",
        pool=ARRIVALS,
        required=False,
        reasons={**Voila().reasons, **dict.fromkeys(MEMORY_ROWS, _SAME_KERNELS)},
    ),
)
FURTHER: tuple[ServedApp, ...] = (SOLARA, STREAMLIT, PANEL, SHINY, OTREE)
PEERS: tuple[Peer, ...] = (*AT_HOME, *FURTHER)
TO_BE_BELOW: tuple[Peer, ...] = (SHINY, OTREE)
OURS, STOCK = PEERS[0].name, PEERS[1].name

COMPARISONS = (
    Comparison(f"{OURS} and Voilà", tuple(peer.name for peer in AT_HOME), STOCK),
    Comparison(f"{OURS} and further peers", (OURS, *(peer.name for peer in FURTHER))),
)

ROWS = (
    Row("cold_ms", "navigation → first tap answered, empty cache, somebody new", "ms"),
    Row("warm_ms", "navigation → first tap answered, filled cache, somebody new", "ms"),
    Row("return_ms", "the same, coming back to one's own place", "ms"),
    Row("kib", "loaded with an empty cache, over HTTP", "KiB"),
    Row("requests", "requests with an empty cache, to the server", ""),
    Row("outside", "requests with an empty cache, to other hosts", ""),
    Row("websocket_kib", "websocket messages received", "KiB"),
    Row("turn_ms", "page → page (welcome ↔ checkup)", "ms", by_rank=True),
    Row("tap_ms", "tap → Saved (Voilà: → Not recorded)", "ms", 1, by_rank=True),
    Row("sync_ms", "the disk alone: one row written and confirmed", "ms", 1, by_rank=True),
    *(
        Row(f"uss_{seats}", f"private memory of a participant's kernel, of {seats}", "MiB", 1)
        for seats in SEATS
    ),
    *(
        Row(
            f"added_{seats}",
            f"memory that each of {seats} adds to all processes together",
            "MiB",
            1,
        )
        for seats in SEATS
    ),
    Row("arrivals_s", f"until the last of {ARRIVALS} arriving at once can answer", "s", 1),
    Row("arrivals_stuck", "of those, could not answer after 90 s", "people"),
    Row("arrivals_cpu_s", f"processor time of the server's processes for those {ARRIVALS}", "s", 1),
)
ALONE_ROWS = (
    Row("finished", "came to the end", "people"),
    Row("seated_s", "from the first seat taken to the last", "s", 1),
    Row("in_s", "from the first seat taken to the last consent", "s", 1),
    Row("took_s", "whole rehearsal", "s", 1),
    Row("join p50_ms", "join, p50", "ms"),
    Row("join p95_ms", "join, p95", "ms"),
    Row("first page p50_ms", "first page (starts the kernel), p50", "ms"),
    Row("first page p95_ms", "first page (starts the kernel), p95", "ms"),
    Row("tap to saved p50_ms", "tap → saved, p50", "ms"),
    Row("tap to saved p95_ms", "tap → saved, p95", "ms"),
    Row("tap to saved p99_ms", "tap → saved, p99", "ms"),
    Row("answers", "answers acknowledged", ""),
    Row("lost", "acknowledged and not in the record", ""),
    Row("different", "in the record, but different", ""),
    Row("extra", "in the record, but sent by nobody", ""),
    Row("gaps", "gaps in the journals' numbering", ""),
    Row("problems", "people who could not go on", ""),
    Row("repeats", "messages sent again", ""),
    Row("kernels", "kernels at the end", ""),
    Row("kernel_mib", "private memory of a kernel", "MiB", 1),
    Row("all_mib", "memory of server and kernels together", "MiB"),
    Row("cpu_s", "processor time of server and kernels", "s", 1),
    Row("left", "kernels left after the server stopped", ""),
    Row("heard_ms", "desk’s button → a phone knows where to go", "ms", by_rank=True),
    Row("again_ms", "after that, a phone looks again", "ms", by_rank=True),
    Row("act_cpu_s", "processor time for one such act and all that looks again", "s", 2),
)


def targets(alone: Results) -> Sequence[Target]:
    """Return what the engine set out to reach."""
    largest = GROUPS[-1]

    def p95(results: Results, row: str) -> float | None:
        return _p95_of(results, row, OURS)

    def beyond_disk(results: Results) -> float | None:
        saved, disk = p95(results, "tap_ms"), results.median("sync_ms", OURS)
        return None if saved is None or disk is None else saved - disk

    def not_right(_: Results) -> float | None:
        rows = ("lost", "different", "extra", "gaps", "unreadable", "problems")
        counts = [alone.median(row, largest) for row in rows]
        return None if None in counts else sum(count or 0 for count in counts)

    largest_kernel = f"uss_{SEATS[-1]}"
    return (
        Target(
            f"warm navigation → first tap answered, ÷ {STOCK}",
            0.2,
            "",
            lambda results: results.ratio("warm_ms", OURS, STOCK),
            2,
        ),
        *(
            Target(
                f"the same, below {peer.name}",
                partial(Results.median, row="warm_ms", peer=peer.name),
                "ms",
                lambda results: results.median("warm_ms", OURS),
            )
            for peer in TO_BE_BELOW
        ),
        Target("empty cache: KB over HTTP", 350, "KB",
               lambda results: _times(results.median("kib", OURS), 1.024)),
        Target("empty cache: requests", 8, "", lambda results: results.median("requests", OURS)),
        Target("page → page, p95", 100, "ms", lambda results: p95(results, "turn_ms")),
        Target("tap → Saved, p95 less the disk's own median", 40, "ms", beyond_disk, 1),
        Target(f"private memory of a participant's kernel, of {SEATS[-1]}", 12, "MB",
               lambda results: _times(results.median(largest_kernel, OURS), 1.048576), 1),
        Target(f"last of {ARRIVALS} arriving at once", 10, "s",
               lambda results: results.median("arrivals_s", OURS), 1),
        Target(f"processor time for those {ARRIVALS}", 2, "s",
               lambda results: results.median("arrivals_cpu_s", OURS), 1),
        Target(f"{largest} people: all in", 60, "s", lambda _: alone.median("in_s", largest), 1),
        Target(f"{largest} people: tap → saved, p95", 400, "ms",
               lambda _: alone.median("tap to saved p95_ms", largest)),
        Target(f"{largest} people: errors and losses", 0, "", not_right),
        Target(f"{largest} phones: desk’s button → phone, p95", 500, "ms",
               lambda _: _p95_of(alone, "heard_ms", largest)),
    )  # fmt: skip


def _p95_of(results: Results, row: str, peer: str) -> float | None:
    values = results.of(row, peer)
    return percentile(values, 0.95) if values else None


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


REMARKS = (
    "Stock Voilà shows our notebooks for practice: the same twenty questions drawn by the same "
    "widgets, but it asks no consent and writes nothing down, so its tap waits for no disk. It "
    "is not told who came, and cannot give anybody their page back.",
    f"Preheated Voilà keeps {ARRIVALS} finished pages ready, ten times its default, and each was "
    "ready before a measurement began.",
    "No page reached another host: names from outside failed at once. In a room without internet "
    "stock Voilà's page may wait for its two style sheets from outside; here it did not.",
    "Solara, Streamlit, Panel, Shiny for Python and oTree each have an environment of their own, "
    "and show the same words: the introduction with Begin, then one question at a time. "
    "All but oTree append each answer to a file and have the disk confirm it, as ours does, before "
    "the page says Saved; oTree commits it to its own SQLite database.",
    "Page → page: of Shiny both pages are in the browser from the beginning, and it asks no "
    "server. Voilà, Panel and oTree load a new document.",
    "Memory is taken with everybody's page open in a browser and one question answered. What each "
    "adds is what all processes of the server together grew by (shared pages counted once), "
    "divided by the people: of one alone it holds also what a server makes once, at its first "
    "visit.",
    "The browser runs on the same cores as the servers; with ten pages at once most of the time "
    "is the browser's.",
    f"Repetitions: {PAGE_REPETITIONS} visits (each with {QUESTIONS - 1} further taps, and pages "
    f"turned), {ARRIVAL_REPETITIONS} arrivals, 1 rehearsal and {ACTS} acts of the desk for each "
    "size. Who is measured first changes with each repetition.",
)


def _say(line: str) -> None:
    print(line, flush=True)


async def main() -> None:
    """Measure, and write the page."""
    when = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    facts = {"when": when, **describe_machine(), "load before": load()}
    results, alone = Results(tuple(peer.name for peer in PEERS)), Results(GROUPS)
    for peer in PEERS:
        for row, reason in peer.reasons.items():
            results.cannot(row, peer.name, reason)
    _SCRATCH.mkdir(exist_ok=True)
    peers = await prepare(PEERS, results, _say)
    with tempfile.TemporaryDirectory(dir=_SCRATCH, prefix="bench-") as name:
        folder = Path(name)
        async with open_browser() as browser:
            versions = describe_software(browser.version)
            pages = measure_pages(browser, peers, folder, results, PAGE_REPETITIONS, _say)
            await timed("Pages, one person", _say, pages)
            arrivals = measure_arrivals(browser, peers, folder, results, ARRIVAL_REPETITIONS, _say)
            await timed(f"{ARRIVALS} people arriving at once", _say, arrivals)
            memory = measure_memory(browser, peers, folder, results, _say)
            await timed("Memory", _say, memory)
        await timed("Rehearsed groups", _say, measure_rehearsals(folder, alone, _say))
        await timed("From the desk to the phones", _say, measure_desk(folder, alone, _say))
    facts["load after"] = load()
    versions |= {peer.name: peer.version for peer in FURTHER}
    run = Run(facts, versions, REMARKS)
    page = write_report(run, results, ROWS, COMPARISONS, alone, ALONE_ROWS, targets(alone))
    unfinished = RESULTS.with_suffix(".tmp")
    unfinished.write_text(page, "utf-8")
    unfinished.replace(RESULTS)
    _say(f"\n{page}")


if __name__ == "__main__":
    asyncio.run(main())
