"""Spec data -> dataclasses; a formula, pattern or array that is none is told with its line."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from graders.formulas import Formula, FormulaError
from graders.specs.arrays import read_array
from graders.specs.document import BUILTIN, Document
from graders.specs.fitting import check_item
from graders.specs.model import (
    ORDERS,
    ROLES,
    USUAL_WEIGHTS,
    Answer,
    Argument,
    Cost,
    Edition,
    Form,
    Handout,
    Hyperparameter,
    ItemSpec,
    Keeping,
    Manner,
    Meaning,
    Network,
    Pair,
    Result,
    Setting,
    Slip,
    Targets,
    Testing,
    Text,
    Training,
    WeightSpec,
)
from graders.specs.tasks.optimizer import hyperparameters_of
from graders.spelling import nearest
from graders.traits import Trait


def text(value: Mapping[str, str]) -> Text:
    return Text(value["en"].strip(), value["ja"].strip())


def _formula(document: Document, path: tuple[str | int, ...], value: str | int) -> Formula:
    try:
        return Formula(value)
    except FormulaError as error:
        raise document.error(path, f"no valid formula: {error}") from error


def pattern(document: Document, path: tuple[str | int, ...], text: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise document.error(
            path, f"no valid pattern: {error}; expected a regular expression"
        ) from error


_OURS: dict[tuple[str, str, str], ItemSpec] = {}  # by file, keys and sprint


def build_item(document: Document, raw: dict[str, Any], sprint: str) -> ItemSpec:
    """The item of some keys; the document is where a fault is told.

    One of our own specs is built, and tried on its reference, once in a process: every course asks for the same
    ones. An author's may have another reference beside it the next time.

    Raises:
        SpecError: with file, line, key and what was expected.
    """
    if not document.file.is_relative_to(BUILTIN):
        return _built(document, raw, sprint)
    key = str(document.file), repr(raw), sprint
    if key not in _OURS:
        _OURS[key] = _built(document, raw, sprint)
    return _OURS[key]


def _built(document: Document, raw: dict[str, Any], sprint: str) -> ItemSpec:
    def formulas(key: str) -> dict[str, Formula]:
        return {k: _formula(document, (key, k), v) for k, v in raw.get(key, {}).items()}

    for name in raw.get("roles", {}):
        if name not in ROLES:
            raise document.error(("roles", name), f"unknown role {name!r}{nearest(name, ROLES)}")
    weights = {n: _weight(document, n, w) for n, w in raw.get("weights", {}).items()}
    sizes = {
        k: (int(v[0]), int(v[1])) if isinstance(v, list) else (int(v), int(v))
        for k, v in raw.get("sizes", {}).items()
    }
    for name, (low, high) in sizes.items():
        if low > high:
            raise document.error(
                ("sizes", name), f"the range [{low}, {high}] is empty; expected [smallest, largest]"
            )
    item = ItemSpec(
        id=raw["id"],
        sprint=sprint,
        kind=raw.get("kind", ""),
        title=text(raw["title"]),
        asks=text(raw["asks"]),
        required=raw["required"],
        editions=tuple(Edition(e["edition"], e["problem"]) for e in raw["editions"]),
        canonical=raw.get("canonical", ""),
        names=tuple(pattern(document, ("names", i), n) for i, n in enumerate(raw.get("names", []))),
        own_section_only=raw.get("own_section_only", False),
        reference=raw.get("reference") or raw.get("meanings", [{}])[0].get("reference", ""),
        config=formulas("config"),
        axes=tuple(raw.get("input", {}).get("axes", ())),
        layouts=tuple(raw.get("input", {}).get("layouts", ())),
        below=raw.get("input", {}).get("below", ""),
        input_scale=raw.get("input", {}).get("scale", 1.0),
        output={axis: other or "" for axis, other in raw.get("output", {}).items()},
        output_layout=tuple(raw.get("output_layout", ())),
        equal={role: tuple(axes) for role, axes in raw.get("equal", {}).items()},
        weights=weights,
        roles=formulas("roles"),
        ability=raw.get("ability", ""),
        whole_windows=raw.get("whole_windows", False),
        derivative_alone=raw.get("derivative_alone", False),
        zeroed=tuple(raw.get("zeroed", ())),
        keywords=pattern(document, ("keywords",), raw["keywords"]) if "keywords" in raw else None,
        sizes=sizes,
        shapes=formulas("shapes"),
        value=tuple(
            _formula(document, ("value",), v)
            for v in (raw["value"] if isinstance(raw.get("value"), list) else [raw.get("value")])
            if v is not None
        ),
        arguments={name: _argument(a) for name, a in raw.get("arguments", {}).items()},
        functions=raw.get("functions", {}),
        numbers=raw.get("numbers", {}),
        testing=_testing(raw["test"]) if "test" in raw else None,
        meanings=tuple(
            _meaning(document, ("meanings", i), m) for i, m in enumerate(raw.get("meanings", []))
        ),
        natural=raw.get("natural", {}),
        one_step=raw.get("one_step", {}),
        tolerance=raw.get("tolerance", 1e-9),
        cases=int(raw.get("cases", 5)),
        gain=raw.get("gain"),
        hyperparameters=_hyperparameters(document, raw),
        manner=Manner(raw["manner"]) if "manner" in raw else None,
        targets=Targets(raw["targets"]) if "targets" in raw else None,
        settings={name: _setting(document, name, s) for name, s in raw.get("settings", {}).items()},
        forms=tuple(
            Form(
                f["reference"],
                text(f["note"]),
                {name: _argument(a) for name, a in f.get("arguments", {}).items()},
            )
            for f in raw.get("forms", ())
        ),
        reductions=tuple(raw.get("reductions", ())),
        unscaled=raw.get("unscaled", False),
        slips=tuple(_slip(s) for s in raw.get("misconceptions", ())),
        driven_by=raw.get("driven_by", ""),
        documented=tuple(
            _pair(document, ("documented", i), p) for i, p in enumerate(raw.get("documented", []))
        ),
        facets=raw.get("facets", {}),
        cost=cost_of(raw.get("cost", {})),
        answers=tuple(
            _answer(document, ("answers", i), a) for i, a in enumerate(raw.get("answers", []))
        ),
        training=_training(raw["training"]) if "training" in raw else None,
        options=raw.get("options", {}),
        not_allowed=tuple(raw.get("not_allowed", ())),
        prerequisites=tuple(raw.get("prerequisites", ())),
        handout=_handout(raw.get("handout", {})),
        base=raw.get("extends", ""),
        file=str(document.file),
    )
    check_item(document, item)
    if "per_axis" in raw:
        one = {**raw, **raw["per_axis"], "documented": []}
        item = replace(
            item,
            per_axis=build_item(
                document.within("per_axis"),
                {k: v for k, v in one.items() if k != "per_axis"},
                sprint,
            ),
        )
    return item


def with_driver(item: ItemSpec, known: Mapping[str, ItemSpec]) -> ItemSpec:
    """An optimiser with the layer that it is run with: the built-in dense one, where its spec names none."""
    if Trait.UPDATING not in item.traits:
        return item
    return replace(item, driver=known[item.driven_by] if item.driven_by else _dense())


@functools.cache
def _dense() -> ItemSpec:
    document = Document(BUILTIN / "dnn" / "fc.yaml")
    return build_item(document, document.data, "dnn")


def _weight(document: Document, name: str, raw: dict[str, Any]) -> WeightSpec:
    patterns = raw.get("names", [])
    return WeightSpec(
        tuple(raw["axes"]),
        tuple(raw.get("layouts") or ["".join(raw["axes"])]),
        raw.get("gradient") or USUAL_WEIGHTS.get(name, f"d{name}"),
        tuple(pattern(document, ("weights", name, "names", i), p) for i, p in enumerate(patterns)),
        raw.get("scale", 1.0),
    )


def _hyperparameters(document: Document, raw: dict[str, Any]) -> dict[str, Hyperparameter]:
    if raw.get("kind") != "optimizer":
        return {}
    names = {
        name: tuple(
            pattern(document, ("hyperparameters", name, "names", i), p)
            for i, p in enumerate(said.get("names", ()))
        )
        for name, said in raw.get("hyperparameters", {}).items()
    }
    return hyperparameters_of(document, raw, names)


def _setting(document: Document, name: str, raw: dict[str, Any]) -> Setting:
    between, names = raw.get("between"), raw.get("names", ())
    return Setting(
        tuple(pattern(document, ("settings", name, "names", i), n) for i, n in enumerate(names)),
        None if between is None else (between[0], between[1]),
        tuple(raw.get("choose", ())),
    )


def _testing(raw: dict[str, Any]) -> Testing:
    low, high = raw["between"]
    ways = [Keeping(w["settings"], text(w["note"])) for w in raw.get("ways", ())]
    return Testing(raw["number"], (low, high), (Keeping({}), *ways))


def cost_of(raw: Mapping[str, Any], said: Cost | None = None) -> Cost:
    """What counts as efficient; what is not said stays as it is `said`."""
    told: dict[str, Any] = {
        key: {axis: ORDERS.index(order) for axis, order in raw[key].items()}
        for key in ("loops", "memory")
        if key in raw
    }
    if "bytes" in raw:
        told["bytes"] = float(raw["bytes"])
    for key in ("required", "forbidden"):
        if f"{key}_calls" in raw:
            told[key] = tuple(raw[f"{key}_calls"])
    return replace(said or Cost(), **told)


def _handout(raw: dict[str, Any]) -> Handout:
    told = text(raw["text"]) if "text" in raw else None
    return Handout(told, tuple(raw.get("formulas", ())), raw.get("template", ""))


def _slip(raw: dict[str, Any]) -> Slip:
    title, explanation, hint = (text(raw[key]) for key in ("title", "explanation", "hint"))
    breaks = tuple(raw.get("breaks", ()))
    return Slip(raw["id"], raw["variant"], title, explanation, hint, breaks)


def _training(raw: dict[str, Any]) -> Training:
    measured = raw["calibrated"]
    return Training(
        samples=raw["samples"],
        epochs=raw["epochs"],
        batch=raw["batch"],
        rate=raw["rate"],
        floor=raw["floor"],
        accuracy=raw["accuracy"],
        mean=measured["mean"],
        sd=measured["sd"],
        seeds=measured["seeds"],
        layouts=tuple(tuple(shape) for shape in raw["image"]),
        network=Network(**{"layers": 1, **raw.get("network", {})}),
    )


def _answer(document: Document, path: tuple[str | int, ...], raw: dict[str, Any]) -> Answer:
    accept = tuple(
        tuple(pattern(document, (*path, "accept", i), p) for p in alternative)
        for i, alternative in enumerate(raw["accept"])
    )
    return Answer(raw["id"], raw["facet"], text(raw["question"]), raw["expected"], accept)


def _groups(raw: dict[str, Any]) -> tuple[tuple[str, ...], ...]:
    """Layouts as groups of axes; without any, the axes in their order."""
    return tuple(tuple(layout) for layout in raw.get("layouts") or [raw["axes"]])


def _argument(raw: dict[str, Any]) -> Argument:
    between = raw.get("between")
    return Argument(
        tuple(raw["axes"]),
        _groups(raw),
        raw.get("one_hot", False),
        None if between is None else (between[0], between[1]),
        tuple(raw.get("of", ())),
        raw.get("shares", False),
        raw.get("mask", False),
    )


def _meaning(document: Document, path: tuple[str | int, ...], raw: dict[str, Any]) -> Meaning:
    return Meaning(
        reference=raw["reference"],
        results={
            facet: Result(tuple(r["axes"]), _groups(r), r.get("step_of", ""))
            for facet, r in raw["results"].items()
        },
        note=text(raw["note"]) if "note" in raw else None,
        on_output=pattern(document, (*path, "on_output"), raw["on_output"])
        if "on_output" in raw
        else None,
    )


def _pair(document: Document, path: tuple[str | int, ...], raw: dict[str, Any]) -> Pair:
    def arrays(key: str) -> dict[str, np.ndarray]:
        return {k: read_array(document, (*path, key, k), v) for k, v in raw[key].items()}

    upstream = raw.get("upstream")
    return Pair(
        given=arrays("given"),
        expected=arrays("expected"),
        upstream=None if upstream is None else read_array(document, (*path, "upstream"), upstream),
        source=raw.get("source", ""),
        note=raw.get("note", ""),
    )
