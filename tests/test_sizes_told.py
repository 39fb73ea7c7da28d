"""What is said of a line that raised: what its sizes stand for, and what stands around it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graders.checks import model
from graders.judging.results import ItemResult
from graders.kinds.answers.explanation import diagnose_answers
from graders.kinds.function.slips import slips_of
from graders.kinds.layer import judge as layers
from graders.kinds.layer.around import evidence, set_values
from graders.kinds.layer.explanation import diagnose_layer
from graders.kinds.layer.extents import Extents, Raised
from graders.kinds.layer.runs import LayerRuns
from graders.messages import M
from graders.report.feedback import hint_on
from graders.sandbox.session import CellError, OutOfBudget
from graders.submission import read_submission
from tests.built_in import built_in_sprints
from tests.one_item import dense, facets, judged

Write = Callable[..., Path]

CALLS = (
    {"N": 1, "C": 3, "O": 5, "F": 2, "L": 11, "M": 10, "S": 1, "P": 0},
    {"N": 1, "C": 2, "O": 4, "F": 5, "L": 9, "M": 5, "S": 1, "P": 0},
    {"N": 1, "C": 4, "O": 6, "F": 3, "L": 13, "M": 11, "S": 1, "P": 0},
)


def met(text: str, item: str = "conv1d", calls: tuple[dict[str, int], ...] = CALLS) -> str:
    """What is said of an exception whose text has these sizes, in each of the calls."""
    spec = built_in_sprints()["cnn1"].item(item)
    raised = [
        Raised(CellError("ValueError", eval(f"f{text!r}", dict(sizes)), 1, 1), sizes)
        for sizes in calls
    ]
    return str(Extents(spec).of_error(raised))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("operands could not be broadcast together with shapes ({C},{M},{F}) ({C},{F}) ",
         "An array of (input channels, output length, filter size) meets one of (input channels, filter size)"),
        ("could not broadcast input array from shape ({C*O},) into shape ({O},)",
         "An array of (input channels × output channels) is put into a place of (output channels)."),
        ("shapes (1,{O*M}) and ({F*M},{C}) not aligned: {O*M} (dim 1) != {F*M} (dim 0)",
         "Left of the product the columns are the output channels × output length, right of it the rows are the filter size × output length"),
        ("matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature (n?,k),(k,m?)->(n?,m?) (size {M} is different from {F})",
         "Left of the product the columns are the filter size, right of it the rows are the output length"),
        ("cannot reshape array of size {C*F} into shape ({O},{F})",
         "There are input channels × filter size elements, and the new shape is (output channels, filter size)."),
        ("index {L} is out of bounds for axis 2 with size {L}", "The axis is as long as the input length"),
        ("operands could not be broadcast together with shapes ({F},) (7,) ", "7 stays the same for layers and inputs of any size"),
        ("output operand with shape ({C},{M}) doesn't match the broadcast shape ({C},{L})",
         "An array of (input channels, input length) is put into a place of (input channels, output length)."),
    ],
)  # fmt: skip
def test_sizes_are_told_by_what_they_follow(text: str, said: str) -> None:
    assert said in met(text)


def test_nothing_is_said_of_what_one_call_shows() -> None:
    assert met("index {L} is out of bounds for axis 2 with size {L}", calls=CALLS[:1]) == "None"
    alike = ({**CALLS[0], "O": 3}, {**CALLS[1], "O": 2}, {**CALLS[2], "O": 4})  # as many out as in
    assert met("index 9 is out of bounds for axis 2 with size {C}", calls=alike) == "None"
    assert met("index 9 is out of bounds for axis 2 with size 7", calls=CALLS[:2]) == "None"


def test_a_size_that_nothing_explains_is_not_told() -> None:
    text = "operands could not be broadcast together with shapes ({C*L-3},) ({F},) "
    assert met(text) == "None"


def test_the_size_of_a_window_stands_for_its_height_and_its_width() -> None:
    spec = built_in_sprints()["cnn2"].item("max_pool2d")
    calls = [
        {"N": 2, "C": c, "H": 12, "W": 13, "D": d, "Y": 12 // d, "X": 13 // d}
        for c, d in ((2, 2), (5, 3), (4, 2))
    ]
    text = "could not broadcast input array from shape ({},) into shape ({},)"
    raised = [
        Raised(CellError("ValueError", text.format(n["D"] ** 2, n["C"] * n["D"] ** 2), 1, 1), n)
        for n in calls
    ]
    assert (
        "(window size × window size) is put into a place of (channels × window size × window size)"
        in str(Extents(spec).of_error(raised))
    )


def test_what_was_not_padded_is_told_where_padding_is_asked_for() -> None:
    padded = tuple({**sizes, "P": 1 + n % 2} for n, sizes in enumerate(CALLS))
    text = "index {L} is out of bounds for axis 2 with size {L}"
    assert "no padding has been added to it" in met(text, "conv1d_padding", padded)
    text = "index {L+2*P} is out of bounds for axis 2 with size {L+2*P}"
    assert "as long as the input length with its padding" in met(text, "conv1d_padding", padded)
    text = "could not broadcast input array from shape ({C+2*P},{F}) into shape ({C},{F})"
    assert "(input channels + 2 × padding, filter size)" in met(text, "conv1d_padding", padded)


# -- around the line --------------------------------------------------------------------------------

CELL = """
class Conv:
    def __init__(self):
        self.b = 0.
    def forward(self, X):
        for h in range(0, 26, 2):
            for i in range(len(X) - 1):
                for j in range(X.shape[2]):
                    A = X[i] * w[h] + helper(size) + self.b.sum()
        size = 3
        return A
