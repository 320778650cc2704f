"""Who is measured: one module for each peer, in an environment of its own where it needs one.

A peer is anything that serves the checkup's twenty questions as a page. To add one, write a
module with an object that does what `Peer` says, and put it into `PEERS` in `bench/__main__.py`;
for one that is a server with a page in Python, that object is a `bench.peers.served.ServedApp`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

SEATS = (1, 5, 20)
"""With how many people on the page a peer's memory is taken."""


class PeerError(Exception):
    """A peer could not be installed or started, or its page was not answered in time.

    Attributes
    ----------
    reason
        What the page of results may say: no path, no output of a program.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


@dataclass(frozen=True)
class Turn:
    """How one gets from one page to the other by tapping.

    Attributes
    ----------
    tap
        What leads there.
    shown
        What is seen only on the page that it leads to.
    loads
        Whether the browser loads a new document; `shown` is then the plan's.
    """

    tap: str
    shown: str = ""
    loads: bool = False


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
    there, back
        How the other page is reached and left again; None where an address is gone to.
    """

    shown: str
    begin: str
    choice: str
    status: str
    answered: str
    next: str
    there: Turn | None = None
    back: Turn | None = None


@dataclass(frozen=True)
class Visit:
    """Somebody who is about to open the page: its address, and what their browser holds.

    Attributes
    ----------
    doorstep
        Where they come from: an address of the same server that loads nothing else. Whoever
        comes from another site, or from nowhere, may be given a new process by the browser.
    """

    url: str
    cookies: Mapping[str, str] = field(default_factory=dict)
    doorstep: str = "about:blank"


class Peer(Protocol):
    """A server that can be started anew for each part of a run.

    Attributes
    ----------
    name
        The head of its column.
    plan
        How its page is tapped.
    required
        Whether the run ends when it fails; otherwise its rows become dashes with the reason.
    remembers
        Whether somebody who opens the page a second time finds their own place again.
    other_page
        Where the page → page row goes to and back from, when the plan does not say it.
    turns_in_place
        Whether a link to it is turned without loading a new document.
    reasons
        Rows that it cannot give, and why.
    """

    name: str
    plan: Plan
    required: bool
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

    def prepare(self) -> None:
        """Make what it needs to run, once before all measurements; PeerError if that fails."""
        ...

    async def start(self, folder: Path) -> None:
        """Start the server with everything it writes in this folder; return when it answers.

        PeerError if it does not come up.
        """
        ...

    def stop(self) -> None:
        """End it and everything it started."""
        ...

    async def invite(self) -> Visit:
        """Return somebody new, for whom nothing has been started so far."""
        ...
