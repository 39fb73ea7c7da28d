"""Optimisers are judged by the class that the spec names: right forms, numbers of their own, slips by name."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from graders.cases import resolve
from graders.engine import ItemFinished, Options, grade
from graders.errors import SpecError
from graders.judging.results import ItemResult
from graders.kinds.optimizer.settings import ways_to_hand
from graders.specs import ItemSpec, SprintSpec, load_course, load_sprints
from graders.specs.tasks.optimizer import Arrays
from graders.submission import read_submission
from tests.built_in import built_in_sprints

STEPS = """
import numpy as np


class {name}:
    def __init__(self, lr=0.01{taken}):
        self.lr, self.kept = lr, {{}}{start}

    def update(self, params, grads):
        {once}
        for key in params:
            g = grads[key]
            v, s = self.kept.get(key, (np.zeros_like(g), np.zeros_like(g)))
            {body}
            self.kept[key] = v, s
"""


def written(name: str, taken: str, body: str, start: str = "", once: str = "pass") -> str:
    """An optimiser whose step for one array is the body, of its gradient g and what is kept, v and s."""
    lines = "\n            ".join(body.split("; "))
    keeps = "".join(f"; self.{n.split('=')[0]} = {n.split('=')[0]}" for n in taken.split(", ") if n)
    return STEPS.format(
        name=name, taken=f", {taken}" if taken else "", start=keeps + start, once=once, body=lines
    )


MOMENTUM = "momentum=0.9"
BETAS = "beta1=0.9, beta2=0.999"
COUNT = {"start": "; self.t = 0", "once": "self.t += 1"}
MOMENTS = (
    "v = self.beta1 * v + (1 - self.beta1) * g; s = self.beta2 * s + (1 - self.beta2) * g ** 2; "
    "m = v / (1 - self.beta1 ** self.t); u = s / (1 - self.beta2 ** self.t); "
)
TOGETHER = """
import numpy as np


