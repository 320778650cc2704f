"""A disk without room, and a folder without permission, from the system itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

# In a process of its own, because limits and lowered rights can not be raised again. The limit
# on the file size stands in for a full disk: the system writes what still fits and then refuses.
FULL_DISK = """
import json, resource, signal, sys
from pathlib import Path
from reconnect_widgets.errors import RecordWriteError
from reconnect_widgets.system import new_event_id
from tests.records.example import ANN, append_answer, make_session

record = make_session(Path(sys.argv[1]))
writer = record.open_writer(ANN)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
ids = [new_event_id() for _ in range(8)]
saved, refused = [], []

def send(event_id):
    try:
        append_answer(writer, event_id=event_id, text="x" * 1000)
        saved.append(event_id)
    except RecordWriteError as error:
        refused.append(str(error))

send(ids[0])
size = (record.folder / "journal" / f"{writer.writer_id}.csv").stat().st_size
no_limit = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 2500, no_limit))
for event_id in ids[1:]:
    send(event_id)
while_full = [row.event_id for row in record.read((ANN,)).rows]
torn_while_full = len(record.read((ANN,)).torn)
try:
    record.merge()
    merge_error = ""
except RecordWriteError as error:
    merge_error = str(error)
saved_while_full = list(saved)
resource.setrlimit(resource.RLIMIT_FSIZE, (no_limit, no_limit))
for event_id in ids:
    send(event_id)
history = record.read((ANN,))
print(json.dumps({
    "ids": ids, "saved_while_full": saved_while_full, "while_full": while_full,
    "torn_while_full": torn_while_full, "refused": refused, "merge_error": merge_error,
    "at_the_end": [row.event_id for row in history.rows], "gaps": len(history.gaps),
    "unreadable": len(history.unreadable), "merged": record.merge().responses,
}))
"""

# Root may write everywhere, so it becomes nobody first; tmp_path is root's alone, so the folder
# is its own. The folder is made and filled before the rights are taken away.
READ_ONLY = """
import json, os, shutil, tempfile
from pathlib import Path
from reconnect_widgets.errors import RecordWriteError
from tests.records.example import ANN, BEN, append_answer, make_session

data_dir = Path(tempfile.mkdtemp())
os.chmod(data_dir, 0o755)
if os.geteuid() == 0:
    os.chown(data_dir, 65534, 65534)
    os.seteuid(65534)
try:
    record = make_session(data_dir)
    writer = record.open_writer(ANN)
    append_answer(writer)
    record.merge()
    before = {p.name: p.read_bytes().decode() for p in record.folder.iterdir() if p.is_file()}
    folders = [record.folder / "journal", record.folder]
    for folder in folders:
        folder.chmod(0o500)
    open_file_still_takes_rows = append_answer(writer).writer_seq
    errors = []
    for attempt in (lambda: append_answer(record.open_writer(BEN)), record.merge,
                    lambda: record.close(record.info.created_at, "cli"),
                    lambda: record.withdraw(ANN, record.info.created_at)):
        try:
            attempt()
            errors.append("")
        except RecordWriteError as error:
            errors.append(str(error))
    after = {p.name: p.read_bytes().decode() for p in record.folder.iterdir() if p.is_file()}
    for folder in folders:
        folder.chmod(0o700)
    append_answer(record.open_writer(BEN))
    print(json.dumps({"errors": errors, "unharmed": before == after,
                      "open_file": open_file_still_takes_rows, "merged": record.merge().responses}))
finally:
    shutil.rmtree(data_dir)
"""


def run(script: str, *arguments: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, object] = json.loads(done.stdout)
    return result


def test_a_full_disk_refuses_calmly_harms_nothing_and_loses_nothing(tmp_path: Path) -> None:
    result = run(FULL_DISK, str(tmp_path))
    ids, saved = result["ids"], result["saved_while_full"]
    assert saved == ids[:3]  # type: ignore[index]  # the first, and two that still fitted
    assert result["while_full"] == saved
    assert result["torn_while_full"] == 0
    refused = result["refused"]
    assert isinstance(refused, list)
    assert len(refused) == 5
    assert all("not saved yet" in message for message in refused)
    assert result["at_the_end"] == ids
    assert (result["gaps"], result["unreadable"], result["merged"]) == (0, 0, 8)


def test_a_folder_without_permission_refuses_calmly_and_harms_nothing() -> None:
    result = run(READ_ONLY)
    errors = result["errors"]
    assert isinstance(errors, list)
    assert all("Permission denied" in message for message in errors), errors
    assert result["unharmed"]
    assert result["open_file"] == 2
    assert result["merged"] == 3
