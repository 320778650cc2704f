"""What the group screen shows, as values for its template; and the desk's controls for it.

What belongs here: which of what is known is said to everybody, in words and sizes. What does not:
the rules of what may be said (`domain.group_screen`), handlers (`group_screen`, `wall`).

``mark`` of a screen changes when, and only when, something that is shown does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from reconnect_widgets import content
from reconnect_widgets.domain.evening import SCREEN_VIEWS
from reconnect_widgets.domain.group_screen import (
    CLOCK_STEPS,
    FEW,
    Picture,
    SoftClock,
    describe_done,
    soften_clock,
)
from reconnect_widgets.domain.groups import IN_GROUPS
from reconnect_widgets.domain.suppression import SCORE_BANDS, ProtectedTable
from reconnect_widgets.errors import ReconnectError
from reconnect_widgets.server.codes import group_code
from reconnect_widgets.server.pictures import find_round
from reconnect_widgets.server.roster import present_people
from reconnect_widgets.server.screen_fit import choose_names, fit, lay_out_wall, measure
from reconnect_widgets.server.screen_tasks import TASK_IN_GROUPS, task_of
from reconnect_widgets.server.session_view import SessionView

# A page of the wall stands for about so long: time to read twelve lines twice.
WALL_TURNS_S: Final = 45
# In widths of an em: a code with several M or W in it is set smaller.
WIDE_CODE: Final = 4.6
VIEW_NAMES: Final = {
    "join": "How to join",
    "task": "The task",
    "wall": "The wall",
    "checkup": "The checkup",
    "blank": "Nothing",
}
_NAMES_SIZE, _NAMES_LINES, _NAMES_WIDTH = 3.6, 4, 118.0
_GROUPS_LINES: Final = 4


def describe_screen(view: SessionView, lines: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """Return what the screen shows, but for the join address and the picture of the checkup.

    Parameters
    ----------
    lines
        The words of the lines that are offered now, by line.
    """
    info, evening = view.info, view.evening
    shown: dict[str, Any] = {"view": evening.view, "is_open": info.is_open(now)}
    if evening.view == "join":
        shown |= _describe_join(view)
    elif evening.view == "task":
        shown |= _describe_task(view, now)
    elif evening.view == "wall":
        texts = [lines[line] for line in evening.approved if line in lines]
        offers = {offer.line_id: offer.version for offer in view.group.offers}
        # Also while nobody has read the words: a line that goes then is no less news.
        standing = [(line, offers[line]) for line in evening.approved if line in offers]
        shown |= {**_describe_wall(texts, now), "standing": standing}
    elif evening.view == "checkup":
        # What stands behind the picture; the picture itself takes reading every journal.
        withdrawn = sum(1 for entry in view.roster.values() if entry.withdrawn_at)
        shown |= {"drawings": view.group.drawings, "withdrawn": withdrawn,
                  "can_draw": find_round(view)}  # fmt: skip
    mark = hashlib.sha256(repr(shown).encode()).hexdigest()[:16]
    return {**shown, "session": info, "mark": mark}


def _describe_join(view: SessionView) -> dict[str, Any]:
    people = present_people(view.roster)
    names: list[str] = []
    if view.info.name_visibility == "everyone":
        # By name: in the order of arrival, couples would stand side by side.
        names = sorted((" ".join(p.name.split()) for p in people if p.name), key=str.casefold)
    chosen = choose_names(names, _NAMES_SIZE, _NAMES_LINES, _NAMES_WIDTH)
    return {
        "code": group_code(view.info.code, 3).split("-"),
        "is_wide": measure(view.info.code) > WIDE_CODE,
        "title": view.info.title,
        "title_size": fit(view.info.title, ("6", "5", "4"), 1),
        "people": len(people),
        "names": chosen,
        "more_names": len(names) - len(chosen),
    }


def _describe_task(view: SessionView, now: datetime) -> dict[str, Any]:
    together = view.evening.here
    if together is None:
        return {"exercise": "", "title": view.info.title,
                "title_size": fit(view.info.title, ("8", "6", "5", "4"), 3)}  # fmt: skip
    key = together.exercise
    try:
        frame = content.load_contents().frame(key)
    except ReconnectError:
        frame = None
    title, task = (frame.title, task_of(frame)) if frame else (key, "")
    groups = _describe_groups(view, key)
    in_groups = groups["group_count"] > 0
    if in_groups:
        task = TASK_IN_GROUPS
    people = [entry for entry in view.roster.values() if entry.is_present]
    done = sum(entry.has_done(key) for entry in people)
    return {
        "exercise": key,
        "title": title,
        "title_size": fit(title, ("10", "8", "6", "5", "4"), 2),
        "task": task,
        "task_size": fit(task, ("5", "4") if in_groups else ("6", "5", "4"), 4),
        "clock": describe_clock(soften_clock(view.evening.clock(key, now))),
        "done_words": describe_done(done, len(people)),
        **(_count(done, len(people))),
        **groups,
    }


def _describe_groups(view: SessionView, exercise: str) -> dict[str, Any]:
    """Return how many small groups there are; who sits in them where everybody sees the names.

    By name within a group: nobody's part is told to the room. All names or none: somebody who is
    not on the list would take it for theirs.
    """
    grouping = view.grouping
    numbered = {number: group for number, group in enumerate(grouping.groups, 1) if group}
    if exercise != IN_GROUPS or not numbered:
        return {"group_count": 0}
    listed = []
    if view.info.name_visibility == "everyone":
        for number, group in numbered.items():
            names = (" ".join(view.roster[one].name.split()) for one in group)
            listed.append(f"{number}: {', '.join(sorted(filter(None, names), key=str.casefold))}")
    return {"group_count": len(numbered), "turn": grouping.turn, "listed": fit_groups(listed)}


def fit_groups(listed: list[str]) -> list[str]:
    """Return the groups and their names if there is room for all of them; else none."""
    fits = choose_names(listed, _NAMES_SIZE, _GROUPS_LINES, _NAMES_WIDTH) == listed
    return listed if fits else []


def _count(done: int, total: int) -> dict[str, int]:
    """Return the numbers only where they may be said: nothing else reaches the template."""
    return {"done": done, "total": total} if describe_done(done, total) == "counted" else {}


def describe_clock(clock: SoftClock | None) -> dict[str, Any] | None:
    """Return a soft clock's words and its shape: how much of a ring is left."""
    if clock is None:
        return None
    about = f"about {clock.minutes} minutes" if clock.minutes != 1 else "about a minute"
    words = {
        "running": about,
        "soon": "nearly time",
        "paused": f"paused, {about} left",
        "over": "Finish in your own time.",
    }[clock.words]
    return {"words": words, "left": round(100 * clock.steps / CLOCK_STEPS), "state": clock.words}


