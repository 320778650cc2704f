"""What runs inside a kernel process, however the process came to be.

The warm parent calls `run` in a child it has just forked; where there is no forking, the
kernelspec's command line starts this module. Both get the same kernel: no history, no debugger, no
start-up files of the account it runs under, one comm target, limits. The kernel itself is
`kernel_app`.

This module lives in `server`, because the server starts it, and shares nothing with the web side.
What it warms is named as text and imported by name: the server's process must never import it.
"""

from __future__ import annotations

import _thread
import importlib
import os
import select
import sys
from pathlib import Path

from reconnect_widgets.server.kernel_app import KernelApp, build_app

# Everything that a kernel of a flavour imports sooner or later, so that it is done once, and no
# kernel pays for it in time or in memory of its own.
_EVERY_KERNEL = (
    "bdb",
    "faulthandler",
    "psutil",
    "sqlite3",
    "tornado.platform.asyncio",
    "zmq.asyncio",
    "zmq.eventloop.zmqstream",
    "IPython.core.completerlib",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.utils.wildcard",
    "ipykernel.debugger",
    "ipykernel.zmqshell",
    "ipywidgets",
    "anywidget",
    "encodings.utf_8_sig",
    "reconnect_widgets.workbook.preload",
)
WARMED = {
    "participant": _EVERY_KERNEL,
    "review": (*_EVERY_KERNEL, "pandas", "reconnect_widgets.review"),
}

_MIB = 1024 * 1024
# Guard rails, not a budget. Address space measured: a participant's kernel 110 MiB forked and
# 365 MiB started, a review's 230 and 530 MiB before it has loaded any frame.
ADDRESS_SPACE_BYTES = {"participant": 1024 * _MIB, "review": 6144 * _MIB}
# The largest file it may write. A journal of a whole evening is below 1 MiB.
FILE_BYTES = 64 * _MIB
OPEN_FILES = 1024
# The system counts all processes and threads of the account together, so this is no budget for one
# kernel: it stops a fork bomb before the machine stops.
PROCESSES_OF_THE_ACCOUNT = 8192


def warm(flavour: str) -> None:
    """Import what kernels of this flavour need, and see to it that the debugger is not loaded."""
    sys.modules.setdefault("debugpy", None)  # type: ignore[arg-type]  # "cannot be imported"
    for name in WARMED[flavour]:
        importlib.import_module(name)


def reseed() -> None:
    """Make the randomness of this process its own after a fork.

    Python's own generators do it by themselves; NumPy's global one does not.
    """
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()


def end_with(lifeline: int) -> None:
    """End this process as soon as the one behind this pidfd has ended.

    Parent pids do not tell: the parent is the warm parent, whose end must not matter. The thread
    is a bare one: all that `threading` keeps for each would be private to each kernel.
    """

    def watch() -> None:
        poller = select.poll()
        poller.register(lifeline, select.POLLIN)
        poller.poll()
        os._exit(1)

    _thread.start_new_thread(watch, ())


def limit(flavour: str) -> None:
    """Bound what this process may take from the machine."""
    try:
        import resource
    except ImportError:  # Windows
        return
    limits = {
        resource.RLIMIT_AS: ADDRESS_SPACE_BYTES[flavour],
        resource.RLIMIT_FSIZE: FILE_BYTES,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_NPROC: PROCESSES_OF_THE_ACCOUNT,
        resource.RLIMIT_CORE: 0,  # a core file would hold answers
    }
    for name, wanted in limits.items():
        _, hard = resource.getrlimit(name)
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(name, (value, value))


def run(app: KernelApp, connection_file: Path, flavour: str) -> None:
    """Be a kernel until told to stop."""
    limit(flavour)
    app.connect(connection_file)
    app.start()


def main(argv: list[str]) -> None:
    """Start as a process of its own: ``kernel_main <flavour> <connection file>``."""
    flavour, connection_file = argv
    warm(flavour)
    run(build_app(), Path(connection_file), flavour)


if __name__ == "__main__":
    main(sys.argv[1:])
