"""A facilitator's own plans on the disk: `data/plans/`, one file each. Read by `content.plans`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from reconnect_widgets.errors import RecordWriteError
from reconnect_widgets.records.disk import make_folder, replace_file


def keep_plan_file(folder: Path, candidates: Iterable[tuple[str, bytes]]) -> str:
    """Put a plan under the first of these names that is free, or that holds the very same already.

    No file is ever overwritten: it may have been written by hand. Durable when this returns.

    Raises
    ------
    RecordWriteError
        If it could not be written, or no name is free.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        make_folder(folder)
        for name, data in candidates:
            path = folder / name
            if not path.exists() or path.read_bytes() == data:
                replace_file(path, data)
                return name
    except OSError as error:
        raise RecordWriteError(f"the plan could not be kept ({error.strerror})") from error
    raise RecordWriteError("the plan could not be kept: every name like it is taken")
