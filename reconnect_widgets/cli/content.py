"""``reconnect content check``: does a content pack say what it may?"""

from __future__ import annotations

from collections.abc import Sequence
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
    """Check packs (default: the workbook's, and your own in DATA/content and DATA/plans)."""
    from reconnect_widgets import content as package

    if folder is None:
        _report(Path(package.__file__).parent / "packs" / "en", package.check_folder())
        own = data_dir / "content"
        problems = package.use_own_packs(data_dir).problems
        if own.is_dir():
            _report(own, problems)
        plans = data_dir / "plans"
        if plans.is_dir():
            _report(plans, package.load_plans(data_dir).problems)
        return
    _report(folder, package.check_folder(folder))


def _report(folder: Path, errors: Sequence[ContentError]) -> None:
    """Say what is wrong in a folder, place by place; ContentError if anything is."""
    for error in errors:
        warn(str(error))
    if errors:
        places = "1 place" if len(errors) == 1 else f"{len(errors)} places"
        raise ContentError(f"{folder} needs a correction in {places}, named above.")
    say(f"{folder}: everything is in order.")
