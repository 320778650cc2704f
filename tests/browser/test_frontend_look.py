"""The page fits: small screens, large text, thumbs, dark mode, forced colours, paper; and axe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.axe import violations_sync
from tests.support.chromium import ARGUMENTS, DESK, PHONE, executable

SERVER = Path(__file__).parents[2] / "reconnect_widgets" / "server"
NARROW = {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Every shared part on one page, as a file: looks need no server."""
    folder = tmp_path_factory.mktemp("gallery")
    environment = Environment(
        loader=FileSystemLoader([SERVER / "templates", Path(__file__).parent]),
        autoescape=True,
        undefined=StrictUndefined,
    )
    html = environment.get_template("frontend_gallery.html").render(
        signed_in="participant",
        lang="en",
        static_url=lambda name: (SERVER / "static" / name).as_uri(),
        neutral_url="/neutral",
        path="",
        count=0,
    )
    page = folder / "gallery.html"
    page.write_text(html, encoding="utf-8")
    return page.as_uri()


def show(browser: Browser, gallery: str, viewport: dict[str, int], **options: object) -> Page:
    context = browser.new_context(
        viewport=viewport,  # type: ignore[arg-type]
        bypass_csp=True,
        **options,  # type: ignore[arg-type]
    )
    page = context.new_page()
    page.goto(gallery)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_axe_finds_nothing(
    browser: Browser, gallery: str, viewport: dict[str, int], scheme: str
) -> None:
    page = show(browser, gallery, viewport, color_scheme=scheme)
    assert violations_sync(page) == []


@pytest.mark.parametrize("viewport", [NARROW, PHONE, DESK], ids=["320", "360", "1280"])
def test_nothing_makes_the_page_scroll_sideways(
    browser: Browser, gallery: str, viewport: dict[str, int]
) -> None:
    page = show(browser, gallery, viewport)
    width = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert width[0] <= width[1]


def test_text_at_200_percent_still_fits_a_phone(browser: Browser, gallery: str) -> None:
    page = show(browser, gallery, PHONE)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    overflowing = page.evaluate(
        """[...document.querySelectorAll("main *, header *")]
             .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest("svg"))
             .map((e) => e.outerHTML.slice(0, 80))"""
    )
    assert overflowing == []


@pytest.mark.parametrize("viewport", [NARROW, PHONE, DESK], ids=["320", "360", "1280"])
def test_a_line_holds_34_to_68_characters_and_text_is_18_px_on_a_phone(
    browser: Browser, gallery: str, viewport: dict[str, int]
) -> None:
    page = show(browser, gallery, viewport)
    measured = page.evaluate(
        """() => {
          const p = document.querySelector("main > p:not([class])");
          const ruler = document.createElement("span");
          ruler.textContent = "Afterwards you decide together what you look at, or leave it. ";
          ruler.style.whiteSpace = "nowrap";
          p.append(ruler);
          const one = ruler.getBoundingClientRect().width / ruler.textContent.length;
          const size = parseFloat(getComputedStyle(p).fontSize);
          return { characters: p.clientWidth / one, size };
        }"""
    )
    assert 34 <= measured["characters"] <= 68
    assert measured["size"] >= 18


def test_everything_a_thumb_must_hit_is_44_px(browser: Browser, gallery: str) -> None:
    page = show(browser, gallery, PHONE, is_mobile=True, has_touch=True)
    small = page.evaluate(
        """[...document.querySelectorAll(
             "header a, .rc-button, .rc-choice, input:not([type=radio]), textarea")]
             .map((e) => [e.outerHTML.slice(0, 60), e.getBoundingClientRect()])
             .filter(([, box]) => box.height < 44 || box.width < 40)
             .map(([html]) => html)"""
    )
    assert small == []


def test_the_focus_is_seen_on_everything_that_takes_it(browser: Browser, gallery: str) -> None:
    page = show(browser, gallery, PHONE)
    for _ in range(12):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => {
              const ring = (e) => { const s = getComputedStyle(e);
                return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2; };
              const e = document.activeElement;
              return ring(e) || (e.closest(".rc-choice") && ring(e.closest(".rc-choice")));
            }"""
        )
        assert seen, page.evaluate("document.activeElement.outerHTML")


def test_motion_stops_for_who_asks_for_it(browser: Browser, gallery: str) -> None:
    page = show(browser, gallery, PHONE, reduced_motion="reduce")
    duration = page.evaluate(
        "getComputedStyle(document.querySelector('.rc-button')).transitionDuration"
    )
    assert set(duration.split(", ")) == {"0s"}


def test_the_chosen_answer_is_told_in_forced_colours(browser: Browser, gallery: str) -> None:
    page = show(browser, gallery, PHONE, forced_colors="active")
    widths = page.evaluate(
        """[...document.querySelectorAll(".rc-choice")]
             .map((e) => [e.querySelector("input").checked, getComputedStyle(e).borderTopWidth])"""
    )
    assert {width for checked, width in widths if checked} == {"3px"}
    assert {width for checked, width in widths if not checked} == {"1px"}


def test_paper_shows_the_words_and_none_of_the_controls(browser: Browser, gallery: str) -> None:
    page = show(browser, gallery, DESK, color_scheme="dark")
    page.emulate_media(media="print")
    assert not page.locator("header").is_visible()
    assert not page.get_by_role("button", name="Next").is_visible()
    assert page.get_by_role("heading", level=1).is_visible()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"
