"""What a room is asked to do, exercise by exercise, in one or two sentences for the group screen.

What stands on the phones says more. This is for whoever looks up and has forgotten.
"""

from __future__ import annotations

import re
from typing import Final

from reconnect_widgets.content import ExerciseFrame

TASKS: Final = {
    "welcome": "Read who this is for, and choose whether your answers are kept. Either way you can "
    "take part.",
    "checkup": "Twenty short questions about your own last two weeks. Each of you answers alone.",
    "presence": "Put the phones away, and talk. Nothing to solve and nothing to plan.",
    "questions": "Take a card, and both answer it aloud. Pass on any that you do not want.",
    "appreciation": "Build one sentence about one real moment. Then choose how to give it.",
    "gratitude": "Turn an everyday “sorry” into a “thank you”. Not for hurts: those need the "
    "sorry.",
    "touch": "Each of you marks the menu alone. Only what you both said yes to is shown to the "
    "two of you.",
    "repair": "One speaks and one listens. Hear the hurt first; the other side has its turn later.",
    "requests": "Make one clear request of something you want more of. The other may say yes, "
    "no, or something else.",
    "interests": "Choose one thing that they love, and ask them about it. Be curious, not good at "
    "it.",
    "one-sided": "Choose what you will do yourself, and when you will look at it again.",
    "intimacy": "Put in order what feels closest to you, and guess what your partner says.",
    "honesty": "Three plain sentences: what happened, what it does to you, what you would like.",
    "service": "Find one thing on their list that you could do this week, and offer it.",
    "small-moments": "Notice the moments in which you turn toward each other. Tap once for each.",
    "one-small-thing": "Choose something so small and so clear that anybody could see whether it "
    "happened.",
    "reading": "Seven books. If one line makes you curious, begin there.",
    "safety": "Where to turn when this is not the right place. Nobody sees who reads it.",
    "takeaway": "Look at what you did here. You can keep it on your phone or print it.",
}
# What is done in small groups, where a facilitator has made some.
TASK_IN_GROUPS: Final = (
    "One speaks, one listens, whoever else sits there observes. Then you change parts."
)
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_MARKUP = re.compile(r"[*_`#>\\]|\[([^\]]*)\]\([^)]*\)")


def task_of(frame: ExerciseFrame) -> str:
    """Return what to do; of an exercise of one's own, the first two sentences of its why."""
    if frame.key in TASKS:
        return TASKS[frame.key]
    plain = " ".join(_MARKUP.sub(r"\1", frame.why.split("\n\n")[0]).split())
    return " ".join(_SENTENCE.split(plain)[:2])
