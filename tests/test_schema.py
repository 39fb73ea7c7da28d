"""What is quickly told to fit a schema fits by jsonschema, and what does not fit, does not."""

from __future__ import annotations

import copy
import itertools
import json
import random
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from graders.specs import BUILTIN
from graders.specs.document import Document
from graders.specs.schema import fits

WHOLE = json.loads((BUILTIN / "spec.schema.json").read_text(encoding="utf-8"))
# What stands in the place of something: of each type, and what is equal without being the same.
OTHERS: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 1.0, 2.5, 10**6, float("nan"), "", "a", "A", "x" * 400, "layer",
    [], ["a"], ["a", "a"], [1, True], [1, 1.0], [[1]], {}, {"a": 1}, {"A": "a"}, {"count": 3},
)  # fmt: skip


def files(part: str) -> list[Any]:
    """The data of all our files that a part of the schema is for."""
    pattern = {
        "item": "*/[!_]*.yaml", "sprint": "*/sprint.yaml", "course": "courses/*/course.yaml",
    }[part]  # fmt: skip
    found = [p for p in sorted(BUILTIN.glob(pattern)) if part != "item" or p.name != "sprint.yaml"]
    return [Document(path).data for path in found]


def places(data: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value in it."""
    yield way
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from places(value, (*way, key))


def broken(data: Any, draw: random.Random) -> Any:
    """The data with one to three changes."""
    data = copy.deepcopy(data)
    for _ in range(draw.randint(1, 3)):
        way = draw.choice([w for w in places(data) if w])
        holder = data
        for key in way[:-1]:
            holder = holder[key]
        match draw.randrange(4):
            case 0:
                del holder[way[-1]]
            case 1 if isinstance(holder, dict):
                holder[draw.choice(("extra", "name", "9"))] = draw.choice(OTHERS)
            case 2 if isinstance(holder, list):
                holder.insert(0, copy.deepcopy(draw.choice(holder)))
            case _:
                holder[way[-1]] = copy.deepcopy(draw.choice(OTHERS))
        if not data:
            break
    return data


@pytest.mark.parametrize("part", ["item", "sprint", "course"])
def test_a_changed_file_fits_where_it_fits_by_jsonschema(part: str) -> None:
    schema = {"$ref": f"#/$defs/{part}", "$defs": WHOLE["$defs"]}
    slow = jsonschema.Draft202012Validator(schema)
    whole, draw = files(part), random.Random(0)
    assert whole and all(fits(schema, data) for data in whole)
    told = []
    for data in itertools.islice(itertools.cycle(whole), 300):
        other = broken(data, draw)
        answer = fits(schema, other)
        told.append(answer)
        assert answer is None or answer == slow.is_valid(other), other
    assert {True, False} <= set(told)
    assert told.count(None) < len(told) / 4


SCHEMAS: tuple[dict[str, Any], ...] = (
    {"type": "integer"}, {"type": "number"}, {"type": "boolean"}, {"type": ["string", "null"]},
    {"enum": [1, "a"]}, {"enum": ["layer"]}, {"minimum": 0, "maximum": 1}, {"exclusiveMinimum": 0},
    {"minLength": 1, "maxLength": 3}, {"pattern": "^[A-Z]"}, {"minItems": 1, "maxItems": 1},
    {"uniqueItems": True}, {"items": {"type": "integer"}}, {"items": False}, {"required": ["a"]},
    {"minProperties": 1}, {"additionalProperties": False}, {"propertyNames": {"pattern": "^[a-z]"}},
    {"properties": {"a": {"minimum": 2}}}, {"properties": {"a": True}, "additionalProperties": False},
    {"oneOf": [{"type": "number"}, {"minimum": 1}]}, {"anyOf": [{"type": "array"}, {"minLength": 2}]},
    {"patternProperties": {"a": False}}, {"not": {"type": "object"}}, {"const": 1}, {"multipleOf": 2},
)  # fmt: skip


@pytest.mark.parametrize("schema", SCHEMAS, ids=json.dumps)
def test_a_keyword_means_what_it_means_to_jsonschema(schema: dict[str, Any]) -> None:
    slow = jsonschema.Draft202012Validator(schema)
    for value in OTHERS:
        assert fits(schema, value) in (None, slow.is_valid(value)), value


def test_what_is_not_known_is_left_to_jsonschema() -> None:
    assert fits({"const": 1}, 1) is None
    assert fits({"type": "integer"}, 1.0) is None
    assert fits({"$ref": "other.json"}, 1) is None
    assert fits({"oneOf": [{"const": 1}, {"type": "integer"}]}, 1) is None
