"""Twenty people answer, each from a process that is killed with `kill -9` while it writes."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from reconnect_widgets.records import RecordFolder, SessionRecord
from tests.records.example import make_session, read_table

PEOPLE = 20
AT_ONCE = 5  # two cores: the others wait for their turn, and merging goes on meanwhile
LIVES = 3


@dataclass
class Person:
    """One person's browser: what it sent, and what it was told is saved."""

    participant_id: str
    acknowledged: list[str] = field(default_factory=list)
    unanswered: str = ""

    def live(self, record: SessionRecord, rows_until_killed: int) -> None:
        """Answer from a new process until it is killed in the middle of its work."""
        command = [
            *(sys.executable, "-m", "tests.records.acknowledging_writer"),
            *(str(record.folder.parents[1]), record.session_id, self.participant_id),
            *([self.unanswered] if self.unanswered else []),
        ]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        with process:
            for count, line in enumerate(process.stdout):
                self._hear(line)
                if count == rows_until_killed:
                    process.kill()
            # What it had said before the kill, up to the last byte, was read above.
        assert process.returncode == -9

    def _hear(self, line: str) -> None:
        word, event_id = line.split()
        if word == "trying":
            self.unanswered = event_id
        elif word == "acknowledged":
            self.acknowledged.append(event_id)
            self.unanswered = ""


def test_every_acknowledged_answer_survives_kill_9(tmp_path: Path) -> None:
    record = make_session(tmp_path)
    random = Random(2026)
    people = [Person(f"p-kill{number:02}") for number in range(PEOPLE)]
    turns = threading.Semaphore(AT_ONCE)

    def live_several_lives(person: Person, deaths: list[int]) -> None:
        for rows_until_killed in deaths:
            with turns:
                person.live(record, rows_until_killed)

    threads = [
        threading.Thread(
            target=live_several_lives, args=(one, [random.randint(0, 60) for _ in range(LIVES)])
        )
        for one in people
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        report = record.merge()
        assert (report.gaps, report.unreadable) == ((), ())
        threads[-1].join(timeout=0.2)

    report = record.merge()
    assert (report.gaps, report.unreadable) == ((), ())
    merged = [row["event_id"] for row in read_table(record.folder / "responses.csv")]
    acknowledged = [event_id for person in people for event_id in person.acknowledged]
    assert len(acknowledged) >= PEOPLE * LIVES
    assert len(merged) == len(set(merged))
    assert set(acknowledged) <= set(merged)
    # Whatever else is there was sent, and only its acknowledgement was lost.
    assert set(merged) - set(acknowledged) <= {person.unanswered for person in people}


def test_a_process_that_dies_without_a_word_leaves_a_readable_file(tmp_path: Path) -> None:
    """Killed right after its first row, before anything else could happen."""
    record = make_session(tmp_path)
    person = Person("p-kill00")
    person.live(record, 1)
    (row,) = [row for row in record.read().rows if row.event_id == person.acknowledged[0]]
    assert row.writer_seq == 1
    assert RecordFolder(tmp_path).session(record.session_id).merge().torn == ()
