"""What a pack of kind ``plan`` may say: an evening as a facilitator prepares it, to use again.

What belongs here: the shape of the file, its own rules, and writing one. What does not: which plans
there are (`plans`), what becomes of one in a session (`server.prepare_form`).

A plan names exercises by their keys and copies nothing of them, so it stays short enough to be
written by hand. A group that meets several times is one plan with several `meetings`, because it
is one session: people keep their places, and their later rounds stand beside the first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Annotated, Any, Literal

import yaml
from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from reconnect_widgets.content import markdown
from reconnect_widgets.content.findings import Finding, find_in_markdown
from reconnect_widgets.content.problems import nearest, show_value
from reconnect_widgets.content.schema import Key, Line, Part
from reconnect_widgets.content.tree import Trail
from reconnect_widgets.domain.people import (
    MAX_MINUTES,
    MAX_SEATS,
    MAX_TITLE_LENGTH,
    Door,
    NameVisibility,
    PartnerPolicy,
)

MAX_LINES = 60
MAX_MEETINGS = 30
MAX_KEEP_DAYS = 3650
ALL, DESK = "all", "desk"

Title = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_TITLE_LENGTH, strip_whitespace=True)
]
Words = Annotated[str, StringConstraints(max_length=4000, strip_whitespace=True)]


def _read_free(value: Any) -> Any:
    if value == ALL:
        return None
    if value == DESK:
        return ()
    if isinstance(value, str):
        expected = f"'{ALL}', '{DESK}', or a list of exercises"
        raise PydanticCustomError("literal_error", "{expected}", {"expected": expected})
    return value


class AgendaLine(Part):
    """One exercise of an evening; without minutes it takes as long as it takes."""

    exercise: Key
    minutes: Annotated[int, Field(ge=1, le=MAX_MINUTES)] | None = None


Agenda = Annotated[tuple[AgendaLine, ...], Field(max_length=MAX_LINES)]


class Meeting(Part):
    """One evening of several; `how` is for the facilitator (Markdown)."""

    title: Title
    how: Words = ""
    agenda: Annotated[tuple[AgendaLine, ...], Field(min_length=1, max_length=MAX_LINES)]

    @property
    def minutes(self) -> int:
        """How long it takes as far as that was said, breaks not counted."""
        return sum(line.minutes or 0 for line in self.agenda)

    @property
    def how_html(self) -> str:
        """The words for the facilitator as HTML that is safe to put into a page."""
        return markdown.render(self.how) if self.how else ""


class PlanPack(Part):
    """How a session is to be prepared; what it leaves out is as in any new session.

    Attributes
    ----------
    for_whom
        One line under the title, where a plan is chosen.
    how
        A few sentences for the facilitator on how to run it (Markdown).
    agenda, meetings
        One of the two: what is done in one evening, or in each of several.
    free
        Exercises that people may open by themselves. In the file: ``all``, ``desk`` (only what
        the desk opens), or a list of keys; here None for all.
    door, seats
        ``seats`` lets in so many people and nobody after them.
    """

    kind: Literal["plan"]
    key: Key
    title: Title
    for_whom: Line
    how: Words = ""
    partner_policy: PartnerPolicy | None = None
    name_visibility: NameVisibility | None = None
    free: Annotated[
        Annotated[tuple[Key, ...], Field(max_length=MAX_LINES)] | None, BeforeValidator(_read_free)
    ] = None
    door: Door = "open"
    seats: Annotated[int, Field(ge=1, le=MAX_SEATS)] | None = None
    keep_days: Annotated[int, Field(ge=1, le=MAX_KEEP_DAYS)] | None = None
    agenda: Agenda = ()
    meetings: Annotated[tuple[Meeting, ...], Field(max_length=MAX_MEETINGS)] = ()

    @property
    def evenings(self) -> tuple[Meeting, ...]:
        """Each evening of the plan, be it the only one."""
        return self.meetings or (Meeting(title=self.title, agenda=self.agenda),)

    @property
    def how_html(self) -> str:
        """The words for the facilitator as HTML that is safe to put into a page."""
        return markdown.render(self.how) if self.how else ""

    def settings(self, meeting: Meeting) -> dict[str, Any]:
        """Return what one evening of the plan says about a session, as fields of `Session`.

        ``keep_days`` stands for the end date. What the plan leaves open is not among them.
        """
        minutes = {line.exercise: line.minutes for line in meeting.agenda if line.minutes}
        values: dict[str, Any] = {
            "agenda": tuple(line.exercise for line in meeting.agenda),
            "minutes": minutes,
            "free": self.free,
            "door": self.door,
            "seats": self.seats or 0,
        }
        for name in ("partner_policy", "name_visibility", "keep_days"):
            if getattr(self, name) is not None:
                values[name] = getattr(self, name)
        return values


def find_plan_problems(plan: PlanPack) -> Iterator[Finding]:
    """Yield what is wrong inside one plan."""
    if bool(plan.agenda) == bool(plan.meetings):
        found = "both" if plan.agenda else "neither"
        yield Finding((), "agenda (one evening) or meetings (several)", found)
    if (plan.door == "seats") != (plan.seats is not None):
        missing = "the key seats" if plan.seats is None else "door: seats"
        yield Finding((), f"{missing} (a door that counts seats has both)", "only one of the two")
    yield from find_in_markdown(("how",), plan.how)
    for index, meeting in enumerate(plan.meetings):
        yield from find_in_markdown(("meetings", index, "how"), meeting.how)
    for at, lines in _agendas(plan):
        seen: set[str] = set()
        for index, line in enumerate(lines):
            if line.exercise in seen:
                expected = "each exercise once in an evening"
                yield Finding((*at, index, "exercise"), expected, show_value(line.exercise))
            seen.add(line.exercise)


def find_unknown_exercises(plan: PlanPack, known: Collection[str]) -> Iterator[Finding]:
    """Yield the exercises that a plan names and the workbook does not have."""
    named: list[tuple[Trail, str]] = [
        ((*at, index, "exercise"), line.exercise)
        for at, lines in _agendas(plan)
        for index, line in enumerate(lines)
    ]
    named += [(("free", index), key) for index, key in enumerate(plan.free or ())]
    for trail, key in named:
        if key not in known:
            expected = f"an exercise: {', '.join(known)}"
            yield Finding(trail, expected, show_value(key), nearest(key, known))


def _agendas(plan: PlanPack) -> Iterator[tuple[Trail, tuple[AgendaLine, ...]]]:
    yield ("agenda",), plan.agenda
    for index, meeting in enumerate(plan.meetings):
        yield ("meetings", index, "agenda"), meeting.agenda


def write_plan(plan: PlanPack) -> str:
    """Return a plan as the text of its file, to be read and changed by hand."""
    values = plan.model_dump(mode="json", exclude_defaults=True)
    values["free"] = ALL if plan.free is None else DESK if not plan.free else list(plan.free)
    text: str = yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=100)
    return text
