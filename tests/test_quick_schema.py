"""The quick look at a spec says of every document what jsonschema says, or that it can't say."""

from __future__ import annotations

import copy
import functools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graders.specs import BUILTIN
from graders.specs.document import Document
from graders.specs.quick import Check, Unsure, checked

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(BUILTIN.glob("*/*.yaml"))
PARTS = {file: "sprint" if file.name == "sprint.yaml" else "item" for file in FILES}
VALUES = (
    st.none() | st.booleans() | st.integers(-3, 10**6) | st.floats(allow_nan=False, width=16)
    | st.sampled_from(["", "x", "N", "layer", "forward", "a b", "dW", "1.5", [], {}, [1, 1], [[]],
                       ["N", "N"], {"x": 1}, {"N": [1, 3]}, 2.0, [True, 1], {"en": "a", "ja": "b"}]).map(copy.deepcopy)
)  # fmt: skip


@functools.cache
def defs() -> dict[str, Any]:
    """The parts of the schema."""
    found: dict[str, Any] = json.loads((BUILTIN / "spec.schema.json").read_text("utf-8"))["$defs"]
    return found


@functools.cache
def read(file: Path) -> dict[str, Any]:
    """What stands in a spec."""
    return Document(file).data


def places(data: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to all values in it."""
    inner = data.items() if isinstance(data, dict) else enumerate(data)
    found = []
    for key, value in inner:
        found.append((*way, key))
        if isinstance(value, dict | list):
            found += places(value, (*way, key))
    return found


@functools.cache
def judges(part: str) -> tuple[jsonschema.Draft202012Validator, Check]:
    """Both, for a part of the schema."""
    whole = {"$ref": f"#/$defs/{part}", "$defs": defs()}
    return jsonschema.Draft202012Validator(whole), checked(defs()[part], defs())


def agree(data: Any, part: str) -> bool | None:
    """What both say; None where the quick look is not sure."""
    theirs, ours = judges(part)
    expected = theirs.is_valid(data)
    try:
        said = ours(data)
    except Unsure:
        return None
    assert said is expected, data
    return said


@pytest.mark.parametrize("part", sorted(defs()))
def test_every_part_of_the_schema_is_known(part: str) -> None:
    checked(defs()[part], defs())


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}-{f.stem}")
def test_what_we_have_is_right_at_once(file: Path) -> None:
    assert agree(read(file), PARTS[file]) is True


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_change_is_judged_as_jsonschema_judges_it(data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(FILES))
    changed = copy.deepcopy(read(file))
    for _ in range(data.draw(st.integers(1, 2))):
        *way, last = data.draw(st.sampled_from(places(changed)))
        holder = functools.reduce(lambda value, key: value[key], way, changed)
        match data.draw(st.sampled_from(["replace", "remove", "rename", "add"])):
            case "remove":
                del holder[last]
            case "rename" if isinstance(holder, dict):
                holder[data.draw(st.sampled_from(["facet", "Q", "x y", ""]))] = holder.pop(last)
            case "add" if isinstance(holder[last], list):
                holder[last].append(data.draw(VALUES))
            case "add" if isinstance(holder[last], dict):
                holder[last][data.draw(st.sampled_from(["N", "more", "en"]))] = data.draw(VALUES)
            case _:
                holder[last] = data.draw(VALUES)
        if not places(changed):
            break
    agree(changed, PARTS[file])


@pytest.mark.parametrize(
    "schema",
    [{"contains": {}}, {"enum": [True]}, {"$ref": "https://example.org/x"},
     {"properties": {}, "patternProperties": {"x": False}, "additionalProperties": False}],
)  # fmt: skip
def test_what_it_does_not_know_it_does_not_judge(schema: dict[str, Any]) -> None:
    with pytest.raises(Unsure):
        checked(schema, {})


def test_right_specs_are_loaded_without_jsonschema_and_jupyter() -> None:
    """They take longer to import than all specs take to read."""
    line = (
        "import sys, graders.commands as c; status = c.run(['specs', 'show', 'conv1d_out_size'])\n"
    )
    line += "print(status, sorted({'jsonschema', 'nbformat', 'nbclient'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", line], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1:] == ["0 []"], done.stderr
