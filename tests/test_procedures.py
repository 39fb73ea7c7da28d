"""Functions of the procedural sprint in the interfaces that students choose, right and wrong.

Each module is graded in a real process. What a case is named after is what it does.
"""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from graders.engine import ItemFinished, Options, detect_sprint, grade
from graders.judging.results import ItemResult
from graders.sandbox.session import Budget
from graders.submission import read_submission
from tests.built_in import built_in_sprints

Grade = Callable[..., ItemResult]


@pytest.fixture
def judged(write_notebook: Callable[..., Path]) -> Grade:
    """Grades one item of a notebook of the given cells."""

    def run(item: str, *cells: str) -> ItemResult:
        path = write_notebook("import numpy as np", *map(dedent, cells))
        options = Options(budget=Budget(cell=5, total=20), items=frozenset([item]))
        submission = read_submission(path)
        for event in grade(submission, built_in_sprints()["im2col"], options):
            if isinstance(event, ItemFinished) and event.result.spec.id == item:
                return event.result
        raise AssertionError("no verdict")

    return run


def failing(result: ItemResult) -> frozenset[str]:
    """The facets that did not come out right."""
    return result.wrong_facets


WINDOWS = """
    def im2col(img, fh, fw):
        oh, ow = img.shape[0] - fh + 1, img.shape[1] - fw + 1
        cols = []
        for r in range(oh):
            for c in range(ow):
                cols.append(img[r:r + fh, c:c + fw].ravel())
        return np.array(cols).T
    """
PREPARED = """
    rows, cols, n_filters, n_class = 28, 28, 4, 10
    k_h, k_w = 3, 3
    rate = 0.1
    filters = np.random.rand(n_filters, k_h * k_w)
    W = np.random.rand(n_class, n_filters * 26 * 26)
    def soft(v):
        e = np.exp(v - v.max())
        return e / e.sum()
    """

