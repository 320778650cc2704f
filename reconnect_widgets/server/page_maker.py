"""Makes workbook pages: in whose kernel, one at a time, kept or new, and once more if it dies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from weakref import WeakValueDictionary

from reconnect_widgets.domain.people import browser_tag
from reconnect_widgets.errors import KernelStartError
from reconnect_widgets.server.kernels import KernelOwner, Seats
from reconnect_widgets.server.live import LiveHub
from reconnect_widgets.server.notebooks import NotebookPages, RenderedPage


class PageMaker:
    """Gives each person the page that they ask for, from the kernel that is theirs."""

    def __init__(self, seats: Seats, notebooks: NotebookPages, hub: LiveHub) -> None:
        self._seats = seats
        self._notebooks = notebooks
        self._hub = hub
        # One page of one person is rendered at a time: showing another closes the widgets of the
        # one before, and two visits at once must come to the same widgets.
        self._rendering: WeakValueDictionary[KernelOwner, asyncio.Lock] = WeakValueDictionary()

    async def make(
        self,
        owner: KernelOwner,
        key: str,
        path: Path,
        begin: Callable[[str], None] | None = None,
    ) -> RenderedPage:
        """Return the page, kept or rendered now. What is kept has no states: they may have gone on.

        Parameters
        ----------
        begin
            Called with how the page begins, when it is rendered now and its kernel is there.

        Raises
        ------
        KernelsFullError, KernelStartError
            When no kernel can be had. Both pass. The page may have begun.
        """
        async with self._turn_of(owner), self._seats.arrival(owner):
            kernel_id = await self._seats.ensure(owner)
            kept = self._seats.page(kernel_id, key)
            if kept is not None:
                return RenderedPage(kept)
            try:
                page = await self._render(owner, kernel_id, key, path, begin)
            except KernelStartError:
                # It ended at this very page: an accident. If that happens twice, it is none.
                kernel_id = await self._seats.ensure(owner)
                page = await self._render(owner, kernel_id, key, path)
            if page.is_whole:
                self._seats.keep_page(kernel_id, key, page.html)
            return page

    def _turn_of(self, owner: KernelOwner) -> asyncio.Lock:
        return self._rendering.setdefault(owner, asyncio.Lock())

    async def _render(
        self,
        owner: KernelOwner,
        kernel_id: str,
        key: str,
        path: Path,
        begin: Callable[[str], None] | None = None,
    ) -> RenderedPage:
        # From here on the page before is falling apart in the kernel, also if this one fails.
        self._seats.forget_pages(kernel_id)
        seating = self._hub.view(owner.session_id).changes
        tag = browser_tag(owner.session_id, owner.subject, seating.begun_anew(owner.subject))
        return await self._notebooks.render(
            path, kernel_id, role=owner.role, exercise=key, tag=tag, begin=begin
        )
