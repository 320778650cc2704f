"""``python -m reconnect_widgets.cli.samples DIR``: write ``data/samples/`` again.

For whoever works on the workbook (``make samples``), not a command of ``reconnect``: the samples
come with the repository, and `reconnect serve --demo` makes its own.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from reconnect_widgets.cli.output import say
from reconnect_widgets.content import codebook_rows
from reconnect_widgets.records.samples import SAMPLE_TITLE, write_samples
from reconnect_widgets.records.session_file import read_session


def main(samples_dir: Path) -> None:
    """Replace the synthetic sessions in the folder, and touch nothing else in it."""
    for folder in samples_dir.glob("sessions/*-synthetic-group-??????"):
        if read_session(folder).title == SAMPLE_TITLE:
            shutil.rmtree(folder)
    record = write_samples(samples_dir, codebook_rows())
    say(f"Written: {record.folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
