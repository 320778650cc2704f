"""The checkup in Shiny for Python (Core): questions in a hidden navset, as its wizards are made.

The whole form is in the first HTML, so a question is seen before the session's websocket is up.
"""

from answers import ITEMS, LABELS, WORDS, new_participant, save_answer
from shiny import App, Inputs, Outputs, Session, reactive, render, ui

questions = (
    ui.nav_panel(
        None,
        ui.p(WORDS["timeframe"]),
        ui.input_radio_buttons(f"answer_{n}", item["text"], LABELS, selected=[]),
        value=str(n),
    )
    for n, item in enumerate(ITEMS)
)
checkup = ui.nav_panel(
    WORDS["title"],
    ui.h1(WORDS["title"]),
    ui.navset_hidden(
        ui.nav_panel(
            None, ui.p(WORDS["why"]), ui.input_action_button("begin", "Begin"), value="begin"
        ),
        *questions,
        id="question",
    ),
    ui.panel_conditional(
        "input.question != 'begin'",
        ui.output_text("status"),
        ui.input_action_button("next", "Next"),
    ),
    value="checkup",
)
welcome = ui.nav_panel(
    WORDS["other"]["title"],
    ui.h1(WORDS["other"]["title"], id="other"),
    ui.p(WORDS["other"]["why"]),
    value="welcome",
)
app_ui = ui.page_fluid(ui.navset_pill(checkup, welcome, id="page"), title=WORDS["title"])


def server(input: Inputs, output: Outputs, session: Session) -> None:
    """Keep one person's answers."""
    participant = new_participant()
    saved = reactive.value(frozenset())

    def keep(n: int, item: dict) -> None:
        @reactive.effect
        @reactive.event(input[f"answer_{n}"])
        def _() -> None:
            save_answer(participant, item["key"], input[f"answer_{n}"]())
            saved.set(saved() | {str(n)})

    for n, item in enumerate(ITEMS):
        keep(n, item)

    @render.text
    def status() -> str:
        return "Saved" if input.question() in saved() else ""

    @reactive.effect
    @reactive.event(input.begin)
    def _() -> None:
        ui.update_navset("question", selected="0")

    @reactive.effect
    @reactive.event(input.next)
    def _() -> None:
        following = min(int(input.question()) + 1, len(ITEMS) - 1)
        ui.update_navset("question", selected=str(following))


app = App(app_ui, server)
