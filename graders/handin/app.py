"""The routes: an address in, a page out; the class is read and added to in one thread, one after another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from starlette.applications import Starlette
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Message

from graders.errors import GraderError, SubmissionError, UsageError
from graders.handin import pages
from graders.handin.desk import Attempt, Desk, Gone
from graders.handin.door import NO_PAGE, Sessions, choose_language
from graders.handin.keeping import kind_of, shown_name
from graders.handin.pages import Notice, Pages, Visitor
from graders.handin.people import Person, Role
from graders.handin.rates import Rates
from graders.messages import Bilingual, Language, M
from graders.messages import Message as Sentence
from graders.web.assets import asset
from graders.web.forms import form_of, one
from graders.web.headers import same

if TYPE_CHECKING:  # an extra of its own
    from graders.handin.login import Login

_MORE = 64 * 1024  # bytes of a form besides its file
_DRAINED = (
    4  # times the size that is taken: of so much the rest is read, so that its sender is told
)
_LONGEST = 120.0  # seconds until a file is here
_OFTEN, _WITHIN = 6, 60.0  # hand-ins of one student
_T = TypeVar("_T")


@dataclass
class HandIn:
    """What the routes work on. `thread`: the one thread in which the desk was made."""

    desk: Desk
    pages: Pages
    thread: ThreadPoolExecutor
    sessions: Sessions
    secure: bool
    login: Login | None = None
    _rates: Rates = field(default_factory=lambda: Rates(_OFTEN, _WITHIN))

    def app(self) -> Starlette:
        """The application, to be put behind a `Door`."""
        routes = [
            Route("/", self._first),
            Route("/", self._hand_in, methods=["POST"]),
            Route("/in/{link}", self._come_in),
            Route("/out", self._leave, methods=["POST"]),
            Route("/language/{language}", self._language),
            Route("/class", self._class),
            Route("/class/{handle}", self._student),
            Route("/static/hand-in.css", asset(pages.style, "text/css")),
            Route("/static/hand-in.js", asset(pages.script, "text/javascript")),
        ]
        if self.login is not None:
            routes += [Route("/login", self._login), Route("/login/back", self._back)]
        for base in ("", "/class/{handle}"):
            routes += [
                Route(f"{base}/attempt/{{number}}", self._attempt),
                Route(f"{base}/attempt/{{number}}/state", self._state),
                Route(f"{base}/attempt/{{number}}/file", self._file),
            ]
        found = Starlette(
            routes=routes,
            exception_handlers={
                HTTPException: self._http, Gone: self._gone, GraderError: self._fault,
                ClientDisconnect: self._gone,
            },
        )  # fmt: skip
        found.router.redirect_slashes = False  # an address is one of ours, or there is no such page
        return found

    async def on_desk(self, work: Callable[[], _T]) -> _T:
        """Do something in the desk's thread."""
        return await asyncio.get_running_loop().run_in_executor(self.thread, work)

    # -- coming and going ----------------------------------------------------------------------

    async def _come_in(self, request: Request) -> Response:
        directory = request.state.directory
        person = directory.by_link(request.path_params["link"])
        if person is None:
            said = M("This link does not count (any more); ask your instructor for yours.")
            return self._told(request, 403, said)
        answer = RedirectResponse("/", 303)
        self.sessions.begin(answer, person, directory)
        return answer

    async def _login(self, request: Request) -> Response:
        assert self.login is not None
        return await self.login.begin(request)

    async def _back(self, request: Request) -> Response:
        """From the login: in, if the roster has who it is."""
        assert self.login is not None
        directory = request.state.directory
        name = await self.login.name(request)
        person = directory.by_name(name) if name else None
        if person is None:
            said = M("The login does not lead to anybody in this class ({name}); ask your instructor.",
                     name=name or "-")  # fmt: skip
            return self._told(request, 403, said)
        answer = RedirectResponse("/", 303)
        self.sessions.begin(answer, person, directory)
        return answer

    async def _leave(self, request: Request) -> Response:
        visitor = _visitor(request)
        if not same(one(await form_of(request), "form"), visitor.directory.form(visitor.person)):
            raise HTTPException(403)
        said = M("You have left; your personal link leads back.")
        language = visitor.language
        answer = HTMLResponse(self.pages.message(said.in_language(language), language))
        self.sessions.end(answer)
        return answer

    async def _language(self, request: Request) -> Response:
        chosen = request.path_params["language"]
        if chosen not in ("ja", "en"):
            raise Gone
        answer = RedirectResponse("/", 303)
        choose_language(answer, "ja" if chosen == "ja" else "en", self.secure)
        return answer

    # -- pages -----------------------------------------------------------------------------------

    async def _first(self, request: Request) -> Response:
        visitor = _visitor(request)
        if visitor.person.role is Role.INSTRUCTOR:
            return RedirectResponse("/class", 303)
        return HTMLResponse(await self.on_desk(lambda: self.pages.mine(visitor)))

    async def _class(self, request: Request) -> Response:
        visitor = _visitor(request)
        return HTMLResponse(await self.on_desk(lambda: self.pages.the_class(visitor)))

    async def _student(self, request: Request) -> Response:
        visitor, person, _ = _whose(request)
        return HTMLResponse(await self.on_desk(lambda: self.pages.student(visitor, person)))

    async def _attempt(self, request: Request) -> Response:
        visitor, person, base = _whose(request)
        number = _number(request)

        def page() -> str:
            return self.pages.attempt(visitor, person, self.desk.attempt(person, number), base)

        return HTMLResponse(await self.on_desk(page))

    async def _state(self, request: Request) -> Response:
        visitor, person, _ = _whose(request)
        attempt = await self._asked(request, person)
        return JSONResponse(self.pages.state(attempt, visitor.language))

    async def _file(self, request: Request) -> Response:
        _, person, _ = _whose(request)
        attempt = await self._asked(request, person)
        place = self.desk.file(attempt)
        return FileResponse(
            place, media_type="application/octet-stream",
            filename=f"attempt-{attempt.number}{place.suffix}",
        )  # fmt: skip

    async def _asked(self, request: Request, person: Person) -> Attempt:
        number = _number(request)
        return await self.on_desk(lambda: self.desk.attempt(person, number))

    # -- handing in ------------------------------------------------------------------------------

    async def _hand_in(self, request: Request) -> Response:
        visitor = _visitor(request)
        if visitor.person.role is not Role.STUDENT:
            raise Gone
        if (seconds := self._rates.wait(visitor.person.key)) > 0:
            said = M(
                "that was often; hand in again in {n} s. Nothing was kept of this one.", n=seconds
            )
            answer = await self._mine(visitor, 429, said)
            answer.headers["Retry-After"] = str(seconds)
            return answer
        try:
            async with asyncio.timeout(_LONGEST):
                form = await self._form(request)
        except TimeoutError as error:
            raise HTTPException(408) from error
        try:
            if not same(str(form.get("form", "")), visitor.directory.form(visitor.person)):
                raise HTTPException(403)
            number = await self._kept(visitor.person, form)
        except GraderError as error:
            status = 422 if isinstance(error, SubmissionError) else 503
            return await self._mine(
                visitor, 409 if isinstance(error, UsageError) else status, error
            )
        finally:
            await form.close()
        return RedirectResponse(f"/attempt/{number}", 303)

    async def _kept(self, person: Person, form: FormData) -> int:
        """Keep what a form has in it; the attempt's number.

        Raises:
            GraderError: it can't be, and why.
        """
        why = await self.on_desk(lambda: self.desk.why_not(person))
        if why is not None:
            raise UsageError(why)
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise SubmissionError(M("choose a file first"))
        name, size = file.filename, file.size or 0
        if size > self.desk.settings.size:
            raise SubmissionError(self._too_large())
        kind = await asyncio.to_thread(kind_of, name, file.file)
        content = await asyncio.to_thread(self.desk.kept.keep, file.file, kind)
        return await self.on_desk(
            lambda: self.desk.hand_in(person, content, shown_name(name), size)
        )

    async def _form(self, request: Request) -> FormData:
        """The fields of the form and its file, which lies in a file for the time being.

        Raises:
            HTTPException: it is none, or too much.
        """
        if (
            request.headers.get("content-type", "").partition(";")[0].strip()
            != "multipart/form-data"
        ):
            raise HTTPException(415)
        most, came = self.desk.settings.size + _MORE, 0
        told = request.headers.get("content-length", "")
        if told.isascii() and told.isdigit() and int(told) > most:
            if int(told) <= _DRAINED * most:
                async for _ in request.stream():
                    pass
            raise HTTPException(413)

        async def counted() -> Message:
            nonlocal came
            message = await request.receive()
            came += len(message.get("body", b""))
            if came > most:
                raise HTTPException(413)
            return message

        return await Request(request.scope, counted).form(max_files=1, max_fields=5)

    async def _mine(self, visitor: Visitor, status: int, said: Bilingual) -> Response:
        notice = Notice(said.in_language(visitor.language), wrong=True)
        return HTMLResponse(await self.on_desk(lambda: self.pages.mine(visitor, notice)), status)

    def _too_large(self) -> Sentence:
        return M("larger than {size} MiB; take large outputs out (in Jupyter: clear all outputs) and hand it "
                 "in again", size=f"{self.desk.settings.size / 2**20:g}")  # fmt: skip

    # -- what goes wrong -------------------------------------------------------------------------

    async def _http(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        said: dict[int, Bilingual] = {
            403: M(
                "this form is not yours, or of an earlier link; open the page again. Nothing was kept."
            ),
            404: NO_PAGE,
            405: NO_PAGE,
            408: M("it took too long until the file was here; nothing was kept, hand it in again"),
            413: self._too_large(),
        }
        other = M("this is no form of these pages; nothing was kept")
        return self._told(request, status, said.get(status, other))

    async def _gone(self, request: Request, error: Exception) -> Response:
        return self._told(request, 404, NO_PAGE)

    async def _fault(self, request: Request, error: Exception) -> Response:
        said = error if isinstance(error, GraderError) else NO_PAGE
        return self._told(request, 409 if isinstance(error, UsageError) else 503, said)

    def _told(self, request: Request, status: int, said: Bilingual) -> Response:
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        language: Language = request.state.language
        page = self.pages.message(said.in_language(language), language, visitor)
        return HTMLResponse(page, status)


def _visitor(request: Request) -> Visitor:
    visitor: Visitor = request.state.visitor
    return visitor


def _whose(request: Request) -> tuple[Visitor, Person, str]:
    """Who asks, about which student, and with what that student's addresses begin; the `Door` has seen to it that
    students have no handle in theirs, and instructors have one. Raises `Gone`.
    """
    visitor = _visitor(request)
    handle = request.path_params.get("handle")
    if handle is None:
        return visitor, visitor.person, ""
    person = visitor.directory.by_handle(handle)
    if person is None or person.role is not Role.STUDENT:
        raise Gone
    return visitor, person, f"/class/{handle}"


def _number(request: Request) -> int:
    """The number in an address. Raises `Gone` where it is none."""
    text: str = request.path_params["number"]
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise Gone
    return int(text)
