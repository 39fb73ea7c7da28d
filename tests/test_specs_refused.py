"""Broken specs that would only show while grading: refused when they load, or by ``specs check``.

Each names its file, its line and its key, suggests the nearest valid name where there is one,
executes nothing and ends soon (a guard ends what does not).
"""

import copy
import itertools
import os
import random
import re
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # noqa: F401  what says what is wrong is there already
import pytest
import yaml

import graders.diagnosis  # noqa: F401  what is imported on the way is there already
import reference  # noqa: F401  what specs may import is there already
from graders import cli
from graders.authoring.checking import problems
from graders.errors import SpecError
from graders.specs import BUILTIN, load_sprints
from graders.specs.loading import load_sprint
from tests.refusals import nothing_executed, told_well


@pytest.fixture(autouse=True)
def guard() -> Iterator[None]:
    """Ends a test that would go on for ever."""

    def late(signum: int, frame: object) -> None:
        raise TimeoutError("it took longer than any spec may take")

    previous = signal.signal(signal.SIGALRM, late)
    signal.alarm(300)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, previous)


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """A copy of all built-in specs."""
    shutil.copytree(BUILTIN, tmp_path / "specs", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "specs"


def changed(specs: Path, name: str, old: str, new: str) -> tuple[str, str]:
    """Change a spec; its text before and after."""
    file = specs / f"{name}.yaml"
    before = file.read_text(encoding="utf-8")
    assert old in before, "the mistake can't be made any more: mend this test"
    after = before.replace(old, new, 1)
    file.write_text(after, encoding="utf-8")
    return before, after


# file, what is replaced, by what, the key that the error names, a part of its reason
AT_LOAD: dict[str, tuple[str, str, str, str, str]] = {
    "a facet that no function has": (
        "cnn1/conv1d_out_size", "facets: {forward: 2}", "facets: {forward: 2, dX: 1}",
        "facets.dX", "nothing checks 'dX' of kind function; its facets are forward",
    ),
    "a facet that no initialiser has": (
        "dnn/he_initializer", "shape: 1}", "repeat: 1}", "facets.repeat", "forward, shape",
    ),
    "a facet that no optimiser has": (
        "dnn/sgd", "{update: 2}", "{forward: 2}", "facets.forward", "its facets are update",
    ),
    "a facet that no iterator has": (
        "dnn/get_mini_batch", "repeat: 1}", "update: 1}", "facets.update", "forward, shape, repeat",
    ),
    "a facet that softmax has not": (
        "dnn/softmax", "repeat: 1}", "dW: 1}", "facets.dW", "forward, dX, repeat",
    ),
    "the gradient of a weight that is not there": (
        "dnn/relu", "{forward: 2, dX: 2", "{forward: 2, dW: 2", "facets.dW", "which is no weight",
    ),
    "the gradient of a bias that is not there": (
        "cnn2/max_pool2d", "{forward: 3, dX: 3", "{forward: 3, dX: 3, dB: 1", "facets.dB", "'b'",
    ),
    "a weight with an unknown name": (
        "dnn/fc", "  b: {axes: [O]}", "  B: {axes: [O]}", "weights.B", "did you mean 'b'?",
    ),
    "an answer without points": (
        "cnn2/conv2d_answers", "facets: {shape: 3, answers: 3}", "facets: {answers: 3}",
        "answers.0.facet", "'shape' has no points",
    ),
    "points without an answer": (
        "cnn2/conv2d_answers", "facets: {shape: 3,", "facets: {forward: 1, shape: 3,",
        "facets.forward", "nothing checks",
    ),
    "an answer twice": (
        "cnn2/conv2d_answers", "- id: size2", "- id: size1", "answers.1.id", "also answer 1",
    ),
    "an optimiser driven by what is no layer": (
        "dnn/sgd", "driven_by: fc", "driven_by: sgd", "driven_by", "'sgd' is no layer",
    ),
    "an optimiser driven by a typo": (
        "dnn/sgd", "driven_by: fc", "driven_by: fcc", "driven_by", "did you mean 'fc'?",
    ),
    "a function without roles": (
        "cnn1/conv1d_out_size", "roles: {input_size: N, filter_size: F, padding: P, stride: S}\n",
        "", "", "a function needs roles",
    ),
    "softmax without a size": (
        "dnn/softmax", "sizes: {N: [3, 6], K: [4, 9]}", "sizes: {N: [3, 6]}", "sizes",
        "softmax needs the size 'K'",
    ),
    "an output layout with an unknown axis": (
        "cnn2/flatten", "['N', 'CHW']", "['N', 'CHX']", "output_layout.1", "'CHX'",
    ),
    "a value with a typo": (
        "cnn1/conv1d_out_size", "value: floor((N +", "value: floor((M +", "value",
        "unknown size 'M'",
    ),
    "one of two values with a typo": (
        "cnn2/conv2d_out_size", "floor((W + 2*P - J) / S) + 1]", "floor((V + 2*P - J) / S) + 1]",
        "value.1", "unknown size 'V'",
    ),
    "a value that is a fraction": (
        "cnn1/conv1d_out_size", "value: floor((N + 2*P - F) / S) + 1",
        "value: (N + 2*P - F) / S + 1", "value", "floor(...) rounds down",
    ),
    "a shape that is a fraction": (
        "cnn1/conv1d_stride", "sizes: {S: [2, 3]}",
        "sizes: {S: [2, 3]}\nshapes: {M: (L + 2*P - F) / S + 1}", "shapes.M", "not a whole number",
    ),
    "a shape that divides by zero": (
        "cnn1/conv1d", "shapes: {M: floor((L + 2*P - F) / S) + 1}",
        "shapes: {M: floor((L + 2*P - F) / (S - 1)) + 1}", "shapes.M", "divides by zero",
    ),
    "a setting that is a fraction": (
        "cnn1/conv1d", "config: {stride: S,", "config: {stride: F / 2,", "config.stride",
        "not a whole number",
    ),
    "a role that divides by zero": (
        "cnn1/conv1d", "  stride: S\n", "  stride: 1 // P\n", "roles.stride", "divides by zero",
    ),
    "sizes that would fill the memory": (
        "dnn/fc", "I: [3, 8], O: [2, 7]", "I: [3, 80000], O: [2, 70000]", "sizes",
        "at most 1000000",
    ),
    "cases without end": (
        "dnn/fc", "required: true", "required: true\ncases: 1000000000", "cases", "100",
    ),
    "a reference that is part of Python": (
        "dnn/fc", "reference: reference:FC", "reference: os:system", "reference",
        "'os' is a module of Python itself",
    ),
    "a reference that is no callable": (
        "dnn/fc", "reference: reference:FC", "reference: reference.conv1d:PIECE_BYTES", "reference",
        "neither class nor function",
    ),
    "a reference with a typo": (
        "dnn/sgd", "reference: reference:SGD", "reference: reference:SGB", "reference",
        "did you mean 'SGD'?",
    ),
    "a reference that needs more": (
        "dnn/fc", "reference: reference:FC", "reference: reference:Conv1d.initialised", "reference",
        "expected package.module:Class",
    ),
    "a reference that takes no weights": (
        "dnn/fc", "reference: reference:FC", "reference: reference:ReLU", "reference",
        "can't be called with W, b",
    ),
    "a role for one axis with a typo": (
        "cnn2/conv2d_out_size", "roles: {input_size: N, input_height", "roles: {inputsize: N, input_height",
        "per_axis.roles.inputsize", "did you mean 'input_size'?",
    ),
    "a value for one axis that does not parse": (
        "cnn2/conv2d_out_size", "  value: floor((N + 2*P - F) / S) + 1",
        "  value: floor((N + 2*P - F / S) + 1", "per_axis.value", "does not parse",
    ),
    "an empty range for one axis": (
        "cnn2/conv2d_out_size", "  sizes: {N: [10, 40], F", "  sizes: {N: [40, 10], F",
        "per_axis.sizes.N", "is empty",
    ),
    "a value as long as a book": (
        "cnn1/conv1d_out_size", "value: floor((N + 2*P - F) / S) + 1",
        "value: " + "+".join(["N"] * 5000), "value", "longer than 200 characters",
    ),
    "a power": (
        "cnn1/conv1d_out_size", "value: floor((N", "value: floor((9**9**9**9 + N", "value",
        "only sizes, whole numbers",
    ),
    "a call of a call": (
        "cnn1/conv1d_out_size", "value: floor((N", "value: floor(().__class__() + (N", "value",
        "only sizes, whole numbers",
    ),
    "a comprehension": (
        "cnn1/conv1d_out_size", "value: floor((N", "value: floor([x for x in (1,)] + (N", "value", "only sizes",
    ),
    "an assignment inside a formula": (
        "cnn1/conv1d_out_size", "value: floor((N", "value: floor((N := N", "value", "only sizes",
    ),
    "a string in a formula": (
        "cnn1/conv1d_out_size", "value: floor((N", "value: floor(('a' * 999999999 + N", "value", "only sizes",
    ),
    "an item that needs itself": (
        "cnn1/conv1d", "required: true", "required: true\nprerequisites: [conv1d]",
        "prerequisites", "before itself: conv1d -> conv1d",
    ),
    "an optional prerequisite of a required item": (
        "cnn1/simple_conv1d", "required: true", "required: true\nprerequisites: [conv1d_batch]",
        "prerequisites.0", "'conv1d_batch' is optional, but the required 'simple_conv1d' would have",
    ),
    "a prerequisite with a typo": (
        "cnn1/conv1d", "required: true", "required: true\nprerequisites: [simple_conv1]",
        "prerequisites.0", "did you mean 'simple_conv1d'?",
    ),
    "the rule of an optimiser": ("dnn/adagrad", "driven_by: fc", "rule: adagrad\ndriven_by: fc", "rule", "unknown key"),
    "a number that the reference does not take": (
        "dnn/adagrad", "  eps: {upto: 1.0e-4}", "  esp: {upto: 1.0e-4}",
        "hyperparameters.esp", "AdaGrad takes no 'esp'; did you mean 'eps'?",
    ),
    "a form that is no optimiser": (
        "dnn/adagrad", "reference:AdaGradUnderRoot", "reference:FC",
        "forms.0.reference", "expected a class with an update(layer)",
    ),
    "a form with a number of its own": (
        "dnn/adagrad", "reference:AdaGradUnderRoot", "reference:Momentum",
        "forms.0.reference", "takes 'momentum', which reference:AdaGrad does not",
    ),
    "a misconception of a layer that is not there": (
        "dnn/fc", "required: true", "required: true\nmisconceptions: [{id: a, variant: 'reference:FCC', "
        "title: {en: a, ja: b}, explanation: {en: a, ja: b}, hint: {en: a, ja: b}}]",
        "misconceptions.0.variant", "did you mean 'FC'?",
    ),
    "a misconception that is no class": (
        "dnn/fc", "required: true", "required: true\nmisconceptions: [{id: a, variant: 'reference:softmax', "
        "title: {en: a, ja: b}, explanation: {en: a, ja: b}, hint: {en: a, ja: b}}]",
        "misconceptions.0.variant", "is no class; expected one",
    ),
    "a misconception that breaks what is no facet": (
        "dnn/fc", "required: true", "required: true\nmisconceptions: [{id: a, variant: 'reference:FC', "
        "breaks: [dx], title: {en: a, ja: b}, explanation: {en: a, ja: b}, hint: {en: a, ja: b}}]",
        "misconceptions.0.breaks", "did you mean 'dX'?",
    ),
    "forms of a layer": (
        "dnn/fc", "required: true", "required: true\nforms: [{reference: 'reference:SGD', note: {en: a, ja: b}}]",
        "forms", "only an optimizer, a loss or an estimator has forms",
    ),
    "a scale of what is no layer": (
        "dnn/adagrad", "required: true", "required: true\ninput: {axes: [N], layouts: [N], scale: 2}\nsizes: {N: [2, 5]}",
        "input.scale", "only a layer has input.scale",
    ),
    "a range from high to low": (
        "dnn/adagrad", "{upto: 1.0e-4}", "{between: [0.9, 0.5]}",
        "hyperparameters.eps.between", "expected [smallest, largest]",
    ),
    "a gain of zero": ("dnn/he_initializer", "gain: 2", "gain: 0", "gain", "0"),
    "a counted array with a typo": (
        "im2col/im2col", "{input: {count: [28, 28]}", "{input: {cuont: [28, 28]}",
        "documented.0.given.input.cuont", "did you mean 'count'?",
    ),
    "a counted array of another size": (
        "im2col/im2col", "{input: {count: [28, 28]}", "{input: {count: [28, 27]}",
        "documented.0.expected.forward", "has shape (9, 676); expected (9, 650)",
    ),
    "a counted array with an axis too many": (
        "im2col/im2col", "{input: {count: [28, 28]}", "{input: {count: [1, 28, 28]}",
        "documented.0.given.input", "has 3 axes; expected 2",
    ),
    "a counted array that would fill the memory": (
        "im2col/im2col", "{input: {count: [28, 28]}", "{input: {count: [28000, 28000]}",
        "documented.0.given.input.count", "at most 1000000",
    ),
    "a pair that leaves a size open": (
        "im2col/im2col", "F: 3, J: 3}\n    expected", "F: 3}\n    expected",
        "documented.0.given", "'J' is missing",
    ),
    "a column that is not there": (
        "im2col/im2col", "          675: [", "          676: [",
        "documented.0.expected.forward.columns.676", "there are only 676 columns",
    ),
    "a column that is too short": (
        "im2col/im2col", "1: [1, 2, 3,", "1: [2, 3,",
        "documented.0.expected.forward.columns.1", "has shape (8,); expected (9,)",
    ),
    "an array told in part where nothing reads it": (
        "cnn1/conv1d_out_size", "expected: {forward: 2}",
        "expected: {forward: {shape: [2, 2], columns: {0: [1, 2]}}}",
        "documented.0.expected.forward", "only a procedure's result",
    ),
    "a role's typo far from any role": (
        "dnn/fc", "  in_nodes: I", "  zzzzzz: I", "roles.zzzzzz", "unknown role 'zzzzzz'",
    ),
    "a range for one axis that is no range": (
        "cnn2/conv2d_out_size", "  sizes: {N: [10, 40], F", "  sizes: {N: [ten, 40], F",
        "per_axis.sizes.N.0", "'ten' is text; expected a whole number",
    ),
    "several sizes in the place of one": (
        "cnn1/conv1d_out_size", "{N: 4, F: 3,", "{N: [4, 5], F: 3,", "documented.0.given.N",
        "expected a whole one",
    ),
    "a size of a pair that is a fraction": (
        "cnn1/conv1d_out_size", "{N: 4, F: 3,", "{N: 4.5, F: 3,", "documented.0.given.N",
        "expected a whole one",
    ),
    "two results where there is one": (
        "cnn1/conv1d_out_size", "expected: {forward: 2}", "expected: {forward: [2, 2]}",
        "documented.0.expected.forward", "has 2 numbers; expected 1",
    ),
    "a pair with what is no number": (
        "cnn1/simple_conv1d", "{forward: [35, 50],", "{forward: [35, .nan],",
        "documented.0.expected.forward", "expected finite numbers",
    ),
    "a size beyond all sizes": (
        "cnn1/conv1d_out_size", "sizes: {N: [10, 40]", "sizes: {N: [10, 1000000000000]",
        "sizes.N.1", "expected at most 100000",
    ),
    "an axis that is always empty": (
        "cnn1/conv1d", "C: [2, 4], O", "C: 0, O", "sizes.C", "expected 1 or more",
    ),
    "sizes that square, and square again": (
        "cnn1/conv1d_stride", "sizes: {S: [2, 3]}",
        "sizes: {S: [2, 3]}\nshapes: {M: floor((L + 2*P - F) / S) + 1, A: L*L, "
        + ", ".join(f"{b}: {a}*{a}" for a, b in itertools.pairwise("ABDEGHIJKQRTUVXYZ")) + "}",
        "shapes.E", "is larger than any size",
    ),
    "a formula that squares within itself": (
        "cnn1/conv1d_out_size", "value: floor((N", "value: floor(("
        + "*".join(["999999999"] * 12) + " + N", "value", "is larger than any size",
    ),
    "a lambda": (
        "cnn1/conv1d_out_size", "value: floor((N", "value: floor((lambda:N)() + (N", "value",
        "only sizes",
    ),
    "an attribute": (
        "cnn1/conv1d", "stride: S,", "stride: S.__class__,", "config.stride", "only sizes",
    ),
    "an import in a role": (
        "cnn1/conv1d", "  stride: S\n", "  stride: __import__('os').getpid()\n", "roles.stride",
        "only sizes",
    ),
    "a shift without end": (
        "cnn1/conv1d_out_size", "value: floor((N", "value: floor((1 << 10 ** 9) + (N", "value",
        "only sizes",
    ),
    "a pair of another item's size": (
        "cnn1/conv1d_out_size", "{N: 4, F: 3,", "{N: 4, F: 3, L: 2,", "documented.0.given.L",
        "unknown input 'L'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", AT_LOAD.values(), ids=AT_LOAD.keys())
def test_what_could_not_be_graded_is_refused_when_it_loads(
    specs: Path, mistake: tuple[str, str, str, str, str]
) -> None:
    name, old, new, key, reason = mistake
    before, after = changed(specs, name, old, new)
    modules = set(sys.modules)
    with nothing_executed(), pytest.raises(SpecError) as caught:
        load_sprints(specs)
    message = str(caught.value)
    assert f"{name}.yaml, line " in message
    assert reason in message
    assert told_well(message, before, after)[1] == key
    assert set(sys.modules) == modules, "something was imported"


def test_a_circle_of_prerequisites_is_refused_with_its_way(specs: Path) -> None:
    changed(specs, "cnn1/conv1d", "required: true", "required: true\nprerequisites: [conv1d_batch]")
    changed(
        specs, "cnn1/conv1d_batch", "required: false",
        "required: false\nprerequisites: [conv1d_stride]",
    )  # fmt: skip
    changed(
        specs, "cnn1/conv1d_stride", "required: false", "required: false\nprerequisites: [conv1d]"
    )
    with pytest.raises(
        SpecError, match="conv1d -> conv1d_batch -> conv1d_stride -> conv1d"
    ) as caught:
        load_sprints(specs)
    assert "conv1d.yaml, line" in str(caught.value)


@pytest.mark.parametrize("width", [2, 9])
def test_aliases_that_would_have_billions_of_values_are_refused(specs: Path, width: int) -> None:
    levels = ["a0: &a0 [" + ", ".join(["x"] * width) + "]"]
    for i in range(1, 19):
        levels.append(f"a{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * width) + "]")
    (specs / "cnn1" / "conv1d.yaml").write_text("\n".join(levels), encoding="utf-8")
    with pytest.raises(SpecError, match=r"conv1d\.yaml, line \d+: (more than|too deeply)"):
        load_sprints(specs)


@pytest.mark.parametrize("text", ["a: " + "[" * 400_000, "a: " + "{a: " * 100_000])
def test_nesting_without_end_is_refused_before_anything_recurs_over_it(
    specs: Path, text: str
) -> None:
    (specs / "cnn1" / "conv1d.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SpecError, match=r"conv1d\.yaml, line 1: too deeply nested"):
        load_sprints(specs)


def test_an_alias_to_itself_is_refused(specs: Path) -> None:
    (specs / "cnn1" / "conv1d.yaml").write_text("a: &a [*a, *a]", encoding="utf-8")
    with pytest.raises(SpecError, match=r"conv1d\.yaml"):
        load_sprints(specs)


def test_a_file_of_many_megabytes_is_refused(specs: Path) -> None:
    (specs / "cnn1" / "conv1d.yaml").write_text("# x\n" * 1_000_000, encoding="utf-8")
    with pytest.raises(SpecError, match=r"conv1d\.yaml: larger than 1 MB"):
        load_sprints(specs)


# -- what loads, and is refused by specs check ---------------------------------------------------

BY_CHECK: dict[str, tuple[str, str, str, str, str]] = {
    "an output that the reference contradicts": (
        "cnn1/simple_conv1d", "{forward: [35, 50],", "{forward: [35, 51],",
        "documented.0.expected.forward", "is 51 at [1], but reference:Conv1d gives 50",
    ),
    "a gradient of the input that the reference contradicts": (
        "cnn1/simple_conv1d", "dX: [30, 110, 170, 140]", "dX: [140, 170, 110, 30]",
        "documented.0.expected.dX", "is 140 at [0], but reference:Conv1d gives 30",
    ),
    "a gradient of the weights that the reference contradicts": (
        "cnn1/conv1d", "[164, 272, 380]], [[169", "[164, 272, 381]], [[169",
        "documented.1.expected.dW", "is 381 at [0, 1, 2], but reference:Conv1d gives 380",
    ),
    "a gradient of the bias that the reference contradicts": (
        "cnn1/simple_conv1d", "dB: [30]", "dB: [15]", "documented.0.expected.dB",
        "but reference:Conv1d gives 30",
    ),
    "a sign": (
        "cnn2/conv2d", "[0, 13, 27, -11]", "[0, 13, 27, 11]", "documented.0.expected.dX",
        "is 11 at [0, 0, 2, 3], but reference:Conv2d gives -11",
    ),
    "a size that the formula contradicts": (
        "cnn1/conv1d_out_size", "expected: {forward: 2}", "expected: {forward: 3}",
        "documented.0.expected.forward", "is 3, but the formula gives 2",
    ),
    "a column that the reference contradicts": (
        "im2col/im2col", "26: [28, 29, 30,", "26: [28, 29, 31,", "documented.0.expected.forward",
        "is 31 at [2, 26], but reference.procedural:columns gives 30",
    ),
    "gradients without an upstream gradient": (
        "cnn1/simple_conv1d", "    upstream: [10, 20]\n", "", "documented.0.expected", "upstream",
    ),
    "a size that never comes": (
        "cnn2/max_pool2d", "H: [13, 19], W: [14, 23], D: [2, 4]}", "H: [7, 11], W: [7, 13], D: [2, 3]}",
        "sizes.D", "is always 2: with another value of 2 to 3",
    ),
    "Japanese in the place of English": (
        "dnn/relu", "  en: The activation ReLU as", "  en: 活性化関数 as", "asks.en", "expected English",
    ),
    "English in the place of Japanese": (
        "dnn/relu", "  ja: 活性化関数 ReLU のクラス（フォワードとバックワード）。", "  ja: The activation.",
        "asks.ja", "not Japanese",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", BY_CHECK.values(), ids=BY_CHECK.keys())
def test_what_contradicts_the_reference_is_refused_by_the_check(
    specs: Path, mistake: tuple[str, str, str, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    name, old, new, key, reason = mistake
    before, after = changed(specs, name, old, new)
    found = [str(e) for e in problems(load_sprints(specs))]
    assert found
    assert f"{name}.yaml, line " in found[0]
    assert told_well(found[0], before, after)[1] == key
    assert reason in found[0]
    assert cli.main(["specs", "check", str(specs)]) == 1
    assert capsys.readouterr().out.splitlines() == found
    # One file alone is looked at in the same way, and other files are not.
    assert cli.main(["specs", "check", str(specs / f"{name}.yaml")]) == 1
    other = "cnn1/conv1d_batch" if name.startswith("cnn1") else "dnn/fc"
    assert cli.main(["specs", "check", str(specs / f"{other}.yaml")]) == 0


def test_the_built_in_specs_pass_the_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["specs", "check"]) == 0
    assert "nothing is wrong" in capsys.readouterr().out


def test_the_check_says_what_does_not_load_in_one_line(
    specs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed(specs, "cnn1/conv1d", "canonical:", "cannonical:")
    assert cli.main(["specs", "check", str(specs)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert re.fullmatch(r"scratchgrade: .*conv1d\.yaml, line \d+, .*'canonical'\?\n", captured.err)


@pytest.mark.parametrize("path", ["nowhere", "dnn/fc.yaml", "dnn"])
def test_the_check_takes_a_folder_a_sprint_or_a_file(
    specs: Path, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status = cli.main(["specs", "check", str(specs / path)])
    captured = capsys.readouterr()
    assert status == (2 if path == "nowhere" else 0)
    assert ("no such folder" in captured.err) == (path == "nowhere")
    if path == "dnn/fc.yaml":
        assert captured.out.startswith("1 item and ")


def test_nothing_was_written_by_any_of_it(specs: Path) -> None:
    before = sorted(str(p) for p in specs.rglob("*"))
    assert cli.main(["specs", "check", str(specs)]) == 0
    assert sorted(str(p) for p in specs.rglob("*")) == before
    assert "SCRATCHGRADE" not in "".join(os.listdir(specs))


# -- anything in the place of anything -----------------------------------------------------------

JUNK: list[Any] = [
    None, -1, 0, 2.5, 10**30, float("nan"), "x", "", [], {}, [[1]], "N*N", True, {"a": 1},
    ["a", "a"], {"count": [2]}, [3, 2], "1//0",
]  # fmt: skip


def _places(data: Any, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The ways to all that stands inside."""
    inner = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in inner:
        yield (*way, key)
        if isinstance(value, dict | list):
            yield from _places(value, (*way, key))


def _with(data: Any, way: tuple[str | int, ...], value: Any) -> Any:
    """A copy with something else at the end of a way."""
    whole = part = copy.deepcopy(data)
    for key in way[:-1]:
        part = part[key]
    part[way[-1]] = value
    return whole


@pytest.mark.parametrize("seed", range(4))
def test_junk_anywhere_is_refused_with_its_place_or_does_no_harm(specs: Path, seed: int) -> None:
    rng = random.Random(seed)
    files = sorted(specs.glob("*/*.yaml"))
    for _ in range(40):
        file = rng.choice(files)
        text = file.read_text(encoding="utf-8")
        data = yaml.safe_load(text)
        way, junk = rng.choice(list(_places(data))), rng.choice(JUNK)
        file.write_text(yaml.safe_dump(_with(data, way, junk), allow_unicode=True), "utf-8")
        try:
            sprint = load_sprint(file.parent)
            told = list(problems({sprint.id: sprint}))
        except SpecError as refused:
            told = [refused]
        for message in map(str, told):
            where = f"{file.name} {way} {junk!r}: {message}"
            assert re.search(r"\.yaml, line \d+", message), where
            assert "\n" not in message, where
        file.write_text(text, encoding="utf-8")
