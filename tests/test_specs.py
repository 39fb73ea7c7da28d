"""Specs: the built-in ones hold true, and every mistake in one names its file and its line."""

import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from graders.errors import SpecError
from graders.specs import BUILTIN, ROLES, ItemSpec, load_sprints
from tests.built_in import built_in_sprints
from tests.refusals import nothing_executed, told_well

BUILT_IN = [item for sprint in built_in_sprints().values() for item in sprint.items]
LAYERS = [item for item in BUILT_IN if item.kind == "layer"]
PAIRS = [
    (item, n) for item in built_in_sprints()["cnn1"].items for n in range(len(item.documented))
]


# -- the built-in specs --------------------------------------------------------------------------


def test_the_sprint_cnn1_has_its_items_in_order() -> None:
    sprint = built_in_sprints()["cnn1"]
    assert [item.id for item in sprint.items] == [
        "simple_conv1d", "conv1d_out_size", "conv1d", "conv1d_padding", "conv1d_batch",
        "conv1d_stride", "cnn1d_classifier",
    ]  # fmt: skip
    optional = {item.id for item in sprint.items if not item.required}
    assert optional == {"conv1d_padding", "conv1d_batch", "conv1d_stride"}
    assert sprint.item("conv1d").id == "conv1d"
    with pytest.raises(KeyError):
        sprint.item("conv2d")


@pytest.mark.parametrize("item", BUILT_IN, ids=lambda i: i.id)
def test_a_built_in_item_is_complete(item: ItemSpec) -> None:
    assert item.title.in_language("en") == item.title.en != ""
    assert item.title.in_language("ja") == item.title.ja != ""
    # The sprint gives the iterator away; the procedural sprint numbers no problems.
    if item.kind != "iterator" and item.sprint != "im2col":
        assert item.editions
        assert item.problems
    assert item.kind == "manual" or item.max_score > 0
    assert set(item.roles) <= ROLES
    assert item.kind == "manual" or item.cases >= 5


@pytest.mark.parametrize("item", LAYERS, ids=lambda i: i.id)
def test_a_built_in_layers_sizes_give_an_output_throughout(item: ItemSpec) -> None:
    axes = set(item.axes) | set(item.output.values())
    for pick in (0, 1):
        sizes = item.with_shapes({name: both[pick] for name, both in item.sizes.items()})
        assert all(sizes[a] >= 1 for a in axes)


