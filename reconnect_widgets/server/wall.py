"""``/facilitator/s/ID/wall``: lines that people offered to the group, looked at before they show.

A line stands here because its writer offered it and did not take it back. Whose it is, is not on
the page; no other text that anybody wrote ever is.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tornado.web import HTTPError

from reconnect_widgets.domain.evening import DeskActName, Evening
from reconnect_widgets.errors import RecordError
from reconnect_widgets.records import Row
from reconnect_widgets.records.history import current_answers
from reconnect_widgets.server.evening import act_at_desk
from reconnect_widgets.server.facilitator import SessionHandler
from reconnect_widgets.server.group_rows import Offer
from reconnect_widgets.server.session_view import SessionView
from reconnect_widgets.server.streams import EventStreamHandler

LineState = Literal["new", "on", "off"]
_ACTS: dict[str, DeskActName] = {
    "show": "line-approved",
    "leave": "line-set-aside",
    "undo": "undone",
}


@dataclass(frozen=True)
class OfferedLine:
    """One line as the facilitator sees it.

    Attributes
    ----------
    undo
        The act that put it where it is, while that can be undone; else empty.
    """

    line_id: str
    words: str
    state: LineState
    undo: str


async def read_lines(view: SessionView) -> dict[str, str]:
    """Return the words of the lines that are offered now, by line, in the order of the offers.

    Only the offered row itself is looked for, among its writer's own. A line whose writer has since
    emptied the field is no longer offered.
    """
    group = view.group
    unread = [offer for offer in group.offers if offer not in group.words]
    if unread:
        writers = {offer.participant_id for offer in unread}
        rows = (await asyncio.to_thread(view.record.read, writers)).rows
        still = set(group.offers)  # something may have been taken back meanwhile
        group.words |= {offer: _find_words(offer, rows) for offer in unread if offer in still}
    return known_lines(view)


def known_lines(view: SessionView) -> dict[str, str]:
    """Return what `read_lines` does, of the lines that were read before."""
    words = view.group.words
    return {offer.line_id: words[offer] for offer in view.group.offers if words.get(offer)}


def _find_words(offer: Offer, rows: tuple[Row, ...]) -> str:
    own = [row for row in rows if row.subject == offer.participant_id and row.kind == "answer"]
    line = next((row for row in own if row.event_id == offer.line_id), None)
    if line is None or line.exercise != offer.exercise:
        return ""
    key = (offer.participant_id, line.exercise, line.round or 0, line.item)
    now = current_answers(own)[key]
    return " ".join(line.text.split()) if now.status == "answered" and now.text else ""


def describe_lines(lines: Mapping[str, str], evening: Evening) -> list[OfferedLine]:
    """Return the lines with what was decided about them."""
    undo = {act.about: act.act_id for act in evening.undoable if act.name in _ACTS.values()}
    return [
        OfferedLine(
            line_id,
            words,
            "on" if line_id in evening.approved else "off" if line_id in evening.set_aside
            else "new",
            undo.get(line_id, ""),
        )
        for line_id, words in lines.items()
    ]  # fmt: skip


class WallHandler(SessionHandler):
    """``/facilitator/s/ID/wall``."""

    async def get(self, session_id: str) -> None:
        """Show what was offered."""
        view = self.find_view(session_id)
        view.refresh()
        lines = describe_lines(await read_lines(view), view.evening)
        self.render_page(
            "wall.html",
            session=view.info,
            screen_view=view.evening.view,
            kinds={state: [each for each in lines if each.state == state]
                   for state in ("new", "on", "off")},
        )  # fmt: skip

    async def post(self, session_id: str) -> None:
        """Decide about one line. What was decided, taken back or is gone meanwhile stays so."""
        view = self.find_view(session_id)
        view.refresh()
        do, line_id, act_id = [*self.field("do").split(" "), "", ""][:3]
        lines = describe_lines(await read_lines(view), view.evening)
        line = next((each for each in lines if each.line_id == line_id), None)
        if line is not None and _fits(line, do, act_id):
            about = act_id if do == "undo" else line_id
            by = self.facilitator_id
            try:
                await act_at_desk(self.services, view, _ACTS[do], by=by, about=about)
            except RecordError:
                raise HTTPError(503) from None
        self.redirect(f"/facilitator/s/{session_id}/wall", status=303)


def _fits(line: OfferedLine, do: str, act_id: str) -> bool:
    """Say whether a button still is what it said: another desk may have been quicker."""
    match do:
        case "show":
            return line.state != "on"
        case "leave":
            return line.state != "off"
        case "undo":
            return bool(act_id) and line.undo == act_id
    return False


class WallStreamHandler(EventStreamHandler, SessionHandler):
    """``/facilitator/s/ID/wall/live``: says when a line came, went, or was decided about."""

    async def get(self, session_id: str) -> None:
        """Stream until the browser goes."""
        await self.stream(self.find_view(session_id))

    def look(self, view: SessionView) -> str:
        """Name what the page shows: ids, no words."""
        evening = view.evening
        shown = (view.group.offers, evening.approved, sorted(evening.set_aside), evening.view)
        return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]
