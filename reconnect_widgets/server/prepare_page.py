"""What the pages that prepare an evening show, for their templates."""

from __future__ import annotations

from typing import Any

from reconnect_widgets import content
from reconnect_widgets.content import PlanPack, Plans
from reconnect_widgets.domain.evening import ALWAYS_OPEN
from reconnect_widgets.server import prepare_form
from reconnect_widgets.server.prepare_form import PrepareForm


def describe_plans(plans: Plans) -> list[dict[str, Any]]:
    return [
        {"plan": plan, "is_own": key in plans.own, "choices": _describe_evenings(plan)}
        for key, plan in plans.by_key.items()
    ]


def _describe_evenings(plan: PlanPack) -> list[dict[str, Any]]:
    """Say how each evening of a plan is chosen: alone by the plan's key, else with its number."""
    numbered = bool(plan.meetings)
    return [
        {
            "choice": f"{plan.key}.{number}" if numbered else plan.key,
            "title": f"Meeting {number}: {meeting.title}" if numbered else plan.title,
            "minutes": meeting.minutes,
        }
        for number, meeting in enumerate(plan.evenings, 1)
    ]


def describe_exercises(form: PrepareForm) -> dict[str, Any]:
    """Return the agenda's rows, what can be added, and what people may open by themselves."""
    contents = content.load_contents()
    frames = {frame.key: frame for frame in contents.exercises}
    rows = [
        {
            "key": line.exercise,
            "minutes": line.minutes,
            "title": frames[line.exercise].title if line.exercise in frames else line.exercise,
        }
        for line in form.lines[: prepare_form.MAX_LINES]
    ]
    others = [frames[key] for key in contents.order if key not in form.keys]
    choosable = [frame for frame in frames.values() if frame.key not in ALWAYS_OPEN]
    return {
        "rows": rows,
        "addable": others,
        "all_exercises": list(frames.values()),
        "free_groups": [
            ("On the agenda", [frame for frame in choosable if frame.key in form.keys]),
            ("The others", [frame for frame in choosable if frame.key not in form.keys]),
        ],
    }


def keep_choices(form: PrepareForm) -> list[str]:
    choices = [*prepare_form.KEEP_DAYS_CHOICES]
    if form.keep.isdigit() and len(form.keep) <= 4 and form.keep not in choices:
        choices.append(form.keep)
    return choices


def say_edit(before: PrepareForm, after: PrepareForm, do: str, added: str) -> str:
    """Say what a button did to the agenda, in the words that the script says too."""
    if before == after:
        return ""
    key = added if do == "add" else do.partition(":")[2]
    frame = content.load_contents().frame(key)
    title = frame.title if frame else key
    if key not in after.keys:
        return f"{title} is off the agenda."
    return f"{title} is now {after.keys.index(key) + 1} of {len(after.keys)}."
