"""What runs inside a kernel process, however the process came to be.

The warm parent calls `run` in a child it has just forked; where there is no forking, the
kernelspec's command line starts this module. Both get the same kernel: no history, no debugger, no
start-up files of the account it runs under, one comm target, limits.

This module lives in `server`, because the server starts it, and shares nothing with the web side.
What it warms is named as text and imported by name: the server's process must never import it.
"""

from __future__ import annotations

import importlib
import logging
import os
import select
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ipykernel.ipkernel
import zmq
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from traitlets import List
from traitlets.config import Config

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

    Parent pids do not tell: the parent is the warm parent, whose end must not matter.
    """

    def watch() -> None:
        poller = select.poll()
        poller.register(lifeline, select.POLLIN)
        poller.poll()
        os._exit(1)

    threading.Thread(target=watch, name="Lifeline", daemon=True).start()


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


class _Kernel(IPythonKernel):  # type: ignore[misc]
    """A kernel without a debugger."""

    def start(self) -> None:
        self.debugpy_stream = None
        super().start()


class _KernelApp(IPKernelApp):  # type: ignore[misc]
    """A kernel's application that reads no files but its connection file."""

    default_extensions = List([])

    def parse_command_line(self, argv: list[str] | None = None) -> None:
        """Have no command line. Reading an empty one costs 1.8 MiB of memory in every kernel."""

    def load_config_file(self, *args: Any, **kwargs: Any) -> None:
        """Read no configuration: what the account has for its own notebooks is not for ours."""

    def init_code(self) -> None:
        """Run no start-up files, for the same reason."""

    def init_pdb(self) -> None:
        """Leave the debugger alone."""

    def init_heartbeat(self) -> None:
        """Have no heartbeat: the server watches the process itself. Saves three threads."""

    def init_gui_pylab(self) -> None:
        """Set up no plotting."""

    def init_iopub(self, context: Any) -> None:
        """Welcome every subscriber, not only the first: a websocket waits for its welcome."""
        context.setsockopt(zmq.XPUB_VERBOSE, 1)  # for sockets yet to come; others ignore it
        super().init_iopub(context)

    def init_control(self, context: Any) -> None:
        """Have no subshells: they would cost a thread, and a browser could ask for more of them."""
        super().init_control(context)
        self.shell_channel_thread = None


def _config(connection_file: Path) -> Config:
    config = Config()
    config.IPKernelApp.connection_file = str(connection_file)
    config.IPKernelApp.kernel_class = _Kernel
    # Descriptors 1 and 2 are the null device already; this is about `print`, which only ever
    # reaches the server as a message, and from there nobody.
    config.IPKernelApp.capture_fd_output = False
    config.IPKernelApp.ignore_cwd = True
    config.IPKernelApp.auto_create = True
    config.ProfileDir.location = str(connection_file.parent / "profile")
    config.HistoryManager.enabled = False
    config.InteractiveShell.cache_size = 0
    return config


@contextmanager
def _no_list_of_modules() -> Iterator[None]:
    """Spare the kernel a look at every module, which it takes for its debugger.

    It touches each of a thousand modules once, and so copies 2.8 MiB that were shared with the warm
    parent. (ipykernel 7.4, `IPythonKernel.__init__`; can go when it asks for a debugger first.)
    """
    module: Any = ipykernel.ipkernel
    module.sys = SimpleNamespace(**{**vars(sys), "modules": {}})
    try:
        yield
    finally:
        module.sys = sys


def _answer_state_requests() -> None:
    """Let a browser ask for all widget state, and create no widgets.

    ipywidgets registers two comm targets when it is imported inside a kernel. Here it is imported
    before there is one, so it registers neither: `jupyter.widget`, through which a browser could
    create a widget of any class, stays unknown. The other is answered here and not by ipywidgets,
    which remembers one asker only: of two tabs that open at once, one would wait for ever.
    """
    widget_module: Any = importlib.import_module("ipywidgets.widgets.widget")

    def on_open(comm: Any, _: dict[str, Any]) -> None:
        def on_message(message: dict[str, Any]) -> None:
            if message["content"]["data"].get("method") != "request_states":
                return
            states = {
                widget.model_id: {
                    "model_name": widget._model_name,
                    "model_module": widget._model_module,
                    "model_module_version": widget._model_module_version,
                    "state": widget.get_state(),
                }
                for widget in list(widget_module._instances.values())
            }
            states, buffer_paths, buffers = widget_module._remove_buffers(states)
            answer = {"method": "update_states", "states": states, "buffer_paths": buffer_paths}
            comm.send(answer, buffers=buffers)

        comm.on_msg(on_message)

    comm_manager = importlib.import_module("comm").get_comm_manager()
    comm_manager.register_target("jupyter.widget.control", on_open)


def run(connection_file: Path, flavour: str) -> None:
    """Be a kernel until told to stop."""
    limit(flavour)
    # A kernel logs message contents when something fails. There is nowhere that they may go.
    log = logging.Logger("kernel", logging.CRITICAL)
    app = _KernelApp.instance(config=_config(connection_file), log=log)
    with _no_list_of_modules():
        app.initialize([])
    _answer_state_requests()
    app.start()


def main(argv: list[str]) -> None:
    """Start as a process of its own: ``kernel_main <flavour> <connection file>``."""
    flavour, connection_file = argv
    warm(flavour)
    run(Path(connection_file), flavour)


if __name__ == "__main__":
    main(sys.argv[1:])
