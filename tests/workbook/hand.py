"""A session with a couple in it, and a hand that taps: messages in, what the page says out."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from reconnect_widgets.domain.people import Consent, PartnerPolicy
from reconnect_widgets.records import RecordFolder, Row, SessionRecord
from reconnect_widgets.system import KernelEnvironment, new_event_id, utc_now
from reconnect_widgets.workbook.context import Context, load_context
from reconnect_widgets.workbook.pages import CheckupPage, Presenter

ANN, BEN, SOLO = "p-ann001", "p-ben002", "p-solo03"
COUPLE = "d-ab12"
Message = dict[str, Any]


def make_session(folder: Path, *, policy: PartnerPolicy = "limited-secrets") -> SessionRecord:
    """Make an open session with a couple and one person alone, none of whom has consented."""
    record = RecordFolder(folder).create_session(
        "Tuesday group",
        agenda=("welcome", "checkup"),
        partner_policy=policy,
        name_visibility="facilitator",
        keep_days=30,
        now=utc_now(),
    )
    for person, name, slot in ((ANN, "Ann", "A"), (BEN, "Ben", "B"), (SOLO, "Solo", None)):
        writer = record.open_writer(person)
        detail = {"name": name, "partner_slot": slot, "return_code_hash": "c0ffee"}
        dyad_id = COUPLE if slot else ""
        writer.append_person("joined", detail, participant_id=person, dyad_id=dyad_id)
        writer.close()
    return record


def let_consent(record: SessionRecord, person: str, consent: Consent = "recorded") -> None:
    """Note what this person chose, as the welcome page would."""
    context = open_context(record, person)
    context.record_consent(consent, new_event_id())
    context.close()


def open_context(record: SessionRecord, person: str) -> Context:
    """Return the context of a new kernel of this person."""
    data_dir = record.folder.parents[1]
    return load_context(KernelEnvironment(data_dir, record.session_id, person, "participant"))


def own_rows(record: SessionRecord, person: str) -> tuple[Row, ...]:
    return record.read((person,)).rows


def answers_of(record: SessionRecord, person: str) -> list[Row]:
    return [row for row in own_rows(record, person) if row.kind == "answer"]


class Hand:
    """One person at one page; what the page says is kept, message by message."""

    def __init__(self, presenter: Presenter) -> None:
        self.presenter = presenter
        self.said: list[Message] = []
        self.replies: list[Message] = []
        presenter.page.send = self._hear
        presenter.draw()

    def _hear(self, content: Message, buffers: object = None) -> None:
        self.replies.append(content)

    def say(self, message: object) -> Message | None:
        """Send one message as a browser does; return the reply to it, if there is one."""
        count = len(self.replies)
        self.presenter.page._handle_msg(
            {"content": {"data": {"method": "custom", "content": message}}, "buffers": []}
        )
        if isinstance(message, dict):
            self.said.append(message)
        return self.replies[-1] if len(self.replies) > count else None

    def answer(self, item: str, value: object = 3, **changes: object) -> Message:
        message: Message = {
            "type": "answer",
            "event_id": new_event_id(),
            "exercise": "checkup",
            "round": 1,
            "item": item,
            "status": "answered",
            "value": value,
        }
        reply = self.say({**message, **changes})
        assert reply is not None
        return reply

    def skip(self, item: str, **changes: object) -> Message:
        return self.answer(item, None, status="skipped", **changes)

    def act(self, action: str, **changes: object) -> Message:
        """Press a button of the screen that is shown."""
        message: Message = {
            "type": "action",
            "event_id": new_event_id(),
            "stage": self.token,
            "action": action,
        }
        reply = self.say({**message, **changes})
        assert reply is not None
        return reply

    @property
    def token(self) -> str:
        return self.presenter._shown_token()

    @property
    def stage(self) -> Message:
        """What the browser would show: the state of the stage's model."""
        reference = self.presenter.page.stage.removeprefix("IPY_MODEL_")
        (widget,) = [w for w in self.presenter.widgets if w.model_id == reference]
        return dict(widget.get_state())

    @property
    def shown(self) -> str:
        """Everything that the present passage says."""
        parts = ("heading", "news", "html", "after_html", "figure", "privacy")
        actions = [action["label"] for action in self.stage.get("actions", [])]
        return " ".join([*(self.stage.get(part, "") for part in parts), *actions])

    @property
    def offered(self) -> list[str]:
        return [action["id"] for action in self.stage["actions"]]


def open_checkup(record: SessionRecord, person: str) -> Hand:
    """Open the checkup in a new kernel of this person."""
    return Hand(CheckupPage(open_context(record, person)))


def checkup_of(hand: Hand) -> CheckupPage:
    assert isinstance(hand.presenter, CheckupPage)
    return hand.presenter


def answer_all(hand: Hand, value: int = 3, *, round_: int = 1) -> None:
    """Answer the twenty questions in the order in which they are shown."""
    for item in checkup_of(hand).outline.items:
        assert hand.answer(item, value, round=round_)["type"] == "saved"


def finish_round(hand: Hand, value: int = 3, *, round_: int = 1, guess: int = 2) -> None:
    """Go from the introduction to the snapshot."""
    hand.act("begin")
    answer_all(hand, value, round_=round_)
    hand.act("finish")
    hand.act("guess")
    for item in checkup_of(hand).outline.guesses:
        hand.answer(item, guess, round=round_)
    hand.act("finish")


def release(hand: Hand) -> None:
    hand.act("ask-release")
    assert hand.act("release")["type"] == "saved"


def copy_session(record: SessionRecord, data_dir: Path) -> SessionRecord:
    """Return the same session in another record folder."""
    shutil.copytree(record.folder, data_dir / "sessions" / record.session_id)
    return RecordFolder(data_dir).session(record.session_id)
