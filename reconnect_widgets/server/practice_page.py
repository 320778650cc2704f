"""Try the evening with made-up couples: make a practice session, send them home, delete it all.

Only a session that was made for practice can be deleted with a button. A real one has an end date,
and a command that asks; what is deleted here was said by nobody.
"""

from __future__ import annotations

import asyncio
from typing import Any

from tornado.web import HTTPError

from reconnect_widgets import content, system
from reconnect_widgets.domain.people import MAX_TITLE_LENGTH
from reconnect_widgets.errors import RecordWriteError
from reconnect_widgets.records import SessionRecord
from reconnect_widgets.server import logs
from reconnect_widgets.server.facilitator import SessionHandler
from reconnect_widgets.server.services import Services
from reconnect_widgets.server.session_view import SessionView

COUPLES = (3, 6, 12)
# The command looks for this word, too, where it cannot see the record.
TITLE = "Practice: "
KEEP_DAYS = 7
# What the page of sessions says afterwards, by the word in its address.
SAID = {
    "real-people": "Not just now: people are here in a session that is open. Made-up couples would "
    "make their phones slower, so they come when nobody real is waiting.",
    "unknown": "Please choose how many couples, and a plan.",
    "unsaved": "The practice session could not be made. Is there room on the disk?",
    "not-deleted": "The practice session could not be deleted whole. Please try again.",
    "deleted": "The practice session is deleted, with everything in it.",
}
_ENDED = {
    "sent-home": "The made-up couples have gone home.",
    "closed": "The session was closed, and the made-up couples have gone home.",
    "real-people": "The made-up couples have gone home: somebody real is in another session.",
    "too-long": "It grew late, and the made-up couples have gone home.",
    "through": "The made-up couples have gone home.",
    "failed": "The made-up couples have gone: not all of them came to the end, or none could come.",
}


def describe_made_up(services: Services, view: SessionView) -> str:
    """Say on the desk whether made-up couples play here; empty for a real session."""
    if not view.info.is_practice:
        return ""
    rehearsals, session_id = services.rehearsals, view.record.session_id
    if rehearsals.session_id == session_id:
        return (
            "Made-up couples are taking part. They join within two minutes, take the welcome and "
            "the checkup by themselves, and then go along wherever you bring everyone. What stands "
            "there they leave unanswered."
        )
    return _ENDED.get(rehearsals.how_it_ended(session_id) or "", "No made-up couples are here now.")


class NewPracticeHandler(SessionHandler):
    """``/facilitator/practice``: a practice session, and made-up couples who come into it."""

    async def post(self) -> None:
        """Make it, unless somebody real would feel it."""
        rehearsals = self.services.rehearsals
        async with rehearsals.starting:
            said: str = rehearsals.find_refusal() or ""
            address = f"/facilitator/s/{rehearsals.session_id}?said=runs"
            if not said:
                said, session_id = await self._begin()
                address = f"/facilitator/s/{session_id}"
        # A second tap, too, leads to where they are.
        is_there = said in ("", "runs")
        self.redirect(address if is_there else f"/facilitator?practice={said}#practice", status=303)

    async def _begin(self) -> tuple[str, str]:
        """Return what is to be said, empty when all is well, and the session's id."""
        couples = self.field("couples")
        plans = await asyncio.to_thread(content.load_plans, self.services.settings.data_dir)
        found = plans.find(self.field("plan"))
        if found is None or couples not in map(str, COUPLES):
            return "unknown", ""
        plan, meeting = found
        prepared = {
            "partner_policy": "limited-secrets",
            "name_visibility": "facilitator",
            **plan.settings(meeting),
            # As many come as were asked for, and the facilitator's own phone.
            "door": "open",
            "seats": 0,
            "keep_days": KEEP_DAYS,
            "is_practice": True,
        }
        try:
            record = await asyncio.to_thread(
                self.services.records.create_session,
                f"{TITLE}{plan.title}"[:MAX_TITLE_LENGTH].strip(),
                now=system.utc_now(),
                content_version=content.CONTENT_VERSION,
                actor=self.facilitator_id,
                **prepared,
            )
        except RecordWriteError:
            return "unsaved", ""
        return await self._let_them_come(record, int(couples)), record.session_id

    async def _let_them_come(self, record: SessionRecord, couples: int) -> str:
        try:
            await self.services.rehearsals.start(record.info, couples)
        except OSError as error:
            logs.warn("made-up couples could not come: %s", logs.describe_error(error))
            await asyncio.to_thread(record.purge)
            return "unsaved"
        return ""


class PracticeHandler(SessionHandler):
    """``/facilitator/s/ID/practice``: send the made-up couples home, or delete the session."""

    async def post(self, session_id: str) -> None:
        """Do what the button ``do`` says; a real session has no such address."""
        view = self.find_view(session_id)
        if not view.info.is_practice:
            raise HTTPError(404)
        do = self.field("do")
        if do not in ("home", "delete"):
            raise HTTPError(422)
        await self.services.rehearsals.end(session_id)
        if do == "home":
            self.redirect(f"/facilitator/s/{session_id}#practice-heading", status=303)
            return
        said = await self._delete(view)
        self.redirect(f"/facilitator?practice={said}#practice", status=303)

    async def _delete(self, view: SessionView) -> str:
        seats, session_id = self.services.seats, view.record.session_id
        # Held, so that nobody takes a seat meanwhile; kernels first, because they write.
        async with view.seating:
            for owner in [each for each in seats.owners() if each.session_id == session_id]:
                await seats.shutdown(owner)
            try:
                await self.services.merger.purge(view.record)
            except RecordWriteError:
                return "not-deleted"
        self.services.hub.wake(session_id)
        return "deleted"


def practice_choices(said: str) -> dict[str, Any]:
    """Return what the page of sessions shows of all this."""
    return {"practice_couples": COUPLES, "practice_said": SAID.get(said, ""), "practice": said}
