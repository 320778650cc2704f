"""Which figures of a group may be shown: enough people behind each, and no hidden one derivable.

What belongs here: the rule of disclosure for counts. What does not: reading the record, drawing.

A *unit* is a couple, or a person who takes part alone. A figure may be shown when at least five
couples, or at least five people who came alone, stand behind it. That goes for zero too: "nobody
placed themselves low" says something about everybody.

Hiding a small figure is not enough: the rest can be taken from the total, and somebody who knows
this rule can also reason from which figures were hidden. Both are met by hiding in an order that
is fixed beforehand and does not look at the counts: first nothing is hidden, then the first two
cells of the order, then three, and so on, until every shown cell is enough and the hidden ones
are enough when added up. `docs/explanation/scoring.md` has the short proof that no hidden cell
can then be worked out. (Hiding the smallest figures first shows a little more, and was tried:
among ten couples a group could then give itself away by what had been hidden.)

The total of every table is the number of people, which anybody in the room can count. So "no
figure" (too few answers) is a cell like the others: else the people missing from one table could
be counted by comparing it with the next.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

MIN_UNITS = 5
NO_FIGURE = "no-figure"
# Quarters of the scale, for drawing; no cut-offs. The upper end belongs to the next quarter.
SCORE_BANDS = ("0-24", "25-49", "50-74", "75-100")


@dataclass(frozen=True)
class Member:
    """A person whose answers are counted; `dyad_id` is empty for somebody who came alone."""

    participant_id: str
    dyad_id: str


@dataclass(frozen=True)
class Layout:
    """The cells of a table, without "no figure".

    Attributes
    ----------
    cells
        In the order in which they are shown.
    hide_first
        The same cells in the order in which they are hidden; "no figure" always goes before them.

    Raises
    ------
    ValueError
        If the two are not the same cells, each once.
    """

    cells: tuple[str, ...]
    hide_first: tuple[str, ...]

    def __post_init__(self) -> None:
        if sorted(self.cells) != sorted(self.hide_first) or NO_FIGURE in self.cells:
            raise ValueError("the order of hiding must hold each cell once")
        if not self.cells or len(set(self.cells)) != len(self.cells):
            raise ValueError("a table needs cells, each once")


# The ends go first: they hold the fewest people as a rule, and the lowest is the most delicate.
SCORE_LAYOUT = Layout(SCORE_BANDS, hide_first=("0-24", "75-100", "25-49", "50-74"))


@dataclass(frozen=True)
class ProtectedTable:
    """Counts of people that may be shown.

    Attributes
    ----------
    counts
        People by cell, in the order given, "no figure" last; None for what is hidden.
    hidden
        People in the hidden cells together, which may be shown; 0 when nothing is hidden, None
        when the total may not be shown.
    total
        People in the table; None when even that may not be shown.
    """

    counts: Mapping[str, int | None]
    hidden: int | None
    total: int | None


def is_enough(members: Collection[Member]) -> bool:
    """Say whether a figure that rests on these people may be shown.

    Couples and people who came alone are not added up: five couples, or five alone. Adding people
    can only help, never harm.
    """
    couples = {member.dyad_id for member in members if member.dyad_id}
    alone = {member.participant_id for member in members if not member.dyad_id}
    return len(couples) >= MIN_UNITS or len(alone) >= MIN_UNITS


def protect_tables(
    members: Sequence[Member],
    tables: Mapping[str, Mapping[str, str]],
    layouts: Mapping[str, Layout],
) -> dict[str, ProtectedTable]:
    """Count people by cell in several tables that are shown together, and hide what must be.

    Every table places the same people, once each: a person without a place goes to `NO_FIGURE`.
    Since the tables then share nothing but their total, what one of them shows tells nothing
    about the hidden cells of another.

    Not covered, so not to be shown beside these tables: the same question for a part of these
    people (one session of several, one of two slots), sums or means of the same scores, and the
    tables as they were before somebody withdrew.

    Parameters
    ----------
    members
        All people of the group, each once.
    tables
        For each table, the cell of each participant id.
    layouts
        For each table, its cells. Fixed beforehand, never chosen by looking at the counts.

    Raises
    ------
    ValueError
        If a person occurs twice, is placed but not a member, or is placed in an unknown cell.
    """
    by_id = {member.participant_id: member for member in members}
    if len(by_id) != len(members):
        raise ValueError("a person is counted twice")
    return {
        name: _protect(_fill(by_id, placed, layouts[name].cells), layouts[name].hide_first)
        for name, placed in tables.items()
    }


def _fill(
    by_id: Mapping[str, Member], placed: Mapping[str, str], cells: Sequence[str]
) -> dict[str, list[Member]]:
    """Return the people of each cell, `NO_FIGURE` included."""
    filled: dict[str, list[Member]] = {cell: [] for cell in (*cells, NO_FIGURE)}
    if not placed.keys() <= by_id.keys():
        raise ValueError("somebody is placed who is not in the group")
    for participant_id, member in by_id.items():
        cell = placed.get(participant_id, NO_FIGURE)
        if cell not in filled:
            raise ValueError(f"the table has no cell {cell}")
        filled[cell].append(member)
    return filled


def _protect(filled: Mapping[str, list[Member]], hide_first: Sequence[str]) -> ProtectedTable:
    everybody = [member for people in filled.values() for member in people]
    if not is_enough(everybody):
        return ProtectedTable(dict.fromkeys(filled), None, None)
    order = (NO_FIGURE, *hide_first)
    # One cell is never hidden alone, where it could be taken from the total: to be hidden it would
    # have to be enough, and then nothing is. The last step hides all, which always is enough.
    for n_hidden in range(len(order) + 1):
        hidden = [member for cell in order[:n_hidden] for member in filled[cell]]
        shown = order[n_hidden:]
        if all(is_enough(filled[cell]) for cell in shown) and (not n_hidden or is_enough(hidden)):
            break
    counts = {cell: len(people) if cell in shown else None for cell, people in filled.items()}
    return ProtectedTable(counts, len(hidden), len(everybody))


def score_band(score: float) -> str:
    """Return the quarter of the scale in which a score (0 to 100) lies."""
    return SCORE_BANDS[min(int(score // 25), 3)]


def protect_distributions(
    members: Sequence[Member], scores: Mapping[str, Mapping[str, float | None]]
) -> dict[str, ProtectedTable]:
    """Return the distribution of each category over the quarters of the scale, protected.

    Parameters
    ----------
    members
        All people of the group.
    scores
        By category, then by participant id; None and a missing id both mean "no figure".
    """
    placed = {
        category: {
            participant_id: score_band(score)
            for participant_id, score in by_person.items()
            if score is not None
        }
        for category, by_person in scores.items()
    }
    return protect_tables(members, placed, dict.fromkeys(scores, SCORE_LAYOUT))
