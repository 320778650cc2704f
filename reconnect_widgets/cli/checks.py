"""What ``reconnect doctor`` looks at, one function each, each yielding what it found.

A finding is ``ok``, ``look`` (it will work; know this) or ``bad`` (people would notice). A text
never holds a name, an answer or a code. What the desk says too, it says in the same words
(`server.trouble`).
"""

from __future__ import annotations

import os
import platform
import shutil
import stat
import statistics
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib import metadata
from pathlib import Path
from typing import Literal

from packaging.requirements import Requirement

import reconnect_widgets
from reconnect_widgets import system
from reconnect_widgets.errors import RecordError
from reconnect_widgets.server.trouble import (
    Space,
    say_little_space,
    say_no_writes,
    say_rows_ahead,
)

PROVISIONER = "reconnect-fork-provisioner"
# An answer waits for one fdatasync before the page says "Saved"; above this a person feels it.
SLOW_DISK_MS = 50
# An evening hardly fits any more.
NO_SPACE_MB = 50
# One kernel takes about ten descriptors in the server, and one websocket.
WANTED_OPEN_FILES = 4096
PROBE_WRITES = 20
_PARTS = (
    "server/static/reconnect.js",
    "server/static/reconnect-engine.js",
    "server/static/reconnect-controls.js",
    "server/static/reconnect.css",
    "server/templates/frame.html",
    "content/packs/en",
)


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report."""

    topic: str
    verdict: Literal["ok", "look", "bad"]
    text: str


def python() -> Iterator[Finding]:
    """Which Python this is; an older one than we need cannot even read our modules."""
    where = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    yield Finding("Python", "ok", where)


def packages() -> Iterator[Finding]:
    """Each package we depend on is there, and not older than the version we say."""
    wanted = [Requirement(line) for line in metadata.requires("reconnect-workbook") or []]
    missing = []
    for requirement in wanted:
        if requirement.marker and not requirement.marker.evaluate():
            continue
        try:
            found = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            found = "missing"
        if found == "missing" or not requirement.specifier.contains(found, prereleases=True):
            missing.append(f"{requirement} (here: {found})")
    if missing:
        yield Finding(
            "Packages", "bad", f"{'; '.join(missing)}. Run: pip install -r requirements.txt"
        )
    else:
        ours = metadata.version("reconnect-workbook")
        voila = metadata.version("voila")
        yield Finding("Packages", "ok", f"reconnect-workbook {ours}, voila {voila}")


def parts() -> Iterator[Finding]:
    """The files that a package without its data would lack."""
    package = Path(reconnect_widgets.__file__).parent
    missing = [part for part in _PARTS if not (package / part).exists()]
    # In a checkout the notebooks are beside the package, in an installation inside it.
    if not any(
        folder.is_dir() for folder in (package / "_workbooks", package.parent / "workbooks")
    ):
        missing.append("workbooks")
    if missing:
        yield Finding("Parts", "bad", f"missing from the package: {', '.join(missing)}; reinstall")
    else:
        yield Finding("Parts", "ok", "notebooks, template, scripts, style and content are there")


def provisioner() -> Iterator[Finding]:
    """A missing entry point shows up only as "no such kernel" when the first person joins."""
    group = metadata.entry_points(group="jupyter_client.kernel_provisioners")
    if PROVISIONER in group.names:
        yield Finding("Kernels", "ok", "the kernel provisioner is registered")
    else:
        yield Finding(
            "Kernels", "bad", "the kernel provisioner is not registered. Run: pip install -e ."
        )


def processes() -> Iterator[Finding]:
    """How many people one machine can carry hangs on fork and on open files."""
    if hasattr(os, "fork"):
        yield Finding("Processes", "ok", "pages start by fork")
    else:
        yield Finding("Processes", "look", "no fork on this system: pages start more slowly")
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < WANTED_OPEN_FILES:
        yield Finding(
            "Open files",
            "look",
            f"at most {hard}; large groups want {WANTED_OPEN_FILES} (ulimit -n)",
        )
    else:
        yield Finding("Open files", "ok", "the limit is high enough")


def clock() -> Iterator[Finding]:
    """A machine that forgot the date would sort new answers before old ones."""
    installed_s = Path(reconnect_widgets.__file__).stat().st_mtime
    now = system.utc_now()
    if now.timestamp() < installed_s - timedelta(days=1).total_seconds():
        yield Finding(
            "Clock", "bad", f"says {now:%Y-%m-%d %H:%M} UTC, before the workbook was installed"
        )
    else:
        yield Finding("Clock", "ok", f"{now:%Y-%m-%d %H:%M} UTC")


def disk(data_dir: Path) -> Iterator[Finding]:
    """Can the record folder be written, how fast, and how much fits?"""
    if not data_dir.is_dir():
        yield Finding("Records", "look", f"no folder {data_dir} yet; serve makes it")
        return
    try:
        median_ms, slowest_ms = _time_writes(data_dir)
    except OSError as error:
        why = f"({data_dir}: {error.strerror})"
        yield Finding("Records", "bad", f"{say_no_writes()} {why}")
        return
    text = (
        f"one durable write takes {median_ms:.1f} ms (slowest of {PROBE_WRITES}: {slowest_ms:.0f})"
    )
    yield Finding("Records", "look" if median_ms > SLOW_DISK_MS else "ok", text)
    usage = shutil.disk_usage(data_dir)
    free_mb = usage.free // 1_000_000
    if trouble := say_little_space(Space(usage.free, usage.total)):
        yield Finding("Space", "bad" if free_mb < NO_SPACE_MB else "look", str(trouble))
    else:
        yield Finding("Space", "ok", f"{free_mb:,} MB free")


def _time_writes(folder: Path) -> tuple[float, float]:
    """Return median and slowest milliseconds of one row written and flushed, in this folder."""
    flush = getattr(os, "fdatasync", os.fsync)
    times_ms = []
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as probe:
        for _ in range(PROBE_WRITES):
            start_s = system.monotonic_s()
            os.write(probe.fileno(), b"x" * 200)
            flush(probe.fileno())
            times_ms.append((system.monotonic_s() - start_s) * 1000)
    return statistics.median(times_ms), max(times_ms)


def secrets(data_dir: Path) -> Iterator[Finding]:
    """Only this user may read the keys; Windows keeps permissions another way."""
    folder = data_dir / ".secrets"
    if os.name != "posix" or not folder.is_dir():
        return
    paths = [folder, *folder.iterdir()]
    open_to_others = [path.name for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if open_to_others:
        yield Finding(
            "Secrets",
            "bad",
            f"others on this machine can read {', '.join(open_to_others)}."
            f" Run: chmod -R go= '{folder}'",
        )
    else:
        yield Finding("Secrets", "ok", "only this user can read them")


def sessions(data_dir: Path) -> Iterator[Finding]:
    """Is every session's record whole? Gaps prove a loss; torn tails do not."""
    from reconnect_widgets.records import RecordFolder

    if not data_dir.is_dir():
        return
    now = system.utc_now()
    folder = RecordFolder(data_dir)
    for broken in folder.broken_sessions():
        yield Finding(f"Session {broken.name}", "bad", f"cannot be used: {broken.reason}")
    records = folder.sessions()
    for record in records:
        topic = f"Session {record.folder.name}"
        try:
            history = record.read()
        except (RecordError, OSError) as error:
            yield Finding(topic, "bad", f"cannot be read: {error}")
            continue
        for count, verdict, text in (
            (len(history.gaps), "bad", "gaps in the numbering: rows are missing"),
            (len(history.unreadable), "bad", "rows that cannot be read; they are left as they are"),
            (len(history.torn), "look", "unfinished last lines, set aside; nothing saved is lost"),
        ):
            if count:
                yield Finding(topic, verdict, f"{count} {text}")  # type: ignore[arg-type]
        newest = max((row.recorded_at for row in history.rows), default=None)
        if trouble := say_rows_ahead(newest, now):
            yield Finding(topic, "look", str(trouble))
        if record.is_due(now):
            yield Finding(topic, "look", "is past its keep date. Run: reconnect purge --due")
    yield Finding("Sessions", "ok", f"{len(records)} looked through")