class Adam:
    def __init__(self, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
        self.lr, self.betas, self.eps, self.kept, self.t = lr, betas, eps, {{}}, 0

    def update(self, params, grads):
        b1, b2, self.t = self.betas[0], {b2}, self.t + 1
        for key in params:
            m, v = self.kept.get(key, (0, 0))
            m, v = b1 * m + (1 - b1) * grads[key], b2 * v + (1 - b2) * grads[key] ** 2
            self.kept[key] = m, v
            params[key] -= self.lr * m / (1 - b1**self.t) / (np.sqrt(v / (1 - b2**self.t)) + self.eps)
"""
RIGHT = {
    "by the rate in the velocity": ("momentum", written("Momentum", MOMENTUM, "v = self.momentum * v - self.lr * g; params[key] += v")),
    "by the rate in the step": ("momentum", written("Momentum", "mu=0.5", "v = self.mu * v + g; params[key] -= self.lr * v")),
    "kept under a name, not taken": ("momentum", written("Momentum", "", "v = self.beta * v + g; params[key] -= self.lr * v", "; self.beta = 0.8")),
    "the number of a key that is not there": ("momentum", written("Momentum", "", "mu = self.config.get('momentum', 0.8); v = mu * v + g; params[key] -= self.lr * v", "; self.config = {}")),
    "looking ahead": ("nesterov", written("Nesterov", MOMENTUM, "v = self.momentum * v - self.lr * g; params[key] += self.momentum * v - self.lr * g")),
    "a constant under the root": ("rmsprop", written("RMSProp", "rho=0.9", "s = self.rho * s + (1 - self.rho) * g * g; params[key] -= self.lr * g / np.sqrt(s + 1e-5)")),
    "a constant of its own": ("rmsprop", written("RMSprop", "decay_rate=0.9", "s = self.decay_rate * s + (1 - self.decay_rate) * g * g; params[key] -= self.lr * g / (np.sqrt(s) + 3e-5)")),
    "a decay of the rate beside it": ("rmsprop", written("RMSprop", "decay=0.0, rho=0.9", "s = self.rho * s + (1 - self.rho) * g * g; params[key] -= self.lr * g / (np.sqrt(s) + 1e-7)")),
    "moments corrected": ("adam", written("Adam", BETAS, MOMENTS + "params[key] -= self.lr * m / (np.sqrt(u) + 1e-8)", **COUNT)),
    "by other names": ("adam", written("AdamOptimizer", "b1=0.9, b2=0.999", MOMENTS.replace("beta", "b") + "params[key] -= self.lr * m / (np.sqrt(u) + 1e-5)", **COUNT)),
    "both rates of decay at once": ("adam", TOGETHER.format(b2="self.betas[1]")),
    "the rate corrected": ("adam", written("Adam", BETAS, MOMENTS + "rate = self.lr * np.sqrt(1 - self.beta2 ** self.t) / (1 - self.beta1 ** self.t); params[key] -= rate * v / (np.sqrt(s) + 1e-5)", **COUNT)),
}  # fmt: skip

WRONG = {
    "SGD for momentum": ("momentum", written("Momentum", MOMENTUM, "params[key] -= self.lr * g"), "momentum-velocity-not-kept"),
    "SGD for momentum, without the number": ("momentum", written("Momentum", "", "params[key] -= self.lr * g"), "momentum-velocity-not-kept"),
    "momentum for SGD": ("sgd", written("SGD", MOMENTUM, "v = self.momentum * v + g; params[key] -= self.lr * v"), ""),
    "the number that was taken is ignored": ("momentum", written("Momentum", MOMENTUM, "v = 0.9 * v + g; params[key] -= self.lr * v"), ""),
    "a number that nobody is told": ("momentum", written("Momentum", "", "v = 0.9 * v + g; params[key] -= self.lr * v"), ""),
    "another number than that of the key": ("momentum", written("Momentum", "", "mu = self.config.get('momentum', 0.8) / 2; v = mu * v + g; params[key] -= self.lr * v", "; self.config = {}"), ""),
    "the wrong sign of the gradient": ("momentum", written("Momentum", MOMENTUM, "v = self.momentum * v + self.lr * g; params[key] += v"), "momentum-uphill"),
    "old against new": ("momentum", written("Momentum", MOMENTUM, "v = g - self.momentum * v; params[key] -= self.lr * v"), "momentum-velocity-against"),
    "averaged, where it is not asked for": ("momentum", written("Momentum", MOMENTUM, "v = self.momentum * v + (1 - self.momentum) * g; params[key] -= self.lr * v"), "momentum-averaged"),
    "the old velocity": ("momentum", written("Momentum", MOMENTUM, "params[key] -= self.lr * v; v = self.momentum * v + g"), "momentum-step-late"),
    "the rate twice": ("momentum", written("Momentum", MOMENTUM, "v = self.momentum * v - self.lr * g; params[key] += self.lr * v"), "momentum-rate-twice"),
    "no looking ahead": ("nesterov", written("Nesterov", MOMENTUM, "v = self.momentum * v - self.lr * g; params[key] += v"), "nesterov-plain-momentum"),
    "the new velocity for the old one": ("nesterov", written("Nesterov", MOMENTUM, "v = self.momentum * v - self.lr * g; params[key] += self.momentum ** 2 * v - (1 + self.momentum) * self.lr * g"), "nesterov-velocity-too-early"),
    "AdaGrad for RMSProp": ("rmsprop", written("RMSProp", "rho=0.9", "s = s + g * g; params[key] -= self.lr * g / (np.sqrt(s) + 1e-8)"), "rmsprop-is-adagrad"),
    "a large constant": ("rmsprop", written("RMSProp", "rho=0.9", "s = self.rho * s + (1 - self.rho) * g * g; params[key] -= self.lr * g / (np.sqrt(s) + 0.01)"), ""),
    "no correction": ("adam", written("Adam", BETAS, MOMENTS + "params[key] -= self.lr * v / (np.sqrt(s) + 1e-8)", **COUNT), "adam-no-correction"),
    "one correction": ("adam", written("Adam", BETAS, MOMENTS + "params[key] -= self.lr * m / (np.sqrt(s) + 1e-8)", **COUNT), "adam-second-not-corrected"),
    "one rate of decay for both": ("adam", TOGETHER.format(b2="self.betas[0]"), ""),
    "a counter that stays": ("adam", written("Adam", BETAS, MOMENTS + "params[key] -= self.lr * m / (np.sqrt(u) + 1e-8)", start="; self.t = 1"), "adam-counter-stays"),
    "a counter from two": ("adam", written("Adam", BETAS, MOMENTS + "params[key] -= self.lr * m / (np.sqrt(u) + 1e-8)", start="; self.t = 1", once="self.t += 1"), "adam-counter-too-far"),
    "a counter of each array": ("adam", written("Adam", BETAS, "self.t += 1; " + MOMENTS + "params[key] -= self.lr * m / (np.sqrt(u) + 1e-8)", start="; self.t = 0"), "adam-counter-of-each-array"),
    "not squared": ("adam", written("Adam", BETAS, MOMENTS.replace("g ** 2", "g") + "params[key] -= self.lr * m / (np.sqrt(u) + 1e-8)", **COUNT), "adam-second-not-squared"),
    "no root": ("adam", written("Adam", BETAS, MOMENTS + "params[key] -= self.lr * m / (u + 1e-8)", **COUNT), "adam-no-root"),
    "moments that are lost": ("adam", written("Adam", BETAS, "v, s = 0 * g, 0 * g; " + MOMENTS + "params[key] -= self.lr * m / (np.sqrt(u) + 1e-8)", **COUNT), "adam-moments-not-kept"),
    "the betas swapped": ("adam", written("Adam", "beta1=0.9, beta2=0.999", MOMENTS.replace("beta1", "BETA").replace("beta2", "beta1").replace("BETA", "beta2") + "params[key] -= self.lr * m / (np.sqrt(u) + 1e-8)", **COUNT), "adam-betas-swapped"),
}  # fmt: skip


def course(name: str) -> SprintSpec:
    """A built-in course."""
    return load_course(name, built_in_sprints())[name]


def rounds(cases: Mapping[str, tuple[str, ...]]) -> list[dict[str, str]]:
    """The names of the cases by item, in as few modules as can be: one of an item in each."""
    found: list[dict[str, str]] = []
    for case, (item, *_) in cases.items():
        free = next((r for r in found if item not in r), None)
        if free is None:
            found.append(free := {})
        free[item] = case
    return found


def judged(folder: Path, sprint: SprintSpec, source: str, *items: str) -> dict[str, ItemResult]:
    """The results of items for a module with this source."""
    path = folder / "work.py"
    path.write_text(source, encoding="utf-8")
    events = grade(read_submission(path), sprint, Options(items=frozenset(items)))
    return {e.result.spec.id: e.result for e in events if isinstance(e, ItemFinished)}


@pytest.mark.parametrize("cases", rounds(RIGHT), ids=lambda r: ", ".join(r.values()))
def test_right_optimizers_pass(cases: dict[str, str], tmp_path: Path) -> None:
    source = "".join(RIGHT[case][1] for case in cases.values())
    results = judged(tmp_path, course("saito"), source, *cases)
    wrong = {c: str(results[i].message) for i, c in cases.items() if results[i].status != "passed"}
    assert not wrong


@pytest.mark.parametrize("cases", rounds(WRONG), ids=lambda r: ", ".join(r.values()))
def test_wrong_optimizers_fail_by_their_mistake(cases: dict[str, str], tmp_path: Path) -> None:
    source = "".join(WRONG[case][1] for case in cases.values())
    results = judged(tmp_path, course("saito"), source, *cases)
    for item, case in cases.items():
        result = results[item]
        assert result.status == "failed", f"{case}: {result.message}"
        named = [d.best.id for d in result.diagnoses]
        assert named == [WRONG[case][2]] or not WRONG[case][2], f"{case}: {named}"


def test_the_report_says_which_form_it_is(tmp_path: Path) -> None:
    source = "".join(RIGHT[c][1] for c in ("a constant under the root", "the rate corrected"))
    results = judged(tmp_path, course("saito"), source, "rmsprop", "adam")
    notes = {i: " ".join(map(str, r.binding.notes)) for i, r in results.items() if r.binding}
    assert "under the root" in notes["rmsprop"]
    assert "corrects the learning rate" in notes["adam"]


def test_an_untold_number_is_asked_for_by_its_name(tmp_path: Path) -> None:
    source = WRONG["a number that nobody is told"][1]
    message = str(judged(tmp_path, course("saito"), source, "momentum")["momentum"].message)
    assert "The number for momentum can't be told" in message


def test_a_course_says_otherwise_what_is_right(tmp_path: Path) -> None:
    averaged = WRONG["averaged, where it is not asked for"][1]
    ignoring = WRONG["the number that was taken is ignored"][1]
    for name, source, status in (
        ("deeplearning_ai", averaged, "passed"),
        ("dlcourse_ai", ignoring, "passed"),
        ("dlcourse_ai", ignoring.replace("0.9 * v", "0.8 * v"), "failed"),
    ):
        result = judged(tmp_path, course(name), source, "momentum")["momentum"]
        assert result.status == status, f"{name}: {result.message}"


def test_a_decay_of_the_rate_is_not_taken_for_the_share_of_old_squares() -> None:
    settings = next(ways_to_hand(course("nnfs").item("rmsprop"), np.random.default_rng(0)))
    names = ["learning_rate", "decay", "epsilon", "rho"]
    assert settings.given(names).keys() == {"rho"}
    assert settings.roles(["decay"]) == {"decay": "rho"}


def test_numbers_are_handed_over_first_and_left_alone_where_an_answer_may_have_its_own() -> None:
    rng = np.random.default_rng(0)
    first, second = ways_to_hand(course("dlcourse_ai").item("momentum"), rng)
    assert first.handed.keys() == {"momentum"}
    assert not second.handed
    assert len(list(ways_to_hand(course("saito").item("momentum"), rng))) == 1


def descents(spec: ItemSpec, **numbers: float) -> dict[str, np.ndarray]:
    """Where the references of a spec, its forms' too, lead in three steps from the same weights."""
    found = {}
    for reference in (spec.reference, *(f.reference for f in spec.forms)):
        layer = Arrays({"W": np.array([[1.0, -2.0]])})
        optimizer = resolve(reference)(0.1, **numbers)
        for g in ([[0.5, -1.0]], [[0.25, 2.0]], [[-1.0, 0.5]]):
            layer.grads = {"W": np.array(g)}
            optimizer.update(layer)
        found[reference.partition(":")[2]] = layer.params["W"]
    return found


def test_the_references_are_what_their_sources_say() -> None:
    saito = course("saito")
    g = np.array([[0.5, -1.0], [0.25, 2.0], [-1.0, 0.5]])
    w, v = np.array([1.0, -2.0]), np.zeros(2)
    for slope in g:
        v = 0.5 * v - 0.1 * slope
        w = w + v
    np.testing.assert_allclose(descents(saito.item("momentum"), momentum=0.5)["Momentum"], [w])
    w, v = np.array([1.0, -2.0]), np.zeros(2)
    for slope in g:
        before, v = v, 0.5 * v - 0.1 * slope
        w = w - 0.5 * before + 1.5 * v
    np.testing.assert_allclose(descents(saito.item("nesterov"), momentum=0.5)["Nesterov"], [w])
    w, h = np.array([1.0, -2.0]), np.zeros(2)
    for slope in g:
        h = 0.8 * h + 0.2 * slope**2
        w = w - 0.1 * slope / (np.sqrt(h) + 0.01)
    found = descents(saito.item("rmsprop"), rho=0.8, eps=0.01)
    np.testing.assert_allclose(found["RMSProp"], [w])
    w, m, v = np.array([1.0, -2.0]), np.zeros(2), np.zeros(2)
    for t, slope in enumerate(g, 1):
        m, v = 0.8 * m + 0.2 * slope, 0.9 * v + 0.1 * slope**2
        w = w - 0.1 * m / (1 - 0.8**t) / (np.sqrt(v / (1 - 0.9**t)) + 0.01)
    found = descents(saito.item("adam"), beta1=0.8, beta2=0.9, eps=0.01)
    np.testing.assert_allclose(found["Adam"], [w])
    without = descents(saito.item("adam"), beta1=0.8, beta2=0.9, eps=0.0)
    for form in without.values():
        np.testing.assert_allclose(form, without["Adam"])


# -- a spec author's own, from an empty folder ---------------------------------------------------

REFERENCE = """
import numpy as np


class SignSGD:
    def __init__(self, lr, weight_decay=0.0):
        self.lr, self.weight_decay = lr, weight_decay

    def update(self, layer):
        for name, W in layer.params.items():
            W -= self.lr * (np.sign(layer.grads[name]) + self.weight_decay * W)
"""
SPEC = """
id: sign_sgd
kind: optimizer
title: {en: signSGD, ja: signSGD}
asks: {en: The sign of the gradient., ja: 勾配の符号を使う。}
required: true
editions: []
names: ['sign_?sgd']
reference: sign_descent:SignSGD
facets: {update: 3}
"""
SPRINT = (
    "sprint: own\ntitle: {en: Own, ja: 自作}\neditions: {A: own}\ndetect: {}\nitems: [sign_sgd]\n"
)
ANSWER = """
import numpy as np


class SignSGD:
    def __init__(self, lr, wd):
        self.lr, self.wd = lr, wd

    def update(self, w, grad):
        return w - self.lr * (np.sign(grad) + self.wd * w)
"""


def written_spec(folder: Path, spec: str = SPEC, reference: str = REFERENCE) -> Path:
    """A folder of specs with one optimiser and its reference beside it."""
    own = folder / "specs" / "own"
    own.mkdir(parents=True)
    (own / "sprint.yaml").write_text(SPRINT, encoding="utf-8")
    (own / "sign_sgd.yaml").write_text(spec, encoding="utf-8")
    (own / "sign_descent.py").write_text(reference, encoding="utf-8")
    return folder / "specs"


def test_an_optimiser_that_nobody_knows_is_one_yaml_file_and_one_class(tmp_path: Path) -> None:
    sprint = load_sprints(written_spec(tmp_path))["own"]
    for old, new, status in (
        ("", "", "passed"),
        ("np.sign(grad)", "grad", "failed"),
        ("+ self.wd * w)", ")", "failed"),
        ("w - self.lr", "w + self.lr", "failed"),
    ):
        source = ANSWER.replace(old, new) if old else ANSWER
        result = judged(tmp_path, sprint, source, "sign_sgd")["sign_sgd"]
        assert result.status == status, f"{new}: {result.message}"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("sign_descent:SignSGD", "sign_desent:SignSGD", "line 9, key reference: sign_desent:SignSGD: No module named 'sign_desent'; did you mean 'sign_descent'?"),
        ("sign_descent:SignSGD", "sign_descent:SignSDG", "'sign_descent' has no 'SignSDG'; did you mean 'SignSGD'?"),
        ("sign_descent:SignSGD", "json:SignSGD", "'json' is a module of Python itself"),
        ("facets:", "hyperparameters: {weight_dekay: {upto: 1}}\nfacets:", "line 10, key hyperparameters.weight_dekay: SignSGD takes no 'weight_dekay'; did you mean 'weight_decay'?"),
        ("W -= self.lr", "W = W - self.lr", "update left an array of layer.params as it was"),
        ("weight_decay=0.0", "weight_decay", "'weight_decay' has no number as its default"),
        ("self, lr, weight_decay=0.0", "self, weight_decay=0.0, lr=1", "its first parameter is 'weight_decay'; expected 'lr'"),
        ("np.sign(", "np.sgin(", "can't make a step: AttributeError"),
        ("import numpy as np", "import numpyy", "No module named 'numpyy'"),
        ("class SignSGD:", "class SignSGD", "SyntaxError"),
        ("def update(", "def step(", "expected a class with an update(layer)"),
    ],
)  # fmt: skip
def test_a_reference_that_can_not_be_used_is_told(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    folder = written_spec(tmp_path, SPEC.replace(old, new), REFERENCE.replace(old, new))
    with pytest.raises(SpecError) as raised:
        load_sprints(folder)
    assert "sign_sgd.yaml, line " in str(raised.value)
    assert said in str(raised.value)


def test_each_folder_has_its_own_module_and_none_takes_an_installed_ones_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = REFERENCE.replace("np.sign(layer.grads[name])", "layer.grads[name]")
    for name, reference in (("one", REFERENCE), ("two", plain), ("three", REFERENCE)):
        spec = load_sprints(written_spec(tmp_path / name, reference=reference))["own"].item(
            "sign_sgd"
        )
        layer = Arrays({"W": np.zeros((1, 1))})
        layer.grads = {"W": np.full((1, 1), 3.0)}
        resolve(spec.reference)(1.0).update(layer)
        assert layer.params["W"][0, 0] == (-3.0 if name == "two" else -1.0)
    own = SPEC.replace("sign_descent:SignSGD", "reference:SGD")
    folder = written_spec(tmp_path / "four", own)
    (folder / "own" / "reference.py").write_text("raise RuntimeError", encoding="utf-8")
    monkeypatch.chdir(folder / "own")
    assert load_sprints(folder)["own"].item("sign_sgd").reference == "reference:SGD"


def test_the_current_folder_is_looked_at_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = written_spec(tmp_path)
    (folder / "own" / "sign_descent.py").rename(tmp_path / "descent_here.py")
    file = folder / "own" / "sign_sgd.yaml"
    file.write_text(SPEC.replace("sign_descent", "descent_here"), encoding="utf-8")
    with pytest.raises(SpecError, match="No module named 'descent_here'"):
        load_sprints(folder)
    monkeypatch.chdir(tmp_path)
    assert load_sprints(folder)["own"].item("sign_sgd").hyperparameters.keys() == {"weight_decay"}
