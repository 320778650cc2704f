"""What is the same throughout a played evening: its agenda, its people, what they write.

What belongs here: who is there and what has been done so far, and what has to be true of the record
afterwards. What does not: the story (`tests/browser/test_the_whole_evening.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import psutil
from playwright.async_api import Browser, expect

from reconnect_widgets.records import RecordFolder
from tests.support.cast import FACILITATOR, Facilitator, Guest, Member
from tests.support.ledger import (
    Ledger,
    names_in,
    recorded_acts,
    recorded_answers,
    recorded_screens,
)
from tests.support.server import WorkbookServer

COLLEAGUE = "Maria"
NAMES = ("Amara", "Benno", "Chloe", "Dmitri", "Esther", "Farid", "Gudrun", "Hamish")
AGENDA = {
    "welcome": "Is this for us?",
    "checkup": "The relationship checkup",
    "appreciation": "Say what you noticed",
    "presence": "Fifteen minutes, no devices",
    "repair": "The repair script",
    "gratitude": "Thank you in place of sorry",
}

# What they write. The last word of each is found nowhere but where it may be.
LINES = {
    "Amara": "On Monday at the market you let me choose, and then carried the marzipan.",
    "Benno": "On Sunday you planted my rhubarb",
    "Chloe": "On Tuesday you waited in the rain with a tangerine.",
    "Dmitri": "This morning you ate my buckwheat",
    "Esther": "On Friday you taught my mother to cook with paprika.",
    "Farid": "At breakfast you ground the cardamom",
    "Gudrun": "Last night he got up and fetched me a gooseberry.",
}
WORDS = {name: line.rstrip(".").rpartition(" ")[2] for name, line in LINES.items()}
NOTE = "Next time begin with the quince"
NOTE_WORD = NOTE.rpartition(" ")[2]


@dataclass
class Evening:
    """Who is there, and what has been done."""

    server: WorkbookServer
    ledger: Ledger
    one: Facilitator
    two: Facilitator
    guests: dict[str, Guest]
    session_id: str = ""
    code: str = ""
    two_id: str = ""
    old_kernels: list[psutil.Process] = field(default_factory=list)

    @classmethod
    def begin(cls, server: WorkbookServer, browser: Browser) -> Evening:
        """Let everybody come who will be there; nobody has done anything."""
        ledger = Ledger()
        one, two = (
            Facilitator(name, browser, server.url, ledger=ledger)
            for name in (FACILITATOR, COLLEAGUE)
        )
        guests = {name: Guest(name, browser, server.url, ledger=ledger) for name in NAMES}
        return cls(server, ledger, one, two, guests)

    @property
    def everybody(self) -> list[Member]:
        return [self.one, self.two, *self.guests.values()]

    @property
    def folder(self) -> Path:
        return self.server.data_dir / "sessions" / self.session_id

    def __getitem__(self, name: str) -> Guest:
        return self.guests[name]

    async def bring(self, by: Facilitator, exercise: str) -> None:
        await by.press(f"Bring everyone to {AGENDA[exercise]}", "brought", exercise)

    async def done_last(self, words: str) -> None:
        """See on both desks that this was done last."""
        for desk in (self.one, self.two):
            await expect(desk.page.locator("#desk-acts li").first).to_contain_text(words)


# -- Afterwards ------------------------------------------------------------------------------------


def check_record(evening: Evening) -> None:
    """Hold the merged tables against the ledger."""
    ledger, folder = evening.ledger, evening.folder
    names = {**names_in(folder), evening.two_id: COLLEAGUE}
    assert ledger.tell_as_recorded(recorded_acts(folder, names)) == ledger.tell()
    assert recorded_screens(folder, names) == ledger.screens
    assert recorded_answers(folder, names) == ledger.answers
    session = RecordFolder(evening.server.data_dir).session(evening.session_id)
    ids = {name: participant_id for participant_id, name in names.items()}
    for name, answers in ledger.answers.items():
        rows = session.read((ids[name],)).rows
        counting = [row.item for row in rows if row.kind == "answer"]
        set_aside = evening[name].set_aside
        assert (name, counting) == (name, [answer.item for answer in answers[set_aside:]])


async def check_who_could_read_what(evening: Evening) -> None:
    """Each word came to those whom its writer or a facilitator gave it to, and to nobody else."""
    words = [*WORDS.values(), NOTE_WORD]
    came = {}
    for who in evening.everybody:
        came[who.name] = await who.overheard.words(*words) - {WORDS.get(who.name, "")}
    screen = evening.one.screen_overheard
    assert screen
    came["screen"] = await screen.words(*words)
    assert {name: found for name, found in came.items() if found} == {
        "Dmitri": {WORDS["Chloe"]},
        FACILITATOR: {WORDS["Esther"], WORDS["Gudrun"], NOTE_WORD},
        COLLEAGUE: {NOTE_WORD},
        "screen": {WORDS["Esther"]},
    }


def check_files(evening: Evening) -> None:
    """What stayed on a screen is in no file, and nothing of anybody is in the log."""
    files = [path for path in evening.server.data_dir.rglob("*") if path.is_file()]
    kept = b"".join(path.read_bytes() for path in files)
    written = {name for name, word in WORDS.items() if word.encode() in kept}
    assert written == {"Amara", "Chloe", "Esther", "Gudrun"}
    log = evening.server.log()
    secrets = [evening.code, *(guest.return_code for guest in evening.guests.values())]
    secrets += [guest.couple_code for guest in evening.guests.values() if guest.couple_code]
    assert [word for word in (*WORDS.values(), NOTE_WORD, *NAMES, *secrets) if word in log] == []
