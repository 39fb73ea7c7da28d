"""What a JSON schema finds wrong with a file, said so that its author knows what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from graders.spelling import meant, nearest

if TYPE_CHECKING:
    from jsonschema import ValidationError

_KINDS: dict[str, tuple[type, ...]] = {
    "true or false": (bool,),  # first: a bool is an int, too
    "a number": (int, float),
    "text": (str,),
    "a list": (list,),
    "keys and values": (dict,),
    "nothing": (type(None),),
}
_TYPES = {
    "object": "keys and values",
    "array": "a list",
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "nothing",
}
# What a pattern of the schemas means; one that is not here is shown as it is.
_PATTERNS = {
    "^[a-z][a-z0-9_]*$": "small letters, digits and _, a letter first",
    "^[A-Z]$": "one capital letter",
    "^[A-Z]+$": "capital letters, one an axis",
    "^[A-Z]*$": "capital letters, one an axis",
    "^[0-9]{1,9}$": "a number of a column",
    "^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_]*$": "package.module:Class or package.module:function",
    "^[A-Za-z_][A-Za-z0-9_.]*$": "a package or module, such as scipy.signal",
    r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$": "a package or module, such as scipy.signal",
    "^[A-Za-z][A-Za-z0-9_]{0,30}$": "a word of letters, digits and _",
}
_SHOWN = 60  # characters of a value


def what_is_wrong(errors: Iterable[ValidationError]) -> tuple[list[str | int], str] | None:
    """The path and the sentence of the error to tell first; None if there is none.

    A misspelt key comes before the key that is missing because of it.
    """
    first = min(errors, key=_weight, default=None)
    return None if first is None else _said(first)


def _weight(error: ValidationError) -> tuple[bool, int, str]:
    return error.validator != "additionalProperties", len(error.absolute_path), error.message


def _said(error: ValidationError) -> tuple[list[str | int], str]:
    value: Any = error.instance
    wanted: Any = error.validator_value
    schema: Any = error.schema
    path = list(error.absolute_path)
    shown = _shown(value)
    if "propertyNames" in error.absolute_schema_path:
        path.append(str(value))  # it is a key that is wrong, not what stands under it
    match error.validator:
        case "oneOf" | "anyOf" if error.context:
            return _of_choice(error)
        case "additionalProperties":
            known = list(schema.get("properties", ()))
            key = next(k for k in value if k not in known)
            return [*path, key], f"unknown key {key!r}{nearest(key, known)}"
        case "enum":
            options = [str(v) for v in wanted]
            return path, f"{shown} is none of {', '.join(options)}{meant(str(value), options)}"
        case "required":
            missing = next(k for k in wanted if k not in value)
            return path, f"{missing!r} is missing"
        case "type":
            kinds = [wanted] if isinstance(wanted, str) else wanted
            expected = " or ".join(_TYPES[k] for k in kinds)
            return path, f"{shown} is {_kind(value)}; expected {expected}"
        case "pattern":
            expected = _PATTERNS.get(wanted, f"what matches {wanted}")
            return path, f"{shown} can't stand here; expected {expected}"
        case "minimum" | "exclusiveMinimum":
            least = "at least" if error.validator == "minimum" else "more than"
            return path, f"{shown} is too little; expected {least} {wanted:g}"
        case "maximum":
            return path, f"{shown} is too much; expected at most {wanted:g}"
        case "minItems" | "minLength" if len(value) == 0:
            return path, "is empty; expected one value or more, or leave the key out"
        case "minItems" | "maxItems":
            few = "at least" if error.validator == "minItems" else "at most"
            return path, f"{shown} has {len(value)} values; expected {few} {wanted}"
        case "maxLength":
            return path, f"is {len(value)} characters long; expected at most {wanted}"
        case "minProperties":
            known = list(schema.get("properties", ()))
            hint = f"; expected one of {', '.join(known)}" if known else "; leave the key out"
            return path, f"is empty{hint}"
        case "uniqueItems":
            twice = next(v for i, v in enumerate(value) if v in value[:i])
            return path, f"{_shown(twice)} stands here twice"
    return path, error.message[:300]


def _of_choice(error: ValidationError) -> tuple[list[str | int], str]:
    """Of several forms that a value may have: what is wrong with the one that was meant."""
    forms: dict[Any, list[ValidationError]] = {}
    for inner in error.context or ():
        forms.setdefault(inner.schema_path[0], []).append(inner)
    meant = [found for found in forms.values() if not any(map(_other_form, found))]
    said = [_said(min(found, key=_weight)) for found in meant]
    if said:
        return next((s for s in said if "did you mean" in s[1]), said[0])
    kinds = list(dict.fromkeys(_expected(error)))
    expected = f"; expected {' or '.join(kinds)}" if kinds else ""
    return list(error.absolute_path), f"{_shown(error.instance)} can't stand here{expected}"


def _other_form(error: ValidationError) -> bool:
    """True if the value is of another type than this form has."""
    if len(error.path) > 0:
        return False
    if error.validator in ("oneOf", "anyOf"):
        return all(map(_other_form, error.context or ()))
    return error.validator == "type"


def _expected(error: ValidationError) -> Iterator[str]:
    for inner in error.context or ():
        if inner.validator == "type":
            kinds: Any = inner.validator_value
            yield from (_TYPES[k] for k in ([kinds] if isinstance(kinds, str) else kinds))
        else:
            yield from _expected(inner)


def _kind(value: object) -> str:
    return next((kind for kind, types in _KINDS.items() if isinstance(value, types)), "no value")


def _shown(value: object) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
