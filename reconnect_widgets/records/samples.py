"""Writes the synthetic past group: `data/samples/` for the repository, and the demo's folder.

What belongs here: giving the made-up people of `domain.synthetic` ids and instants, and writing
them through the ordinary record writer, so that the samples can not drift away from what a real
session leaves behind. The same seed and codebook give the same bytes.

Nothing here was said by anybody. The title, a note in the timeline and the README beside it say
so, because a copy of a CSV travels without its folder.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

from reconnect_widgets.domain.people import Session
from reconnect_widgets.domain.synthetic import (
    ROUNDS,
    SyntheticAnswer,
    SyntheticGroup,
    SyntheticItem,
    build_group,
)
from reconnect_widgets.records.codebook import CodebookRow
from reconnect_widgets.records.disk import make_folder, replace_file
from reconnect_widgets.records.folder import RecordFolder, SessionRecord
from reconnect_widgets.records.journal import JournalWriter
from reconnect_widgets.records.rows import SCHEMA_VERSION
from reconnect_widgets.records.session_file import FILE_NAME, encode_session
from reconnect_widgets.system import utc_now

SAMPLE_SEED = 371
SAMPLE_TITLE = "Synthetic group (nobody said this)"
SAMPLE_NOTE = "synthetic: every person and every answer in this session is made up"
DEMO_TITLE = "Demo session"
EXERCISE = "checkup"

_BEGIN = datetime(2026, 3, 3, 18, 0, tzinfo=UTC)
_BETWEEN_ROUNDS = timedelta(days=14)
_ROUND_LASTS = timedelta(minutes=40)
_KEEP_DAYS = 36_500
_SMALL = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class _Seat:
    """The ids of one made-up person, and when they sit down in each round."""

    participant_id: str
    dyad_id: str
    joins_at: datetime


class _SampleClock:
    """Says the instant that was set last; a writer asks it as it asks the real clock."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class _SampleWriter(JournalWriter):
    """The ordinary journal writer, whose file name is given in place of drawn."""

    def __init__(
        self, folder: Path, session_id: str, subject: str, run: str, clock: _SampleClock
    ) -> None:
        self._run = run
        super().__init__(folder, session_id, subject, is_withdrawn=lambda: False, now=clock)

    def _new_writer_id(self) -> str:
        return f"{self._subject}.{self._run}"


def write_samples(
    data_dir: Path, codebook: Iterable[CodebookRow], *, seed: int = SAMPLE_SEED
) -> SessionRecord:
    """Write the synthetic past group as ``sessions/<id>/`` under a folder, merged.

    Parameters
    ----------
    data_dir
        Must not hold the session yet.
    codebook
        The items as the content words them; those of the checkup that are keyed get answered.
    seed
        The same seed and codebook give the same bytes.

    Raises
    ------
    FileExistsError
        If the session's folder is already there.
    """
    entries = tuple(codebook)
    chance = Random(seed)  # noqa: S311  nothing here is a secret
    group = build_group(chance, _read_items(entries))
    session = _build_session(chance, entries)
    folder = data_dir / "sessions" / session.session_id
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    make_folder(folder / "journal")
    replace_file(folder / FILE_NAME, encode_session(session))
    _SampleSession(folder, session, group, chance).write()
    record = SessionRecord(folder)
    record.merge(entries)
    return record


def fill_demo(
    data_dir: Path, codebook: Iterable[CodebookRow], *, seed: int = SAMPLE_SEED
) -> SessionRecord:
    """Fill a folder for a demo: the synthetic past group, and a new session that is open.

    Returns
    -------
    SessionRecord
        The open one; its id and join code are drawn at random, as always.
    """
    entries = tuple(codebook)
    past = write_samples(data_dir, entries, seed=seed)
    return RecordFolder(data_dir).create_session(
        DEMO_TITLE,
        agenda=past.info.agenda,
        partner_policy=past.info.partner_policy,
        name_visibility=past.info.name_visibility,
        keep_days=30,
        now=utc_now(),
        content_version=past.info.content_version,
    )


def _read_items(codebook: Sequence[CodebookRow]) -> list[SyntheticItem]:
    return [
        SyntheticItem(row.item, row.category, 1 if row.keyed == 1 else -1)
        for row in codebook
        if row.exercise == EXERCISE and row.keyed is not None
    ]


