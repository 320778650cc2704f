"""Phones that join and computers that facilitate."""

from __future__ import annotations

import re
from typing import Any

from tornado.httpclient import HTTPResponse

from tests.support.phone import Phone, text


class JoiningPhone(Phone):
    """A phone that knows the join page."""

    async def join(self, code: str, name: str = "Ada", **fields: str) -> HTTPResponse:
        """Open the join page, fill it and press Join; alone unless said otherwise."""
        page = await self.get(f"/j/{code}" if code.isalnum() else "/")
        form = {"action": "join", "code": code, "name": name, "how": "alone", **fields}
        return await self.submit(page, "/", form)

    async def join_couple(
        self, code: str, name: str = "Ada", slot: str = "A", couple_code: str = ""
    ) -> HTTPResponse:
        return await self.join(code, name, how="couple", slot=slot, couple_code=couple_code)

    async def codes(self) -> list[str]:
        """Return the codes on My place: the return code, then session's and couple's if shown."""
        page = await self.get("/me")
        assert page.code == 200, page.code
        return re.findall(r'rc-code--small">([A-Z0-9-]+)<', text(page))

    async def come_back(self, return_code: str) -> HTTPResponse:
        page = await self.get("/")
        return await self.submit(page, "/", {"action": "return", "return_code": return_code})

    async def press(self, path: str, to_path: str = "", **fields: str) -> HTTPResponse:
        """Open a page and send its form, to another address if the form says so."""
        return await self.submit(await self.get(path), to_path or path, fields)

    async def join_both(self, code: str, name: str = "Ama", partner: str = "Béla") -> HTTPResponse:
        """Join with one phone for both."""
        return await self.join(code, name, how="one-device", partner_name=partner)


class FacilitatorPhone(JoiningPhone):
    """A browser that knows the passcode."""

    async def sign_in(self, passcode: str) -> HTTPResponse:
        answer = await self.press("/facilitator/sign-in", passcode=passcode)
        assert answer.code == 303, answer.code
        return answer

    async def new_session(self, **fields: str) -> HTTPResponse:
        form: dict[str, Any] = {
            "title": "Thursday group",
            "exercise": "welcome",
            "policy": "limited-secrets",
            "names": "facilitator",
            "door": "open",
            "free": "all",
            "keep": "90",
        }
        return await self.press("/facilitator/new?plan=", "/facilitator/new", **{**form, **fields})
