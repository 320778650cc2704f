"""``reconnect merge`` and ``reconnect export``: the record as files to work with or give away."""

from __future__ import annotations

from pathlib import Path

import click

from reconnect_widgets.cli.options import SESSION, data_option
from reconnect_widgets.cli.output import say, warn
from reconnect_widgets.records import MergeReport, RecordFolder, SessionRecord
from reconnect_widgets.records.export import EXPORT_LEVELS


@click.command()
@click.argument("session_id", metavar="ID", type=SESSION)
@data_option
def merge(session_id: str, data_dir: Path) -> None:
    """Write a session's CSVs again from its journals. Safe at any time."""
    record = RecordFolder(data_dir).session(session_id)
    report = merge_with_codebook(record)
    if report.gaps or report.unreadable:
        warn("reconnect: parts of the record could not be read. See: reconnect doctor")
    say(f"Merged. The record is in {record.folder}")


@click.command()
@click.argument("session_id", metavar="ID", type=SESSION)
@click.option(
    "--level",
    type=click.Choice(EXPORT_LEVELS),
    required=True,
    help="full: everything; deidentified: no names or free text; group: figures only.",
)
@click.option(
    "--out",
    "out_dir",
    metavar="DIR",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="A new folder for the copy.",
)
@click.option("--excel", is_flag=True, help="Begin the files so that Excel reads every letter.")
@data_option
def export(session_id: str, level: str, out_dir: Path, excel: bool, data_dir: Path) -> None:
    """Write a copy of a session to give away."""
    record = RecordFolder(data_dir).session(session_id)
    merge_with_codebook(record)
    record.export(level, out_dir.resolve(), excel=excel)
    say(f"Written to {out_dir.resolve()}")


def merge_with_codebook(record: SessionRecord) -> MergeReport:
    """Merge with the wording of the items: `records` knows no content, so it is given it here."""
    from reconnect_widgets.content import codebook_rows

    return record.merge(codebook_rows())