def _build_session(chance: Random, codebook: Sequence[CodebookRow]) -> Session:
    return Session(
        session_id=f"{_BEGIN:%Y-%m-%d}-synthetic-group-{_draw(chance, 6)}",
        title=SAMPLE_TITLE,
        code=_draw(chance, 6).upper(),
        created_at=_BEGIN,
        closed_at=_BEGIN + _BETWEEN_ROUNDS + _ROUND_LASTS,
        agenda=("welcome", EXERCISE),
        partner_policy="limited-secrets",
        name_visibility="facilitator",
        keep_until=_BEGIN + timedelta(days=_KEEP_DAYS),
        content_version=codebook[0].content_version,
        schema_version=SCHEMA_VERSION,
    )


class _SampleSession:
    """Writes the journals of one made-up session; every row is dated by the script."""

    def __init__(
        self, folder: Path, session: Session, group: SyntheticGroup, chance: Random
    ) -> None:
        self._journals = folder / "journal"
        self._session = session
        self._group = group
        self._chance = chance
        self._seats = self._draw_seats()

    def write(self) -> None:
        self._write_facilitator()
        for index in range(len(self._group.people)):
            for round_ in ROUNDS:
                answers = [a for a in self._group.answers if (a.person, a.round) == (index, round_)]
                if answers or round_ == ROUNDS[0]:
                    self._write_person(index, round_, answers)

    def _draw_seats(self) -> list[_Seat]:
        dyads: dict[int, str] = {}
        seats = []
        for person in self._group.people:
            dyad_id = ""
            if person.couple is not None:
                dyad_id = dyads.setdefault(person.couple, f"d-{_draw(self._chance, 4)}")
            wait = timedelta(seconds=60 + round(self._chance.random() * 240, 3))
            seats.append(_Seat(f"p-{_draw(self._chance, 6)}", dyad_id, _BEGIN + wait))
        return seats

    def _write_facilitator(self) -> None:
        clock = _SampleClock(_BEGIN)
        writer = self._open("facilitator", clock)
        first_end = _BEGIN + _ROUND_LASTS
        for instant, event, detail in (
            (_BEGIN, "opened", ""),
            (_BEGIN, "note", SAMPLE_NOTE),
            (first_end, "closed", ""),
            (_BEGIN + _BETWEEN_ROUNDS, "reopened", ""),
            (first_end + _BETWEEN_ROUNDS, "closed", ""),
        ):
            clock.now = instant
            writer.append_event(event, detail=detail, event_id=self._event_id(instant))
        writer.close()

    def _write_person(self, index: int, round_: int, answers: Sequence[SyntheticAnswer]) -> None:
        person, seat = self._group.people[index], self._seats[index]
        clock = _SampleClock(seat.joins_at + (round_ - 1) * _BETWEEN_ROUNDS)
        writer = self._open(seat.participant_id, clock)
        who = {"participant_id": seat.participant_id, "dyad_id": seat.dyad_id}
        if round_ == ROUNDS[0]:
            joined = {
                "name": person.name,
                "partner_slot": person.slot,
                "return_code_hash": f"{self._chance.getrandbits(256):064x}",
            }
            writer.append_person("joined", joined, event_id=self._event_id(clock.now), **who)
            clock.now += timedelta(seconds=45)
            consented = {"consent": person.consent}
            writer.append_person("consented", consented, event_id=self._event_id(clock.now), **who)
        for answer in answers:
            clock.now += timedelta(seconds=answer.after_s)
            writer.append_answer(
                exercise=EXERCISE,
                round_=round_,
                item=answer.item,
                status=answer.status,
                value=answer.value,
                event_id=self._event_id(clock.now),
                content_version=self._session.content_version,
                **who,
            )
        if answers and person.couple is not None:
            clock.now += timedelta(seconds=50)
            writer.append_event(
                "released",
                exercise=EXERCISE,
                detail=json.dumps({"round": round_}),
                event_id=self._event_id(clock.now),
                **who,
            )
        writer.close()

    def _open(self, subject: str, clock: _SampleClock) -> _SampleWriter:
        run = _draw(self._chance, 8)
        return _SampleWriter(self._journals, self._session.session_id, subject, run, clock)

    def _event_id(self, instant: datetime) -> str:
        """Return a UUID version 7 of this instant, its random bits from the seed (RFC 9562)."""
        milliseconds = round(instant.timestamp() * 1000)
        bits = (milliseconds << 80) | self._chance.getrandbits(80)
        bits = (bits & ~(0xF << 76)) | (7 << 76)
        bits = (bits & ~(0x3 << 62)) | (2 << 62)
        return str(UUID(int=bits))


def _draw(chance: Random, length: int) -> str:
    return "".join(_SMALL[int(chance.random() * len(_SMALL))] for _ in range(length))
