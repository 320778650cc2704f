"""The host of a workbook page: one stage at a time, and the only way from browser to kernel.

Stages (`Passage`, `QuestionSheet`, `Worksheet`) show; they never send. What a person does in them
reaches this widget's JavaScript as a DOM event, waits there in an outbox until the kernel says it
is on the disk, and comes here as a custom message.
"""

from __future__ import annotations

from pathlib import Path

import traitlets

from reconnect_widgets.widgets.control import Control

HERE = Path(__file__).parent
MODEL_PREFIX = "IPY_MODEL_"


class Page(Control):
    """Shows the stage that it is given and carries messages both ways.

    Attributes
    ----------
    title
        The running head above every stage.
    lang
        Language of all words on the page, as an HTML ``lang``.
    stage
        The model shown now, written as ipywidgets writes references: ``IPY_MODEL_<id>``.
    exercise, tag
        Name the outbox in the browser's sessionStorage: what one person has not yet had saved in
        one exercise.
    notice
        A sentence above the stage that holds for the whole page (nothing is recorded here; the
        session is closed). Empty when there is none.
    forgets
        True makes the browser forget all that it keeps for this person: they have withdrawn.
    is_dated
        True when what is done here is recorded with the person's own date.
    words
        The page's own few words, by name (`WORDS`).
    """

    _esm = HERE / "page.js"
    _css = HERE / "page.css"

    WORDS = ("waiting-one", "waiting-many", "keep-open", "trouble")

    title = traitlets.Unicode().tag(sync=True)
    lang = traitlets.Unicode("en").tag(sync=True)
    stage = traitlets.Unicode().tag(sync=True)
    exercise = traitlets.Unicode().tag(sync=True)
    tag = traitlets.Unicode().tag(sync=True)
    notice = traitlets.Unicode().tag(sync=True)
    forgets = traitlets.Bool(False).tag(sync=True)
    is_dated = traitlets.Bool(False).tag(sync=True)
    words = traitlets.Dict().tag(sync=True)

    def show_stage(self, stage: Control) -> None:
        """Put this widget on the page; its own state should be set before."""
        self.stage = MODEL_PREFIX + stage.model_id

    def confirm(self, event_id: str, *, item: str = "", recorded_at: str = "") -> None:
        """Tell the browser that this message's row is durable. Say it only then."""
        self.send({"type": "saved", "event_id": event_id, "item": item, "recorded_at": recorded_at})

    def refuse(self, event_id: str, message: str, *, retry: bool, item: str = "") -> None:
        """Tell the browser that nothing was written, and whether to try the same again.

        An empty message drops it without a word: right for a tap on a page that has moved on.
        """
        self.send(
            {
                "type": "not-saved",
                "event_id": event_id,
                "item": item,
                "retry": retry,
                "message": message,
            }
        )

    def apologise(self, content: object) -> None:
        """Ask for another try when a message could be read as ours, else say nothing."""
        event_id = content.get("event_id") if isinstance(content, dict) else None
        if isinstance(event_id, str) and len(event_id) == 36:
            self.refuse(event_id, str(self.words.get("trouble", "")), retry=True)
