"""Erasing: one person's rows, or a whole session.

The order is what makes it safe. A withdrawal is first noted (durably, in somebody else's
journal); only then are files deleted. Cut short anywhere, the note makes every reader leave the
person out, and the next merge finishes the deleting.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable
from pathlib import Path

from reconnect_widgets.errors import RecordWriteError
from reconnect_widgets.records.disk import sync_folder


def erase_journals(journals: Path, participant_ids: Iterable[str]) -> None:
    """Delete every journal file of these people, and the copies of their torn tails, for good.

    A file that another program keeps open under Windows stays for the next merge to delete.
    """
    is_changed = False
    for participant_id in participant_ids:
        for path in list(journals.glob(f"{participant_id}.*")):
            with contextlib.suppress(OSError):
                path.unlink()
                is_changed = True
    if is_changed:
        with contextlib.suppress(OSError):
            sync_folder(journals)


def erase_session(folder: Path) -> None:
    """Delete a session's folder; ``session.json`` goes last, so that a purge cut short is seen.

    Raises
    ------
    RecordWriteError
        If something is left; purging again goes on from there.
    """
    try:
        for path in sorted(folder.iterdir(), key=lambda path: path.name == "session.json"):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        folder.rmdir()
        sync_folder(folder.parent)
    except FileNotFoundError:
        return  # somebody else purged it at the same moment
    except OSError as error:
        raise RecordWriteError(
            f"the session could not be erased whole ({error.strerror}); purge it again"
        ) from error