"""


def told_around(write: Write, line: int, *cells: str) -> str:
    submission = read_submission(write(*cells))
    said = [*evidence(submission, 0, line), *set_values(submission, 0, line)]
    return " ".join(map(str, said))


def test_a_line_is_told_its_variables_loops_and_constants(write_notebook: Write) -> None:
    said = told_around(
        write_notebook, 9, CELL, "w = [1, 2]\ni = 5\nsize = 1\ndef helper(x):\n    return x"
    )
    assert "`w`: a variable of the notebook" in said  # not i, size or helper
    assert "`for h in range(0, 26, 2)`" in said and "len(X)" not in said and "shape" not in said
    assert "`self.b = 0.` gives self.b this value" in said


def test_what_belongs_to_the_function_or_is_defined_is_no_variable(write_notebook: Write) -> None:
    said = told_around(write_notebook, 9, CELL, "def w():\n    return 1")
    assert "variable of the notebook" not in said
    assert told_around(write_notebook, 11, CELL, "A = 3") == ""


CONV = """
class Conv1d:
    def __init__(self, filter_size, initializer, optimizer, n_in_channels, n_out_channels, stride=1, padding=0):
        self.w = initializer.W(n_out_channels, n_in_channels, filter_size)
        self.b = initializer.B(n_out_channels)
        self.stride, self.padding, self.optimizer = stride, padding, optimizer
    def forward(self, X):
        p, s = self.padding, self.stride
        self.X = np.pad(X, ((0, 0), (0, 0), (p, p)))
        n, c, length = self.X.shape
        o, c, f = self.w.shape
        self.m = (length - f) // s + 1
        A = np.zeros((n, o, self.m))
        for k in range(o):
            for i in range(self.m):
                window = self.X[:, :, i * s:i * s + f]
                A[:, k, i] = (window * self.w[k]).sum(axis=(1, 2)) + self.b[k]
        return A
    def backward(self, dA):
        p, s = self.padding, self.stride
        o, c, f = self.w.shape
        self.dB = dA.sum(axis=(0, 2))
        self.dW = np.zeros_like(self.w)
        dX = np.zeros(self.X.shape)
        for i in range(self.m):
            window = self.X[:, :, i * s:i * s + f]
            self.dW += np.einsum("no,ncf->ocf", dA[:, :, i], window)
            dX[:, :, i * s:i * s + f] += np.einsum("no,ocf->ncf", dA[:, :, i], self.w)
        self.optimizer.update(self)
        return dX[:, :, p:dX.shape[2] - p]
