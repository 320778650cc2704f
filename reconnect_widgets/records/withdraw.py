"""Erasing: one person's rows, or a whole session.

The order is what makes it safe. A withdrawal is first noted (durably, in somebody else's
journal); only then are files deleted. Cut short anywhere, the note makes every reader leave the
person out, and the next merge finishes the deleting.
"""

from __future__ import annotations

import contextlib
import json
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


def forget_people(detail: str, participant_ids: Collection[str]) -> str:
    """Return a row's detail without the ids of these people: lists lose them, texts have a gap.

    What a facilitator did may name whom it was about (groups). That row is somebody else's and
    stays; who withdrew is in it no more. A list that held nobody else stays, empty: groups are
    called by their number.
    """
    named = [one for one in participant_ids if one in detail]
    if not named:
        return detail
    try:
        said = json.loads(detail)
    except ValueError:
        return _blank_out(detail, named)
    return json.dumps(_forget(said, named), ensure_ascii=False)


def _forget(value: object, named: Collection[str]) -> object:
    match value:
        case str():
            return _blank_out(value, named)
        case list():
            return [_forget(one, named) for one in value if one not in named]
        case dict():  # what stands under somebody's id is about them
            kept = {key: one for key, one in value.items() if key not in named}
            return {_blank_out(key, named): _forget(one, named) for key, one in kept.items()}
    return value


def _blank_out(text: str, named: Iterable[str]) -> str:
    for one in named:
        text = text.replace(one, "")
    return text


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
