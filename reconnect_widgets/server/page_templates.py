"""The plain pages' templates: Jinja with escaping on, and static addresses with a version."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

SERVER_DIR = Path(__file__).parent
STATIC_DIR = SERVER_DIR / "static"
TEMPLATE_DIR = SERVER_DIR / "templates"

# Where "Leave quickly" ends: known everywhere, says nothing about the person who opens it.
NEUTRAL_URL = "https://www.wikipedia.org/"
# On the way there, and where it ends without internet. The address says nothing either.
NEUTRAL_PATH = "/flat-bread"

# What comes before this is the frame's own, what follows is the page's.
MAIN_MARK = '<main id="main"'


def format_day(instant: date) -> str:
    """Write a day as ``21 November 2026``; strftime has no day without a zero on Windows."""
    local = instant.astimezone() if isinstance(instant, datetime) else instant
    return f"{local.day} {local:%B %Y}"


class PageTemplates:
    """Renders pages by the name of their template in ``templates/pages/``."""

    def __init__(self) -> None:
        self._versions: dict[str, tuple[int, str]] = {}
        self._environment = Environment(
            loader=FileSystemLoader([TEMPLATE_DIR / "pages", TEMPLATE_DIR]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["day"] = format_day
        self._environment.globals.update(static_url=self.static_url, neutral_url=NEUTRAL_URL)

    def render(self, name: str, values: dict[str, Any]) -> str:
        """Return the page."""
        return self._environment.get_template(name).render(values)

    def static_url(self, name: str) -> str:
        """Return the address of a static file; it changes with the file's content."""
        path = STATIC_DIR / name
        try:
            changed = path.stat().st_mtime_ns
        except FileNotFoundError:
            return f"/static/{name}"
        known = self._versions.get(name)
        if known is None or known[0] != changed:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
            known = self._versions[name] = (changed, digest)
        return f"/static/{name}?v={known[1]}"
