"""The contents page, and a partner who gives something while one is elsewhere."""

from __future__ import annotations

from playwright.async_api import Browser, Page, expect

from reconnect_widgets.content import load_contents
from tests.support.axe import violations
from tests.support.person import Person, sit_down
from tests.support.server import WorkbookServer

LINE = "On Tuesday at the station you waited for me, though it rained. I felt at home."


def title(key: str) -> str:
    frame = load_contents().frame(key)
    assert frame is not None
    return frame.title


async def open_contents(page: Page) -> None:
    """By the workbook's name in the header."""
    await page.get_by_role("link", name="Reconnect", exact=True).click()
    await expect(page.get_by_role("heading", name="All exercises", level=1)).to_be_visible()


async def open_exercise(page: Page, key: str) -> None:
    """From the contents, in place: the page is turned, not loaded."""
    await page.evaluate("window.isTheSame = true")
    await page.get_by_role("listitem").get_by_role("link", name=title(key), exact=True).click()
    await page.wait_for_url(f"**/w/{key}")
    await page.locator(".rc-host__stage [data-heading]").first.wait_for()
    assert await page.evaluate("window.isTheSame === true")


async def couple(server: WorkbookServer, browser: Browser) -> tuple[Person, Person]:
    code = server.new_session()["code"]
    ama = await sit_down(browser, server.url, code, "Ama", slot="A")
    bela = await sit_down(browser, server.url, code, "Béla", slot="B", couple=ama.couple_code)
    for person in (ama, bela):
        await person.consent()
    return ama, bela


async def give_a_line(person: Person) -> None:
    page = person.page
    await open_contents(page)
    await open_exercise(page, "appreciation")
    await person.button("Begin").click()
    await person.button("Next").click()
    await page.get_by_label("I noticed").fill(LINE)
    await person.button("Next").click()
    await person.button("Send it to my partner").click()
    await expect(page.get_by_text(LINE)).to_be_visible()


async def test_a_line_given_is_told_on_whatever_page_the_partner_is(
    server: WorkbookServer, browser: Browser
) -> None:
    ama, bela = await couple(server, browser)
    waits = bela.page.get_by_role("status").get_by_role("link", name=title("appreciation"))
    await open_contents(bela.page)
    await open_exercise(bela.page, "gratitude")
    await expect(waits).to_have_count(0)
    await give_a_line(ama)
    await expect(waits).to_be_visible()
    await expect(ama.page.get_by_text("something for you")).to_have_count(0)
    # On the contents as well, and it leads there without loading a page.
    await open_contents(bela.page)
    await expect(waits).to_be_visible()
    await bela.page.evaluate("window.isTheSame = true")
    await waits.click()
    await bela.page.wait_for_url("**/w/appreciation")
    await expect(waits).to_have_count(0)
    await bela.button("Look").click()
    await expect(bela.page.get_by_text(LINE)).to_be_visible()
    assert await bela.page.evaluate("window.isTheSame === true")
    for person in (ama, bela):
        assert (person.errors, person.strangers) == ([], [])


async def test_the_contents_are_for_everybody_and_say_how_far_one_is(
    server: WorkbookServer, browser: Browser
) -> None:
    person = await sit_down(browser, server.url, server.new_session()["code"], "Ama")
    page = person.page
    await page.goto(f"{server.url}/w/")
    await expect(page.get_by_text("First there is one choice")).to_be_visible()
    await page.goto(f"{server.url}/me")
    await person.consent()
    await open_contents(page)
    done = page.get_by_role("listitem").filter(has_text=title("welcome"))
    await expect(done).to_contain_text("Done")
    await expect(page.get_by_role("listitem").filter(has_text=title("checkup"))).to_contain_text(
        "Begun"
    )
    await page.emulate_media(reduced_motion="reduce")
    for size in ({"width": 320, "height": 640}, {"width": 1280, "height": 800}):
        await page.set_viewport_size(size)  # type: ignore[arg-type]
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert await violations(page) == [], (size, scheme)
        assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    onward = page.get_by_role("link", name="Go on where you were")
    await onward.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/w/checkup")
    assert (person.errors, person.strangers) == ([], [])
