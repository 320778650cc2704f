"""``/facilitator/s/ID/seats``: who sits where, and changing it.

Every change is asked about before it is done, in plain words on what happens to what was answered;
the page works without scripts. What a button saw stands in its form (decision 0148): two desks, a
second tap or a page that slept change nothing by surprise. No answer is shown or implied here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from reconnect_widgets import system
from reconnect_widgets.domain.people import MAX_SEATS
from reconnect_widgets.domain.seating import Seating
from reconnect_widgets.errors import RecordError
from reconnect_widgets.server.desk import PersonLine, describe_people
from reconnect_widgets.server.facilitator import SessionHandler
from reconnect_widgets.server.reseating import (
    Plan,
    SeatsError,
    change_seats,
    plan_anew,
    plan_couple,
    plan_free,
    plan_move,
    plan_swap,
    plan_undo,
    undoable_acts,
    uses_one_phone,
)
from reconnect_widgets.server.roster import Roster, RosterEntry, people_in_dyad, present_people
from reconnect_widgets.server.seat_questions import (
    Question,
    ask_anew,
    ask_free,
    ask_move,
    ask_swap,
    ask_undo,
    mark_of,
    say_act,
)
from reconnect_widgets.server.seating import count_seats, unused_id
from reconnect_widgets.server.session_view import SessionView

SAID = {
    "free": "The seat is free. What was answered there is set aside.",
    "anew": "They begin anew. What was answered there before is set aside.",
    "swap": "The two have swapped, and begin anew.",
    "move": "Done. They sit together now.",
    "undo": "Undone: seats and answers are as they were before.",
    "room": "Done: there is more room now.",
    "stale": "Nothing was changed: somebody sat down, answered or changed seats meanwhile. Please "
    "look again.",
    "one-phone": "Nothing was changed: these two share one phone.",
    "full": "Nothing was changed: all seats are taken. Make room first.",
    "unsaved": "Nothing was changed: the record folder takes no writes just now. Please try again.",
    "nowhere": "Nothing was changed: please choose where.",
}


@dataclass(frozen=True)
class Sitter:
    """One person on the page.

    Attributes
    ----------
    line
        How the desk describes them.
    can_move
        Whether there is somewhere to go.
    """

    participant_id: str
    line: PersonLine
    can_move: bool


@dataclass(frozen=True)
class Table:
    """A couple, or one place of it that is free."""

    dyad_id: str
    heading: str
    sitters: list[Sitter]
    can_swap: bool
    one_phone: bool


class SeatsHandler(SessionHandler):
    """The page, its questions, and what is done after a yes."""

    async def get(self, session_id: str) -> None:
        """Show who sits where."""
        view = self.find_view(session_id)
        view.refresh()
        self._show(view)

    async def post(self, session_id: str) -> None:
        """Ask, or do what was asked about."""
        view = self.find_view(session_id)
        view.refresh()
        ask, who = [*self.field("ask").split(" "), ""][:2]
        if ask:
            question = self._ask(view, ask, who)
            if question is not None:
                self._show(view, question)
                return
            said = "stale"
        else:
            said = await self._do(view)
        query = urlencode({"said": said})
        self.redirect(f"/facilitator/s/{session_id}/seats?{query}", status=303)

    def _show(self, view: SessionView, question: Question | None = None) -> None:
        info = view.info
        tables, alone = describe_tables(view, self._lines(view))
        self.render_page(
            "seats.html",
            session=info,
            said=SAID.get(self.query("said"), ""),
            question=question,
            tables=tables,
            alone=alone,
            acts=self._describe_acts(view),
            taken=count_seats(view.roster),
        )

    def _lines(self, view: SessionView) -> list[PersonLine]:
        return describe_people(view, self.services.seats, system.utc_now())

    def _describe_acts(self, view: SessionView) -> list[dict[str, Any]]:
        undoable = {act.act_id for act in undoable_acts(view.roster, view.changes)}
        return [
            {
                "id": act.act_id,
                "at": act.at,
                "words": say_act(view, act),
                "is_undoable": act.act_id in undoable,
            }
            for act in reversed(view.changes.acts)
        ]

    def _ask(self, view: SessionView, ask: str, who: str) -> Question | None:
        """Return the question; None when there is nothing to ask any more."""
        try:
            match ask:
                case "free":
                    plan_free(view.roster, who)
                    return ask_free(view, view.roster[who])
                case "anew":
                    plan_anew(view.roster, who)
                    return ask_anew(view, view.roster[who])
                case "swap":
                    plan_swap(view.roster, view.changes, who)
                    return ask_swap(view, who)
                case "move":
                    return ask_move(view, who)
                case "undo":
                    plan_undo(view.roster, view.changes, view.info, who)
                    return ask_undo(view, who)
        except SeatsError:
            return None
        return None

    async def _do(self, view: SessionView) -> str:
        """Do it, and return what is to be said."""
        do, who, mark, to = (self.field(name) for name in ("do", "who", "mark", "to"))
        try:
            if do == "room":
                return await self._make_room(view, who, mark)
            if do == "move" and not to:
                return "nowhere"
            plan_of = self._plan_of(view, do, who, to, mark)
            await change_seats(self.services, view, plan_of, by=self.facilitator_id)
        except SeatsError as error:
            return error.reason
        except RecordError:
            return "unsaved"
        return do

    def _plan_of(
        self, view: SessionView, do: str, who: str, to: str, mark: str
    ) -> Callable[[Roster, Seating], Plan]:
        new_id = unused_id(view.roster, "d-", 4)

        def plan(roster: Roster, changes: Seating) -> Plan:
            if mark != mark_of(roster, changes, do, who):
                raise SeatsError("stale")
            match do:
                case "free":
                    return plan_free(roster, who)
                case "anew":
                    return plan_anew(roster, who)
                case "swap":
                    return plan_swap(roster, changes, who)
                case "move" if to.startswith("d-"):
                    return plan_move(roster, who, to)
                case "move":
                    return plan_couple(roster, who, to, new_id)
                case "undo":
                    return plan_undo(roster, changes, view.info, who)
            raise SeatsError("stale")

        return plan

    async def _make_room(self, view: SessionView, more: str, mark: str) -> str:
        """Let one or two more in; the mark is the number of seats that the button saw."""
        seats = view.info.seats
        if view.info.door != "seats" or mark != str(seats) or more not in ("1", "2"):
            return "stale"
        if seats + int(more) > MAX_SEATS:
            return "full"
        changes = {"seats": seats + int(more)}
        await asyncio.to_thread(view.record.prepare, changes, system.utc_now(), self.facilitator_id)
        view.refresh()
        self.services.hub.wake(view.record.session_id)
        return "room"


def describe_tables(view: SessionView, lines: list[PersonLine]) -> tuple[list[Table], list[Sitter]]:
    """Return the couples, and who came alone."""
    roster = view.roster
    people = present_people(roster)
    half = [e for e in people if e.dyad_id and len(people_in_dyad(roster, e.dyad_id)) == 1]
    alone = [entry for entry in people if not entry.dyad_id]

    def sit(entry: RosterEntry, line: PersonLine) -> Sitter:
        goals = [e for e in (half if entry.dyad_id else half + alone) if e is not entry]
        return Sitter(entry.participant_id, line, bool(goals) and not uses_one_phone(entry))

    tables: dict[str, Table] = {}
    singles = []
    for entry, line in zip(people, lines, strict=True):
        if not entry.dyad_id:
            singles.append(sit(entry, line))
            continue
        pair = people_in_dyad(roster, entry.dyad_id)
        one_phone = any(map(uses_one_phone, pair))
        can_swap = len(pair) == 2 and not one_phone
        empty = Table(entry.dyad_id, line.couple, [], can_swap, one_phone)
        tables.setdefault(entry.dyad_id, empty).sitters.append(sit(entry, line))
    return list(tables.values()), singles
