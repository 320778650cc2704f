"""The front end in a real browser: widgets, faults, turning pages, leaving.

Runs against `frontend_harness.py`: our template, bundle and strict content policy, real kernels.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.support.chromium import ARGUMENTS, PHONE, executable

HARNESS = Path(__file__).with_name("frontend_harness.py")
PATIENCE_MS = 30_000  # a kernel may start meanwhile, on two busy cores


class Harness:
    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(HARNESS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        assert self.url.startswith("http"), "the harness did not start"

    def do(self, what: str, on: bool = True) -> dict[str, Any]:
        request = urllib.request.Request(f"{self.url}/test/{what}?on={int(on)}", method="POST")
        with urllib.request.urlopen(request, timeout=30) as answer:
            state: dict[str, Any] = json.load(answer)
        return state

    def stop(self) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


@pytest.fixture(scope="module")
def harness() -> Iterator[Harness]:
    harness = Harness()
    yield harness
    harness.stop()


@pytest.fixture(autouse=True)
def _a_good_day(request: pytest.FixtureRequest) -> None:
    if "harness" in request.fixturenames:
        request.getfixturevalue("harness").do("begin")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE, is_mobile=True, has_touch=True)
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(
        """window.told = [];
        for (const name of ["connection", "news"])
          addEventListener(`reconnect:${name}`, (e) => told.push(e.detail.state ?? e.detail.what));
        window.violations = [];
        addEventListener("securitypolicyviolation", (e) => violations.push(e.violatedDirective));"""
    )
    yield context
    context.close()


class Tab:
    """A page that remembers every complaint and every request."""

    def __init__(self, context: BrowserContext, harness: Harness) -> None:
        self.page: Page = context.new_page()
        self.harness = harness
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on(
            "console",
            lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None,
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))

    def open(self, path: str) -> Page:
        self.page.goto(self.harness.url + path)
        return self.page

    def told(self) -> list[str]:
        told: list[str] = self.page.evaluate("told")
        return told


@pytest.fixture
def tab(context: BrowserContext, harness: Harness) -> Tab:
    return Tab(context, harness)


def counter(page: Page) -> Any:
    return page.locator("#counter")


def expect_count(page: Page, count: int) -> None:
    expect(counter(page)).to_have_text(f"Counted {count}", timeout=PATIENCE_MS)


def wait_until(page: Page, expression: str) -> None:
    """Wait for a condition in the page; Playwright's own wait needs eval, which is forbidden."""
    for _ in range(PATIENCE_MS // 50):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never came true: {expression}")


def wait_for_a_stream(page: Page, harness: Harness) -> None:
    """Wait until the page follows the news."""
    for _ in range(PATIENCE_MS // 50):
        if harness.do("state")["streams"]:
            return
        page.wait_for_timeout(50)
    raise AssertionError("the page never asked for news")


def say_nothing(page: Page) -> None:
    expect(page.locator("#connection")).to_have_text("")


# -- a page comes alive ---------------------------------------------------------------------------


def test_an_anywidget_answers_taps_under_the_strict_policy(tab: Tab, harness: Harness) -> None:
    page = tab.open("/w/one")
    expect_count(page, 0)
    counter(page).tap()
    expect_count(page, 1)
    assert counter(page).evaluate("e => getComputedStyle(e).borderTopWidth") == "7px"
    assert page.evaluate("violations") == []
    assert tab.complaints == []
    assert all(url.startswith((harness.url, "blob:", "data:")) for url in tab.requests)


def test_a_cold_workbook_page_takes_at_most_eight_requests(tab: Tab, harness: Harness) -> None:
    page = tab.open("/w/one")
    expect_count(page, 0)
    wait_until(page, "performance.getEntriesByType('resource').length > 0")
    requests = harness.do("state")["requests"]
    made = [r for r in requests if "/test/" not in r]
    assert 4 <= len(made) <= 8, made
    assert len(made) == len(set(made)), "something was fetched twice"


def test_a_core_ipywidget_comes_with_the_full_manager(tab: Tab) -> None:
    page = tab.open("/w/core")
    slider = page.get_by_role("slider")
    expect(slider).to_be_visible()
    slider.focus()
    slider.press("ArrowRight")
    expect(page.locator(".widget-readout")).to_have_text("4")
    assert page.evaluate("violations") == []
    assert tab.complaints == []
    assert any("reconnect-controls.js" in url for url in tab.requests)


def test_a_page_without_core_widgets_does_not_load_them(tab: Tab) -> None:
    page = tab.open("/w/one")
    expect_count(page, 0)
    assert not any("controls" in url for url in tab.requests)


def test_a_failed_notebook_says_one_calm_sentence_and_no_traceback(tab: Tab) -> None:
    page = tab.open("/w/broken")
    expect(page.get_by_role("heading", name="This page did not come up")).to_be_visible()
    text = page.locator("body").inner_text()
    assert "something private" not in page.content()
    assert "Error" not in text and "Traceback" not in text
    assert page.locator("[data-rc-failed]").count() == 1


def test_words_and_html_outputs_are_there_without_scripts(
    browser: Browser, harness: Harness
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(harness.url + "/w/words")
    expect(page.locator("#html")).to_have_text("Some html")
    expect(page.get_by_role("heading", name="Only words")).to_be_visible()
    assert "switched off in this browser" in page.locator("noscript").inner_html()
    page.get_by_role("link", name="a link").click()
    assert page.url.endswith("/w/one")
    page.get_by_role("link", name="Leave quickly").click()
    assert page.url.endswith("/neutral")
    context.close()


# -- the connection -------------------------------------------------------------------------------


def test_a_dropped_connection_comes_back_and_says_so(tab: Tab, harness: Harness) -> None:
    page = tab.open("/w/one")
    expect_count(page, 0)
    harness.do("refuse")
    harness.do("drop")
    expect(page.locator("#connection")).to_have_text("Connection lost. Trying again…")
    assert tab.told() == ["reconnecting"]
    harness.do("refuse", on=False)
    expect(page.locator("#connection")).to_have_text("Connected again.")
    assert tab.told() == ["reconnecting", "connected"]
    counter(page).tap()
    expect_count(page, 1)
    expect(page.locator("#connection")).to_have_text("", timeout=PATIENCE_MS)


def test_what_happened_in_the_kernel_meanwhile_is_read_again(
    context: BrowserContext, tab: Tab, harness: Harness
) -> None:
    page = tab.open("/w/one")
    other = Tab(context, harness)
    other.open("/w/one")
    expect_count(page, 0)
    expect_count(other.page, 0)
    harness.do("refuse")
    harness.do("drop-oldest")
    wait_until(page, "told.includes('reconnecting')")
    counter(other.page).tap()
    expect_count(other.page, 1)
    expect_count(page, 0)
    harness.do("refuse", on=False)
    expect_count(page, 1)


def test_a_killed_kernel_gives_the_same_page_a_new_one_in_place(tab: Tab, harness: Harness) -> None:
    page = tab.open("/w/one")
    expect_count(page, 0)
    counter(page).tap()
    expect_count(page, 1)
    page.evaluate("window.sameDocument = true")
    page.evaluate("document.getElementById('main').style.minHeight = '3000px'; scrollTo(0, 400)")
    counter(page).focus()
    page.evaluate("scrollTo(0, 400)")
    before = harness.do("state")["kernel"]
    harness.do("kill-kernel")
    wait_until(page, "told.at(-1) === 'connected'")
    expect_count(page, 0)  # this kernel has no record to resume from
    assert harness.do("state")["kernel"] != before
    assert page.evaluate("window.sameDocument") is True
    wait_until(page, "document.activeElement.id === 'counter'")
    assert page.evaluate("scrollY") == 400
    counter(page).tap()
    expect_count(page, 1)


def test_a_half_open_connection_is_noticed_on_waking(tab: Tab, harness: Harness) -> None:
    page = tab.open("/w/one")
    expect_count(page, 0)
    counter(page).tap()
    expect_count(page, 1)
    # Quiet first: a message that was on its way would pass for a sign of life.
    quiet = harness.do("state")["forwarded"]
    while (now := harness.do("state")["forwarded"]) != quiet:
        quiet = now
    harness.do("swallow")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    wait_until(page, "told.at(-1) === 'reconnecting'")
    harness.do("swallow", on=False)
    wait_until(page, "told.at(-1) === 'connected'")
    counter(page).tap()
    expect_count(page, 2)


def test_a_full_server_is_said_and_waited_for(tab: Tab, harness: Harness) -> None:
    page = tab.open("/w/one")
    expect_count(page, 0)
    harness.do("full")
    harness.do("refuse")
    harness.do("drop")
    expect(page.locator("#connection")).to_contain_text("Every place is taken")
    harness.do("full", on=False)
    harness.do("refuse", on=False)
    expect(page.locator("#connection")).to_have_text("Connected again.")


def test_a_phone_without_its_place_gets_one_sentence_and_one_link(
    tab: Tab, harness: Harness
) -> None:
    page = tab.open("/w/one")
    expect_count(page, 0)
    harness.do("sign-out")
    harness.do("refuse")
    harness.do("drop")
    link = page.locator(".rc-connection").get_by_role("link", name="To the start page")
    expect(link).to_be_visible()
    assert tab.told() == ["reconnecting", "lost"]
    link.click()
    expect(page.locator("#path")).to_have_text("/")


def test_a_page_without_its_place_that_never_stood_makes_room_for_the_servers_words(
    tab: Tab, harness: Harness
) -> None:
    harness.do("refuse")
    page = tab.open("/w/one")
    harness.do("sign-out")
    expect(page.locator("#path")).to_have_text("/", timeout=PATIENCE_MS)


def test_after_a_while_it_gives_up_with_one_button(
    context: BrowserContext, tab: Tab, harness: Harness
) -> None:
    page = tab.page
    page.clock.install()
    tab.open("/w/one")
    page.clock.run_for(3000)
    expect_count(page, 0)
    harness.do("refuse")
    context.set_offline(True)
    harness.do("drop")
    wait_until(page, "told.includes('reconnecting')")
    button = page.locator(".rc-connection").get_by_role("button", name="Try again")
    for _ in range(60):
        page.clock.run_for(5000)
        if button.count():
            break
        page.wait_for_timeout(50)
    expect(button).to_be_visible()
    assert tab.told() == ["reconnecting", "lost"]
    # The network is there again: it tries at once by itself, and the server still refuses.
    button.focus()
    asked = len(harness.do("state")["requests"])
    context.set_offline(False)
    for _ in range(PATIENCE_MS // 50):
        if len(harness.do("state")["requests"]) >= asked + 3:  # the line, the page; the line again
            break
        page.clock.run_for(1000)
        page.wait_for_timeout(50)
    else:
        raise AssertionError("it never tried again by itself")
    assert button.evaluate("e => e === document.activeElement"), "nobody loses it meanwhile"
    harness.do("refuse", on=False)
    button.click()
    page.clock.run_for(3000)
    wait_until(page, "told.at(-1) === 'connected'")
    assert button.count() == 0


def test_news_reaches_the_widgets(tab: Tab, harness: Harness) -> None:
    page = tab.open("/w/one")
    expect_count(page, 0)
    wait_for_a_stream(page, harness)
    harness.do("news")
    wait_until(page, "told.includes('released')")


def test_a_live_part_of_a_plain_page_is_read_again_on_news(tab: Tab, harness: Harness) -> None:
    page = tab.open("/plain")
    before = page.locator("#part").inner_text()
    wait_for_a_stream(page, harness)
    harness.do("news")
    expect(page.locator("#part")).not_to_have_text(before)


# -- turning pages --------------------------------------------------------------------------------


def test_a_link_turns_the_page_in_place_and_back_returns(tab: Tab, harness: Harness) -> None:
    page = tab.open("/w/one")
    expect_count(page, 0)
    page.evaluate("window.sameDocument = true")
    page.get_by_role("link", name="the second page").tap()
    expect(page.get_by_role("heading", name="Second page")).to_be_visible()
    assert page.url == f"{harness.url}/w/two"
    assert page.title() == "Page two · Reconnect"
    assert page.locator("#counter").count() == 1
    counter(page).tap()
    expect_count(page, 1)
    page.go_back()
    expect(page.get_by_role("heading", name="First page")).to_be_visible()
    assert page.url == f"{harness.url}/w/one"
    page.go_forward()
    expect(page.get_by_role("heading", name="Second page")).to_be_visible()
    assert page.evaluate("window.sameDocument") is True
    assert tab.complaints == []
    say_nothing(page)
    assert harness.do("state")["sockets"] == 1


def test_turning_the_page_asks_for_nothing_that_the_kernel_has_just_told(tab: Tab) -> None:
    asked: list[str | bytes] = []

    def hear(sent: str | bytes) -> None:
        if b"request_states" in (sent if isinstance(sent, bytes) else sent.encode()):
            asked.append(sent)

    tab.page.on("websocket", lambda socket: socket.on("framesent", hear))
    page = tab.open("/w/one")
    expect_count(page, 0)
    assert len(asked) == 1
    page.get_by_role("link", name="the second page").tap()
    expect(page.get_by_role("heading", name="Second page")).to_be_visible()
    counter(page).tap()
    expect_count(page, 1)
    assert len(asked) == 1
    assert counter(page).evaluate("e => getComputedStyle(e).borderTopWidth") == "7px"


def test_a_page_with_core_widgets_can_be_turned_to_and_back(tab: Tab) -> None:
    page = tab.open("/w/two")
    expect_count(page, 0)
    page.get_by_role("link", name="A slider").tap()
    expect(page.get_by_role("slider")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Second page")).to_be_visible()
    counter(page).tap()
    expect_count(page, 1)
    assert tab.complaints == []


def test_turning_the_page_moves_the_focus_into_it(tab: Tab) -> None:
    page = tab.open("/w/one")
    expect_count(page, 0)
    page.get_by_role("link", name="the second page").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Second page")).to_be_visible()
    assert page.evaluate("document.getElementById('main').contains(document.activeElement)")


def test_a_page_that_cannot_be_fetched_is_loaded_the_ordinary_way(
    tab: Tab, harness: Harness
) -> None:
    page = tab.open("/w/one")
    expect_count(page, 0)
    page.evaluate("window.sameDocument = true")
    harness.do("sign-out")
    page.get_by_role("link", name="the second page").tap()
    expect(page.locator("#path")).to_have_text("/")
    assert page.evaluate("window.sameDocument") is None


def test_a_way_out_of_the_workbook_is_an_ordinary_link(tab: Tab) -> None:
    page = tab.open("/w/two")
    expect_count(page, 0)
    page.evaluate("window.sameDocument = true")
    page.get_by_role("link", name="Away").tap()
    expect(page.locator("#path")).to_have_text("/plain")
    assert page.evaluate("window.sameDocument") is None


def test_a_page_that_went_on_in_another_tab_offers_to_continue_here(
    context: BrowserContext, tab: Tab, harness: Harness
) -> None:
    page = tab.open("/w/one")
    expect_count(page, 0)
    other = Tab(context, harness)
    other.open("/w/two")
    expect_count(other.page, 0)
    button = page.get_by_role("button", name="Continue here")
    expect(button).to_be_visible()
    expect(page.get_by_text("You went on in another tab")).to_be_visible()
    button.tap()
    expect_count(page, 0)
    expect(other.page.get_by_role("button", name="Continue here")).to_be_visible()
    assert tab.complaints == [] and other.complaints == []


def test_two_tabs_on_one_page_stay_in_step(
    context: BrowserContext, tab: Tab, harness: Harness
) -> None:
    page = tab.open("/w/one")
    expect_count(page, 0)
    other = Tab(context, harness)
    other.open("/w/one")
    expect_count(other.page, 0)
    counter(page).tap()
    expect_count(page, 1)
    expect_count(other.page, 1)


# -- leaving --------------------------------------------------------------------------------------


def test_leaving_quickly_forgets_this_browser_at_once(tab: Tab, harness: Harness) -> None:
    page = tab.open("/w/one")
    expect_count(page, 0)
    before = harness.do("state")["left"]
    page.evaluate("sessionStorage.setItem('reconnect.outbox.x', '1')")
    page.get_by_role("link", name="Leave quickly").tap()
    page.wait_for_url(re.compile("/neutral$"))
    assert page.evaluate("sessionStorage.length") == 0
    while harness.do("state")["left"] == before:
        page.wait_for_timeout(20)
    page.go_back()
    page.wait_for_load_state()
    assert not page.url.endswith("/w/one"), "the page left must not be one step back"


def test_leaving_a_workbook_that_does_not_answer_goes_elsewhere_at_once(tab: Tab) -> None:
    page = tab.open("/plain")
    page.route("**/leave", lambda route: route.abort())
    page.get_by_role("link", name="Leave quickly").tap()
    page.wait_for_url(re.compile("/elsewhere$"))


def test_leaving_a_workbook_that_hangs_goes_elsewhere_soon(tab: Tab) -> None:
    page = tab.open("/plain")
    page.route("**/leave", lambda route: None)
    page.get_by_role("link", name="Leave quickly").tap()
    assert page.evaluate("document.documentElement.hidden")
    page.wait_for_url(re.compile("/elsewhere$"))


def test_escape_three_times_leaves_too(tab: Tab) -> None:
    page = tab.open("/plain")
    expect(page.locator("#path")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert page.url.endswith("/plain")
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile("/neutral$"))
