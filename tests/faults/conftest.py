"""The server inside the test's own event loop, where a test looks into it or moves its clock; or
one of its own, and a browser.
"""

from __future__ import annotations

from tests.browser.conftest import browser, server
from tests.server.conftest import data_dir, made_secrets, running

__all__ = ["browser", "data_dir", "made_secrets", "running", "server"]
