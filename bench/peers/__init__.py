"""Who is measured: one module for each peer, in an environment of its own where it needs one.

A peer is anything that serves the checkup's twenty questions as a page. To add one, write a
module with a class that does what `Peer` says, and put it into `PEERS` in `bench/__main__.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Plan:
    """Where things stand on a peer's page: CSS selectors, and the word that an answer is met with.

    Attributes
    ----------
    shown
        A control that is seen when the page stands there.
    begin
        What is tapped before the first question; empty when the page begins with it.
    choice
        The options of the question on the screen.
    status, answered
        Where the server's answer to a tap is read, and the expression that its words fit.
    next
        What leads to the next question.
    """

    shown: str
    begin: str
    choice: str
    status: str
    answered: str
    next: str


@dataclass(frozen=True)
class Visit:
    """Somebody who is about to open the page: its address, and what their browser holds."""

    url: str
    cookies: Mapping[str, str] = field(default_factory=dict)


class Peer(Protocol):
    """A server that can be started anew for each part of a run.

    Attributes
    ----------
    name
        The head of its column.
    plan
        How its page is tapped.
    remembers
        Whether somebody who opens the page a second time finds their own place again.
    other_page
        Where the page → page row goes to and back from.
    turns_in_place
        Whether a link to it is turned without loading a new document.
    reasons
        Rows that it cannot give, and why.
    """

    name: str
    plan: Plan
    remembers: bool
    turns_in_place: bool
    reasons: Mapping[str, str]

    @property
    def pid(self) -> int:
        """The process that has started all others."""
        ...

    @property
    def other_page(self) -> str:
        """The address of a second page."""
        ...

    async def start(self, folder: Path) -> None:
        """Start the server with everything it writes in this folder; return when it answers."""
        ...

    def stop(self) -> None:
        """End it and everything it started."""
        ...

    async def invite(self) -> Visit:
        """Return somebody new, for whom nothing has been started so far."""
        ...

    async def sit_down(self) -> None:
        """Have somebody new open the page without a browser, and stay."""
        ...
