"""Every part that an exercise can be made of, on worksheets as an exercise would show them.

The tests look at each with axe and a ruler. To look at them with one's eyes:

    python -m tests.widgets.gallery FOLDER

writes pictures of all of them (phone and desk, light and dark, without our stylesheet).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from reconnect_widgets.content import load_sentences
from reconnect_widgets.widgets import (
    Action,
    Choice,
    ChoiceOption,
    Clock,
    Lines,
    Page,
    Privacy,
    Quote,
    Tally,
    Worksheet,
    Writer,
)
from tests.support.chromium import ARGUMENTS, DESK, PHONE, executable
from tests.widgets.stub import Stub, build_page

Screen = dict[str, Any]

SAVED = Privacy("recorded", "Recorded under your code")
HERE = Privacy("screen", "Only on your screen")
NEXT = (Action("next", "Next"), Action("back", "Back", "quiet"))

REPLIES = (
    ChoiceOption(
        "hear",
        "That hurt you. I can see it.",
        "<p>They breathe out. The shoulders come down a little.</p>"
        "<p class='rc-small'>You heard the hurt before the facts. Your own version can wait.</p>",
    ),
    ChoiceOption("rebut", "But I did call you, at seven.", "<p>Now it is about the call.</p>"),
    ChoiceOption("fix", "I will set an alarm from now on.", "<p>Quick, and a little too soon.</p>"),
)
LIKERT = tuple(
    ChoiceOption(value, words)
    for value, words in enumerate(("not at all", "a little", "half", "mostly", "fully"), start=1)
)
COACH = {
    "looks_for": ["A real moment of this week.", "What it took or showed.", "How it was for you."]
}
LINE = Writer(
    "line",
    "One thing that you saw this week",
    hint="What happened, as somebody with a camera would tell it.",
    max_length=400,
    has_coach=True,
    coach_words=COACH,
    text="You always make tea.",
)
RTL = Writer("rtl", "שורה אחת", keep="recorded", rows=2, text="ראיתי אותך מחכה לי בדלת, בגשם 😀")

DIALOGUE = (
    "<ol class='rc-lines'>"
    "<li class='rc-lines__theirs'><span class='rc-lines__who'>Your partner</span>"
    "<p>You were late again. I sat there with two cups.</p></li>"
    "<li class='rc-lines__mine'><span class='rc-lines__who'>You</span>"
    "<p>Two cups. And I did not come.</p></li>"
    "<li class='rc-lines__theirs'><span class='rc-lines__who'>Your partner</span>"
    "<p>I felt silly. As if I had made it up that we had a plan.</p></li></ol>"
)
DAYS = (
    "<ol class='rc-days'>"
    + "".join(
        f"<li class='rc-days__{state}'><span class='rc-days__date'>{date}</span>"
        f"<span class='rc-days__words'>{words}</span></li>"
        for state, date, words in (
            ("done", "Mon 16 Nov", "Done. A little awkward."),
            ("done", "Tue 17 Nov", "Done."),
            ("not", "Wed 18 Nov", "Not that day."),
            ("done", "Thu 19 Nov", "Done. It went by itself."),
            ("done rc-days__today", "Today", "Done."),
            ("open", "Sat 21 Nov", "Still to come."),
            ("open", "Sun 22 Nov", "Still to come."),
        )
    )
    + "</ol>"
)


def clock(state: str, **changes: Any) -> Screen:
    whole = {"left_ms": 754_000, "total_ms": 900_000, "label": "Fifteen minutes for the two of you"}
    return {
        "heading": "Fifteen minutes, no devices",
        "html": "<p>Sit where you can see each other. Nothing has to be solved.</p>",
        "clock": Clock(state, **{**whole, "done_words": "Time to look up.", **changes}),  # type: ignore[arg-type]
        "actions": [Action("clock-pause", "Pause", "quiet"), Action("next", "Go on")],
    }


SCREENS: Mapping[str, Screen] = {
    "scene": {
        "heading": "The two cups",
        "html": DIALOGUE,
        "fields": [
            Choice("cups-one", "What do you say?", REPLIES, value="hear", status="answered")
        ],
        "privacy": SAVED,
        "actions": NEXT,
    },
    "writer": {
        "heading": "Say what you noticed",
        "html": "<p>One sentence. Small is good; real is better.</p>",
        "fields": [LINE],
        "privacy": HERE,
        "actions": [
            Action("deliver", "Show it to my partner", takes=["line"]),
            Action("keep", "Keep it", "quiet"),
        ],
    },
    "empty": {
        "heading": "Say what you noticed",
        "fields": [Writer("line", "Your sentence", has_coach=True), RTL],
        "actions": [
            Action("deliver", "Show it to my partner", takes=["line"]),
            Action("back", "Back", "quiet"),
        ],
    },
    "ratings": {
        "heading": "How was it?",
        "fields": [
            Choice("mine", "How present were you?", LIKERT, 4, "answered", layout="row"),
            Choice("theirs", "How present did it feel?", LIKERT, None, "skipped", layout="row"),
            Choice("awkward", "How awkward was it?", LIKERT, layout="row"),
        ],
        "privacy": SAVED,
        "actions": [Action("next", "Next", needs=["mine", "theirs", "awkward"])],
    },
    "list": {
        "heading": "Reasons to be grateful",
        "html": "<p>As they come. They stay here, only how many there are is recorded.</p>",
        "fields": [Lines("reasons", "One reason", hint="A word is enough.", count=4)],
        "privacy": HERE,
        "actions": NEXT,
    },
    "tally": {
        "heading": "Small moments today",
        "fields": [
            Tally("phone", "Phone down when they came in", 3),
            Tally("asked", "Asked, and waited for the answer", 0),
            Tally("hand", "A hand on the shoulder, in passing", 12),
        ],
        "privacy": SAVED,
        "actions": NEXT,
    },
    "card": {
        "heading": "Questions worth asking",
        "html": "<div class='rc-card'><p class='rc-card__text'>What would you like to be asked "
        "more often?</p><p class='rc-card__more'>And what makes it hard to say so?</p></div>"
        "<p class='rc-small'>4 of 36 answered.</p>",
        "actions": [
            Action("answered", "We both answered"),
            Action("skip", "Pass this one over", "quiet"),
            Action("put-back", "Put it back for later", "quiet"),
        ],
    },
    "quotes": {
        "heading": "A line for you",
        "news": "Your partner has sent you a line.",
        "quotes": [
            Quote(
                "From your partner, this morning",
                "You waited at the door,\nin the rain. <b>Thank you</b>.",
            ),
            Quote("Their request", "שב איתי חמש דקות אחרי העבודה", "You can change the wording."),
        ],
        "after_html": "<p>You do not have to answer anything now.</p>",
        "privacy": Privacy("partner", "Shared with your partner when you both release it"),
        "actions": [
            Action("try", "I will try", "choice"),
            Action("change", "I would change it like this", "choice"),
            Action("not-now", "Not now", "choice"),
        ],
    },
    "days": {
        "heading": "Your seven days",
        "html": "<p class='rc-kicker'>Tea before the phone, at the kitchen table</p>" + DAYS,
        "after_html": "<h3>You both said yes to</h3><ul class='rc-reveal'><li>A real hug</li>"
        "<li>Sitting close on the sofa</li></ul>"
        "<div class='rc-pair'><div><h3>Yours</h3><p>Cooking together</p></div>"
        "<div><h3>Your guess</h3><p>A walk without a plan</p></div></div>",
        "actions": NEXT,
    },
    "clock": clock("running"),
    "clock-paused": clock("paused", left_ms=61_000),
    "clock-dark": clock("running", is_dark=True),
    "clock-sign": clock("done", is_dark=True, left_ms=0),
    "closed": {
        "heading": "Say what you noticed",
        "fields": [
            LINE,
            Choice("cups-one", "What do you say?", REPLIES, value="rebut", status="answered"),
            Lines("reasons", "One reason", count=4),
            Tally("phone", "Phone down when they came in", 3),
        ],
        "is_closed": True,
        "actions": NEXT,
    },
}
NOTES = [
    {
        "code": "moment",
        "tone": "good",
        "start": 0,
        "end": 3,
        "words": "One clear thing that they did.",
    },
    {
        "code": "always",
        "tone": "watch",
        "start": 4,
        "end": 10,
        "words": "“Always” makes it harder to see the one time. Which time was it?",
    },
    {
        "code": "cannot-tell",
        "tone": "unsure",
        "start": 0,
        "end": 0,
        "words": "I can not tell if this is meant.",
    },
]


def make_page() -> tuple[Page, Worksheet]:
    """Return a page that shows an empty worksheet."""
    texts = load_sentences("page").texts
    page = Page(
        title="Say what you noticed",
        exercise="appreciation",
        tag="p-ann001",
        words={name: texts[f"host.{name}"] for name in Page.WORDS},
    )
    worksheet = Worksheet()
    page.show_stage(worksheet)
    return page, worksheet


def fill(worksheet: Worksheet, screen: Screen, token: str = "appreciation/1/line") -> None:
    """Show a screen on a worksheet."""
    texts = load_sentences("page").texts
    words = {name: texts[f"worksheet.{name}"] for name in Worksheet.WORDS}
    frame = {"exercise": "appreciation", "round": 1, "tag": "p-ann001", "is_recorded": True}
    worksheet.show(token, words=words, **{**frame, **screen})


def bring_to_life(stub: Stub, worksheet: Worksheet, name: str) -> None:
    """Let happen on a screen what only a hand can make happen."""
    if name == "writer":
        stub.page.get_by_role("textbox").focus()
        stub.wait_s(1)
        draft = [message for message in stub.sent if message["type"] == "draft"][-1]
        coach = {"type": "coach", "field": "line", "seq": draft["seq"], "notes": NOTES}
        stub.tell(worksheet, coach)
    if name == "list":
        for line in (
            "The tea, again",
            "You laughed at the bus driver",
            "Nothing was said about the cup",
        ):
            stub.page.get_by_role("textbox").fill(line)
            stub.page.keyboard.press("Enter")


def take_pictures(folder: Path) -> None:
    """Write a picture of every screen into this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    looks = [
        (f"{name}-{scheme}", {"viewport": size, "color_scheme": scheme}, True)
        for scheme in ("light", "dark")
        for name, size in (("phone", PHONE), ("desk", DESK))
    ]
    looks.append(("plain", {"viewport": DESK, "color_scheme": "light"}, False))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        for look, options, has_our_style in looks:
            context = browser.new_context(reduced_motion="reduce", **options)
            for name, screen in SCREENS.items():
                page, worksheet = make_page()
                fill(worksheet, screen)
                tab = context.new_page()
                tab.clock.install()
                stub = Stub(tab, build_page(page, [worksheet], has_our_style=has_our_style))
                bring_to_life(stub, worksheet, name)
                tab.screenshot(path=folder / f"{name}-{look}.png", full_page=True)
                tab.close()
            context.close()
        browser.close()


if __name__ == "__main__":
    take_pictures(Path(sys.argv[1]))
