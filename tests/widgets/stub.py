"""A page with stub models in place of Jupyter: our real JavaScript and CSS, nothing else.

The widgets' state is read from real Python widgets. What the page sends is kept in `window.sent`;
a test plays the kernel by `window.hear` (a custom message to the page) and `window.update`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator
from playwright.sync_api import Page as BrowserPage

from reconnect_widgets.widgets import Control, Page

# Plain http and no address of this machine: as in a room, and no secure context.
ADDRESS = "http://room.test/w/checkup"
Message = dict[str, Any]

SHEET = Path(__file__).parents[2] / "reconnect_widgets" / "server" / "static" / "reconnect.css"

_MODELS = """
const states = JSON.parse(document.getElementById("states").textContent);
window.sent = [];
class Model {
  constructor(state) { this.state = state; this.heard = {}; }
  get(name) { return this.state[name]; }
  send(message) {
    if (window.isOffline) throw new Error("offline");
    window.sent.push(JSON.parse(JSON.stringify(message)));
  }
  on(name, callback) { (this.heard[name] ??= []).push(callback); }
  off() {}
  emit(name, value) { for (const callback of this.heard[name] ?? []) callback(value); }
  update(state) {
    Object.assign(this.state, state);
    for (const name of Object.keys(state)) this.emit("change:" + name);
    this.emit("change");
  }
}
const models = Object.fromEntries(Object.entries(states).map(([id, s]) => [id, new Model(s)]));
const load = (esm) => import(URL.createObjectURL(new Blob([esm], { type: "text/javascript" })));
const never = new AbortController().signal;
const host = {
  async getWidget(ref) {
    const model = models[ref.replace("anywidget:", "")];
    const { default: widget } = await load(model.get("_esm"));
    return { render: (view) => widget.render({ model, el: view.el, signal: view.signal, host }) };
  },
};
for (const model of Object.values(models)) {
  const style = document.createElement("style");
  style.textContent = model.get("_css");
  document.head.append(style);
}
const [pageId] = Object.entries(states).find(([, state]) => "stage" in state);
window.hear = (message) => models[pageId].emit("msg:custom", message);
window.tell = (id, message) => models[id].emit("msg:custom", message);
window.update = (id, state) => models[id].update(state);
const { default: page } = await load(models[pageId].get("_esm"));
page.render({ model: models[pageId], el: document.getElementById("page"), host, signal: never });
"""


def build_page(page: Page, stages: Sequence[Control], *, has_our_style: bool = True) -> str:
    """Return a whole HTML page that shows this page's present stage."""
    states = {widget.model_id: widget.get_state() for widget in (page, *stages)}
    text = json.dumps(states).replace("<", "\\u003c")
    style = SHEET.read_text("utf-8") if has_our_style else "body { font-family: sans-serif }"
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Stub</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{style}</style>
<script type="application/json" id="states">{text}</script></head>
<body><header class="rc-header"><a class="rc-mark" href="/">Reconnect</a>
<nav class="rc-nav"><a href="/me">My place</a><a href="/safety">Safety</a>
<a class="rc-leave" href="/leave">Leave quickly</a></nav></header>
<main id="main" class="rc-page" tabindex="-1"><div id="page"></div></main>
<script type="module">{_MODELS}</script></body></html>"""


class Stub:
    """The page in a browser, with the test in the part of the kernel."""

    def __init__(self, page: BrowserPage, html: str) -> None:
        self.page = page
        page.route("**/*", lambda route: route.fulfill(body=html, content_type="text/html"))
        page.goto(ADDRESS)
        self.wait_until_shown()

    def wait_until_shown(self) -> None:
        self.page.locator("[data-heading]").wait_for(state="attached")

    def reload(self) -> None:
        self.page.reload()
        self.wait_until_shown()

    @property
    def sent(self) -> list[Message]:
        """What the person has said since the page was loaded."""
        quiet = ("refresh", "here")
        return [message for message in self._all_sent() if message["type"] not in quiet]

    @property
    def places(self) -> list[str]:
        """The time zones that the page has told."""
        return [message["zone"] for message in self._all_sent() if message["type"] == "here"]

    @property
    def refreshes(self) -> int:
        """How often the page has asked the kernel to look again."""
        return sum(message["type"] == "refresh" for message in self._all_sent())

    def _all_sent(self) -> list[Message]:
        return list(self.page.evaluate("window.sent"))

    @property
    def answers(self) -> list[tuple[str, str, int | None]]:
        answers = [message for message in self.sent if message["type"] == "answer"]
        return [(m["item"], m["status"], m["value"]) for m in answers]

    def hear(self, message: Message) -> None:
        """Let the kernel say something to the page."""
        self.page.evaluate("(message) => window.hear(message)", message)

    def update(self, widget: Control, **state: object) -> None:
        """Let the kernel change traits of a widget, in one message."""
        self.page.evaluate("([id, state]) => window.update(id, state)", [widget.model_id, state])

    def tell(self, widget: Control, message: Message) -> None:
        """Let the kernel say something to one widget."""
        self.page.evaluate("([id, m]) => window.tell(id, m)", [widget.model_id, message])

    def save(self, message: Message) -> None:
        """Acknowledge a message."""
        item = message.get("item", "")
        saved = {"type": "saved", "event_id": message["event_id"], "item": item}
        self.hear({**saved, "recorded_at": "2026-11-20T18:00:00.000Z"})

    def save_all(self, sheet: Control) -> None:
        """Acknowledge every answer, the state first, as the kernel does."""
        answers = {
            m["item"]: {"status": m["status"], "value": m["value"]}
            for m in self.sent
            if m["type"] == "answer"
        }
        self.update(sheet, answers=answers)
        for message in self.sent:
            self.save(message)

    def wait_s(self, seconds: float) -> None:
        """Let this much time pass at once."""
        self.page.clock.run_for(round(seconds * 1000))

    def say_connection(self, state: str) -> None:
        self.page.evaluate(
            "(state) => window.dispatchEvent("
            "new CustomEvent('reconnect:connection', { detail: { state } }))",
            state,
        )

    def option(self, label: str) -> Locator:
        return self.page.get_by_role("radio", name=label, exact=True)

    def button(self, label: str) -> Locator:
        return self.page.get_by_role("button", name=label, exact=True)

    @property
    def heading(self) -> str:
        return self.page.locator("[data-heading]").inner_text()

    @property
    def focused(self) -> str:
        """The words of the element that has the focus."""
        return str(self.page.evaluate("document.activeElement.textContent")).strip()

    @property
    def status(self) -> str:
        return self.page.locator(".rc-sheet__status").inner_text().strip()

    @property
    def outbox_line(self) -> str:
        return self.page.locator(".rc-host__outbox").inner_text()
