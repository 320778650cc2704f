"""The measurements themselves: pages, arrivals, memory, and rehearsed groups."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil
from playwright.async_api import Browser

from bench.browser import Tab
from bench.figures import Results, interleave
from bench.peers import Peer
from bench.peers.reconnect import Reconnect
from bench.processes import cpu_s, family, family_mib, private_mib, settle, sync_ms
from reconnect_widgets.records import SessionRecord
from reconnect_widgets.system import monotonic_s

QUESTIONS = 20
SEATS = (1, 5, 20)
ARRIVALS = 10
_SYNCS = 40

Say = Callable[[str], None]


# -- Pages: one person ---------------------------------------------------------------------------


async def measure_pages(
    browser: Browser, peers: Sequence[Peer], folder: Path, results: Results, repetitions: int
) -> None:
    """Navigation, taps and turned pages, of all peers in turn, their servers up together."""
    by_name = {peer.name: peer for peer in peers}
    for peer in peers:
        await peer.start(folder / f"pages-{peer.name}")
    try:
        for peer in peers:
            await settle(peer.pid)
            await _weigh(browser, peer, results)
        for order in interleave(list(by_name), repetitions):
            for name in order:
                peer = by_name[name]
                await settle(peer.pid)
                if isinstance(peer, Reconnect):
                    results.add("sync_ms", name, *sync_ms(peer.data_dir, _SYNCS))
                await _visit(browser, peer, results)
    finally:
        for peer in peers:
            peer.stop()


async def _weigh(browser: Browser, peer: Peer, results: Results) -> None:
    visit = await peer.invite()
    tab = await Tab.open(browser, peer.plan)
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
    tab = await Tab.open(browser, peer.plan)
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
    if peer.turns_in_place:
        for _ in range(4):
            results.add("turn_ms", name, await tab.turn(peer.other_page))
            results.add("turn_ms", name, await tab.turn(visit.url))
    else:
        results.add("turn_ms", name, await tab.look(peer.other_page))
        results.add("turn_ms", name, await tab.look(visit.url))
    await tab.close()


# -- Many at once --------------------------------------------------------------------------------


async def measure_arrivals(
    browser: Browser, peers: Sequence[Peer], folder: Path, results: Results, repetitions: int
) -> None:
    """Ten people with empty caches open the page at the same moment, on a server just started."""
    by_name = {peer.name: peer for peer in peers}
    for number, order in enumerate(interleave(list(by_name), repetitions)):
        for name in order:
            peer = by_name[name]
            await peer.start(folder / f"arrivals-{number}-{name}")
            try:
                await settle(peer.pid)
                await _arrive(browser, peer, results)
            finally:
                peer.stop()


async def _arrive(browser: Browser, peer: Peer, results: Results) -> None:
    visits = [await peer.invite() for _ in range(ARRIVALS)]
    tabs = [await Tab.open(browser, peer.plan) for _ in visits]
    for tab, visit in zip(tabs, visits, strict=True):
        await tab.become(visit)
    await settle(peer.pid)
    before_s, began_s = cpu_s(peer.pid), time.monotonic()
    await asyncio.gather(
        *(tab.visit(visit.url) for tab, visit in zip(tabs, visits, strict=True)),
    )
    results.add("arrivals_s", peer.name, time.monotonic() - began_s)
    results.add("arrivals_cpu_s", peer.name, cpu_s(peer.pid) - before_s)
    for tab in tabs:
        await tab.close()


# -- Memory --------------------------------------------------------------------------------------


async def measure_memory(peers: Sequence[Peer], folder: Path, results: Results) -> None:
    """Private memory of each participant's process, with 1, 5 and 20 of them on their page."""
    for peer in peers:
        if f"uss_{SEATS[0]}" in peer.reasons:
            continue
        await peer.start(folder / f"memory-{peer.name}")
        try:
            await settle(peer.pid)
            before = {process.pid for process in family(peer.pid)}
            alone_mib = family_mib(peer.pid)
            seated = 0
            for seats in SEATS:
                await asyncio.gather(*(peer.sit_down() for _ in range(seats - seated)))
                seated = seats
                await settle(peer.pid)
                new = [process for process in family(peer.pid) if process.pid not in before]
                results.add(f"uss_{seats}", peer.name, *(private_mib(each) for each in new))
            added_mib = family_mib(peer.pid) - alone_mib
            results.add("added_mib", peer.name, added_mib / seated)
        finally:
            peer.stop()


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
