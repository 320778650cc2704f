"""A further peer: a page in Python that a server of its own framework shows.

Each shows the same words, which are handed over as JSON, and writes each answer down as ours does:
one row, confirmed by the disk before the page says "Saved" (`answers.py`).
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from bench.peers import SEATS, PeerError, Plan, Visit
from bench.peers.environment import ENVIRONMENTS, make_environment, pinned_version
from bench.processes import family
from reconnect_widgets.content import load_contents, load_instrument
from tests.support.server import free_port

_PATIENCE_S = 60.0
NO_RETURN = "every visit is a new one that knows nothing of the one before"
_OF_ALL = {
    "sync_ms": "the same disk, measured once",
    **dict.fromkeys(
        (f"uss_{seats}" for seats in SEATS),
        "one process serves everybody; what each adds to it stands in the rows below",
    ),
}


@dataclass
class Served:
    """A server process with a log, and all that it starts."""

    process: subprocess.Popen[bytes]

    @classmethod
    async def start(
        cls,
        name: str,
        command: Sequence[str],
        url: str,
        folder: Path,
        environment: Mapping[str, str],
    ) -> Served:
        """Start it in this folder; return when it answers, whatever it answers."""
        log_path = folder / "server.log"
        with log_path.open("wb") as log:
            served = cls(
                subprocess.Popen(
                    command,
                    cwd=folder,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )
        deadline = time.monotonic() + _PATIENCE_S
        while not _answers(url):
            if served.process.poll() is not None or time.monotonic() > deadline:
                served.stop()
                raise PeerError(f"{name} did not come up", log_path.read_text("utf-8")[-2000:])
            await asyncio.sleep(0.1)
        return served

    def stop(self) -> None:
        """End it, and everything that it left."""
        if self.process.poll() is not None:
            return
        started = family(self.process.pid)
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(timeout=10)
        for process in started:
            with suppress(psutil.NoSuchProcess):
                process.kill()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


_SETTINGS = ("RECONNECT", "STREAMLIT_", "SOLARA_", "OTREE_", "SHINY_", "BOKEH_", "PANEL_")


def own_environment(folder: Path, **more: str) -> dict[str, str]:
    """Return an environment without the user's own settings of this or any framework."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(_SETTINGS)}
    return {**kept, "HOME": str(folder), **more}


def questions() -> dict[str, Any]:
    """Return the words of the page, from our own pack."""
    checkup = load_instrument("checkup")
    frames = {frame.key: frame for frame in load_contents().exercises}
    return {
        "title": checkup.title,
        "why": " ".join(frames["checkup"].why.split()),
        "timeframe": checkup.timeframe,
        "options": [{"value": each.value, "label": each.label} for each in checkup.options],
        "items": [{"key": each.key, "text": each.text} for each in checkup.items],
        "other": {
            "title": frames["welcome"].title,
            "why": " ".join(frames["welcome"].why.split()),
        },
    }


@dataclass
class ServedApp:
    """A peer of its own environment, with its page in a folder beside its requirements.

    Attributes
    ----------
    package
        What it is called on PyPI; also the name of its environment.
    source
        The folder with `requirements.txt` and the `app` folder, which is copied for each start.
    command
        How its documentation starts it for people; ``{port}`` stands for the port.
    settings
        Environment variables of the same kind.
    path
        Where the page is.
    doorstep
        An address that answers with a line, or that nothing is there, and loads nothing.
    other_path
        Where a second page is, when it is reached by its address.
    """

    name: str
    package: str
    source: Path
    command: Sequence[str]
    plan: Plan
    settings: Mapping[str, str] = field(default_factory=dict)
    path: str = "/"
    doorstep: str = "/is-anybody-there"
    other_path: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)
    required: bool = False
    remembers: bool = False
    turns_in_place: bool = False
    environment: Path = field(init=False)

    def __post_init__(self) -> None:
        self.environment = ENVIRONMENTS / self.package
        self.reasons = {**_OF_ALL, **self.reasons}

    @property
    def version(self) -> str:
        """What is installed."""
        return pinned_version(self.source / "requirements.txt", self.package)

    @property
    def pid(self) -> int:
        """The server."""
        return self._served.process.pid

    @property
    def other_page(self) -> str:
        """The welcome's title and reason, on a page of their own."""
        return f"{self.url}{self.other_path}"

    def prepare(self) -> None:
        """Install what is pinned beside it."""
        make_environment(self.environment, self.source / "requirements.txt")

    async def start(self, folder: Path) -> None:
        """Start it over a copy of its page, in one process, with nothing of the user's own."""
        app = folder / "app"
        shutil.copytree(self.source / "app", app, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(Path(__file__).with_name("answers.py"), app)
        (app / "questions.json").write_text(json.dumps(questions()), "utf-8")
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        own_first = f"{self.environment / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
        settings = {key: value.format(port=port) for key, value in self.settings.items()}
        program, *rest = (part.format(port=port) for part in self.command)
        self._served = await Served.start(
            self.name,
            (str(self.environment / "bin" / program), *rest),
            f"{self.url}/is-anybody-there",
            app,
            own_environment(folder, PATH=own_first, **settings),
        )

    def stop(self) -> None:
        """End it."""
        self._served.stop()

    async def invite(self) -> Visit:
        """Anybody may come."""
        return Visit(f"{self.url}{self.path}", doorstep=f"{self.url}{self.doorstep}")
