"""The repair script: written scenes alone, turns on two phones, or three people face to face.

What belongs here: which steps are there for whom, the acts of a talk, and what is kept of it. What
does not: who may do what when (`domain.repair`), what its screens look like (`repair_screens`).

Nothing that anybody writes here is ever recorded. While a listener writes, the coach reads along;
when the turn is passed, how often it flagged which slip in the last draft is recorded under the
listener's own code, as numbers.

Three face to face have their parts from the desk, where a facilitator made groups (decision 0164);
their phones know nothing of each other. A part is offered, and begins when its owner says so. Where
no groups were made, or somebody sits with others after all, each chooses on their own phone.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from reconnect_widgets.content import ExerciseStep, load_coach
from reconnect_widgets.domain.acts import Who
from reconnect_widgets.domain.exercise import CLOSING, INTRO, Place
from reconnect_widgets.domain.groups import GroupPart
from reconnect_widgets.domain.people import Way
from reconnect_widgets.domain.repair import (
    MOVES,
    SLIPS,
    TALK_ACTS,
    Half,
    Talk,
    TalkAct,
    read_talk,
)
from reconnect_widgets.errors import AnswerError
from reconnect_widgets.records import Row
from reconnect_widgets.records.acts import read_detail
from reconnect_widgets.widgets import Action
from reconnect_widgets.workbook.context import Context
from reconnect_widgets.workbook.messages import ActionSaid, DraftSaid
from reconnect_widgets.workbook.pages import repair_screens as screens
from reconnect_widgets.workbook.pages.exercise import ExercisePage
from reconnect_widgets.workbook.screen import Arrival, Screen

BEFORE, HOW, TALK, LISTEN, PART = "before", "how", "talk", "listen", "part"
SEE_GROUP, PART_TAKEN = "see-group", "part-taken"
# Where nobody is in the middle of anything.
_QUIET_PLACES = frozenset({INTRO, BEFORE, HOW, PART, CLOSING})
# Among three, the listener first hears, and then has one screen for each move.
_SPOTS = ("", *MOVES)
_WAYS: dict[str, Way] = {"alone": "solo", "two": "couple", "three": "group"}
# Which part leads to which steps, for three face to face.
_STEPS_OF_PART = {
    "speak": {"speak", "rate-heard"},
    "listen": {LISTEN, "rate-waited"},
    "observe": {"observe", "tell-back"},
}
_WORDS = 3  # a draft shorter than this is still on its way


class RepairPage(ExercisePage):
    """Scenes, a talk between two, or a part among three."""

    key = "repair"

    def __init__(self, context: Context) -> None:
        # What the coach flagged in the last draft of each field: codes, no words.
        self._slips: dict[str, frozenset[str]] = {}
        super().__init__(context)

    # -- What there is ---------------------------------------------------------------------------

    @property
    def way(self) -> Way:
        """How it is done in this round, as chosen; before that, as people usually would."""
        chosen = _WAYS.get(self.progress.value(HOW))
        if chosen == "couple" and not self.context.dyad_id:
            chosen = None
        return chosen or ("couple" if self.can_share else "solo")

    @property
    def is_one_phone(self) -> bool:
        """Whether both look at one phone: then what one presses, they press for both."""
        names = ("shared-phone", "returned")
        rows = [row for row in self.rows if row.event in names]
        rows += [row for row in self.context.partner_rows() if row.event in names]
        latest = max(rows, key=lambda row: row.order, default=None)
        return latest is not None and latest.event == names[0]

    def talk(self) -> Talk:
        """Return how it stands between the two now."""
        said: list[tuple[Who, Row]] = [("me", row) for row in self.rows]
        said += [("partner", row) for row in self.partner_rows_named(TALK_ACTS)]
        said = [(who, row) for who, row in said
                if row.exercise == self.key and row.event in TALK_ACTS]  # fmt: skip
        return read_talk(
            _read_act(row, who) for who, row in sorted(said, key=lambda pair: pair[1].order)
        )

    def is_shown(self, step: ExerciseStep) -> bool:
        """Show each the steps of their part; the step where somebody is never vanishes."""
        if step.id == self.progress.place.step:
            return True
        if self.way == "group":
            steps = set().union(*_STEPS_OF_PART.values())
            mine = _STEPS_OF_PART.get(self.progress.value(PART), set())
            return step.id not in steps or step.id in mine
        if self.way == "couple" and step.id in ("rate-heard", "rate-waited"):
            spoke = {half.speaker == "me" for half in self.halves_of_round()}
            return (step.id == "rate-heard") in spoke
        return super().is_shown(step)

    def halves_of_round(self) -> list[Half]:
        """Return the halves of talks that began in this person's round, oldest first."""
        began = self._began_at()
        return [half for half in self.talk().halves if began is not None and half.at >= began]

    def offered_part(self) -> GroupPart | None:
        """Return the part that waits in this person's group; None once they have taken it."""
        if self.is_over:
            return None
        grouping = self.context.evening().groups.get(self.key)
        mine = grouping.part_of(self.context.participant_id) if grouping else None
        if mine is None:
            return None
        taken = [read_detail(row) for row in self.rows_named(PART_TAKEN)]
        offered = {"about": mine.split_id, "turn": mine.turn, "part": mine.part}
        return mine if not taken or not offered.items() <= taken[-1].items() else None

    def rows_named(self, event: str) -> list[Row]:
        """Return this person's rows of one event here, oldest first."""
        return [row for row in self.rows if row.exercise == self.key and row.event == event]

    def _began_at(self) -> datetime | None:
        """Return when this person's round began."""
        at = (
            row.recorded_at
            for row in self.rows
            if row.exercise == self.key
            and (row.round or read_detail(row).get("round")) == self.progress.round
        )
        return next(at, None)

    # -- Screens ---------------------------------------------------------------------------------

    def make(self, step: ExerciseStep) -> Screen:
        """Make the screens that depend on who does it with whom, and where they are."""
        if step.id == TALK:
            return self._with_part(screens.make_talk(self, step, self.talk()))
        if step.id == LISTEN:
            return self._with_part(screens.make_listen(self, step, self._spot()))
        screen = super().make(step)
        if step.id == HOW:
            screen = screens.make_how(self, screen)
        elif step.id == "tell-back":
            screen = screens.make_tell_back(self, screen)
        return self.with_arrival(screen)

    def with_arrival(self, screen: Screen) -> Screen:
        """Offer what waits: a part in the middle of something quietly, after everything else."""
        if self.offered_part() is None:
            return super().with_arrival(screen)
        if self.progress.place.step not in _QUIET_PLACES:
            return self._with_part(screen)
        others = [replace(action, kind="quiet") if action.kind == "primary" else action
                  for action in screen.actions]  # fmt: skip
        return super().with_arrival(replace(screen, actions=others))

    def _with_part(self, screen: Screen) -> Screen:
        come = self._part_arrival()
        if come is None:
            return screen
        news = f"{come.news} {self.say('group.finish-first')}"
        return replace(
            screen, news=news, actions=[*screen.actions, Action(come.action, come.label, "quiet")]
        )

    def arrival(self) -> Arrival | None:
        """Say that one's group waits; else that the partner does, or that a talk goes on."""
        return self._part_arrival() or self._talk_arrival()

    def _part_arrival(self) -> Arrival | None:
        mine = self.offered_part()
        if mine is None:
            return None
        when = "first" if mine.turn == 1 else "next"
        news = self.say(f"group.{when}-{mine.part}", n=mine.turn)
        return Arrival(SEE_GROUP, self._after_reading(mine.part), news, self.say("group.see"))

    def _after_reading(self, step: str) -> str:
        """Return the step; before it the page that says when not to do this: nobody is led past."""
        return step if self.progress.round > 1 or BEFORE in self.progress.shown else BEFORE

    def _talk_arrival(self) -> Arrival | None:
        talk = self.talk() if self.can_share else Talk()
        is_offered = talk.offer is not None and talk.offer.by == "partner"
        if not is_offered and talk.stage != "talking":
            return None
        news = self.say("news.offered" if is_offered else "news.talking")
        return Arrival("see-talk", self._after_reading(TALK), news, self.say("news.see"))

    # -- What is done ----------------------------------------------------------------------------

    def move(self, said: ActionSaid) -> Row | None:
        """Go on or back, or to whoever waits: the partner, then it is done as two, or the group."""
        if said.action == SEE_GROUP:
            return self._take_part(said)
        come = self.arrival() if said.action == "see-talk" else None
        if come is not None and come.step == TALK:
            self.keep(HOW, value="two")
        return super().move(said)

    def act(self, step: ExerciseStep, said: ActionSaid) -> Row | None:
        """Choose a way, go through the talk, go through the listener's moves."""
        if said.action in ("see-talk", SEE_GROUP):
            return self.move(said)
        if step.id == HOW and said.action.startswith("how-"):
            self.keep(HOW, value=said.action.removeprefix("how-"))
            return self.move(replace(said, action="next"))
        if step.id == TALK:
            return self._act_in_talk(said)
        if step.id == LISTEN and said.action in ("next", "said", "left-out", "back"):
            return self._act_among_three(said)
        return super().act(step, said)

    def _take_part(self, said: ActionSaid) -> Row | None:
        """Begin the part that waits in the group, in a round of its own."""
        mine = self.offered_part()
        if mine is None:  # the desk has changed the groups since
            self.draw()
            return None
        if self._after_reading(mine.part) == BEFORE:
            return self.go(Place(BEFORE), said.event_id)
        is_used = any(read_detail(row).get("round") == self.progress.round
                      for row in self.rows_named(PART_TAKEN))  # fmt: skip
        is_other = self.progress.value(PART) not in ("", mine.part)
        if self.progress.is_finished or is_used or is_other:
            self.progress = self.progress.again()
        self.keep(HOW, value="three")
        self.keep(PART, value=mine.part)
        self.note(PART_TAKEN, about=mine.split_id, turn=mine.turn, part=mine.part)
        return self.go(Place(mine.part), said.event_id)

    def _act_in_talk(self, said: ActionSaid) -> Row | None:
        """Do one thing towards the partner, if it still fits how it stands."""
        if said.action in ("next", "back"):
            return self.move(said)
        talk, action = self.talk(), said.action
        if action == "clock-done":
            self.draw()
            return None
        where = {"half": talk.half, "turn": talk.turn}
        if self.is_one_phone:
            where["both"] = 1
        row = None
        match action, talk.stage:
            case ("speak" | "listen", "open" | "offered" | "between" | "over"):
                role = {"speak": "speaker", "listen": "listener"}[action]
                # Both may have offered at once: what fits together is a yes, the rest is asked.
                if talk.offer is None or talk.offer.role != role:
                    self._begin_round()
                    row = self._note_act("role-offered", said, role=role)
            case ("take" | "let-go", "offered") if talk.offer is not None:
                if action == "let-go" or talk.offer.by == "partner":
                    if action == "take":
                        self._begin_round()
                    name = "role-taken" if action == "take" else "role-let-go"
                    row = self._note_act(name, said, about=talk.offer.act_id)
            case ("pass" | "said" | "left-out", "talking"):
                if talk.floor == "me" or self.is_one_phone:
                    if talk.move and talk.floor == "me":
                        self._keep_move(talk.move, is_used=action == "said")
                    row = self._note_act("turn-passed", said, **where)
            case ("stop", "talking"):
                row = self._note_act("talk-stopped", said, **where)
            case ("swap", "between"):
                row = self._note_act("roles-swapped", said, **where)
            case _:
                pass  # it has moved on since, on the other phone
        self.draw()
        return row

    def _note_act(self, name: str, said: ActionSaid, **detail: object) -> Row:
        if not self.can_share:
            raise AnswerError("who is not recorded can not do this together")
        return self.note(name, said.event_id, **detail)

    def _begin_round(self) -> None:
        """Begin another round when this one was gone through: its marks stay as they are."""
        if self.progress.is_finished:
            self.progress = self.progress.again()
            self.keep(HOW, value="two")
            self.go(Place(TALK))

    def _act_among_three(self, said: ActionSaid) -> Row | None:
        """Go through the four moves on one's own phone."""
        spot = self._spot()
        if spot and said.action != "back":
            self._keep_move(spot, is_used=said.action == "said")
        onward = _SPOTS.index(spot) + (-1 if said.action == "back" else 1)
        if 0 <= onward < len(_SPOTS):
            return self.go(Place(LISTEN, _SPOTS[onward]), said.event_id)
        return self.move(replace(said, action="next" if onward > 0 else "back"))

    def _spot(self) -> str:
        spot = self.progress.place.spot
        return spot if spot in MOVES else ""

    # -- What is kept ----------------------------------------------------------------------------

    def take_draft(self, said: DraftSaid) -> None:
        """Note what the coach flags in a listener's draft; nothing of the words."""
        super().take_draft(said)
        if said.field in screens.REPLIES.values():
            notes = load_coach(self.key).read(said.text)
            if len(said.text.split()) >= _WORDS:
                self._slips[said.field] = frozenset(note.code for note in notes) & frozenset(SLIPS)
            else:
                self._slips.pop(said.field, None)

    def _keep_move(self, move: str, *, is_used: bool) -> None:
        """Record whether a move was used, and what was flagged in what was written for it."""
        slips = self._slips.pop(screens.REPLIES[move], None)
        if slips is not None:
            self._count("written")
            for slip in sorted(slips):
                self._count(f"slip-{slip}")
        self.keep(f"move-{move}", value=str(int(is_used)))

    def _count(self, item: str) -> None:
        before = self.progress.given.get(item)
        self.keep(item, value=str((before.count if before else 0) + 1))


def _read_act(row: Row, who: Who) -> TalkAct:
    """Return what a row says; anything in its detail that makes no sense is left out."""
    detail = read_detail(row)
    words = {name: value for name, value in detail.items() if isinstance(value, str)}
    numbers = {name: value for name, value in detail.items() if type(value) is int}
    return TalkAct(
        act_id=row.event_id,
        who=who,
        name=row.event,
        at=row.recorded_at,
        role=words.get("role", ""),
        about=words.get("about", ""),
        half=numbers.get("half", 0),
        turn=numbers.get("turn", -1),
        is_for_both=numbers.get("both") == 1,
    )
