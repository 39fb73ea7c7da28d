"""What a class's folder lays down for handing in: ``hand-in.yaml``."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from graders.errors import UsageError
from graders.messages import M
from graders.options import OPTIONS, Option, fields
from graders.specs.document import Document, validate_with
from graders.times import Precision, moment
from graders.web.addresses import is_loopback

FILE = "hand-in.yaml"
ATTEMPTS = 50
MIB = 10
_MIB = 2**20
# What a grading of a class has no use for, or what goes with the class's folder.
_OTHERS = ("report", "secret")


@dataclass(frozen=True)
class Provider:
    """A login by OpenID Connect. `claim`: of what it tells, what the roster is looked up by."""

    issuer: str
    client_id: str
    secret: str
    claim: str = "email"


@dataclass(frozen=True)
class Settings:
    """A class's settings. `due`: what comes later is late; `closes`: nothing is taken after it; `attempts`: how
    often a student may hand in; `size`: bytes of a file; `address`: where students reach the page, if not at the
    server's own address; `grading`: fields of a `Request`; `login`: the university's.
    """

    title: str
    roster: Path
    due: datetime | None = None
    closes: datetime | None = None
    attempts: int = ATTEMPTS
    size: int = MIB * _MIB
    instructors: tuple[str, ...] = ()
    address: str = ""
    grading: dict[str, Any] = field(default_factory=dict)
    login: Provider | None = None

    def is_late(self, at: str) -> bool:
        """Whether what came at a time (as the ledger has it) came after the due date."""
        return self.due is not None and datetime.fromisoformat(at) > self.due

    def is_closed(self) -> bool:
        """Whether nothing is taken any more."""
        return self.closes is not None and datetime.now(UTC) > self.closes


def read_settings(folder: Path) -> Settings:
    """The settings in a class's folder.

    Raises:
        UsageError: there is no such folder, or no settings in it.
        SpecError: they are malformed; the message has file, line and key.
    """
    if not folder.is_dir():
        raise UsageError(M("{folder}: no such folder; make it, with {file} and the class's roster in it",
                           folder=str(folder), file=FILE))  # fmt: skip
    file = folder / FILE
    if not file.is_file():
        raise UsageError(
            M("{folder}: no {file} in it; write one that says at least `roster: roster.csv`",
              folder=str(folder), file=FILE)
        )  # fmt: skip
    document = Document(file, times=True)
    validate_with(document, _schema(), document.data)
    raw = document.data
    roster = folder / raw["roster"]
    if not roster.is_file():
        raise document.error(("roster",), f"no such file: {roster}")
    size = raw.get("size_mib", MIB)
    if not math.isfinite(size):  # a schema lets NaN through every bound
        raise document.error(("size_mib",), f"{size} is no number of MiB")
    due, closes = (_time(document, key) for key in ("due", "closes"))
    if due is not None and closes is not None and closes < due:
        raise document.error(("closes",), "it would close before it is due")
    return Settings(
        raw.get("title", folder.resolve().name), roster, due, closes,
        raw.get("attempts", ATTEMPTS), int(size * _MIB),
        tuple(raw.get("instructors", ())), _address(document),
        dict(_grading(document, folder)), _login(document, folder),
    )  # fmt: skip


def _options() -> Iterator[Option]:
    return (one for one in OPTIONS if not one.field.startswith(_OTHERS))


def _schema() -> dict[str, Any]:
    line = {"type": "string", "minLength": 1, "maxLength": 200}
    grading: dict[str, Any] = {}
    for one in _options():
        kinds: dict[type | None, str] = {float: "number", int: "integer"}
        kind = "boolean" if one.switch else kinds.get(one.type, "string")
        name = one.flag.removeprefix("--")
        grading[name] = {"enum": list(one.choices)} if one.choices else {"type": kind}
    return {
        "type": "object",
        "required": ["roster"],
        "properties": {
            "title": line,
            "roster": line,
            "due": {"type": "string"},
            "closes": {"type": "string"},
            "attempts": {"type": "integer", "minimum": 1, "maximum": 1_000},
            "size_mib": {"type": "number", "exclusiveMinimum": 0, "maximum": 100},
            "instructors": {"type": "array", "maxItems": 100, "uniqueItems": True, "items": line},
            "address": line,
            "grading": {"type": "object", "properties": grading, "additionalProperties": False},
            "login": {
                "type": "object",
                "required": ["issuer", "client_id", "secret_file"],
                "properties": dict.fromkeys(("issuer", "client_id", "secret_file", "claim"), line),
                "additionalProperties": False,
            },
        },
        "additionalProperties": False,
    }


def _time(document: Document, key: str) -> datetime | None:
    """A moment. A day alone, or a time without its zone, would be another moment elsewhere."""
    text = document.data.get(key)
    if text is None:
        return None
    found = moment(text)
    if found is None or found.offset is None or found.precision is Precision.DAY:
        raise document.error(
            (key,), f"{text!r} is no day and time with its zone, such as 2027-01-15T23:59+09:00"
        )
    return found.end(found.offset)  # what is due at a minute is due when that is over


def _login(document: Document, folder: Path) -> Provider | None:
    given: dict[str, str] | None = document.data.get("login")
    if given is None:
        return None
    if not document.data.get("address"):
        raise document.error(("login",), "a login has to lead back: say under address where to")
    issuer = given["issuer"].rstrip("/")
    parts = urlsplit(issuer)
    if parts.scheme != "https" and not (
        parts.scheme == "http" and is_loopback(parts.hostname or "")
    ):
        raise document.error(
            ("login", "issuer"), f"{issuer!r} is no address that begins with https://"
        )
    file = folder / given["secret_file"]
    try:
        secret = file.read_text(encoding="utf-8").strip()
        shared = file.stat().st_mode & 0o077
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no text"
        raise document.error(("login", "secret_file"), f"{file} can't be read: {why}") from error
    if shared or not secret:
        problem = "others can read it; chmod 600 it" if shared else "it is empty"
        raise document.error(("login", "secret_file"), f"{file}: {problem}")
    return Provider(issuer, given["client_id"], secret, given.get("claim", "email"))


def _address(document: Document) -> str:
    text = str(document.data.get("address", "")).rstrip("/")
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        good = False
    if not good or text != f"{parts.scheme}://{parts.netloc}" or "@" in parts.netloc:
        raise document.error(
            ("address",),
            f"{text!r} is no address such as https://hand-in.example.org (without a path)",
        )
    return text.lower()


def _grading(document: Document, folder: Path) -> Iterator[tuple[str, Any]]:
    """Fields of a `Request`; files are found from the class's folder."""
    given: dict[str, Any] = document.data.get("grading", {})
    for one in _options():
        name = one.flag.removeprefix("--")
        if name not in given:
            continue
        value = given[name]
        if one.type is Path:
            value = folder / value
            if not value.exists():
                raise document.error(("grading", name), f"no such file or folder: {value}")
        elif one.field == "plugin":
            value = ",".join(
                str(folder / part) if part.endswith(".py") else part for part in value.split(",")
            )
        yield from fields({one.dest: value}).items()
