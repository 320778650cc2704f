"""What the handlers share: made once by `app`, handed around as one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconnect_widgets.records import RecordFolder
from reconnect_widgets.server.account_book import AccountBook
from reconnect_widgets.server.kernels import Seats, WorkbookKernelManager
from reconnect_widgets.server.live import LiveHub
from reconnect_widgets.server.merging import DiskHealth, Merger
from reconnect_widgets.server.page_templates import PageTemplates
from reconnect_widgets.server.rate_limit import AttemptLimiter
from reconnect_widgets.server.rehearsals import Rehearsals
from reconnect_widgets.server.secrets import Secrets
from reconnect_widgets.server.settings import ServerSettings

if TYPE_CHECKING:
    from reconnect_widgets.server.notebooks import NotebookPages
    from reconnect_widgets.server.page_maker import PageMaker
    from reconnect_widgets.server.trouble_facts import ClockWatch

SETTING = "reconnect"


@dataclass(frozen=True)
class Services:
    """The parts of the running server.

    Attributes
    ----------
    port
        The port that is really open (settings may have asked for any free one).
    """

    settings: ServerSettings
    port: int
    secrets: Secrets
    accounts: AccountBook
    records: RecordFolder
    hub: LiveHub
    limiter: AttemptLimiter
    templates: PageTemplates
    kernel_manager: WorkbookKernelManager
    seats: Seats
    notebooks: NotebookPages
    pages: PageMaker
    merger: Merger
    disk: DiskHealth
    clock: ClockWatch
    rehearsals: Rehearsals
