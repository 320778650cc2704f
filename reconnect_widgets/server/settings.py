"""How the web server is started, and what it can say once it listens: plain values.

Importing this module is cheap (no Voilà, no Tornado), so the command line may use it for its
options before anything heavy is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DEFAULT_PORT = 8866


@dataclass(frozen=True)
class ServerSettings:
    """Where and for whom the workbook is served.

    Attributes
    ----------
    data_dir
        The record folder; secrets live in ``data_dir/.secrets``.
    ip
        The one address to listen on. Ignored when ``lan`` is set.
    port
        Exactly this port or an error; ``0`` lets the system choose a free one (tests).
    lan
        Listen on all interfaces, so that the phones of the room can reach it.
    certfile, keyfile
        Both or neither; with them the server speaks https and cookies are ``Secure``.
    """

    data_dir: Path
    ip: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    lan: bool = False
    certfile: Path | None = None
    keyfile: Path | None = None

    @property
    def scheme(self) -> str:
        """``https`` when this server itself ends TLS, else ``http``."""
        return "https" if self.certfile else "http"


@dataclass(frozen=True)
class ServerReady:
    """What `run` hands to its caller when the first request could be answered.

    Attributes
    ----------
    local_url
        For a browser on this machine, ending in ``/``.
    lan_url
        For phones on the same network; None unless ``lan`` was asked for and a network is there.
    facilitator_url
        Where the facilitator signs in.
    passcode_path
        The file that keeps the passcode (mode 0600); it may have been removed by its owner.
    passcode
        The passcode when it was made by this very start, else None.
    """

    local_url: str
    lan_url: str | None
    facilitator_url: str
    passcode_path: Path
    passcode: str | None
