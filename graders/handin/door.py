"""Who comes in: by a cookie that a personal link was traded for, or by what a trusted reverse proxy says.

All is closed but what stands here as open; what a student may not see is not there for them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from itsdangerous import BadSignature, TimestampSigner
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from graders.handin.pages import Pages, Visitor
from graders.handin.people import Directory, Person, Role
from graders.handin.rates import Rates
from graders.messages import Bilingual, Language, M
from graders.web.headers import SAFE, carrying, cookies, is_ours

SESSION_SECONDS = 30 * 24 * 3600
_LANGUAGE = "scratchgrade-language"
_OPEN = ("/static/", "/in/", "/language/", "/login/")
_OF_INSTRUCTORS, _OF_STUDENTS = "/class/", "/attempt/"
_MOST, _SECONDS = 600, 60.0  # requests of one person


@dataclass(frozen=True)
class Proxy:
    """A reverse proxy that says who has logged in: in which header, and from which address alone it counts."""

    header: str
    address: str


class Door:
    """Lets requests through to the pages. `origins`: the server's addresses as a browser has them."""

    def __init__(
        self, app: ASGIApp, directory: Callable[[], Awaitable[Directory]], pages: Pages,
        sessions: Sessions, origins: frozenset[str], proxy: Proxy | None,
    ) -> None:  # fmt: skip
        self._app, self._directory, self._pages = app, directory, pages
        self._sessions, self._proxy = sessions, proxy
        self._origins = {origin.partition("://")[2]: origin for origin in origins}
        self._rates = Rates(_MOST, _SECONDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        language = language_of(headers)
        scope.setdefault("state", {})["language"] = language
        answer = await self._refused(scope, headers, language)
        await (answer or self._app)(scope, receive, carrying(send))

    async def _refused(self, scope: Scope, headers: Headers, language: Language) -> Response | None:
        """The answer to a request that doesn't come in; None for one that does, with its visitor noted."""
        origin = self._origins.get(headers.get("host", "").casefold())
        if origin is None:
            # Another name that was made to lead here: its pages are not ours.
            said = M("this is not an address of the hand-in page").in_language(language)
            return PlainTextResponse(said + "\n", 400)
        if scope["method"] not in SAFE and not is_ours(headers, origin):
            return self._say(
                403, M("this was sent by a page from elsewhere; nothing was kept"), language
            )
        directory = await self._directory()
        scope["state"]["directory"] = directory
        path: str = scope["path"]
        if f"{path}/".startswith(_OPEN):
            return None
        person = self._person(scope, headers, directory)
        if person is None:
            return self._say(
                403, M("Open your personal link: you have it from your instructor. It may have been replaced by "
                       "a new one."), language
            )  # fmt: skip
        if (seconds := self._rates.wait(f"{person.role}{person.key}")) > 0:
            answer = self._say(429, M("too much at once; come again in {n} s", n=seconds), language)
            answer.headers["Retry-After"] = str(seconds)
            return answer
        visitor = Visitor(person, directory, language)
        theirs = _OF_STUDENTS if person.role is Role.INSTRUCTOR else _OF_INSTRUCTORS
        if f"{path}/".startswith(theirs):
            return HTMLResponse(
                self._pages.message(NO_PAGE.in_language(language), language, visitor), 404
            )
        scope["state"]["visitor"] = visitor
        return None

    def _person(self, scope: Scope, headers: Headers, directory: Directory) -> Person | None:
        if self._proxy is not None and (scope.get("client") or ("",))[0] == self._proxy.address:
            told = headers.getlist(self._proxy.header)
            if told:  # one that a browser added besides is no one's
                return directory.by_name(told[0]) if len(told) == 1 else None
        return self._sessions.person(headers, directory)

    def _say(self, status: int, said: Bilingual, language: Language) -> Response:
        return HTMLResponse(self._pages.message(said.in_language(language), language), status)


class Sessions:
    """Cookies of who came in by a link. `secure`: pages are reached by https alone."""

    def __init__(self, port: int, secure: bool) -> None:
        self._secure = secure
        self._name = "__Host-scratchgrade" if secure else f"scratchgrade-hand-in-{port}"

    def begin(self, answer: Response, person: Person, directory: Directory) -> None:
        """Give a cookie to who came by a link."""
        value = _signer(directory).sign(directory.handle(person)).decode()
        # Lax: who follows the link from a mail is in at once; nothing that changes something is sent along.
        answer.set_cookie(
            self._name, value, max_age=SESSION_SECONDS, httponly=True, samesite="lax", path="/",
            secure=self._secure,
        )  # fmt: skip

    def end(self, answer: Response) -> None:
        """Take it back."""
        answer.delete_cookie(
            self._name, path="/", httponly=True, samesite="lax", secure=self._secure
        )

    def person(self, headers: Headers, directory: Directory) -> Person | None:
        """Whose cookie it is, as long as their link counts."""
        try:
            value = cookies(headers).get(self._name, "")
            handle = _signer(directory).unsign(value, max_age=SESSION_SECONDS).decode()
        except (BadSignature, UnicodeError):
            return None
        return directory.by_handle(handle)


def _signer(directory: Directory) -> TimestampSigner:
    return TimestampSigner(directory.cookie_key(), salt="session")


NO_PAGE = M("there is no such page")


def language_of(headers: Headers) -> Language:
    """The language that was chosen on these pages, else the one that the browser asks for first."""
    chosen = cookies(headers).get(_LANGUAGE, "")
    if chosen in ("ja", "en"):
        return "ja" if chosen == "ja" else "en"
    asked = headers.get("accept-language", "").strip().casefold()
    return "ja" if asked.startswith("ja") else "en"


def choose_language(answer: Response, language: Language, secure: bool) -> None:
    """Keep the language that was chosen."""
    answer.set_cookie(
        _LANGUAGE, language, max_age=SESSION_SECONDS, samesite="lax", path="/", secure=secure
    )
