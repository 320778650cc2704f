"""A small server for the front end's own tests: our template and bundle, real kernels, and faults.

It renders notebooks through Voilà's NotebookRenderer as the workbook's server does, bridges
websockets to kernels, and does on request what a bad day does: kills kernels, swallows messages,
refuses, is full. One person, no cookies, no records.

Run as a program: prints its address on the first line.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import nbformat
import tornado.iostream
import tornado.web
import tornado.websocket
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_async
from jupyter_server.services.contents.filemanager import AsyncFileContentsManager
from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from traitlets.config import Config
from voila.configuration import VoilaConfiguration
from voila.notebook_renderer import NotebookRenderer
from voila.paths import collect_template_paths

WAITING_MARK = "<!-- waiting -->"
SERVER = Path(__file__).parents[2] / "reconnect_widgets" / "server"
STATIC = SERVER / "static"
TEMPLATES = SERVER / "templates"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' blob:",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

COUNTER = '''
import anywidget, traitlets
class Counter(anywidget.AnyWidget):
    _esm = """
    function render({ model, el }) {
      const heading = document.createElement("h1");
      heading.textContent = model.get("title");
      const button = document.createElement("button");
      button.className = "rc-button counter";
      button.id = "counter";
      const show = () => { button.textContent = `Counted ${model.get("count")}`; };
      show();
      model.on("change:count", show);
      button.addEventListener("click", () => model.send({ type: "more" }));
      el.append(heading, button);
    }
    export default { render };
    """
    _css = ".counter { border-top-width: 7px }"
    title = traitlets.Unicode().tag(sync=True)
    count = traitlets.Int(0).tag(sync=True)
    def __init__(self, **traits):
        super().__init__(**traits)
        self.on_msg(lambda _, content, buffers: setattr(self, "count", self.count + 1))
'''
CLOSE_LEFT = """
import ipywidgets
for widget in list(ipywidgets.Widget._instances.values() if hasattr(ipywidgets.Widget, "_instances")
                   else ipywidgets.widgets.widget._instances.values()):
    widget.close()
"""

NOTEBOOKS: dict[str, list[tuple[str, str]]] = {
    "one": [
        ("code", CLOSE_LEFT + COUNTER + "Counter(title='First page')"),
        ("markdown", "Some *words*, and [the second page](/w/two)."),
    ],
    "two": [
        ("code", CLOSE_LEFT + COUNTER + "Counter(title='Second page')"),
        ("markdown", "Back to [the first](/w/one). [A slider](/w/core). [Away](/plain)."),
    ],
    "core": [
        ("markdown", "# Core widgets"),
        ("code", CLOSE_LEFT + "ipywidgets.IntSlider(value=3, description='Level')"),
    ],
    "broken": [
        ("markdown", "# Broken"),
        ("code", "raise ValueError('something private')"),
    ],
    "words": [
        ("markdown", "# Only words\n\nA page with [a link](/w/one)."),
        ("code", "from IPython.display import HTML\nHTML('<p id=html>Some <b>html</b></p>')"),
    ],
}


class World:
    """The one person's kernel, and what is wrong today."""

    def __init__(self) -> None:
        self.manager: AsyncKernelManager | None = None
        self.kernel_id = ""
        self.pages: dict[str, str] = {}
        self.sockets: set[Channels] = set()
        self.streams: set[Live] = set()
        self.is_full = False
        self.is_signed_out = False
        self.swallows = False
        self.refuses = False
        self.left = 0
        self.forwarded = 0
        self.requests: list[str] = []
        self.lock = asyncio.Lock()
        self.number = 0

    async def kernel(self) -> AsyncKernelManager:
        if self.manager is None or not await ensure_async(self.manager.is_alive()):
            self.pages.clear()
            self.number += 1
            self.kernel_id = f"00000000-0000-4000-8000-{self.number:012d}"
            self.manager = AsyncKernelManager(kernel_name="python3")
            await self.manager.start_kernel()
        return self.manager

    async def page(self, key: str) -> str:
        async with self.lock:
            manager = await self.kernel()
            if key not in self.pages:
                html = await self.render(key, manager)
                self.pages = {key: html}
            return self.pages[key]

    async def render(self, key: str, manager: AsyncKernelManager) -> str:
        notebook = nbformat.v4.new_notebook(
            cells=[
                nbformat.v4.new_markdown_cell(text)
                if kind == "markdown"
                else nbformat.v4.new_code_cell(text)
                for kind, text in NOTEBOOKS[key]
            ],
            metadata={
                "kernelspec": {"name": "python3", "display_name": "Python", "language": "python"},
                "title": f"Page {key}",
            },
        )
        configuration = VoilaConfiguration(template="reconnect", config=Config())
        renderer = NotebookRenderer(
            voila_configuration=configuration,
            traitlet_config=Config(),
            notebook_path=f"{key}.ipynb",
            template_paths=collect_template_paths(
                ["voila", "nbconvert"], "reconnect", root_dirs=[str(TEMPLATES)]
            ),
            contents_manager=AsyncFileContentsManager(root_dir=str(TEMPLATES)),
            base_url="/",
            page_config={},
        )

        async def load(_path: str) -> Any:
            return notebook

        renderer.load_notebook = load  # type: ignore[method-assign]
        await renderer.initialize()
        renderer.resources["reconnect"] = frame_values() | {
            "exercise": key,
            "tag": "t1",
            "static": {path.name: static_url(path.name) for path in STATIC.iterdir()},
        }

        async def started() -> AsyncKernelManager:
            return manager

        html = str(await renderer.generate_content_str(self.kernel_id, started()))
        # Where the server says what waits from the partner; a page with it follows the news.
        return html.replace(WAITING_MARK, '<div id="waiting" role="status"></div>')


