"""The plans there are: the shipped ones, and a facilitator's own in `data/plans/`.

One's own are read whenever somebody asks, because they come while the workbook runs: a facilitator
keeps one from the page, or edits a file between two evenings. One that is wrong is left out and
named, like any pack of one's own (`own_packs`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from reconnect_widgets.content.checks import find_problems
from reconnect_widgets.content.findings import Finding
from reconnect_widgets.content.kinds import Pack
from reconnect_widgets.content.loader import PACKS, exercise_keys
from reconnect_widgets.content.plan_pack import Meeting, PlanPack, find_unknown_exercises
from reconnect_widgets.content.problems import PackError, show_value
from reconnect_widgets.content.reading import load_pack, read_pack

FOLDER = "plans"
MOST_FILES = 100
_MAX_KEY = 40


@dataclass(frozen=True)
class Plans:
    """The plans by key, the shipped ones first, and what is wrong with those that were left out.

    Attributes
    ----------
    own
        The keys of one's own.
    """

    by_key: Mapping[str, PlanPack] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    problems: tuple[PackError, ...] = ()

    def find(self, choice: str) -> tuple[PlanPack, Meeting] | None:
        """Return the plan and the evening that a choice names, or None.

        ``first-evening`` is that plan's first evening, ``six-week-group.3`` the third.
        """
        key, _, number = choice.partition(".")
        plan = self.by_key.get(key)
        if plan is None or not re.fullmatch(r"([1-9][0-9]?)?", number, re.ASCII):
            return None
        index = int(number or 1) - 1
        return (plan, plan.evenings[index]) if index < len(plan.evenings) else None


def load_plans(data_dir: Path | None = None) -> Plans:
    """Return the shipped plans and those of this record folder."""
    shipped = _load_shipped_plans()
    if data_dir is None or not (data_dir / FOLDER).is_dir():
        return Plans(shipped)
    own, problems = _read_own_plans(data_dir / FOLDER, exercise_keys(), shipped)
    return Plans({**shipped, **own}, frozenset(own), tuple(problems))


@lru_cache(maxsize=1)
def _load_shipped_plans() -> dict[str, PlanPack]:
    plans = [load_pack(path, PlanPack) for path in sorted(PACKS.glob("*.plan.yaml"))]
    return {plan.key: plan for plan in plans}


def _read_own_plans(
    folder: Path, known: Collection[str], taken: Collection[str]
) -> tuple[dict[str, PlanPack], list[PackError]]:
    plans: dict[str, PlanPack] = {}
    problems: list[PackError] = []
    paths = sorted(p for p in folder.iterdir() if p.suffix in (".yaml", ".yml"))

    def find(pack: Pack) -> list[Finding]:
        unknown = find_unknown_exercises(pack, known) if isinstance(pack, PlanPack) else ()
        return [*find_problems(pack), *unknown]

    for path in paths[:MOST_FILES]:
        pack, found = read_pack(path, path.name, find)
        problems += found
        if isinstance(pack, PlanPack) and (pack.key in taken or pack.key in plans):
            expected, value = "a key that no other plan has", show_value(pack.key)
            problems.append(PackError(path.name, trail=("key",), expected=expected, found=value))
        elif isinstance(pack, PlanPack):
            plans[pack.key] = pack
        elif pack is not None:
            value = show_value(pack.kind)
            problems.append(PackError(path.name, trail=("kind",), expected="plan", found=value))
    if len(paths) > MOST_FILES:
        many = f"{len(paths)} files"
        problems.append(PackError(FOLDER, expected=f"at most {MOST_FILES} plans", found=many))
    return plans, problems


def make_key(title: str) -> str:
    """Return a key for a plan of this title; ``plan`` when no plain letter is left of it."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:_MAX_KEY].strip("-")
    return slug if re.match(r"[a-z]", slug) else f"plan-{slug}".strip("-")
