"""What of the partner's waits for somebody: acts addressed to them that they have not met yet.

What belongs here: which acts those are, on plain values. What does not: rows (`records.waiting`),
words, and what may be done about it (`between`).

Acts hold nothing private, and the ones looked at here are all told to the other at once
(`acts.TOLD_AT_ONCE`). No answer and no text is needed to know that something waits, so none comes
here: a page can say "there is something for you" without having looked at what.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from reconnect_widgets.domain.acts import Act, Who
from reconnect_widgets.domain.clock import ClockAct, read_clock

What = Literal["line", "request", "role", "clock"]
STEP_SHOWN = "step-shown"


@dataclass(frozen=True)
class Waiting:
    """Something of the partner's, and in which exercise it waits."""

    exercise: str
    what: What


def find_waiting(
    acts: Iterable[Act],
    clocks: Iterable[tuple[str, Sequence[tuple[Who, ClockAct]]]],
    now: datetime,
) -> tuple[Waiting, ...]:
    """Return what waits for "me", each kind once for an exercise, in the order in which it came.

    Parameters
    ----------
    acts
        Of both, oldest first; among them which steps were shown (``step-shown``).
    clocks
        Each of the couple's clocks: its exercise, and what was done to it by whom.
    """
    lines: dict[str, str] = {}  # act_id of a delivery → exercise
    requests: dict[str, tuple[Who, str]] = {}  # act_id of a proposal → who made it, exercise
    roles: dict[str, tuple[Who, str]] = {}  # act_id of an offer → who made it, exercise
    for act in acts:
        match act.who, act.name:
            case "partner", "delivered":
                lines[act.act_id] = act.exercise
            case "me", "accepted" | "replied":
                lines.pop(act.about, None)
            case "me", name if name == STEP_SHOWN:
                # Whatever step it was: each of them says what has come.
                lines = {key: where for key, where in lines.items() if where != act.exercise}
            case who, "proposed":
                requests[act.act_id] = (who, act.exercise)
            case who, "changed" if requests.get(act.about, (who,))[0] != who:
                del requests[act.about]
                requests[act.act_id] = (who, act.exercise)
            case _, "agreed" | "declined":
                requests.pop(act.about, None)
            case who, "role-offered":
                # Two are made only where they fit together: then each is the other's yes.
                is_answer = any(by != who for by, _ in roles.values())
                roles = {} if is_answer else {act.act_id: (who, act.exercise)}
            case _, "role-taken" | "role-let-go":
                roles.pop(act.about, None)
    found = [Waiting(exercise, "line") for exercise in lines.values()]
    found += [Waiting(exercise, "request") for who, exercise in requests.values()
              if who == "partner"]  # fmt: skip
    found += [Waiting(exercise, "role") for who, exercise in roles.values() if who == "partner"]
    found += [Waiting(exercise, "clock") for exercise, done in clocks
              if _runs_for_me(done, now)]  # fmt: skip
    return tuple(dict.fromkeys(found))


def _runs_for_me(done: Sequence[tuple[Who, ClockAct]], now: datetime) -> bool:
    """Say whether the clock runs, and it was the partner who touched it last."""
    if not done or max(done, key=lambda one: (one[1].at, one[1].act_id))[0] == "me":
        return False
    return read_clock([act for _, act in done], now).state == "running"
