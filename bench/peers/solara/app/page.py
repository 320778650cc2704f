"""The checkup in Solara: two routes in one kernel, state in reactive variables.

Solara itself has no radio buttons; Vuetify's, which it is built on and hands through, are used.
"""

import solara
from answers import ITEMS, LABELS, WORDS, save_answer

# Each person has their own values of these: Solara keeps them by kernel.
number = solara.reactive(None)
chosen = solara.reactive({})


@solara.component
def Heading(words: str):
    """A page's heading. Solara's Markdown would load what formulas need, from outside."""
    solara.v.Html(tag="h1", children=[words])


@solara.component
def Question(n: int):
    """One question with its options, and the word that its answer is saved."""
    item = ITEMS[n]

    def keep(value: str) -> None:
        save_answer(solara.get_kernel_id(), item["key"], value)
        chosen.value = {**chosen.value, n: value}

    solara.Text(WORDS["timeframe"])
    solara.v.RadioGroup(
        label=item["text"],
        v_model=chosen.value.get(n),
        on_v_model=keep,
        children=[solara.v.Radio(label=label, value=value) for value, label in LABELS.items()],
    )
    if n in chosen.value:
        solara.Text("Saved", classes=["status"])


@solara.component
def Checkup():
    """Introduce the checkup, or ask the question whose turn it is."""

    def begin() -> None:
        number.value = 0

    def go_on() -> None:
        number.value = min(number.value + 1, len(ITEMS) - 1)

    with solara.Column():
        solara.Title(WORDS["title"])
        Heading(WORDS["title"])
        if number.value is None:
            solara.Text(WORDS["why"])
            solara.Button("Begin", on_click=begin, classes=["begin"])
        else:
            Question(number.value).key(f"question-{number.value}")
            solara.Button("Next", on_click=go_on, classes=["next"])
        with solara.Link("/welcome"):
            solara.Button(WORDS["other"]["title"], text=True, classes=["there"])


@solara.component
def Welcome():
    """The second page."""
    with solara.Column():
        solara.Title(WORDS["other"]["title"])
        Heading(WORDS["other"]["title"])
        solara.Text(WORDS["other"]["why"])
        with solara.Link("/"):
            solara.Button(WORDS["title"], text=True, classes=["back"])


routes = [
    solara.Route("/", component=Checkup, label=WORDS["title"]),
    solara.Route("welcome", component=Welcome, label=WORDS["other"]["title"]),
]
