"""The measurements themselves: pages, arrivals, memory, and rehearsed groups."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import psutil
from playwright.async_api import Browser

from bench.browser import Tab
from bench.figures import Results, interleave
from bench.peers import SEATS, Peer, PeerError, Visit
from bench.peers.reconnect import Reconnect
from bench.processes import cpu_s, family, family_mib, private_mib, settle, sync_ms
from reconnect_widgets.records import SessionRecord
from reconnect_widgets.system import monotonic_s

QUESTIONS = 20
ARRIVALS = 10
TURNS = 4
_SYNCS = 40
# At once: as many browser pages as there are cores here. Nobody is timed meanwhile, and of more
# at once stock Voilà's page loses sight of its models ("model not found") on a busy machine.
_SIT_DOWN_TOGETHER = 2
PAGE_ROWS = (
    "cold_ms", "warm_ms", "return_ms", "kib", "requests", "outside", "websocket_kib", "turn_ms",
    "tap_ms",
)  # fmt: skip
ARRIVAL_ROWS = ("arrivals_s", "arrivals_cpu_s", "arrivals_stuck")
MEMORY_ROWS = (*(f"uss_{n}" for n in SEATS), *(f"added_{n}" for n in SEATS))

Say = Callable[[str], None]


async def manages(
    peer: Peer, results: Results, rows: Sequence[str], say: Say, doing: Awaitable[None]
) -> bool:
    """Return whether a peer came through this; if not, its rows are dashes with the reason.

    What was measured of these rows before it failed is left out too: visits that went well say
    little when one did not. A peer that is required ends the run instead.
    """
    try:
        await doing
    except (PeerError, psutil.NoSuchProcess) as error:
        if peer.required:
            raise
        say(f"  {peer.name} is left out: {error}")
        reason = error.reason if isinstance(error, PeerError) else f"{peer.name}: the server ended"
        for row in rows:
            results.cannot(row, peer.name, reason)
        return False
    return True


async def prepare(peers: Sequence[Peer], results: Results, say: Say) -> list[Peer]:
    """Return the peers that are installed; the others have their reason in every row."""

    async def install(peer: Peer) -> None:
        await asyncio.to_thread(peer.prepare)

    rows = (*PAGE_ROWS, *ARRIVAL_ROWS, *MEMORY_ROWS)
    return [peer for peer in peers if await manages(peer, results, rows, say, install(peer))]


# -- Pages: one person ---------------------------------------------------------------------------


async def measure_pages(
    browser: Browser,
    peers: Sequence[Peer],
    folder: Path,
    results: Results,
    repetitions: int,
    say: Say,
) -> None:
    """Navigation, taps and turned pages, of all peers in turn, their servers up together."""
    started: list[Peer] = []

    async def begin(peer: Peer) -> None:
        await peer.start(folder / f"pages-{peer.name}")
        started.append(peer)
        await settle(peer.pid)
        await _weigh(browser, peer, results)

    try:
        present = {
            peer.name: peer
            for peer in peers
            if await manages(peer, results, PAGE_ROWS, say, begin(peer))
        }
        for order in interleave(list(present), repetitions):
            for name in order:
                peer = present.get(name)
                if peer and not await manages(
                    peer, results, PAGE_ROWS, say, _visit(browser, peer, results)
                ):
                    del present[name]
    finally:
        for peer in started:
            peer.stop()


async def _weigh(browser: Browser, peer: Peer, results: Results) -> None:
    visit = await peer.invite()
    tab = await Tab.open(browser, peer)
    await tab.become(visit)
    weight = await tab.weigh(visit.url)
    await tab.close()
    results.add("requests", peer.name, weight.requests)
    results.add("kib", peer.name, weight.kib)
    results.add("websocket_kib", peer.name, weight.websocket_kib)
    results.add("outside", peer.name, weight.asked_outside)


async def _visit(browser: Browser, peer: Peer, results: Results) -> None:
    """One repetition: an empty cache, then (cache filled) the same person, then somebody new."""
    name = peer.name
    await settle(peer.pid)
    if isinstance(peer, Reconnect):
        results.add("sync_ms", name, *sync_ms(peer.data_dir, _SYNCS))
    tab = await Tab.open(browser, peer)
    visit = await peer.invite()
    await tab.become(visit)
    results.add("cold_ms", name, await tab.visit(visit.url))
    if peer.remembers:
        results.add("return_ms", name, await tab.visit(visit.url))
    visit = await peer.invite()
    await settle(peer.pid)
    await tab.become(visit)
    results.add("warm_ms", name, await tab.visit(visit.url))
    results.add("tap_ms", name, *await tab.tap(QUESTIONS - 1))
    if peer.plan.there and peer.plan.back:
        for _ in range(1 if peer.plan.there.loads else TURNS):
            results.add("turn_ms", name, await tab.follow(peer.plan.there))
            results.add("turn_ms", name, await tab.follow(peer.plan.back))
    elif peer.turns_in_place:
        for _ in range(TURNS):
            results.add("turn_ms", name, await tab.turn(peer.other_page))
            results.add("turn_ms", name, await tab.turn(visit.url))
    else:
        results.add("turn_ms", name, await tab.look(peer.other_page))
        results.add("turn_ms", name, await tab.look(visit.url))
    await tab.close()


# -- Many at once --------------------------------------------------------------------------------


async def measure_arrivals(
    browser: Browser,
    peers: Sequence[Peer],
    folder: Path,
    results: Results,
    repetitions: int,
    say: Say,
) -> None:
    """Ten people with empty caches open the page at the same moment, on a server just started."""
    present = {peer.name: peer for peer in peers}
    for number, order in enumerate(interleave(list(present), repetitions)):
        for name in order:
            peer = present.get(name)
            if peer and not await manages(
                peer,
                results,
                ARRIVAL_ROWS,
                say,
                _arrive(browser, peer, folder / f"arrivals-{number}-{name}", results),
            ):
                del present[name]


async def _arrive(browser: Browser, peer: Peer, folder: Path, results: Results) -> None:
    await peer.start(folder)
    tabs: list[Tab] = []
    try:
        await settle(peer.pid)
        visits = [await peer.invite() for _ in range(ARRIVALS)]
        for visit in visits:
            tabs.append(await Tab.open(browser, peer))
            await tabs[-1].become(visit)
        await settle(peer.pid)
        before_s, began_s = cpu_s(peer.pid), time.monotonic()
        arrived_s, stuck = await _see_arrive(peer, tabs, visits)
        results.add("arrivals_s", peer.name, arrived_s - began_s)
        results.add("arrivals_cpu_s", peer.name, cpu_s(peer.pid) - before_s)
        results.add("arrivals_stuck", peer.name, stuck)
    finally:
        for tab in tabs:
            await tab.close()
        peer.stop()


async def _see_arrive(
    peer: Peer, tabs: Sequence[Tab], visits: Sequence[Visit]
) -> tuple[float, int]:
    """Return when the last one who came could answer, and how many never could.

    Of stock Voilà's pages some hang now and then when many come at once. That is a finding about
    it, and no reason to throw the run away; a page of ours that hangs is one.
    """
    arrived_s: list[float] = []

    async def see(tab: Tab, visit: Visit) -> None:
        await tab.visit(visit.url)
        arrived_s.append(time.monotonic())

    pairs = zip(tabs, visits, strict=True)
    outcomes = await asyncio.gather(*(see(*each) for each in pairs), return_exceptions=True)
    stuck = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    for outcome in stuck:
        if not arrived_s or isinstance(peer, Reconnect) or not isinstance(outcome, PeerError):
            raise outcome
    return max(arrived_s), len(stuck)


async def _all_of(doing: Iterable[Awaitable[object]]) -> None:
    """Wait for all at once, and for the last even when one fails: its page is still in use."""
    for outcome in await asyncio.gather(*doing, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


# -- Memory --------------------------------------------------------------------------------------


async def measure_memory(
    browser: Browser, peers: Sequence[Peer], folder: Path, results: Results, say: Say
) -> None:
    """Private memory with 1, 5 and 20 people on the page, each in a browser and with one answer."""
    for peer in peers:
        if f"added_{SEATS[0]}" not in peer.reasons:
            doing = _seat(browser, peer, folder / f"memory-{peer.name}", results)
            await manages(peer, results, MEMORY_ROWS, say, doing)


async def _seat(browser: Browser, peer: Peer, folder: Path, results: Results) -> None:
    await peer.start(folder)
    tabs: list[Tab] = []
    try:
        await settle(peer.pid)
        before = {process.pid for process in family(peer.pid)}
        alone_mib = family_mib(peer.pid)
        for seats in SEATS:
            while len(tabs) < seats:
                count = min(_SIT_DOWN_TOGETHER, seats - len(tabs))
                new_tabs = [await Tab.open(browser, peer) for _ in range(count)]
                tabs.extend(new_tabs)
                await _all_of(_sit_down(tab, peer) for tab in new_tabs)
            await settle(peer.pid)
            if f"uss_{seats}" not in peer.reasons:
                new = [process for process in family(peer.pid) if process.pid not in before]
                results.add(f"uss_{seats}", peer.name, *(private_mib(each) for each in new))
            added_mib = family_mib(peer.pid) - alone_mib
            results.add(f"added_{seats}", peer.name, added_mib / seats)
    finally:
        for tab in tabs:
            await tab.close()
        peer.stop()


async def _sit_down(tab: Tab, peer: Peer) -> None:
    visit = await peer.invite()
    await tab.become(visit)
    await tab.visit(visit.url)


# -- Ours alone ----------------------------------------------------------------------------------


async def measure_rehearsals(folder: Path, alone: Results, say: Say) -> None:
    """Let groups of made-up people come at once, each to a server just started."""
    for size in alone.peers:
        say(f"  {size} people")
        server = Reconnect()
        await server.start(folder / f"rehearsal-{size}")
        try:
            await settle(server.pid)
            before = {process.pid for process in family(server.pid)}
            cpu_before_s = cpu_s(server.pid)
            report = await _rehearse(server, int(size) // 2)
            alone.add("cpu_s", size, cpu_s(server.pid) - cpu_before_s)
            kernels = [p for p in family(server.pid) if p.pid not in before]
            alone.add("kernels", size, len(kernels))
            alone.add("kernel_mib", size, *(private_mib(each) for each in kernels))
            alone.add("all_mib", size, family_mib(server.pid))
            _keep_report(report, alone, size)
            _keep_arrivals(server.rehearsed(), alone, size)
        finally:
            server.stop()
        alone.add("left", size, len(_living(kernels)))


def _living(kernels: Sequence[psutil.Process], timeout_s: float = 5) -> list[psutil.Process]:
    return list(psutil.wait_procs(kernels, timeout=timeout_s)[1])


async def _rehearse(server: Reconnect, couples: int) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "reconnect_widgets", "rehearse", "--json"),
        *("--couples", str(couples), "--data", str(server.data_dir)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, complaint = await process.communicate()
    if not output:
        raise RuntimeError(f"the rehearsal did not take place: {complaint.decode()}")
    return dict(json.loads(output))


def _keep_report(report: dict[str, Any], alone: Results, size: str) -> None:
    alone.add("took_s", size, report["took_s"])
    for times in report["times"]:
        for rank in ("p50_ms", "p95_ms", "p99_ms", "most_ms"):
            alone.add(f"{times['step']} {rank}", size, times[rank])
    for count in ("finished", "lost", "different", "extra", "gaps", "unreadable", "repeats"):
        alone.add(count, size, report[count])
    alone.add("answers", size, report["acknowledged"]["answers"])
    alone.add("problems", size, sum(problem["count"] for problem in report["problems"]))


def _keep_arrivals(record: SessionRecord, alone: Results, size: str) -> None:
    """From the first seat taken to the last, and to the last consent, as the record has them."""
    people = record.participants().values()
    joined = [person.joined_at for person in people]
    consented = [person.consent_at for person in people if person.consent_at]
    alone.add("seated_s", size, (max(joined) - min(joined)).total_seconds())
    if len(consented) == len(joined):
        alone.add("in_s", size, (max(consented) - min(joined)).total_seconds())


async def timed(what: str, say: Say, doing: Any) -> None:
    """Do a part of the run, and say how long it took."""
    say(what)
    began_s = monotonic_s()
    await doing
    say(f"  took {monotonic_s() - began_s:.0f} s")