def convolved(
    x: np.ndarray, w: np.ndarray, b: np.ndarray, dy: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(y, dX, dW, dB) of a 1-D convolution with stride 1, term by term."""
    y = np.zeros((w.shape[0], x.shape[1] - w.shape[2] + 1))
    dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(b.shape)
    for o, i in np.ndindex(*y.shape):
        y[o, i] = b[o]
        db[o] += dy[o, i]
        for c, f in np.ndindex(*w.shape[1:]):
            y[o, i] += x[c, i + f] * w[o, c, f]
            dw[o, c, f] += dy[o, i] * x[c, i + f]
            dx[c, i + f] += dy[o, i] * w[o, c, f]
    return y, dx, dw, db


@pytest.mark.parametrize(("item", "number"), PAIRS, ids=lambda v: getattr(v, "id", str(v)))
def test_a_documented_pair_is_what_plain_loops_compute(item: ItemSpec, number: int) -> None:
    pair = item.documented[number]
    if item.kind == "function":
        n, f, p, s = (int(pair.given[k]) for k in "NFPS")
        starts = [i for i in range(-p, n + p) if (i + p) % s == 0 and i + f <= n + p]
        assert int(pair.expected["forward"]) == len(starts)
        return
    x = pair.given["x"].reshape(-1, pair.given["x"].shape[-1])
    w = pair.given["W"].reshape(-1, len(x), pair.given["W"].shape[-1])
    length = x.shape[1] - w.shape[2] + 1
    dy = np.ones((len(w), length)) if pair.upstream is None else pair.upstream
    y, dx, dw, db = convolved(x, w, pair.given["b"], dy.reshape(len(w), length))
    for facet, truth in (("forward", y), ("dX", dx), ("dW", dw), ("dB", db)):
        if facet in pair.expected:
            expected = pair.expected[facet]
            np.testing.assert_array_equal(expected.ravel(), truth.ravel())
    assert pair.upstream is not None or set(pair.expected) == {"forward"}


def test_the_pairs_that_the_sprint_prints_are_all_there() -> None:
    printed = {
        (i.id, f)
        for i in built_in_sprints()["cnn1"].items
        for p in i.documented
        for f in p.expected
    }
    assert printed >= {
        ("simple_conv1d", "forward"), ("simple_conv1d", "dX"), ("simple_conv1d", "dW"),
        ("simple_conv1d", "dB"), ("conv1d", "forward"), ("conv1d", "dW"),
    }  # fmt: skip


def test_an_item_takes_over_what_it_does_not_say_itself() -> None:
    sprint = built_in_sprints()["cnn1"]
    base, derived = sprint.item("conv1d"), sprint.item("conv1d_stride")
    assert derived.axes == base.axes
    assert derived.weights == base.weights
    assert derived.sizes == {**base.sizes, "S": (2, 3)}
    assert derived.documented == ()
    assert derived.facets != base.facets


def test_arrays_of_a_spec_are_read_only() -> None:
    pair = built_in_sprints()["cnn1"].item("conv1d").documented[0]
    with pytest.raises(ValueError, match="read-only"):
        pair.given["x"][0] = 5


# -- mistakes ------------------------------------------------------------------------------------

# file, what is replaced, by what, a part of the message, and the text that marks the line
# (the new text's first line where it is empty).
MISTAKES: dict[str, tuple[str, str, str, str]] = {
    "a typo in a key": ("conv1d", "canonical:", "cannonical:", "did you mean 'canonical'"),
    "a typo in an inner key": ("conv1d", "  en: 1-D", "  eng: 1-D", "'eng'"),
    "a typo in a pair's key": ("conv1d", "    expected: {f", "    expect: {f", "'expect'"),
    "an unknown kind": ("conv1d", "kind: layer", "kind: layr", "did you mean 'layer'"),
    "an unknown role": ("conv1d", "  stride: S\n", "  strid: S\n", "did you mean 'stride'"),
    "an unknown facet": ("conv1d", "{forward: 3, dX", "{foward: 3, dX", "foward"),
    "points below zero": ("conv1d", "{forward: 3, dX", "{forward: -3, dX", "-3"),
    "points that are no number": ("conv1d", "{forward: 3, dX", "{forward: .nan, dX", "nan"),
    "points without end": ("conv1d", "{forward: 3, dX", "{forward: .inf, dX", "inf"),
    "a formula that does not parse": ("conv1d", "floor((L", "floor(((L", "formula"),
    "a formula that calls something": ("conv1d", "floor((L", "open((L", "formula"),
    "a formula of a wrong form": ("conv1d", "floor((L", "min((L", "formula"),
    "a formula with a typo": ("conv1d", "(L + 2*P - F)", "(L + 2*Q - F)", "unknown size 'Q'"),
    "a role's formula with a typo": ("conv1d", "filter_size: F", "filter_size: FF", "'FF'"),
    "a setting's formula with a typo": ("conv1d", "{stride: S, p", "{stride: T, p", "'T'"),
    "a setting that the reference has not": ("conv1d", "{stride: S, p", "{strid: S, p", "strid"),
    "a reference that is not there": ("conv1d", "reference:Conv1d", "reference:Conv9d", "Conv9d"),
    "a reference without a name": ("conv1d", "reference:Conv1d", "reference.Conv1d", "reference"),
    "a module that is not there": ("conv1d", "reference:Conv1d", "refrence:Conv1d", "refrence"),
    "rows of different lengths": ("conv1d", "[52, 56], [32, 35]", "[52, 56], [32]", "lengths"),
    "words where numbers belong": ("conv1d", "[52, 56], [32, 35]", "[52, 56], [a, 35]", "numbers"),
    "a gradient of the wrong shape": (
        "simple_conv1d", "dX: [30, 110, 170, 140]", "dX: [30, 110, 170]", "shape (3,)",
    ),
    "weights of the wrong rank": (
        "conv1d", "      W: [[[1, 1, 1], [1, 1, 1]], [[1, 1, 1], [1, 1, 1]], [[1, 1, 1], [1, 1, 1]]]",
        "      W: [[1, 1, 1], [1, 1, 1]]", "2 axes",
    ),
    "channels that do not fit": ("conv1d", "x: [[2, 3, 4, 5], [1, 2, 3, 4]]", "x: [[2, 3, 4, 5]]", ""),
    "an output of the wrong shape": (
        "simple_conv1d", "forward: [35, 50], d", "forward: [35, 50, 60], d", "shape",
    ),
    "an upstream gradient of the wrong shape": (
        "simple_conv1d", "upstream: [10, 20]", "upstream: [10, 20, 30]", "shape",
    ),
    "an unknown input of a pair": ("simple_conv1d", "{x: [1", "{z: [1", "unknown input 'z'"),
    "a missing input of a pair": ("simple_conv1d", ", b: [1]}", "}", "b"),
    "an unknown size of a pair": ("conv1d_out_size", "{N: 4, F", "{M: 4, F", "unknown input 'M'"),
    "a missing size of a pair": ("conv1d_out_size", "{N: 4, F: 3,", "{N: 4,", "F"),
    "an expected facet without points": (
        "simple_conv1d", "{forward: [35, 50], d", "{update: [35, 50], d", "update",
    ),
    "an empty range": ("conv1d", "L: [8, 13]", "L: [13, 8]", "empty"),
    "a range of three": ("conv1d", "L: [8, 13]", "L: [8, 9, 13]", ""),
    "a size that is a fraction": ("conv1d", "L: [8, 13]", "L: [8.5, 13]", ""),
    "a size below zero": ("conv1d", "L: [8, 13]", "L: -8", ""),
    "sizes that give no output": ("conv1d", "L: [8, 13]", "L: [1, 1]", ""),
    "a layout with an unknown axis": ("conv1d", "[CL, NCL", "[CX, NCL", "axis"),
    "a weight's axis without a size": ("conv1d", "W: {axes: [O, C, F]", "W: {axes: [O, C, G]", "G"),
    "a weight's layout with an unknown axis": ("conv1d", "[OCF, FCO", "[OCG, FCO", "G"),
    "an input's axis without a size": ("conv1d", "axes: [N, C, L]", "axes: [N, C, K]", ""),
    "an output's axis without a size": ("conv1d", "{N: N, C: O, L: M}", "{N: N, C: Q, L: M}", "Q"),
    "an output that lacks an axis": ("conv1d", "{N: N, C: O, L: M}", "{N: N, L: M}", "C"),
    "an axis of two letters": ("conv1d", "axes: [N, C, L]", "axes: [N, CC, L]", ""),
    "no input": ("conv1d", "input:\n  axes: [N, C, L]\n  layouts: [CL, NCL, NLC, LC]\n", "", "input"),
    "a pattern that does not compile": ("conv1d", "'conv_?1d\\w*'", "'conv_?1d(\\w*'", "pattern"),
    "a word for a truth value": ("conv1d", "required: true", "required: maybe", "maybe"),
    "too few cases": ("conv1d", "required: true", "required: true\ncases: 1", "5"),
    "a tolerance of zero": ("conv1d", "required: true", "required: true\ntolerance: 0", "0"),
    "a tolerance that is no number": (
        "conv1d", "required: true", "required: true\ntolerance: .nan", "nan",
    ),
    "a key that stands twice": ("conv1d", "kind: layer", "kind: layer\nkind: layer", "twice"),
    "an inner key that stands twice": ("conv1d", "{stride: S, p", "{stride: S, stride: S, p", "twice"),
    "a missing title": ("conv1d", "title:\n  en: 1-D convolution with any number of channels\n  ja: チャンネル数を限定しない1次元畳み込み層\n", "", "'title' is missing"),
    "an unknown base": ("conv1d_stride", "extends: conv1d", "extends: conv2d", "unknown item 'conv2d'"),
    "an item that extends itself": ("conv1d_stride", "extends: conv1d", "extends: conv1d_stride", "itself"),
    "an ability that is no role": ("conv1d_stride", "ability: stride", "ability: strides", "'strides'"),
    "an ability without keywords": (
        "conv1d_stride", "keywords: 'strid|straid|ストライド'\n", "", "keywords",
    ),
    "an unknown prerequisite": (
        "conv1d", "required: true", "required: true\nprerequisites: [simple_conv]", "simple_conv1d",
    ),
    "an id that is another item's": ("conv1d_stride", "id: conv1d_stride", "id: conv1d_batch", "conv1d_batch"),
    "an id with a space": ("conv1d", "id: conv1d", "id: conv 1d", "conv 1d"),
    "an unknown item in sprint.yaml": ("sprint", "[simple_conv1d,", "[simple_conv,", "simple_conv1d"),
    "an item twice in sprint.yaml": ("sprint", "[simple_conv1d,", "[simple_conv1d, simple_conv1d,", ""),
    "no items in sprint.yaml": ("sprint", "items: [simple", "things: [simple", "things"),
    "a typo in sprint.yaml": ("sprint", "detect:", "detekt:", "did you mean 'detect'"),
    "a pattern in sprint.yaml": ("sprint", "'conv_?1d': 3", "'conv_?(1d': 3", "pattern"),
    "a weight in sprint.yaml": ("sprint", "'conv_?1d': 3", "'conv_?1d': much", "much"),
    "an object of Python": (
        "conv1d", "canonical: ", "canonical: !!python/object/apply:os.mkdir [HERE/run] #", "",
    ),
    "a Python name": ("conv1d", "canonical: ", "canonical: !!python/name:os.system '' #", "tag"),
    "a tag of one's own": ("conv1d", "required: true", "required: !yes true", "tag"),
    "a tag on a mapping": ("conv1d", "config: {", "config: !!python/dict {", "tag"),
    "a tag on a list": ("conv1d", "axes: [N, C, L]", "axes: !!python/tuple [N, C, L]", "tag"),
    "a number that is none": ("conv1d", "L: [8, 13]", "L: !!int eight", ""),
    "a truth value that is none": ("conv1d", "required: true", "required: !!bool sure", ""),
    "a date": ("conv1d", "canonical: ", "canonical: 2020-01-01 #", "timestamp"),
    "a list as a key": ("conv1d", "config: {stride: S", "config: {[a, b]: S", "key"),
    "a tab": ("conv1d", "required: true", "required:\n\ttrue", "YAML"),
    "an open bracket": ("conv1d", "axes: [N, C, L]", "axes: [N, C, L", "YAML"),
    "an unknown alias": ("conv1d", "required: true", "required: *other", "YAML"),
    "an alias of itself": ("conv1d", "required: true", "required: &a [*a]", ""),
    "two documents": ("conv1d", "required: true", "---\nrequired: true", "YAML"),
    "a control character": ("conv1d", "required: true", "required: true \x07", "character"),
}  # fmt: skip


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """A copy of the built-in sprint cnn1 in a folder of specs."""
    shutil.copytree(BUILTIN / "cnn1", tmp_path / "specs" / "cnn1")
    return tmp_path / "specs"


def test_a_copy_of_the_built_in_specs_is_what_they_are(specs: Path) -> None:
    assert [i.id for i in load_sprints(specs)["cnn1"].items] == [
        i.id for i in built_in_sprints()["cnn1"].items
    ]


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_refused_with_its_file_and_line(
    specs: Path, mistake: tuple[str, str, str, str]
) -> None:
    name, old, new, reason = mistake
    file = specs / "cnn1" / f"{name}.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text, "the mistake can't be made any more: mend this test"
    file.write_text(text.replace(old, new.replace("HERE", str(specs)), 1), encoding="utf-8")
    with nothing_executed(), pytest.raises(SpecError) as caught:
        load_sprints(specs)
    message = str(caught.value)
    assert f"{name}.yaml" in message
    assert reason in message
    told_well(message, text, file.read_text(encoding="utf-8"))
    assert sorted(os.listdir(specs)) == ["cnn1"], "something was executed"


@pytest.mark.parametrize(
    ("name", "old", "new", "line"),
    [
        ("conv1d", "canonical:", "cannonical:", "cannonical:"),
        ("conv1d", "  stride: S\n", "  strid: S\n", "  strid: S"),
        ("conv1d", "floor((L", "floor(((L", "shapes:"),
        ("conv1d", "L: [8, 13]", "L: [13, 8]", "sizes:"),
        ("conv1d", "kind: layer", "title: x\nkind: layer", "title:"),
        ("simple_conv1d", "dX: [30, 110, 170, 140]", "dX: [30]", "    expected:"),
        ("sprint", "[simple_conv1d,", "[simple_conv,", "items:"),
        ("conv1d", "required: true", "required: !yes true", "required:"),
    ],
)
def test_the_line_of_a_mistake_is_where_it_stands(
    specs: Path, name: str, old: str, new: str, line: str
) -> None:
    file = specs / "cnn1" / f"{name}.yaml"
    text = file.read_text(encoding="utf-8").replace(old, new, 1)
    file.write_text(text, encoding="utf-8")
    lines = text.splitlines()
    expected = {i for i, t in enumerate(lines, 1) if t.startswith(line)}
    with pytest.raises(SpecError) as caught:
        load_sprints(specs)
    match = re.search(r"\.yaml, line (\d+)", str(caught.value))
    assert match
    assert int(match.group(1)) in expected


def test_a_mistake_that_is_inherited_is_reported_where_it_stands(specs: Path) -> None:
    sprint, base = specs / "cnn1" / "sprint.yaml", specs / "cnn1" / "conv1d.yaml"
    text = sprint.read_text(encoding="utf-8")
    text = text.replace("conv1d, conv1d_padding", "conv1d_padding, conv1d")
    sprint.write_text(text, encoding="utf-8")
    mended = base.read_text(encoding="utf-8").replace("filter_size: F", "filter_size: FF")
    base.write_text(mended, encoding="utf-8")
    with pytest.raises(SpecError, match=r"conv1d\.yaml, line"):
        load_sprints(specs)


def test_aliases_that_multiply_are_refused(specs: Path) -> None:
    file = specs / "cnn1" / "conv1d.yaml"
    levels = ["a0: &a0 [x, x]", *(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 15))]
    file.write_text("\n".join(levels), encoding="utf-8")
    with pytest.raises(SpecError, match=r"conv1d\.yaml, line"):
        load_sprints(specs)


def test_two_sprints_of_one_name_are_refused(specs: Path) -> None:
    shutil.copytree(specs / "cnn1", specs / "other")
    with pytest.raises(SpecError, match="cnn1"):
        load_sprints(specs)


def test_two_sprints_that_share_an_item_are_refused(specs: Path) -> None:
    shutil.copytree(specs / "cnn1", specs / "other")
    file = specs / "other" / "sprint.yaml"
    text = file.read_text(encoding="utf-8").replace("sprint: cnn1", "sprint: other")
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError, match="simple_conv1d"):
        load_sprints(specs)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("extends: conv1d\n", "extends: conv1d_batch\n", "extends itself"),
        ("id: conv1d_stride", "id: conv1d_strides", "did you mean 'conv1d_strides'"),
    ],
)
def test_a_mistake_between_files_names_one_of_them(
    specs: Path, old: str, new: str, reason: str
) -> None:
    other = specs / "cnn1" / "conv1d_batch.yaml"
    text = other.read_text(encoding="utf-8").replace(
        "extends: conv1d\n", "extends: conv1d_stride\n"
    )
    other.write_text(text, encoding="utf-8")
    file = specs / "cnn1" / "conv1d_stride.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(SpecError, match=reason) as caught:
        load_sprints(specs)
    assert re.search(r"(conv1d_batch|conv1d_stride|sprint)\.yaml, line \d+", str(caught.value))


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"required: " + b"[" * 5_000, "nested"), (b"", "keys and values"), (b"- a\n- b\n", "keys and values"), (b"text", "keys and values"),
     (b"\xff\xfe\x00", "UTF-8"), (b"title: \x80\n", "UTF-8")],
)  # fmt: skip
def test_a_file_that_is_no_spec_is_refused(specs: Path, content: bytes, reason: str) -> None:
    (specs / "cnn1" / "conv1d.yaml").write_bytes(content)
    with pytest.raises(SpecError, match=reason) as caught:
        load_sprints(specs)
    assert "conv1d.yaml" in str(caught.value)


def test_a_folder_named_like_a_spec_is_refused(specs: Path) -> None:
    (specs / "cnn1" / "more.yaml").mkdir()
    with pytest.raises(SpecError, match=r"more\.yaml"):
        load_sprints(specs)


def test_a_folder_that_is_not_there_or_has_no_sprint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="no such folder"):
        load_sprints(tmp_path / "missing")
    with pytest.raises(SpecError, match=r"sprint\.yaml"):
        load_sprints(tmp_path)
