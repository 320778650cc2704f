"""``reconnect content check``: does a content pack say what it may?"""

from __future__ import annotations

from pathlib import Path

import click

from reconnect_widgets.cli.options import data_option
from reconnect_widgets.cli.output import say, warn
from reconnect_widgets.errors import ContentError


@click.group()
def content() -> None:
    """Check the texts and items of the workbook."""


@content.command()
@click.argument(
    "folder",
    metavar="[DIR]",
    required=False,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@data_option
def check(folder: Path | None, data_dir: Path) -> None:
    """Check a content pack (default: the one that comes with the workbook)."""
    from reconnect_widgets import content as package

    folder = folder or Path(package.__file__).parent / "packs" / "en"
    errors = package.check_folder(folder)
    for error in errors:
        warn(str(error))
    if errors:
        places = "1 place" if len(errors) == 1 else f"{len(errors)} places"
        raise ContentError(f"{folder} needs a correction in {places}, named above.")
    say(f"{folder}: everything is in order.")
