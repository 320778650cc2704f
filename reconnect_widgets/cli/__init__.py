"""The command line ``reconnect``: what a person does with a record outside the browser.

What belongs here: reading arguments, asking before something is erased, saying what was done. It
is the one home of printing. What does not: how a record is written, merged or served; each
command calls `records`, `content` or `server` and stays small.

One module per group of commands; `boundary` is the one place that turns what went wrong into an
exit code. Modules that are slow to import (the server) are imported by the command that needs
them, so that ``reconnect --help`` answers at once.
"""

from __future__ import annotations

from reconnect_widgets.cli.boundary import main

__all__ = ["main"]
