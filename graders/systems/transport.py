"""Requests to a learning system: one after another, repeated where that helps, every fault one sentence.

By the standard library: a few requests one after another need no more. No redirect is followed, for a token
must not go where nobody said; certificates are checked; answers have a size and a time.
"""

from __future__ import annotations

import json
import re
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message as Headers
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import IO, Any
from urllib.parse import urlencode, urlsplit

from graders import __version__
from graders.errors import GraderError, UsageError
from graders.messages import M, Message, clean

_TRIES = 5
_LONGEST_WAIT = 120.0  # seconds that a system may ask us to wait, each time
_SECONDS = 30.0
_MOST_BYTES = 64 * 2**20
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_AGAIN = (429, 500, 502, 503, 504)


class SystemFault(GraderError):
    """A learning system refused, or can't be asked. `status`: of HTTP, 0 where there was none."""

    def __init__(self, said: Message, status: int = 0) -> None:
        super().__init__(said)
        self.status = status


@dataclass(frozen=True)
class Answer:
    """What came back. `data`: of its JSON."""

    status: int
    headers: Headers
    data: Any


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Any,
        newurl: str,
    ) -> None:
        return None


class Transport:
    """The way to one site. `token` is never in an error; `wait` sleeps.

    Raises (as every method):
        SystemFault: in one sentence.
    """

    def __init__(
        self, site: str, token: str, where: str, headers: Mapping[str, str],
        wait: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        self.site, self._token, self._where, self._wait = site, token, where, wait
        self._headers = {
            "User-Agent": f"scratchgrade/{__version__}", "Accept": "application/json", **headers,
        }  # fmt: skip
        context = ssl.create_default_context()
        self._opener = urllib.request.build_opener(
            _NoRedirect, urllib.request.HTTPSHandler(context=context)
        )

    def ask(
        self, method: str, url: str, fields: Sequence[tuple[str, str]] = (),
        limited: Callable[[int, str], bool] = lambda status, body: False,
    ) -> Answer:  # fmt: skip
        """One answer. Every request of ours may be repeated: what is asked twice is done once. `limited`:
        tells other answers that ask us to wait.
        """
        if urlsplit(url)[:2] != urlsplit(self.site)[:2]:
            raise SystemFault(
                M("{site}: it sends us to another site, where the token must not go; nothing more was asked",
                  site=self.site)
            )  # fmt: skip
        for number in range(1, _TRIES + 1):
            last = number == _TRIES
            try:
                status, headers, body = self._once(method, url, fields)
            except (OSError, HTTPException) as error:
                if last:
                    raise self._unreachable(error) from error
                self._wait(2.0 ** (number - 1))
                continue
            if status in _AGAIN or limited(status, body):
                if last:
                    raise self._busy(status)
                self._wait(_asked(headers, 2.0 ** (number - 1)))
                continue
            if status >= 300:
                raise self._refused(status, body)
            try:
                return Answer(status, headers, json.loads(body) if body.strip() else None)
            except ValueError as error:
                raise SystemFault(
                    M(
                        "{site}: it answers with what is no JSON; is this its address?",
                        site=self.site,
                    )
                ) from error
        raise AssertionError("the last try returns or raises")

    def _once(
        self, method: str, url: str, fields: Sequence[tuple[str, str]]
    ) -> tuple[int, Headers, str]:
        data = urlencode(fields).encode() if fields else None
        request = urllib.request.Request(url, data=data, method=method, headers=self._headers)
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                return int(answer.status), answer.headers, _text(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, _text(error)

    def _unreachable(self, error: Exception) -> SystemFault:
        why = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        return SystemFault(
            M("{site}: can't be reached ({why}); what was sent is kept, the same command goes on",
              site=self.site, why=self.said(why))
        )  # fmt: skip

    def _busy(self, status: int) -> SystemFault:
        if status in (403, 429):
            said = M("{site}: too many requests, also after waiting; what was sent is kept, the same command "
                     "goes on later", site=self.site)  # fmt: skip
        else:
            said = M("{site}: it fails ({status}), also when asked again; what was sent is kept, the same "
                     "command goes on later", site=self.site, status=status)  # fmt: skip
        return SystemFault(said, status)

    def _refused(self, status: int, body: str) -> SystemFault:
        why = self.said(_why(body))
        if status == 401:
            said = M("{site}: the token is not accepted; make a new one there and put it into {where}",
                     site=self.site, where=self._where)  # fmt: skip
        elif status == 403:
            said = M("{site}: whose token it is may not do this there ({why}); use a teacher's",
                     site=self.site, why=why)  # fmt: skip
        elif status == 404:
            said = M("{site}: there is no such course or assignment for whose token it is; look at the address",
                     site=self.site)  # fmt: skip
        elif 300 <= status < 400:
            said = M("{site}: it sends us elsewhere ({status}), where the token must not go; give the address "
                     "that the browser shows in the end", site=self.site, status=status)  # fmt: skip
        else:
            said = M("{site}: it refuses ({status}: {why})", site=self.site, status=status, why=why)
        return SystemFault(said, status)

    def said(self, text: object) -> str:
        """Something of the system's, fit to be shown: one line, and never the token."""
        return clean(str(text).replace(self._token, "***"), 200)


def _text(answer: Any) -> str:
    body = answer.read(_MOST_BYTES + 1)
    if len(body) > _MOST_BYTES:
        raise OSError("more than an answer may have in it")
    return str(body.decode("utf-8", "replace"))


def _asked(headers: Headers, otherwise: float) -> float:
    """How long we are to wait, in seconds."""
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,6}(\.\d+)?", text):
        return min(float(text), _LONGEST_WAIT)
    try:
        when = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return otherwise
    left = (when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(left, 0.0), _LONGEST_WAIT)


def _why(body: str) -> str:
    """What a refusal says in its JSON."""
    try:
        told = json.loads(body)
    except ValueError:
        return ""
    if isinstance(told, dict):
        errors = told.get("errors") or told.get("message") or ""
        if isinstance(errors, list) and errors and isinstance(errors[0], dict):
            errors = errors[0].get("message", "")
        return str(errors) if isinstance(errors, str | int) else json.dumps(errors)
    return ""


def site_of(text: str, rest: str, example: str) -> re.Match[str]:
    """The parts of an assignment's address: ``site``, and what the pattern `rest` names.

    Raises:
        UsageError: it is none, or not encrypted.
    """
    found = re.fullmatch(rf"(?P<site>https?://[^/?#@\s]+(?:/[^?#\s]*?)?){rest}", text.strip())
    if found is None:
        raise UsageError(
            M("--at {text}: no address of an assignment; give it as the browser shows it: {example}",
              text=text, example=example)
        )  # fmt: skip
    parts = urlsplit(found["site"])
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise UsageError(
            M("--at {text}: not encrypted; the token must not go there, use https", text=text)
        )
    return found
