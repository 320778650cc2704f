"""A machine whose clock is wrong, and may be set while the workbook runs.

The processes of a server that is started with `environ` see the wall clock through `sitecustomize`,
which Python runs before anything else: there the clock of `reconnect_widgets.system` and
`time.time` (which signs and checks cookies) are moved by what a file says. Clocks that only measure
how long something takes go on as they are, as on a machine whose clock is set.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

_SITECUSTOMIZE = """
import datetime, pathlib, time
from reconnect_widgets import system

_moved, _time, _utc_now = pathlib.Path(__file__).with_name("moved_s"), time.time, system.utc_now

def moved_s():
    return float(_moved.read_text())

time.time = lambda: _time() + moved_s()
system.utc_now = lambda: _utc_now() + datetime.timedelta(seconds=moved_s())
"""


class WrongClock:
    """How far the clock is off, for every process that was given `environ`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._moved = folder / "moved_s"
        self.set_off(timedelta(0))
        (folder / "sitecustomize.py").write_text(_SITECUSTOMIZE)
        paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
        self.environ = {"PYTHONPATH": os.pathsep.join(paths)}

    def set_off(self, by: timedelta) -> None:
        """Let the clock be off by this much from now on."""
        beside = self._moved.with_name("next")
        beside.write_text(str(by.total_seconds()))
        beside.replace(self._moved)  # whole for whoever reads it just now
