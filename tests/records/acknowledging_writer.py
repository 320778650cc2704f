"""A process that answers without pause and says on its standard output what was acknowledged.

Arguments: DATA_DIR SESSION_ID PARTICIPANT_ID [EVENT_ID]. With an event id it begins by sending
that answer again, as a browser does after a reconnection.
Ends when its standard input ends, or when it is killed.
"""

from __future__ import annotations

import os
import select
import sys
from pathlib import Path

from reconnect_widgets.errors import RecordWriteError
from reconnect_widgets.records import RecordFolder
from reconnect_widgets.system import new_event_id
from tests.records.example import append_answer

TEXT = 'two\r\nlines, "quoted"; =and more ' * 8


def say(word: str, event_id: str) -> None:
    """Tell the test in one write, which a pipe never splits."""
    os.write(1, f"{word} {event_id}\n".encode())


def main(data_dir: str, session_id: str, participant_id: str, retry: str = "") -> None:
    """Append answers; before each say ``trying``, after it ``acknowledged`` or ``refused``."""
    writer = RecordFolder(Path(data_dir)).session(session_id).open_writer(participant_id)
    while not select.select([0], [], [], 0)[0]:
        event_id, retry = retry or new_event_id(), ""
        say("trying", event_id)
        try:
            append_answer(writer, event_id=event_id, text=TEXT)
        except RecordWriteError:
            say("refused", event_id)
        else:
            say("acknowledged", event_id)
    writer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