def _describe_wall(texts: Sequence[str], now: datetime) -> dict[str, Any]:
    pages = lay_out_wall(texts)
    at = int(now.timestamp()) // WALL_TURNS_S % len(pages) if pages else 0
    return {
        "lines": pages[at].lines if pages else (),
        "size": pages[at].size if pages else "6",
        "page": at + 1,
        "pages": len(pages),
    }


def describe_picture(picture: Picture) -> dict[str, Any]:
    """Return the picture of the checkup for the template: four tables of quarters."""
    titles = {each.key: each.title for each in content.load_instrument().categories}
    longest = max(
        (count for table in picture.tables.values() for band in SCORE_BANDS
         if (count := table.counts[band])),
        default=1,
    )  # fmt: skip
    return {
        "state": picture.state,
        "round": picture.round,
        "few": FEW,
        "drawn_at": picture.until.astimezone().strftime("%H:%M") if picture.until else "",
        "tables": [
            (titles.get(category, category), _rows(table, longest))
            for category, table in picture.tables.items()
        ],
        "shows_any": any(
            table.counts[band] is not None
            for table in picture.tables.values()
            for band in SCORE_BANDS
        ),
    }


def _rows(table: ProtectedTable, longest: int) -> list[dict[str, Any]]:
    """Return the quarters of a table; of what is hidden, nothing but that it is."""
    return [
        {
            "band": band.replace("-", "–"),
            "count": table.counts[band],
            "width": round(100 * (table.counts[band] or 0) / longest),
        }
        for band in SCORE_BANDS
    ]


def describe_controls(view: SessionView) -> dict[str, Any]:
    """Return what ``screen-controls.html`` shows on the desk, under one name: ``screen``."""
    evening, to_draw = view.evening, find_round(view)
    decided = set(evening.approved) | evening.set_aside
    offered = [offer.line_id for offer in view.group.offers]
    return {
        "view": evening.view,
        "views": [(name, VIEW_NAMES[name]) for name in SCREEN_VIEWS],
        "to_draw": to_draw,
        "has_drawn": bool(view.group.drawings),
        "new_lines": sum(line not in decided for line in offered),
        "wall_lines": sum(line in evening.approved for line in offered),
    }
