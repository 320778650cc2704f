"""The second page, an app of its own."""

import panel as pn
from answers import WORDS

pn.extension()

pn.Column(
    f"# {WORDS['other']['title']}",
    WORDS["other"]["why"],
    pn.widgets.Button(name=WORDS["title"]),
    max_width=600,
).servable(title=WORDS["other"]["title"])
