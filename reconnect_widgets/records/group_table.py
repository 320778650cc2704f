"""Figures of the whole group that may be given to anyone (promise 8).

What belongs here: which people and which answers a group's figures rest on. What does not: the
rule of disclosure (`domain.suppression`) and the scoring (`domain.scoring`); both are called.

The decision a newcomer would question: a round of which the group saw a picture on its screen is
given away as that picture or not at all, whoever finished later. Two different views of the same
answers, each safe alone, can give a hidden figure away together (decision 0170).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import ceil

from reconnect_widgets.domain.group_screen import Drawing, Finished, draw_tables, read_drawn
from reconnect_widgets.domain.people import Participant
from reconnect_widgets.domain.scoring import Scale, ScaleItem, score_scale
from reconnect_widgets.domain.suppression import Member, ProtectedTable, protect_distributions
from reconnect_widgets.errors import RecordReadError
from reconnect_widgets.records.drawings import find_finished, name_rows, read_drawing
from reconnect_widgets.records.history import current_answers
from reconnect_widgets.records.rows import Row, unguard_text
from reconnect_widgets.records.tables import Column, Table
from reconnect_widgets.records.waiting import CHECKUP

_NEEDED = {"required": True}
# Four of five, as everywhere (`domain.scoring`): the codebook holds no rule of its own.
_MIN_SHARE_ANSWERED = 0.8

GROUP_FIGURES = Table(
    "group",
    "How the scores of those who finished are spread; a hidden figure is empty.",
    (
        Column("exercise", "The exercise's key.", constraints=_NEEDED),
        Column("round", "1, 2, 3 …", "integer", _NEEDED | {"minimum": 1}),
        Column("category", "What was scored.", constraints=_NEEDED),
        Column(
            "figure",
            "A quarter of the scale from 0 to 100; no-figure (too few answers); hidden (the "
            "hidden cells together); total.",
            constraints=_NEEDED,
        ),
        Column("people", "How many; empty where it is not shown.", "integer"),
    ),
    ("exercise", "round", "category", "figure"),
)

_Codebook = Iterable[tuple[str, ...]]


def build_group_cells(
    rows: Sequence[Row], people: Mapping[str, Participant], codebook: _Codebook
) -> list[tuple[str, ...]]:
    """Return the cells of `GROUP_FIGURES`, protected.

    Each distribution rests on the people who finished that round: who answered, skipped or
    declined every scored item that occurs. Of a round that was drawn for the group screen it rests
    on those in the picture. Rounds of which nothing may be shown are left out, and so are pictures
    that are shown no more.

    Raises
    ------
    RecordReadError
        If the codebook was changed by hand, so that answers do not fit it.
    """
    try:
        return _build_cells(rows, people, build_scales(codebook))
    except ValueError as error:
        raise RecordReadError(
            "codebook.csv does not fit the answers; delete it and merge again"
        ) from error


def _build_cells(
    rows: Sequence[Row],
    people: Mapping[str, Participant],
    scales_of: Mapping[str, tuple[Scale, ...]],
) -> list[tuple[str, ...]]:
    members = [Member(one.participant_id, one.dyad_id) for one in people.values() if one.is_present]
    given: dict[tuple[str, int], dict[str, dict[str, Row]]] = defaultdict(lambda: defaultdict(dict))
    for (participant_id, exercise, round_, item), row in current_answers(rows).items():
        given[exercise, round_][participant_id][item] = row
    drawings = [drawing for row in rows if (drawing := read_drawing(row)) is not None]
    cells: list[tuple[str, ...]] = []
    for (exercise, round_), by_person in sorted(given.items()):
        scales = scales_of.get(exercise, ())
        drawn = [one for one in drawings if exercise == CHECKUP and one.round == round_]
        tables = (
            _read_picture(rows, drawn, scales) if drawn else _protect(members, by_person, scales)
        )
        for category, table in tables.items():
            if any(count is not None for count in table.counts.values()):
                figures = {**table.counts, "hidden": table.hidden, "total": table.total}
                cells += [
                    (exercise, str(round_), category, name, "" if count is None else str(count))
                    for name, count in figures.items()
                ]
    return cells


def build_scales(codebook: _Codebook) -> dict[str, tuple[Scale, ...]]:
    """Return each exercise's scales, from the items that are keyed."""
    items: dict[tuple[str, str], dict[str, ScaleItem]] = defaultdict(dict)
    values: dict[tuple[str, str], set[int]] = defaultdict(set)
    for exercise, item, _, options, keyed, category, _ in codebook:
        if keyed in ("1", "-1"):
            key = exercise, unguard_text(category)
            items[key][item] = ScaleItem(item, 1 if keyed == "1" else -1)
            values[key] |= {int(value) for value in json.loads(options)}
    scales: dict[str, tuple[Scale, ...]] = {}
    for key, scored in items.items():
        scale = Scale(
            key[1],
            tuple(scored.values()),
            minimum=min(values[key]),
            maximum=max(values[key]),
            min_answered=ceil(_MIN_SHARE_ANSWERED * len(scored)),
        )
        scales[key[0]] = (*scales.get(key[0], ()), scale)
    return scales


def _read_picture(
    rows: Iterable[Row], drawings: Sequence[Drawing], scales: tuple[Scale, ...]
) -> dict[str, ProtectedTable]:
    """Return what the group saw of a round; nothing when a part of it is gone."""
    items = _items(scales)

    def read(drawing: Drawing) -> list[Finished]:
        return [
            Finished(
                Member(seat.participant_id, seat.dyad_id),
                {scale.key: _score(scale, answers) for scale in scales},
                name_rows(seat, answers),
            )
            for seat, answers in find_finished(rows, drawing.round, drawing.until, items)
        ]

    drawn = read_drawn(drawings, read)
    return draw_tables(drawn[1]) if drawn else {}


def _protect(
    members: Iterable[Member], by_person: Mapping[str, Mapping[str, Row]], scales: tuple[Scale, ...]
) -> dict[str, ProtectedTable]:
    """Return each category's protected distribution among those who finished."""
    scored = _items(scales)
    finished = [
        member for member in members if scored <= by_person.get(member.participant_id, {}).keys()
    ]
    scores = {
        scale.key: {
            member.participant_id: _score(scale, by_person[member.participant_id])
            for member in finished
        }
        for scale in scales
    }
    return protect_distributions(finished, scores)


def _items(scales: Iterable[Scale]) -> frozenset[str]:
    return frozenset(item.key for scale in scales for item in scale.items)


def _score(scale: Scale, answers: Mapping[str, Row]) -> float | None:
    raw = {
        item.key: int(answers[item.key].value) for item in scale.items if answers[item.key].value
    }
    return score_scale(scale, raw).score
