"""Recurrent layers: the references beside loops, central differences and what a course prints."""

import numpy as np
import pytest

import reference
from graders.binding.inner_activation import is_affine
from graders.specs import load_course
from tests.built_in import built_in_sprints


def by_loops(x: np.ndarray, h: np.ndarray, given: dict[str, np.ndarray]) -> np.ndarray:
    """All states of a sequence (N, T, D) from a state (N, H), an element at a time."""
    states = np.zeros((*x.shape[:2], h.shape[1]))
    for n in range(len(x)):
        before = h[n]
        for t in range(x.shape[1]):
            for k in range(h.shape[1]):
                z = given["b"][k]
                z += sum(x[n, t, d] * given["Wx"][d, k] for d in range(x.shape[2]))
                z += sum(before[j] * given["Wh"][j, k] for j in range(h.shape[1]))
                states[n, t, k] = np.tanh(z)
            before = states[n, t]
    return states


def gated_by_loops(
    x: np.ndarray, h: np.ndarray, given: dict[str, np.ndarray], order: str
) -> np.ndarray:
    """All states of a long short-term memory over (N, T, D) from a state (N, H), an element at a time."""
    nodes = h.shape[1]
    states = np.zeros((*x.shape[:2], nodes))
    for n in range(len(x)):
        before, cells = h[n], np.zeros(nodes)
        for t in range(x.shape[1]):
            for k in range(nodes):
                z = {}
                for place, gate in enumerate(order):
                    column = place * nodes + k
                    total = given["b"][column]
                    total += sum(x[n, t, d] * given["Wx"][d, column] for d in range(x.shape[2]))
                    total += sum(before[j] * given["Wh"][j, column] for j in range(nodes))
                    z[gate] = np.tanh(total) if gate == "g" else 1 / (1 + np.exp(-total))
                cells[k] = z["f"] * cells[k] + z["i"] * z["g"]
                states[n, t, k] = z["o"] * np.tanh(cells[k])
            before = states[n, t]
    return states


def units_by_loops(x: np.ndarray, h: np.ndarray, given: dict[str, np.ndarray]) -> np.ndarray:
    """All states of gated recurrent units over (N, T, D) from a state (N, H), an element at a time."""
    nodes = h.shape[1]
    states = np.zeros((*x.shape[:2], nodes))
    for n in range(len(x)):
        before = h[n]
        for t in range(x.shape[1]):

            def total(column: int, seen: np.ndarray, n: int = n, t: int = t) -> float:
                found = given["b"][column]
                found += sum(x[n, t, d] * given["Wx"][d, column] for d in range(x.shape[2]))
                return float(found + sum(seen[j] * given["Wh"][j, column] for j in range(nodes)))

            z = [1 / (1 + np.exp(-total(k, before))) for k in range(nodes)]
            r = [1 / (1 + np.exp(-total(nodes + k, before))) for k in range(nodes)]
            left = np.array([r[k] * before[k] for k in range(nodes)])
            for k in range(nodes):
                candidate = np.tanh(total(2 * nodes + k, left))
                states[n, t, k] = (1 - z[k]) * before[k] + z[k] * candidate
            before = states[n, t]
    return states


RNG = np.random.default_rng(4)
GIVEN = {"Wx": RNG.normal(size=(2, 5)), "Wh": RNG.normal(size=(5, 5)), "b": RNG.normal(size=5)}
GATED = {"Wx": RNG.normal(size=(2, 20)), "Wh": RNG.normal(size=(5, 20)), "b": RNG.normal(size=20)}
UNITS = {name: array[..., :15] for name, array in GATED.items()}
H, X = RNG.normal(size=(3, 5)), RNG.normal(size=(3, 4, 2))
LAYERS = {
    "all states": (reference.RNN, {**GIVEN, "h": H}, X, by_loops(X, H, GIVEN)),
    "from zero": (reference.RNNFromZero, GIVEN, X, by_loops(X, 0 * H, GIVEN)),
    "last state": (reference.RNNLastState, GIVEN, X, by_loops(X, 0 * H, GIVEN)[:, -1]),
    "gates from a state": (
        reference.LSTM,
        {**GATED, "h": H},
        X,
        gated_by_loops(X, H, GATED, "ifog"),
    ),
    "gates from zero": (
        reference.LSTMFromZero,
        GATED,
        X,
        gated_by_loops(X, 0 * H, GATED, "fgio"),
    ),
    "units from zero": (reference.GRUFromZero, UNITS, X, units_by_loops(X, 0 * H, UNITS)),
    "a step of units": (
        reference.GRUCell,
        {**UNITS, "h": H},
        X[:, 0],
        units_by_loops(X, H, UNITS)[:, 0],
    ),
    "a step": (reference.RNNCell, {**GIVEN, "h": H}, X[:, 0], by_loops(X, H, GIVEN)[:, 0]),
}


