"""The session desk: the page that an evening is run from, its stream, and what its buttons do.

Nothing here shows or implies an answer. Every button writes one act into the facilitator's own
journal (`evening.act_at_desk`); the page is then read again, here and on every other desk.

A button names what it is about and what it was made from (`desk_agenda.mark_of`). Two facilitators,
a second tap, a page that slept: what does not fit any more is not done, and is said so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from reconnect_widgets import content, system
from reconnect_widgets.domain.evening import DeskActName, Evening
from reconnect_widgets.domain.people import MAX_MINUTES, Session
from reconnect_widgets.errors import KernelStartError, ReconnectError, RecordWriteError
from reconnect_widgets.server.desk import count_presence, describe_people
from reconnect_widgets.server.desk_agenda import (
    describe_acts,
    describe_agenda,
    describe_notes,
    mark_of,
)
from reconnect_widgets.server.evening import act_at_desk
from reconnect_widgets.server.facilitator import DOWNLOADS, SessionHandler
from reconnect_widgets.server.phone_address import phone_base_url, reaches_phones
from reconnect_widgets.server.practice_page import describe_made_up
from reconnect_widgets.server.qr import draw_qr
from reconnect_widgets.server.roster import present_people
from reconnect_widgets.server.screen_values import describe_controls
from reconnect_widgets.server.session_view import SessionView
from reconnect_widgets.server.streams import EventStreamHandler
from reconnect_widgets.server.trouble import find_troubles
from reconnect_widgets.server.trouble_facts import collect_facts

# What the desk's own buttons do; the group screen, the wall and the seats have pages of their own.
_ON_AN_EXERCISE = frozenset(
    {
        "brought",
        "exercise-opened",
        "exercise-closed",
        "clock-started",
        "clock-paused",
        "clock-resumed",
        "clock-extended",
        "clock-stopped",
    }
)
_WITH_MINUTES = frozenset({"clock-started", "clock-extended"})
MORE_MINUTES = 5
# The same words again within this time are a second tap, or a first one that was sent twice.
SAME_NOTE_WITHIN = timedelta(minutes=10)
# How often an open desk looks by itself: phones fall asleep without a word.
LOOK_EVERY_S = 5.0
# Two hundred people who tap change the desk all the time; twice a second is enough to see it.
REST_S = 0.5
# A longer list of people is folded away under how many are here how: behind it come the notes, and
# what can be undone.
LONG_LIST = 40
# The session's other pages, as the desk links to them.
_PAGES = (
    ("Group screen", "screen"),
    ("Wall", "wall"),
    ("Small groups", "groups"),
    ("Seats", "seats"),
    ("Prepare", "prepare"),
)
_SAID = {
    "stale": "Nothing was changed: it had been done already, or the evening had gone on meanwhile.",
    "unsaved": "That was not done: the record folder takes no writes just now. Please try again.",
    "closed": "Nothing was changed: the session is closed.",
    "runs": "Made-up couples are here already, and one group comes at a time.",
    "minutes": f"Nothing was changed: please give 1 to {MAX_MINUTES} whole minutes.",
}


class DeskPageHandler(SessionHandler):
    """Base of what shows the desk."""

    def desk_values(self, view: SessionView) -> dict[str, Any]:
        """Return what the desk's live part shows; ``desk_mark`` changes when any of it does."""
        info, evening, now = view.info, view.evening, system.utc_now()
        people = present_people(view.roster)
        lines = describe_people(view, self.services.seats, now)
        credit = self._say_whose()
        agenda = [key for key in info.agenda if key in self.known_exercises]
        others = [key for key in content.load_contents().order
                  if key in self.known_exercises and key not in agenda]  # fmt: skip
        values: dict[str, Any] = {
            "is_open": info.is_open(now),
            "lines": lines,
            "folds_people": len(lines) > LONG_LIST,
            "present": count_presence(lines),
            "couple_count": len({line.couple for line in lines if line.slot}),
            "withdrawn_count": sum(1 for each in view.roster.values() if each.withdrawn_at),
            "agenda": describe_agenda(info, evening, agenda, people, lines, now),
            "others": describe_agenda(info, evening, others, people, lines, now),
            "next_key": _find_next(agenda, evening),
            "here_mark": mark_of("brought", "", evening),
            "is_together": evening.here is not None,
            "unrecorded": sum(1 for each in people if each.consent == "not-recorded"),
            "acts": describe_acts(evening, credit),
            "notes": describe_notes(evening, credit),
            "screen": describe_controls(view),
            "made_up": describe_made_up(self.services, view),
            "troubles": find_troubles(collect_facts(self.services, view, now)),
        }
        return {**values, "desk_mark": hashlib.sha256(repr(values).encode()).hexdigest()[:16]}

    def _say_whose(self) -> Callable[[str], str]:
        """Return what says whose an act was; nobody's while no accounts can be read."""
        try:
            accounts = self.services.accounts.read()
        except ReconnectError:  # nobody stays signed in then
            return lambda account_id: ""
        return lambda account_id: accounts.credit(account_id, self.facilitator_id)

    @property
    def known_exercises(self) -> frozenset[str]:
        """Keys that have a page."""
        return frozenset({*self.services.notebooks.participant, "safety"})


