"""Importing this does once what every kernel of the server would do: read the packs.

For the warm parent from which kernels are forked: what is read there is shared by all of them and
costs each of them nothing. A kernel that was not forked reads the same when it needs it.

`rehearse` goes further and opens the pages. It has to be called inside a kernel.
"""

from pathlib import Path

from reconnect_widgets.content import (
    load_coach,
    load_contents,
    load_exercise,
    load_help_lines,
    load_instrument,
    load_passages,
    load_sentences,
)
from reconnect_widgets.system import KernelEnvironment
from reconnect_widgets.widgets import Page, Passage, QuestionSheet, Worksheet
from reconnect_widgets.workbook.context import load_context
from reconnect_widgets.workbook.show import DESK, show

_contents = load_contents()
load_help_lines()
load_instrument("checkup")
for _sentences in ("page", "checkup"):
    load_sentences(_sentences)
for _key in _contents.order:
    _pack = load_passages(_key) if _key in _contents.read_elsewhere else load_exercise(_key)
    for _step in _pack.steps:
        str(_step.html)  # kept by the Markdown module
for _coach in {_field.coach for _key in _contents.order if _key not in _contents.read_elsewhere
               for _step in load_exercise(_key).steps for _field in _step.fields
               if _field.coach}:  # fmt: skip
    load_coach(_coach).read("On Tuesday you waited for me.")
for _widget in (Page, Passage, QuestionSheet, Worksheet):
    _widget.leave_to_the_page()


def rehearse() -> None:
    """Open every page once, for nobody and unrecorded, and take it away again.

    What is compiled, looked up and kept at first use (regular expressions, the classes of widgets,
    Python's own caches) is then there.
    """
    DESK.context = load_context(KernelEnvironment(Path(), "", "", ""))
    try:
        for key in _contents.order:
            show(key)
    finally:
        DESK.close_page()
        DESK.context = None