RIGHT = {
    "im2col, the windows one by one": ("im2col", [WINDOWS], ""),
    "im2col, one size for both sides": ("im2col", ["""
        def image_to_columns(x, filter_size):
            n, m = x.shape[0] - filter_size + 1, x.shape[1] - filter_size + 1
            out = np.zeros((filter_size ** 2, n * m))
            for i in range(n):
                for j in range(m):
                    out[:, i * m + j] = x[i:i+filter_size, j:j+filter_size].reshape(-1)
            return out
        """], ""),
    "im2col, batch, stride and padding, windows as rows": ("im2col", ["""
        def im2col(input_data, filter_h, filter_w, stride=1, pad=0):
            x = np.pad(input_data, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
            view = np.lib.stride_tricks.sliding_window_view(x, (filter_h, filter_w), axis=(2, 3))
            view = view[:, :, ::stride, ::stride]
            n, c, oh, ow = view.shape[:4]
            return view.transpose(0, 2, 3, 1, 4, 5).reshape(n * oh * ow, -1)
        """], "row of the result"),
    "im2col, the filter's sizes as module-level names": ("im2col", ["""
        kernel_rows = 3
        kernel_cols = 3
        """, """
        def im2col(image):
            h, w = image.shape[0] - kernel_rows + 1, image.shape[1] - kernel_cols + 1
            return np.array([image[i:i+h, j:j+w].ravel()
                             for i in range(kernel_rows) for j in range(kernel_cols)])
        """], "kernel_rows"),
    "derivative of the input": ("tanh_derivative", ["""
        def d_tanh(u):
            return 1 / np.cosh(u) ** 2
        """], ""),
    "derivative of the input, as a lambda": ("tanh_derivative", [
        "tanh_prime = lambda x: 1 - np.tanh(x) ** 2"], ""),
    "derivative of the output, and used so": ("tanh_derivative", ["""
        def tanh(x):
            return np.tanh(x)
        def tanh2deriv(output):
            return 1 - output ** 2
        def step(v):
            hidden = tanh(v)
            return v * tanh2deriv(hidden.reshape(-1))
        step(np.ones(3))
        """], "output of tanh"),
    "softmax of a vector": ("softmax_vector", ["""
        def my_softmax(scores):
            e = np.exp(scores - np.max(scores))
            return e / np.sum(e)
        """], ""),
    "softmax of rows": ("softmax_vector", ["""
        def softmax(a):
            e = np.exp(a - a.max(axis=1, keepdims=True))
            return e / e.sum(axis=1, keepdims=True)
        """], ""),
    "prediction, the class": ("cnn_predict", [PREPARED, WINDOWS, """
        def predict(img, kernels, weights):
            h = np.tanh(kernels @ im2col(img, k_h, k_w)).reshape(-1)
            return int(np.argmax(soft(weights @ h)))
        """], "k_h"),
    "prediction from module-level weights, probabilities": ("cnn_predict", [PREPARED, WINDOWS, """
        def forward(image):
            h = np.tanh(filters @ im2col(image, k_h, k_w))
            return soft(W @ h.flatten())
        """], "probabilities"),
    "prediction, weights the other way round, square filters": ("cnn_predict", [WINDOWS, """
        def cnn(x, kernels, w_fc):
            side = int(np.sqrt(kernels.shape[1]))
            return np.argmax(np.tanh(kernels @ im2col(x, side, side)).ravel() @ w_fc)
        """], "square"),
    "prediction for the course's sizes only": ("cnn_predict", [WINDOWS, """
        def cnn(image, kernel, weight):
            return np.argmax(weight @ np.tanh(kernel @ im2col(image, 3, 3)).reshape(kernel.shape[0] * 676))
        """], "these sizes"),
    "training, image by image": ("back_propagation_cnn", [PREPARED, WINDOWS, """
        def back_prop(images, labels, kernels, weights, epochs):
            for _ in range(epochs):
                for img, t in zip(images, labels):
                    c = im2col(img, k_h, k_w)
                    a = kernels @ c
                    h = np.tanh(a).reshape(-1)
                    d = soft(weights @ h) - t
                    dk = ((1 - np.tanh(a) ** 2) * (weights.T @ d).reshape(a.shape)) @ c.T
                    weights = weights - rate * np.outer(d, h)
                    kernels = kernels - rate * dk
            return kernels, weights
        """], "rate"),
    "training of one image, in place, the label as a number": ("back_propagation_cnn", [
        PREPARED, WINDOWS, """
        def train_step(x, y, kernels, weights, lr=0.01):
            c = im2col(x, k_h, k_w)
            a = kernels @ c
            h = np.tanh(a).ravel()
            d = soft(weights @ h)
            d[y] -= 1
            dk = ((1 - np.tanh(a) ** 2) * (weights.T @ d).reshape(a.shape)) @ c.T
            weights -= lr * np.outer(d, h)
            kernels -= lr * dk
        """], ""),
    "training in a batch, the mean, module-level weights": ("back_propagation_cnn", [
        PREPARED, WINDOWS, """
        def backward(x_batch, t_batch, epoch_num):
            global filters, W
            for _ in range(epoch_num):
                gk, gw = np.zeros_like(filters), np.zeros_like(W)
                for x, t in zip(x_batch, t_batch):
                    c = im2col(x, k_h, k_w)
                    a = filters @ c
                    h = np.tanh(a).ravel()
                    d = soft(W @ h) - t
                    gw += np.outer(d, h)
                    gk += ((1 - np.tanh(a) ** 2) * (W.T @ d).reshape(a.shape)) @ c.T
                filters = filters - rate * gk / len(x_batch)
                W = W - rate * gw / len(x_batch)
        """], "mean of all"),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_procedure_passes(judged: Grade, name: str) -> None:
    item, cells, note = RIGHT[name]
    result = judged(item, *cells)
    assert result.status == "passed", [str(c.message) for c in result.checks]
    assert result.binding is not None
    assert note in " ".join(str(n) for n in result.binding.notes)


def changed(cells: list[str], old: str, new: str) -> list[str]:
    """The cells with a mistake in the last one."""
    assert old in cells[-1]
    return [*cells[:-1], cells[-1].replace(old, new)]


def twin(name: str, old: str, new: str) -> list[str]:
    """A right case with a mistake put in."""
    return changed(RIGHT[name][1], old, new)


WRONG = {
    "im2col, windows column by column": ("im2col", twin(
        "im2col, the windows one by one", "].ravel()", "].T.ravel()"), {"forward"}),
    "im2col, positions column by column": ("im2col", ["""
        def im2col(img, fh, fw):
            oh, ow = img.shape[0] - fh + 1, img.shape[1] - fw + 1
            return np.array([img[r:r + fh, c:c + fw].ravel()
                             for c in range(ow) for r in range(oh)]).T
        """], {"forward"}),
    "im2col, one window too few": ("im2col", twin(
        "im2col, the windows one by one", "range(ow)", "range(ow - 1)"), {"forward"}),
    "im2col, made for the example's size": ("im2col", ["""
        def im2col(img, fh, fw):
            return np.array([img[r:r + 3, c:c + 3].ravel()
                             for r in range(26) for c in range(26)]).T
        """], {"forward", "repeat"}),
    "derivative of the output, but given the input": ("tanh_derivative", twin(
        "derivative of the output, and used so", "hidden.reshape(-1)", "v"), {"dX"}),
    "derivative without the square": ("tanh_derivative", [
        "tanh_prime = lambda x: 1 - np.tanh(x)"], {"dX"}),
    "softmax not normalised": ("softmax_vector", ["""
        def softmax(x):
            return np.exp(x) / np.max(np.exp(x))
        """], {"forward"}),
    "prediction that forgets tanh": ("cnn_predict", twin(
        "prediction from module-level weights, probabilities", "np.tanh(", "("), {"forward"}),
    "prediction of the least likely class": ("cnn_predict", twin(
        "prediction, the class", "argmax", "argmin"), {"forward"}),
    "kernels after the weights": ("back_propagation_cnn", ["""
        kernel_rows = kernel_cols = 3
        alpha = 0.01
        """, WINDOWS, """
        def back_propagation(x, t, k, w, epochs):
            for _ in range(epochs):
                for image, label in zip(x, t):
                    c = im2col(image, kernel_rows, kernel_cols)
                    a = k @ c
                    h = np.tanh(a).ravel()
                    e = np.exp(w @ h)
                    d = e / e.sum() - label
                    w = w - alpha * np.outer(d, h)
                    k = k - alpha * ((1 - np.tanh(a) ** 2) * (w.T @ d).reshape(a.shape)) @ c.T
            return w, k
        """], {"dW"}),
    "kernels never updated": ("back_propagation_cnn", twin(
        "training of one image, in place, the label as a number", "kernels -= lr * dk", "pass"),
        {"dW"}),
    "the derivative of tanh forgotten": ("back_propagation_cnn", twin(
        "training, image by image", "(1 - np.tanh(a) ** 2) * ", ""), {"dW"}),
    "climbs instead of descending": ("back_propagation_cnn", twin(
        "training, image by image", "- t\n", "* -1 + t\n"), {"dW", "update"}),
    "the last image only": ("back_propagation_cnn", twin(
        "training in a batch, the mean, module-level weights", "gw +=", "gw ="), {"update"}),
    "returns after the first image": ("back_propagation_cnn", twin(
        "training, image by image", "kernels = kernels - rate * dk",
        "kernels = kernels - rate * dk\n                    return kernels, weights"),
        {"dW", "update"}),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_procedure_fails_in_its_facet(judged: Grade, name: str) -> None:
    item, cells, facets = WRONG[name]
    result = judged(item, *cells)
    assert result.status in ("partial", "failed", "error")
    assert failing(result) == facets, [(c.id, c.status, str(c.message)) for c in result.checks]


def test_the_documented_pair_is_judged_where_the_sizes_allow_it(judged: Grade) -> None:
    def documented(*cells: str) -> tuple[str, str]:
        (check,) = (c for c in judged("im2col", *cells).checks if c.id == "forward-documented-1")
        return check.status, str(check.message)

    assert documented(WINDOWS)[0] == "passed"
    assert documented(*WRONG["im2col, windows column by column"][1])[0] == "failed"
    status, message = documented(*WRONG["im2col, one window too few"][1])
    assert status == "failed"
    assert "(9, 676)" in message
    # Right for the example alone: the pair passes, the random cases do not.
    assert documented(*WRONG["im2col, made for the example's size"][1])[0] == "passed"


def test_what_raises_is_told_with_the_students_line(judged: Grade) -> None:
    result = judged("im2col", "def im2col(image, f_h, f_w):\n    return imege[:f_h, :f_w]")
    assert result.status == "error"
    assert "imege" in str(result.message)
    assert "line 2" in str(result.message)


def test_a_function_with_another_name_answers_if_it_is_right(judged: Grade) -> None:
    right = judged("im2col", WINDOWS.replace("im2col", "arrange"))
    assert right.status == "passed"
    wrong = judged("im2col", WINDOWS.replace("im2col", "arrange").replace("range(ow)", "range(1)"))
    assert wrong.status == "missing"
    assert "im2col" in str(wrong.message)


def test_the_sprint_is_found_by_its_functions(write_notebook: Callable[..., Path]) -> None:
    sprints = built_in_sprints()
    path = write_notebook(WINDOWS, "kernels = np.zeros((2, 9))")
    found = detect_sprint(read_submission(path), sprints)
    assert found is not None
    assert found.id == "im2col"
    classes = "class Conv2d:\n    pass\nclass MaxPool2D:\n    pass\nclass Flatten:\n    pass\n"
    path = write_notebook(WINDOWS, classes, "# conv2d, max_pool, flatten", "class SGD: pass")
    found = detect_sprint(read_submission(path), sprints)
    assert found is not None
    assert found.id == "cnn2"


@pytest.mark.parametrize(
    ("title", "sprint"),
    [
        ("# Sprint 深層学習スクラッチ 畳み込みニューラルネットワーク1", "cnn1"),
        ("# 畳み込みニューラルネットワーク２", "cnn2"),
        ("# Sprint Deep Learning Scratch Convolutional Neural Network 2", "cnn2"),
        ("# Sprint 深層学習スクラッチ ディープニューラルネットワーク", "dnn"),
        ("# Sprint 深層学習スクラッチ リカレントニューラルネットワーク", None),
        ("# 畳み込みニューラルネットワーク10年史", None),
    ],
)
def test_the_sprint_is_found_by_its_title(
    write_notebook: Callable[..., Path], title: str, sprint: str | None
) -> None:
    found = detect_sprint(
        read_submission(write_notebook(f"md:{title}", "a = 1")), built_in_sprints()
    )
    assert (found and found.id) == sprint