class SessionPageHandler(DeskPageHandler):
    """``/facilitator/s/ID``: the desk."""

    async def get(self, session_id: str) -> None:
        """Show the desk; when there is something to review, get ready for that.

        Loading pandas takes seconds, in which nothing could be said.
        """
        view = self.find_view(session_id)
        roster = view.refresh()
        self._show(view)
        if any(entry.has_answered for entry in roster.values()):
            with suppress(KernelStartError):  # whoever opens the review is told then
                await self.services.kernel_manager.warm_up("review")

    def _show(self, view: SessionView) -> None:
        info = view.info
        base = phone_base_url(self)
        self.render_page(
            "session.html",
            session=info,
            is_due=system.utc_now() >= info.keep_until,
            asks_to_close=bool(self.query("close")),
            asks_to_delete=bool(self.query("delete")),
            said=_SAID.get(self.query("said"), ""),
            join_address=base.split("//")[1].rstrip("/"),
            join_qr=draw_qr(f"{base}j/{info.code}"),
            reaches_phones=reaches_phones(self),
            downloads=DOWNLOADS,
            pages=_PAGES,
            **self.desk_values(view),
        )


class RosterStreamHandler(EventStreamHandler, DeskPageHandler):
    """``/facilitator/s/ID/live``: says when the desk shows something else."""

    looks_every_s = LOOK_EVERY_S
    rests_s = REST_S

    async def get(self, session_id: str) -> None:
        """Stream until the browser goes."""
        await self.stream(self.find_view(session_id))

    def look(self, view: SessionView) -> str:
        """Name what the desk shows."""
        return str(self.desk_values(view)["desk_mark"])


class ActHandler(DeskPageHandler):
    """``/facilitator/s/ID/act``: one act. The field ``do`` is act, exercise and mark."""

    async def post(self, session_id: str) -> None:
        """Do it, unless the evening has gone on since the button was made."""
        view = self.find_view(session_id)
        view.refresh()
        act, exercise, mark = ([*self.field("do").split(" "), "", ""])[:3]
        said = await self._act(view, act, exercise, mark)
        query = f"?{urlencode({'said': said})}" if said else ""
        place = f"#at-{exercise}" if exercise in self.known_exercises else ""
        self.redirect(f"/facilitator/s/{session_id}{query}{place}", status=303)

    async def _act(self, view: SessionView, act: str, exercise: str, mark: str) -> str:
        """Return what is to be said about it; empty when it was done."""
        info, detail = view.info, self._detail(act, exercise, mark)
        if not info.is_open(system.utc_now()) and act != "note":
            return "closed"
        if detail is None:
            return "minutes"
        if not self._fits(view.evening, info, act, exercise, mark):
            return "stale"
        about_exercise = exercise if act in _ON_AN_EXERCISE else ""
        name = cast("DeskActName", act)
        try:
            await act_at_desk(
                self.services, view, name, by=self.facilitator_id, exercise=about_exercise, **detail
            )
        except RecordWriteError:
            return "unsaved"
        return ""

    def _detail(self, act: str, exercise: str, mark: str) -> dict[str, Any] | None:
        """Return what the act says besides; None when a number makes no sense."""
        if act == "undone":
            return {"about": mark}
        if act == "note":
            return {"words": self._words()}
        if act not in _WITH_MINUTES:
            return {}
        field = "" if act == "clock-extended" else self.field(f"minutes-{exercise}")
        minutes = field.strip() or str(MORE_MINUTES)
        if not minutes.isdecimal() or not 1 <= int(minutes) <= MAX_MINUTES:
            return None
        return {"seconds": int(minutes) * 60.0}

    def _words(self) -> str:
        return " ".join(self.field("words").split())

    def _fits(self, evening: Evening, session: Session, act: str, exercise: str, mark: str) -> bool:
        """Say whether the act still is what the button said."""
        if act == "undone":
            return any(each.act_id == mark for each in evening.undoable)
        if act == "note":
            return self._is_new_note(evening, system.utc_now())
        if act == "let-go":
            return evening.here is not None and mark == mark_of(act, "", evening)
        if act not in _ON_AN_EXERCISE or exercise not in self.known_exercises:
            return False
        if act in ("exercise-opened", "exercise-closed"):
            is_free = session.free is None or exercise in session.free
            is_open = evening.is_open(exercise, (exercise,) if is_free else ())
            return is_open is (act == "exercise-closed")
        return mark == mark_of(act, exercise, evening)

    def _is_new_note(self, evening: Evening, now: datetime) -> bool:
        words = self._words()
        own = [note for note in evening.notes if note.by == self.facilitator_id]
        is_repeated = own and own[-1].words == words and now - own[-1].at < SAME_NOTE_WITHIN
        return bool(words) and not is_repeated


def _find_next(agenda: list[str], evening: Evening) -> str:
    """Return what comes next on the agenda; empty after its end, and beside it."""
    if evening.here is None:
        return next((key for key in agenda if key != "welcome"), "")
    here = evening.here.exercise
    following = agenda[agenda.index(here) + 1 :] if here in agenda else []
    return following[0] if following else ""
