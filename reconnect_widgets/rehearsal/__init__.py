"""Couples who do not exist, playing an evening against a running server.

What belongs here: a phone without a screen (real HTTP, a real kernel websocket, real comm
messages), the made-up people who hold it, what they were told is saved, and whether the record
says the same. What does not: starting a server, printing, and anything that a browser could not
do.

The decision a newcomer would question: nothing of `server`, `workbook` or `widgets` is imported.
What is played against is another process, perhaps another version on another machine; it is known
by its addresses and messages alone, as a browser knows it.
"""

from __future__ import annotations

from reconnect_widgets.rehearsal.comparison import Comparison, compare
from reconnect_widgets.rehearsal.group import Cast
from reconnect_widgets.rehearsal.ledger import Acknowledged, Ledger
from reconnect_widgets.rehearsal.pace import FAST, HUMAN, Pace
from reconnect_widgets.rehearsal.phone import Phone, Server

__all__ = [
    "FAST",
    "HUMAN",
    "Acknowledged",
    "Cast",
    "Comparison",
    "Ledger",
    "Pace",
    "Phone",
    "Server",
    "compare",
]
