"""What several commands read from the command line, checked where it comes in."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from reconnect_widgets import system
from reconnect_widgets.domain.people import PARTICIPANT_ID, SESSION_ID
from reconnect_widgets.errors import SessionError
from reconnect_widgets.server.names import parse_title

Command = TypeVar("Command", bound=Callable[..., Any])


class Matching(click.ParamType[str]):
    """Text that fits a pattern as a whole."""

    def __init__(self, name: str, pattern: re.Pattern[str], advice: str) -> None:
        self.name = name
        self.pattern = pattern
        self.advice = advice

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = value.strip()
        if not self.pattern.fullmatch(text):
            self.fail(f"that is not a {self.name}. {self.advice}", param, ctx)
        return text


class Title(click.ParamType[str]):
    """A session's title, by the same rule as on the facilitator's page."""

    name = "title"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return parse_title(value)
        except SessionError as error:
            self.fail(str(error), param, ctx)


# Who did it, in the timeline of a session.
ACTOR = "cli"

SESSION = Matching("session id", SESSION_ID, "See: reconnect session list")
PARTICIPANT = Matching(
    "participant id", PARTICIPANT_ID, "It looks like p-ab12cd. See: reconnect session show ID"
)


def data_option(command: Command) -> Command:
    """Add ``--data``, the record folder, as an absolute path."""
    return click.option(
        "--data",
        "data_dir",
        metavar="DIR",
        type=click.Path(file_okay=False, path_type=Path),
        callback=lambda _ctx, _param, value: (
            value.resolve() if value else system.default_data_dir()
        ),
        help="The record folder. Default: $RECONNECT_DATA, or data in this folder.",
    )(command)


def json_option(command: Command) -> Command:
    """Add ``--json``: the same, for programs."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")(
        command
    )


def yes_option(command: Command) -> Command:
    """Add ``--yes``: erase without asking."""
    return click.option("--yes", is_flag=True, help="Erase without asking.")(command)
