"""Importing this does once what every kernel would do: read the packs, the scripts, the styles.

For the warm parent from which kernels are forked: what is read there is shared by all of them and
costs each of them nothing. A kernel that was not forked reads the same when it needs it.
"""

from reconnect_widgets.content import (
    load_contents,
    load_exercise,
    load_help_lines,
    load_instrument,
    load_passages,
    load_sentences,
)
from reconnect_widgets.widgets import Page, Passage, QuestionSheet, Worksheet

_contents = load_contents()
load_help_lines()
load_instrument("checkup")
for _sentences in ("page", "checkup"):
    load_sentences(_sentences)
for _key in _contents.order:
    load_passages(_key) if _key in _contents.read_elsewhere else load_exercise(_key)
for _widget in (Page, Passage, QuestionSheet, Worksheet):
    # anywidget reads these files when they are first written out as text, and keeps them.
    str(_widget._esm), str(_widget._css)
