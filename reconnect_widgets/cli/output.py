"""The one home of printing: words to standard output, JSON alone, one line to standard error."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence

import click

from reconnect_widgets.errors import ReconnectError


def say(text: str = "") -> None:
    """Print to standard output, whatever its encoding can hold."""
    click.echo(_printable(text, sys.stdout.encoding))


def say_json(value: object) -> None:
    """Print one JSON value to standard output, ASCII only, so that any pipe carries it."""
    click.echo(json.dumps(value, indent=2))


def warn(text: str) -> None:
    """Print one line to standard error: control characters and line ends become spaces."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    click.echo(_printable(line, sys.stderr.encoding), err=True)


def say_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print columns aligned by what they take on a terminal (wide characters count two)."""
    lines = [list(header), *(list(row) for row in rows)]
    widths = [max(_width(line[i]) for line in lines) for i in range(len(header))]
    for line in lines:
        cells = (c + " " * (w - _width(c)) for c, w in zip(line, widths, strict=True))
        say("  ".join(cells).rstrip())


def say_fields(*fields: tuple[str, str]) -> None:
    """Print names and values, the values aligned."""
    width = max(len(name) for name, _ in fields)
    for name, value in fields:
        say(f"{name:{width}}  {value}")


def confirm(question: str, *, yes: bool, kept: str = "Nothing was erased") -> None:
    """Ask before what cannot be taken back; ReconnectError when the answer is anything but yes."""
    if yes:
        return
    click.echo(f"{question} Type yes to go on: ", nl=False, err=True)
    if sys.stdin.readline().strip().lower() != "yes":
        click.echo(err=True)
        raise ReconnectError(f"{kept}. Answer yes, or add --yes, to go on.")


def _printable(text: str, encoding: str | None) -> str:
    """Replace what this stream cannot encode, and what would steer a terminal."""
    safe = "".join(c if c.isprintable() or c in "\n\t" else "�" for c in text)
    return safe.encode(encoding or "utf-8", "replace").decode(encoding or "utf-8")


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
