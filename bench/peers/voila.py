"""Stock Voilà, with its own template, showing our notebooks from a plain folder.

Without our server the notebooks are for practice: the page asks no consent, draws the same twenty
questions with the same widgets, and answers every tap, but writes nothing to a disk.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench.peers import Plan, Visit
from bench.peers.reconnect import CHECKUP
from bench.processes import family
from reconnect_widgets.rehearsal.phone import Phone, text
from tests.support.server import free_port

_WORKBOOKS = Path(__file__).parents[2] / "workbooks"
_KERNEL_ID = re.compile(r'"kernelId":\s*"([0-9a-f-]{36})"')
_NO_RETURN = "every visit is a new kernel that knows nothing of the one before"


@dataclass
class Voila:
    """Voilà as it is installed; preheated, it keeps a pool of kernels with finished pages.

    Attributes
    ----------
    pool
        How many finished pages of the checkup are kept ready; 0 for no preheating.
    """

    name: str = "Voilà"
    pool: int = 0
    plan: Plan = CHECKUP
    remembers: bool = False
    turns_in_place: bool = False
    reasons: Mapping[str, str] = field(default_factory=lambda: {"return_ms": _NO_RETURN})
    _phones: list[Phone] = field(default_factory=list)

    @property
    def pid(self) -> int:
        """The web server."""
        return self._process.pid

    @property
    def other_page(self) -> str:
        """The welcome."""
        return f"{self._url}/voila/render/welcome.ipynb"

    async def start(self, folder: Path) -> None:
        """Start it over copies of the two notebooks, with nothing of the user's own settings."""
        self._phones = []
        notebooks = folder / "notebooks"
        notebooks.mkdir(parents=True)
        for name in ("checkup.ipynb", "welcome.ipynb"):
            shutil.copy(_WORKBOOKS / name, notebooks)
        self._configure(folder)
        self._port = free_port()
        self._url = f"http://127.0.0.1:{self._port}"
        own = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "share", "IPYTHONDIR": "ipython"}
        hidden = {key: value for key, value in os.environ.items() if "RECONNECT" not in key}
        environment = {**hidden, **{key: str(folder / name) for key, name in own.items()}}
        command = [sys.executable, "-m", "voila", str(notebooks), "--no-browser"]
        self._log = folder / "voila.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*command, f"--port={self._port}", "--Voila.port_retries=0"],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + 60
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Voilà did not come up:\n{self._log.read_text('utf-8')}")
            await asyncio.sleep(0.1)

    def _configure(self, folder: Path) -> None:
        if not self.pool:
            return
        pools = {"default": {"pool_size": 2}, "checkup.ipynb": {"pool_size": self.pool}}
        settings = {
            "VoilaConfiguration": {"preheat_kernel": True},
            "VoilaKernelManager": {"kernel_pools_config": pools},
        }
        (folder / "voila.json").write_text(json.dumps(settings), "utf-8")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self._url}/voila/tree", timeout=5):
                return True
        except OSError:
            return False

    def stop(self) -> None:
        """End it, and every kernel that it left."""
        if self._process.poll() is not None:
            return
        started = family(self.pid)
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=10)
        for process in started:
            with suppress(psutil.NoSuchProcess):
                process.kill()

    async def invite(self) -> Visit:
        """Anybody may come."""
        return Visit(f"{self._url}/voila/render/checkup.ipynb")

    async def sit_down(self) -> None:
        """Open the page, whose notebook has then run, and hold its websocket.

        Widget state is not asked for: that costs a kernel a little more, and is left out in
        Voilà's favour.
        """
        phone = Phone(self._url)
        page = await phone.get("/voila/render/checkup.ipynb")
        found = _KERNEL_ID.search(text(page))
        if not found:
            raise RuntimeError(f"no kernel in Voilà's page ({page.code})")
        await phone.connect(found[1])
        self._phones.append(phone)
