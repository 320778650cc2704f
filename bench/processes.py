"""What a server and everything it started costs: processor seconds and private memory."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import suppress
from pathlib import Path

import psutil

_QUIET_FOR_S = 0.4
_QUIET_SHARE = 0.06
_MIB = 2**20


def family(pid: int) -> list[psutil.Process]:
    """Return the process and all it started, as far as they still live."""
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def cpu_s(pid: int) -> float:
    """Return the processor seconds of the family so far, those of ended children included."""
    total = 0.0
    for process in family(pid):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def private_mib(process: psutil.Process) -> float:
    """Return what would be free if this process ended (USS)."""
    return float(process.memory_full_info().uss) / _MIB


def family_mib(pid: int) -> float:
    """Return the memory of the whole family, with each page that several share counted once (PSS).

    Private memory added up would fall when the first child is forked: what the parent had for
    itself is then shared, and nobody's. Where the system tells no PSS, it is that all the same.
    """
    total = 0.0
    for process in family(pid):
        with suppress(psutil.NoSuchProcess):
            memory = process.memory_full_info()
            total += float(getattr(memory, "pss", memory.uss)) / _MIB
    return total


async def settle(pid: int, timeout_s: float = 60) -> None:
    """Wait until the family does next to nothing: pools are filled, pages are done."""
    deadline = time.monotonic() + timeout_s
    quiet = 0
    while quiet < 2 and time.monotonic() < deadline:
        before = cpu_s(pid)
        await asyncio.sleep(_QUIET_FOR_S)
        is_quiet = cpu_s(pid) - before <= _QUIET_SHARE * _QUIET_FOR_S
        quiet = quiet + 1 if is_quiet else 0


def sync_ms(folder: Path, times: int) -> list[float]:
    """Append a row's worth of bytes and have the disk confirm it: what any durable answer costs."""
    sync = getattr(os, "fdatasync", os.fsync)
    row = b"x" * 299 + b"\n"
    waits = []
    path = folder / "bench-disk.tmp"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        for _ in range(times):
            began_s = time.perf_counter()
            os.write(descriptor, row)
            sync(descriptor)
            waits.append(1000 * (time.perf_counter() - began_s))
    finally:
        os.close(descriptor)
        path.unlink()
    return waits
