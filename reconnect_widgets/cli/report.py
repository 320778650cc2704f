"""The report of a bug: where in our code it happened, and on what. Never what was in it.

A traceback's last line and its local variables may hold an answer or a name, so neither is
written: only the types of the errors and the places (file, line, function) they passed through.
"""

from __future__ import annotations

import contextlib
import os
import platform
import tempfile
import traceback
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from reconnect_widgets import system


def write_report(error: BaseException) -> Path | None:
    """Write the report to a new file that only this user can read; None if even that fails."""
    with contextlib.suppress(OSError):
        day = system.utc_now().strftime("%Y-%m-%d")
        handle, name = tempfile.mkstemp(prefix=f"reconnect-report-{day}-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write("\n".join(report_lines(error)) + "\n")
        return Path(name)
    return None


def report_lines(error: BaseException) -> Iterator[str]:
    """Yield versions, then each error of the chain, newest first, without its message."""
    yield f"reconnect-workbook {metadata.version('reconnect-workbook')}"
    yield f"Python {platform.python_version()} on {platform.system()} {platform.release()}"
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield ""
        yield f"{type(link).__module__}.{type(link).__qualname__} (its message is left out)"
        for frame in traceback.extract_tb(link.__traceback__):
            yield f"  {_place(frame.filename)}:{frame.lineno} in {frame.name}"
        link = link.__cause__ or link.__context__


def _place(filename: str) -> str:
    """Keep the path from the package on: what is before it may name the user."""
    parts = Path(filename).parts
    for anchor in ("reconnect_widgets", "site-packages"):
        if anchor in parts:
            last = len(parts) - 1 - parts[::-1].index(anchor)
            return "/".join(parts[last:])
    return parts[-1] if parts else "?"
