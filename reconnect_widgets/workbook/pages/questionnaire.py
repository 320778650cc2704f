"""A questionnaire of a facilitator's own: its items one at a time, then what was given."""

from __future__ import annotations

from dataclasses import replace

from reconnect_widgets.content import ExerciseStep, load_instrument
from reconnect_widgets.domain.scoring import ScaleScore, score_scale
from reconnect_widgets.workbook.markup import draw_scale, element, sentences, text
from reconnect_widgets.workbook.pages.exercise import ExercisePage
from reconnect_widgets.workbook.screen import Screen

RESULT = "result"


class QuestionnairePage(ExercisePage):
    """Made of an instrument (`content.own_packs.make_exercise`).

    The result is the percentage of what was possible, scale by scale, as in the checkup. Norms and
    cut-offs of a questionnaire are for its users to know; the page says nothing about them.
    """

    def make(self, step: ExerciseStep) -> Screen:
        """Make the result."""
        screen = super().make(step)
        if step.id != RESULT:
            return screen
        instrument = load_instrument(self.key)
        given = self.progress.given
        values = {key: int(said.value) if said.value else None for key, said in given.items()}
        scores = [score_scale(scale, values) for scale in instrument.scales]
        lines = [
            self._show(category.title, category.about, score)
            for category, score in zip(instrument.categories, scores, strict=True)
        ]
        about = text("p", f"{instrument.source} {instrument.licence}", "rc-small")
        lede = text("p", self.say("questionnaire.lede"))
        return replace(screen, html=lede + element("ul", *lines, cls="rc-scales") + about)

    def _show(self, title: str, about: str, score: ScaleScore) -> str:
        if score.score is None:
            words, picture = self.say("questionnaire.too-few"), ""
        else:
            words = self.say("questionnaire.figure", score=round(score.score))
            picture = draw_scale(score.score)
        return element(
            "li",
            text("h3", title),
            sentences([words], "rc-scales__figure"),
            picture,
            sentences([about], "rc-scales__words"),
        )
