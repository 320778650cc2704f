"""Every kind of pack there is, by the word that its file names itself with."""

from __future__ import annotations

from reconnect_widgets.content.coach_pack import CoachPack, CoachVocabulary
from reconnect_widgets.content.exercise_pack import ExercisePack
from reconnect_widgets.content.plan_pack import PlanPack
from reconnect_widgets.content.schema import (
    Contents,
    HelpLines,
    Instrument,
    PassagesPack,
    Sentences,
)

Pack = (
    Instrument
    | PassagesPack
    | Sentences
    | HelpLines
    | Contents
    | ExercisePack
    | CoachPack
    | CoachVocabulary
    | PlanPack
)

MODELS: dict[str, type[Pack]] = {
    "instrument": Instrument,
    "exercise": ExercisePack,
    "passages": PassagesPack,
    "sentences": Sentences,
    "coach": CoachPack,
    "coach-vocabulary": CoachVocabulary,
    "help-lines": HelpLines,
    "contents": Contents,
    "plan": PlanPack,
}
