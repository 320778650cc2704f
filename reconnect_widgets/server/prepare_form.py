"""The form that prepares an evening: what it says, how it is edited, what of it may be kept.

Pure. The agenda's buttons work without scripts: each is a submit of the whole form, which comes
back with the one thing changed (`edit_form`). Nothing is kept anywhere until it is saved, so a form
that is left half done leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, cast, get_args

from reconnect_widgets.content import AgendaLine, Meeting, PlanPack
from reconnect_widgets.domain.evening import ALWAYS_OPEN
from reconnect_widgets.domain.people import (
    MAX_MINUTES,
    MAX_SEATS,
    NameVisibility,
    PartnerPolicy,
    Session,
)
from reconnect_widgets.errors import SessionError
from reconnect_widgets.server import names

MAX_LINES: Final = 60
MAX_KEEP_DAYS: Final = 3650
KEEP_DAYS_CHOICES: Final = ("30", "90", "180", "365")
ON_A_DATE: Final = "date"
DEFAULT_BEGIN: Final = "19:00"
POLICIES: Final[tuple[PartnerPolicy, ...]] = get_args(PartnerPolicy)
# From who sees least to who sees most.
VISIBILITIES: Final[tuple[NameVisibility, ...]] = get_args(NameVisibility)

Problem = tuple[str, str]


@dataclass(frozen=True)
class Line:
    """One exercise of the agenda, and its minutes as they were typed."""

    exercise: str
    minutes: str = ""


@dataclass(frozen=True)
class PrepareForm:
    """The form as it stands on the page.

    Attributes
    ----------
    begin
        Only to work out when the evening ends; kept nowhere.
    free
        ``all``, ``desk``, or ``chosen`` with `free_keys`.
    keep, keep_until
        So many days, or ``date`` and the date.
    """

    title: str = ""
    lines: tuple[Line, ...] = ()
    begin: str = DEFAULT_BEGIN
    policy: str = "limited-secrets"
    names: str = "facilitator"
    door: str = "open"
    seats: str = ""
    free: str = "all"
    free_keys: tuple[str, ...] = ()
    keep: str = "90"
    keep_until: str = ""
    plan_title: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The agenda's exercises, in their order."""
        return tuple(line.exercise for line in self.lines)


_FIELDS = ("title", "begin", "policy", "names", "door", "seats", "free", "keep", "keep_until",
           "plan_title")  # fmt: skip


def read_form(one: Callable[[str], str], many: Callable[[str], Sequence[str]]) -> PrepareForm:
    """Read the fields that a browser sent; what is not there is empty, what is too much stays out.

    One line more than there may be is kept, so that `check_form` can refuse it.
    """
    keys, minutes = many("exercise")[: MAX_LINES + 1], [*many("minutes")[: MAX_LINES + 1]]
    minutes += [""] * (len(keys) - len(minutes))
    lines = tuple(Line(key, typed.strip()) for key, typed in zip(keys, minutes, strict=False))
    return PrepareForm(
        **{name: one(name) for name in _FIELDS},
        lines=lines,
        free_keys=tuple(dict.fromkeys(many("free_key")[:MAX_LINES])),
    )


def form_of_plan(plan: PlanPack, meeting: Meeting, title: str = "") -> PrepareForm:
    """Return a new session's form filled in from a plan."""
    form = take_agenda(PrepareForm(title=title), meeting)
    days = str(plan.keep_days or form.keep)
    return replace(
        form,
        policy=plan.partner_policy or form.policy,
        names=plan.name_visibility or form.names,
        door=plan.door,
        seats=str(plan.seats or ""),
        free="all" if plan.free is None else "chosen" if plan.free else "desk",
        free_keys=plan.free or (),
        keep=days,
    )


def take_agenda(form: PrepareForm, meeting: Meeting) -> PrepareForm:
    """Return the form with a plan's agenda in place of its own."""
    lines = tuple(Line(line.exercise, str(line.minutes or "")) for line in meeting.agenda)
    return replace(form, lines=lines)


