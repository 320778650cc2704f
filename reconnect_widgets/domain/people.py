"""Sessions, participants and dyads as plain values.

What belongs here: who takes part, in which seat, under which rules. What does not: where that is
kept (`records`), how somebody proves who they are (`server`).

A dyad ("couple" to people) is two seats, A and B. The letters decide nothing but who is asked to
go first; a person who takes part alone has no dyad and sits in no slot.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Slot = Literal["A", "B"]
Consent = Literal["recorded", "not-recorded"]
PartnerPolicy = Literal["limited-secrets", "no-secrets"]
NameVisibility = Literal["off", "facilitator", "everyone"]
# Whoever has the code comes in, or only so many couples and nobody after them.
Door = Literal["open", "seats"]
# How an exercise is done: by one partner alone, by both, or paced by a facilitator.
Way = Literal["solo", "couple", "group"]

SESSION_ID = re.compile(r"\d{4}-\d\d-\d\d-[a-z0-9]+(?:-[a-z0-9]+)*-[a-z0-9]{6}")
PARTICIPANT_ID = re.compile(r"p-[a-z0-9]{6}")
# Of a facilitator's account; the first one's is plain `facilitator`.
FACILITATOR_ID = re.compile(r"facilitator|f-[a-z0-9]{6}")
DYAD_ID = re.compile(r"d-[a-z0-9]{4}")
JOIN_CODE_LENGTH = 6
MAX_NAME_LENGTH = 40
MAX_TITLE_LENGTH = 80
MAX_SEATS = 200
MAX_MINUTES = 240


def browser_tag(session_id: str, subject: str, begun_anew: int = 0) -> str:
    """Name somebody in their own browser's storage and page: no id of the record, no two alike.

    Parameters
    ----------
    begun_anew
        How often a change of seats had them begin anew. What a browser kept before, and might send
        again, then goes by another name.
    """
    anew = f"|{begun_anew}" if begun_anew else ""
    return hashlib.sha256(f"{session_id}|{subject}{anew}".encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Session:
    """One therapy or workshop session, as ``session.json`` holds it.

    Attributes
    ----------
    agenda
        Keys of exercises, in the order of the evening.
    minutes
        How long each of them is to take, where that was said.
    free
        Exercises that people may open by themselves; None for all.
    door, seats
        With ``seats``, people come in until so many of them are there; 0 with an open door.
    is_practice
        Filled with made-up people, to try an evening out. Never counted beside a real one.
    """

    session_id: str
    title: str
    code: str
    created_at: datetime
    closed_at: datetime | None
    agenda: tuple[str, ...]
    partner_policy: PartnerPolicy
    name_visibility: NameVisibility
    keep_until: datetime
    content_version: str
    schema_version: str
    minutes: Mapping[str, int] = field(default_factory=dict)
    free: tuple[str, ...] | None = None
    door: Door = "open"
    seats: int = 0
    is_practice: bool = False

    def is_open(self, now: datetime) -> bool:
        """Say whether people may join and answer at this instant."""
        return self.closed_at is None and self.is_kept(now)

    def is_kept(self, now: datetime) -> bool:
        """Say whether the record is not past its end date, be the session open or closed."""
        return now < self.keep_until


@dataclass(frozen=True)
class Participant:
    """One person in one session, as the record knows them."""

    session_id: str
    participant_id: str
    dyad_id: str
    partner_slot: Slot | None
    name: str
    joined_at: datetime
    consent: Consent | None
    consent_at: datetime | None
    withdrawn_at: datetime | None
    return_code_hash: str
    freed_at: datetime | None = None

    @property
    def is_present(self) -> bool:
        """Whether they have a seat: they did not withdraw, and it was not freed."""
        return self.withdrawn_at is None and self.freed_at is None
