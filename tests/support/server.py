"""A real workbook server in its own process, as the README's command starts it."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil


def free_port() -> int:
    """Find a port that nobody listens on, and that stays ours while a server is restarted.

    Not one that the system gives away for outgoing connections (from 32,768 on): while nobody
    listens on it, some browser's connection could come to sit there.
    """
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("a hundred ports are all in use")


def cli(data_dir: Path, *arguments: str) -> str:
    """Run one `reconnect` command and return its standard output; fail loudly otherwise."""
    done = subprocess.run(
        [sys.executable, "-m", "reconnect_widgets", *arguments, "--data", str(data_dir)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"reconnect {arguments}: exit {done.returncode}\n{done.stderr}"
    return done.stdout


class WorkbookServer:
    """Starts, kills and restarts ``reconnect serve`` on one port over one record folder."""

    def __init__(
        self, data_dir: Path, port: int | None = None, environ: Mapping[str, str] | None = None
    ) -> None:
        self.data_dir = data_dir
        self.environ = {**os.environ, **(environ or {})}
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_path = data_dir.parent / f"server-{self.port}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self, timeout_s: float = 180) -> WorkbookServer:
        command = [sys.executable, "-m", "reconnect_widgets", "serve", "--no-browser"]
        command += ["--port", str(self.port), "--data", str(self.data_dir)]
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=self.environ,
            )
        deadline = time.monotonic() + timeout_s
        while not self.health():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"the server did not come up:\n{self.log()}")
            time.sleep(0.05)
        return self

    def health(self) -> dict[str, object] | None:
        """Return what ``/healthz`` says, or None while nothing answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return dict(json.load(answer))
        except (OSError, ValueError):  # not there yet, or gone
            return None

    def kill(self) -> None:
        """``kill -9``: no goodbye, no last merge."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(timeout=30)

    def stop(self) -> None:
        """Ask it to stop, as Ctrl-C does, and wait until it has."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=10)
            raise

    def log(self) -> str:
        return self.log_path.read_text("utf-8", errors="replace") if self.log_path.exists() else ""

    def passcode(self) -> str:
        return (self.data_dir / ".secrets" / "passcode.txt").read_text("utf-8").strip()

    def new_session(self, title: str = "Tuesday group", *options: str) -> dict[str, str]:
        """Make a session by the command line; returns its id, code and join address."""
        return dict(
            json.loads(cli(self.data_dir, "session", "new", "--title", title, *options, "--json"))
        )


def warm_parent_of(server: WorkbookServer) -> psutil.Process | None:
    """Return the process that forks this server's kernels for participants, if it runs now."""
    for child in psutil.Process(server.pid).children():
        with suppress(psutil.Error):
            if {"reconnect_widgets.server.warm_parent", "participant"} <= set(child.cmdline()):
                return child
    return None


def kernels_of(server: WorkbookServer) -> list[psutil.Process]:
    """Return the forked kernels of this server, oldest first, whether their parent lives or not.

    Each holds a descriptor of the server's process, its lifeline; so do the parents.
    """
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.ppid() != server.pid and _holds_lifeline(process.pid, server.pid):
                found.append(process)
    return sorted(found, key=lambda process: (process.create_time(), process.pid))


def _holds_lifeline(pid: int, server_pid: int) -> bool:
    folder = Path(f"/proc/{pid}/fdinfo")
    return any(
        f"\nPid:\t{server_pid}\n" in (folder / name).read_text() for name in os.listdir(folder)
    )