def form_of_session(info: Session) -> PrepareForm:
    """Return the form as a session is prepared now."""
    return PrepareForm(
        title=info.title,
        lines=tuple(Line(key, str(info.minutes.get(key, ""))) for key in info.agenda),
        policy=info.partner_policy,
        names=info.name_visibility,
        door=info.door,
        seats=str(info.seats or ""),
        free="all" if info.free is None else "chosen" if info.free else "desk",
        free_keys=info.free or (),
        keep=ON_A_DATE,
        keep_until=info.keep_until.astimezone().date().isoformat(),
    )


def edit_form(
    form: PrepareForm, do: str, added: str, minutes_of: Mapping[str, int]
) -> tuple[PrepareForm, str]:
    """Do what an agenda's button says; return the form and which button has the focus now.

    Parameters
    ----------
    do
        ``add``, or ``up:``, ``down:``, ``remove:`` and an exercise. Anything else changes nothing.
    added
        What is added by ``add``.
    minutes_of
        How long each exercise takes that there is.
    """
    lines, (verb, _, key) = [*form.lines], do.partition(":")
    if verb == "add":
        if added in minutes_of and added not in form.keys and len(lines) < MAX_LINES:
            lines.append(Line(added, str(minutes_of[added])))
        return replace(form, lines=tuple(lines)), "add"
    if key not in form.keys or verb not in ("up", "down", "remove"):
        return form, ""
    place = form.keys.index(key)
    line = lines.pop(place)
    if verb == "remove":
        return replace(form, lines=tuple(lines)), "add"
    place = max(0, place - 1) if verb == "up" else min(len(lines), place + 1)
    lines.insert(place, line)
    # At either end one of the two buttons is of no use any more.
    verb = "down" if place == 0 else "up" if place == len(lines) - 1 else verb
    return replace(form, lines=tuple(lines)), f"{verb}:{key}"


def add_up(form: PrepareForm) -> tuple[int, str]:
    """Return the agenda's minutes, and when it ends if it begins when the form says.

    The end is rounded up to five minutes; empty when no beginning can be read. Minutes that make
    no sense count for nothing.
    """
    total = sum(_whole(line.minutes, MAX_MINUTES) or 0 for line in form.lines)
    try:
        begin = time.fromisoformat(form.begin)
    except ValueError:
        return total, ""
    end = begin.hour * 60 + begin.minute + total
    end += -end % 5
    return total, f"{end // 60 % 24:02d}:{end % 60:02d}"


def check_form(
    form: PrepareForm, known: Collection[str], today: date
) -> tuple[dict[str, Any], list[Problem]]:
    """Return what the form says as fields of a `Session`, and all that is wrong with it.

    ``keep_days`` is among the fields, counted from today. The fields are whole only without
    problems; a problem names the field of the form that it is about.
    """
    problems: list[Problem] = []
    title = ""
    try:
        title = names.parse_title(form.title)
    except SessionError as error:
        problems.append(("title", str(error)))
    problems += _check_agenda(form, known)
    for name, value, choices in (
        ("policy", form.policy, POLICIES),
        ("names", form.names, VISIBILITIES),
        ("door", form.door, ("open", "seats")),
        ("free", form.free, ("all", "desk", "chosen")),
    ):
        if value not in choices:
            problems.append((name, "Please choose one of the answers."))
    seats = _whole(form.seats, MAX_SEATS) if form.door == "seats" else 0
    if seats is None:
        problems.append(("seats", f"Please say how many seats there are: 1 to {MAX_SEATS}."))
    if not set(form.free_keys) <= set(known):
        problems.append(("free", "One of the chosen exercises is not in this workbook."))
    keep_days = _read_keep_days(form, today)
    if not keep_days:
        latest = today + timedelta(days=MAX_KEEP_DAYS)
        text = f"Please choose a date from tomorrow on, until {latest.isoformat()} at the latest."
        problems.append(("keep", text))
    chosen = tuple(key for key in form.free_keys if key not in ALWAYS_OPEN)
    free = {"all": None, "desk": ()}.get(form.free, chosen)
    minutes = {line.exercise: _whole(line.minutes, MAX_MINUTES) for line in form.lines}
    fields = {
        "title": title,
        "agenda": form.keys,
        "minutes": {key: n for key, n in minutes.items() if n},
        "free": free,
        "partner_policy": form.policy,
        "name_visibility": form.names,
        "door": form.door,
        "seats": seats,
        "keep_days": keep_days,
    }
    return fields, problems


