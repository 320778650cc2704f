"""A clickable workbook with which couples' therapists and workshop groups practise reconnection.

The few public names. Each is imported when it is first asked for, because a participant's kernel
needs no pandas and the web server no widgets.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reconnect_widgets.content import Instrument
    from reconnect_widgets.review import (
        load_participants,
        load_responses,
        load_timeline,
        score_checkup,
    )
    from reconnect_widgets.workbook import show

__version__ = "0.1.0"

_HOMES = {
    "Instrument": "reconnect_widgets.content",
    "load_participants": "reconnect_widgets.review",
    "load_responses": "reconnect_widgets.review",
    "load_timeline": "reconnect_widgets.review",
    "score_checkup": "reconnect_widgets.review",
    "show": "reconnect_widgets.workbook",
}

__all__ = [
    "Instrument",
    "__version__",
    "load_participants",
    "load_responses",
    "load_timeline",
    "score_checkup",
    "show",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value  # asked for once
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
