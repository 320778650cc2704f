"""Finds what `trouble` speaks of: the one place that asks the server's parts how they are.

What belongs here: what was noticed, about whom, and for how long it is worth telling. What does
not: sentences. Nothing of it is written down, and after a restart only what has happened since is
known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from reconnect_widgets import system
from reconnect_widgets.server.desk import name_at_desk
from reconnect_widgets.server.kernels import KernelOwner, Seats
from reconnect_widgets.server.roster import RosterEntry, present_people
from reconnect_widgets.server.services import Services
from reconnect_widgets.server.session_view import SessionView
from reconnect_widgets.server.trouble import JUMP_TOLERANCE, Facts

# A page comes up within seconds, on a slow phone in a full room within one minute.
COMES_UP_WITHIN = timedelta(minutes=2)
# After that somebody has helped them, or they went home; the list says how they are.
TOLD_NOT_UP = timedelta(minutes=20)
# One new start is over at once; two within ten minutes are worth a closer look.
RESTARTS_WITHIN_S = 600.0
TOLD_ONCE_S = 300.0
# Long enough for who looks away for ten minutes.
TOLD_CLOCK_SET_S = 1800.0
# Nobody else reads these two characters: between them, a name of any script keeps to itself.
_ISOLATED = "\u2068{}\u2069"


class ClockWatch:
    """Notices when the machine's clock is set, by a clock that is never set.

    Parameters
    ----------
    now
        The machine's clock.
    elapsed_s
        Seconds that go on while the machine sleeps: a lid that was closed sets no clock.
    """

    def __init__(
        self,
        now: Callable[[], datetime] = system.utc_now,
        elapsed_s: Callable[[], float] = system.elapsed_s,
    ) -> None:
        self._now, self._elapsed_s = now, elapsed_s
        self.started_at = now()
        self._began = self._read_beginning()
        self._noticed_s: float | None = None

    def look(self) -> timedelta:
        """Return by how much the clock was set lately; zero when it was not, or was set back right.

        A clock that is a little fast or slow is followed; one that was set is right after a while.
        """
        began, elapsed_s = self._read_beginning(), self._elapsed_s()
        by = began - self._began
        if abs(by) > JUMP_TOLERANCE:
            if self._noticed_s is None:
                self._noticed_s = elapsed_s
            if elapsed_s - self._noticed_s < TOLD_CLOCK_SET_S:
                return by
        self._began, self._noticed_s = began, None
        return timedelta(0)

    def _read_beginning(self) -> datetime:
        """Return when the clock that is never set began, by the one that may be."""
        return self._now() - timedelta(seconds=self._elapsed_s())


def collect_facts(services: Services, view: SessionView, now: datetime) -> Facts:
    """Return how things stand for a session; of one that is closed, only how its disk is."""
    disk = services.disk
    space = disk.space
    since = disk.failing_since.astimezone() if disk.failing_since else None
    if not view.info.is_open(now):
        return Facts(now, disk.is_ok, since, space)
    people = present_people(view.roster)
    places = services.seats.places
    return Facts(
        now=now,
        takes_writes=disk.is_ok,
        failing_since=since,
        space=space,
        restarts=_count_restarts(services.seats, view, people),
        not_up=[_name(view, entry) for entry in people if _is_not_up(services, view, entry, now)],
        newest_row_at=view.newest_row_at,
        clock_set_by=services.clock.look(),
        places_left=places - services.seats.taken,
        places=places,
    )


def _count_restarts(seats: Seats, view: SessionView, people: list[RosterEntry]) -> dict[str, int]:
    session_id = view.record.session_id
    lost = [
        (owner.subject, ago_s)
        for owner, ago_s in seats.lost_within(RESTARTS_WITHIN_S)
        if owner.session_id == session_id and owner.role == "participant"
    ]
    counts = Counter(subject for subject, _ in lost)
    recent = {subject for subject, ago_s in lost if ago_s < TOLD_ONCE_S}
    return {
        _name(view, entry): counts[entry.participant_id]
        for entry in people
        if counts[entry.participant_id] > 1 or entry.participant_id in recent
    }


def _is_not_up(services: Services, view: SessionView, entry: RosterEntry, now: datetime) -> bool:
    """Say whether somebody joined a while ago and nothing was ever heard from a page of theirs."""
    joined_at, who = entry.joined_at, entry.participant_id
    if joined_at is None or joined_at < services.clock.started_at:
        return False  # a former process may have heard of them
    if not COMES_UP_WITHIN <= now - joined_at < TOLD_NOT_UP:
        return False
    # A phone that two share is one page, and may be the other's all the time.
    if entry.shares_phone or who in view.attendance.left_at:
        return False
    owner = KernelOwner("participant", view.record.session_id, who)
    has_shown_itself = (
        who in view.attendance.has_listened
        or services.seats.has_open_page(owner)
        or entry.consent is not None
        or entry.step
        or entry.has_answered
    )
    return not has_shown_itself


def _name(view: SessionView, entry: RosterEntry) -> str:
    return _ISOLATED.format(name_at_desk(view.info, entry))
