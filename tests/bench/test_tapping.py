"""The script that taps a peer's page, in a real browser on a page made for the test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from playwright.async_api import Browser

import bench.browser
from bench.browser import Tab, open_browser
from bench.peers import PeerError, Plan, Turn

PLAN = Plan(
    shown="button",
    begin=".begin",
    choice="input",
    status=".status",
    answered="^Saved$",
    next=".next",
    there=Turn(".there", ".other"),
)


@dataclass
class Made:
    """A peer whose page is in the test."""

    name: str = "Made"
    plan: Plan = PLAN


# Drawn inside a shadow root, like Panel's; each tap is answered a turn of the loop later.
PAGE = """<main></main><script>
const root = document.querySelector("main").attachShadow({mode: "open"});
let n = 0, taps = [];
const ask = () => {
  root.innerHTML = `<p>${n}</p><input type="radio"><div class="status"></div>
    <button class="next">Next</button><button class="there">Other</button>`;
  const inner = root.querySelector(".status").attachShadow({mode: "open"});
  root.querySelector("input").onchange = () => {
    taps.push(n);
    setTimeout(() => { inner.innerHTML = "<style>p {}</style><p>Saved</p>"; });
  };
  root.querySelector(".next").onclick = () => {
    inner.innerHTML = ""; // and the question that was answered stands there a little longer
    setTimeout(() => { n += 1; ask(); }, 20);
  };
  root.querySelector(".there").onclick = () => setTimeout(() => {
    root.innerHTML = `<p class="other">${taps}</p>`;
  });
};
root.innerHTML = `<button class="begin">Begin</button>`;
root.querySelector(".begin").onclick = () => setTimeout(ask);
</script>"""


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as opened:
        yield opened


async def test_each_question_is_tapped_once_in_shadow_roots_too(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.browser, "_PATIENCE_S", 20)  # for when it fails
    tab = await Tab.open(browser, Made())
    assert await tab.visit("data:text/html," + quote(PAGE)) > 0
    waits = await tab.tap(3)
    assert len(waits) == 3
    assert all(wait > 0 for wait in waits)
    assert PLAN.there
    assert await tab.follow(PLAN.there) > 0
    assert "0,1,2,3" in await tab.read()


async def test_a_page_that_does_not_answer_is_named_with_what_it_shows(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.browser, "_PATIENCE_S", 0.5)
    tab = await Tab.open(browser, Made())
    with pytest.raises(PeerError) as caught:
        await tab.visit("data:text/html," + quote("<h1>Internal Server Error</h1>"))
    assert caught.value.reason == "Made: the page was not “answered” within 0 s"
    assert "Internal Server Error" in str(caught.value)


async def test_a_page_that_cannot_be_reached_is_named(browser: Browser) -> None:
    tab = await Tab.open(browser, Made())
    with pytest.raises(PeerError, match="Made: the page was not “reached”"):
        await tab.visit("http://127.0.0.1:1/")