def _check_agenda(form: PrepareForm, known: Collection[str]) -> list[Problem]:
    keys = form.keys
    if not keys:
        return [("agenda", "Please put at least one exercise on the agenda.")]
    if len(keys) > MAX_LINES:
        return [("agenda", f"An agenda has at most {MAX_LINES} exercises.")]
    if not set(keys) <= set(known):
        return [("agenda", "One of the exercises on the agenda is not in this workbook.")]
    if len(set(keys)) < len(keys):
        text = "An exercise stands on the agenda once. People can come back to it all the same."
        return [("agenda", text)]
    if any(line.minutes and not _whole(line.minutes, MAX_MINUTES) for line in form.lines):
        return [("agenda", f"Minutes are whole numbers from 1 to {MAX_MINUTES}, or left empty.")]
    return []


def _read_keep_days(form: PrepareForm, today: date) -> int:
    """Return for how many days from today the record is kept; 0 when that makes no sense."""
    if form.keep != ON_A_DATE:
        return _whole(form.keep, MAX_KEEP_DAYS) or 0
    try:
        days = (date.fromisoformat(form.keep_until) - today).days
    except ValueError:
        return 0
    return days if 1 <= days <= MAX_KEEP_DAYS else 0


def _whole(text: str, most: int) -> int | None:
    """Return a whole number from 1 to `most`, or None."""
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        return None
    number = int(text)
    return number if 1 <= number <= most else None


def find_changes(before: Session, fields: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return which fields of a session become something else, and what."""
    after = {name: value for name, value in fields.items() if name != "keep_days"}
    kept = before.keep_until.astimezone().date()
    until = now.astimezone().date() + timedelta(days=fields["keep_days"])
    if until != kept:
        # The last minute of that day, by the clock on this machine's wall.
        last_minute = datetime.combine(until, time(23, 59)).astimezone(UTC)
        after["keep_until"] = last_minute
    return {name: value for name, value in after.items() if value != getattr(before, name)}


def find_broken_promises(before: Session, changes: Mapping[str, Any]) -> list[Problem]:
    """Return what may not change because somebody has joined: they were told otherwise."""
    problems: list[Problem] = []
    if "partner_policy" in changes:
        text = (
            "Somebody has joined already and was told the rule between partners. "
            "It stays as it is; another rule needs a new session."
        )
        problems.append(("policy", text))
    seen_by = cast(NameVisibility, changes.get("name_visibility", before.name_visibility))
    if VISIBILITIES.index(seen_by) > VISIBILITIES.index(before.name_visibility):
        text = (
            "Somebody has joined already and was told who sees the names. "
            "Fewer may see them from now on, but not more."
        )
        problems.append(("names", text))
    if changes.get("keep_until", before.keep_until) > before.keep_until:
        text = (
            "Somebody has joined already, and their answers were to be kept until the date that "
            "was set. An earlier date is possible, a later one is not."
        )
        problems.append(("keep", text))
    return problems


def make_plan(form: PrepareForm, fields: Mapping[str, Any], key: str, title: str) -> PlanPack:
    """Return the form as a plan; `fields` are those of `check_form`, without problems."""
    lines = tuple(
        AgendaLine(exercise=name, minutes=fields["minutes"].get(name)) for name in form.keys
    )
    return PlanPack(
        kind="plan",
        key=key,
        title=title,
        for_whom="Kept from the page that prepares an evening.",
        partner_policy=fields["partner_policy"],
        name_visibility=fields["name_visibility"],
        free=fields["free"],
        door=fields["door"],
        seats=fields["seats"] or None,
        keep_days=fields["keep_days"],
        agenda=lines,
    )
