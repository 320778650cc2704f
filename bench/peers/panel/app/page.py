"""The checkup in Panel: one of two apps that are served side by side."""

import panel as pn
from answers import ITEMS, LABELS, WORDS, new_participant, save_answer

pn.extension()

participant = new_participant()
options = {label: value for value, label in LABELS.items()}
body = pn.Column()


def ask(n: int) -> None:
    """Show a question."""
    answer = pn.widgets.RadioBoxGroup(options=options)
    answer.value = None  # without this the first one is chosen
    status = pn.pane.Markdown("", css_classes=["status"])
    following = pn.widgets.Button(name="Next")

    def keep(value: str) -> None:
        save_answer(participant, ITEMS[n]["key"], value)
        status.object = "Saved"

    pn.bind(keep, answer, watch=True)
    following.on_click(lambda _: ask(min(n + 1, len(ITEMS) - 1)))
    body[:] = [pn.pane.Markdown(WORDS["timeframe"]), ITEMS[n]["text"], answer, status, following]


# A tap before Panel has been told that the page is there is received, but its answer never shown.
begin = pn.widgets.Button(name="Begin", disabled=True)
begin.on_click(lambda _: ask(0))
pn.state.onload(lambda: begin.param.update(disabled=False))
body[:] = [WORDS["why"], begin]
pn.Column(
    f"# {WORDS['title']}",
    body,
    pn.pane.Markdown(f"[{WORDS['other']['title']}](welcome)"),
    max_width=600,
).servable(title=WORDS["title"])