def static_url(name: str) -> str:
    return f"/static/{name}"


def frame_values() -> dict[str, Any]:
    return {"signed_in": "participant", "lang": "en", "neutral_url": "/elsewhere"}


class Base(tornado.web.RequestHandler):
    @property
    def world(self) -> World:
        return self.application.settings["world"]  # type: ignore[no-any-return]

    def prepare(self) -> None:
        self.world.requests.append(f"{self.request.method} {self.request.path}")

    def set_default_headers(self) -> None:
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("Cache-Control", "no-store")


class Workbook(Base):
    async def get(self, key: str) -> None:
        if self.world.is_signed_out:
            self.redirect("/", status=303)
            return
        if self.world.is_full:
            self.set_status(503)
            self.set_header("Retry-After", "1")
            return
        if key not in NOTEBOOKS:
            raise tornado.web.HTTPError(404)
        self.finish(await self.world.page(key))


class Plain(Base):
    """Plain pages in the same frame: /, /plain, /w/safety, /gallery."""

    def get(self) -> None:
        environment = Environment(
            loader=FileSystemLoader([TEMPLATES, Path(__file__).parent]),
            autoescape=True,
            undefined=StrictUndefined,
        )
        name = "frontend_gallery.html" if self.request.path == "/gallery" else None
        source = (
            '{% extends "frame.html" %}{% block main %}<h1>Plain page</h1>'
            '<p id="path">{{ path }}</p><a href="/w/one">To the workbook</a>'
            '<div id="part" data-live="/live">{{ count }}</div>{% endblock %}'
        )
        template = environment.get_template(name) if name else environment.from_string(source)
        self.finish(
            template.render(
                frame_values() | {"static_url": static_url, "signed_in": ""},
                path=self.request.path,
                count=len(self.world.requests),
            )
        )


class Neutral(Base):
    def get(self) -> None:
        self.finish("<!doctype html><title>Neutral</title><p>Nothing to see.</p>")


class Leave(Base):
    def get(self) -> None:
        self.world.left += 1
        self.redirect("/neutral", status=303)

    def post(self) -> None:
        self.world.left += 1
        self.set_status(204)


class Live(Base):
    async def get(self) -> None:
        self.gone = asyncio.Event()
        self.set_header("Content-Type", "text/event-stream")
        self.write(":\n\n")
        with contextlib.suppress(tornado.iostream.StreamClosedError):
            await self.flush()
            self.world.streams.add(self)
            await self.gone.wait()

    def on_connection_close(self) -> None:
        self.world.streams.discard(self)
        self.gone.set()


_NUMBERS = itertools.count()


