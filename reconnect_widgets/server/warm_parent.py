"""The process that forks kernels: all imported, made and rehearsed once, then child after child.

Started by `forking.WarmParent` as ``python -m reconnect_widgets.server.warm_parent``, with one end
of a socket pair. It has no secrets, no ZeroMQ context, no thread and no event loop: a fork copies
only the thread that asks for it, and half of a lock.

One packet in is one `ForkRequest`; one packet out is its `ForkReply`, with a file descriptor that
stands for the new process (a pidfd): kernels are not children of the server, so it could not wait
for them by number, and a number may come to mean another process.

A kernel lives on when this process dies. It ends with the *server*: each holds the server's pidfd
(its lifeline) and leaves when that process is gone, however it went.
"""

from __future__ import annotations

import errno
import gc
import json
import os
import re
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from reconnect_widgets.errors import MessageError

if TYPE_CHECKING:
    from reconnect_widgets.server.kernel_app import KernelApp

MAX_PACKET_BYTES = 32 * 1024
_VARIABLE_NAME = re.compile(r"[A-Z][A-Z0-9_]*")


@dataclass(frozen=True)
class ForkRequest:
    """One kernel wanted.

    Attributes
    ----------
    number
        Repeated in the reply.
    connection_file
        Where the kernel reads its addresses and its key.
    environment
        All of the kernel's environment; nothing is inherited.
    """

    number: int
    connection_file: str
    environment: dict[str, str]

    def packed(self) -> bytes:
        """Return the packet that `unpack` reads."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def unpack(cls, packet: bytes) -> ForkRequest:
        """Read a packet; MessageError when it is no request."""
        try:
            fields = json.loads(packet)
            request = cls(**fields)
        except (ValueError, TypeError):
            raise MessageError("the packet is no request for a kernel") from None
        if not (
            isinstance(request.number, int)
            and isinstance(request.connection_file, str)
            and isinstance(request.environment, dict)
            and all(_VARIABLE_NAME.fullmatch(name) for name in request.environment)
            and all(isinstance(value, str) for value in request.environment.values())
        ):
            raise MessageError("the packet is no request for a kernel")
        return request


@dataclass(frozen=True)
class ForkReply:
    """What came of it. Number 0 is not a reply: it says that this parent is ready.

    Attributes
    ----------
    pid
        The new process; 0 when there is none.
    error
        Why there is none: the name of an `errno`, such as ``EAGAIN``.
    """

    number: int
    pid: int = 0
    error: str = ""

    def packed(self) -> bytes:
        """Return the packet that `unpack` reads."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def unpack(cls, packet: bytes) -> ForkReply:
        """Read a packet of a warm parent."""
        return cls(**json.loads(packet))


def serve(channel: socket.socket, fork: Callable[[ForkRequest], tuple[int, int]]) -> None:
    """Answer requests until the server closes its end, or is gone.

    Parameters
    ----------
    channel
        A packet socket.
    fork
        Makes one kernel; returns its pid and its pidfd; OSError when the system refuses.
    """
    channel.send(ForkReply(number=0, pid=os.getpid()).packed())
    while packet := channel.recv(MAX_PACKET_BYTES):
        request = ForkRequest.unpack(packet)
        try:
            pid, pidfd = fork(request)
        except OSError as error:
            name = errno.errorcode.get(error.errno or 0, "OSError")
            channel.send(ForkReply(request.number, error=name).packed())
            continue
        socket.send_fds(channel, [ForkReply(request.number, pid).packed()], [pidfd])
        os.close(pidfd)


def fork_kernel(
    app: KernelApp, request: ForkRequest, flavour: str, channel: socket.socket, lifeline: int
) -> tuple[int, int]:
    """Fork one kernel; return its pid and its pidfd. Does not return in the child."""
    pid = os.fork()
    if pid == 0:
        channel.close()
        _become_kernel(app, request, flavour, lifeline)
    try:
        return pid, os.pidfd_open(pid)
    except OSError:
        # Nobody could ever wait for it or end it.
        os.kill(pid, signal.SIGKILL)
        raise


def _become_kernel(app: KernelApp, request: ForkRequest, flavour: str, lifeline: int) -> NoReturn:
    from reconnect_widgets.server import kernel_main

    try:
        gc.enable()
        # A group of its own, but the parent's session: Linux shares processors out by session
        # first (autogroup), and of two hundred sessions each would weigh as much as the server.
        os.setpgrp()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.environ.clear()
        os.environ.update(request.environment)
        kernel_main.reseed()
        kernel_main.end_with(lifeline)
        kernel_main.run(app, Path(request.connection_file), flavour)
    finally:
        # Whatever happened, this must not go back into the loop of the parent it came from.
        os._exit(1)


def main(argv: list[str]) -> None:
    """Warm up and serve: ``warm_parent <flavour> <socket> <lifeline>`` (two descriptors)."""
    flavour, channel_fd, lifeline_fd = argv
    channel = socket.socket(fileno=int(channel_fd))
    lifeline = int(lifeline_fd)
    # Nothing is collected before the fork: freed memory would leave holes in shared pages, which
    # every kernel then fills, and so copies, on its own.
    gc.disable()
    from reconnect_widgets.server import kernel_app, kernel_main

    kernel_main.warm(flavour)
    app = kernel_app.build_app()
    app.rehearse()
    gc.freeze()
    # The system reaps the children: the server learns of their end through their pidfds.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    serve(channel, lambda request: fork_kernel(app, request, flavour, channel, lifeline))


if __name__ == "__main__":
    main(sys.argv[1:])
