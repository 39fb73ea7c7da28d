"""Who comes in, and what every answer carries: the address's token, a cookie, and a strict policy.

The token is in the address that is printed, as Jupyter has it; it is traded for a cookie at once, so that
it stands in no page's address.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from graders.messages import Language, M
from graders.web.headers import SAFE, carrying, cookies, is_ours, same


@dataclass(frozen=True)
class Keys:
    """The secrets of one run: in the address, in the cookie, in forms, and what handles are made with."""

    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    session: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    form: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    handles: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def handle(self, *parts: str) -> str:
        """What stands for a name in an address: it tells nothing of it and leads to no file."""
        text = "\0".join(parts).encode("utf-8", "surrogatepass")
        return hmac.new(self.handles, text, "sha256").hexdigest()[:20]


class Door:
    """Lets requests through to the pages. `hosts`: the names that this machine has here; None for any."""

    def __init__(
        self, app: ASGIApp, keys: Keys, cookie: str, hosts: frozenset[str] | None, language: Language
    ) -> None:  # fmt: skip
        self._app, self._keys, self._cookie = app, keys, cookie
        self._hosts, self._language = hosts, language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return

        refused = self._refused(scope)
        await (refused or self._app)(scope, receive, carrying(send))

    def _refused(self, scope: Scope) -> Response | None:
        """The answer to a request that doesn't come in; None for one that does."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self._hosts is not None and host.casefold() not in self._hosts:
            # Another name that was made to lead here: its pages are not ours.
            return self._say(400, M("this address is not one of this machine's own"))
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        given = query.get("token", [""])[-1]
        if given and scope["method"] in SAFE:
            if not same(given, self._keys.token):
                return self._say(403, _ADDRESS)
            answer = RedirectResponse(scope["path"], status_code=303)
            answer.set_cookie(
                self._cookie, self._keys.session, httponly=True, samesite="strict", path="/"
            )
            return answer
        if not same(cookies(headers).get(self._cookie, ""), self._keys.session):
            return self._say(403, _ADDRESS)
        if scope["method"] not in SAFE and not is_ours(headers, f"http://{host}"):
            return self._say(403, M("this was sent by a page from elsewhere; nothing was decided"))
        return None

    def _say(self, status: int, message: object) -> Response:
        said = message.in_language(self._language) if hasattr(message, "in_language") else ""
        return PlainTextResponse(said + "\n", status)


_ADDRESS = M(
    "open the whole address that `scratchgrade review` printed, with its token; each start has a new one"
)
