"""What may be said about a group: how far it came, and how the four categories are spread.

What belongs here: which people a figure rests on, and every figure as a value that may be shown.
What does not: the rule itself (`domain.suppression`), drawing (`pictures`).

The decision a newcomer would question: the people of a distribution are those who *finished* the
round, not all who joined. Who has finished is no secret (the facilitator's desk shows it person by
person), so everybody who has not would be known to lie in the cell "no figure", and what is hidden
beside it could sometimes be worked out. Among those who finished, "no figure" only comes of lines
that were skipped, and that is hidden like every small cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from reconnect_widgets.content import Instrument
from reconnect_widgets.domain.suppression import (
    Member,
    ProtectedTable,
    is_enough,
    protect_distributions,
)
from reconnect_widgets.review.scores import EXERCISE, score_checkup

Step = Literal["joined", "chose", "began", "finished"]
STEPS_BEFORE: Final[tuple[Step, ...]] = ("joined", "chose")
STEPS_OF_ROUND: Final[tuple[Step, ...]] = ("began", "finished")


@dataclass(frozen=True)
class Progress:
    """How many people came this far, in words that give nobody away.

    Attributes
    ----------
    round
        None for what comes before the first round.
    reached
        ``everyone``, ``all but a few``, ``7 of 20``, ``a few``, ``nobody yet``.
    """

    step: Step
    round: int | None
    reached: str


@dataclass(frozen=True)
class RoundFigures:
    """The distributions of one round.

    Attributes
    ----------
    tables
        By category, in the instrument's order: people by quarter of the scale.
    """

    round: int
    tables: Mapping[str, ProtectedTable]

    @property
    def shows_anything(self) -> bool:
        """Whether any figure may be shown at all."""
        return any(
            count is not None for table in self.tables.values() for count in table.counts.values()
        )


@dataclass(frozen=True)
class GroupFigures:
    """Everything that is shown of a group, together."""

    people: int
    couples: int
    alone: int
    progress: tuple[Progress, ...]
    rounds: tuple[RoundFigures, ...]


def build_group_figures(
    participants: pd.DataFrame, responses: pd.DataFrame, instrument: Instrument
) -> GroupFigures:
    """Work out what may be shown of one session.

    Parameters
    ----------
    participants, responses
        As `load_participants` and `load_responses` give them, of one session.

    Returns
    -------
    GroupFigures
        People who withdrew are in none of it. Couples are counted when at least one of the two
        is here.
    """
    members = list_members(participants)
    items = frozenset(item.key for item in instrument.items)
    answered = responses[(responses["exercise"] == EXERCISE) & responses["item"].isin(list(items))]
    rounds = sorted(int(number) for number in answered["round"].unique())
    scores = score_checkup(answered, instrument)
    categories = [category.key for category in instrument.categories]
    return GroupFigures(
        people=len(members),
        couples=len({member.dyad_id for member in members if member.dyad_id}),
        alone=sum(not member.dyad_id for member in members),
        progress=_build_progress(participants, members, answered, items, rounds),
        rounds=tuple(
            RoundFigures(
                number,
                _protect_round(
                    _who_finished(members, answered, items, number),
                    scores[scores["round"] == number],
                    categories,
                ),
            )
            for number in rounds
        ),
    )


def list_members(participants: pd.DataFrame) -> list[Member]:
    """Return the people who are here, each once; not those who withdrew."""
    present = participants[participants["withdrawn_at"].isna()]
    return [
        Member(person, dyad)
        for person, dyad in zip(
            present["participant_id"].tolist(), present["dyad_id"].fillna("").tolist(), strict=True
        )
    ]


def describe_reach(reached: Sequence[Member], everybody: Sequence[Member]) -> str:
    """Say how many came this far; a number only when enough people stand on both sides of it."""
    if not reached:
        return "nobody yet"
    behind = set(everybody) - set(reached)
    if not behind:
        return "everyone"
    if not is_enough(behind):
        # Of a very small group neither side is enough; then nothing more is said than this.
        return "all but a few" if is_enough(reached) else "some"
    return f"{len(reached)} of {len(everybody)}" if is_enough(reached) else "a few"


def _build_progress(
    participants: pd.DataFrame,
    members: Sequence[Member],
    answered: pd.DataFrame,
    items: frozenset[str],
    rounds: Sequence[int],
) -> tuple[Progress, ...]:
    chose = set(participants.loc[participants["consent"].notna(), "participant_id"])
    progress = [
        Progress("joined", None, describe_reach(members, members)),
        Progress("chose", None, describe_reach(_only(members, chose), members)),
    ]
    for number in rounds or [1]:
        began = set(answered.loc[answered["round"] == number, "participant_id"])
        finished = _who_finished(members, answered, items, number)
        progress += [
            Progress("began", number, describe_reach(_only(members, began), members)),
            Progress("finished", number, describe_reach(finished, members)),
        ]
    return tuple(progress)


def _who_finished(
    members: Sequence[Member], answered: pd.DataFrame, items: frozenset[str], number: int
) -> list[Member]:
    """Return who answered or skipped every item of this round."""
    of_round = answered[answered["round"] == number]
    found = of_round.groupby("participant_id")["item"].nunique()
    return _only(members, set(found[found == len(items)].index))


def _only(members: Sequence[Member], ids: set[str]) -> list[Member]:
    return [member for member in members if member.participant_id in ids]


def _protect_round(
    members: Sequence[Member], scores: pd.DataFrame, categories: Sequence[str]
) -> dict[str, ProtectedTable]:
    ids = {member.participant_id for member in members}
    by_category: dict[str, dict[str, float | None]] = {category: {} for category in categories}
    columns = (scores[name].tolist() for name in ("participant_id", "category", "score"))
    for person, category, score in zip(*columns, strict=True):
        if person in ids:
            by_category[category][person] = None if score is pd.NA else float(score)
    return protect_distributions(members, by_category)
