"""The fields of a form, within bounds."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request

_MOST_BODY = 64 * 1024
_MOST_FIELDS = 100
Form = dict[str, list[str]]


async def form_of(request: Request) -> Form:
    """The fields of a form without files.

    Raises:
        HTTPException: it is none, or too much.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(415)
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_BODY:
            raise HTTPException(413)
    try:
        return parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise HTTPException(400) from error


def one(form: Form, name: str) -> str:
    """A field of a form, "" where it has none."""
    return form.get(name, [""])[-1]
