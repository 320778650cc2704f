"""What has gone wrong, in plain sentences: for the desk, and for ``reconnect doctor``. Pure.

Each says what happened, what is safe, and what to do. None blames anybody, and none is a code or a
figure that one would have to look up. What belongs elsewhere: finding the facts (`trouble_facts`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

# A checkup takes 18 kB of the disk for each person (data/samples, merged files included): an
# evening of two hundred people and six such exercises some 30 MB. 500 MB are room for that, for
# what else a laptop writes meanwhile, and time to tidy up. A share of a large disk would warn of
# many free gigabytes; where the whole disk is small (a card, a folder in memory) it is a tenth.
LITTLE_SPACE_MB = 500
LITTLE_SHARE = 0.1
# What is free changes all the time; what is shown should not.
SPACE_STEP_MB = 50
# Phones and kernels take moments; a clock that is set takes minutes or hours.
CLOCK_TOLERANCE = timedelta(minutes=5)
JUMP_TOLERANCE = timedelta(minutes=2)
# So many are told by name; of more, how many.
NAMED_AT_MOST = 3
# A twentieth of the places is what a group that comes through the door together takes.
FEW_PLACES_SHARE = 20


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong.

    Attributes
    ----------
    words
        What happened, in one sentence.
    what_to_do
        What is safe, and what helps.
    is_urgent
        Whether answers are not being saved: the only thing that cannot wait.
    """

    words: str
    what_to_do: str
    is_urgent: bool = False

    def __str__(self) -> str:
        return f"{self.words} {self.what_to_do}"


@dataclass(frozen=True)
class Space:
    """Room on the disk of the record folder, in bytes."""

    free: int
    total: int

    @property
    def is_little(self) -> bool:
        """Whether somebody should make room now, while everything still works."""
        return self.free < min(LITTLE_SPACE_MB * 1_000_000, self.total * LITTLE_SHARE)


@dataclass(frozen=True)
class Facts:
    """How things stand in one session; what is left out is well.

    Attributes
    ----------
    takes_writes, failing_since
        Whether the record folder takes writes, and since when not (local time).
    space
        None when it could not be measured.
    restarts
        Name → how often a kernel of theirs ended by itself lately.
    not_up
        Names of those who joined and whose page was never heard of.
    now, newest_row_at
        The machine's clock, and the latest date in the session's record.
    clock_set_by
        By how much the clock was set lately; zero when it was not.
    places_left, places
        How many more people this process gives a page, and to how many in all.
    """

    now: datetime
    takes_writes: bool = True
    failing_since: datetime | None = None
    space: Space | None = None
    restarts: Mapping[str, int] = field(default_factory=dict)
    not_up: Sequence[str] = ()
    newest_row_at: datetime | None = None
    clock_set_by: timedelta = timedelta(0)
    places_left: int = 1
    places: int = 1


def find_troubles(facts: Facts) -> list[Trouble]:
    """Return what is wrong, the most urgent first; nothing when all is well."""
    ahead = say_rows_ahead(facts.newest_row_at, facts.now)
    # Of a clock that was set back, the rows from before tell more; it is one trouble.
    was_set_back = facts.clock_set_by < timedelta(0)
    found = [
        # Of a disk that takes nothing, how much is free is no news.
        say_little_space(facts.space) if facts.takes_writes else say_no_writes(facts.failing_since),
        ahead,
        None if ahead and was_set_back else say_clock_set(facts.clock_set_by),
        say_not_up(facts.not_up),
        *say_restarts(facts.restarts),
        say_few_places(facts.places_left, facts.places),
    ]
    return [trouble for trouble in found if trouble is not None]


def say_no_writes(since: datetime | None = None) -> Trouble:
    """Say that nothing can be written to the record folder."""
    when = f" since {since:%H:%M}" if since else ""
    return Trouble(
        f"Answers cannot be saved just now: the record folder takes no writes{when}.",
        "What was saved before is safe, and people’s pages keep what they tapped and try again. "
        "Please make room on the disk, or check the drive.",
        is_urgent=True,
    )


def say_little_space(space: Space | None) -> Trouble | None:
    """Say that the disk is nearly full, while there still is time."""
    if space is None or not space.is_little:
        return None
    steps = space.free // (SPACE_STEP_MB * 1_000_000) + 1
    return Trouble(
        f"The disk is nearly full: less than {steps * SPACE_STEP_MB} MB are free.",
        "Everything so far is saved. Please make room before it is full: empty the bin, delete a "
        "large download. Leave the record folder as it is.",
    )


