"""What the group screen and the wall need of a session's rows, kept up to date.

Holds who finished the checkup, which lines were offered and which pictures were drawn: ids, and no
answer. A line's words are read when a page shows them (`wall`), and are forgotten with their
writer.

Somebody's own rows come in their order; between people, and between staff, any order will do.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from reconnect_widgets.domain.group_screen import Drawing, Picture
from reconnect_widgets.domain.suppression import Member
from reconnect_widgets.records import Row
from reconnect_widgets.records.acts import read_act
from reconnect_widgets.records.drawings import read_drawing
from reconnect_widgets.records.rows import is_staff, is_tombstone
from reconnect_widgets.records.waiting import CHECKUP
from reconnect_widgets.server.roster import Roster

OFFERED = "offered-to-group"
TAKEN_BACK = "offer-taken-back"


@dataclass(frozen=True)
class Offer:
    """Somebody offered a line to the group.

    Attributes
    ----------
    line_id
        The answer that holds the text. On the wall and in the desk's acts the line goes by it.
    version
        How often this person has said anything in that exercise: their words are looked at again
        when it changes.
    """

    line_id: str
    participant_id: str
    exercise: str
    round: int
    version: int = 0


class GroupRows:
    """Follows a session's rows for what a group may see of them.

    Attributes
    ----------
    drawings
        The pictures that were drawn.
    drawing
        Held while one is drawn.
    picture
        The picture that was read last, under what it was read for.
    words
        Of the lines that were read: by offer, empty for one that may not be shown.
    """

    def __init__(self) -> None:
        self.drawings: tuple[Drawing, ...] = ()
        self.drawing = asyncio.Lock()
        self.picture: tuple[object, Picture] | None = None
        self.words: dict[Offer, str] = {}
        self._offers: dict[tuple[str, str, int], Offer] = {}
        self._handled: dict[tuple[str, int], set[str]] = defaultdict(set)

    @property
    def offers(self) -> list[Offer]:
        """The lines that are offered now, in the order in which they came."""
        return list(self._offers.values())

    def take_in(self, rows: Iterable[Row]) -> None:
        """Follow these rows."""
        for row in rows:
            if is_tombstone(row):
                self._forget(row.participant_id)
            elif is_staff(row.subject):
                self._take_drawing(row)
            elif row.kind == "answer":
                self._take_answer(row)
            elif row.kind == "event" and row.exercise:
                self._take_event(row)

    def find_finished(self, items: Collection[str], roster: Roster) -> dict[int, list[Member]]:
        """Return who of those present gave every item of the checkup a status, by round."""
        found: dict[int, list[Member]] = defaultdict(list)
        for (participant_id, number), handled in self._handled.items():
            entry = roster.get(participant_id)
            if entry is not None and entry.is_present and handled.issuperset(items):
                found[number].append(Member(participant_id, entry.dyad_id))
        return dict(found)

    def _take_answer(self, row: Row) -> None:
        number, person = row.round or 1, row.participant_id
        if row.exercise == CHECKUP:
            self._handled[person, number].add(row.item)
        offer = self._offers.get((person, row.exercise, number))
        if offer is not None:
            self._keep(offer, offer.version + 1)

    def _take_event(self, row: Row) -> None:
        act, person = read_act(row), row.participant_id
        if row.event == OFFERED and act.about:
            # Offered again after it was changed: the new words stand for the old ones.
            offer = Offer(act.about, person, row.exercise, act.round)
            self._drop((person, row.exercise, act.round))
            self._keep(offer, 0)
        elif row.event == TAKEN_BACK:
            for place, offer in list(self._offers.items()):
                if offer.participant_id == person and offer.line_id == act.about:
                    self._drop(place)

    def _keep(self, offer: Offer, version: int) -> None:
        self.words.pop(offer, None)
        place = (offer.participant_id, offer.exercise, offer.round)
        self._offers[place] = replace(offer, version=version)

    def _drop(self, place: tuple[str, str, int]) -> None:
        offer = self._offers.pop(place, None)
        if offer is not None:
            self.words.pop(offer, None)

    def _take_drawing(self, row: Row) -> None:
        drawing = read_drawing(row)
        if drawing is not None:
            self.drawings = (*self.drawings, drawing)

    def forget_all(self) -> None:
        """Begin with nothing: all that counts is told anew. A drawing under way goes on."""
        self.drawings, self.picture, self.words = (), None, {}
        self._offers.clear()
        self._handled.clear()

    def _forget(self, participant_id: str) -> None:
        """Keep nothing of somebody who withdrew."""
        for place in [place for place in self._offers if place[0] == participant_id]:
            self._drop(place)
        for when in [when for when in self._handled if when[0] == participant_id]:
            del self._handled[when]
