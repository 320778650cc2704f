"""Who this kernel works for, and where what they do is kept.

What belongs here: the way from the environment to a person, and the choice of recorder: the
journal for who consented to be recorded, memory for who did not, and memory for a notebook that
was opened without a session. What does not: what is recorded when (`pages`).

The decision a newcomer would question: the state of somebody who is recorded is read from the
record alone, and never from memory as well. Whoever changes from "not recorded" to "recorded"
therefore begins with what the record holds; nothing that was said unrecorded slips in later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Any

from reconnect_widgets.content import load_contents, use_own_packs
from reconnect_widgets.domain.evening import DeskAct, Evening, read_evening
from reconnect_widgets.domain.people import Consent, PartnerPolicy, browser_tag
from reconnect_widgets.domain.seating import Seating
from reconnect_widgets.errors import SeatChangedError, SessionClosedError, WithdrawnError
from reconnect_widgets.records import (
    MemoryWriter,
    RecordFolder,
    RecordWriter,
    Row,
    SessionRecord,
)
from reconnect_widgets.records.desk_acts import read_desk_acts
from reconnect_widgets.records.rows import is_tombstone
from reconnect_widgets.records.tail import JournalTail
from reconnect_widgets.system import KernelEnvironment, utc_now

PRACTICE_SESSION = "2000-01-01-practice-000000"
PRACTICE_PERSON = "p-000000"
# Where people choose whether they are recorded: closed with the group's session.
CONSENT_EXERCISE = "welcome"


@dataclass
class Context:
    """One person in one session, as long as this kernel lives.

    Attributes
    ----------
    record
        The session's record; None outside a session.
    participant_id
        Whose kernel this is.
    consent
        As chosen last; ``not-recorded`` outside a session, None when not chosen yet.
    dyad_id
        Empty for who takes part alone.
    is_reseated
        Whether their seat was changed since this kernel began; then it records nothing more.
    zone
        The time zone of the browser that looks at the page, for a person's own dates; UTC until
        it has said so.
    """

    record: SessionRecord | None
    participant_id: str
    now: Callable[[], datetime]
    consent: Consent | None = None
    dyad_id: str = ""
    is_withdrawn: bool = False
    is_reseated: bool = False
    zone: tzinfo = UTC

    def __post_init__(self) -> None:
        session_id = self.record.session_id if self.record else PRACTICE_SESSION
        self._memory = MemoryWriter(session_id, self.participant_id, now=self.now)
        self._journal: RecordWriter | None = None
        self._partner = ""
        self._desk_tail: JournalTail | None = None
        self._desk_acts: list[DeskAct] = []
        self._gone: set[str] = set()
        # The changes of seats that were known when this began, and when the partner was looked up.
        self._began_as: Seating | None = None
        self._seating: Seating | None = None
        self.refresh()

    @property
    def tag(self) -> str:
        """Name this person in their own browser, as they were seated when this kernel began."""
        session_id = self.record.session_id if self.record else PRACTICE_SESSION
        begun_anew = self._began_as.begun_anew(self.participant_id) if self._began_as else 0
        return browser_tag(session_id, self.participant_id, begun_anew)

    @property
    def is_practice(self) -> bool:
        """Whether the notebook was opened without a session."""
        return self.record is None

    @property
    def is_recorded(self) -> bool:
        """Whether answers go to the disk."""
        return not self.is_practice and self.consent == "recorded"

    @property
    def partner_policy(self) -> PartnerPolicy:
        """The session's rule between partners."""
        return self.record.info.partner_policy if self.record else "limited-secrets"

    @property
    def is_closed(self) -> bool:
        """Whether the group's session is over, as ``session.json`` says at this moment."""
        return self.record is not None and not self.record.info.is_open(self.now())

    def takes_no_more(self, exercise: str) -> bool:
        """Say whether this exercise takes no more from this person: withdrawn, closed, or over.

        What is somebody's own practice goes on after the group's session was closed, until the
        keep date.
        """
        return self.is_withdrawn or (self.is_closed and self.open_until(exercise) is None)

    def open_until(self, exercise: str) -> datetime | None:
        """Return how long an exercise is open in a closed session; None where it is not."""
        if self.record is None or not load_contents().is_open_after_close(exercise):
            return None
        info = self.record.info
        return info.keep_until if info.is_kept(self.now()) else None

    def refresh(self) -> None:
        """Read anew who this person is and what they chose."""
        if self.record is None:
            self.consent = "not-recorded"
            return
        history = self.record.read((self.participant_id,))
        self.is_withdrawn = self.participant_id in history.withdrawn
        self.is_reseated = self._is_reseated(history.seating)
        consent: Consent | None = None
        for row in history.rows:
            if row.kind != "person":
                continue
            self.dyad_id = row.dyad_id if row.event in ("joined", "moved") else self.dyad_id
            if row.event == "consented":
                consent = row.private_detail["consent"]
        self.consent = consent

    def _is_reseated(self, seating: Seating) -> bool:
        """Say whether somebody else's answers might come here, since seats were changed.

        The server ends a kernel before its person's seat is changed. This is for one that another
        server over the same record began.
        """
        began = self._began_as = self._began_as or seating
        who = self.participant_id
        return who in seating.freed or seating.begun_anew(who) != began.begun_anew(who)

    def own_rows(self) -> tuple[Row, ...]:
        """Return this person's rows, oldest first: the record, and memory if not recorded."""
        kept = self.recorded_rows()
        return kept if self.is_recorded else (*kept, *self._memory.rows)

    def recorded_rows(self) -> tuple[Row, ...]:
        """Return this person's rows that are in the record, whatever they chose since."""
        return self.record.read((self.participant_id,)).rows if self.record else ()

    def partner_rows(self) -> tuple[Row, ...]:
        """Return the partner's rows; none without a partner, or when they withdrew.

        Who the partner is takes looking into every journal, so it is looked up once: only a
        withdrawal or a change of seats lets somebody else sit there.
        """
        if self.record is None or not self.dyad_id:
            return ()
        if self._partner:
            history = self.record.read((self._partner,))
            if self._partner not in history.withdrawn and history.seating == self._seating:
                return history.rows
        self._partner = self._find_partner(self.record)
        history = self.record.read((self._partner,) if self._partner else ())
        self._seating = history.seating
        return history.rows

    def _find_partner(self, record: SessionRecord) -> str:
        """Return the participant id of who else sits in this couple now; empty for nobody."""
        for person in record.participants(self.dyad_id).values():
            is_mine = person.dyad_id == self.dyad_id and person.is_present
            if is_mine and person.participant_id != self.participant_id:
                return person.participant_id
        return ""

    def evening(self) -> Evening:
        """Return how the evening stands, without whoever left their seat in its groups.

        Only what is new in the staff's journals is read: a whole room asks at the same moment.
        """
        if self.record is None:
            return Evening()
        self._desk_tail = self._desk_tail or self.record.tail()
        fresh = self._desk_tail.poll("")  # nobody's rows but the staff's
        if self._desk_tail.begins_anew:
            self._desk_acts = []
        self._desk_acts += read_desk_acts(fresh)
        self._gone |= {row.participant_id for row in fresh if is_tombstone(row)}
        evening = read_evening(self._desk_acts)
        gone = self._gone | self._desk_tail.seating.freed.keys()
        groups = {key: each.without(gone) for key, each in evening.groups.items()}
        return replace(evening, groups=groups)

    def record_answer(self, **answer: Any) -> Row:
        """Keep one answer where this person wants answers kept."""
        self._check_open(answer["exercise"])
        writer = self._open_journal() if self.is_recorded else self._memory
        return writer.append_answer(
            participant_id=self.participant_id, dyad_id=self.dyad_id, **answer
        )

    def record_event(self, event: str, *, exercise: str, detail: str, event_id: str) -> Row:
        """Keep that something happened in an exercise; ``detail`` holds nothing private."""
        self._check_open(exercise)
        writer = self._open_journal() if self.is_recorded else self._memory
        return writer.append_event(
            event,
            exercise=exercise,
            detail=detail,
            participant_id=self.participant_id,
            dyad_id=self.dyad_id,
            event_id=event_id,
        )

    def record_step(self, *, exercise: str, detail: str, event_id: str) -> Row:
        """Keep which screen was shown. Where nothing more is taken, this goes to memory instead.

        So people can still look at what they did, and the record takes nothing more.
        """
        try:
            return self.record_event(
                "step-shown", exercise=exercise, detail=detail, event_id=event_id
            )
        except (SessionClosedError, SeatChangedError):
            return self._memory.append_event(
                "step-shown",
                exercise=exercise,
                detail=detail,
                participant_id=self.participant_id,
                event_id=event_id,
            )

    def record_consent(self, consent: Consent, event_id: str) -> Row:
        """Keep what was chosen. This is recorded in both cases; then it holds."""
        self._check_open(CONSENT_EXERCISE)
        detail: Mapping[str, str] = {"consent": consent}
        row = (self._memory if self.is_practice else self._open_journal()).append_person(
            "consented",
            detail,
            participant_id=self.participant_id,
            dyad_id=self.dyad_id,
            event_id=event_id,
        )
        if not self.is_practice:
            self.consent = consent
        return row

    def _check_open(self, exercise: str) -> None:
        if self.is_withdrawn:
            raise WithdrawnError("this person has withdrawn; nothing more is recorded for them")
        if self.is_reseated:
            raise SeatChangedError("this person's seat was changed; another kernel works for it")
        if self.takes_no_more(exercise):
            raise SessionClosedError("this session is closed")

    def _open_journal(self) -> RecordWriter:
        if self.record is None:
            return self._memory
        if self._journal is None:
            self._journal = self.record.open_writer(self.participant_id)
        return self._journal

    def close(self) -> None:
        """Let go of the journal."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None


def load_context(
    environment: KernelEnvironment | None = None, *, now: Callable[[], datetime] = utc_now
) -> Context:
    """Find out who this kernel works for.

    Raises
    ------
    SessionNotFoundError
        If the environment names a session that the record folder does not have.
    """
    env = environment or KernelEnvironment.load()
    if not env.session_id or not env.participant_id:
        return Context(None, PRACTICE_PERSON, now)
    use_own_packs(env.data_dir)
    record = RecordFolder(env.data_dir).session(env.session_id)
    return Context(record, env.participant_id, now)