class Channels(tornado.websocket.WebSocketHandler):
    """Bridges one browser's websocket to the kernel."""

    tasks: list[asyncio.Task[None]]

    @property
    def world(self) -> World:
        return self.application.settings["world"]  # type: ignore[no-any-return]

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return subprotocols[0] if subprotocols else None

    async def get(self, kernel_id: str) -> None:
        self.world.requests.append(f"WS {self.request.path}")
        manager = self.world.manager
        alive = manager is not None and await ensure_async(manager.is_alive())
        if self.world.refuses or not alive or kernel_id != self.world.kernel_id:
            self.set_status(404)
            self.finish()
            return
        await super().get(kernel_id)

    async def open(self, _kernel_id: str) -> None:
        assert self.world.manager is not None
        self.client = self.world.manager.client()
        # Its own identity: a kernel hands a known identity over to whoever comes last.
        self.client.session = self.world.manager.session.clone()
        self.client.session.session = uuid4().hex
        self.client.start_channels(stdin=False, hb=False)
        channels = {"iopub": self.client.iopub_channel, "shell": self.client.shell_channel}
        await asyncio.sleep(0.05)  # subscriptions of iopub settle; the real server nudges
        self.tasks = [
            asyncio.create_task(self.forward(name, channel)) for name, channel in channels.items()
        ]
        self.number = next(_NUMBERS)
        self.world.sockets.add(self)

    async def forward(self, name: str, channel: Any) -> None:
        """Pass on what the kernel says, message parts as they came."""
        session = self.client.session
        while True:
            parts = await channel.socket.recv_multipart()
            if self.world.swallows:
                continue
            _, parts = session.feed_identities(parts)
            with contextlib.suppress(tornado.websocket.WebSocketClosedError):
                data = serialize_msg_to_ws_v1(parts[1:], name)
                await self.write_message(data, binary=True)
            self.world.forwarded += 1

    def on_message(self, data: str | bytes) -> None:
        if self.world.swallows:
            return
        assert isinstance(data, bytes)
        channel, parts = deserialize_msg_from_ws_v1(data)
        assert channel == "shell"
        session = self.client.session
        to_send = [session.sign(parts[:4]), *parts]
        self.client.shell_channel.socket.send_multipart([b"<IDS|MSG>", *to_send])

    def on_close(self) -> None:
        self.world.sockets.discard(self)
        for task in getattr(self, "tasks", []):
            task.cancel()
        if hasattr(self, "client"):
            self.client.stop_channels()


class Fault(Base):
    """POST /test/<what>?on=1: makes things go wrong, and says what happened."""

    async def post(self, what: str) -> None:
        world = self.world
        on = self.get_argument("on", "1") == "1"
        if what == "kill-kernel" and world.manager:
            await world.manager.shutdown_kernel(now=True)
            for each in list(world.sockets):
                each.close(1011)
        elif what == "drop":
            for each in list(world.sockets):
                each.close(1011)
        elif what == "drop-oldest":
            min(world.sockets, key=lambda each: each.number).close(1011)
        elif what == "full":
            world.is_full = on
        elif what == "sign-out":
            world.is_signed_out = on
        elif what == "swallow":
            world.swallows = on
        elif what == "refuse":
            world.refuses = on
        elif what == "news":
            for stream in world.streams:
                stream.write('data: {"what": "released"}\n\n')
                await stream.flush()
        elif what == "begin":
            world.is_full = world.is_signed_out = world.swallows = world.refuses = False
            world.pages.clear()
            world.requests.clear()
        self.finish(
            {
                "left": world.left,
                "requests": world.requests,
                "sockets": len(world.sockets),
                "streams": len(world.streams),
                "kernel": world.kernel_id,
                "forwarded": world.forwarded,
            }
        )


class Static(tornado.web.StaticFileHandler):
    def prepare(self) -> None:
        world: World = self.application.settings["world"]
        world.requests.append(f"GET {self.request.path}")


async def main() -> None:
    world = World()
    app = tornado.web.Application(
        [
            (r"/", Plain),
            (r"/plain", Plain),
            (r"/gallery", Plain),
            (r"/w/safety", Plain),
            (r"/safety", Plain),
            (r"/neutral", Neutral),
            (r"/elsewhere", Neutral),
            (r"/leave", Leave),
            (r"/live", Live),
            (r"/w/([a-z-]+)", Workbook),
            (r"/api/kernels/([^/]+)/channels", Channels),
            (r"/test/([a-z-]+)", Fault),
            (r"/static/(.*)", Static, {"path": str(STATIC)}),
        ],
        world=world,
        compress_response=True,
    )
    sockets = bind_sockets(0, "127.0.0.1")
    HTTPServer(app).add_sockets(sockets)
    sys.stdout.write(f"http://127.0.0.1:{sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    try:
        # Ends when the test that started it closes our input, however it ended itself.
        await asyncio.to_thread(sys.stdin.read)
    finally:
        if world.manager:
            await world.manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    asyncio.run(main())
