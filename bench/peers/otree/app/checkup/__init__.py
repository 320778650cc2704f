"""The checkup as one live page: each tap is a message, and each answer a row of its own.

What oTree asks for in forms is sent with the page; answers that are told of at once are what its
live pages are for. Going through the questions is the page's own script, as in its examples.
"""

from answers import ITEMS, WORDS
from otree.api import (
    BaseConstants,
    BaseGroup,
    BasePlayer,
    BaseSubsession,
    ExtraModel,
    Page,
    models,
)


class C(BaseConstants):
    """What oTree wants to know of every app."""

    NAME_IN_URL = "checkup"
    PLAYERS_PER_GROUP = None
    NUM_ROUNDS = 1


class Subsession(BaseSubsession):
    """One round."""


class Group(BaseGroup):
    """Nobody plays with anybody."""


class Player(BasePlayer):
    """One person."""


class Answer(ExtraModel):
    """One answer of one person."""

    player = models.Link(Player)
    item = models.StringField()
    value = models.IntegerField()


class Checkup(Page):
    """The introduction, then one question at a time."""

    @staticmethod
    def vars_for_template(player):
        """Return the words that stand still."""
        return WORDS

    @staticmethod
    def js_vars(player):
        """Return the questions, and how many have been answered."""
        return {
            "items": ITEMS,
            "options": WORDS["options"],
            "answered": len(Answer.filter(player=player)),
        }

    @staticmethod
    def live_method(player, data):
        """Save an answer, and tell the one who gave it."""
        Answer.create(player=player, item=data["item"], value=data["value"])
        return {player.id_in_group: {"saved": data["item"]}}


class Welcome(Page):
    """The second page."""

    allow_back_button = True

    @staticmethod
    def vars_for_template(player):
        """Return its words."""
        return WORDS["other"]


page_sequence = [Checkup, Welcome]
