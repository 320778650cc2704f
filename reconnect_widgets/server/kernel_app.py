"""The kernel inside its process, in two halves: what is made before a fork, and what after it.

`prepare` makes everything that opens nothing: the kernel, its shell, its comm target. The warm
parent does that once, and `rehearse`s it, and its children share what came of it. `connect` opens
what belongs to one process alone: ZeroMQ's context and sockets, the event loop, and all ids. A
kernel that is not forked does both, one after the other.

One thread does everything. ipykernel has one more for what is published and one for control, so
that a kernel that computes for minutes can still be heard and interrupted; ours computes for
milliseconds and is never interrupted, only ended.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import zmq
from ipykernel.iostream import IOPubThread, OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQInteractiveShell
from jupyter_client.session import new_id
from tornado.ioloop import IOLoop
from traitlets import Type
from traitlets.config import Config
from zmq.eventloop.zmqstream import ZMQStream

# What a page's notebook does, done once where nobody listens (`workbook.preload.rehearse`).
REHEARSAL = "from reconnect_widgets.workbook.preload import rehearse\nrehearse()\ndel rehearse"

_LINGER_MS = 1000


class _Shell(ZMQInteractiveShell):  # type: ignore[misc]
    """A shell with no folders of its own, which it must not read, and without magics."""

    def init_ipython_dir(self, ipython_dir: Any) -> None:
        """Leave ``~/.ipython`` alone, and do not make it."""

    def init_profile_dir(self, profile_dir: Any) -> None:
        """Have no profile."""

    def transform_cell(self, raw_cell: str) -> str:
        """Take a cell for plain Python: looking for ``%`` and ``!`` costs each kernel 0.3 MiB."""
        return raw_cell


class _Kernel(IPythonKernel):  # type: ignore[misc]
    shell_class = Type(_Shell)


class _Publisher(IOPubThread):  # type: ignore[misc]
    """Publishes from the main thread what ipykernel hands to a thread of its own.

    It is an `IOPubThread` because `OutStream` wants one, and for how that welcomes subscribers.
    Of its constructor nothing fits: two sockets within the process, a TCP port for the output of
    subprocesses, a loop, a thread.
    """

    thread = None

    def __init__(self, socket: zmq.Socket[bytes], session: Any, io_loop: IOLoop) -> None:
        self.socket = socket
        self.session = session
        self.io_loop = io_loop
        self._setup_xpub_listener()

    def schedule(self, f: Callable[[], None]) -> None:
        """Call this in the main thread: now, if it is this one."""
        if threading.current_thread() is threading.main_thread():
            f()
        else:
            self.io_loop.add_callback(f)

    def _really_send(self, msg: list[bytes], *args: Any, **kwargs: Any) -> None:
        self.socket.send_multipart(msg, *args, **kwargs)
        # ZeroMQ announces but once that there is something to read, and a send may be what takes
        # notice. Without this a subscriber's welcome was forgotten now and then.
        if int(self.socket.getsockopt(zmq.EVENTS)) & zmq.POLLIN:
            self._xpub_stream.flush(zmq.POLLIN)

    def stop(self) -> None:
        """Stop no thread: there is none."""


class KernelApp(IPKernelApp):  # type: ignore[misc]
    """A kernel's application that reads no file but its connection file.

    `initialize` is never called: `prepare` and `connect` take its place. So there is no command
    line, no configuration or start-up file of the account, no heartbeat (the server watches the
    process itself), no subshells (a browser could ask for more of them), no debugger.
    """

    def prepare(self) -> None:
        """Make what opens nothing: no descriptor, no thread, no loop."""
        self.kernel = _Kernel.instance(parent=self, session=self.session, log=self.log)
        self.shell = self.kernel.shell
        _answer_state_requests()

    def rehearse(self) -> None:
        """Run one cell and send what it says nowhere, so that its memory is shared.

        What Python, IPython and the pages compile and keep at first use is then there before the
        fork. It leaves no widget, variable, key or parent message behind. A cell that fails is no
        reason to have no kernels: then each pays for itself.
        """
        self._publish_to(_Nowhere())
        self.session.key = b"rehearsal"
        content = {"code": REHEARSAL, "silent": False, "store_history": False}
        content |= {"user_expressions": {}, "allow_stdin": False, "stop_on_error": False}
        message = self.session.serialize(self.session.msg("execute_request", content))
        # In a loop, as later; it is closed again: children that inherit one would share its epoll.
        asyncio.run(self.kernel.dispatch_shell([zmq.Frame(part) for part in message]))
        self.kernel.set_parent([], {})
        self.session.digest_history.clear()
        self.session.message_count = 0
        self.session.key = b""

    def connect(self, connection_file: Path) -> None:
        """Open this process's own sockets. What was drawn by lot before a fork is drawn anew."""
        self.session.session = new_id()
        self.session.pid = os.getpid()  # it sends nothing in the name of another process
        self.kernel.ident = new_id()
        self.connection_file = str(connection_file)
        self.load_connection_file()
        self.init_poller()  # a kernel that was started ends with the process that started it
        self.context = context = zmq.Context()
        loop = IOLoop.current()
        self.kernel.shell_stream = ZMQStream(self._open(context, "shell", zmq.ROUTER), loop)
        self.kernel.control_stream = ZMQStream(self._open(context, "control", zmq.ROUTER), loop)
        self.kernel.stdin_socket = self._open(context, "stdin", zmq.ROUTER)
        self.iopub_thread = _Publisher(self._open(context, "iopub", zmq.XPUB), self.session, loop)
        self._publish_to(self.iopub_thread)
        sys.stdout = OutStream(self.session, self.iopub_thread, "stdout", watchfd=False)
        sys.stderr = OutStream(self.session, self.iopub_thread, "stderr", watchfd=False)
        self.init_signal()

    def _open(self, context: zmq.Context[Any], channel: str, kind: int) -> zmq.Socket[bytes]:
        """Return the bound socket of a channel."""
        socket: zmq.Socket[bytes] = context.socket(kind)
        # Not `socket.linger = ...`: to find an attribute, pyzmq looks through all it knows.
        socket.setsockopt(zmq.LINGER, _LINGER_MS)
        if kind == zmq.ROUTER:
            socket.setsockopt(zmq.ROUTER_HANDOVER, 1)  # who comes back is let in
        else:
            # Welcome every subscriber, not only the first: a websocket waits for its welcome.
            socket.setsockopt(zmq.XPUB_VERBOSE, 1)
        self._apply_curve_server_options(socket)
        self._bind_socket(socket, getattr(self, f"{channel}_port"))
        return socket

    def _publish_to(self, publisher: Any) -> None:
        self.kernel.iopub_socket = publisher
        self.shell.displayhook.pub_socket = publisher
        self.shell.display_pub.pub_socket = publisher


class _Nowhere:
    """Takes messages and forgets them."""

    def send_multipart(self, *args: object, **kwargs: object) -> None:
        """Send nothing."""


def build_app() -> KernelApp:
    """Return this process's kernel, made and not connected."""
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"  # else it looks for a profile's folder
    config.InteractiveShell.cache_size = 0
    # A kernel logs message contents when something fails. There is nowhere that they may go.
    app: KernelApp = KernelApp.instance(
        config=config, log=logging.Logger("kernel", logging.CRITICAL)
    )
    app.prepare()
    return app


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
