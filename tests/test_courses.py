"""Courses: what each asks for, in its own words, passes; each slip in it is told where it is made."""

from pathlib import Path

import pytest

from graders.errors import GraderError
from graders.grading import Grading, Request
from graders.judging.results import ItemResult
from graders.specs import course_files, load_course
from tests.built_in import built_in_sprints
from tests.twins import Module, fails_where_it_is_wrong, modules_in, results_of, told, twins_of

FOLDER = Path(__file__).parent / "courses"
MODULES = modules_in(FOLDER)
TWINS = twins_of(MODULES)
HEAD = "course: own\ntitle: {en: Own, ja: 自作}\nsource: ours\n"


def judged(folder: Path, course: str, source: str, items: tuple[str, ...]) -> dict[str, ItemResult]:
    """The results of a course's items for a module with this source."""
    (sprint,) = load_course(course, built_in_sprints()).values()
    return results_of(folder, source, sprint, items)


def test_every_course_of_items_has_a_sample_that_answers_all_of_it() -> None:
    offered = {name: load_course(name, built_in_sprints()) for name in course_files()}
    assert len(offered) >= 6
    of_items = {n: s[n] for n, s in offered.items() if n in s}
    assert of_items.keys() == MODULES.keys()
    for name, sprint in of_items.items():
        assert MODULES[name].items == tuple(item.id for item in sprint.items)
    assert offered["diveintocode"].keys() == built_in_sprints().keys()


@pytest.mark.parametrize("name", MODULES)
def test_right_code_of_a_course_passes(tmp_path: Path, name: str) -> None:
    module: Module = MODULES[name]
    for result in judged(tmp_path, name, module.right, module.items).values():
        assert result.status == "passed", told(result)


@pytest.mark.parametrize(("name", "item", "facets"), TWINS)
def test_a_slip_fails_where_it_is_made(tmp_path: Path, name: str, item: str, facets: str) -> None:
    result = judged(tmp_path, name, MODULES[name].wrong[item, facets], (item,))[item]
    fails_where_it_is_wrong(result, facets)


