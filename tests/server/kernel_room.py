"""Kernels for tests, without a web server: a manager, seats, and ways to look into a kernel."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from reconnect_widgets.server.kernels import (
    KernelOwner,
    SeatRules,
    Seats,
    WorkbookKernelManager,
)

SESSION = "2026-11-20-tuesday-group-k7f3mq"


def participant(number: int = 1) -> KernelOwner:
    return KernelOwner("participant", SESSION, f"p-{number:06d}")


FACILITATOR = KernelOwner("facilitator", SESSION, "login-1")


@dataclass
class KernelRoom:
    """A running kernel manager and its seats."""

    manager: WorkbookKernelManager
    seats: Seats

    def pid(self, kernel_id: str) -> int:
        return int(self.manager.get_kernel(kernel_id).provisioner.pid)

    def process(self, kernel_id: str) -> psutil.Process:
        return psutil.Process(self.pid(kernel_id))

    async def run(self, kernel_id: str, code: str) -> Any:
        """Execute code in a kernel and return what its last line, an expression, is (JSON)."""
        *lines, last = code.strip().splitlines()
        program = "\n".join([*lines, f"__import__('json').dumps({last})"])
        client = self.manager.get_kernel(kernel_id).client()
        client.start_channels()
        try:
            await client.wait_for_ready(timeout=60)
            results: list[str] = []

            def keep(message: dict[str, Any]) -> None:
                content = message["content"]
                assert message["msg_type"] != "error", content["traceback"]
                if message["msg_type"] == "execute_result":
                    results.append(content["data"]["text/plain"])

            await client.execute_interactive(program, output_hook=keep, timeout=60)
            return json.loads(eval(results[-1]))
        finally:
            client.stop_channels()


@asynccontextmanager
async def kernel_room(
    forks: bool, data_dir: Path, rules: SeatRules | None = None, **more: Any
) -> AsyncIterator[KernelRoom]:
    manager = WorkbookKernelManager(forks=forks)
    seats = Seats(
        manager,
        data_dir=data_dir,
        is_session_open=lambda session_id: True,
        rules=rules,
        **more,
    )
    try:
        yield KernelRoom(manager, seats)
    finally:
        await seats.shutdown_all()


async def until(condition: Callable[[], Any], within_s: float = 20.0) -> None:
    """Wait for a condition; TimeoutError when it does not come."""
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Say whether a process runs; one that ended and is not reaped yet does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