"""


def hints(result: ItemResult) -> dict[str, str]:
    wrong = [c for c in result.checks if c.status in (model.FAILED, model.ERROR)]
    return {c.facet: str(hint_on(c, result, "full")) for c in wrong}


def test_a_right_convolution_is_told_nothing(write_notebook: Write) -> None:
    assert hints(judged(write_notebook, "cnn1", "conv1d", CONV)) == {}


@pytest.mark.parametrize(
    ("item", "right", "wrong", "facet", "said"),
    [
        ("conv1d", "dA[:, :, i], self.w)", "dA[:, :, i], w)", "dX", "`w`: a variable of the notebook"),
        ("conv1d", 'dA[:, :, i], self.w)', 'dA[:, :, i], self.w.reshape(c, o, f).transpose(1, 0, 2))', "dX",
         "It is right for the weights with their axes mixed up"),
        ("conv1d", 'dA[:, :, i], self.w)', 'dA[:, :, i], self.w.reshape(c, o, f).transpose(1, 0, 2).reshape(c, o, f).transpose(1, 0, 2))', "dX",
         "It is right for the weights with their axes mixed up"),
        ("conv1d", 'np.einsum("no,ocf->ncf", dA[:, :, i], self.w)', 'np.einsum("no,ocf->nf", dA[:, :, i], np.abs(self.w))[:, None]', "dX",
         "All places along the axis of the input channels hold the same"),
        ("conv1d", "                A[:, k, i] = (", "            A[:, k, i] = (", "forward",
         "Only the last place along the axis of the output length is filled"),
        ("conv1d", "            dX[:, :, i * s:i * s + f] += np.einsum(\"no,ocf->ncf\", dA[:, :, i], self.w)", "            dX[:, 0, i * s:i * s + f] += dA[:, 0, i] * self.w[0, 0]", "dX",
         "Only the first place along the axis of the input channels is filled"),
        ("conv1d_padding", "np.pad(X, ((0, 0), (0, 0), (p, p)))", "np.pad(X, p)", "forward", "2 × padding"),
        ("conv1d_stride", "            dX[:, :, i * s:i * s + f] += np.einsum(\"no,ocf->ncf\", dA[:, :, i], self.w)\n",
         "        for j in range(dX.shape[2]):\n            for t in range(f):\n"
         "                if 0 <= j - t < self.m and (j - t) % s == 0:\n"
         "                    dX[:, :, j] += dA[:, :, j - t] @ self.w[:, :, t]\n", "dX",
         "is not divided by the stride"),
    ],
)  # fmt: skip
def test_a_mistake_of_a_convolution_is_named(
    write_notebook: Write, item: str, right: str, wrong: str, facet: str, said: str
) -> None:
    assert right in CONV
    result = judged(
        write_notebook, "cnn1", item, "w = np.ones((3, 2, 3))", CONV.replace(right, wrong)
    )
    assert said in hints(result)[facet]


def test_a_value_that_stays_what_the_constructor_set_is_told(write_notebook: Write) -> None:
    kept = (
        dense()
        .replace("self.X = X\n", "pass\n")
        .replace("= optimizer", "= optimizer\n        self.X = 0")
    )
    said = hints(judged(write_notebook, "dnn", "fc", kept))
    assert "`self.X = 0` gives self.X this value" in said["dW"]


def test_where_values_are_set_is_told_of_values_alone(write_notebook: Write) -> None:
    own = dense(dX="dA @ self.W").replace("= optimizer", "= optimizer\n        self.W = None")
    assert "gives" not in hints(judged(write_notebook, "dnn", "fc", own))["dX"]


def test_what_is_known_is_told_where_no_further_call_may_be_made(
    write_notebook: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def diagnose(*given: Any) -> Any:
        def spent(*_: Any) -> Any:
            raise OutOfBudget(M("its calls have used up their time"))

        monkeypatch.setattr(LayerRuns, "measure", spent)
        return diagnose_layer(*given)

    monkeypatch.setattr(layers, "diagnose_layer", diagnose)
    said = hints(judged(write_notebook, "dnn", "fc", dense(dX="dA @ self.W")))
    assert said["dX"].startswith("Two arrays don't fit together. Left of the product")


# -- whose call it was ------------------------------------------------------------------------------


def test_a_backward_of_two_arrays_is_not_blamed_for_our_guess(write_notebook: Write) -> None:
    own = dense().replace(
        "def backward(self, dA):", "def backward(self, y, A):\n        dA = y - A"
    )
    result = judged(write_notebook, "dnn", "fc", own)
    wrong = {c.facet: str(c.message) for c in result.checks if c.status == model.ERROR}
    assert "could not be worked out" in wrong["dX"]
    assert "takes other arguments" in hints(result)["dX"]
    assert "problem 1" not in hints(result)["dX"]  # it may be the answer to problem 1


def test_an_exception_of_the_only_way_to_call_is_the_students(write_notebook: Write) -> None:
    result = judged(write_notebook, "dnn", "fc", dense(dX="dA @ self.W"))
    wrong = {c.facet: str(c.message) for c in result.checks if c.status == model.ERROR}
    assert "FC.backward(...) raised ValueError" in wrong["dX"]
    assert "output nodes" in hints(result)["dX"] and "input nodes" in hints(result)["dX"]


def test_a_bias_in_a_dict_is_not_taken_for_its_gradient(write_notebook: Write) -> None:
    kept = dense(dB="dA.sum()")
    for name, place in (
        ("self.W", 'self.network["W"]'),
        ("self.B", 'self.network["B"]'),
        ("self.dW", 'self.grad["W"]'),
        ("self.dB", 'self.grad["B"]'),
    ):
        kept = kept.replace(name, place)
    kept = kept.replace(
        "self.optimizer = optimizer",
        "self.optimizer = optimizer\n        self.network, self.grad = {}, {}",
    )
    result = judged(write_notebook, "dnn", "fc", kept)
    assert "dW" not in hints(result)
    [check] = [c for c in result.checks if c.facet == "dB"]
    assert check.actual is None or check.actual.size == 1


# -- numbers ----------------------------------------------------------------------------------------


def asked(formula: Callable[..., float]) -> list[tuple[dict[str, int], tuple[float, ...]]]:
    sizes = [(4, 3, 1, 0), (39, 7, 3, 1), (20, 4, 3, 2), (28, 7, 4, 1)]
    return [
        ({"N": n, "F": f, "S": s, "P": p}, (formula(n, f, s, p),)) for n, f, s, p in sizes
    ]  # fmt: skip


def test_several_slips_in_one_formula_are_told_together() -> None:
    name = slips_of(asked(lambda n, f, s, p: (n + 2 * p + f) / s))
    assert name is not None
    assert str(name.lesson.title) == (
        "The filter's size has the wrong sign, and: The + 1 is missing, and: The size is not rounded down"
    )
    assert slips_of(asked(lambda n, f, s, p: n * f + s)) is None
    assert slips_of(asked(lambda n, f, s, p: (n + 2 * p - f) // s + 1)) is None  # it is right


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("filter shape: (6, 3, 3, 3)\nfilter shape: (48, 24, 3, 3)\nfilter shape: (20, 10, 3, 3)",
         "Only the shape of the weights is given"),
        ("n_params: 56.0\nn_params: 434.0\nn_params: 182.0", "The numbers are those of 2 filters"),
        ("w: [2 3 3 3]\nw: [ 2 24  3  3]\nw: [ 2 10  3  3]", "The numbers are those of 2 filters"),
        ("56\n434\n181", None),
    ],
)  # fmt: skip
def test_what_stands_in_the_place_of_an_answer_is_told(text: str, said: str | None) -> None:
    spec = built_in_sprints()["cnn2"].item("conv2d_answers")
    checks = [
        model.told_plainly(f"answers-{n}", "answers", M("The answer was not found"))
        for n in ("1", "2", "3")
    ]
    found = diagnose_answers(spec, text, checks)
    told = [str(d.best.lesson.title) for d in found if d.facet == "answers"]
    assert (said in " ".join(told)) if said else told == []


@pytest.mark.parametrize(
    ("text", "said"),
    [("20 channels, H 9.5 x W 9.5", ["The size is not rounded down"]), ("9.5, but H:8, W:8", [])],
)
def test_a_size_that_is_not_rounded_stands_there_twice(text: str, said: list[str]) -> None:
    spec = built_in_sprints()["cnn2"].item("conv2d_answers")
    check = model.told_plainly("shape-3", "shape", M("The answer was not found"))
    found = diagnose_answers(spec, text, [check])
    assert [str(d.best.lesson.title) for d in found] == said


def test_the_gradient_of_the_input_is_not_compared_as_that_of_the_weights(
    write_notebook: Write,
) -> None:
    own = dense().replace("self.dW = self.X.T @ dA", "pass").replace("return dZ", "return self.dX")
    own = own.replace("dZ = dA @ self.W.T", "self.dX = dA @ self.W.T")
    result = judged(write_notebook, "dnn", "fc", own)
    [check] = [c for c in result.checks if c.facet == "dW"]
    assert check.status == model.FAILED and check.actual is None


# -- optimisers -------------------------------------------------------------------------------------

ADAGRAD = """
class AdaGrad:
    def __init__(self, lr):
        self.lr, self.HW, self.HB = lr, 1, 1
    def update(self, layer):
        self.HW = self.HW + layer.dW ** 2
        self.HB = self.HB + layer.dB ** 2
        layer.W = layer.W - self.lr * layer.dW / np.sqrt(self.HW)
        layer.B = layer.B - self.lr * layer.dB / np.sqrt(self.HB)
        return layer