def test_the_command_takes_a_course(tmp_path: Path) -> None:
    grading = Grading(Request(FOLDER / "nnfs.py", course="nnfs"))
    assert (grading.sprint.id, len(grading.sprint.items)) == ("nnfs", 12)
    grading = Grading(Request(FOLDER / "nnfs.py", course="diveintocode", sprint="dnn"))
    assert grading.sprint.id == "dnn"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            HEAD + "detect: {}\nitems: [{item: fcc}]\n",
            "line 5, key items.0.item: unknown item 'fcc'",
        ),
        (HEAD + "detect: {}\nitems: [{item: fc}, {item: fc}]\n", "'fc' stands here twice"),
        (HEAD + "detect: {}\nitems: [{item: sgd}]\n", "'sgd' can't be asked for without 'fc'"),
        (HEAD + "detect: {}\nitems: [{item: conv2d_stride}]\n", "without 'conv2d'"),
        (HEAD + "detect: {}\nitems: [{item: fc, names: ['(']}]\n", "line 5, key items.0.names.0"),
        (HEAD + "detect: {}\nitems: [{item: fc, name: [a]}]\n", "unknown key 'name'"),
        (HEAD + "sprints: [cnn3]\n", "line 4, key sprints.0: unknown sprint 'cnn3'"),
        (HEAD.replace("own", "other") + "sprints: [dnn]\n", "its folder is called 'own'"),
        (HEAD, "line 1"),
    ],
)
def test_a_malformed_course_is_refused_by_line_and_key(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "courses" / "own" / "course.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    with pytest.raises(GraderError) as raised:
        load_course("own", built_in_sprints(), tmp_path)
    assert str(file) in str(raised.value)
    assert said in str(raised.value)


@pytest.mark.parametrize("name", MODULES)
def test_a_course_is_found_by_what_its_submissions_say(tmp_path: Path, name: str) -> None:
    path = tmp_path / "work.py"
    path.write_text(MODULES[name].right, encoding="utf-8")
    grading = Grading(Request(path))
    assert (grading.sprint.id, grading.course) == (name, name)


def test_a_folder_may_hold_nothing_but_a_course(tmp_path: Path) -> None:
    file = tmp_path / "courses" / "own" / "course.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(HEAD + "detect: {}\nitems: [{item: fc}, {item: sgd}]\n", encoding="utf-8")
    grading = Grading(Request(FOLDER / "saito.py", specs=tmp_path, course="own"))
    assert [item.id for item in grading.sprint.items] == ["fc", "sgd"]


def test_an_unknown_course_is_told_with_its_nearest_name() -> None:
    with pytest.raises(GraderError, match=r"--course cs231: unknown course.*cs231n"):
        load_course("cs231", built_in_sprints())


IDLE = """
import numpy as np


class Conv2d:
    def __init__(self, n_in, n_out, size, stride=1, pad=0):
        self.W, self.b = np.zeros((n_out, n_in, size, size)), np.zeros(n_out)
        self.stride, self.pad = stride, pad

    def forward(self, x):
        self.x, s, k = x, {stride}, self.W.shape[2]
        h, w = (x.shape[2] - k) // s + 1, (x.shape[3] - k) // s + 1
        y = np.zeros((len(x), len(self.b), h, w))
        for i in range(h):
            for j in range(w):
                part = x[:, :, i * s:i * s + k, j * s:j * s + k]
                y[:, :, i, j] = np.tensordot(part, self.W, ([1, 2, 3], [1, 2, 3])) + self.b
        return y

    def backward(self, d):
        self.db, self.dW, dx = d.sum((0, 2, 3)), np.zeros_like(self.W), np.zeros_like(self.x)
        s, k = {stride}, self.W.shape[2]
        for i in range(d.shape[2]):
            for j in range(d.shape[3]):
                here = np.s_[:, :, i * s:i * s + k, j * s:j * s + k]
                self.dW += np.tensordot(d[:, :, i, j], self.x[here], (0, 0))
                dx[here] += np.tensordot(d[:, :, i, j], self.W, (1, 0))
        return dx
"""


@pytest.mark.parametrize(
    ("stride", "ignored"), [("self.stride", ["padding"]), ("1", ["stride", "padding"])]
)
def test_settings_that_are_taken_and_ignored_are_told(
    tmp_path: Path, stride: str, ignored: list[str]
) -> None:
    items = ("conv2d", "conv2d_stride", "conv2d_padding")
    results = judged(tmp_path, "cs231n", IDLE.format(stride=stride), items)
    binding = results["conv2d"].binding
    assert results["conv2d"].status == "passed"
    assert binding is not None
    notes = [str(note) for note in binding.notes]
    for name in ("stride", "padding"):
        said = f"Conv2d takes {name}, and does nothing with it"
        assert (said in notes) is (name in ignored)
        assert (results[f"conv2d_{name}"].score == 0) is (name in ignored)


# The pooling of the sample, which refuses windows that leave a rest.
_SIZES = "    n, c, h, w = x.shape\n"
REFUSING = MODULES["cs231n"].right.replace(
    _SIZES, _SIZES + '    assert (h - hh) % s == 0 and (w - ww) % s == 0, "a rest"\n'
)


@pytest.mark.parametrize(("put", "right"), [("+=", True), ("=", False)])
def test_a_layer_may_refuse_windows_that_leave_a_rest(
    tmp_path: Path, put: str, right: bool
) -> None:
    items = ("max_pool2d", "max_pool2d_overlap")
    assert "a rest" in REFUSING
    results = judged(tmp_path, "cs231n", REFUSING.replace("dx[here] +=", f"dx[here] {put}"), items)
    assert results["max_pool2d"].status == "passed", told(results["max_pool2d"])
    overlap = results["max_pool2d_overlap"]
    assert overlap.wrong_facets == (set() if right else {"dX"}), told(overlap)


ONE_IMAGE = """
import numpy as np


class MaxPool2d:
    def __init__(self, kernel_size, stride=1):
        self.k, self.s = kernel_size, stride

    def __call__(self, x):
        c, h, w = x.shape
        self.x = x
        oh, ow = (h - self.k) // self.s + 1, (w - self.k) // self.s + 1
        out = np.zeros((c, oh, ow))
        for i in range(oh):
            for j in range(ow):
                out[:, i, j] = x[:, i * self.s : i * self.s + self.k, j * self.s : j * self.s + self.k].max(axis=(1, 2))
        return out

    def backprop(self, d):
        dx = np.zeros(self.x.shape)
        for ch in range(d.shape[0]):
            for i in range(d.shape[1]):
                for j in range(d.shape[2]):
                    win = self.x[ch, i * self.s : i * self.s + self.k, j * self.s : j * self.s + self.k]
                    a, b = np.unravel_index(win.argmax(), win.shape)
                    dx[ch, i * self.s + a, j * self.s + b] {put} d[ch, i, j]
        return dx
"""


@pytest.mark.parametrize(("put", "right"), [("+=", True), ("=", False)])
def test_a_pooling_of_one_image_may_have_windows_that_overlap(
    tmp_path: Path, put: str, right: bool
) -> None:
    items = ("max_pool2d", "max_pool2d_overlap")
    results = judged(tmp_path, "cs231n", ONE_IMAGE.replace("{put}", put), items)
    assert results["max_pool2d"].status == "passed", told(results["max_pool2d"])
    overlap = results["max_pool2d_overlap"]
    assert overlap.wrong_facets == (set() if right else {"dX"}), told(overlap)


ONE_DESCENT = """
class SGD:
    def __init__(self, model, learning_rate=1e-4, reg={reg}, momentum=0.9):
        self.learning_rate, self.reg, self.momentum = learning_rate, reg, momentum
        self.kept = {i: dict(dw=0, db=0) for i, layer in enumerate(model.layers)}

    def step(self, model):
        for i, layer in enumerate(model.layers):
            kept = self.kept[i]
            kept["dw"] = self.momentum * kept["dw"] - self.learning_rate * (layer.dw + self.reg * layer.weight)
            kept["db"] = self.momentum * kept["db"] - self.learning_rate * layer.db
            layer.weight = layer.weight + {step}
            layer.bias = layer.bias + kept["db"]
"""


@pytest.mark.parametrize(
    ("step", "reg", "status"),
    [('kept["dw"]', "0.0", "passed"), ('kept["dw"] * self.momentum', "0.0", "missing"),
     ('kept["dw"]', "0.1", "missing")],
)  # fmt: skip
def test_one_descent_with_a_momentum_is_that_of_momentum_too(
    tmp_path: Path, step: str, reg: str, status: str
) -> None:
    """Its name says less than what it takes; one that takes weights off unless it is told not to is another."""
    source = ONE_DESCENT.replace("{step}", step).replace("{reg}", reg)
    results = judged(tmp_path, "saito", source, ("momentum",))
    assert results["momentum"].status == status, told(results["momentum"])


NUMBERS_OF_ADAM = """
import numpy as np


class Adam:
    def __init__(self, learning_rate, mu, rho):
        self.learning_rate, self.mu, self.rho = learning_rate, mu, rho
        self.v, self.r, self.t = 0, 0, 0

    def calculate_update(self, weights, grads):
        self.t += 1
        self.v = self.mu * self.v + (1 - self.mu) * grads
        self.r = self.rho * self.r + (1 - self.rho) * grads**2
        v, r = self.v / (1 - self.mu**self.t), self.r / (1 - {power}**self.t)
        return weights - self.learning_rate * v / (np.sqrt(r) + 1e-8)
"""


@pytest.mark.parametrize(("power", "right"), [("self.rho", True), ("self.mu", False)])
def test_the_decays_of_adam_may_be_called_mu_and_rho(
    tmp_path: Path, power: str, right: bool
) -> None:
    source = NUMBERS_OF_ADAM.replace("{power}", power)
    result = judged(tmp_path, "saito", source, ("adam",))["adam"]
    assert (result.status == "passed") is right, told(result)


def test_a_wrong_gradient_in_a_list_is_compared_and_named(tmp_path: Path) -> None:
    """``self.grads = [dWx, dWh, db]`` has no names: what is wrong there is found by its shape, and not missing."""
    source = MODULES["saito"].wrong["lstm_from_zero", "dB,dWh,dWx,dX"]
    result = judged(tmp_path, "saito", source, ("lstm_from_zero",))["lstm_from_zero"]
    said = {c.facet: str(c.message) for c in result.checks}
    assert all("is wrong at" in said[f] for f in ("dX", "dWx", "dWh", "dB")), said
    named = {d.facet: [n.id for n in d.names] for d in result.diagnoses}
    assert named["dWh"] == ["lstm-from-zero-nothing-carried"], named
