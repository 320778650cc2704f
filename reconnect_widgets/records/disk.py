"""The few operating-system calls that durability hangs on.

Source for what each call promises: POSIX ``fdatasync``, ``fsync``, ``rename``; Linux ``fsync(2)``
("calling fsync() does not necessarily ensure that the entry in the directory containing the file
has also reached disk. For that an explicit fsync() on … the directory is also needed"); Apple's
``fsync(2)``, which sends to the drive but not through its cache: hence ``F_FULLFSYNC`` there.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from reconnect_widgets.errors import RecordReadError, RecordWriteError
from reconnect_widgets.system import random_code

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LOCK_FILE = ".merge.lock"
_BINARY = getattr(os, "O_BINARY", 0)  # Windows would translate line ends without it
CREATE_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | _BINARY


def write_all(fd: int, data: bytes) -> None:
    """Write every byte; one system call unless the kernel took only a part."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def sync_data(fd: int) -> None:
    """Return when the file's data, and its length, are on the disk."""
    if fcntl is not None and hasattr(fcntl, "F_FULLFSYNC"):  # macOS
        fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
    elif hasattr(os, "fdatasync"):
        os.fdatasync(fd)
    else:  # Windows
        os.fsync(fd)


def sync_folder(folder: Path) -> None:
    """Return when the names in the folder are on the disk. Windows does that by itself."""
    if os.name == "nt":
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def list_names(folder: Path) -> list[str]:
    """Return the names in a folder, sorted.

    Raises
    ------
    RecordReadError
        If it is not there or can not be looked through. (`Path.glob` would find nothing then.)
    """
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208  # names alone; a third of iterdir's cost
    except OSError as error:
        raise RecordReadError(f"{folder}: can not be looked through ({error.strerror})") from error


def make_folder(folder: Path) -> None:
    """Make a folder that only its owner may enter, durably; one that is there is left alone."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        sync_folder(folder.parent)


def replace_file(path: Path, data: bytes) -> bool:
    """Put a whole new file in place of the old one; return False if it held these bytes already.

    Another process sees the old bytes or the new ones, never a mixture, and after a power cut one
    of the two is there. On Windows the replacement fails while another program keeps the file
    open without sharing it (a spreadsheet program does): the old file stays as it was.

    Raises
    ------
    RecordWriteError
        If the new file could not be put in place. The old one is unharmed, no rest is left.
    """
    with contextlib.suppress(OSError):
        if path.read_bytes() == data:
            return False
    # A dot first: a spreadsheet user does not see it, and no reader takes it for a record.
    temporary = path.with_name(f".{path.name}.{random_code(8).lower()}.tmp")
    try:
        fd = os.open(temporary, CREATE_NEW, 0o600)
        try:
            write_all(fd, data)
            os.fsync(fd)
        finally:
            os.close(fd)
        os.replace(temporary, path)  # noqa: PTH105  # the os calls of this module are what tests break
        sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108
        what = f"{path.name} could not be replaced ({error.strerror}); the earlier one is unharmed"
        if isinstance(error, PermissionError):
            what += ". Close it in other programs, look at the folder's permissions, and try again"
        raise RecordWriteError(what) from error
    return True


def remove_leftovers(folder: Path) -> None:
    """Delete temporary files of a replacement that a crash cut short; they may hold answers.

    To be called only while holding the folder's lock: nobody else is replacing files then.
    """
    for name in list_names(folder):
        if name.startswith(".") and name.endswith(".tmp"):
            with contextlib.suppress(OSError):  # the next one tries again
                (folder / name).unlink()


@contextlib.contextmanager
def one_at_a_time(lock_file: Path) -> Iterator[None]:
    """Let one process after the other through; the system frees the lock of a process that dies.

    Nobody who answers ever waits here, and nothing would be harmed if the lock did not hold (as
    on some network file systems, and on Windows, where it is left out): it only keeps an older
    merge from finishing after a newer one.
    """
    if fcntl is None:
        yield
        return
    try:
        fd = os.open(lock_file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise RecordWriteError(
            f"the session's folder can not be written ({error.strerror})"
        ) from error
    try:
        with contextlib.suppress(OSError):  # a file system without locks: go on without
            fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)
