"""Who handed in what, in Gradescope's ``submission_metadata.yml``: read as strings, within limits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import yaml

from graders import times
from graders.batch.model import Part, Student
from graders.errors import UsageError
from graders.messages import clean
from graders.submission.archive import content, opened

FILE = "submission_metadata.yml"
_MAX_BYTES = 16 * 2**20
_MAX_DEPTH = 30
_MAX_EVENTS = 2_000_000  # of a file of that size about a second's worth
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAGS = frozenset(
    f"tag:yaml.org,2002:{t}" for t in "str int float bool null timestamp map seq".split()
)


class Refused(ValueError):
    """The text is more than a table of names: why, in a few words."""


class Described(NamedTuple):
    """What is said of a folder: whose it is, which attempt, when it was handed in (`times.kept`)."""

    student: Student
    attempt: int = 0
    submitted: str = ""


def read_students(described: Part) -> dict[str, Described]:
    """What is said of folders, by their names: several who hand in together are one student.

    Raises:
        UsageError: it can't be read, or is more than a table of names (too large or too deep,
            aliases, tags).
    """
    try:
        data = _data(_text(described))
    except (yaml.YAMLError, OSError, ValueError) as error:
        said = clean(error, 200)
        raise UsageError(f"{described.path}: {FILE} can't be read ({said})") from error
    found = {}
    for name, entry in data.items() if isinstance(data, dict) else ():
        submitters = _get(entry, "submitters")
        who = submitters if isinstance(submitters, list) else []
        names = ", ".join(n for n in (_word(s, "name") for s in who) if n)
        first = who[0] if who else None
        student = Student(names, _word(first, "sid"), _word(first, "email"))
        attempt = _attempt(str(name), _get(entry, "history"))
        found[name] = Described(student, attempt, times.kept(_word(entry, "created_at")))
    return found


def _attempt(name: str, history: object) -> int:
    """How often something was handed in: what is there, and what its history names besides."""
    past = history if isinstance(history, list) else []
    ids = {_word(one, "id") for one in past} - {"", name.removeprefix("submission_")}
    return len(ids) + 1


def _get(entry: object, key: str) -> object:
    """A value under a key as Gradescope writes it (a Ruby symbol) or without the colon."""
    return entry.get(f":{key}", entry.get(key)) if isinstance(entry, dict) else None


def _word(entry: object, key: str) -> str:
    value = _get(entry, key)
    return value if isinstance(value, str) else ""


def _text(part: Part) -> bytes:
    if part.member:
        with opened(part.path) as archive:
            pieces = content(archive, archive.getinfo(part.member), part.path)
            text = b"".join(_capped(pieces))
    else:
        with part.path.open("rb") as file:
            text = file.read(_MAX_BYTES + 1)
    if len(text) > _MAX_BYTES:
        raise Refused(f"larger than {_MAX_BYTES // 2**20} MiB")
    return text


def _capped(pieces: Iterable[bytes]) -> Iterable[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        yield piece
        if size > _MAX_BYTES:
            return


def _line(event: yaml.Event) -> str:
    return f"line {event.start_mark.line + 1}" if event.start_mark else "somewhere"


def _data(text: bytes) -> object:
    """What the text says, every scalar as a string: one pass over its events, no recursion.

    Nothing is constructed by a tag and nothing multiplied by an alias.
    """
    top: list[Any] = []
    around: list[Any] = [top]
    keys: list[str | None] = [None]  # of each collection: the key whose value comes next
    for number, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        if number > _MAX_EVENTS:
            raise Refused("more values than a class has")
        if isinstance(event, yaml.AliasEvent):
            raise Refused(f"{_line(event)}: an alias (*{event.anchor})")
        if isinstance(event, yaml.CollectionEndEvent):
            around.pop()
            keys.pop()
            continue
        if not isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            continue
        if event.tag is not None and event.tag not in _TAGS:
            raise Refused(f"{_line(event)}: the tag {event.tag}")
        value: Any = None
        if isinstance(event, yaml.ScalarEvent):
            nothing = event.implicit[0] and event.value in ("", "~", "null")
            value = None if nothing else event.value
        else:
            value = {} if isinstance(event, yaml.MappingStartEvent) else []
        here = around[-1]
        if isinstance(here, list):
            here.append(value)
        elif keys[-1] is None:
            if not isinstance(event, yaml.ScalarEvent):
                raise Refused(f"{_line(event)}: a key that is no word")
            keys[-1] = event.value
            continue
        else:
            here[keys[-1]] = value
            keys[-1] = None
        if isinstance(event, yaml.CollectionStartEvent):
            around.append(value)
            keys.append(None)
            if len(around) > _MAX_DEPTH:
                raise Refused(f"{_line(event)}: too deeply nested")
    return top[0] if top else None
