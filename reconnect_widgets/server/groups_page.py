"""``/facilitator/s/ID/groups``: who sits with whom in the repair script, and who does what there.

What belongs here: the page, its stream, and what its buttons do. What does not: the rules of
splitting and moving (`domain.groups`), what the phones say of it (`together`).

Every button leaves one act with all groups in it (`grouped`), so two desks agree, a restart knows
it, and the last change can be taken back. Somebody is moved in two steps, without a script: first
who (a link), then where to (a button).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final
from urllib.parse import urlencode

from reconnect_widgets import system
from reconnect_widgets.domain import groups as rules
from reconnect_widgets.domain.evening import DeskAct, DeskActName, Evening
from reconnect_widgets.domain.groups import IN_GROUPS, PAIR, TRIAD, Grouping, Groups, Partners
from reconnect_widgets.errors import RecordWriteError
from reconnect_widgets.server.desk import name_at_desk, title_of
from reconnect_widgets.server.desk_agenda import mark_of
from reconnect_widgets.server.evening import act_at_desk
from reconnect_widgets.server.facilitator import SessionHandler
from reconnect_widgets.server.roster import RosterEntry, present_people
from reconnect_widgets.server.session_view import SessionView
from reconnect_widgets.server.streams import EventStreamHandler

_SAID: Final = {
    "stale": "Nothing was changed: the groups had changed meanwhile. This is how they are now.",
    "unsaved": "That was not done: the record folder takes no writes just now. Please try again.",
    "closed": "Nothing was changed: the session is closed.",
}
_SIZES: Final = {"threes": TRIAD, "pairs": PAIR}


@dataclass(frozen=True)
class Member:
    """One person as the page lists them.

    Attributes
    ----------
    part
        Empty for who sits in no group.
    """

    participant_id: str
    name: str
    part: str = ""


@dataclass(frozen=True)
class GroupBox:
    """One group.

    Attributes
    ----------
    has_partners
        Two of a couple sit in it.
    takes
        Whether somebody can be put into it.
    """

    number: int
    members: tuple[Member, ...]
    has_partners: bool
    takes: bool


@dataclass(frozen=True)
class Room:
    """Everybody who is here: couples together, and who belongs to whom."""

    people: Mapping[str, RosterEntry]
    units: tuple[tuple[str, ...], ...]
    partners: Partners


def read_room(view: SessionView) -> Room:
    """Return who can be put into groups now."""
    people = {each.participant_id: each for each in present_people(view.roster)}
    couples: dict[str, list[str]] = {}
    for one, entry in people.items():
        couples.setdefault(entry.dyad_id or one, []).append(one)
    units = tuple(tuple(unit) for unit in couples.values())
    partners = {one: other for unit in units for one in unit for other in unit if one != other}
    return Room(people, units, partners)


def change_groups(
    groups: Groups, room: Room, do: str, arguments: Sequence[str], chance: Random
) -> Groups | None:
    """Return the groups after one button; None where it does not fit (any more)."""
    seatless = rules.find_seatless(groups, room.units)
    seated = {one for group in groups for one in group}
    changed = groups
    match do, arguments:
        case "split", [size] if size in _SIZES and len(room.people) >= PAIR:
            return rules.split_into_groups(room.units, _SIZES[size], chance)
        case "seat", [] if seated:
            changed = rules.seat(groups, seatless, room.partners)
        case "turn", []:
            changed = rules.change_parts(groups)
        case "move", [person, number] if person in seated and number.isdecimal():
            changed = rules.move(groups, person, int(number), room.partners)
        case "move", [person, number] if person in seatless and number.isdecimal():
            changed = rules.join(groups, person, int(number))
        case "swap", [one, other] if {one, other} <= room.people.keys():
            changed = rules.swap(groups, one, other)
        case "out", [person] if person in seated:
            changed = rules.take_out(groups, person, room.partners)
        case "end", []:
            changed = ()
    return changed if changed != groups else None


class GroupsPageHandler(SessionHandler):
    """Base of what shows the groups."""

    def page_values(self, view: SessionView) -> dict[str, Any]:
        """Return what the live part shows; ``mark`` is of the groups as the buttons mean them."""
        grouping, room, info = view.grouping, read_room(view), view.info
        picked = self.query("pick")

        def member(one: str, part: str = "") -> Member:
            return Member(one, name_at_desk(info, room.people[one]), part)

        boxes = [
            GroupBox(
                number,
                tuple(member(one, rules.part_at(n)) for n, one in enumerate(group)),
                rules.has_partners(group, room.partners),
                rules.can_take(grouping.groups, number) and picked not in group,
            )
            for number, group in enumerate(grouping.groups, 1)
            if group
        ]
        here = view.evening.here
        return {
            "is_open": info.is_open(system.utc_now()),
            "title": title_of(IN_GROUPS),
            "exercise": IN_GROUPS,
            "boxes": boxes,
            "seatless": [member(one) for one in rules.find_seatless(grouping.groups, room.units)],
            "picked": member(picked) if picked in room.people else None,
            "is_seated": grouping.part_of(picked) is not None,
            "count": len(room.people),
            "turn": grouping.turn,
            "mark": mark_groups(grouping),
            "undo": find_undo(view.evening),
            "is_here": here is not None and here.exercise == IN_GROUPS,
            "here_mark": mark_of("brought", "", view.evening),
            "names_shown": info.name_visibility == "everyone",
            "shares_phone": any(each.shares_phone for each in room.people.values()),
        }


class GroupsHandler(GroupsPageHandler):
    """The page."""

    async def get(self, session_id: str) -> None:
        """Show the groups, and where somebody who was picked can go."""
        view = self.find_view(session_id)
        view.refresh()
        people = read_room(view).people
        also = [name_at_desk(view.info, people[one])
                for one in self.query("also").split(".") if one in people]  # fmt: skip
        self.render_page(
            "groups.html",
            session=view.info,
            said=_SAID.get(self.query("said"), ""),
            also=also,
            **self.page_values(view),
        )

    async def post(self, session_id: str) -> None:
        """Change the groups, unless they have changed since the button was made."""
        view = self.find_view(session_id)
        view.refresh()
        do, mark, *arguments = [*self.field("do").split(" "), ""][:5]
        arguments = [each for each in arguments if each]
        before = view.grouping.groups
        said = await self._change(view, do, mark, arguments)
        after = view.grouping
        # With any other button everybody may have another place, and that was meant.
        is_about_one = do in ("move", "out") and not said
        also = _find_moved(before, after.groups, arguments[0]) if is_about_one else []
        query = {"said": said} if said else {"also": ".".join(also)} if also else {}
        mine = after.part_of(arguments[0]) if arguments and not query else None
        place = f"group-{mine.number}" if mine else "groups-said" if query else "groups-all"
        address = f"/facilitator/s/{session_id}/groups{'?' if query else ''}{urlencode(query)}"
        self.redirect(f"{address}#{place}", status=303)

    async def _change(self, view: SessionView, do: str, mark: str, arguments: list[str]) -> str:
        """Return what is to be said about it; empty when it was done."""
        if not view.info.is_open(system.utc_now()):
            return "closed"
        name: DeskActName = "undone" if do == "undo" else "grouped"
        act = _undone(view, mark) if do == "undo" else _grouped(view, do, mark, arguments)
        if act is None:
            return "stale"
        try:
            await act_at_desk(self.services, view, name, by=self.facilitator_id, **act)
        except RecordWriteError:
            return "unsaved"
        return ""


class GroupsStreamHandler(EventStreamHandler, GroupsPageHandler):
    """``/facilitator/s/ID/groups/live``: says when the page shows something else."""

    async def get(self, session_id: str) -> None:
        """Stream until the browser goes."""
        await self.stream(self.find_view(session_id))

    def look(self, view: SessionView) -> str:
        """Name what the page shows."""
        return hashlib.sha256(repr(self.page_values(view)).encode()).hexdigest()[:16]


def mark_groups(grouping: Grouping) -> str:
    """Return what a button was made from: the act, and who was still there."""
    told = repr((grouping.act_id, grouping.groups))
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def find_undo(evening: Evening) -> DeskAct | None:
    """Return the last change of the groups, if there is one that can be taken back."""
    acts = [act for act in evening.undoable
            if act.name == "grouped" and act.exercise == IN_GROUPS]  # fmt: skip
    return acts[-1] if acts else None


def _undone(view: SessionView, mark: str) -> dict[str, Any] | None:
    undo = find_undo(view.evening)
    return {"about": mark} if undo is not None and undo.act_id == mark else None


def _grouped(view: SessionView, do: str, mark: str, arguments: list[str]) -> dict[str, Any] | None:
    """Return what the act says; None where the button does not fit any more."""
    grouping = view.grouping
    if mark != mark_groups(grouping):
        return None
    chance = Random(system.new_event_id())  # noqa: S311  nothing here is a secret
    groups = change_groups(grouping.groups, read_room(view), do, arguments, chance)
    if groups is None:
        return None
    act: dict[str, Any] = {"exercise": IN_GROUPS, "groups": groups}
    if do not in ("split", "end"):
        act |= {"turn": grouping.turn + (do == "turn"), "about": grouping.split_id}
    return act


def _find_moved(before: Groups, after: Groups, meant: str) -> list[str]:
    """Return who got another group besides the one who was meant to."""
    was = {one: number for number, group in enumerate(before) for one in group}
    now = {one: number for number, group in enumerate(after) for one in group}
    return [one for one, number in was.items() if now.get(one) != number and one != meant]
