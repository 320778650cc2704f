"""Streamlit, as `streamlit run` starts it on a server: headless, watching no files."""

from __future__ import annotations

from pathlib import Path

from bench.peers import Plan, Turn
from bench.peers.served import NO_RETURN, ServedApp

STREAMLIT = ServedApp(
    name="Streamlit",
    package="streamlit",
    source=Path(__file__).parent,
    command=("streamlit", "run", "page.py"),
    doorstep="/_stcore/health",
    settings={
        "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
        "STREAMLIT_SERVER_PORT": "{port}",
        "STREAMLIT_SERVER_HEADLESS": "true",
        "STREAMLIT_SERVER_FILE_WATCHER_TYPE": "none",
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
        "STREAMLIT_CLIENT_TOOLBAR_MODE": "viewer",
    },
    plan=Plan(
        shown=".st-key-begin button, .st-key-next button, .st-key-back a",
        begin=".st-key-begin button",
        choice="input[type=radio]",
        status=".st-key-status",
        answered="^Saved$",
        next=".st-key-next button",
        there=Turn(".st-key-there a", ".st-key-back a"),
        back=Turn(".st-key-back a", ".st-key-next button"),
    ),
    reasons={"return_ms": NO_RETURN},
)
