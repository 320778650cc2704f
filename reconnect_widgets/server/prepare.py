"""The facilitator's sessions, and the pages on which one is made, prepared, and changed later.

Every button is a form's: the agenda can be put together without scripts. What is made or saved
answers 303; what only changes the form on the screen comes back as that form, because it is kept
nowhere else (decision 0137).
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from datetime import date
from typing import Any

from tornado.web import HTTPError

from reconnect_widgets import content, system
from reconnect_widgets.content import Meeting, PlanPack, Plans
from reconnect_widgets.content.plans import FOLDER as PLANS_FOLDER
from reconnect_widgets.domain.people import MAX_MINUTES, MAX_SEATS, Session
from reconnect_widgets.errors import RecordWriteError, SessionError
from reconnect_widgets.records.plan_files import keep_plan_file
from reconnect_widgets.server import names, prepare_form
from reconnect_widgets.server.facilitator import SessionHandler
from reconnect_widgets.server.pages import MAX_FIELD_LENGTH, PageHandler
from reconnect_widgets.server.practice_page import practice_choices
from reconnect_widgets.server.prepare_form import Line, PrepareForm, Problem
from reconnect_widgets.server.prepare_page import (
    describe_exercises,
    describe_plans,
    keep_choices,
    say_edit,
)
from reconnect_widgets.server.session_view import SessionView

DEFAULT_AGENDA = ("welcome", "checkup")
# Beside all open sessions, so many of the others stand in the list at once.
_RECENT = 4
_PLAN_NAMES_TRIED = 50
_NOT_SAVED = (
    "It could not be saved: the record folder takes no writes. Please make room on the disk."
)


class DeskHandler(PageHandler):
    """``/facilitator``: the sessions, and a new one from a title and a plan."""

    async def get(self) -> None:
        """Show them."""
        await self._show()

    async def post(self) -> None:
        """Make a session; what is not asked here is as the plan has it."""
        fields = {"title": self.field("title"), "plan": self.field("plan")}
        plans = await _load_plans(self)
        found = plans.find(fields["plan"])
        if found is None and fields["plan"]:
            await self._show(422, "There is no such plan any more.", fields)
            return
        form = (
            prepare_form.form_of_plan(*found, title=fields["title"])
            if found
            else _empty_form(fields["title"])
        )
        values, problems = prepare_form.check_form(form, content.exercise_keys(), _today())
        if problems:
            await self._show(422, problems[0][1], fields)
            return
        try:
            record = await _create(self, values)
        except RecordWriteError:
            await self._show(503, _NOT_SAVED, fields)
        else:
            self.redirect(f"/facilitator/s/{record}", status=303)

    async def _show(
        self, status: int = 200, problem: str = "", fields: dict[str, str] | None = None
    ) -> None:
        plans = await _load_plans(self)
        summaries = [_summarise(view) for view in self.services.hub.views()]
        ended = [each for each in summaries if each["state"] != "open"]
        earlier = ended[_RECENT:]
        self.render_page(
            "desk.html",
            status,
            sessions=[each for each in summaries if each not in earlier],
            earlier=earlier,
            broken=self.services.records.broken_sessions(),
            problem=problem,
            fields=fields or {"title": "", "plan": "first-evening"},
            plans=describe_plans(plans),
            plan_problems=plans.problems,
            disk_ok=self.services.disk.is_ok,
            **practice_choices(self.query("practice")),
        )


class _FormHandler(SessionHandler):
    """Base of the two pages with the form."""

    def _read(self) -> PrepareForm:
        return prepare_form.read_form(self.field, self._many)

    def _many(self, name: str) -> list[str]:
        try:
            return [text[:MAX_FIELD_LENGTH] for text in self.get_body_arguments(name, strip=False)]
        except HTTPError:  # not UTF-8
            return []

    async def _answer(self, form: PrepareForm, info: Session | None, people: int) -> bool:
        """Do what a button asks that saves no session; False when saving is what is asked."""
        do = self.field("do")
        if do in ("", "save"):
            return False
        if do == "plan":
            await self._take_plan(form, info, people)
        elif do == "keep-plan":
            await self._keep_plan(form, info, people)
        else:
            minutes_of = {frame.key: frame.minutes for frame in content.load_contents().exercises}
            added = self.field("added")
            edited, focus = prepare_form.edit_form(form, do, added, minutes_of)
            said = say_edit(form, edited, do, added)
            await self._show(edited, info, people, focus=focus, said=said)
        return True

    async def _take_plan(self, form: PrepareForm, info: Session | None, people: int) -> None:
        found = (await _load_plans(self)).find(self.field("plan"))
        if found is None:
            problem = ("plan", "Please choose a plan.")
            await self._show(form, info, people, status=422, problems=[problem])
            return
        plan, meeting = found
        if info is None:
            form = prepare_form.form_of_plan(plan, meeting, form.title)
            said = "Everything but the title is filled in as the plan has it."
        else:
            form = prepare_form.take_agenda(form, meeting)
            said = "The agenda below is the plan’s. It is not saved yet."
        await self._show(form, info, people, plan=found, said=said)

    async def _keep_plan(self, form: PrepareForm, info: Session | None, people: int) -> None:
        """Keep the form as a plan of one's own. Sent again, it is the same plan."""
        known = content.exercise_keys()
        values, problems = prepare_form.check_form(
            replace(form, title=form.title or form.plan_title), known, _today()
        )
        title = ""
        try:
            title = names.parse_title(form.plan_title)
        except SessionError:
            problems = [("plan_title", "Please give the plan a name."), *problems]
        if problems:
            await self._show(form, info, people, status=422, problems=problems)
            return
        key, taken = content.make_key(title), set(content.load_plans().by_key)
        keys = [key, *(f"{key}-{number}" for number in range(2, _PLAN_NAMES_TRIED))]
        made = [prepare_form.make_plan(form, values, each, title) for each in keys]
        candidates = [
            (f"{plan.key}.yaml", content.write_plan(plan).encode())
            for plan in made
            if plan.key not in taken
        ]
        folder = self.services.settings.data_dir / PLANS_FOLDER
        try:
            name = await asyncio.to_thread(keep_plan_file, folder, candidates)
        except RecordWriteError as error:
            problem = ("plan_title", f"{error}.".capitalize())
            await self._show(form, info, people, status=503, problems=[problem])
            return
        said = f"The plan is kept, in the file plans/{name} of the record folder."
        await self._show(replace(form, plan_title=""), info, people, said=said)

    async def _show(
        self,
        form: PrepareForm,
        info: Session | None = None,
        people: int = 0,
        *,
        status: int = 200,
        problems: list[Problem] | None = None,
        plan: tuple[PlanPack, Meeting] | None = None,
        **more: Any,
    ) -> None:
        plans = await _load_plans(self)
        total, until = prepare_form.add_up(form)
        today = _today()
        seen_by = prepare_form.VISIBILITIES
        if info is not None and people:
            seen_by = seen_by[: seen_by.index(info.name_visibility) + 1]
        values = {"said": "", "focus": "", "is_overtaken": False}
        self.render_page(
            "prepare.html",
            status,
            form=form,
            session=info,
            people=people,
            action=f"/facilitator/s/{info.session_id}/prepare" if info else "/facilitator/new",
            mark=_mark_of(info) if info else "",
            seen_by=seen_by,
            **describe_exercises(form),
            total=total,
            until=until,
            keep_choices=keep_choices(form),
            first_day=date.fromordinal(today.toordinal() + 1).isoformat(),
            max_minutes=MAX_MINUTES,
            max_seats=MAX_SEATS,
            plans=describe_plans(plans),
            plan_problems=plans.problems,
            plan=plan or plans.find(self.field("shown_plan")),
            problems=problems or [],
            problem_of=dict(reversed(problems or [])),
            **{**values, **more},
        )


