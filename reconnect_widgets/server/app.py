"""The web process: Voilà with a closed handler table."""

from __future__ import annotations

from collections.abc import Callable

from reconnect_widgets.errors import SetupError
from reconnect_widgets.server.settings import ServerReady, ServerSettings

__all__ = ["ServerReady", "ServerSettings", "run"]


def run(settings: ServerSettings, on_ready: Callable[[ServerReady], None] | None = None) -> None:
    """Serve the workbook until SIGTERM or SIGINT; return after a clean stop.

    Parameters
    ----------
    settings
        Where and for whom.
    on_ready
        Called once, in the serving thread, when the port is open.

    Raises
    ------
    SetupError
        The port is in use, a certificate cannot be read, or the secrets' folder is not private.
    """
    raise SetupError("The server is not built yet.")
