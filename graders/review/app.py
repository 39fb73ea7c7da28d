"""The routes: an address in, a page out; the class is read and decided on in one thread, one after another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from graders.errors import GraderError, UsageError
from graders.ledger.model import Decision
from graders.messages import Bilingual, Language, M, Message
from graders.review import pages
from graders.review.desk import Desk, Edit, Gone, Place, Problem, Said
from graders.review.door import Keys
from graders.review.pages import Notice, Pages
from graders.review.writer import Writer
from graders.web.assets import asset
from graders.web.forms import Form, form_of, one
from graders.web.headers import CSP, same

# A student's page is shown as it is written for them, with its style in it; nothing in it may act.
_STUDENTS = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; sandbox"
)
_T = TypeVar("_T")


@dataclass
class Review:
    """What the routes work on. `thread`: the one thread in which the desk was made."""

    desk: Desk
    writer: Writer
    thread: ThreadPoolExecutor
    keys: Keys
    language: Language

    def __post_init__(self) -> None:
        self._pages = Pages(self.desk)

    def app(self) -> Starlette:
        """The application."""
        return Starlette(
            routes=[
                Route("/", self._the_class),
                Route("/students", self._students),
                Route("/copies", self._copies),
                Route("/publish", self._publish, methods=["GET", "POST"]),
                Route("/regrade", self._regrade, methods=["GET", "POST"]),
                Route("/item/{item}", self._first),
                Route("/item/{item}/worth", self._worth, methods=["POST"]),
                Route("/item/{item}/rubric", self._rubric, methods=["GET", "POST"]),
                Route("/item/{item}/{student}", self._item, methods=["GET", "POST"]),
                Route("/student/{student}", self._student),
                Route("/student/{student}/history", self._history),
                Route("/static/review.css", asset(pages.style, "text/css")),
                Route("/static/review.js", asset(pages.script, "text/javascript")),
            ],
            exception_handlers={
                HTTPException: self._http, Gone: self._gone, GraderError: self._fault,
                ClientDisconnect: self._gone,
            },
        )  # fmt: skip

    async def _desk(self, work: Callable[[], _T]) -> _T:
        """Do something in the desk's thread."""
        return await asyncio.get_running_loop().run_in_executor(self.thread, work)

    # -- pages -------------------------------------------------------------------------------

    async def _the_class(self, request: Request) -> Response:
        return HTMLResponse(await self._desk(self._pages.the_class))

    async def _students(self, request: Request) -> Response:
        mistake = request.query_params.get("mistake", "")
        return HTMLResponse(await self._desk(lambda: self._pages.students(mistake)))

    async def _copies(self, request: Request) -> Response:
        return HTMLResponse(await self._desk(self._pages.alike))

    async def _student(self, request: Request) -> Response:
        handle = request.path_params["student"]
        page = await self._desk(lambda: self._pages.student(handle))
        return HTMLResponse(page, headers={CSP: _STUDENTS})

    async def _history(self, request: Request) -> Response:
        handle = request.path_params["student"]
        return HTMLResponse(await self._desk(lambda: self._pages.history(handle)))

    async def _first(self, request: Request) -> Response:
        """To the one of a problem with whom to begin."""
        item = request.path_params["item"]
        first = await self._desk(lambda: self.desk.seen().first(self._pages.problem(item)))
        if not first:
            raise Gone
        return RedirectResponse(f"/item/{item}/{first}{_names(request)}", 303)

    async def _item(self, request: Request) -> Response:
        if request.method == "POST":
            return await self._decide(request)
        item, student = request.path_params["item"], request.path_params["student"]
        names, done = bool(_names(request)), request.query_params.get("done", "")

        def page() -> str:
            problem = self._pages.problem(item)
            number = int(done) if done.isascii() and done.isdigit() and len(done) < 10 else 0
            notice = self._pages.kept(number, problem, names) if number else None
            return self._pages.item(problem, student, names, notice)

        return HTMLResponse(await self._desk(page))

    # -- decisions ---------------------------------------------------------------------------

    async def _decide(self, request: Request) -> Response:
        item, student = request.path_params["item"], request.path_params["student"]
        form, names = await self._form(request), _names(request)
        said = Said(
            one(form, "points"), one(form, "reason"), one(form, "comment"),
            tuple(form.get("bank", ())), one(form, "seen"), one(form, "adjusted"),
        )  # fmt: skip
        action, which = one(form, "action"), one(form, "toggle") or one(form, "nth").strip()

        def decide() -> tuple[str, Decision | None] | Response:
            problem = self._pages.problem(item)
            place = self.desk.seen().place(problem, student)
            try:
                if action == "undo":
                    number = one(form, "number")
                    known = number.isascii() and number.isdigit() and len(number) < 10
                    return student, self.desk.undo(place, problem, int(number) if known else -1)
                if which:
                    return student, self.desk.toggle(place, problem, said, which)
                if action == "back":
                    return student, self.desk.back(place, problem, said)
                if action == "none":
                    return student, self.desk.none_met(place, problem, said)
                kept = self._judged_or_decided(place, problem, said)
                if action == "next":
                    return place.next_waiting or place.after or student, kept
                return student, kept
            except GraderError as error:
                notice = Notice(self._pages.said(error), wrong=True)
                page = self._pages.item(problem, student, bool(names), notice, said)
                return HTMLResponse(page, 409 if isinstance(error, UsageError) else 503)

        found = await self._desk(decide)
        if isinstance(found, Response):
            return found
        self.writer.ask()
        where, decision = found
        at = f"/item/{item}/{where}{names}"
        if decision is None:
            return RedirectResponse(at, 303)
        return RedirectResponse(f"{at}{'&' if names else '?'}done={decision.number}", 303)

    def _judged_or_decided(self, place: Place, problem: Problem, said: Said) -> Decision | None:
        """What a form says of a work; None where there is nothing to keep, since criteria are kept at once."""
        if not self.desk.rubric(problem).criteria:
            return self.desk.decide(place, problem, said)
        return self.desk.adjust(place, problem, said)

    async def _rubric(self, request: Request) -> Response:
        """The rubric of a problem, and what becomes of it: at once where nobody's points change, else when the
        same form comes again from the page that showed whose.
        """
        item, names = request.path_params["item"], _names(request)
        back = request.query_params.get("from", "")
        if request.method == "GET":
            return HTMLResponse(
                await self._desk(lambda: self._pages.rubric(self._pages.problem(item), names, back))
            )
        form = await self._form(request)
        edit = Edit(*(one(form, name) for name in ("what", "id", "points", "ja", "en", "way")))
        seen, shown = one(form, "seen"), one(form, "shown")

        def revise() -> Response | None:
            problem = self._pages.problem(item)
            try:
                revision = self.desk.revision(problem, edit, seen)
                impact = self._pages.impact_of(revision)
                if revision.changes and not same(shown, impact):
                    page = self._pages.revision(problem, edit, revision, names, back, bool(shown))
                    return HTMLResponse(page, 409 if shown else 200)
                self.desk.revise(problem, revision)
            except GraderError as error:
                notice = Notice(self._pages.said(error), wrong=True)
                page = self._pages.rubric(problem, names, back, notice, edit)
                return HTMLResponse(page, 409 if isinstance(error, UsageError) else 503)
            return None

        answer = await self._desk(revise)
        if answer is not None:
            return answer
        self.writer.ask()
        student = back if back.isalnum() and back.isascii() else ""
        if student:
            return RedirectResponse(f"/item/{item}/{student}{names}", 303)
        return RedirectResponse(f"/item/{item}/rubric{names}", 303)

    async def _worth(self, request: Request) -> Response:
        item, form = request.path_params["item"], await self._form(request)

        def decide() -> Decision:
            return self.desk.worth(self._pages.problem(item), one(form, "points"))

        await self._desk(decide)
        self.writer.ask()
        return RedirectResponse(f"/item/{item}{_names(request)}", 303)

    async def _publish(self, request: Request) -> Response:
        if request.method == "GET":
            return HTMLResponse(await self._desk(self._pages.publish))
        form = await self._form(request)
        try:
            done = await asyncio.to_thread(self.writer.publish, self.desk.by, one(form, "note"))
        except GraderError as error:
            notice = Notice(self._pages.said(error), wrong=True)
            page = await self._desk(lambda: self._pages.publish(notice))
            return HTMLResponse(page, 409 if isinstance(error, UsageError) else 503)
        said = M("published {at}: {n} marks; from now on only people's decisions, new hand-ins and "
                 "`regrade --apply` change them", at=done.publication.at, n=done.marks)  # fmt: skip
        text = " ".join(self._pages.said(line) for line in (said, *done.put_aside))
        return HTMLResponse(await self._desk(lambda: self._pages.publish(Notice(text))))

    async def _regrade(self, request: Request) -> Response:
        """Another grading beside the one that counts; it counts when it comes back from the page that showed it."""
        if request.method == "GET":
            never = request.query_params.get("never_lower") == "1"
            return HTMLResponse(await self._desk(lambda: self._pages.regrade(never)))
        form = await self._form(request)
        never, shown = one(form, "never_lower") == "1", one(form, "shown")
        try:
            changed = await asyncio.to_thread(self.writer.regrade, self.desk.by, never, shown)
        except GraderError as error:
            notice = Notice(self._pages.said(error), wrong=True)
            page = await self._desk(lambda: self._pages.regrade(never, notice))
            return HTMLResponse(page, 409 if isinstance(error, UsageError) else 503)
        await self._desk(self.desk.renew)
        said = M(
            "applied: {n} changed; the history of each mark tells what counted before", n=changed
        )
        notice = Notice(self._pages.said(said))
        return HTMLResponse(await self._desk(lambda: self._pages.regrade(False, notice)))

    async def _form(self, request: Request) -> Form:
        """The fields of a form of ours, which has its secret in it.

        Raises:
            HTTPException: it is none, or too much.
        """
        form = await form_of(request)
        if not same(one(form, "form"), self.keys.form):
            raise HTTPException(403)
        return form

    # -- what goes wrong -----------------------------------------------------------------------

    async def _http(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        said = {
            403: M("this form is of another start of `scratchgrade review`; open the page again"),
            404: M("there is no such page"),
            405: M("there is no such page"),
            413: M("this is more than a form may have in it; nothing was decided"),
        }.get(status, M("this is no form of these pages; nothing was decided"))
        return await self._told(status, said)

    async def _gone(self, request: Request, error: Exception) -> Response:
        return await self._told(
            404, M("this is not in the class (any more): an address is good for one start only")
        )

    async def _fault(self, request: Request, error: Exception) -> Response:
        status = 409 if isinstance(error, UsageError) else 503
        said = error if isinstance(error, GraderError) else Message(str(error))
        return await self._told(status, said)

    async def _told(self, status: int, said: Bilingual) -> Response:
        text = self._pages.said(said)
        return HTMLResponse(await self._desk(lambda: self._pages.message(text)), status)


def _names(request: Request) -> str:
    """What an address goes on with where names are shown."""
    return "?names=1" if request.query_params.get("names") == "1" else ""
