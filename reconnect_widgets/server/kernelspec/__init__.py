"""The two kernelspecs, found inside the package.

A kernelspec is normally copied to a Jupyter data path when a package is installed, and an editable
install skips that. Here the server looks into the package itself, so nothing needs installing and
nothing that happens to be on the machine's Jupyter paths can be started instead.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel

PARTICIPANT_KERNEL = "reconnect"
REVIEW_KERNEL = "reconnect-review"
KERNELSPEC_DIR = Path(__file__).parent


class WorkbookKernelSpecManager(KernelSpecManager):
    """Knows the workbook's own kernelspecs and no others."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs |= {"kernel_dirs": [str(KERNELSPEC_DIR)], "ensure_native_kernel": False}
        super().__init__(**kwargs)

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return one of ours; the parent class would offer ipykernel's ``python3`` too."""
        if kernel_name not in (PARTICIPANT_KERNEL, REVIEW_KERNEL):
            raise NoSuchKernel(kernel_name)
        return super().get_kernel_spec(kernel_name)