"""


def test_of_two_wrong_optimisers_the_one_of_the_items_name_is_told(write_notebook: Write) -> None:
    other = ADAGRAD.replace("AdaGrad", "AdaGradSum").replace("dW ** 2", "dW.sum() ** 2")
    result = judged(write_notebook, "dnn", "adagrad", dense(), ADAGRAD + other)
    assert "H starts at 1 instead of 0" in hints(result)["update"]
    assert result.binding is not None and result.binding.name == "AdaGrad"


def test_a_step_that_is_the_same_for_every_element_is_told(write_notebook: Write) -> None:
    same = ADAGRAD.replace("lr, 1, 1", "lr, 0, 0").replace(
        "self.lr * layer.dB / np.sqrt(self.HB)", "np.mean(self.lr * layer.dB / np.sqrt(self.HB))"
    )
    result = judged(write_notebook, "dnn", "adagrad", dense(), same)
    [check] = [c for c in result.checks if c.status == model.FAILED]
    assert "all of it changes by one number" in str(check.message)


BY_ARRAYS = """
class SimpleConv1d:
    def forward(self, x, w, b):
        a = np.empty(len(x) - len(w) + 1)
        for i in range(len(a)):
            a[i] = x[i:i + len(w)] @ w + b[0]
        return a
    def backward(self, x, w, da):
        db = np.sum(da)
        dw = np.array([da @ x[i:i + len(da)] for i in range(len(w))])
        padded = np.pad(w[::-1], LEFT)
        dx = np.array([padded[i:i + len(da)] @ da for i in range(len(x))])[::-1]
        return db, dw, dx
