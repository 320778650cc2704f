"""A stage of questions with worded options, one on the screen at a time.

The sheet holds all its questions, so that a person can go on while the connection is away. What
it shows as answered is what the kernel says is recorded, with what waits in the outbox laid over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import traitlets

from reconnect_widgets.widgets.control import Control
from reconnect_widgets.widgets.passage import NO_MARK, Privacy

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Question:
    """One question as the sheet needs it: key, words, and words below it if there are any."""

    key: str
    text: str
    hint: str = ""


@dataclass(frozen=True)
class Option:
    """One worded answer. No option is ever chosen beforehand."""

    value: int | str
    label: str


@dataclass(frozen=True)
class Shown:
    """What the record holds for one question: a status, and a value when it is ``answered``."""

    status: str
    value: int | str | None


@dataclass(frozen=True)
class Sheet:
    """Everything a sheet shows except the answers.

    Attributes
    ----------
    token
        Names this sheet of this round; goes back with the action.
    finish
        The action that is sent at the end, once everything is acknowledged.
    is_recorded
        False turns every "Saved" into "Not recorded".
    is_open
        False shows what was answered, and lets nothing be answered any more.
    """

    token: str
    exercise: str
    round: int
    tag: str
    questions: Sequence[Question]
    options: Sequence[Option]
    words: Mapping[str, str]
    lead: str = ""
    privacy: Privacy = NO_MARK
    finish: str = "finish"
    is_recorded: bool = True
    is_open: bool = True
    answers: Mapping[str, Shown] = field(default_factory=dict)


class QuestionSheet(Control):
    """Attributes are traits of the same names as `Sheet`; `show` sets them in one message."""

    _esm = HERE / "question_sheet.js"
    _css = HERE / "question_sheet.css"

    WORDS = (
        "progress", "back", "skip", "clear", "next", "choose-first", "saving", "saved",
        "not-recorded", "not-saved-yet", "skipped", "review-heading", "review-all",
        "review-skipped-one", "review-skipped-many", "review-over-one", "review-over-many",
        "finish", "finishing",
    )  # fmt: skip

    token = traitlets.Unicode().tag(sync=True)
    exercise = traitlets.Unicode().tag(sync=True)
    round = traitlets.Int(1).tag(sync=True)
    tag = traitlets.Unicode().tag(sync=True)
    questions = traitlets.List().tag(sync=True)
    options = traitlets.List().tag(sync=True)
    answers = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    lead = traitlets.Unicode().tag(sync=True)
    privacy = traitlets.Unicode().tag(sync=True)
    privacy_kind = traitlets.Unicode().tag(sync=True)
    finish = traitlets.Unicode("finish").tag(sync=True)
    is_recorded = traitlets.Bool(True).tag(sync=True)
    is_open = traitlets.Bool(True).tag(sync=True)

    def show(self, sheet: Sheet) -> None:
        """Replace the whole sheet in one message."""
        with self.hold_sync():
            self.token = sheet.token
            self.exercise = sheet.exercise
            self.round = sheet.round
            self.tag = sheet.tag
            self.questions = [asdict(question) for question in sheet.questions]
            self.options = [asdict(option) for option in sheet.options]
            self.words = dict(sheet.words)
            self.lead = sheet.lead
            self.privacy = sheet.privacy.text
            self.privacy_kind = sheet.privacy.kind
            self.finish = sheet.finish
            self.is_recorded = sheet.is_recorded
            self.is_open = sheet.is_open
            self.answers = {key: asdict(shown) for key, shown in sheet.answers.items()}

    def note_answer(self, key: str, shown: Shown) -> None:
        """Show this answer as recorded, in every tab that is open."""
        self.answers = {**self.answers, key: asdict(shown)}