def say_rows_ahead(newest_row_at: datetime | None, now: datetime) -> Trouble | None:
    """Say that a record holds dates that have not come yet."""
    if newest_row_at is None or newest_row_at <= now + CLOCK_TOLERANCE:
        return None
    newest = newest_row_at.astimezone()
    return Trouble(
        f"Part of this session’s record is dated later than now, up to {newest.day} "
        f"{newest:%B %Y, %H:%M}: this computer’s clock is behind, or was ahead before.",
        "No answer is lost, and the one given last still counts. Compare this computer’s date and "
        "time with a phone’s, and set them if they are wrong. If they are right, clocks in "
        "exercises stand still until that time: go by a watch.",
    )


def say_clock_set(by: timedelta) -> Trouble | None:
    """Say that the machine's clock was set while the workbook ran."""
    if abs(by) <= JUMP_TOLERANCE:
        return None
    way = "ahead" if by > timedelta(0) else "back"
    return Trouble(
        f"This computer’s clock was set {way} by {_how_long(abs(by))} while the workbook ran.",
        "No answer is lost, and their order is right. Compare the date and time with a phone’s. A "
        "clock that was running in an exercise is off by as much: stop it and start it again.",
    )


def say_not_up(names: Sequence[str]) -> Trouble | None:
    """Say who joined and does not see a page that works."""
    if not names:
        return None
    if len(names) == 1:
        return Trouble(
            f"{names[0]} joined, but their page has not come up.",
            "Their place is kept. Is the phone on this wifi, with mobile data off? Then let them "
            "load the page again.",
        )
    whole_room = " If it is most of the room, see whether this computer is still on the wifi."
    return Trouble(
        f"{_list_names(names)} joined, but their pages have not come up.",
        "Their places are kept. Are the phones on this wifi, with mobile data off? Then let them "
        f"load the page again.{whole_room if len(names) > NAMED_AT_MOST else ''}",
    )


def say_restarts(restarts: Mapping[str, int]) -> list[Trouble]:
    """Say whose page was started again, and clearly whose it was more than once."""
    once = [name for name, count in restarts.items() if count == 1]
    again = [name for name, count in restarts.items() if count > 1]
    memory = (
        "If it goes on, close other programs on this computer: it may be short of memory, which "
        "each page needs a little of."
    )
    found = []
    if again:
        pages = "The page of" if len(again) == 1 else "The pages of"
        found.append(
            Trouble(
                f"{pages} {_list_names(again)} had to be started again more than once "
                "within ten minutes.",
                f"What says “Saved” is safe. Let them load the page again. {memory}",
            )
        )
    if once:
        many = len(once) > NAMED_AT_MOST
        words = (
            f"A page of {once[0]}’s was started again."
            if len(once) == 1
            else f"Pages of {_list_names(once)} were started again."
        )
        reload = "If it happens again, let them load the page again."
        found.append(Trouble(words, f"Nothing is lost. {memory if many else reload}"))
    return found


def say_few_places(left: int, places: int) -> Trouble | None:
    """Say that there is hardly room for more people, or none."""
    if left > places // FEW_PLACES_SHARE and left > 0:
        return None
    to_do = "Close sessions that are over: their places are free some ten minutes later."
    if left <= 0:
        return Trouble(
            f"All {places} places for pages are taken.",
            "Whoever is in stays in; whoever comes now waits before a page that goes on by "
            f"itself. {to_do}",
        )
    count = "one place" if left == 1 else f"{left} places"
    verb = "is" if left == 1 else "are"
    return Trouble(
        f"Only {count} for more people {verb} left, of {places}.",
        f"Everybody who is in stays in. {to_do}",
    )


def _list_names(names: Sequence[str]) -> str:
    if len(names) > NAMED_AT_MOST:
        return f"{len(names)} people"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _how_long(time: timedelta) -> str:
    """Say a time roughly: what is shown should not change all the time."""
    minutes = round(time.total_seconds() / 60)
    if minutes < 120:
        return f"{minutes} minutes"
    hours = round(minutes / 60)
    return f"{hours} hours" if hours < 48 else f"{round(hours / 24)} days"
