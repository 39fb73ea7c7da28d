"""A size that the code takes apart is a pair, whatever it is called; one that it doesn't is none."""

from collections.abc import Callable
from pathlib import Path

import pytest

from graders.binding.array_use import several
from graders.binding.definitions import Definition, read_definitions
from graders.submission import Cell, Section, Submission
from tests.one_item import facets, judged, said

Write = Callable[..., Path]

POOL = """
    class Pool2d:
        def __init__(self, {name}):
            {kept}
        def forward(self, X):
            {apart}
            n, c, h, w = self.shape = X.shape
            rows, columns = h // fh, w // fw
            self.windows = X[:, :, :rows * fh, :columns * fw].reshape(n, c, rows, fh, columns, fw)
            return {forward}
        def backward(self, dA):
            {apart}
            n, c, rows, columns = dA.shape
            top = self.windows.max(axis=(3, 5), keepdims=True)
            d = np.where(self.windows == top, dA[:, :, :, None, :, None], 0.0)
            dX = np.zeros(self.shape)
            dX[:, :, :rows * fh, :columns * fw] = d.reshape(n, c, rows * fh, columns * fw)
            return {dX}
    """


def pool(
    name: str = "fsize",
    apart: str = "fh, fw = self.kept",
    kept: str = "",
    forward: str = "self.windows.max(axis=(3, 5))",
    dX: str = "dX",
) -> str:
    kept = kept or f"self.kept = {name}"
    return POOL.format(name=name, apart=apart, kept=kept, forward=forward, dX=dX)


@pytest.mark.parametrize("name", ["fsize", "fenster", "q"])
def test_a_pair_needs_no_name_that_is_known(write_notebook: Write, name: str) -> None:
    result = judged(write_notebook, "cnn2", "max_pool2d", pool(name))
    assert result.status == "passed", said(result)


def test_one_number_stays_one(write_notebook: Write) -> None:
    result = judged(write_notebook, "cnn2", "max_pool2d", pool("fsize", "fh = fw = self.kept"))
    assert result.status == "passed", said(result)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ({"forward": "self.windows.mean(axis=(3, 5))"}, set()),
        ({"dX": "dX / 2"}, {"forward", "shape"}),
        ({"apart": "fh, fw = self.kept[0] + 1, self.kept[1]"}, set()),
        ({"apart": "fh, fw = 2, self.kept[1]"}, set()),  # a window of its own
    ],
)
def test_a_wrong_layer_with_a_pair_stays_wrong(
    write_notebook: Write, wrong: dict[str, str], right: set[str]
) -> None:
    result = judged(write_notebook, "cnn2", "max_pool2d", pool(**wrong))
    assert result.status != "passed"
    assert facets(result) >= right
    assert "forward" in right or "forward" not in facets(result), said(result)


CONV = """
    class Conv2d:
        def __init__(self, n_in, n_out, {names}, initializer, optimizer):
            self.one, self.two = {names}
            h, w = self.{window}
            self.W, self.B = initializer.W(n_out, n_in, h, w), initializer.B(n_out)
            self.optimizer = optimizer
        def forward(self, X):
            self.X = X
            n, c, rows, columns = X.shape
            h, w = self.{window}
            down, across = self.{stride}
            self.places = [
                (i, j, np.s_[:, :, i * down:i * down + h, j * across:j * across + w])
                for i in range((rows - h) // down + 1) for j in range((columns - w) // across + 1)
            ]
            i, j, _ = self.places[-1]
            A = np.zeros((n, len(self.W), i + 1, j + 1))
            for i, j, at in self.places:
                A[:, :, i, j] = np.einsum('nchw,ochw->no', X[at], self.W) + self.B
            return A
        def backward(self, dA):
            self.dW, self.dB = np.zeros(self.W.shape), dA.sum(axis=(0, 2, 3))
            dX = np.zeros(self.X.shape)
            for i, j, at in self.places:
                self.dW += np.einsum('no,nchw->ochw', dA[:, :, i, j], self.X[at])
                dX[at] {sum} np.einsum('no,ochw->nchw', dA[:, :, i, j], self.W)
            self.optimizer.update(self)
            return dX
    """


