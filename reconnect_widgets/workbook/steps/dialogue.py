"""A step of written scenes: choose one, walk through its turns, see how each answer lands.

The spot is ``<scene>`` (its setting), ``<scene>/<turn>`` or ``<scene>/end``; no spot: the list of
scenes. A turn is recorded as item ``<scene>-<turn>``; choosing again is allowed, and changes what
follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconnect_widgets.content import ExerciseStep, Scene, Turn
from reconnect_widgets.domain.exercise import Place
from reconnect_widgets.domain.scenes import END, Passed, is_over, walk
from reconnect_widgets.errors import AnswerError
from reconnect_widgets.records import Row
from reconnect_widgets.widgets import Action, Choice, ChoiceOption
from reconnect_widgets.workbook.markup import element, text
from reconnect_widgets.workbook.messages import ActionSaid
from reconnect_widgets.workbook.screen import Screen

if TYPE_CHECKING:
    from reconnect_widgets.workbook.pages.exercise import ExercisePage

_OPEN = "scene-"


def item_of(scene: Scene, turn: str) -> str:
    """Return the item under which a turn's choice is recorded."""
    return f"{scene.key}-{turn}"


def values_of(page: ExercisePage, item: str) -> frozenset[str] | None:
    """Return the choices of a turn; None when the item is no turn of a scene."""
    for scene in page.pack.scenes:
        for turn in scene.turns:
            if item_of(scene, turn.id) == item:
                return frozenset(choice.key for choice in turn.choices)
    return None


def scenes_of(page: ExercisePage, step: ExerciseStep) -> list[Scene]:
    """Return the scenes of a step: those that it names, else all."""
    scenes = page.pack.scenes
    return [scene for scene in scenes if not step.scenes or scene.key in step.scenes]


def path_of(page: ExercisePage, scene: Scene) -> tuple[Passed, ...]:
    """Return this person's way through a scene so far."""
    leads = {(turn.id, choice.key): choice.goes for turn in scene.turns for choice in turn.choices}
    chosen = {turn.id: page.progress.value(item_of(scene, turn.id)) for turn in scene.turns}
    return walk([turn.id for turn in scene.turns], leads, chosen)


def make(page: ExercisePage, step: ExerciseStep) -> Screen:
    """Return the list of scenes, or the present turn of one."""
    scenes = {scene.key: scene for scene in scenes_of(page, step)}
    key, _, turn_id = page.progress.place.spot.partition("/")
    scene = scenes.get(key)
    if scene is None:
        return _make_list(page, step)
    path = path_of(page, scene)
    passed = next((passed for passed in path if passed.turn == turn_id), None)
    turn = scene.turn(turn_id)
    if passed is not None and turn is not None:
        return _make_turn(page, scene, turn, path[: path.index(passed)])
    if turn_id == END and is_over(path):
        return _make_end(page, step, scene, path)
    return _make_setting(page, scene)


def act(page: ExercisePage, step: ExerciseStep, said: ActionSaid) -> Row | None:
    """Open a scene, go on in it, go back in it, or leave it."""
    scenes = {scene.key: scene for scene in scenes_of(page, step)}
    spot = page.progress.place.spot
    if not spot:
        key = said.action.removeprefix(_OPEN)
        if said.action.startswith(_OPEN) and key in scenes:
            return page.go(Place(step.id, key), said.event_id)
        return page.move(said)
    scene = scenes.get(spot.partition("/")[0])
    if scene is None or said.action == "scenes":
        return page.go(Place(step.id), said.event_id)
    path = path_of(page, scene)
    if (
        said.action == "next"
        and path
        and not path[-1].choice
        and spot.endswith(f"/{path[-1].turn}")
    ):
        return page.go(Place(step.id), said.event_id)  # who skips a turn leaves its scene
    onward = _neighbour(scene, path, spot, said.action)
    return page.go(Place(step.id, onward), said.event_id)


def _neighbour(scene: Scene, path: tuple[Passed, ...], spot: str, action: str) -> str:
    """Return the spot before or after this one."""
    spots = [scene.key, *(f"{scene.key}/{passed.turn}" for passed in path)]
    if is_over(path):
        spots.append(f"{scene.key}/{END}")
    at = spots.index(spot) if spot in spots else 0
    if action == "next" and at + 1 < len(spots):
        return spots[at + 1]
    if action == "back":
        return spots[at - 1] if at else ""
    if action == "again" and at + 1 == len(spots):
        return scene.key
    raise AnswerError("this scene does not go on from here")


