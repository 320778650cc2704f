"""Brings kernel processes to life."""

from __future__ import annotations

import subprocess
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Unicode


class ForkProvisioner(LocalProvisioner):
    """Starts the workbook's kernels."""

    flavour = Unicode("participant")

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel as a process of its own; what it prints goes nowhere."""
        kwargs |= {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return await super().launch_kernel(cmd, **kwargs)
