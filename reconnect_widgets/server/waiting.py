"""The line under the header: something of the partner's waits for the person who asks.

It stands on every page of a participant, so it is put in when a page is sent, and read again from
``/w/`` when there is news. The kernels have no part in it: a kernel reads nothing of the partner's
before its own person has shown theirs (decisions 0053 and 0122).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reconnect_widgets.content import load_contents, load_sentences
from reconnect_widgets.records.waiting import read_waiting
from reconnect_widgets.server.roster import RosterEntry, partner_of
from reconnect_widgets.server.session_view import SessionView
from reconnect_widgets.server.together import is_open_to


@dataclass(frozen=True)
class Call:
    """One sentence, and the exercise to which it leads."""

    words: str
    title: str
    href: str


def find_calls(
    view: SessionView, person: RosterEntry, now: datetime, *, at: str = ""
) -> list[Call]:
    """Return what waits for somebody, but for what waits in the exercise that they are looking at.

    What waits in an exercise that the facilitator has not opened is said when it is open. Nothing
    waits for who has not chosen yet whether to be recorded: every page asks that first.
    """
    if not person.dyad_id or person.consent is None:
        return []
    roster = view.refresh()
    partner = partner_of(roster, person)
    # Whoever was never told of anything has nothing waiting: no journal is read for them.
    if partner is None or not roster[person.participant_id].news:
        return []
    own, partners = (view.record.read((each.participant_id,)).rows for each in (person, partner))
    contents, say = load_contents(), load_sentences("page").text
    calls = []
    for waiting in read_waiting(own, partners, now):
        frame = contents.frame(waiting.exercise)
        if frame is None or waiting.exercise == at:
            continue
        if is_open_to(view, person, waiting.exercise, now):
            href = f"/w/{waiting.exercise}"
            calls.append(Call(say(f"waiting.{waiting.what}"), frame.title, href))
    return calls
