"""The Chromium that browser tests drive, with everything off that would leave the machine."""

from __future__ import annotations

import os
import shutil

# Of several such switches the last one counts, so Playwright's own (1.65) are repeated here. And
# the suggestions of the address bar: Chromium 156 makes two documents of them, in a process of
# their own, for each context, which takes more than half of what opening one takes.
_OFF = (
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "TcpPortRandomizationWin",
    "ThirdPartyStoragePartitioning",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxPopup",
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(_OFF)}",
]
PHONE = {"width": 360, "height": 780}
DESK = {"width": 1280, "height": 800}


def executable() -> str | None:
    """Return a Chromium of the machine, or None for the one Playwright brought."""
    for name in (os.environ.get("CHROMIUM", ""), "chromium", "google-chrome", "chromium-browser"):
        found = shutil.which(name) if name else None
        if found:
            return found
    return None
