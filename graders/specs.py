"""Load and validate specs: YAML files -> frozen dataclasses, every mistake with its line."""

from __future__ import annotations

import difflib
import functools
import importlib
import inspect
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import yaml

from graders.errors import SpecError
from graders.formulas import Formula, FormulaError

ROLES = frozenset(
    "input weight bias upstream output filter_size in_channels out_channels stride padding "
    "input_size output_size in_nodes out_nodes batch_size "
    "filter_height filter_width input_height input_width pool_size pool_height pool_width "
    "stride_height stride_width padding_height padding_width initializer optimizer lr sigma".split()
)
BUILTIN = Path(str(resources.files("specs")))


@dataclass(frozen=True)
class Text:
    """A text in both languages."""

    en: str
    ja: str

    def in_language(self, language: str) -> str:
        """The text in `language` ("ja" or "en")."""
        return self.ja if language == "ja" else self.en


@dataclass(frozen=True)
class Edition:
    """The problem number that the item has in an edition of the course."""

    edition: str
    problem: int


@dataclass(frozen=True)
class Pair:
    """A documented input/output pair. `given` has arrays by role (x, W, b) or sizes by name."""

    given: Mapping[str, np.ndarray]
    expected: Mapping[str, np.ndarray]  # by facet
    upstream: np.ndarray | None
    source: str
    note: str


@dataclass(frozen=True)
class WeightSpec:
    """Axes of a parameter array and the layouts that students use for it."""

    axes: tuple[str, ...]
    layouts: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """A question with a written answer: patterns, of which one list must be there as a whole."""

    id: str
    facet: str
    question: Text
    expected: str
    accept: tuple[tuple[re.Pattern[str], ...], ...]


@dataclass(frozen=True)
class ItemSpec:
    """One problem: all that the grader needs to know about it."""

    id: str
    sprint: str
    kind: str
    title: Text
    asks: Text
    required: bool
    editions: tuple[Edition, ...]
    canonical: str = ""
    names: tuple[re.Pattern[str], ...] = ()
    own_section_only: bool = False
    reference: str = ""
    config: Mapping[str, Formula] = field(default_factory=dict)
    axes: tuple[str, ...] = ()
    layouts: tuple[str, ...] = ()
    output: Mapping[str, str] = field(default_factory=dict)
    output_layout: tuple[str, ...] = ()
    equal: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    weights: Mapping[str, WeightSpec] = field(default_factory=dict)
    roles: Mapping[str, Formula] = field(default_factory=dict)
    ability: str = ""
    keywords: re.Pattern[str] | None = None
    sizes: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    shapes: Mapping[str, Formula] = field(default_factory=dict)
    value: tuple[Formula, ...] = ()  # kind function: one result or several
    per_axis: ItemSpec | None = None  # kind function: the same, asked for one axis at a time
    tolerance: float = 1e-9
    cases: int = 5
    gain: float | None = None  # of an initialiser; None: its sigma is given
    rule: str = ""  # of an optimiser
    driven_by: str = ""  # the layer item with whose class an optimiser is run
    documented: tuple[Pair, ...] = ()
    facets: Mapping[str, float] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()
    prerequisites: tuple[str, ...] = ()
    base: str = ""
    file: str = ""

    @property
    def max_score(self) -> float:
        """Points of all facets."""
        return float(sum(self.facets.values()))

    @property
    def problems(self) -> frozenset[int]:
        """The problem numbers that the item has in any edition."""
        return frozenset(e.problem for e in self.editions)

    def with_shapes(self, sizes: Mapping[str, int]) -> dict[str, int]:
        """The sizes together with those that follow from them."""
        complete = dict(sizes)
        for name, formula in self.shapes.items():
            complete[name] = formula(complete)
        return complete


@dataclass(frozen=True)
class SprintSpec:
    """A sprint and its items, in the order in which they are reported."""

    id: str
    title: Text
    detect: Mapping[re.Pattern[str], float]
    items: tuple[ItemSpec, ...]

    def item(self, name: str) -> ItemSpec:
        """The item with that id; KeyError if there is none."""
        for item in self.items:
            if item.id == name:
                return item
        raise KeyError(name)


# -- YAML with line numbers ----------------------------------------------------------------------


