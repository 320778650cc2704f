"""Panel, as `panel serve` starts two apps on one server."""

from __future__ import annotations

from pathlib import Path

from bench.peers import Plan
from bench.peers.served import NO_RETURN, ServedApp

PANEL = ServedApp(
    name="Panel",
    package="panel",
    source=Path(__file__).parent,
    command=(
        *("panel", "serve", "page.py", "welcome.py"),
        *("--address", "127.0.0.1", "--port", "{port}"),
        *("--allow-websocket-origin", "127.0.0.1:{port}"),
    ),
    plan=Plan(
        shown="button",
        begin="button",
        choice="input[type=radio]",
        status=".status",
        answered="^Saved$",
        next="button",
    ),
    path="/page",
    other_path="/welcome",
    reasons={"return_ms": NO_RETURN},
)
