"""What the figures were taken on."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import psutil

_REPOSITORY = Path(__file__).parent.parent
_PACKAGES = (
    "voila", "jupyter_server", "jupyter_client", "ipykernel", "ipywidgets", "anywidget",
    "tornado", "pyzmq", "playwright",
)  # fmt: skip


def load() -> str:
    """Return the load averages of the last one, five and fifteen minutes."""
    return ", ".join(f"{value:.1f}" for value in os.getloadavg())


def describe_machine() -> dict[str, str]:
    """Return processor, memory, system: what matters to the figures, and nothing personal."""
    memory = psutil.virtual_memory()
    return {
        "processor": f"{os.cpu_count()} cores, {_processor()}",
        "memory": f"{memory.total / 2**30:.0f} GiB, {memory.available / 2**30:.0f} GiB free before",
        "system": f"{platform.system()} {kernel_version(platform.release())}, {platform.machine()}",
    }


def kernel_version(release: str) -> str:
    """Return major and minor version of a kernel's release; what follows may name a machine."""
    found = re.match(r"\d+(\.\d+)?", release)
    return found[0] if found else ""


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def describe_software(browser_version: str) -> dict[str, str]:
    """Return the versions of all that was measured or measured with."""
    return {
        "reconnect-workbook": f"{version('reconnect-workbook')}, commit {_commit()}",
        "Python": platform.python_version(),
        "Chromium": browser_version,
        **{package: version(package) for package in _PACKAGES},
    }


def _commit() -> str:
    commit = _git(("rev-parse", "--short", "HEAD"))
    changed = _git(("status", "--porcelain", "--", "reconnect_widgets", "workbooks", "bench/*.py"))
    return f"{commit or 'unknown'}{' and uncommitted changes' if changed else ''}"


def _git(arguments: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=_REPOSITORY, capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip()
