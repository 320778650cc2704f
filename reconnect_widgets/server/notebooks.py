"""Workbook pages: which notebook belongs to which key, and how it becomes HTML.

Voilà executes and renders; what it would take from the machine it runs on (templates and
extensions on Jupyter's data paths, a database of trusted notebooks, files beside the notebook) is
replaced by what is in this package.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import Any

import nbformat
import nbformat.v4
from jupyter_client.session import new_id
from traitlets.config import Config
from voila.configuration import VoilaConfiguration
from voila.execute import VoilaExecutor
from voila.notebook_renderer import NotebookRenderer

from reconnect_widgets.errors import KernelStartError, SetupError
from reconnect_widgets.server.kernelspec import PARTICIPANT_KERNEL, REVIEW_KERNEL
from reconnect_widgets.server.page_templates import (
    MAIN_MARK,
    NEUTRAL_URL,
    TEMPLATE_DIR,
    PageTemplates,
)

# The marks that the template leaves on a page that is not worth keeping.
FAILED_MARK = "data-rc-failed"
# Where the widgets' states stand in a page that was made just now.
STATES_MARK = "<!-- states -->"
CELL_TIMEOUT_S = 60
WELCOME_WITHIN_S = 0.5
GIVE_UP_WITHIN_S = 2.0
_STATIC_NAMES = (
    "reconnect.css",
    "reconnect.js",
    "reconnect-engine.js",
    "reconnect-controls.js",
    "reconnect-controls.css",
)
_RENDERING = Config(
    {
        "VoilaExecutor": {"timeout": CELL_TIMEOUT_S},
        # None of them has anything to do here, but after each the notebook is validated again.
        "VoilaExporter": {"default_preprocessors": []},
    }
)
_NOTEBOOK_NAME = re.compile(r"(?:\d+-)?([a-z][a-z0-9-]*)\.ipynb")


def find_workbooks() -> Path:
    """Return the folder of notebooks: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    for folder in (package / "_workbooks", package.parent / "workbooks"):
        if folder.is_dir():
            return folder
    raise SetupError(
        "The notebooks are missing from this installation. Install the package again, or run the "
        "workbook from its own checkout."
    )


def find_notebooks(folder: Path) -> dict[str, Path]:
    """Return key → notebook for ``checkup.ipynb`` and ``02-checkup.ipynb`` alike."""
    found = {}
    for path in sorted(folder.glob("*.ipynb")):
        match = _NOTEBOOK_NAME.fullmatch(path.name)
        if match:
            found[match[1]] = path
    return found


@dataclass(frozen=True)
class RenderedPage:
    """A page as a kernel made it.

    Attributes
    ----------
    html
        With `STATES_MARK` where the widgets' states may stand.
    states
        The widgets as the kernel opened them, for that place; empty where they may have changed.
    is_whole
        Whether all went well.
    """

    html: str
    states: str = ""
    is_whole: bool = True


class NotebookPages:
    """Renders the workbook's notebooks in kernels that exist already."""

    def __init__(
        self,
        folder: Path,
        kernel_manager: Any,
        templates: PageTemplates,
        own_keys: Iterable[str] = (),
    ) -> None:
        self._kernel_manager = kernel_manager
        self._templates = templates
        # An exercise that a facilitator added has no notebook; its page is made without a file.
        own = {key: folder / f"{key}.ipynb" for key in own_keys}
        self.participant = {**own, **find_notebooks(folder)}
        self.facilitator = find_notebooks(folder / "facilitator")
        self._exporter: Any = None
        self._prepared: dict[Path, tuple[int, _Renderer]] = {}
        self._configuration = VoilaConfiguration(
            template="reconnect",
            allow_template_override="NO",
            allow_theme_override="NO",
            file_allowlist=[],
            show_tracebacks=False,
            strip_sources=True,
        )

    async def render(
        self,
        path: Path,
        kernel_id: str,
        *,
        role: str,
        exercise: str,
        tag: str,
        begin: Callable[[str], None] | None = None,
    ) -> RenderedPage:
        """Run the notebook's cells in the kernel and return the page.

        Parameters
        ----------
        begin
            Called with the beginning of the page, as far as the kernel has no part in it.

        Raises
        ------
        KernelStartError
            When the kernel ends meanwhile. A new one may do.
        """
        kernel_name = PARTICIPANT_KERNEL if role == "participant" else REVIEW_KERNEL
        renderer = copy(await self._prepared_renderer(path, kernel_name))
        resources = {
            "signed_in": role,
            "static": {name: self._templates.static_url(name) for name in _STATIC_NAMES},
            "lang": "en",
            "neutral_url": NEUTRAL_URL,
            "page_class": "rc-page--wide" if role == "facilitator" else "",
            "exercise": exercise,
            "tag": tag,
            "title": "",
        }
        renderer.resources = {**renderer.resources, "reconnect": resources}
        renderer.begin = begin
        html = await self._unless_ended(renderer, kernel_id)
        return RenderedPage(html, renderer.states(), FAILED_MARK not in html)

    async def _unless_ended(self, renderer: _Renderer, kernel_id: str) -> str:
        """Return the page. A kernel that is gone would be waited for until a cell's time is out."""
        manager = self._kernel_manager
        page = renderer.generate(kernel_id, manager.get_kernel(kernel_id))
        rendering = asyncio.ensure_future(page)
        ended = asyncio.ensure_future(manager.until_ended(kernel_id))
        try:
            await asyncio.wait((rendering, ended), return_when=asyncio.FIRST_COMPLETED)
            if manager.is_there(kernel_id):
                return str(rendering.result())
        finally:
            ended.cancel()
            if not rendering.done():
                rendering.cancel()
                await asyncio.wait((rendering,), timeout=GIVE_UP_WITHIN_S)
                renderer.let_go()
        if rendering.done() and not rendering.cancelled():
            rendering.exception()  # whatever it was, it came of this
        raise KernelStartError("a kernel ended while it made a page; trying again may work")

    async def _prepared_renderer(self, path: Path, kernel_name: str) -> _Renderer:
        """Return what all pages of one notebook have in common, made anew when the file changes.

        nbconvert copies the notebook and the resources before anything is done to them.
        """
        changed_at = path.stat().st_mtime_ns if path.is_file() else 0
        known = self._prepared.get(path)
        if known is None or known[0] != changed_at:
            renderer = _Renderer(
                notebook=_read_notebook(path, kernel_name),
                notebook_path=str(path),
                voila_configuration=self._configuration,
                template_paths=_template_paths(),
                traitlet_config=_RENDERING,
                contents_manager=_NoFiles(),
                base_url="/",
                page_config={},
            )
            await renderer.initialize()
            # One exporter for all notebooks: compiling its template takes longer than all the rest.
            renderer.exporter = self._exporter = self._exporter or renderer.exporter
            known = self._prepared[path] = (changed_at, renderer)
        return known[1]


