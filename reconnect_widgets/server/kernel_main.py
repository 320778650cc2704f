"""What runs inside a kernel process, however the process came to be.

The warm parent calls `run` in a child it has just forked; where there is no forking, the
kernelspec's command line starts this module. Both get the same kernel: no history, no debugger, no
start-up files of the account it runs under, one comm target, limits.

This module lives in `server`, because the server starts it, and shares nothing with the web side.
What it warms is named as text and imported by name: the server's process must never import it.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import ipykernel.debugger
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from traitlets.config import Config

# Everything that a kernel of a flavour will import sooner or later, so that it is done once.
# Absent ones are left out: the workbook's pages may be of an older or newer layout.
WARMED: dict[str, tuple[str, ...]] = {
    "participant": (
        "asyncio",
        "psutil",
        "sqlite3",
        "tornado.platform.asyncio",
        "zmq.asyncio",
        "zmq.eventloop.zmqstream",
        "jupyter_client.session",
        "ipykernel.comm",
        "ipykernel.displayhook",
        "ipykernel.zmqshell",
        "ipywidgets",
        "anywidget",
        "reconnect_widgets.workbook",
    ),
    "review": ("pandas", "reconnect_widgets.review"),
}


def warm(flavour: str) -> None:
    """Import what kernels of this flavour need."""
    names = WARMED["participant"] + (WARMED["review"] if flavour == "review" else ())
    for name in names:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise


class _Kernel(IPythonKernel):  # type: ignore[misc]
    """A kernel without a debugger."""

    def start(self) -> None:
        self.debugpy_stream = None
        super().start()


class _KernelApp(IPKernelApp):  # type: ignore[misc]
    """A kernel's application that reads no files but its connection file."""

    def load_config_file(self, *args: Any, **kwargs: Any) -> None:
        """Read no configuration: what the account has for its own notebooks is not for ours."""

    def init_code(self) -> None:
        """Run no start-up files, for the same reason."""

    def init_pdb(self) -> None:
        """Leave the debugger alone."""

    def init_gui_pylab(self) -> None:
        """Set up no plotting."""


def _config(connection_file: Path) -> Config:
    config = Config()
    config.IPKernelApp.connection_file = str(connection_file)
    config.IPKernelApp.kernel_class = _Kernel
    config.IPKernelApp.capture_fd_output = False
    config.IPKernelApp.default_extensions = []
    config.IPKernelApp.auto_create = True
    config.ProfileDir.location = str(connection_file.parent / "profile")
    config.HistoryManager.enabled = False
    config.InteractiveShell.cache_size = 0
    config.InteractiveShell.colors = "nocolor"
    return config


def _register_control_comm() -> None:
    """Let a browser ask for all widget state, and create no widgets.

    ipywidgets registers two targets when it is imported inside a kernel. Here it was imported
    before there was one, so neither is: `jupyter.widget`, through which a browser could create any
    widget of any class, stays unknown.
    """
    widget = importlib.import_module("ipywidgets").Widget
    comm_manager = importlib.import_module("comm").get_comm_manager()
    comm_manager.register_target("jupyter.widget.control", widget.handle_control_comm_opened)


def run(connection_file: Path) -> None:
    """Be a kernel until told to stop."""
    ipykernel.debugger._is_debugpy_available = False
    app = _KernelApp.instance(config=_config(connection_file))
    app.initialize([])
    _register_control_comm()
    app.start()


def main(argv: list[str]) -> None:
    """Start as a process of its own: ``kernel_main <flavour> <connection file>``."""
    flavour, connection_file = argv
    warm(flavour)
    run(Path(connection_file))
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
