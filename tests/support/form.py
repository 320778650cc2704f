"""A form as a browser without scripts would send it: every field as it stands, one button."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlencode

from tornado.httpclient import HTTPResponse

from tests.support.phone import Phone, text


class Form(HTMLParser):
    """The fields and buttons of the page's form to one address; what is in a template is not."""

    def __init__(self, page: HTTPResponse, action: str) -> None:
        super().__init__()
        self.action = action
        self.fields: list[tuple[str, str]] = []
        self.buttons: list[str] = []
        self.focus = ""
        self._in_form = self._in_template = False
        self._select = ""
        self.feed(text(page))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._in_form = at.get("action") == self.action
        elif tag == "template":
            self._in_template = True
        if not self._in_form or self._in_template:
            return
        if tag == "input" and "name" in at:
            is_choice = at.get("type") in ("radio", "checkbox")
            if not is_choice or "checked" in at:
                self.fields.append((at["name"], at.get("value", "")))
        elif tag == "select":
            self._select = at.get("name", "")
        elif tag == "option" and self._select:
            chosen = [name for name, _ in self.fields].count(self._select)
            if not chosen or "selected" in at:
                self.set(self._select, at.get("value", ""))
        elif tag == "button" and "disabled" not in at:
            self.buttons.append(at.get("value", ""))
            if "autofocus" in at:
                self.focus = at.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._in_form = False
        elif tag == "template":
            self._in_template = False
        elif tag == "select":
            self._select = ""

    def all(self, name: str) -> list[str]:
        """Return every value of a field, in order."""
        return [value for each, value in self.fields if each == name]

    def set(self, name: str, *values: str) -> None:
        """Put these values where the field stands; none takes it out."""
        place = next((i for i, (each, _) in enumerate(self.fields) if each == name), None)
        rest = [(each, value) for each, value in self.fields if each != name]
        place = len(rest) if place is None else min(place, len(rest))
        self.fields = [*rest[:place], *((name, value) for value in values), *rest[place:]]

    async def press(self, phone: Phone, button: str) -> HTTPResponse:
        """Send it by one of its buttons."""
        assert button in self.buttons, (button, self.buttons)
        return await self.send(phone, button)

    async def send(self, phone: Phone, button: str) -> HTTPResponse:
        """Send it, be there such a button or not."""
        body = urlencode([*self.fields, ("do", button)])
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return await phone._request("POST", self.action, body, headers)