class _Renderer(NotebookRenderer):  # type: ignore[misc]
    """Voilà's renderer, given its notebook and a kernel that lives already."""

    def __init__(self, notebook: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._given = notebook
        self.executor: VoilaExecutor | None = None
        self.begin: Callable[[str], None] | None = None

    async def generate(self, kernel_id: str, kernel: Any) -> str:
        """Return the page; hand its beginning over before the template asks for the kernel."""
        html = ""
        async for piece, _ in self.generate_content_generator(kernel_id, kernel):
            html += piece
            if self.begin and MAIN_MARK in piece:
                self.begin(html[: html.index(MAIN_MARK)])
        return html

    async def load_notebook(self, path: str) -> Any:
        """Return the notebook that was given; Voilà would ask the contents manager."""
        return self._given

    async def _jinja_kernel_start(self, nb: Any, kernel_id: str, kernel_future: Any) -> str:
        """Connect to the kernel.

        Voilà takes it for one that is just starting: it asks again and again, and waits until
        nothing has come for 0.2 s. This one was seen alive a moment ago (`Seats.ensure`).
        """
        client = kernel_future.client()
        # A client's messages are counted from nought under the manager's own name. A page's first
        # message would have the number of the manager's first, and be taken for done with it.
        client.session.session = new_id()
        client.start_channels(stdin=False, hb=False, control=False)
        client.allow_stdin = False
        self.executor = VoilaExecutor(
            nb, km=kernel_future, config=self.traitlet_config, show_tracebacks=False
        )
        self.executor.kc = client
        await _until_heard(client)
        self.kernel_started = True
        return kernel_id

    def states(self) -> str:
        """Return the state of every widget that the cells opened, as a block of JSON.

        With it a page draws itself before its websocket is open. nbclient has them already.
        """
        states = self.executor.widget_state if self.executor is not None else {}
        text = json.dumps(states, ensure_ascii=False, separators=(",", ":"))
        # No text ends the block or begins a comment in it.
        safe = text.replace("<", "\\u003c").replace("\u2028", "\\u2028")
        return f'<script type="application/json" id="reconnect-states">{safe}</script>'

    def let_go(self) -> None:
        """Close what a page that was given up in the middle has open to its kernel."""
        if self.executor is not None:
            self.executor.kc.stop_channels()


async def _until_heard(client: Any) -> None:
    """Return when the kernel's messages reach this client: else a first output could be missed.

    The kernel welcomes each subscriber (ipykernel ≥ 7, JEP 65). Now and then it does not: it
    reads subscriptions from a socket that it also writes to, and ZeroMQ announces what is to be
    read only once. Then it is asked something, and whatever it says to all is as good.

    Raises
    ------
    queue.Empty
        When nothing came in `CELL_TIMEOUT_S`.
    """
    for _ in range(round(CELL_TIMEOUT_S / WELCOME_WITHIN_S) - 1):
        try:
            await client.get_iopub_msg(timeout=WELCOME_WITHIN_S)
        except Empty:
            client.kernel_info()
        else:
            return
    await client.get_iopub_msg(timeout=WELCOME_WITHIN_S)


class _NoFiles:
    """The contents manager of a server without files: Markdown images are never inlined."""

    def file_exists(self, path: str) -> bool:
        return False


def _template_paths() -> list[str]:
    return [str(TEMPLATE_DIR / "voila" / "templates" / "reconnect"), str(TEMPLATE_DIR)]


def _read_notebook(path: Path, kernel_name: str) -> Any:
    notebook = nbformat.read(path, as_version=4) if path.is_file() else _make_notebook(path.stem)
    notebook.metadata["kernelspec"] = {
        "name": kernel_name,
        "display_name": "Reconnect",
        "language": "python",
    }
    return notebook


def _make_notebook(key: str) -> Any:
    """Return the notebook that every exercise has, for one that has no file."""
    cell = nbformat.v4.new_code_cell(f"import reconnect_widgets as rw\n\nrw.show({key!r})")
    return nbformat.v4.new_notebook(cells=[cell])
