"""Shiny for Python, as `shiny run` starts it without its development mode."""

from __future__ import annotations

from pathlib import Path

from bench.peers import Plan, Turn
from bench.peers.served import NO_RETURN, ServedApp

SHINY = ServedApp(
    name="Shiny for Python",
    package="shiny",
    source=Path(__file__).parent,
    command=("shiny", "run", "--no-dev-mode", "--port", "{port}", "page.py"),
    plan=Plan(
        shown="#begin, #next, #other",
        begin="#begin.shiny-bound-input",  # a tap before that is lost
        choice="input[type=radio]",
        status="#status",
        answered="^Saved$",
        next="#next",
        there=Turn("a[data-value=welcome]", "#other"),
        back=Turn("a[data-value=checkup]", "#next"),
    ),
    reasons={"return_ms": NO_RETURN},
)
