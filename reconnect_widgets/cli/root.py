"""The command tree, and nothing else."""

from __future__ import annotations

import click

from reconnect_widgets.cli.content import content
from reconnect_widgets.cli.doctor import doctor
from reconnect_widgets.cli.erase import purge, withdraw
from reconnect_widgets.cli.facilitator import facilitator
from reconnect_widgets.cli.give import export, merge
from reconnect_widgets.cli.rehearse import rehearse
from reconnect_widgets.cli.serve import serve
from reconnect_widgets.cli.session import session


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Every command has --help. Where records are kept: --data, or RECONNECT_DATA.",
)
@click.version_option(package_name="reconnect-workbook", prog_name="reconnect")
def root() -> None:
    """Run the Reconnect workbook, and look after its records."""


for command in (
    serve,
    session,
    facilitator,
    merge,
    export,
    withdraw,
    purge,
    content,
    doctor,
    rehearse,
):
    root.add_command(command)