class NewSessionHandler(_FormHandler):
    """``/facilitator/new``: choose a plan or begin empty, change it, and make the session."""

    async def get(self) -> None:
        """Show the plans; with ``?plan=`` the form, filled in from that plan or nearly empty."""
        plans, choice = await _load_plans(self), self.query("plan")
        found = plans.find(choice)
        if found is not None:
            await self._show(prepare_form.form_of_plan(*found), plan=found)
        elif "plan" in self.request.query_arguments:
            await self._show(_empty_form())
        else:
            described = describe_plans(plans)
            self.render_page("plans.html", plans=described, plan_problems=plans.problems)

    async def post(self) -> None:
        """Make the session, or change the form."""
        form = self._read()
        if await self._answer(form, None, 0):
            return
        values, problems = prepare_form.check_form(form, content.exercise_keys(), _today())
        if problems:
            await self._show(form, status=422, problems=problems)
            return
        try:
            session_id = await _create(self, values)
        except RecordWriteError:
            await self._show(form, status=503, problems=[("", _NOT_SAVED)])
        else:
            self.redirect(f"/facilitator/s/{session_id}", status=303)


class PrepareHandler(_FormHandler):
    """``/facilitator/s/ID/prepare``: change how a session is prepared, also while it runs."""

    async def get(self, session_id: str) -> None:
        """Show the form as the session is."""
        view = self.find_view(session_id)
        if self._is_over(view):
            return
        people = _count_people(view)
        await self._show(prepare_form.form_of_session(view.info), view.info, people)

    async def post(self, session_id: str) -> None:
        """Save it, or change the form."""
        view = self.find_view(session_id)
        if self._is_over(view):
            return
        people = _count_people(view)
        form = self._read()
        if await self._answer(form, view.info, people):
            return
        # Exercises that are on the agenda stay possible, also when their pack is gone.
        known = {*content.exercise_keys(), *view.info.agenda, *(view.info.free or ())}
        values, problems = prepare_form.check_form(form, known, _today())
        if problems:
            await self._show(form, view.info, people, status=422, problems=problems)
        else:
            await self._save(view, form, values)

    async def _save(self, view: SessionView, form: PrepareForm, values: dict[str, Any]) -> None:
        now = system.utc_now()
        # Held, so that nobody joins between the look at who is here and the change.
        async with view.seating:
            info, people = view.info, _count_people(view)
            if self.field("mark") != _mark_of(info):
                await self._show(form, info, people, status=409, is_overtaken=True)
                return
            changes = prepare_form.find_changes(info, values, now)
            problems = prepare_form.find_broken_promises(info, changes) if people else []
            if problems:
                await self._show(form, info, people, status=409, problems=problems)
                return
            if changes:
                prepare = view.record.prepare
                try:
                    await asyncio.to_thread(prepare, changes, now, self.facilitator_id)
                except RecordWriteError:
                    await self._show(form, info, people, status=503, problems=[("", _NOT_SAVED)])
                    return
        view.refresh()
        self.services.hub.wake(view.record.session_id)
        self.redirect(f"/facilitator/s/{view.record.session_id}", status=303)

    def _is_over(self, view: SessionView) -> bool:
        """Say whether it is due to be erased; then the answer is given already."""
        is_over = not view.info.is_kept(system.utc_now())
        if is_over:
            self.say_over(view.info)
        return is_over


