"""Solara, as `solara run --production` starts it, with its scripts from PyPI.

Without `solara-assets` the server fetches its page's scripts from a content network at the first
visit; with it, it needs nobody else, as a room without internet asks for.
"""

from __future__ import annotations

from pathlib import Path

from bench.peers import Plan, Turn
from bench.peers.served import NO_RETURN, ServedApp

SOLARA = ServedApp(
    name="Solara",
    package="solara",
    source=Path(__file__).parent,
    command=(
        *("solara", "run", "page.py", "--production", "--no-open", "--no-check-version"),
        *("--host", "127.0.0.1", "--port", "{port}"),
    ),
    settings={"SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false"},
    plan=Plan(
        shown=".begin, .next, .back",
        begin=".begin",
        choice="input[type=radio]",
        status=".status",
        answered="^Saved$",
        next=".next",
        there=Turn(".there", ".back"),
        back=Turn(".back", ".next"),
    ),
    reasons={"return_ms": NO_RETURN},
)
