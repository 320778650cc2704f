"""Stock Voilà, with its own template, showing our notebooks from a plain folder.

Without our server the notebooks are for practice: the page asks no consent, draws the same twenty
questions with the same widgets, and answers every tap, but writes nothing to a disk.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.peers import Plan, Visit
from bench.peers.reconnect import CHECKUP
from bench.peers.served import Served, own_environment
from tests.support.server import free_port

_WORKBOOKS = Path(__file__).parents[2] / "workbooks"
_REASONS = {
    "return_ms": "every visit is a new kernel that knows nothing of the one before",
    "sync_ms": "writes nothing down",
}


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
    required: bool = True
    remembers: bool = False
    turns_in_place: bool = False
    reasons: Mapping[str, str] = field(default_factory=lambda: _REASONS)

    @property
    def pid(self) -> int:
        """The web server."""
        return self._served.process.pid

    @property
    def other_page(self) -> str:
        """The welcome."""
        return f"{self._url}/voila/render/welcome.ipynb"

    def prepare(self) -> None:
        """Nothing: it is installed with the workbook."""

    async def start(self, folder: Path) -> None:
        """Start it over copies of the two notebooks, with nothing of the user's own settings."""
        notebooks = folder / "notebooks"
        notebooks.mkdir(parents=True)
        for name in ("checkup.ipynb", "welcome.ipynb"):
            shutil.copy(_WORKBOOKS / name, notebooks)
        self._configure(folder)
        port = free_port()
        self._url = f"http://127.0.0.1:{port}"
        own = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "share", "IPYTHONDIR": "ipython"}
        environment = own_environment(
            folder, **{key: str(folder / name) for key, name in own.items()}
        )
        command = [sys.executable, "-m", "voila", str(notebooks), "--no-browser"]
        self._served = await Served.start(
            self.name,
            [*command, f"--port={port}", "--Voila.port_retries=0"],
            f"{self._url}/voila/tree",
            folder,
            environment,
        )

    def _configure(self, folder: Path) -> None:
        if not self.pool:
            return
        pools = {"default": {"pool_size": 2}, "checkup.ipynb": {"pool_size": self.pool}}
        settings = {
            "VoilaConfiguration": {"preheat_kernel": True},
            "VoilaKernelManager": {"kernel_pools_config": pools},
        }
        (folder / "voila.json").write_text(json.dumps(settings), "utf-8")

    def stop(self) -> None:
        """End it, and every kernel that it left."""
        self._served.stop()

    async def invite(self) -> Visit:
        """Anybody may come."""
        doorstep = f"{self._url}/is-anybody-there"
        return Visit(f"{self._url}/voila/render/checkup.ipynb", doorstep=doorstep)
