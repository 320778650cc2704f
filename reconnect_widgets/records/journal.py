"""The one thing that is written while people answer: an append-only file with one writer, ever.

What another process may see at any moment: whole rows, and perhaps the beginning of one more.
What is on the disk after a power cut: every row whose append returned.

The decision a newcomer would question: the writer mends nothing but its own last, failed row. A
file that looks otherwise than it left it (grown, shrunk, gone) is left alone for good, and the
next row begins a new file; merging many small files is cheap, mending a file that a second
program holds open is not.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from reconnect_widgets.errors import RecordReadError, RecordWriteError, WithdrawnError
from reconnect_widgets.records.disk import CREATE_NEW, sync_data, sync_folder, write_all
from reconnect_widgets.records.rows import HEADER, Row, encode_row
from reconnect_widgets.records.writer import RowWriter
from reconnect_widgets.system import utc_now


class JournalWriter(RowWriter):
    """Appends one subject's rows to a file of its own, each durable before it is returned.

    The file comes into being with the first row.

    Parameters
    ----------
    folder
        The session's ``journal`` folder.
    known
        The subject's rows so far, for idempotent retries and for dates that never go back.
    is_withdrawn
        Says whether the subject has withdrawn by now; asked whenever a file is made.
    """

    def __init__(
        self,
        folder: Path,
        session_id: str,
        subject: str,
        *,
        is_withdrawn: Callable[[], bool],
        known: Iterable[Row] = (),
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(session_id, subject, known=known, now=now)
        self._folder = folder
        self._is_withdrawn = is_withdrawn
        self._fd: int | None = None
        self._size = 0

    def close(self) -> None:
        super().close()
        with self._lock:
            self._leave()

    def _prepare(self) -> None:
        try:
            if self._fd is not None and not self._is_as_left(self._fd):
                self._leave()
            if self._fd is None:
                self._create()
        except RecordReadError as error:
            raise RecordWriteError(f"the row is not saved yet: {error}") from error
        except OSError as error:
            raise _not_saved(error) from error

    def _is_as_left(self, fd: int) -> bool:
        """Say whether the file still has its name and ends where this writer stopped."""
        status = os.fstat(fd)
        return status.st_nlink > 0 and status.st_size == self._size

    def _create(self) -> None:
        writer_id = self._new_writer_id()
        path = self._folder / f"{writer_id}.csv"
        fd = os.open(path, CREATE_NEW, 0o600)
        try:
            # Asked after the file is there: a withdrawal notes itself first and then looks for
            # files, so either it is seen here or this file is seen there.
            if self._is_withdrawn():
                raise WithdrawnError("this person has withdrawn; nothing more is recorded for them")
        except BaseException:
            with contextlib.suppress(OSError):
                os.close(fd)
                path.unlink()
            raise
        self._writer_id, self._fd, self._seq, self._size = writer_id, fd, 0, 0

    def _keep(self, row: Row) -> None:
        if self._fd is None:
            raise ValueError("a row is kept only after `_prepare`")
        line = encode_row(row)
        data = line if self._size else HEADER + line
        try:
            write_all(self._fd, data)
            sync_data(self._fd)
            if not self._size:
                sync_folder(self._folder)
        except OSError as error:
            # Cut a failed row off again. Where even that fails, the file does not end where we
            # stopped, so the next row begins a new one and nothing is glued to the rest.
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, self._size)
            raise _not_saved(error) from error
        self._size += len(data)

    def _leave(self) -> None:
        """Never write to the present file again."""
        fd, self._fd = self._fd, None
        if fd is not None:
            with contextlib.suppress(
                OSError
            ):  # its rows are synced; the system closes it in any case
                os.close(fd)


def _not_saved(error: OSError) -> RecordWriteError:
    return RecordWriteError(
        f"the row is not saved yet ({error.strerror}); everything before it is. "
        "Look at the free space and the permissions of the record folder; trying again is safe"
    )
