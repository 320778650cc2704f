"""Brings kernel processes to life: forked from a warm parent where that can be, else started.

Named as an entry point in pyproject.toml and in the two kernelspecs; jupyter_client finds it there
and makes one for each kernel.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Mapping
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Unicode

from reconnect_widgets.server.forking import ForkedProcess, WarmParent, can_fork

# The only variables of the server's environment that kernels get. A list of what may pass, not of
# what may not: nobody can know the names of all secrets.
INHERITED_VARIABLES = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "PYTHONPATH",
    "LD_LIBRARY_PATH",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
)


def clean_environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what of an environment (this process's own unless one is given) kernels may see."""
    env = os.environ if environ is None else environ
    return {name: env[name] for name in INHERITED_VARIABLES if name in env}


def wants_forks(environ: Mapping[str, str] | None = None) -> bool:
    """Say whether kernels are to be forked: where the system can, unless ``RECONNECT_FORK=0``."""
    env = os.environ if environ is None else environ
    return can_fork() and env.get("RECONNECT_FORK") != "0"


class ForkProvisioner(LocalProvisioner):
    """Makes and holds the process of one kernel.

    The kernel manager's own manager has the warm parents (``warm_parents``, by flavour). Where it
    has none (forking is off, or somebody else's server uses our kernelspec), the process is
    started by the kernelspec's command line, which leads to the same kernel, later.
    """

    process: Any = None  # a Popen or a ForkedProcess
    flavour = Unicode("participant", help="participant, or review with pandas")

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork or start the kernel; what it prints goes nowhere."""
        parents: Mapping[str, WarmParent] = getattr(self._kernels, "warm_parents", {})
        if self.flavour not in parents:
            kwargs |= {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            await super().launch_kernel(cmd, **kwargs)
        else:
            environment = kwargs["env"] | {"JPY_PARENT_PID": str(os.getpid())}
            connection_file = os.path.realpath(self.parent.connection_file)
            self.process = await parents[self.flavour].fork(connection_file, environment)
            self.pid = self.process.pid
        return self.connection_info

    async def wait(self) -> int | None:
        """Wait for the process to end, then let go of it."""
        if not isinstance(self.process, ForkedProcess):
            return await super().wait()
        while self.process.poll() is None:
            await _readable(self.process.pidfd)
        code = self.process.wait()
        self.process = None
        return code

    async def send_signal(self, signum: int) -> None:
        """Signal the kernel's process."""
        if isinstance(self.process, ForkedProcess):
            self.process.send_signal(signum)
        else:
            await super().send_signal(signum)

    def open_pidfd(self) -> int | None:
        """Return a new descriptor, the caller's to close, that can be read once the kernel ended.

        None where the system has no such thing.
        """
        if isinstance(self.process, ForkedProcess):
            return os.dup(self.process.pidfd)
        return os.pidfd_open(self.process.pid) if hasattr(os, "pidfd_open") else None

    @property
    def _kernels(self) -> object:
        return getattr(self.parent, "parent", None)


async def _readable(descriptor: int) -> None:
    """Wait until a descriptor can be read: for a pidfd, until its process has ended."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(descriptor, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(descriptor)
