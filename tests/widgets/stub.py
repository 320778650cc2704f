"""A page with stub models in place of Jupyter: our real JavaScript and CSS, nothing else.

The widgets' state is read from real Python widgets. What the page sends is kept in `window.sent`;
a test plays the kernel by `window.hear` (a custom message to the page) and `window.update`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from reconnect_widgets.widgets import Control, Page

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
