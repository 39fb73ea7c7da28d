"""Diagnoses: misconceptions make the mistake that they name, and nothing is named by guessing."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from benchmarks.diagnosis import confusion
from graders import cases
from graders.cases import LayerCase
from graders.cli import main
from graders.diagnosis import MISCONCEPTIONS, Misconception, exceptions
from graders.diagnosis.deciding import Hypothesis, holding
from graders.diagnosis.lessons import convolution, general
from graders.diagnosis.naming import few
from graders.diagnosis.relations import relations
from graders.diagnosis.sights import Sight, close
from graders.kinds.layer.rerunning import Reruns
from graders.misconceptions import Name
from graders.sandbox.session import CellError, Found
from tests.built_in import built_in_sprints

ROOT = Path(__file__).resolve().parent.parent
SPECS = {item.id: item for sprint in built_in_sprints().values() for item in sprint.items}
OF_LAYERS = [
    pytest.param(m, item, id=f"{m.id}-{item}")
    for m in MISCONCEPTIONS for item in m.items if SPECS[item].kind == "layer"
]  # fmt: skip
STATEFUL = ("accumulates", "list-grows")


def test_there_are_enough_and_each_is_about_something() -> None:
    assert len(MISCONCEPTIONS) >= 80
    assert len({m.id for m in MISCONCEPTIONS}) == len(MISCONCEPTIONS)
    for known in MISCONCEPTIONS:
        assert known.facet in known.breaks
        for item in known.items:
            assert known.facet in SPECS[item].facets, known.id


@pytest.mark.parametrize(("known", "item"), OF_LAYERS)
def test_a_variant_of_a_layer_breaks_its_facets_and_no_other(
    known: Misconception, item: str
) -> None:
    spec, rng = SPECS[item], np.random.default_rng(3)
    reruns, broken = Reruns(spec), set()
    for _ in range(6):
        case = cases.draw(spec, rng)
        before = cases.redraw(spec, case.sizes, rng) if known.id.endswith(STATEFUL) else None
        for facet in {"forward", *case.gradients} & spec.facets.keys():
            made = reruns.predicted(known.variant, case, before, facet)
            truth = case.truth(facet)
            right = made is not None and (
                close(made.array.ravel(), truth.array.ravel())
                if spec.output_layout and facet == "forward"
                else close(made.array, truth.array)
            )
            broken |= set() if right else {facet}
        y = reruns.predicted(known.variant, case, before, "forward")
        whole = spec.output_layout and y is not None and y.array.shape[0] == case.sizes["N"]
        if y is not None and y.array.shape != case.forward.shape and not whole:
            broken.add("shape")
    # An output in another order is right but for its shape; so is what follows a wrong forward.
    assert broken - {"forward", "dX"} == known.breaks & {"dW", "dB", "shape"} & spec.facets.keys()
    assert known.facet in broken | {"repeat"}


# -- deciding -------------------------------------------------------------------------------------


def sights(facet: str, item: str, make: Any, count: int = 3) -> list[Sight]:
    """Cases of an item in which the array of a facet is what `make` makes of the case."""
    spec, rng = SPECS[item], np.random.default_rng(5)
    found = []
    for _ in range(count):
        case = cases.draw(spec, rng)
        before = cases.redraw(spec, case.sizes, rng)
        array = make(case, before)
        layout = case.truth(facet).axes
        suspect = Found(("ret",), array, "array")
        found.append(Sight(case, before, facet, False, suspect, (), layout))
    return found


RELATIONS: dict[str, tuple[str, Any]] = {
    "stays-zero": ("dX", lambda c, b: 0 * c.gradients["dX"]),
    "nan": ("forward", lambda c, b: np.nan * c.forward),
    "partly-nan": ("forward", lambda c, b: np.where(c.forward > 0, np.nan, c.forward)),
    "sign": ("dW", lambda c, b: -c.gradients["dW"]),
    "mean-twice": ("dW", lambda c, b: c.gradients["dW"] / c.sizes["N"] ** 2),
    "scaled-by-batch": ("forward", lambda c, b: c.forward * c.sizes["N"]),
    "scaled": ("dX", lambda c, b: 0.5 * c.gradients["dX"]),
    "integers": ("forward", lambda c, b: np.trunc(c.forward)),
    "gradient-unchanged": ("dX", lambda c, b: c.upstream),
    "other-gradient": ("dX", lambda c, b: c.gradients["dW"]),
    "accumulates": ("dW", lambda c, b: c.gradients["dW"] + b.gradients["dW"]),
    "stale": ("forward", lambda c, b: b.forward),
    "grows": ("forward", lambda c, b: np.concatenate([b.forward, c.forward], 2)),
    "partly-filled": ("dX", lambda c, b: c.gradients["dX"] * (np.arange(c.sizes["H"]) < 5)[:, None]),
    "flipped": ("dW", lambda c, b: c.gradients["dW"][:, :, ::-1]),
    "shifted": ("dX", lambda c, b: np.pad(c.gradients["dX"], ((0, 0),) * 3 + ((1, 0),))[..., :-1] + 1e-3 * (np.arange(c.sizes["W"]) == 0)),
    "uncropped": ("dX", lambda c, b: np.pad(c.gradients["dX"], ((0, 0), (0, 0), (1, 1), (1, 1)))),
    "cut-off": ("dX", lambda c, b: c.gradients["dX"][:, :, 1:-1, 1:-1]),
    "wrong-axes": ("dB", lambda c, b: c.upstream.sum((1, 2))),
    "axis-kept": ("dX", lambda c, b: np.stack([c.gradients["dX"] / 3] * 3, 1)),
    "summed-too-far": ("dW", lambda c, b: c.gradients["dW"].sum(1)),
}  # fmt: skip


@pytest.mark.parametrize("id_", RELATIONS)
def test_a_relation_is_recognised(id_: str) -> None:
    facet, make = RELATIONS[id_]
    hits = holding(relations(), sights(facet, "conv2d", make))
    assert hits[0].name.id == id_


def test_right_and_unrelated_arrays_have_no_relation() -> None:
    rng = np.random.default_rng(0)

    def noise(case: LayerCase, before: LayerCase) -> np.ndarray:
        return rng.standard_normal(case.forward.shape)

    assert holding(relations(), sights("forward", "conv2d", noise)) == []


def test_one_input_alone_proves_nothing() -> None:
    facet, make = RELATIONS["sign"]
    assert holding(relations(), sights(facet, "conv2d", make, 1)) == []


def test_a_mistake_that_would_have_spoilt_a_right_case_is_not_named() -> None:
    facet, make = RELATIONS["sign"]
    seen = sights(facet, "conv2d", make)
    name = Name("x", general.SIGN)
    both = [Hypothesis(name, lambda s, a: frozenset({1})) for _ in range(2)]
    both[1] = Hypothesis(name, both[1].explain, lambda sight: False)
    right = Sight(seen[0].case, None, facet, True, seen[0].suspect, (), None)
    assert holding(both, [*seen, right]) == both[:1]


def test_more_than_two_names_are_a_guess() -> None:
    lessons = (general.SIGN, general.SCALED, convolution.INTEGER)
    hits = [Hypothesis(Name(str(i), x), lambda s, a: frozenset()) for i, x in enumerate(lessons)]
    assert [n.id for n in few(h.name for h in hits[:2])] == ["0", "1"]
    assert few(h.name for h in hits) == ()


@pytest.mark.parametrize(
    ("type_", "message", "id_"),
    [
        ("NameError", "name 'x' is not defined", "undefined-name"),
        ("ImportError", "utils.size is not installed where this notebook is graded", "not-handed-in"),
        ("ImportError", "cannot import name 'size' from 'math'", None),
        ("AttributeError", "'Conv1d' object has no attribute 'filter_size'", "missing-attribute"),
        ("AttributeError", "'list' object has no attribute 'shape'", None),
        ("AttributeError", "'int' object has no attribute 'T'", "still-a-number"),
        ("TypeError", "unsupported operand type(s) for -: 'NoneType' and 'float'", "still-none"),
        ("TypeError", "'int' object is not callable", "not-callable"),
        ("IndexError", "index 5 is out of bounds for axis 0 with size 5", "beyond-end"),
        ("ValueError", "operands could not be broadcast together with shapes (2,) (3,)", "shapes-misfit"),
        ("SyntaxError", "invalid syntax", "does-not-compile"),
        ("RuntimeError", "something else", None),
        ("IndexError", "arrays used as indices must be of integer (or boolean) type", "no-integer"),
        ("TypeError", "'float' object cannot be interpreted as an integer", "no-integer"),
        ("TypeError", "'str' object cannot be interpreted as an integer", None),
    ],
)  # fmt: skip
def test_exceptions_that_tell_their_mistake(type_: str, message: str, id_: str | None) -> None:
    name = exceptions.name_of(CellError(type_, message))
    assert (name and name.id) == id_


def test_a_size_written_into_the_code_is_told_from_a_wrong_reshape() -> None:
    fixed = [CellError("ValueError", f"cannot reshape array of size {n} into shape (3,2,3)")
             for n in (40, 60)]  # fmt: skip
    other = CellError("ValueError", "cannot reshape array of size 40 into shape (2,2,3)")
    size = exceptions.written_size(fixed)
    assert size is not None and size.id == "written-size"
    assert exceptions.written_size([fixed[0], other]) is None


# -- through the engine ---------------------------------------------------------------------------


@pytest.mark.parametrize("item", ["relu", "conv1d_out_size", "he_initializer"])
def test_mistakes_are_called_by_their_names_in_every_interface(item: str) -> None:
    rows = confusion(item)
    assert rows
    outcomes = [what for _, id_, _, what, _ in rows if id_]
    assert outcomes.count("itself") >= 0.95 * len(outcomes)
    assert "otherwise" not in outcomes
    assert {what for _, id_, _, what, _ in rows if not id_} == {"right"}


def strings(value: Any) -> Iterator[str]:
    """Every text in plain data."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        yield from itertools.chain.from_iterable(map(strings, value))
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("level", ["full", "hint", "score"])
def test_feedback_says_as_much_as_it_may(
    level: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.json"
    sample = ROOT / "submissions" / "wrong" / "last_channel_only.ipynb"
    arguments = ["--item", "conv1d", "--lang", "en", "--feedback", level]
    assert main(["grade", str(sample), "--report", str(report), *arguments]) == 1
    data = json.loads(report.read_text())
    jsonschema.validate(data, json.loads((ROOT / "specs" / "report.schema.json").read_text()))
    (item,) = [i for i in data["items"] if i["id"] == "conv1d"]
    (check,) = [c for c in item["checks"] if c["id"] == "forward"]
    shown = capsys.readouterr().out
    title = "Only the last input channel counts"
    assert (item["score"], item["status"], check["status"]) == (7, "partial", "failed")
    assert ("expected" in check["message"]) == (level == "full")
    assert (check["expected"] is not None) == (level == "full")
    assert (check["where"] is not None) == (level != "score")
    assert (title in check["hint"]) == (title in shown) == (level != "score")
    assert bool(item["misconceptions"]) == (level != "score")
    if level != "full":
        assert not any("expected" in text or "instead of" in text for text in strings(item))


def test_what_is_named_stands_in_the_report_in_its_language(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    sample = ROOT / "submissions" / "wrong" / "dx_padded_length.py"
    main(
        ["grade", str(sample), "--report", str(report), "--item", "conv1d_padding", "--lang", "ja"]
    )
    items = {i["id"]: i for i in json.loads(report.read_text())["items"]}
    (entry,) = items["conv1d_padding"]["misconceptions"]
    assert entry["id"] == "conv1d-dx-padded"
    assert entry["facet"] == "dX"
    assert entry["title"] == convolution.DX_PADDED.title.in_language("ja")
    assert entry["title"] != str(convolution.DX_PADDED.title)
