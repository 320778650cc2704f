"""Say what you noticed: one sentence, a coach beside it, and ways to give it.

The words stay in the browser until somebody gives them away or keeps them. What the coach saw in
the first draft and in the last one is recorded when the writing step is left; the drafts are not
(`_Draft` holds codes, no words).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from reconnect_widgets.content import ExerciseStep, load_coach
from reconnect_widgets.domain.acts import Delivery
from reconnect_widgets.domain.evening import read_evening
from reconnect_widgets.records import Row, current_answers
from reconnect_widgets.records.acts import read_act
from reconnect_widgets.records.desk_acts import read_desk_acts
from reconnect_widgets.system import new_event_id
from reconnect_widgets.widgets import Action, Quote
from reconnect_widgets.workbook.context import Context
from reconnect_widgets.workbook.markup import text
from reconnect_widgets.workbook.messages import ActionSaid, DraftSaid
from reconnect_widgets.workbook.pages.exercise import ExercisePage
from reconnect_widgets.workbook.screen import Arrival, Screen

LINE = "line"
OFFERED, TAKEN_BACK = "offered-to-group", "offer-taken-back"
# A draft shorter than this is still on its way.
_WORDS = 4


@dataclass
class _Draft:
    """What the coach saw, as codes: in the first draft that was long enough, and in the last."""

    first: frozenset[str] | None = None
    last: frozenset[str] | None = None


@dataclass(frozen=True)
class _Offer:
    """A line that this person offered to the group; the newest of each round."""

    line_id: str
    words: str
    is_taken_back: bool


class AppreciationPage(ExercisePage):
    """Writing, giving, and receiving."""

    key = "appreciation"

    def __init__(self, context: Context) -> None:
        self._draft = _Draft()
        super().__init__(context)

    # -- What there is ---------------------------------------------------------------------------

    def received(self) -> list[Delivery]:
        """Return what the partner gave, oldest first."""
        return [each for each in self.gate().deliveries() if each.by == "partner"]

    def offered(self) -> list[_Offer]:
        """Return what this person offered to the group, oldest first."""
        texts = {row.event_id: row.text for row in self.rows if row.kind == "answer"}
        now = {(key[2], key[3]): row for key, row in current_answers(self.rows).items()
               if key[1] == self.key}  # fmt: skip
        newest: dict[int, _Offer] = {}
        for act in (read_act(row) for row in self.rows if row.exercise == self.key):
            if act.name == OFFERED and texts.get(act.about):
                newest.pop(act.round, None)
                newest[act.round] = _Offer(act.about, texts[act.about], is_taken_back=False)
            elif act.name == TAKEN_BACK:
                newest = {number: replace(one, is_taken_back=True) if one.line_id == act.about
                          else one for number, one in newest.items()}  # fmt: skip
        # A field that was emptied since offers nothing (`server.wall` looks the same way).
        return [one for number, one in newest.items() if now[number, LINE].text]

    def is_shown(self, step: ExerciseStep) -> bool:
        """Show what was given and received only when there is something."""
        if step.id == "received":
            return bool(self.received())
        if step.id == "given":
            return bool(self.offered()) or any(each.by == "me" for each in self.gate().deliveries())
        return super().is_shown(step)

    def make(self, step: ExerciseStep) -> Screen:
        """Make the steps in which something goes from one to the other."""
        screen = super().make(step)
        if step.id == "give":
            return self._make_give(screen)
        if step.id == "given":
            return self._make_given(screen)
        if step.id == "received":
            return self._make_received(screen)
        return self.with_arrival(screen)

    def _make_give(self, screen: Screen) -> Screen:
        offered = {action.id for action in screen.actions}
        if self.way == "solo":
            offered -= {"send"}
        elif not self.can_share:
            offered -= {"send"}
            note = text("p", self.say("give.not-recorded"), "rc-note")
            screen = replace(screen, html=screen.html + note)
        if not self.context.is_recorded:
            offered -= {"keep", "offer"}
        return replace(screen, actions=[a for a in screen.actions if a.id in offered])

    def _make_given(self, screen: Screen) -> Screen:
        """Show what went to the partner and to the group, and what became of it."""
        given = [each for each in self.gate().deliveries() if each.by == "me"]
        quotes = [Quote(self.say("sent.label"), one.text, self._became(one)) for one in given]
        offered, on_wall = self.offered(), self._on_wall()
        for one in offered:
            became = "shown" if one.line_id in on_wall else "offered"
            said = self.say("wall.taken-back" if one.is_taken_back else f"wall.{became}")
            quotes.append(Quote(self.say("wall.label"), one.words, said))
        if self._to_take_back():
            onward, *rest = screen.actions
            take_back = Action("take-back", self.say("wall.take-back"), "quiet")
            screen = replace(screen, actions=[onward, take_back, *rest])
        return replace(screen, quotes=quotes)

    def _on_wall(self) -> frozenset[str]:
        """Return the lines that the facilitator put on the wall; not those they left off."""
        record = self.context.record
        if record is None:
            return frozenset()
        return frozenset(read_evening(read_desk_acts(record.read_staff().rows)).approved)

    def _to_take_back(self) -> str:
        """Return the newest line that can be taken back; empty when there is none."""
        still = [one.line_id for one in self.offered() if not one.is_taken_back]
        return still[-1] if still else ""

    def _make_received(self, screen: Screen) -> Screen:
        """Show the partner's lines, newest last; the oldest unanswered one can be answered."""
        received = self.received()
        quotes = [
            Quote(self.say("received.label"), one.text, self._became(one)) for one in received
        ]
        waiting = next((one for one in received if one.state != "replied"), None)
        actions = [Action("next", self.say("action.next")), self.back()]
        if waiting is not None and self.can_share:
            replies = [
                Action(name, self.say(f"received.{name}"), "choice")
                for name in ("thank-you", "tell-me-more")
            ]
            onward = Action("next", self.say("action.next"), "quiet")
            take = Action("accept", self.say("received.accept"), "choice")
            accept = [take] if waiting.state == "delivered" else []
            actions = [*accept, *replies, onward, self.back()]
        return replace(screen, quotes=quotes, actions=actions)

    def _became(self, one: Delivery) -> str:
        """Return what became of a line, in words."""
        if one.by == "me":
            return self.say(f"sent.{one.reply or one.state}")
        if one.state == "delivered":
            return ""
        return self.say(f"received.said-{one.reply}" if one.reply else "received.accepted")

    def arrival(self) -> Arrival | None:
        """Say on every other step that a line has come."""
        if not any(one.state == "delivered" for one in self.received()):
            return None
        return Arrival("see-received", "received", self.say("news.received"), self.say("news.see"))

    # -- What is done ----------------------------------------------------------------------------

    def take_draft(self, said: DraftSaid) -> None:
        """Note what the coach sees; nothing of the words."""
        super().take_draft(said)
        if said.field == LINE and len(said.text.split()) >= _WORDS:
            codes = frozenset(note.code for note in load_coach(self.key).read(said.text))
            self._draft.first = codes if self._draft.first is None else self._draft.first
            self._draft.last = codes

    def act(self, step: ExerciseStep, said: ActionSaid) -> Row | None:
        """Give, keep, offer, accept, reply."""
        onward = replace(said, action="next")
        match step.id, said.action:
            case "write", "next":
                self._note_marks()
            case "give", "send":
                self._deliver()
                return self.move(replace(onward, event_id=said.event_id))
            case "give", "keep" | "offer" | "aloud":
                names = {"keep": "kept", "offer": OFFERED, "aloud": "said-aloud"}
                about = {} if said.action == "aloud" else {"about": self._text_row()}
                self.note(names[said.action], **about)
                return self.move(onward)
            case "given", "take-back":
                row = self.note(TAKEN_BACK, said.event_id, about=self._to_take_back())
                self.draw()
                return row
            case "received", "accept" | "thank-you" | "tell-me-more":
                return self._answer(said)
        return super().act(step, said)

    def _text_row(self) -> str:
        """Return the id of the row that holds the line of this round; empty when there is none."""
        rows = (
            row.event_id
            for row in reversed(self.rows)
            if row.exercise == self.key and row.item == LINE and row.round == self.progress.round
        )
        return next(rows, "")

    def _deliver(self) -> None:
        about, now = self._text_row(), self.context.now()
        if self.gate().may("delivered", round_=self.progress.round, about=about, now=now):
            self.note("delivered", about=about)

    def _answer(self, said: ActionSaid) -> Row | None:
        """Tell the partner that their oldest unanswered line arrived, or answer it."""
        waiting = next((one for one in self.received() if one.state != "replied"), None)
        name = "accepted" if said.action == "accept" else "replied"
        row = None
        if waiting is not None and self.gate().may(
            name, about=waiting.act_id, now=self.context.now()
        ):
            reply = {"reply": said.action} if name == "replied" else {}
            row = self.note(name, said.event_id, about=waiting.act_id, **reply)
        self.draw()
        return row

    def _note_marks(self) -> None:
        """Record what the coach saw before and after, once for each round."""
        for when, codes in (("before", self._draft.first), ("after", self._draft.last)):
            for field in self.pack.noted:
                if codes is not None and field.key.startswith(f"{when}-"):
                    value = str(int(field.key.removeprefix(f"{when}-") in codes))
                    self.keep(field.key, value=value, event_id=new_event_id())
        self._draft = _Draft()