async def _create(handler: PageHandler, values: dict[str, Any]) -> str:
    """Make a session of checked fields; return its id."""
    record = await asyncio.to_thread(
        handler.services.records.create_session,
        now=system.utc_now(),
        content_version=content.CONTENT_VERSION,
        actor=handler.facilitator_id,
        **values,
    )
    return record.session_id


async def _load_plans(handler: PageHandler) -> Plans:
    return await asyncio.to_thread(content.load_plans, handler.services.settings.data_dir)


def _empty_form(title: str = "") -> PrepareForm:
    contents = content.load_contents()
    frames = [contents.frame(key) for key in DEFAULT_AGENDA]
    lines = tuple(Line(frame.key, str(frame.minutes)) for frame in frames if frame)
    return PrepareForm(title=title, lines=lines)


def _mark_of(info: Session) -> str:
    """Return what tells one way of being prepared from another, for a page that was open long."""
    return hashlib.sha256(repr(prepare_form.form_of_session(info)).encode()).hexdigest()[:16]


def _count_people(view: SessionView) -> int:
    return sum(entry.is_present for entry in view.refresh().values())


def _summarise(view: SessionView) -> dict[str, Any]:
    info, now = view.info, system.utc_now()
    people = [entry for entry in view.refresh().values() if entry.is_present]
    is_due = now >= info.keep_until
    return {
        "info": info,
        "people": len(people),
        "couples": len({entry.dyad_id for entry in people if entry.dyad_id}),
        "state": "open" if info.is_open(now) else "past its end date" if is_due else "closed",
    }


def _today() -> date:
    return system.utc_now().astimezone().date()
