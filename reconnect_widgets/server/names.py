"""What a person may ask to be called.

Any script is welcome. What is refused are characters that cannot be seen and change how the rest
of a page is read: control characters, line separators, and the bidirectional overrides with which
a name could turn the roster's text around.
"""

from __future__ import annotations

import re
import unicodedata

from reconnect_widgets.domain.people import MAX_NAME_LENGTH, MAX_TITLE_LENGTH
from reconnect_widgets.errors import JoinError, SessionError

# Zero-width (non-)joiners belong to Persian, Hindi and to emoji; marks of direction are harmless.
_ALLOWED_FORMAT = {"\u200c", "\u200d", "\u200e", "\u200f"}
# Unassigned (Cn) stays allowed: phones write emoji newer than this Python knows.
_REFUSED_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def parse_name(text: str) -> str:
    """Return the name as it will be kept (NFC, single spaces), or raise JoinError ``bad-name``."""
    name = _tidy(text)
    if not name:
        raise JoinError("incomplete", "Please tell us a name to call you by.")
    if _has_unseen(name) or not any(_is_visible(c) for c in name):
        raise JoinError(
            "bad-name",
            "This name holds characters that cannot be shown. Please type it once more.",
        )
    if len(name) > MAX_NAME_LENGTH:
        raise JoinError(
            "bad-name", f"Please choose a shorter name: at most {MAX_NAME_LENGTH} characters."
        )
    return name


def parse_title(text: str) -> str:
    """Return a session's title as it will be kept, or raise SessionError."""
    title = _tidy(text)
    if not title:
        raise SessionError("Please give the session a title.")
    if _has_unseen(title):
        raise SessionError("The title holds characters that cannot be shown.")
    if len(title) > MAX_TITLE_LENGTH:
        raise SessionError(f"Please choose a shorter title: at most {MAX_TITLE_LENGTH} characters.")
    return title


def _tidy(text: str) -> str:
    """Compose accents and make every run of blanks one; control characters stay, to be refused."""
    return re.sub(r"[ \u00a0\u3000]+", " ", unicodedata.normalize("NFC", text)).strip(" ")


def _has_unseen(text: str) -> bool:
    return any(
        unicodedata.category(c) in _REFUSED_CATEGORIES and c not in _ALLOWED_FORMAT for c in text
    )


def _is_visible(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LNSP" or category == "Cn"
