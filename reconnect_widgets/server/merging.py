"""Keeps the merged CSVs fresh, and knows whether the disk takes writes.

A merge reads journals and replaces files: milliseconds to seconds of disk work, so it runs in a
thread, one session at a time. It never touches what a writer writes to.
"""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from reconnect_widgets import content, system
from reconnect_widgets.errors import ReconnectError
from reconnect_widgets.records import SessionRecord
from reconnect_widgets.server import logs
from reconnect_widgets.server.live import LiveHub
from reconnect_widgets.server.trouble import Space

# The contract says at least every 30 s; merging itself takes time.
MERGE_EVERY_S = 20
PROBE_EVERY_S = 10
# In trouble more often: a facilitator who has made room waits for the good news.
PROBE_IN_TROUBLE_S = 2


def merge_session(record: SessionRecord) -> None:
    """Rewrite one session's merged files, with the wording of the items that occur."""
    record.merge(content.codebook_rows())


class Merger:
    """Merges the sessions in which something happened."""

    def __init__(self, hub: LiveHub) -> None:
        self._hub = hub
        self._one_at_a_time = asyncio.Lock()

    async def run(self) -> None:
        """Merge what is due, for ever; cancel to end."""
        while True:
            await asyncio.sleep(MERGE_EVERY_S)
            await self.merge_dirty()

    async def merge_dirty(self) -> None:
        """Merge every session with rows newer than its merged files."""
        for view in self._hub.views():
            with suppress(OSError):
                view.refresh()
            if view.is_dirty:
                await self.merge(view.record.session_id)

    async def merge(self, session_id: str) -> bool:
        """Merge one session now; say whether it went well. Trouble is logged and tried again."""
        async with self._one_at_a_time:
            try:
                view = self._hub.view(session_id)
                # Before the merge: a row that comes during it makes the session dirty again.
                view.is_dirty = False
                await asyncio.to_thread(merge_session, view.record)
            except (ReconnectError, OSError) as error:
                logs.warn("a merge failed and will be tried again: %s", logs.describe_error(error))
                with suppress(ReconnectError):
                    self._hub.view(session_id).is_dirty = True
                return False
        return True

    async def purge(self, record: SessionRecord) -> None:
        """Delete a session for good; never beside a merge, which would leave files behind.

        Raises
        ------
        RecordWriteError
            If something is left.
        """
        async with self._one_at_a_time:
            await asyncio.to_thread(record.purge)


class DiskHealth:
    """Tries now and then whether a small write gets through to the disk, and how much room is left.

    ``changed`` is called whenever the write's answer is another one than before.
    """

    def __init__(
        self,
        data_dir: Path,
        changed: Callable[[], None],
        clock: Callable[[], datetime] = system.utc_now,
    ) -> None:
        self._data_dir = data_dir
        self._path = data_dir / ".disk-probe"
        self._changed = changed
        self._clock = clock
        self.is_ok = True
        self.failing_since: datetime | None = None
        self.space: Space | None = None

    async def run(self) -> None:
        """Probe for ever; cancel to end."""
        while True:
            await self.probe()
            await asyncio.sleep(self.next_look_s)

    @property
    def next_look_s(self) -> float:
        """Seconds until `run` looks again."""
        return PROBE_EVERY_S if self.is_ok else PROBE_IN_TROUBLE_S

    async def probe(self) -> bool:
        """Write and flush a few bytes; remember and return whether that worked."""
        was_ok = self.is_ok
        self.space = await asyncio.to_thread(_measure_space, self._data_dir)
        try:
            await asyncio.to_thread(_write_through, self._path)
        except OSError as error:
            if self.is_ok:
                logs.warn("the record folder takes no writes: %s", _errno_name(error))
                self.failing_since = self._clock()
            self.is_ok = False
        else:
            if not self.is_ok:
                logs.note("the record folder takes writes again")
            self.is_ok, self.failing_since = True, None
        if self.is_ok != was_ok:
            self._changed()
        return self.is_ok


def _measure_space(folder: Path) -> Space | None:
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None  # the write says it better
    return Space(usage.free, usage.total)


def _write_through(path: Path) -> None:
    # A few kilobytes: a full disk still takes some bytes into a block that is already there. For
    # the same reason the file does not stay: its own blocks would be room enough for the next one.
    content = b"." * 8192
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        if os.write(descriptor, content) < len(content):
            raise OSError(errno.ENOSPC, "only a part of it was written")
        getattr(os, "fdatasync", os.fsync)(descriptor)
    finally:
        os.close(descriptor)
        path.unlink(missing_ok=True)


def _errno_name(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, "OSError")
