"""An environment of its own for each further peer, kept between runs.

Peers ask for versions that exclude each other's and ours, so none of them may meet another. What
is installed is pinned to the last package: a figure stands for these versions and no others.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.peers import PeerError

ENVIRONMENTS = Path(__file__).parents[2] / "build" / "bench-env"

Execute = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]


def _execute(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


def make_environment(folder: Path, requirements: Path, execute: Execute = _execute) -> None:
    """Have these requirements installed in this folder; PeerError if pip does not manage.

    What was made from the same requirements by the same Python is left as it is. The stamp is
    written last, so an installation that was broken off is done again.
    """
    asked = f"Python {sys.version}\n{requirements.read_text('utf-8')}"
    stamp = folder / "made-from.txt"
    if stamp.exists() and stamp.read_text("utf-8") == asked:
        return
    if folder.exists():
        shutil.rmtree(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    pip = (str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check")
    for command in (
        (sys.executable, "-m", "venv", str(folder)),
        (*pip, "install", "--quiet", "-r", str(requirements)),
    ):
        done = execute(command)
        if done.returncode:
            raise PeerError("could not be installed", done.stderr.strip()[-2000:])
    stamp.write_text(asked, "utf-8")


def pinned_version(requirements: Path, package: str) -> str:
    """Return the version of a package that the requirements ask for."""
    for line in requirements.read_text("utf-8").splitlines():
        name, _, version = line.partition("==")
        if name == package:
            return version
    raise LookupError(f"{requirements} does not pin {package}")
