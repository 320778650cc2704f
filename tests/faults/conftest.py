"""The server inside the test's own event loop, where a test looks into it or moves its clock; or
one of its own in a process of its own.
"""

from __future__ import annotations

from tests.browser.conftest import own_server
from tests.server.conftest import data_dir, made_secrets, running

__all__ = ["data_dir", "made_secrets", "own_server", "running"]
