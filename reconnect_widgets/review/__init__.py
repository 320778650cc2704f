"""What a facilitator or researcher sees of the record: frames, scores, and the review notebook.

What belongs here: reading with pandas, and figures under the disclosure rule. What does not:
writing the record (`records`), what an answer means (`domain`). The web process never imports
this package; a review runs in a kernel of its own.
"""

from reconnect_widgets.review.frames import load_participants, load_responses, load_timeline
from reconnect_widgets.review.notebook import (
    show_distributions,
    show_downloads,
    show_overview,
    show_sessions,
)
from reconnect_widgets.review.scores import latest_answers, score_checkup
from reconnect_widgets.review.sources import UnreadRowsWarning

__all__ = [
    "UnreadRowsWarning",
    "latest_answers",
    "load_participants",
    "load_responses",
    "load_timeline",
    "score_checkup",
    "show_distributions",
    "show_downloads",
    "show_overview",
    "show_sessions",
]