@pytest.mark.parametrize(
    ("window", "stride", "names"), [("one", "two", "first, omega"), ("two", "one", "flt, jmp")]
)
def test_of_two_pairs_each_finds_its_place(
    write_notebook: Write, window: str, stride: str, names: str
) -> None:
    source = CONV.format(names=names, window=window, stride=stride, sum="+=")
    result = judged(write_notebook, "cnn2", "conv2d", source)
    assert result.status == "passed", said(result)


def test_of_two_pairs_a_wrong_gradient_stays_wrong(write_notebook: Write) -> None:
    source = CONV.format(names="flt, jmp", window="one", stride="two", sum="=")
    result = judged(write_notebook, "cnn2", "conv2d", source)
    assert result.status != "passed"
    assert "dX" not in facets(result)


FUNCTIONS = """
    def pool_forward(x, {name}):
        {apart}
        n, c, h, w = x.shape
        rows, columns = h // fh, w // fw
        windows = x[:, :, :rows * fh, :columns * fw].reshape(n, c, rows, fh, columns, fw)
        return windows.max(axis=(3, 5)), (x, {name})

    def pool_backward(dout, cache):
        x, {name} = cache
        {apart}
        dx = np.zeros_like(x)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                at = np.s_[:, :, i * fh:(i + 1) * fh, j * fw:(j + 1) * fw]
                top = x[at] == x[at].max(axis=(2, 3), keepdims=True)
                dx[at] = top * {dx}
        return dx
    """


@pytest.mark.parametrize(
    ("name", "apart"),
    [
        ("fsize", "fh, fw = fsize"),
        ("fenster", "fh = fenster[0]; fw = fenster[1]"),
        ("pool_size", "fh = fw = pool_size"),
        ("fsize=(2, 2)", "fh, fw = fsize"),
    ],
)
def test_functions_take_pairs_too(write_notebook: Write, name: str, apart: str) -> None:
    dx = "dout[:, :, i:i + 1, j:j + 1]"
    source = FUNCTIONS.replace("(x, {name}):", "(x, %s):" % name)
    source = source.format(name=name.partition("=")[0], apart=apart, dx=dx)
    result = judged(write_notebook, "cnn2", "max_pool2d", source)
    assert result.status == "passed", said(result)


def test_a_wrong_function_with_a_pair_stays_wrong(write_notebook: Write) -> None:
    source = FUNCTIONS.format(name="fsize", apart="fh, fw = fsize", dx="1.0")
    result = judged(write_notebook, "cnn2", "max_pool2d", source)
    assert "forward" in facets(result)
    assert "dX" not in facets(result)


def test_a_function_with_a_window_of_its_own_stays_wrong(write_notebook: Write) -> None:
    dx = "dout[:, :, i:i + 1, j:j + 1]"
    source = FUNCTIONS.format(name="fsize", apart="fh, fw = 2, fsize", dx=dx)
    result = judged(write_notebook, "cnn2", "max_pool2d", source)
    assert not facets(result), said(result)


def _definition(apart: str, kept: str = "self.kept = s") -> Definition:
    source = f"class P:\n    def __init__(self, s):\n        {kept}\n    def forward(self, x):\n        {apart}\n        return x\n"
    cell = Cell(0, source, Section("", ()))
    return read_definitions(Submission(Path("x.ipynb"), "notebook", "", (cell,), "", "en"))[0][0]


@pytest.mark.parametrize(
    ("apart", "told"),
    [
        ("a, b = self.kept", True),
        ("a = self.kept[0]", True),
        ("a, b = self.kept[0], self.kept[-1]", True),
        ("k = self.kept; a, b = k", True),
        ("a, b = [int(f) for f in self.kept]", True),
        ("a, b = map(int, self.kept)", True),
        ("a = x.reshape(*self.kept)", True),
        ("a = np.prod(self.kept)", True),
        ("a = self.kept", False),
        ("a = x[self.kept]", False),
        ("a, b = x.shape", False),
        ("a = self.kept[x]", False),  # not by number
        ("k = self.kept; k = 3; a = k[0]", False),  # the name is something else, too
        ("a = range(self.kept)", False),
        ("s = x.shape; a = s[0]", False),  # a name of the method's own
    ],
)
def test_what_tells_a_pair(apart: str, told: bool) -> None:
    assert several(_definition(apart), "s") is told
