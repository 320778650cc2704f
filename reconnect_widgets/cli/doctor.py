"""``reconnect doctor``: is this machine ready for an evening, and is the record whole?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import click

from reconnect_widgets.cli import checks
from reconnect_widgets.cli.checks import Finding
from reconnect_widgets.cli.options import data_option, json_option
from reconnect_widgets.cli.output import say, say_json
from reconnect_widgets.errors import SetupError

_MARKS = {"ok": "ok  ", "look": "look", "bad": "BAD "}


@click.command()
@json_option
@data_option
def doctor(as_json: bool, data_dir: Path) -> None:
    """Look over this machine and the records; change nothing."""
    findings = list(examine(data_dir))
    bad = [finding for finding in findings if finding.verdict == "bad"]
    if as_json:
        say_json({"ok": not bad, "findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            say(f"{_MARKS[finding.verdict]}  {finding.topic}: {finding.text}")
    if bad:
        topics = ", ".join(dict.fromkeys(finding.topic for finding in bad))
        raise SetupError(f"needs attention before people join: {topics}")


def examine(data_dir: Path) -> Iterator[Finding]:
    """Yield what each check found; a check that fails itself is a finding, not an end."""
    machine: list[Callable[[], Iterator[Finding]]] = [
        checks.python,
        checks.packages,
        checks.parts,
        checks.provisioner,
        checks.processes,
        checks.clock,
    ]
    folder: list[Callable[[Path], Iterator[Finding]]] = [
        checks.disk,
        checks.secrets,
        checks.sessions,
    ]
    for check in machine:
        yield from check()
    for look in folder:
        yield from look(data_dir)
