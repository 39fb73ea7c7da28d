"""What every answer carries, and what is asked of a request that changes something.

What changes something has to come from a page of ours (the browser's word on the origin, and a secret in the
form), so that no other page that somebody has open can do it.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

CSP = "Content-Security-Policy"
# Styles in attributes are those of heat maps, which our own templates make; no script is inline.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    CSP: POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with none, a browser would tell no origin of a form either
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
SAFE = ("GET", "HEAD")
"""Methods that change nothing."""


def carrying(send: Send) -> Send:
    """The same, with our headers on every answer that has none of its own."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sent


def same(one: str, other: str) -> bool:
    """Whether two secrets are the same, in a time that tells nothing."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def cookies(headers: Mapping[str, str]) -> dict[str, str]:
    """The cookies of a request; none where they can't be read."""
    try:
        return {name: one.value for name, one in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}


def is_ours(headers: Mapping[str, str], origin: str) -> bool:
    """Whether the browser says that a page of `origin` sent it; what says nothing has the form's secret."""
    told = headers.get("origin")
    if told is not None:
        return told.casefold() == origin.casefold()
    return headers.get("sec-fetch-site", "same-origin") == "same-origin"
