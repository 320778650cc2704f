"""A written dialogue with branches: which turns were walked through, and what comes next.

Each turn is answered by one of its choices; a choice leads to the next turn or to the end. The
path is found again from the choices alone, so a changed choice changes what follows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

END = "end"


@dataclass(frozen=True)
class Passed:
    """One turn on the path, and the choice that was made there; empty: not yet."""

    turn: str
    choice: str = ""


def walk(
    turns: Sequence[str], leads: Mapping[tuple[str, str], str], chosen: Mapping[str, str]
) -> tuple[Passed, ...]:
    """Return the path from the first turn, as far as it is chosen.

    Parameters
    ----------
    turns
        Ids; the first one begins the scene.
    leads
        (turn, choice) → turn, or `END`.
    chosen
        Turn → choice. A choice that the turn does not have counts as none.

    Returns
    -------
    tuple of Passed
        The last one is still open, unless the path has reached the end. A turn that comes up a
        second time ends the path, so a scene that goes in circles ends too.
    """
    path: list[Passed] = []
    at = turns[0]
    while at != END and all(passed.turn != at for passed in path):
        choice = chosen.get(at, "")
        onward = leads.get((at, choice))
        if onward is None:
            path.append(Passed(at))
            break
        path.append(Passed(at, choice))
        at = onward
    return tuple(path)


def is_over(path: Sequence[Passed]) -> bool:
    """Say whether every turn on the path is answered."""
    return bool(path) and bool(path[-1].choice)
