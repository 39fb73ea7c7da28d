"""Whether data fits a JSON schema: yes, no, or not for this module to say.

What is wrong, and where, is `jsonschema`'s to find, which takes ten times as long. Nearly every file
that is loaded is right: that is told here. A keyword or value that is not among those below is left
to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_Check = Callable[[Any, Any, Mapping[str, Any], Mapping[str, Any]], bool]
_SAYS_NOTHING = frozenset(["$schema", "$id", "$defs", "title", "description"])


class Unsure(Exception):
    """A keyword or a value that is not looked at here."""


def fits(schema: Mapping[str, Any], data: Any) -> bool | None:
    """True or False as jsonschema (draft 2020-12) has it; None where that can't be told here."""
    try:
        return _fits(schema, data, schema)
    except (Unsure, RecursionError):
        return None


def _fits(schema: Any, value: Any, whole: Mapping[str, Any]) -> bool:
    if isinstance(schema, bool):
        return schema
    for keyword, wanted in schema.items():
        check = _CHECKS.get(keyword)
        if check is None:
            if keyword not in _SAYS_NOTHING:
                raise Unsure(keyword)
        elif not check(wanted, value, schema, whole):
            return False
    return True


def _is(kind: str, value: Any) -> bool:
    if kind == "integer" and isinstance(value, float):
        raise Unsure("2.0 is an integer to some")
    if isinstance(value, bool):
        return kind == "boolean"
    types = _TYPES.get(kind)
    if types is None:
        raise Unsure(kind)
    return isinstance(value, types)


_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict, "array": list, "string": str, "number": (int, float), "integer": int,
    "boolean": (), "null": type(None),
}  # fmt: skip


def _type(wanted: Any, value: Any, *_: Any) -> bool:
    return any(_is(kind, value) for kind in ([wanted] if isinstance(wanted, str) else wanted))


def _ref(wanted: Any, value: Any, _: Any, whole: Mapping[str, Any]) -> bool:
    top, *way = wanted.split("/")
    place: Any = whole
    for key in way:
        if not isinstance(place, dict) or key not in place:
            raise Unsure(wanted)
        place = place[key]
    if top != "#":
        raise Unsure(wanted)
    return _fits(place, value, whole)


def _enum(wanted: Any, value: Any, *_: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Unsure("values that are equal and yet others")
    return any(type(value) is type(option) and value == option for option in wanted)


def _one_of(wanted: Any, value: Any, _: Any, whole: Mapping[str, Any]) -> bool:
    return sum([_fits(form, value, whole) for form in wanted]) == 1


def _any_of(wanted: Any, value: Any, _: Any, whole: Mapping[str, Any]) -> bool:
    return any(_fits(form, value, whole) for form in wanted)


def _unique(wanted: Any, value: Any, *_: Any) -> bool:
    if not wanted or not isinstance(value, list):
        return True
    if not all(isinstance(v, str) for v in value):
        raise Unsure("values that are equal and yet others")
    return len(set(value)) == len(value)


def _additional(wanted: Any, value: Any, schema: Mapping[str, Any], whole: Any) -> bool:
    if not isinstance(value, dict):
        return True
    known = schema.get("properties", ())
    return all(_fits(wanted, v, whole) for k, v in value.items() if k not in known)


def _properties(wanted: Any, value: Any, _: Any, whole: Mapping[str, Any]) -> bool:
    if not isinstance(value, dict):
        return True
    return all(_fits(wanted[k], v, whole) for k, v in value.items() if k in wanted)


def _of(kind: type | tuple[type, ...], holds: Callable[[Any, Any], bool]) -> _Check:
    """A check of values of that kind; others may be anything."""

    def check(wanted: Any, value: Any, *_: Any) -> bool:
        return isinstance(value, bool) or not isinstance(value, kind) or holds(value, wanted)

    return check


def _all(of: Callable[[Any], Any], kind: type) -> _Check:
    """A check of each part of values of that kind."""

    def check(wanted: Any, value: Any, _: Any, whole: Mapping[str, Any]) -> bool:
        return not isinstance(value, kind) or all(_fits(wanted, part, whole) for part in of(value))

    return check


_NUMBER = (int, float)
_CHECKS: dict[str, _Check] = {
    "$ref": _ref,
    "type": _type,
    "enum": _enum,
    "oneOf": _one_of,
    "anyOf": _any_of,
    "properties": _properties,
    "additionalProperties": _additional,
    "propertyNames": _all(dict.keys, dict),
    "items": _all(iter, list),
    "uniqueItems": _unique,
    "required": _of(dict, lambda value, wanted: all(k in value for k in wanted)),
    "minProperties": _of(dict, lambda value, wanted: len(value) >= wanted),
    "minItems": _of(list, lambda value, wanted: len(value) >= wanted),
    "maxItems": _of(list, lambda value, wanted: len(value) <= wanted),
    "minLength": _of(str, lambda value, wanted: len(value) >= wanted),
    "maxLength": _of(str, lambda value, wanted: len(value) <= wanted),
    "pattern": _of(str, lambda value, wanted: re.search(wanted, value) is not None),
    # As jsonschema asks: what is no number at all (nan) is not too little.
    "minimum": _of(_NUMBER, lambda value, wanted: not value < wanted),
    "maximum": _of(_NUMBER, lambda value, wanted: not value > wanted),
    "exclusiveMinimum": _of(_NUMBER, lambda value, wanted: not value <= wanted),
}