@pytest.mark.parametrize("name", LAYERS)
def test_the_reference_is_what_loops_give_and_so_are_its_gradients(name: str) -> None:
    layer, given, x, states = LAYERS[name]
    one = layer(**given)
    assert np.allclose(one.forward(x), states, atol=1e-12)
    dy = np.random.default_rng(5).normal(size=states.shape)
    found = {"x": one.backward(dy), **one.grads}
    for key, array in {**given, "x": x}.items():
        by_differences = []
        for place in np.ndindex(array.shape):
            ends = []
            for step in (1e-6, -1e-6):
                moved = array.copy()
                moved[place] += step
                other = layer(**{**given, **({key: moved} if key != "x" else {})})
                ends.append(np.sum(other.forward(moved if key == "x" else x) * dy))
            by_differences.append((ends[0] - ends[1]) / 2e-6)
        assert np.allclose(found[key].ravel(), by_differences, atol=1e-7), key


def test_the_example_of_the_bootcamp() -> None:
    wx, wh = [[1, 3, 5, 7], [3, 5, 7, 8]], [[1, 3, 5, 7], [2, 4, 6, 8], [3, 5, 7, 8], [4, 6, 8, 10]]
    layer = reference.RNNFromZero(np.array(wx) / 100, np.array(wh) / 100, np.ones(4))
    found = layer.forward(np.array([[[1, 2], [2, 3], [3, 4]]]) / 100)
    assert np.allclose(found[:, -1], [[0.79494228, 0.81839002, 0.83939649, 0.85584174]], atol=5e-9)


def test_the_reference_is_what_pytorch_computes() -> None:
    torch = pytest.importorskip("torch")
    theirs = torch.nn.LSTM(2, 5, batch_first=True).double()
    order = [0, 1, 3, 2]  # theirs are i, f, g, o

    def columns(array: np.ndarray) -> np.ndarray:
        return np.concatenate([np.split(array, 4)[k] for k in order])

    weights = [columns(w.detach().numpy()) for w in theirs.parameters()]
    bias = weights[2] + weights[3]
    layer = reference.LSTM(weights[0].T, weights[1].T, bias, H)
    x = torch.tensor(X, requires_grad=True)
    states, _ = theirs(x, (torch.tensor(H)[None], torch.zeros(1, *H.shape).double()))
    np.testing.assert_allclose(layer.forward(X), states.detach().numpy(), atol=1e-12)
    dy = np.random.default_rng(5).normal(size=states.shape)
    states.backward(torch.tensor(dy))
    np.testing.assert_allclose(layer.backward(dy), x.grad.numpy(), atol=1e-12)


@pytest.mark.parametrize(
    "wrong",
    [{"Wx": np.ones((2, 14))}, {"Wh": np.ones((4, 15))}, {"b": np.ones(5)}, {"h": np.ones((2, 5))}],
)
def test_units_of_shapes_that_do_not_fit_are_refused(wrong: dict[str, np.ndarray]) -> None:
    with pytest.raises(ValueError, match="shape"):
        reference.GRUCell(**{**UNITS, "h": H, **wrong}).forward(X[:, 0])


@pytest.mark.parametrize(
    ("item", "affine"),
    [
        ("fc", True),
        ("conv2d", True),
        ("embedding", True),
        ("rnn_last_state", False),
        ("lstm", False),
    ],
)
def test_what_has_an_activation_inside_is_told_by_numbers(item: str, affine: bool) -> None:
    courses = ("saito", "cs231n", "diveintocode_rnn")
    offered = [load_course(name, built_in_sprints())[name].items for name in courses]
    spec = next(i for items in offered for i in items if i.id == item)
    assert is_affine(spec) is affine