"""


def test_a_call_that_the_example_proves_is_no_guess(write_notebook: Write) -> None:
    """One zero on each side is right for the sizes of the example alone."""
    own = BY_ARRAYS.replace("LEFT", "1")
    result = judged(write_notebook, "cnn1", "simple_conv1d", own)
    wrong = {c.facet: str(c.message) for c in result.checks if c.status == model.ERROR}
    assert "SimpleConv1d.backward(...) raised ValueError" in wrong["dX"]
    assert "takes other arguments" not in hints(result)["dX"]


def test_the_twin_for_every_size_is_right(write_notebook: Write) -> None:
    own = BY_ARRAYS.replace("LEFT", "len(da) - 1")
    assert judged(write_notebook, "cnn1", "simple_conv1d", own).status == "passed"


PLACEHOLDER = """
class Conv1d:
    def __init__(self, filter_size, initializer, trial=False):
        self.w = initializer.W(filter_size)
        self.b = 0.
        if trial:
            self.w, self.b = w, b
    def forward(self, z):
        F = self.w.shape[2]
        self.z, self.m = z, z.shape[1] - F + 1
        a = np.zeros((len(self.w), self.m))
        index = np.arange(self.m)[:, None] + np.arange(F)
        for i in range(len(self.w)):
            a[i] = (z[:, index] * WEIGHTS).sum(axis=2).sum(axis=0)
        return a + self.b.reshape(-1, 1)
    def backward(self, da):
        F = self.w.shape[2]
        self.grad_b = da.sum(axis=1)
        self.grad_w = np.zeros(self.w.shape)
        dz = np.zeros(self.z.shape)
        for j in range(self.m):
            self.grad_w += da[:, j][:, None, None] * self.z[:, j:j + F]
            dz[:, j:j + F] += np.tensordot(da[:, j], self.w, 1)
        return dz
