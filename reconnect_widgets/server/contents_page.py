"""``/w/``: all exercises, those of the session's agenda first, and how far this person is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from reconnect_widgets import system
from reconnect_widgets.content import ExerciseFrame, load_contents, load_sentences
from reconnect_widgets.domain.people import Session
from reconnect_widgets.records.waiting import HowFar, read_how_far
from reconnect_widgets.server.me import ParticipantHandler
from reconnect_widgets.server.page_templates import format_day
from reconnect_widgets.server.together import is_open_to

WELCOME = "welcome"
# For everybody, also before the choice is made; nothing about it is ever noted.
SAFETY = "safety"


@dataclass(frozen=True)
class Entry:
    """One exercise in the list.

    Attributes
    ----------
    facts
        How long it takes, and in which ways it can be done, in words.
    href
        Empty for one that the facilitator has not opened.
    far
        How far this person is, empty when they have not begun.
    """

    key: str
    title: str
    facts: str
    href: str
    far: HowFar | str = ""


@dataclass(frozen=True)
class Part:
    """Entries under one heading."""

    heading: str
    entries: list[Entry]


class ContentsHandler(ParticipantHandler):
    """``/w/``: works without scripts, starts no kernel."""

    def get(self) -> None:
        """Show the list. ``?at=`` names the page that only wants the line under its header."""
        person, view = self.person, self.view
        self.at_exercise = self.query("at")
        rows = view.record.read((person.participant_id,)).rows
        known = {*self.services.notebooks.participant, SAFETY}
        frame = load_contents().frame(self.last_exercise) if self.last_exercise in known else None
        now = system.utc_now()

        def is_open(key: str) -> bool:
            return is_open_to(view, person, key, now)

        self.render_page(
            "contents.html",
            parts=list_parts(
                view.info,
                known,
                read_how_far(rows),
                has_chosen=person.consent is not None,
                now=now,
                is_open=is_open,
            ),
            session=view.info,
            consent=person.consent,
            is_open=view.info.is_open(now),
            last=list_entry(frame, {}, has_chosen=True) if frame and person.consent else None,
        )


def list_parts(
    session: Session,
    known: Collection[str],
    far: Mapping[str, HowFar],
    *,
    has_chosen: bool,
    now: datetime,
    is_open: Callable[[str], bool] = lambda key: True,
) -> list[Part]:
    """Return the exercises under their headings; a part without any is left out.

    Parameters
    ----------
    known
        Keys that have a page.
    is_open
        Whether this person may open an exercise by themselves now.
    """
    frames = {key: frame for key in load_contents().order if key in known
              and (frame := load_contents().frame(key))}  # fmt: skip

    def make(heading: str, keys: Iterable[str]) -> Part:
        entries = [list_entry(frames[key], far, has_chosen=has_chosen) for key in keys]
        shown = [each if is_open(each.key) else replace(each, href="") for each in entries]
        return Part(heading, shown)

    if session.is_open(now):
        first = [key for key in session.agenda if key in frames]
        rest = [key for key in frames if key not in first]
        parts = [make("For this session", first), make("Also here", rest)]
    else:
        own = [key for key in frames if load_contents().is_open_after_close(key)]
        rest = [key for key in frames if key not in own]
        until = f"For your own practice, until {format_day(session.keep_until)}"
        parts = [make(until, own), make("To look back at", rest)]
    return [part for part in parts if part.entries]


def list_entry(frame: ExerciseFrame, far: Mapping[str, HowFar], *, has_chosen: bool) -> Entry:
    """Return one exercise's line; before the choice is made it leads to that choice."""
    say = load_sentences("page").text
    length = say("intro.minute" if frame.minutes == 1 else "intro.minutes", n=frame.minutes)
    ways = say("intro.ways-" + "-".join(frame.ways))
    leads_there = has_chosen or frame.key == SAFETY
    href = f"/w/{frame.key if leads_there else WELCOME}"
    return Entry(frame.key, frame.title, f"{length} {ways}", href, far.get(frame.key, ""))
