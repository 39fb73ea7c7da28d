"""Whether plain data fits a JSON schema, in a twentieth of the time that jsonschema takes to say why not.

Almost every file fits; jsonschema is imported and asked only where one does not, or where this knows
a keyword or value too little to be sure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any], bool]
_SAYING = frozenset(["$schema", "$id", "$defs", "title", "description"])  # they allow everything


class Unsure(Exception):
    """It can't be said here: jsonschema has to be asked."""


def checked(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Check:
    """Says of data whether the schema allows it, as jsonschema does (draft 2020-12).

    `defs`: what its references are about.

    Raises:
        Unsure: it has a keyword that isn't known here; the check itself may raise it, too.
    """
    return _Compiler(defs).check(schema)


class _Compiler:
    def __init__(self, defs: Mapping[str, Any]) -> None:
        self._defs = defs
        self._known: dict[str, Check] = {}

    def check(self, schema: Any) -> Check:
        if isinstance(schema, bool):
            return lambda _: schema
        checks = [
            self._keyword(name, wanted, schema)
            for name, wanted in schema.items()
            if name not in _SAYING
        ]
        if len(checks) == 1:
            return checks[0]
        return lambda value: all(check(value) for check in checks)

    def _keyword(self, name: str, wanted: Any, schema: Mapping[str, Any]) -> Check:
        match name:
            case "$ref":
                return self._reference(wanted)
            case "oneOf":
                forms = [self.check(form) for form in wanted]
                return lambda value: sum([form(value) for form in forms]) == 1
            case "anyOf":
                forms = [self.check(form) for form in wanted]
                return lambda value: any(form(value) for form in forms)
            case "items":
                each = self.check(wanted)
                return lambda value: not isinstance(value, list) or all(map(each, value))
            case "properties" | "additionalProperties":
                return self._properties(name, wanted, schema)
            case "propertyNames":
                each = self.check(wanted)
                return lambda value: not isinstance(value, dict) or all(map(each, value))
        if name in _SIMPLE:
            return _SIMPLE[name](wanted)
        raise Unsure(name)

    def _reference(self, target: str) -> Check:
        """Made once, when it is needed: what it is about may refer to itself."""
        name = target.removeprefix("#/$defs/")
        if name not in self._defs:
            raise Unsure(target)

        def check(value: Any) -> bool:
            if name not in self._known:
                self._known[name] = self.check(self._defs[name])
            return self._known[name](value)

        return check

    def _properties(self, name: str, wanted: Any, schema: Mapping[str, Any]) -> Check:
        if "patternProperties" in schema:
            raise Unsure("patternProperties")
        if name == "properties":
            each = {key: self.check(inner) for key, inner in wanted.items()}
            return lambda value: (
                not isinstance(value, dict)
                or all(each[key](inner) for key, inner in value.items() if key in each)
            )
        known, other = frozenset(schema.get("properties", ())), self.check(wanted)
        return lambda value: (
            not isinstance(value, dict)
            or all(other(inner) for key, inner in value.items() if key not in known)
        )


_PLAIN = (str, int, float, type(None))  # what can be looked up in a set; True is no 1 here


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: dict[str, Check] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "number": _is_number,
    "integer": lambda value: _is_number(value) and (type(value) is int or value.is_integer()),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


def _type(wanted: str | list[str]) -> Check:
    kinds = [_TYPES[kind] for kind in ([wanted] if isinstance(wanted, str) else wanted)]
    if len(kinds) == 1:
        return kinds[0]
    return lambda value: any(kind(value) for kind in kinds)


def _enum(wanted: list[Any]) -> Check:
    if not all(option is None or type(option) in (str, int) for option in wanted):
        raise Unsure("enum")
    options = frozenset(wanted)
    return lambda value: isinstance(value, _PLAIN) and type(value) is not bool and value in options


def _pattern(wanted: str) -> Check:
    pattern = re.compile(wanted)
    return lambda value: not isinstance(value, str) or pattern.search(value) is not None


def _required(wanted: list[str]) -> Check:
    return lambda value: not isinstance(value, dict) or all(key in value for key in wanted)


def _number(refused: Callable[[float], bool]) -> Check:
    return lambda value: not _is_number(value) or not refused(value)


def _length(
    kind: type[str] | type[list[Any]] | type[dict[str, Any]], refused: Callable[[int], bool]
) -> Check:
    return lambda value: not isinstance(value, kind) or not refused(len(value))


def _unique(wanted: bool) -> Check:
    def check(value: Any) -> bool:
        if not wanted or not isinstance(value, list):
            return True
        if not all(type(entry) in (str, int) for entry in value):
            raise Unsure("uniqueItems")
        return len(set(value)) == len(value)

    return check


_SIMPLE: dict[str, Callable[[Any], Check]] = {
    "type": _type,
    "enum": _enum,
    "pattern": _pattern,
    "required": _required,
    "uniqueItems": _unique,
    "minimum": lambda least: _number(lambda value: value < least),
    "maximum": lambda most: _number(lambda value: value > most),
    "exclusiveMinimum": lambda bound: _number(lambda value: value <= bound),
    "minLength": lambda least: _length(str, lambda length: length < least),
    "maxLength": lambda most: _length(str, lambda length: length > most),
    "minItems": lambda least: _length(list, lambda length: length < least),
    "maxItems": lambda most: _length(list, lambda length: length > most),
    "minProperties": lambda least: _length(dict, lambda length: length < least),
}
