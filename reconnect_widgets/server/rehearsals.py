"""Made-up couples for a practice session: a process of its own, begun and ended from here.

What belongs here: whether they may come, their process, and when it has to end. What does not: what
they do (`rehearsal`, which knows a server as a browser does, and is never imported here), the pages
(`practice_page`).

They are run by the command that anybody could type, ``reconnect rehearse``. One group at a time:
real people must never wait because somebody is trying something out.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from contextlib import suppress
from typing import Literal

from reconnect_widgets import system
from reconnect_widgets.domain.people import Session
from reconnect_widgets.errors import ReconnectError
from reconnect_widgets.server import logs
from reconnect_widgets.server.desk import describe_people
from reconnect_widgets.server.kernels import Seats
from reconnect_widgets.server.live import LiveHub
from reconnect_widgets.server.settings import ServerSettings

# As long as a long evening; nobody has to remember to send them home.
STAY_MIN = 120
LIMIT_S = (STAY_MIN + 20) * 60.0
LOOK_EVERY_S = 2.0
GOODBYE_WITHIN_S = 5.0
_HERE = ("connected", "idle", "away-on-purpose")

# Why none can come now; why the last ones went.
Refusal = Literal["runs", "real-people"]
End = Literal["sent-home", "closed", "real-people", "too-long", "through", "failed"]


class Rehearsals:
    """The made-up couples of this server: one group at a time, in one practice session.

    Parameters
    ----------
    url
        Where this server is reached from its own machine.

    Attributes
    ----------
    pace
        ``human``; tests cannot wait so long.
    starting
        Held while a group is begun: of two buttons pressed at once, one begins one.
    session_id
        Where a group plays now; empty for nowhere.
    """

    pace = "human"
    stay_min = STAY_MIN

    def __init__(self, hub: LiveHub, seats: Seats, settings: ServerSettings, url: str) -> None:
        self.starting = asyncio.Lock()
        self.session_id = ""
        self._hub = hub
        self._seats = seats
        self._settings = settings
        self._url = url
        self._playing: asyncio.Task[None] | None = None
        self._ended: dict[str, End] = {}

    def find_refusal(self) -> Refusal | None:
        """Return why no made-up couples can come just now."""
        if self.session_id:
            return "runs"
        return "real-people" if self._are_real_people_here() else None

    def how_it_ended(self, session_id: str) -> End | None:
        """Return why the couples of a session went; None while they are there, or never were."""
        return self._ended.get(session_id)

    async def start(self, session: Session, couples: int) -> None:
        """Let made-up couples join a practice session.

        Raises
        ------
        OSError
            If the machine starts no further process.
        """
        if not session.is_practice or self.session_id:
            raise ReconnectError("made-up couples come into one practice session at a time")
        process = await asyncio.create_subprocess_exec(
            *self._command(session.code, couples),
            stdin=DEVNULL,
            # It says counts, and in its errors perhaps more: nothing of it is kept.
            stdout=DEVNULL,
            stderr=DEVNULL,
            start_new_session=True,  # a group of its own, to be ended as one
        )
        self.session_id = session.session_id
        self._ended.pop(session.session_id, None)
        self._playing = asyncio.create_task(self._play(session.session_id, process))
        logs.note("%d made-up couples come", couples)

    async def end(self, session_id: str = "") -> None:
        """Send the couples home, if there are any (with an id: in that session)."""
        if self._playing is None or session_id not in ("", self.session_id):
            return
        playing = self._playing
        playing.cancel()
        await asyncio.wait([playing])

    def _command(self, code: str, couples: int) -> list[str]:
        settings = self._settings
        certificate = ["--certfile", str(settings.certfile.resolve())] if settings.certfile else []
        return [
            *(sys.executable, "-m", "reconnect_widgets", "rehearse"),
            *("--session", code, "--url", self._url, "--couples", str(couples)),
            *("--pace", self.pace, "--stay", str(self.stay_min)),
            *("--data", str(settings.data_dir.resolve()), *certificate),
        ]

    async def _play(self, session_id: str, process: Process) -> None:
        """Look after the process until it is over, and see that it is."""
        ends_at_s = system.monotonic_s() + LIMIT_S
        end: End | None = None
        try:
            while end is None:
                with suppress(TimeoutError):
                    code = await asyncio.wait_for(process.wait(), LOOK_EVERY_S)
                    end = "failed" if code else "through"
                    break
                end = self._find_end(session_id, ends_at_s)
        finally:
            self._ended[session_id] = end or "sent-home"
            await _end_group(process)
            self.session_id, self._playing = "", None
            self._hub.wake(session_id)
            logs.note("the made-up couples have gone: %s", self._ended[session_id])

    def _find_end(self, session_id: str, ends_at_s: float) -> End | None:
        try:
            if not self._hub.view(session_id).info.is_open(system.utc_now()):
                return "closed"
        except ReconnectError:  # it was deleted
            return "closed"
        if system.monotonic_s() > ends_at_s:
            return "too-long"
        return "real-people" if self._are_real_people_here() else None

    def _are_real_people_here(self) -> bool:
        """Say whether anybody is here now in an open session that is none for practice."""
        now = system.utc_now()
        for view in self._hub.views():
            with suppress(ReconnectError, OSError):
                info = view.info
                if info.is_practice or not info.is_open(now) or not view.refresh():
                    continue
                lines = describe_people(view, self._seats, now)
                if any(line.presence in _HERE for line in lines):
                    return True
        return False


async def _end_group(process: Process) -> None:
    """End the process and what it started: asked first, then not asked any more."""
    for number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        if process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, number)
            else:  # Windows
                process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), GOODBYE_WITHIN_S)
