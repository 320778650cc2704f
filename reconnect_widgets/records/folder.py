"""The record folder, ``sessions/<session_id>/`` under the data folder, and what it can do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from reconnect_widgets.domain.people import (
    PARTICIPANT_ID,
    SESSION_ID,
    NameVisibility,
    Participant,
    PartnerPolicy,
    Session,
)
from reconnect_widgets.errors import (
    RecordError,
    RecordReadError,
    RecordWriteError,
    SessionClosedError,
    SessionError,
    SessionNotFoundError,
    WithdrawnError,
)
from reconnect_widgets.records.codebook import CodebookRow, read_codebook
from reconnect_widgets.records.disk import LOCK_FILE, make_folder, one_at_a_time, replace_file
from reconnect_widgets.records.export import build_export, write_export
from reconnect_widgets.records.history import (
    History,
    find_sitters,
    find_staff,
    read_history,
    read_withdrawals,
)
from reconnect_widgets.records.journal import JournalWriter
from reconnect_widgets.records.merge import MergeReport, merge_session
from reconnect_widgets.records.people import build_participants
from reconnect_widgets.records.rows import is_staff
from reconnect_widgets.records.session_file import (
    FILE_NAME,
    encode_session,
    find_session_problem,
    new_session,
    read_session,
)
from reconnect_widgets.records.tables import CODEBOOK
from reconnect_widgets.records.tail import JournalTail
from reconnect_widgets.records.withdraw import erase_journals, erase_session, list_files_of
from reconnect_widgets.system import utc_now


@dataclass(frozen=True)
class BrokenSession:
    """A folder that should be a session and can not be used, and why."""

    name: str
    reason: str


class RecordFolder:
    """Every session under one data folder.

    Parameters
    ----------
    data_dir
        Made when the first session is; may be a symbolic link.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir

    @property
    def _sessions(self) -> Path:
        return self.data_dir / "sessions"

    def create_session(
        self,
        title: str,
        *,
        agenda: Iterable[str],
        partner_policy: PartnerPolicy,
        name_visibility: NameVisibility,
        keep_days: int,
        now: datetime,
        content_version: str = "",
        actor: str = "facilitator",
        **more: Any,
    ) -> SessionRecord:
        """Make a session's folder, durable when this returns, and note that it was opened.

        Parameters
        ----------
        more
            Any of `session_file.PREPARED`.

        Raises
        ------
        SessionError
            If a value is not allowed.
        RecordWriteError
            If the folder can not be made.
        """
        session = new_session(
            title,
            agenda=agenda,
            partner_policy=partner_policy,
            name_visibility=name_visibility,
            keep_days=keep_days,
            content_version=content_version,
            now=now,
            **more,
        )
        folder = self._sessions / session.session_id
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            for path in (self._sessions, folder, folder / "journal"):
                make_folder(path)
            replace_file(folder / FILE_NAME, encode_session(session))
            record = SessionRecord(folder)
            record._note("opened", actor, now)
        except (OSError, RecordError) as error:
            shutil.rmtree(folder, ignore_errors=True)  # nobody has heard of it yet
            cause = error if isinstance(error, OSError) else error.__cause__
            reason = cause.strerror if isinstance(cause, OSError) else str(error)
            raise RecordWriteError(
                f"the session could not be made ({reason}); nothing of it is left"
            ) from (cause or error)
        return record

    def session(self, session_id: str) -> SessionRecord:
        """Return the session with this id; SessionNotFoundError if there is none."""
        # Checked before it is joined to a path: no id leads out of the folder.
        if not isinstance(session_id, str) or not SESSION_ID.fullmatch(session_id):
            raise SessionNotFoundError(
                "that is no session id; one looks like 2026-11-20-tuesday-group-k7f3mq"
            )
        folder = self._sessions / session_id
        if not (folder / FILE_NAME).is_file():
            raise SessionNotFoundError(f"there is no session {session_id} in {self.data_dir}")
        return SessionRecord(folder)

    def sessions(self) -> list[SessionRecord]:
        """Return the sessions that can be used, newest first; `broken_sessions` tells the rest."""
        usable, _ = self._look_through()
        return [record for record, _ in usable]

    def broken_sessions(self) -> list[BrokenSession]:
        """Return the folders that can not be used, with file and reason."""
        _, broken = self._look_through()
        return broken

    def find(self, code: str) -> SessionRecord:
        """Return the session with this join code, open or not; an open one before others.

        Case, spaces and hyphens do not matter.

        Raises
        ------
        SessionNotFoundError
            If no session has the code.
        """
        wanted = "".join(code.upper().replace("-", " ").split())
        usable, _ = self._look_through()
        matches = [(record, info) for record, info in usable if info.code == wanted]
        if not matches:
            raise SessionNotFoundError("no session has that join code")
        now = utc_now()
        return max(matches, key=lambda match: match[1].is_open(now))[0]

    def find_open(self, code: str) -> SessionRecord:
        """Return the open session with this join code.

        Raises
        ------
        SessionNotFoundError
            If no session has the code.
        SessionClosedError
            If the one that has it is closed or past its keep date.
        """
        record = self.find(code)
        info = record.info
        if not info.is_open(utc_now()):
            is_closed = info.closed_at is not None
            raise SessionClosedError(
                "this session is closed" if is_closed else "this session is past its keep date"
            )
        return record

    def _look_through(self) -> tuple[list[tuple[SessionRecord, Session]], list[BrokenSession]]:
        usable: list[tuple[SessionRecord, Session]] = []
        broken: list[BrokenSession] = []
        if self._sessions.is_dir():
            for folder in self._sessions.iterdir():
                if not SESSION_ID.fullmatch(folder.name):
                    continue
                try:
                    record = SessionRecord(folder)
                    usable.append((record, record.info))
                except RecordReadError as error:
                    broken.append(BrokenSession(folder.name, str(error)))
        usable.sort(key=lambda pair: (pair[1].created_at, pair[1].session_id), reverse=True)
        return usable, sorted(broken, key=lambda one: one.name)


