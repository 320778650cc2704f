"""The words that a further peer's page shows, and the file that it writes answers to.

Copied beside the page, and run in the peer's environment: nothing but the standard library.
"""

from __future__ import annotations

import csv
import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

_FOLDER = Path(__file__).parent

WORDS = json.loads((_FOLDER / "questions.json").read_text("utf-8"))
ITEMS = WORDS["items"]
LABELS = {str(option["value"]): option["label"] for option in WORDS["options"]}

_file = (_FOLDER / "answers.csv").open("a", encoding="utf-8", newline="")
_rows = csv.writer(_file)
_one_at_a_time = threading.Lock()
_confirm = getattr(os, "fdatasync", os.fsync)  # as our journals do


def new_participant() -> str:
    """Return a code for somebody who has just come."""
    return uuid4().hex


def save_answer(participant: str, item: str, value: str) -> None:
    """Append one row; when this returns, the disk has confirmed it."""
    with _one_at_a_time:
        _rows.writerow((datetime.now(UTC).isoformat(), participant, item, value))
        _file.flush()
        _confirm(_file.fileno())
