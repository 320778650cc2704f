"""What every page of the workbook does the same: hear a message, and say what became of it.

What belongs here: reading, idempotency, errors into calm words. What does not: any one exercise.

A message is dealt with in one order: read it strictly; if its row is there already, say so again;
else check it against what is on the screen now; keep it; show what changed; and only then say
"saved". Nothing a browser sends is ever repeated in a log.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Literal

from reconnect_widgets.content import Action as PackAction
from reconnect_widgets.content import ExerciseFrame, Sentences, load_contents, load_sentences
from reconnect_widgets.content.schema import PrivacyMark, Step
from reconnect_widgets.errors import (
    AnswerError,
    MessageError,
    RecordError,
    SeatChangedError,
    SessionClosedError,
    SessionError,
    WithdrawnError,
)
from reconnect_widgets.records import Row
from reconnect_widgets.system import find_zone, format_instant, is_event_id
from reconnect_widgets.widgets import Action, Control, Page, Passage, Privacy
from reconnect_widgets.workbook.context import Context
from reconnect_widgets.workbook.days import local_date, say_day
from reconnect_widgets.workbook.markup import text
from reconnect_widgets.workbook.messages import (
    ActionSaid,
    AnswerSaid,
    DraftSaid,
    HereSaid,
    RefreshSaid,
    TextSaid,
    parse_message,
)

_SIGNS = {
    "only-on-your-screen": "screen",
    "recorded-under-your-code": "recorded",
    "shared-when-both-release": "partner",
    "shared-with-the-group": "group",
}
LOOKS: Mapping[str, Literal["primary", "choice", "quiet"]] = {
    "main": "primary",
    "equal": "choice",
    "quiet": "quiet",
}


class Presenter:
    """Shows one exercise to one person.

    Parameters
    ----------
    context
        Who it is, and where what they do is kept.

    Attributes
    ----------
    key
        The exercise's key; subclasses set it.
    is_dated
        Whether what is done here is recorded with the person's own date.
    page, passage
        The widgets that every exercise has.
    """

    key = ""
    is_dated = False

    def __init__(self, context: Context) -> None:
        self.context = context
        self.page_words: Sentences = load_sentences("page")
        self.passage = Passage()
        self.page = Page(
            title=self.frame.title,
            exercise=self.key,
            tag=context.tag,
            words=self.words_for("host", Page.WORDS),
            notice=self._notice(),
            is_dated=self.is_dated,
        )
        self.page.handler = self.hear
        self.rows = context.own_rows()
        # Event ids that are dealt with: a message that comes again is confirmed, not done again.
        self.known = {row.event_id: format_instant(row.recorded_at) for row in self.rows}

    @property
    def frame(self) -> ExerciseFrame:
        """Title and length of the exercise."""
        frame = load_contents().frame(self.key)
        if frame is None:
            raise LookupError(self.key)
        return frame

    @property
    def widgets(self) -> Sequence[Control]:
        """Every widget of this page, the page last."""
        return (self.passage, self.page)

    def close(self) -> None:
        """Take this page's widgets away: ipywidgets keeps every widget that is not closed."""
        for widget in self.widgets:
            widget.close()

    # -- What exercises fill in ------------------------------------------------------------------

    def draw(self) -> None:
        """Put what is to be seen now on the page."""
        raise NotImplementedError

    def take_answer(self, said: AnswerSaid) -> Row:
        """Keep one answer and return its row; AnswerError if it is not on offer here."""
        raise AnswerError("this page asks nothing")

    def take_text(self, said: TextSaid) -> Row:
        """Keep one text and return its row; AnswerError if none is asked for here."""
        raise AnswerError("this page asks for no text")

    def take_draft(self, said: DraftSaid) -> None:
        """Let a coach read how a text stands; nothing of it is kept."""

    def take_action(self, said: ActionSaid) -> Row | None:
        """Do what was chosen on the screen that is shown; return the row, if that made one."""
        raise AnswerError("this page offers no such action")

    def refresh(self) -> None:
        """Look again at what may be new: the session, the partner."""
        self.context.refresh()
        self.page.notice = self._notice()

    def show_withdrawn(self) -> None:
        """Leave nothing on the screen of who withdrew but that, and the way out."""
        say = self.page_words.text
        self.page.forgets = True
        self.passage.show(
            f"{self.key}/withdrawn",
            heading=say("withdrawn.heading"),
            html=text("p", say("withdrawn.body")),
            actions=[Action("onward", say("withdrawn.onward"), href="/")],
        )
        self.page.show_stage(self.passage)

    # -- Hearing ---------------------------------------------------------------------------------

    def hear(self, content: object) -> None:
        """Deal with one custom message of a browser, whatever it is."""
        try:
            said = parse_message(content)
        except MessageError:
            self._refuse_unread(content)
            return
        match said:
            case RefreshSaid():
                self.refresh()
            case HereSaid():
                self.context.zone = find_zone(said.zone)
            case DraftSaid():
                # Whatever goes wrong: nobody waits for it, and no log is to know of a draft.
                with contextlib.suppress(Exception):
                    if said.stage == self._shown_token():
                        self.take_draft(said)
            case _:
                self._keep_said(said)

    def _keep_said(self, said: AnswerSaid | TextSaid | ActionSaid) -> None:
        """Deal with what is recorded, once, and say what became of it."""
        item = "" if isinstance(said, ActionSaid) else said.item
        if said.event_id in self.known:
            self._show_again()
            self._confirm(said.event_id, item)
            return
        if isinstance(said, ActionSaid) and said.stage != self._shown_token():
            # A second tap, or another tab's old screen: nothing is lost by letting it go.
            self._show_again()
            self.page.refuse(said.event_id, "", retry=False)
            return
        try:
            row = self._take(said)
        except (AnswerError, RecordError, SessionError) as error:
            self._refuse(said.event_id, error, item)
        else:
            self.known[said.event_id] = format_instant(row.recorded_at) if row else ""
            self._confirm(said.event_id, item)

    def _show_again(self) -> None:
        """Tell the browser all that is shown: it did not hear what it should know by now."""
        for widget in self.widgets:
            widget.show_again()

    def _take(self, said: AnswerSaid | TextSaid | ActionSaid) -> Row | None:
        match said:
            case AnswerSaid():
                return self.take_answer(said)
            case TextSaid():
                return self.take_text(said)
            case ActionSaid():
                return self.take_action(said)

    def _shown_token(self) -> str:
        return str(self.passage.token)

    def _confirm(self, event_id: str, item: str) -> None:
        self.page.confirm(event_id, item=item, recorded_at=self.known[event_id])

    def _refuse(self, event_id: str, error: Exception, item: str) -> None:
        """Say in calm words why this was not kept, and whether it is worth trying again."""
        retry = isinstance(error, RecordError) and not isinstance(error, WithdrawnError)
        if isinstance(error, WithdrawnError):
            words = "refused.withdrawn"
        elif isinstance(error, SeatChangedError):
            words = "refused.seat-changed"
        elif isinstance(error, SessionClosedError):
            words = "refused.closed"
        else:
            words = "refused.not-saved" if retry else "refused.not-offered"
        if isinstance(error, WithdrawnError | SessionClosedError):
            self.refresh()  # what can not be answered any more is not to look as if it could
        self.page.refuse(event_id, self.page_words.text(words), retry=retry, item=item)

    def _refuse_unread(self, content: object) -> None:
        """Let a browser forget a message that can never be taken; say nothing to anything else."""
        event_id = content.get("event_id") if isinstance(content, dict) else None
        if isinstance(event_id, str) and is_event_id(event_id):
            words = self.page_words.text("refused.not-offered")
            self.page.refuse(event_id, words, retry=False)

    # -- Words -----------------------------------------------------------------------------------

    def words_for(self, group: str, names: Sequence[str]) -> dict[str, str]:
        """Return the page's own words as a widget wants them: by their bare names."""
        return {name: self.page_words.texts[f"{group}.{name}"] for name in names}

    def show_step(
        self,
        token: str,
        step: Step,
        *,
        html: str = "",
        actions: Sequence[Action] | None = None,
        more_actions: Sequence[Action] = (),
    ) -> None:
        """Show one step of a pack, with HTML after its own, and with other or more actions."""
        own = [offer(action) for action in step.actions] if actions is None else actions
        self.passage.show(
            token,
            heading=step.heading,
            html=step.html + html,
            privacy=self.mark(step.privacy),
            actions=[*own, *more_actions],
        )
        self.page.show_stage(self.passage)

    def to_contents(self) -> list[Action]:
        """Return the way to all exercises; a notebook opened by itself has no such address."""
        if self.context.is_practice:
            return []
        return [Action("contents", self.page_words.text("closing.contents"), "quiet", href="/w/")]

    def mark(self, privacy: PrivacyMark | None) -> Privacy:
        """Return the privacy mark in the pack's words."""
        is_over = self.context.takes_no_more(self.key)
        if privacy is None or (is_over and privacy == "recorded-under-your-code"):
            return Privacy()  # nothing is recorded any more; the notice says so
        if privacy == "recorded-under-your-code" and self.context.is_practice:
            privacy = "only-on-your-screen"
        return Privacy(_SIGNS[privacy], load_contents().privacy_marks[privacy])  # type: ignore[arg-type]

    def _notice(self) -> str:
        if self.context.is_practice:
            return self.page_words.text("notice.practice")
        if self.context.is_withdrawn:
            return ""  # the whole page says so
        if not self.context.is_closed:
            return ""
        until = self.context.open_until(self.key)
        if until is None:
            return self.page_words.text("notice.closed")
        return self.page_words.text(
            "notice.own-practice", date=say_day(local_date(until, self.context.zone))
        )


def offer(action: PackAction) -> Action:
    return Action(action.id, action.label, LOOKS[action.weight])
