"""What every page is held to by axe."""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT
from playwright import async_api, sync_api

_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_IS_THERE = "'axe' in window"
# Only what is wrong leaves the page: all that axe looked at would be a megabyte each time.
_LOOK = """async (rules) => {
  const found = await axe.run({ runOnly: rules, resultTypes: ["violations"] });
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`));
}"""


async def violations(page: async_api.Page) -> list[str]:
    """Return what is wrong with a page: the rule's id, and the beginning of the element."""
    if not await page.evaluate(_IS_THERE):
        await page.evaluate(AXE_SCRIPT)
    found: list[str] = await page.evaluate(_LOOK, _RULES)
    return found


def violations_sync(page: sync_api.Page) -> list[str]:
    """Return the same of a page of Playwright's synchronous API."""
    if not page.evaluate(_IS_THERE):
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(_LOOK, _RULES)
    return found