def _make_list(page: ExercisePage, step: ExerciseStep) -> Screen:
    done = page.say("scene.done")
    actions = [
        Action(
            f"{_OPEN}{scene.key}",
            f"{scene.title} ({done})" if is_done else scene.title,
            "quiet" if is_done else "choice",
        )
        for scene in scenes_of(page, step)
        for is_done in (is_over(path_of(page, scene)),)
    ]
    onward = Action("next", page.say("action.next"), "quiet")
    return Screen(
        heading=step.heading,
        html=step.html,
        privacy=step.privacy,
        actions=[*actions, onward, page.back()],
    )


def _make_setting(page: ExercisePage, scene: Scene) -> Screen:
    return Screen(
        heading=scene.title,
        spot=scene.key,
        html=text("p", scene.who, "rc-kicker") + text("p", scene.setting),
        actions=[
            Action("next", page.say("scene.begin")),
            Action("scenes", page.say("scene.others"), "quiet"),
        ],
    )


def _make_turn(page: ExercisePage, scene: Scene, turn: Turn, before: tuple[Passed, ...]) -> Screen:
    item = item_of(scene, turn.id)
    said = page.progress.given.get(item)
    options = [
        ChoiceOption(
            value=choice.key,
            label=choice.label,
            reply_html=text("p", choice.lands) + text("p", choice.why, "rc-small"),
        )
        for choice in turn.choices
    ]
    question = page.say("scene.what-do-you-say")
    return Screen(
        heading=scene.title,
        spot=f"{scene.key}/{turn.id}",
        html=_lines(page, scene, before, turn),
        fields=[
            Choice(
                key=item,
                label=question,
                options=options,
                value=said.value if said and said.value else None,
                status=said.status if said else "",
            )
        ],
        privacy="recorded-under-your-code",
        actions=[
            Action("next", page.say("action.next"), needs=(item,)),
            page.back(),
        ],
    )


def _make_end(
    page: ExercisePage, step: ExerciseStep, scene: Scene, path: tuple[Passed, ...]
) -> Screen:
    return Screen(
        heading=scene.title,
        spot=f"{scene.key}/{END}",
        html=_moves(page, scene, path) + text("p", scene.end) + _lines(page, scene, path),
        actions=[
            Action("scenes", page.say("scene.others")),
            Action("again", page.say("scene.again"), "quiet"),
            page.back(),
        ],
    )


def _moves(page: ExercisePage, scene: Scene, path: tuple[Passed, ...]) -> str:
    """Say in words which moves were made on the way; nothing if the pack has no words for them.

    What went wrong is not listed: each answer has said how it landed when it was given.
    """
    turns = ((scene.turn(passed.turn), passed.choice) for passed in path)
    choices = [choice for turn, key in turns if turn and (choice := turn.choice(key))]
    known = [key for key in page.pack.sentences if key.startswith("move.") and key.endswith(".did")]
    used = [key for key in known if any(key[5:-4] in choice.moves for choice in choices)]
    if not known:
        return ""
    if not used:
        return text("p", page.say("scene.moves-none"), "rc-note")
    is_late = bool(choices[0].slips) and not choices[0].moves
    parts = [text("p", page.say("scene.moves-used"))]
    parts.append(element("ul", *(text("li", page.say(key)) for key in used)))
    if is_late:
        parts.append(text("p", page.say("scene.moves-late")))
    return element("div", *parts, cls="rc-note")


def _lines(
    page: ExercisePage, scene: Scene, path: tuple[Passed, ...], now: Turn | None = None
) -> str:
    """Return what was said so far, with who said it; folded, but for what is answered now."""
    you, other = page.say("scene.you"), scene.partner or page.say("scene.partner")
    lines = []
    for passed in path:
        turn = scene.turn(passed.turn)
        choice = turn.choice(passed.choice) if turn else None
        if turn is not None and choice is not None:
            lines += [_line(other, turn.says, "theirs"), _line(you, choice.label, "mine")]
    # The last answer stays in sight; what lies further back would push the question off a phone.
    before = lines[:-1] if now else lines
    seen = [*lines[-1:], _line(other, now.says, "theirs")] if now else []
    folded = text("summary", page.say("scene.earlier")) + element("ol", *before, cls="rc-lines")
    return (element("details", folded) if before else "") + (
        element("ol", *seen, cls="rc-lines") if seen else ""
    )


def _line(who: str, says: str, side: str) -> str:
    return element(
        "li", text("span", who, "rc-lines__who"), text("p", says), cls=f"rc-lines__{side}"
    )
