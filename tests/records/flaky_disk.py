"""A disk that fails at the call one asks it to, for tests."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

# Every call through which the record package reaches the disk, looked up where it is called.
CALLS = (
    "open",
    "write",
    "fdatasync",
    "fsync",
    "ftruncate",
    "fstat",
    "replace",
    "unlink",
    "mkdir",
    "listdir",
    "stat",
    "rmdir",
    "scandir",
)


@dataclass
class FlakyDisk:
    """Counts the calls of this process, and lets some of them fail.

    Attributes
    ----------
    fails_at
        The call that fails, counted from 1; None lets all pass.
    stays_broken
        Whether every later call fails too.
    code
        The errno of the failure.
    """

    fails_at: int | None = None
    stays_broken: bool = False
    code: int = 0
    calls: list[str] = field(default_factory=list)

    @property
    def has_failed(self) -> bool:
        """Whether the call that fails was reached."""
        return self.fails_at is not None and len(self.calls) >= self.fails_at

    def check(self, name: str) -> None:
        """Count one call; raise if its time has come."""
        self.calls.append(name)
        at = self.fails_at
        if at is not None and (
            len(self.calls) == at or (self.stays_broken and len(self.calls) > at)
        ):
            raise OSError(self.code, os.strerror(self.code))


def skip_syncs(patch: pytest.MonkeyPatch) -> None:
    """Let this process's syncs return at once; what it wrote is seen by others all the same."""
    for name in ("fsync", "fdatasync"):
        patch.setattr(os, name, lambda fd: None)


@contextmanager
def flaky_disk(
    fails_at: int | None = None, code: int = 0, *, stays_broken: bool = False
) -> Iterator[FlakyDisk]:
    """Let disk calls fail inside the block; a failing write leaves half of its bytes behind."""
    disk = FlakyDisk(fails_at, stays_broken, code)
    write = os.write

    def guarded(name: str, call: Any) -> Any:
        def guard(*args: Any, **kwargs: Any) -> Any:
            try:
                disk.check(name)
            except OSError:
                if name == "write":
                    write(args[0], bytes(args[1])[: len(args[1]) // 2])
                raise
            return call(*args, **kwargs)

        return guard

    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, guarded(name, getattr(os, name)))
        patch.setattr(io, "open", guarded("read", io.open))
        yield disk
