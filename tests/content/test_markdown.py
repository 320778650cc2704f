"""Markdown from a pack can not do more to a page than put words on it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconnect_widgets.content.markdown import find_unsafe, is_safe_link, render

ALLOWED_TAGS = {"p", "ul", "ol", "li", "strong", "em", "a", "blockquote", "code", "pre", "hr", "br"}
ALLOWED_TAGS |= {f"h{level}" for level in range(1, 7)}


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(html)
    return parser.found


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/a?b=c#d",
        "http://example.org:8080/",
        "tel:8007997233",
        "tel:+44-808-2000",
        "/safety",
        "/w/checkup?step=2",
        "#top",
        "safety",
        "pages/one.html",
        "",
    ],
)
def test_links_lead_to_the_web_the_workbook_or_a_phone(address: str) -> None:
    assert is_safe_link(address) == (address != "")


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\nscript:alert(1)",
        " javascript:alert(1)",
        "\x01javascript:alert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        "file:///etc/passwd",
        "mailto:a@b",
        "//other.example/",
        "/\\other.example/",
        "\\\\other.example",
        "https:other",
        "http://a\\b",
        "tel:1;ext=javascript:1",
        "blob:x",
        "a:b",
    ],
)
def test_no_link_leads_anywhere_else(address: str) -> None:
    assert not is_safe_link(address)
    html = render(f"[words](<{address}>)")
    links = [str(attributes["href"]) for tag, attributes in tags(html) if tag == "a"]
    # A backslash reaches the page only as %5C, which no browser reads as a slash.
    assert links == ([address.replace("\\", "%5C")] if re.match(r"(/|http://a)\\", address) else [])
    assert "words" in html


def test_a_link_to_another_site_tells_it_nothing() -> None:
    assert tags(render("[a](https://example.org)"))[1] == (
        "a",
        {"href": "https://example.org", "rel": "noopener noreferrer"},
    )
    assert "rel" not in tags(render("[a](/safety)"))[1][1]


def test_html_is_shown_and_not_obeyed() -> None:
    html = render("<script>alert(1)</script>\n\nHello <img src=x onerror=y> <b>you</b>")
    assert {tag for tag, _ in tags(html)} == {"p"}
    assert "&lt;script&gt;" in html


def test_pictures_are_off() -> None:
    assert all(tag != "img" for tag, _ in tags(render("![a](https://example.org/p.png)")))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("Plain *words* and [a link](/safety).", []),
        ("[a](javascript:x)", [("link", "javascript:x")]),
        ("<javascript:x>", [("link", "javascript:x")]),
        ("a <b>word</b>", [("raw HTML", "<b>"), ("raw HTML", "</b>")]),
        ("<div>\nx\n</div>", [("raw HTML", "<div>\nx\n</div>")]),
        ("![p](/a.png)", [("picture", "/a.png")]),
        ("[a][b]\n\n[b]: data:x", [("link", "data:x")]),
    ],
)
def test_what_would_not_be_let_through_is_found(source: str, found: list[tuple[str, str]]) -> None:
    assert [(what, text) for what, text in find_unsafe(source)] == found


@given(st.text(alphabet=st.sampled_from("ab <>/\"'=&;:()[]!*_`#\n-jJ\\\t"), max_size=80))
def test_no_source_makes_a_page_do_anything(source: str) -> None:
    found = tags(render(source))
    assert {tag for tag, _ in found} <= ALLOWED_TAGS
    for tag, attributes in found:
        assert attributes.keys() <= ({"href", "rel", "title"} if tag == "a" else {"class", "start"})
        if "href" in attributes:
            assert not re.match(r"[\s\x00-\x20]*[a-z]+script:", attributes["href"] or "", re.I)


def test_a_long_hostile_passage_is_rendered_in_time() -> None:
    for source in ("[" * 8000, "*a " * 2600, "> " * 4000, "`" * 8000, "[a](" * 2000):
        assert render(source)
