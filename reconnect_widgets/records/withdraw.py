"""Erasing: one person's rows, or a whole session.

The order is what makes it safe. A withdrawal is first noted (durably, in somebody else's
journal); only then are files deleted. Cut short anywhere, the note makes every reader leave the
person out, and the next merge finishes the deleting.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Collection, Iterable
from pathlib import Path

from reconnect_widgets.errors import RecordWriteError
from reconnect_widgets.records.disk import list_names, sync_folder


def erase_journals(journals: Path, participant_ids: Iterable[str]) -> tuple[str, ...]:
    """Delete every journal file of these people, and the copies of their torn tails, for good.

    Returns
    -------
    The names of files that could not be deleted (no permission; open in another program under
    Windows). Readers leave them out, and the next merge tries again.
    """
    left = []
    names = list_files_of(journals, set(participant_ids))
    for name in names:
        try:
            (journals / name).unlink(missing_ok=True)
        except OSError:
            left.append(name)
    if names:
        with contextlib.suppress(OSError):  # the note is on the disk: a rest would be found again
            sync_folder(journals)
    return tuple(left)


def list_files_of(journals: Path, participant_ids: Collection[str]) -> list[str]:
    """Return the names of every file that belongs to these people, whatever it is."""
    return [name for name in list_names(journals) if name.partition(".")[0] in participant_ids]


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
