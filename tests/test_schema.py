"""What is quickly told to fit a schema fits by jsonschema, and what does not fit is refused."""

from __future__ import annotations

import copy
import itertools
import json
import random
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from graders.errors import SpecError
from graders.specs import BUILTIN
from graders.specs.document import Document, validate_with

WHOLE = json.loads((BUILTIN / "spec.schema.json").read_text(encoding="utf-8"))
# What stands in the place of something: of each type, and what is equal without being the same.
OTHERS: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 1.0, 2.5, 10**6, float("nan"), "", "a", "A", "x" * 400, "layer",
    [], ["a"], ["a", "a"], [1, True], [1, 1.0], [[1]], {}, {"a": 1}, {"A": "a"}, {"count": 3},
)  # fmt: skip


def files(part: str) -> list[Document]:
    """All our files that a part of the schema is for."""
    pattern = {
        "item": "*/[!_]*.yaml", "sprint": "*/sprint.yaml", "course": "courses/*/course.yaml",
    }[part]  # fmt: skip
    found = [p for p in sorted(BUILTIN.glob(pattern)) if part != "item" or p.name != "sprint.yaml"]
    return [Document(path) for path in found]


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
def test_a_changed_file_is_refused_where_jsonschema_refuses_it(part: str) -> None:
    schema = {"$ref": f"#/$defs/{part}", "$defs": WHOLE["$defs"]}
    slow = jsonschema.Draft202012Validator(schema)
    whole, draw = files(part), random.Random(0)
    told = []
    for document in itertools.islice(itertools.cycle(whole), 300):
        other = broken(document.data, draw)
        try:
            validate_with(document, schema, other)
            told.append(True)
        except SpecError:
            told.append(False)
        assert told[-1] == slow.is_valid(other), other
    assert {True, False} <= set(told)