class SessionRecord:
    """One session's folder. Holds no state: everything is read from the disk when asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.session_id = folder.name
        self._journals = folder / "journal"

    @property
    def info(self) -> Session:
        """What ``session.json`` says now; RecordReadError if it can not be read."""
        return read_session(self.folder)

    def open_writer(self, subject: str) -> JournalWriter:
        """Return a new writer for a participant id, a facilitator's, ``server`` or ``cli``.

        It knows the event ids that the subject's journals hold already, and makes its file with
        its first row.

        Raises
        ------
        WithdrawnError
            If the person has withdrawn.
        """
        return self._open_writer(subject, utc_now)

    def _open_writer(self, subject: str, now: Callable[[], datetime]) -> JournalWriter:
        if not is_staff(subject) and not PARTICIPANT_ID.fullmatch(subject):
            raise RecordError("a journal belongs to a participant, the facilitator or the server")
        history = self.read((subject,))
        if subject in history.withdrawn:
            raise WithdrawnError("this person has withdrawn; nothing more is recorded for them")
        return JournalWriter(
            self._journals,
            self.session_id,
            subject,
            known=history.all_rows,
            is_withdrawn=lambda: subject in read_withdrawals(self._journals, self.session_id),
            now=now,
        )

    def read(self, subjects: Collection[str] | None = None) -> History:
        """Return what counts of these subjects' journals (of all, without an argument)."""
        return read_history(self._journals, self.session_id, subjects)

    def read_staff(self) -> History:
        """Return every valid row of the facilitators', the server's and the CLI's journals."""
        return self.read(find_staff(self._journals))

    def participants(self, dyad_id: str = "") -> dict[str, Participant]:
        """Return who takes part, in the order of joining, the withdrawn at the end.

        With a couple's id, all who ever sat in that couple are among them, and few others: only
        their journals are read.
        """
        history = self.read(find_sitters(self._journals, dyad_id) if dyad_id else None)
        return build_participants(self.session_id, history.rows, history.withdrawn)

    def tail(self) -> JournalTail:
        """Return a follower of the journals; its first poll gives every row so far."""
        return JournalTail(self._journals, self.session_id)

    def merge(self, codebook: Iterable[CodebookRow] = ()) -> MergeReport:
        """Rebuild the merged files; without a codebook the wording that is there is kept."""
        return merge_session(self.folder, self.session_id, codebook)

    def close(self, now: datetime, actor: str) -> None:
        """End the session and merge. Closing again finishes what was cut short, no more."""
        info = self.info
        if info.closed_at is None:
            self._write(closed_at=now)
        self._note_turn("closed", actor, now)
        self.merge()

    def reopen(self, now: datetime, actor: str) -> None:
        """Let people in again; SessionClosedError once the keep date has passed."""
        info = self.info
        if self.is_due(now):
            raise SessionClosedError("this session is past its keep date; make a new one")
        if info.closed_at is not None:
            self._write(closed_at=None)
        self._note_turn("reopened", actor, now)

    def prepare(self, changes: Mapping[str, Any], now: datetime, actor: str) -> None:
        """Change what the session was prepared with, and note that it was.

        Parameters
        ----------
        changes
            Fields of `Session`: title, agenda, minutes, free, partner policy, name visibility,
            door, seats, keep_until. What is recorded under the old ones stays as it is.

        Raises
        ------
        SessionError
            If a value is not allowed; nothing is changed then.
        """
        self._write(**changes)
        self._note("prepared", actor, now, " ".join(sorted(changes)))

    def withdraw(self, participant_id: str, now: datetime, *, actor: str = "server") -> None:
        """Erase one person: note it, delete their journals, merge. Again is harmless.

        Raises
        ------
        RecordError
            If nobody in this session has that id.
        RecordWriteError
            If it could not be noted (then nothing changed), or if a file could not be deleted
            or merged (then no reader shows the person, and merging again finishes it).
        """
        if not PARTICIPANT_ID.fullmatch(participant_id):
            raise RecordError("that is no participant id; one looks like p-ab12cd")
        is_known = participant_id in self.participants()
        if not is_known and not list_files_of(self._journals, (participant_id,)):
            raise RecordError(f"nobody in this session is {participant_id}")
        if participant_id not in read_withdrawals(self._journals, self.session_id):
            writer = self._open_writer(actor, lambda: now)
            try:
                writer.append_person("withdrew", {}, participant_id=participant_id, dyad_id="")
            finally:
                writer.close()
        left = erase_journals(self._journals, [participant_id])
        self.merge()
        if left:
            raise RecordWriteError(
                f"{participant_id} is withdrawn and in no table any more, but {len(left)} of their "
                "files could not be deleted; close other programs, look at the permissions, and "
                "merge again"
            )

    def export(self, level: str, out_dir: Path, excel: bool = False, *, actor: str = "cli") -> None:
        """Write a copy to give away, and note that it was.

        Items are worded as in the merged codebook, so merge with the codebook first.

        Parameters
        ----------
        level
            ``full``, ``deidentified`` or ``group``.
        out_dir
            A new folder, or one that holds nothing but an earlier copy.
        excel
            Begin files with a byte order mark, so that Excel reads accents and emoji right.

        Raises
        ------
        RecordError
            If there is no such level.
        RecordWriteError
            If the copy can not be written there.
        """
        history = self.read()
        people = build_participants(self.session_id, history.rows, history.withdrawn)
        codebook = read_codebook(self.folder / CODEBOOK.file)
        # A full copy is the record as it stands; the others hold answers that are somebody's.
        rows = history.all_rows if level == "full" else history.rows
        files = build_export(level, self.info, rows, people, codebook, excel=excel)
        write_export(files, out_dir, self.folder)
        self._note("exported", actor, utc_now(), level)

    def is_due(self, now: datetime) -> bool:
        """Say whether the keep date has passed."""
        return now >= self.info.keep_until

    def purge(self) -> None:
        """Delete the session, whole and for good."""
        erase_session(self.folder)

    def _write(self, **changes: Any) -> None:
        # Read under the lock too: of two changes at once, neither is written over by the other.
        with one_at_a_time(self.folder / LOCK_FILE):
            session = replace(self.info, **changes)
            if problem := find_session_problem(session):
                raise SessionError(problem)
            replace_file(self.folder / FILE_NAME, encode_session(session))

    def _note_turn(self, event: str, actor: str, now: datetime) -> None:
        """Note that the session was closed or reopened, unless that is the last that was noted."""
        turns = ("opened", "closed", "reopened")
        noted = [row.event for row in self.read_staff().rows if row.event in turns]
        is_open = event == "reopened"
        if not noted or (noted[-1] != "closed") != is_open:
            self._note(event, actor, now)

    def _note(self, event: str, actor: str, now: datetime, detail: str = "") -> None:
        writer = self._open_writer(actor, lambda: now)
        try:
            writer.append_event(event, detail=detail)
        finally:
            writer.close()
