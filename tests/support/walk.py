"""Somebody who walks through an exercise by keyboard alone, and looks closely at every screen.

The walker knows no exercise: it fills in what stands on the screen and goes on, until the last
one. What it saw, gave and typed is noted, so that a test can compare it with the record.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from playwright.async_api import TimeoutError, expect

from reconnect_widgets.content import ExercisePack, load_coach, load_contents, load_exercise
from reconnect_widgets.system import utc_now
from tests.support.axe import violations
from tests.support.chromium import PHONE
from tests.support.person import PATIENCE_MS, Person

NARROW = {"width": 320, "height": 640}
STAGE = ".rc-host__stage:not([hidden])"
LAST = "That is all for now"
MOST_SCREENS = 80
MOST_STOPS = 90  # of Tab, on one screen

# What a screen is, as text; the words of a status are not part of it.
_SCREEN = """() => {
  const stages = document.querySelectorAll(".rc-host__stage");
  const stage = stages[0];
  if (stages.length !== 1 || stage.hidden || stage.querySelector('[aria-busy="true"]')) return null;
  const parts = "[data-heading], .rc-sheet__where, .rc-sheet__open, .rc-worksheet__text, " +
    ".rc-worksheet__news, .rc-quotes, .rc-field legend, .rc-label, .rc-clock__label, " +
    ".rc-worksheet .rc-actions, .rc-passage";
  const seen = [...stage.querySelectorAll(parts)].filter((e) => e.checkVisibility());
  const look = stage.querySelector("[data-look]")?.dataset.look ?? "";
  return seen.length || look ? [look, ...seen.map((e) => e.innerText)].join("|") : null;
}"""

# What has the focus, as whoever can not use a mouse needs to know it.
_FOCUSED = f"""() => {{
  const e = document.activeElement;
  const stage = document.querySelector("{STAGE}");
  const own = (name) => e.closest(name) !== null;
  const set = e.closest("fieldset");
  const radios = set ? [...set.querySelectorAll("input[type=radio]")] : [];
  return {{
    tag: e.tagName.toLowerCase(), type: e.type ?? "", id: e.id, name: e.name ?? "",
    value: e.value ?? "", action: e.dataset.action ?? "", in_stage: !!stage?.contains(e),
    is_heading: e.matches("[data-heading]"), is_clock: own(".rc-clock"),
    is_tally: e.matches(".rc-tally__more"), is_lines: own(".rc-linefield"),
    is_action: own(".rc-actions, .rc-sheet__row, .rc-clock"), label: e.innerText ?? "",
    legend: set?.querySelector("legend")?.innerText ?? "",
    values: radios.map((radio) => radio.value), is_chosen: radios.some((radio) => radio.checked),
  }};
}}"""

# What is wrong with a screen at a glance, in words.
_FAULTS = f"""(is_new) => {{
  const faults = [];
  const stage = document.querySelector("{STAGE}");
  const headings = [...document.querySelectorAll("[data-heading]")];
  const heading = headings.find((e) => e.checkVisibility());
  const focused = document.activeElement;
  const at_clock = focused.closest(".rc-clock") && stage.contains(focused);
  if (is_new && focused !== heading && (heading || !at_clock)) {{
    faults.push(`the focus is not on the heading but on ${{focused.outerHTML.slice(0, 90)}}`);
  }}
  const targets = "button, a.rc-button, .rc-choice, summary, textarea, input:not([type=radio])";
  for (const target of document.querySelectorAll(targets)) {{
    if (!target.checkVisibility({{ visibilityProperty: true }})) continue;
    const {{ width, height }} = target.getBoundingClientRect();
    if (Math.min(width, height) < 43.9) {{
      faults.push(`${{width}} × ${{height}} px: ${{target.outerHTML.slice(0, 90)}}`);
    }}
  }}
  const asks = [...document.querySelectorAll(".rc-field, .rc-sheet__set")];
  const mark = stage?.querySelector(".rc-privacy");
  if (asks.some((e) => e.checkVisibility())) {{
    if (!mark?.checkVisibility() || !mark.innerText.trim()) faults.push("no privacy mark");
  }}
  return faults;
}}"""


@dataclass
class Walk:
    """What somebody saw and did in one exercise.

    Attributes
    ----------
    screens
        The headings, in the order seen.
    faults
        What was wrong with a screen, with its heading.
    given
        The value of every choice, tally and list (how many lines), by item.
    typed
        What was typed into every text, by field; of a list, the latest line.
    pressed
        Every action, by its id.
    """

    key: str
    screens: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    pressed: list[str] = field(default_factory=list)
    is_done: bool = False

    @property
    def pack(self) -> ExercisePack:
        return load_exercise(self.key)

    def recorded_texts(self) -> dict[str, str]:
        """Return what was typed and is to be in the record: kept there, or taken by an action."""
        fields = [field for step in self.pack.steps for field in step.fields] + [*self.pack.noted]
        kept = {field.key for field in fields if field.kind == "text" and field.keep == "recorded"}
        kept |= {
            key
            for step in self.pack.steps
            for action in step.actions
            if action.id in self.pressed
            for key in action.takes
        }
        return {key: text for key, text in self.typed.items() if key in kept}

    def screen_only_texts(self) -> dict[str, str]:
        """Return what was typed and is to be nowhere but on the screen."""
        recorded = self.recorded_texts()
        return {key: text for key, text in self.typed.items() if key not in recorded}


def exercise_keys() -> list[str]:
    """Return the exercises that are made of steps, in order."""
    contents = load_contents()
    return [key for key in contents.order if key not in contents.read_elsewhere]


class Walker:
    """Walks one person through one exercise.

    Parameters
    ----------
    answers
        Which option to choose (its place) for an item; by default one after the other.
    prefer
        Actions to press before any other.
    is_strict
        Whether to look at every screen by axe and at 320 px, which takes most of the time.
    """

    def __init__(
        self,
        person: Person,
        key: str,
        *,
        answers: Mapping[str, int] | None = None,
        prefer: Collection[str] = (),
        is_strict: bool = True,
    ) -> None:
        self.person = person
        self.page = person.page
        self.walk = Walk(key)
        self.answers = dict(answers or {})
        self.prefer = prefer
        self.is_strict = is_strict
        self._choices = 0
        self._tried: set[tuple[str, ...]] = set()
        self._screen = ""
        self._is_new = False
        self._looked: set[tuple[str, ...]] = set()

    # -- Arriving --------------------------------------------------------------------------------

    async def open(self) -> Walker:
        """Open the page of the exercise."""
        await self.page.goto(f"{self.person.url}/w/{self.walk.key}")
        await self._arrive()
        self._is_new = False  # the browser's own place after a page has opened is the page
        return self

    async def _arrive(self) -> None:
        """Wait until another screen than the last one stands there, whole."""
        try:
            shown = await self.page.wait_for_function(
                f"(before) => {{ const now = ({_SCREEN})(); return now !== before && now; }}",
                arg=self._screen,
                timeout=PATIENCE_MS,
            )
        except TimeoutError as error:
            said = f"nothing came after {self._screen[:200]!r}; {self.person.errors}"
            raise AssertionError(said) from error
        self._screen = str(await shown.json_value())
        self._is_new = True

    async def heading(self) -> str:
        """Return the heading of the screen; the clock's own words while it hides all else."""
        for place in ("[data-heading]", ".rc-clock__label", ".rc-clock"):
            found = self.page.locator(f"{STAGE} {place}").first
            if await found.is_visible():
                return (await found.inner_text()).strip()
        return ""

    async def offers(self) -> list[str]:
        """Return what can be done on this screen, by id; links are no actions."""
        found = self.page.locator(f"{STAGE} .rc-actions button[data-action]:visible")
        ids: list[str] = await found.evaluate_all("all => all.map((e) => e.dataset.action)")
        return ids

    async def mark_page(self) -> None:
        """Note in the page that it was here: what comes later came without a reload."""
        await self.page.evaluate("window.wasHere = true")

    async def is_same_page(self) -> bool:
        return bool(await self.page.evaluate("'wasHere' in window"))

    # -- Walking ---------------------------------------------------------------------------------

    async def go(self, until: str = LAST) -> Walk:
        """Walk on to the screen of this heading, look at it, and stay there."""
        for _ in range(MOST_SCREENS):
            heading = await self.heading()
            self.walk.screens.append(heading)
            await self._look(heading)
            if heading == until:
                await self.look_closely(heading)
                self.walk.is_done = self.walk.is_done or heading == LAST
                return self.walk
            await self.fill_in()
            await self.look_closely(heading)
            await self._go_on(heading)
        raise AssertionError(f"no end to {self.walk.key}: {self.walk.screens[-12:]}")

    async def _go_on(self, heading: str) -> None:
        offered = await self.offers()
        if not offered:
            await self._press_last()
            return
        await self.press(self._choose(heading, offered))

    def _choose(self, heading: str, offered: Sequence[str]) -> str:
        """Return what was not tried on such a screen so far, else the way on."""
        # Of several scenes, one. Printing is the browser's own; back and again are other walks.
        kinds = dict.fromkeys(
            "scene" if action.startswith("scene-") else action
            for action in sorted(offered, key=lambda action: action not in self.prefer)
            if action not in ("back", "again", "print")
        )
        spot = (self.walk.key, heading, *kinds)
        fresh = [kind for kind in kinds if (*spot, kind) not in self._tried]
        kind = fresh[0] if fresh else ("next" if "next" in kinds else list(kinds)[-1])
        self._tried.add((*spot, kind))
        return next(each for each in offered if each == kind or each.startswith(f"{kind}-"))

    async def press(self, action: str) -> None:
        """Reach an action with Tab, press it, and wait for what comes of it."""
        await self.reach(f'button[data-action="{action}"]')
        self.walk.pressed.append(action)
        await self._enter()

    async def _press_last(self) -> None:
        """Press what a sheet, or a clock that hides everything, offers last."""
        clock = self.page.locator(f"{STAGE} .rc-clock__stop")
        if await clock.is_visible():
            await self.reach(".rc-clock__stop")
        else:
            await self.reach(".rc-sheet__row button:last-child")
        await self._enter()

    async def _enter(self) -> None:
        # What the partner did may have changed the screen since it was looked at.
        self._screen = await self.page.evaluate(_SCREEN) or self._screen
        await self.page.keyboard.press("Enter")
        await self._arrive()

    async def reach(self, selector: str) -> None:
        """Go to a control with Tab alone, or back to it with Shift+Tab."""
        wanted = self.page.locator(f"{STAGE} {selector}")
        await wanted.wait_for()
        where = await wanted.evaluate(
            "e => e.compareDocumentPosition(document.activeElement) & 4 ? 'after' : 'before'"
        )
        key = "Shift+Tab" if where == "after" else "Tab"
        for _ in range(MOST_STOPS):
            if await wanted.evaluate("e => e === document.activeElement"):
                return
            await self.page.keyboard.press(key)
        raise AssertionError(f"{key} never reached {selector} on {await self.heading()!r}")

    # -- Filling in ------------------------------------------------------------------------------

    async def fill_in(self) -> None:
        """Go through what is asked with Tab, and fill in what is empty; stop at the actions."""
        fields = self.page.locator(f"{STAGE} .rc-field:visible, {STAGE} .rc-sheet__set:visible")
        if not await fields.count():
            return
        done: set[str] = set()
        for _ in range(MOST_STOPS):
            await self.page.keyboard.press("Tab")
            at = await self.page.evaluate(_FOCUSED)
            if at["in_stage"] and at["is_action"]:
                return
            spot = at["name"] or at["id"] or at["label"]
            if at["in_stage"] and spot not in done:
                done.add(spot)
                await self._fill(at)
        raise AssertionError(f"Tab never left the fields of {await self.heading()!r}")

    async def _fill(self, at: dict[str, Any]) -> None:
        if at["type"] == "radio":
            if not at["is_chosen"]:
                await self._choose_option(at)
        elif at["is_tally"]:
            await self._tap(at)
        elif at["type"] == "date" and not at["value"]:
            await self._type_date(at)
        elif at["type"] in ("textarea", "text") and not at["value"]:
            await self._type(at)

    def _item(self, at: dict[str, Any]) -> str:
        """Return which item a control is for: by its name, on a sheet by its words."""
        name = str(at["name"] or at["id"]).removeprefix("rc-worksheet-")
        if at["type"] == "radio" and not str(at["name"]).startswith("rc-worksheet-"):
            fields = (field for step in self.walk.pack.steps for field in step.fields)
            name = next(field.key for field in fields if field.label == at["legend"].strip())
        return name

    async def _choose_option(self, at: dict[str, Any]) -> None:
        item, values = self._item(at), at["values"]
        place = self.answers.get(item, self._choices % min(len(values), 3))
        self._choices += 1
        # Space takes the first one, which Tab has led to; an arrow takes the next.
        for key in ["ArrowDown"] * place or ["Space"]:
            await self.page.keyboard.press(key)
        self.walk.given[item] = str(values[place])

    async def _tap(self, at: dict[str, Any]) -> None:
        label = at["label"].strip().splitlines()[0].strip()
        fields = (field for step in self.walk.pack.steps for field in step.fields)
        item = next(field.key for field in fields if field.label == label)
        taps = len(self.walk.given) % 3 + 1
        for _ in range(taps):
            await self.page.keyboard.press("Enter")
        self.walk.given[item] = str(taps)

    async def _type_date(self, at: dict[str, Any]) -> None:
        day = utc_now().date() + timedelta(days=14)
        await self.page.keyboard.type(f"{day:%m%d%Y}")
        self.walk.given[self._item(at)] = day.isoformat()

    async def _type(self, at: dict[str, Any]) -> None:
        item = self._item(at)
        # Short, for the shortest field; the last word is one that nobody else types.
        text = f"On Tuesday you always waited for me, {self.person.name}{secrets.token_hex(8)}"
        await self.page.keyboard.type(text)
        self.walk.typed[item] = text
        if at["is_lines"]:
            await self.page.keyboard.press("Enter")
            self.walk.given[item] = "1"
        coach = self._coach_of(item)
        if coach and (notes := load_coach(coach).read(text)):
            shown = self.page.locator(f"{STAGE} .rc-writer:focus-within .rc-notes__note")
            await expect(shown).to_have_count(len(notes))

    def _coach_of(self, item: str) -> str | None:
        fields = [field for step in self.walk.pack.steps for field in step.fields]
        fields += [*self.walk.pack.noted]
        return next((field.coach for field in fields if field.key == item and field.coach), None)

    # -- Looking ---------------------------------------------------------------------------------

    async def _look(self, heading: str) -> None:
        """Look at a screen as it stands there first."""
        await self._note_faults(heading, await self.page.evaluate(_FAULTS, self._is_new))

    async def look_closely(self, heading: str) -> None:
        """Look at a screen again once it is filled in; each kind of screen once by axe."""
        await self._note_faults(heading, await self.page.evaluate(_FAULTS, False))
        kind = (heading, *await self.offers())
        if not self.is_strict or kind in self._looked:
            return
        self._looked.add(kind)
        await self.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        scroll, width = await self.page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        if scroll > width:
            await self._note_faults(heading, [f"{scroll} px wide on a screen of {width} px"])
        await self.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        await self._note_faults(heading, [f"axe: {one}" for one in await violations(self.page)])

    async def _note_faults(self, heading: str, faults: Sequence[str]) -> None:
        for fault in faults:
            said = f"{heading}: {fault}"
            if said not in self.walk.faults:
                self.walk.faults.append(said)