class _Document:
    """A YAML file: its data and the line of each key."""

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            text = file.read_text(encoding="utf-8")
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except OSError as error:
            raise SpecError(f"{file}: can't be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise SpecError(f"{file}: not UTF-8 text") from error
        except (yaml.YAMLError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            line = f", line {mark.line + 1}" if mark else ""
            problem = getattr(error, "problem", None) or "too deeply nested"
            if isinstance(error, yaml.reader.ReaderError):
                line = f", line {text[: error.position].count(chr(10)) + 1}"
                problem = f"the character {error.character!r} is not allowed"
            raise SpecError(f"{file}{line}: no valid YAML: {problem}") from error
        self.lines: dict[tuple[str | int, ...], int] = {}
        data = self._data(node, ()) if node is not None else None
        if not isinstance(data, dict):
            raise SpecError(f"{file}: expected keys and values (id, kind, title, ...)")
        self.data: dict[str, Any] = data

    def _data(self, node: yaml.Node, path: tuple[str | int, ...], depth: int = 0) -> Any:
        if depth > 20:
            raise SpecError(f"{self.file}, line {node.start_mark.line + 1}: too deeply nested")
        self.lines.setdefault(path, node.start_mark.line + 1)
        if node.tag not in _TAGS:
            line = node.start_mark.line + 1
            raise SpecError(f"{self.file}, line {line}: the tag {node.tag!r} is not allowed")
        if isinstance(node, yaml.MappingNode):
            data: dict[str, Any] = {}
            for key_node, value_node in node.value:
                line = key_node.start_mark.line + 1
                if not isinstance(key_node, yaml.ScalarNode):
                    raise SpecError(f"{self.file}, line {line}: a key must be a word")
                key = str(key_node.value)
                if key in data:
                    raise SpecError(f"{self.file}, line {line}: the key {key!r} stands here twice")
                self.lines[(*path, key)] = line
                data[key] = self._data(value_node, (*path, key), depth + 1)
            return data
        if isinstance(node, yaml.SequenceNode):
            return [self._data(n, (*path, i), depth + 1) for i, n in enumerate(node.value)]
        try:
            return yaml.SafeLoader("").construct_object(node)
        except (ValueError, KeyError, yaml.YAMLError) as error:
            line = node.start_mark.line + 1
            raise SpecError(
                f"{self.file}, line {line}: {node.value!r} does not fit its tag {node.tag!r}"
            ) from error

    def line(self, path: Iterable[str | int]) -> int:
        """The line of the nearest key on the path."""
        way = tuple(path)
        while way and way not in self.lines:
            way = way[:-1]
        return self.lines.get(way, 1)

    def error(self, path: Iterable[str | int], problem: str) -> SpecError:
        """An error that names file, line and key."""
        way = tuple(path)
        key = ".".join(str(p) for p in way)
        at = f", key {key}" if key else ""
        return SpecError(f"{self.file}, line {self.line(way)}{at}: {problem}")


_TAGS = frozenset(f"tag:yaml.org,2002:{t}" for t in "str int float bool null map seq".split())


# -- validation ----------------------------------------------------------------------------------


@functools.cache
def _schema(part: str) -> jsonschema.Draft202012Validator:
    whole = json.loads((BUILTIN / "spec.schema.json").read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{part}", "$defs": whole["$defs"]})


def _validate(document: _Document, part: str) -> None:
    # A misspelt key is named before the key that is missing because of it.
    errors = sorted(
        _schema(part).iter_errors(document.data),
        key=lambda e: (e.validator != "additionalProperties", len(e.path), e.message),
    )
    if not errors:
        return
    error = errors[0]
    if error.validator == "oneOf" and error.context:
        error = jsonschema.exceptions.best_match([error]) or error
    path = list(error.absolute_path)
    known: list[str] = []
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = list(error.schema.get("properties", ()))
        unknown = [k for k in error.instance if k not in known]
        if unknown:
            path.append(unknown[0])
            raise document.error(path, f"unknown key {unknown[0]!r}{_nearest(unknown[0], known)}")
    if error.validator == "enum":
        options = [str(v) for v in error.validator_value]
        raise document.error(
            path,
            f"{error.instance!r} is none of {', '.join(options)}"
            + _nearest(str(error.instance), options),
        )
    if error.validator == "required":
        raise document.error(path, error.message.replace("is a required property", "is missing"))
    raise document.error(path, error.message[:300])


def _nearest(word: str, options: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(options), 1, 0.5)
    return f"; did you mean {near[0]!r}?" if near else ""


def _text(value: Mapping[str, str]) -> Text:
    return Text(value["en"].strip(), value["ja"].strip())


def _formula(document: _Document, path: tuple[str | int, ...], value: str | int) -> Formula:
    try:
        return Formula(value)
    except FormulaError as error:
        raise document.error(path, f"no valid formula: {error}") from error


def _array(document: _Document, path: tuple[str | int, ...], value: object) -> np.ndarray:
    try:
        array = np.array(value)
    except ValueError as error:
        raise document.error(path, "rows of different lengths") from error
    if array.dtype.kind not in "if":
        raise document.error(path, "expected numbers")
    array.setflags(write=False)
    return array


def _pattern(document: _Document, path: tuple[str | int, ...], text: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise document.error(path, f"no valid pattern: {error}") from error


def _item(document: _Document, raw: dict[str, Any], sprint: str) -> ItemSpec:
    def formulas(key: str) -> dict[str, Formula]:
        return {k: _formula(document, (key, k), v) for k, v in raw.get(key, {}).items()}

    for name in raw.get("roles", {}):
        if name not in ROLES:
            raise document.error(("roles", name), f"unknown role {name!r}{_nearest(name, ROLES)}")
    weights = {
        name: WeightSpec(tuple(w["axes"]), tuple(w.get("layouts") or ["".join(w["axes"])]))
        for name, w in raw.get("weights", {}).items()
    }
    sizes = {
        k: (int(v[0]), int(v[1])) if isinstance(v, list) else (int(v), int(v))
        for k, v in raw.get("sizes", {}).items()
    }
    for name, (low, high) in sizes.items():
        if low > high:
            raise document.error(("sizes", name), f"the range [{low}, {high}] is empty")
    item = ItemSpec(
        id=raw["id"],
        sprint=sprint,
        kind=raw.get("kind", ""),
        title=_text(raw["title"]),
        asks=_text(raw["asks"]),
        required=raw["required"],
        editions=tuple(Edition(e["edition"], e["problem"]) for e in raw["editions"]),
        canonical=raw.get("canonical", ""),
        names=tuple(
            _pattern(document, ("names", i), n) for i, n in enumerate(raw.get("names", []))
        ),
        own_section_only=raw.get("own_section_only", False),
        reference=raw.get("reference", ""),
        config=formulas("config"),
        axes=tuple(raw.get("input", {}).get("axes", ())),
        layouts=tuple(raw.get("input", {}).get("layouts", ())),
        output=raw.get("output", {}),
        output_layout=tuple(raw.get("output_layout", ())),
        equal={role: tuple(axes) for role, axes in raw.get("equal", {}).items()},
        weights=weights,
        roles=formulas("roles"),
        ability=raw.get("ability", ""),
        keywords=_pattern(document, ("keywords",), raw["keywords"]) if "keywords" in raw else None,
        sizes=sizes,
        shapes=formulas("shapes"),
        value=tuple(
            _formula(document, ("value",), v)
            for v in (raw["value"] if isinstance(raw.get("value"), list) else [raw.get("value")])
            if v is not None
        ),
        tolerance=raw.get("tolerance", 1e-9),
        cases=int(raw.get("cases", 5)),
        gain=raw.get("gain"),
        rule=raw.get("rule", ""),
        driven_by=raw.get("driven_by", ""),
        documented=tuple(
            _pair(document, ("documented", i), p) for i, p in enumerate(raw.get("documented", []))
        ),
        facets=raw.get("facets", {}),
        answers=tuple(
            _answer(document, ("answers", i), a) for i, a in enumerate(raw.get("answers", []))
        ),
        prerequisites=tuple(raw.get("prerequisites", ())),
        base=raw.get("extends", ""),
        file=str(document.file),
    )
    _check_item(document, item)
    if "per_axis" in raw:
        one = {**raw, **raw["per_axis"], "documented": []}
        item = replace(
            item,
            per_axis=_item(document, {k: v for k, v in one.items() if k != "per_axis"}, sprint),
        )
    return item


def _answer(document: _Document, path: tuple[str | int, ...], raw: dict[str, Any]) -> Answer:
    accept = tuple(
        tuple(_pattern(document, (*path, "accept", i), p) for p in alternative)
        for i, alternative in enumerate(raw["accept"])
    )
    return Answer(raw["id"], raw["facet"], _text(raw["question"]), raw["expected"], accept)


def _pair(document: _Document, path: tuple[str | int, ...], raw: dict[str, Any]) -> Pair:
    def arrays(key: str) -> dict[str, np.ndarray]:
        return {k: _array(document, (*path, key, k), v) for k, v in raw[key].items()}

    upstream = raw.get("upstream")
    return Pair(
        given=arrays("given"),
        expected=arrays("expected"),
        upstream=None if upstream is None else _array(document, (*path, "upstream"), upstream),
        source=raw.get("source", ""),
        note=raw.get("note", ""),
    )


def _check_item(document: _Document, item: ItemSpec) -> None:
    """What a schema can't say: that the parts of the item fit together."""
    if item.kind == "":
        raise document.error((), "'kind' is missing")
    known = set(item.sizes)
    for name, formula in item.shapes.items():
        unknown = formula.names - known
        if unknown:
            word = min(unknown)
            raise document.error(
                ("shapes", name),
                f"{formula.text!r} uses an unknown size {word!r}{_nearest(word, known)}",
            )
        known.add(name)
    for key, group in (("config", item.config), ("roles", item.roles)):
        for name, formula in group.items():
            if formula.names - known:
                word = min(formula.names - known)
                raise document.error((key, name), f"{formula.text!r} uses an unknown size {word!r}")
    for i, layout in enumerate(item.layouts):
        if set(layout) - set(item.axes):
            raise document.error(
                ("input", "layouts", i), f"{layout!r} names an axis that is not in input.axes"
            )
    _check_axes(document, item, known)
    for facet, points in item.facets.items():
        if not math.isfinite(points):
            raise document.error(("facets", facet), f"{points} is no number of points")
    if not math.isfinite(item.tolerance):
        raise document.error(("tolerance",), f"{item.tolerance} is no tolerance")
    for role, tied in item.equal.items():
        if role not in item.roles or set(tied) - known:
            raise document.error(
                ("equal", role), "names a role or a size that the item does not have"
            )
    if item.kind == "layer" and not (item.reference and item.axes and item.output):
        raise document.error((), "a layer needs reference, input and output")
    if item.kind == "function" and not item.value:
        raise document.error((), "a function needs value")
    if item.kind == "optimizer" and not item.rule:
        raise document.error((), "an optimizer needs rule")
    if item.ability and item.keywords is None:
        raise document.error(("ability",), "an item about an ability needs keywords")
    if item.ability and item.ability not in {*item.roles, *item.axes}:
        raise document.error(
            ("ability",),
            f"{item.ability!r} is neither a role nor an axis of the input"
            + _nearest(item.ability, [*item.roles, *item.axes]),
        )
    if item.kind == "answers" and not item.answers:
        raise document.error((), "an item of kind answers needs answers")
    if item.kind != "manual" and not item.facets:
        raise document.error((), "'facets' is missing: no facet has points")
    if item.kind == "layer":
        _check_reference(document, item)
    for i, pair in enumerate(item.documented):
        _check_pair(document, ("documented", i), item, pair)


def _check_axes(document: _Document, item: ItemSpec, known: set[str]) -> None:
    for name, weight in item.weights.items():
        for axis in weight.axes:
            if axis not in known:
                raise document.error(
                    ("weights", name, "axes"), f"unknown size {axis!r}{_nearest(axis, known)}"
                )
        for i, layout in enumerate(weight.layouts):
            if set(layout) - set(weight.axes):
                raise document.error(
                    ("weights", name, "layouts", i), f"{layout!r} names an axis that is not in axes"
                )
    if item.kind != "layer":
        return
    for axis in item.axes:
        if axis not in known:
            raise document.error(("input", "axes"), f"unknown size {axis!r}{_nearest(axis, known)}")
        if axis not in item.output:
            raise document.error(("output",), f"says nothing of the input's axis {axis!r}")
    for axis, other in item.output.items():
        if axis not in item.axes:
            raise document.error(("output", axis), f"{axis!r} is no axis of the input")
        if other not in known:
            raise document.error(
                ("output", axis), f"unknown size {other!r}{_nearest(other, known)}"
            )
    largest = item.with_shapes({name: high for name, (_, high) in item.sizes.items()})
    for axis in item.output.values():
        if largest[axis] < 1:
            raise document.error(("sizes",), f"even the largest sizes give no output ({axis} < 1)")


def _check_reference(document: _Document, item: ItemSpec) -> None:
    module, _, name = item.reference.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise document.error(("reference",), f"{item.reference}: {error}") from error
    try:
        parameters = inspect.signature(found).parameters
    except (TypeError, ValueError):
        return
    for key in item.config:
        if key not in parameters:
            raise document.error(
                ("config", key), f"{name} takes no {key!r}{_nearest(key, parameters)}"
            )


def _check_pair(
    document: _Document, path: tuple[str | int, ...], item: ItemSpec, pair: Pair
) -> None:
    allowed = set(item.sizes) if item.kind == "function" else {"x", *item.weights}
    for name in pair.given:
        if name not in allowed:
            raise document.error(
                (*path, "given", name), f"unknown input {name!r}{_nearest(name, allowed)}"
            )
    for name in pair.expected:
        if name not in item.facets:
            raise document.error(
                (*path, "expected", name),
                f"{name!r} is no facet of this item{_nearest(name, item.facets)}",
            )
    for name in sorted(allowed - pair.given.keys()):
        raise document.error((*path, "given"), f"{name!r} is missing")
    if item.kind != "layer":
        return
    for name, weight in item.weights.items():
        array = pair.given.get(name)
        if array is not None and array.ndim not in {len(x) for x in (weight.axes, *weight.layouts)}:
            raise document.error(
                (*path, "given", name),
                f"has {array.ndim} axes; expected {len(weight.axes)} ({', '.join(weight.axes)})",
            )
    _check_pair_sizes(document, path, item, pair)
    for facet, name in (("dX", "x"), ("dW", "W"), ("dB", "b")):
        expected, given = pair.expected.get(facet), pair.given.get(name)
        if expected is not None and given is not None and expected.shape != given.shape:
            raise document.error(
                (*path, "expected", facet),
                f"has shape {expected.shape}, but {name} has {given.shape}",
            )


def _check_pair_sizes(
    document: _Document, path: tuple[str | int, ...], item: ItemSpec, pair: Pair
) -> None:
    """That a pair's arrays agree on every size; a leading axis that is left out has size 1."""
    sizes: dict[str, int] = {name: low for name, (low, high) in item.sizes.items() if low == high}
    seen: dict[str, str] = {}

    def agree(where: tuple[str | int, ...], axes: Iterable[str], array: np.ndarray) -> None:
        names = list(axes)
        shape = (1,) * (len(names) - array.ndim) + array.shape
        if len(shape) != len(names):
            raise document.error(where, f"has {array.ndim} axes; expected at most {len(names)}")
        for axis, n in zip(names, shape, strict=True):
            if axis in seen and sizes[axis] != n:
                raise document.error(
                    where, f"has {axis} = {n}, but {seen[axis]} has {axis} = {sizes[axis]}"
                )
            sizes[axis], seen[axis] = n, str(where[-1])

    agree((*path, "given", "x"), item.axes, pair.given["x"])
    for name, weight in item.weights.items():
        agree((*path, "given", name), weight.axes, pair.given[name])
    complete = item.with_shapes({n: sizes.get(n, low) for n, (low, _) in item.sizes.items()})
    output = [complete[item.output[a]] for a in item.axes]
    for key, array in (("upstream", pair.upstream), ("forward", pair.expected.get("forward"))):
        if array is None:
            continue
        where = (*path, "upstream") if key == "upstream" else (*path, "expected", key)
        if [n for n in array.shape if n != 1] != [n for n in output if n != 1]:
            raise document.error(where, f"has shape {array.shape}; expected {tuple(output)}")


# -- loading -------------------------------------------------------------------------------------


def load_sprints(folder: Path | None = None) -> dict[str, SprintSpec]:
    """All sprints of a specs folder (one folder a sprint, with a sprint.yaml), by id.

    Raises:
        SpecError: a file is malformed; the message has file, line, key and what was expected.
    """
    folder = folder or BUILTIN
    if not folder.is_dir():
        raise SpecError(f"{folder}: no such folder of specs")
    found: dict[str, SprintSpec] = {}
    for file in sorted(folder.glob("*/sprint.yaml")):
        sprint = _load_sprint(file)
        if sprint.id in found:
            raise SpecError(f"{file}, line 1, key sprint: {sprint.id!r} is another folder's sprint")
        for other in found.values():
            theirs = {i.id for i in other.items}
            shared = [i.id for i in sprint.items if i.id in theirs]
            if shared:
                raise SpecError(
                    f"{file}, key items: {shared[0]!r} is also an item of sprint {other.id!r}"
                )
        found[sprint.id] = sprint
    if not found:
        raise SpecError(f"{folder}: no sprint in it (expected NAME/sprint.yaml)")
    return found


def _load_sprint(file: Path) -> SprintSpec:
    document = _Document(file)
    _validate(document, "sprint")
    raw = document.data
    documents: dict[str, _Document] = {}
    for path in sorted(file.parent.glob("*.yaml")):
        if path.name == "sprint.yaml":
            continue
        item = _Document(path)
        _validate(item, "item")
        name = item.data["id"]
        if name in documents:
            raise item.error(("id",), f"{name!r} is also the id of {documents[name].file}")
        documents[name] = item
    for i, name in enumerate(raw["items"]):
        if name not in documents:
            raise document.error(
                ("items", i), f"no file has the id {name!r}{_nearest(name, documents)}"
            )
        if name in raw["items"][:i]:
            raise document.error(("items", i), f"{name!r} stands here twice")
    # What others extend comes first, so that a mistake is told where it stands.
    in_order = sorted(raw["items"], key=lambda n: _depth(documents, n, ()))
    built = {
        name: _item(documents[name], _merged(documents, name, ()), raw["sprint"])
        for name in in_order
    }
    items = [built[name] for name in raw["items"]]
    for name, item in documents.items():
        if name not in raw["items"]:
            raise item.error(("id",), f"{name!r} is not among the items of {file}")
    for spec in items:
        for i, needed in enumerate(spec.prerequisites):
            if needed not in documents:
                raise documents[spec.id].error(
                    ("prerequisites", i), f"unknown item {needed!r}{_nearest(needed, documents)}"
                )
        if spec.driven_by and spec.driven_by not in raw["items"]:
            raise documents[spec.id].error(
                ("driven_by",),
                f"unknown item {spec.driven_by!r}{_nearest(spec.driven_by, documents)}",
            )
    return SprintSpec(
        raw["sprint"],
        _text(raw["title"]),
        {_pattern(document, ("detect", k), k): v for k, v in raw["detect"].items()},
        tuple(items),
    )


def _depth(documents: dict[str, _Document], name: str, way: tuple[str, ...]) -> int:
    base = documents[name].data.get("extends") if name in documents else None
    return 0 if base is None or base in way else 1 + _depth(documents, base, (*way, name))


def _merged(documents: dict[str, _Document], name: str, way: tuple[str, ...]) -> dict[str, Any]:
    """The item's keys over those of the item that it extends; sizes key by key."""
    document = documents[name]
    raw = dict(document.data)
    base = raw.get("extends")
    if base is None:
        return raw
    if base not in documents:
        raise document.error(("extends",), f"unknown item {base!r}{_nearest(base, documents)}")
    if base in way or base == name:
        raise document.error(("extends",), f"{name!r} extends itself, by way of {base!r}")
    inherited = _merged(documents, base, (*way, name))
    merged = {**inherited, **raw}
    merged["sizes"] = {**inherited.get("sizes", {}), **raw.get("sizes", {})}
    if not {"names", "own_section_only"} & raw.keys():
        merged.pop("own_section_only", None)
    return merged
