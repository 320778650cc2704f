"""Notices what other processes wrote, and tells the browsers that wait for it.

Kernels and this process never talk to each other: a kernel appends to its journal, the operating
system says that a file changed, the hub reads what is new and wakes up whom it concerns. So a
restart loses nothing, and several servers over one record folder agree.

A listener holds no queue. It is woken and then looks at what is true *now*; a browser that never
reads costs one waiting task and is dropped after `streams.PATIENCE_S`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from watchfiles import Change, awatch

from reconnect_widgets.errors import ReconnectError
from reconnect_widgets.records import RecordFolder
from reconnect_widgets.server import logs
from reconnect_widgets.server.session_view import SessionView

# Rows that come within this time are told together: ten answers a second need no ten messages.
GROUPED_WITHIN_MS = 200


class LiveHub:
    """The session views of this process, and who waits for them to change."""

    def __init__(self, records: RecordFolder, sessions_dir: Path) -> None:
        self._records = records
        self._sessions_dir = sessions_dir
        self._views: dict[str, SessionView] = {}
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._stopping = asyncio.Event()

    def view(self, session_id: str) -> SessionView:
        """Return the view of a session; SessionNotFoundError when there is none (any more)."""
        view = self._views.get(session_id)
        if view is None or not view.record.folder.exists():
            self._views.pop(session_id, None)
            view = self._views[session_id] = SessionView(self._records.session(session_id))
        return view

    def views(self) -> list[SessionView]:
        """Return a view of every session, newest first; one that cannot be read is left out."""
        found = []
        for record in self._records.sessions():
            with suppress(ReconnectError):
                found.append(self.view(record.session_id))
        return found

    @contextmanager
    def listen(self, session_id: str) -> Iterator[asyncio.Event]:
        """Yield an event that is set whenever the session may have changed."""
        event = asyncio.Event()
        listeners = self._waiting.setdefault(session_id, set())
        listeners.add(event)
        try:
            yield event
        finally:
            listeners.discard(event)

    def wake(self, session_id: str) -> None:
        """Tell everybody who waits for this session to look again."""
        for event in self._waiting.get(session_id, ()):
            event.set()

    def wake_everybody(self) -> None:
        """Tell the listeners of every session to look again."""
        for session_id in self._waiting:
            self.wake(session_id)

    async def watch(self) -> None:
        """Follow the record folder until `stop`; survives the folder being away for a while."""
        while not self._stopping.is_set():
            try:
                async for session_ids in self._changed_sessions():
                    for session_id in session_ids:
                        self._look(session_id)
            except (OSError, RuntimeError) as error:
                logs.warn("the record folder cannot be watched: %s", type(error).__name__)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), 5)

    def stop(self) -> None:
        """End `watch` and wake everybody, so that streams can end."""
        self._stopping.set()
        self.wake_everybody()

    @property
    def is_stopping(self) -> bool:
        """Whether the server is on its way down."""
        return self._stopping.is_set()

    def _look(self, session_id: str) -> None:
        try:
            self.view(session_id).refresh()
        except ReconnectError:
            self._views.pop(session_id, None)
        except OSError as error:
            logs.warn("a session's journals cannot be read: %s", type(error).__name__)
        self.wake(session_id)

    async def _changed_sessions(self) -> AsyncIterator[set[str]]:
        self._sessions_dir.mkdir(parents=True, exist_ok=True)
        changes = awatch(
            self._sessions_dir,
            watch_filter=_is_about_people,
            debounce=GROUPED_WITHIN_MS,
            stop_event=self._stopping,
        )
        async for batch in changes:
            yield {self._session_of(path) for _, path in batch}

    def _session_of(self, path: str) -> str:
        return Path(path).relative_to(self._sessions_dir.resolve()).parts[0]


def _is_about_people(change: Change, path: str) -> bool:
    """Let journals and ``session.json`` through; merged files would only echo our own merges."""
    changed = Path(path)
    return changed.parent.name == "journal" or changed.name == "session.json"
