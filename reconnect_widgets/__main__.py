"""``python -m reconnect_widgets`` is ``reconnect``, for where scripts are not on the path."""

from __future__ import annotations

import sys

from reconnect_widgets.cli import main

if __name__ == "__main__":
    sys.exit(main())