"""
TRIAL = """
x = np.array([[1, 2, 3, 4], [2, 3, 4, 5]])
w, b = np.ones((3, 2, 3)), np.array([1, 2, 3])
class Initializer:
    def W(self, filter_size):
        return np.random.randn(filter_size)
"""


def test_a_number_in_the_place_of_an_array_is_not_blamed_for_our_call(
    write_notebook: Write,
) -> None:
    """The positions meet the channels: it runs for the documented sizes alone, with an array for the bias."""
    own = PLACEHOLDER.replace("WEIGHTS", "self.w[i]")
    result = judged(write_notebook, "cnn1", "conv1d", TRIAL, own, "Conv1d(3, Initializer(), trial=True).forward(x)")  # fmt: skip
    pairs = {c.id: c for c in result.checks if "documented" in c.id and c.facet == "forward"}
    assert pairs and all(c.error is None for c in pairs.values())
    assert model.FAILED in {c.status for c in pairs.values()}
    assert "forward" not in facets(result)


def test_the_documented_pair_is_right_with_its_array(write_notebook: Write) -> None:
    own = PLACEHOLDER.replace("WEIGHTS", "self.w[i][:, None]")
    result = judged(write_notebook, "cnn1", "conv1d", TRIAL, own, "Conv1d(3, Initializer(), trial=True).forward(x)")  # fmt: skip
    pairs = {c.id: c for c in result.checks if "documented" in c.id and c.facet == "forward"}
    assert pairs and all(c.status == model.PASSED for c in pairs.values())


STEPPING = """
class SimpleConv1d:
    def __init__(self, lr=0.01):
        self.w, self.b = np.array([3, 5, 7]), np.array([1])
        self.lr = lr
    def conv_forward(self, X):
        self.FW, self.X = len(self.w), X
        self.N_out = len(X) + 2 - self.FW + 1
        X = np.pad(X, 1)
        out = np.zeros(self.N_out)
        for i in range(self.N_out):
            out[i] += np.dot(X[i:i + self.FW], self.w)
        return out + self.b
    def conv_backward(self, dA):
        delta_x = np.zeros(self.N_out)
        delta_b, delta_w = 0, np.zeros(len(self.w))
        for i in range(len(dA)):
            delta_x[i:i + self.FW] += dA[i] * self.w
            delta_b += dA[i]
            delta_w += dA[i] * self.X[i:i + self.FW]
        self.w, self.b = self.w.astype(np.float64), self.b.astype(np.float64)
        self.w -= self.lr * delta_w
        self.b -= self.lr * delta_b
        return delta_x
"""


def test_a_gradient_that_was_not_found_beside_an_exception_does_not_add_up(
    write_notebook: Write,
) -> None:
    result = judged(write_notebook, "cnn1", "simple_conv1d", STEPPING)
    told = [str(hint_on(c, result, "full")) for c in result.checks if c.facet == "dB"]
    assert any(c.error is not None for c in result.checks if c.facet == "dB")
    assert told and not any("calls before" in hint for hint in told)
