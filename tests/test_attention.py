"""Attention: the references beside loops over every score, and central differences."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import reference
from graders.specs import load_course
from tests.built_in import built_in_sprints
from tests.twins import results_of, told


def by_loops(q: np.ndarray, k: np.ndarray, v: np.ndarray, causal: bool) -> np.ndarray:
    """A score at a time."""
    y = np.zeros((*q.shape[:2], v.shape[2]))
    for n, t in np.ndindex(*q.shape[:2]):
        seen = range(t + 1 if causal else k.shape[1])
        scores = [
            sum(float(a) * float(b) for a, b in zip(q[n, t], k[n, s], strict=True))
            / math.sqrt(k.shape[2])
            for s in seen
        ]
        total = sum(math.exp(score) for score in scores)
        for s in seen:
            y[n, t] += math.exp(scores[s]) / total * v[n, s]
    return y


def heads_by_loops(x: np.ndarray, given: dict[str, np.ndarray], heads: int) -> np.ndarray:
    """A head at a time."""
    q, k, v = (x @ given[name] for name in ("Wq", "Wk", "Wv"))
    each = x.shape[2] // heads
    columns = [slice(h * each, (h + 1) * each) for h in range(heads)]
    parts = [by_loops(q[..., c], k[..., c], v[..., c], False) for c in columns]
    return np.asarray(np.concatenate(parts, axis=2) @ given["Wo"])


RNG = np.random.default_rng(3)
Q, K, V = RNG.normal(size=(2, 3, 4)), RNG.normal(size=(2, 5, 4)), RNG.normal(size=(2, 5, 6))
X = RNG.normal(size=(2, 3, 6))
MATRICES = {name: RNG.normal(size=(6, 6)) for name in ("Wq", "Wk", "Wv", "Wo")}
LAYERS: dict[str, tuple[Any, dict[str, np.ndarray], dict[str, Any], np.ndarray, np.ndarray]] = {
    "attention": (reference.Attention, {"K": K, "V": V}, {}, Q, by_loops(Q, K, V, False)),
    "masked": (
        reference.Attention,
        {"K": K[:, :3], "V": V[:, :3]},
        {"causal": True},
        Q,
        by_loops(Q, K[:, :3], V[:, :3], True),
    ),
    "heads": (
        reference.MultiHeadAttention,
        MATRICES,
        {"heads": 3},
        X,
        heads_by_loops(X, MATRICES, 3),
    ),
}


@pytest.mark.parametrize("name", LAYERS)
def test_the_reference_is_what_loops_give_and_so_are_its_gradients(name: str) -> None:
    layer, given, settings, x, y = LAYERS[name]
    one = layer(**given, **settings)
    assert np.allclose(one.forward(x), y, rtol=1e-12, atol=1e-12)
    dy = np.random.default_rng(5).normal(size=y.shape)
    found = {"x": one.backward(dy), **one.grads}
    for key, array in {**given, "x": x}.items():
        by_differences = []
        for place in np.ndindex(array.shape):
            ends = []
            for step in (1e-6, -1e-6):
                moved = array.copy()
                moved[place] += step
                other = layer(**{**given, **({key: moved} if key != "x" else {})}, **settings)
                ends.append(np.sum(other.forward(moved if key == "x" else x) * dy))
            by_differences.append((ends[0] - ends[1]) / 2e-6)
        assert np.allclose(found[key].ravel(), by_differences, atol=1e-6), key


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        reference.Attention(K, V[:, :3]).forward(Q)
    with pytest.raises(ValueError, match="4 heads"):
        reference.MultiHeadAttention(**MATRICES, heads=4)


def test_a_mask_says_which_keys_are_seen() -> None:
    mask = np.tri(3, 5, 1) > 0
    y = np.stack(
        [
            reference.Attention(K[:, : t + 2], V[:, : t + 2]).forward(Q[:, t : t + 1])[:, 0]
            for t in range(3)
        ],
        axis=1,
    )
    assert np.allclose(reference.attend(Q, K, V, mask), y, rtol=1e-12)
    assert np.array_equal(reference.attend_but(Q, K, V, ~mask), reference.attend(Q, K, V, mask))


def test_places_are_sines_and_cosines_of_one_angle() -> None:
    found = reference.sinusoids(5, 6)
    for t, i in np.ndindex(5, 3):
        angle = t / 10000 ** (2 * i / 6)
        assert np.isclose(found[t, 2 * i], math.sin(angle), rtol=1e-14, atol=1e-15)
        assert np.isclose(found[t, 2 * i + 1], math.cos(angle), rtol=1e-14, atol=1e-15)
    halves = reference.sinusoids_in_halves(5, 6)
    assert np.array_equal(halves, np.concatenate([found[:, ::2], found[:, 1::2]], axis=1))


FUNCTIONS = """
import numpy as np

def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)

def attention(q, k, v, mask):
    scores = q @ k.transpose(0, 2, 1) {scale}
    {mask}
    return weights @ v

def positional_encoding(max_len, d_model):
    t, i = np.arange(max_len)[:, None], np.arange(d_model)
    angles = {angles}
    return np.where(i % 2, np.cos(angles), np.sin(angles))
"""
SCALE, HIDE = "/ np.sqrt(k.shape[2])", "weights = softmax(np.where(mask, scores, -1e9))"
ANGLES = "t / 10000 ** (2 * (i // 2) / d_model)"
SLIPS = {
    "masked-attention-not-scaled": {"scale": ""},
    "masked-attention-divided-by-length": {"scale": "/ k.shape[2]"},
    "masked-attention-not-masked": {"mask": "weights = softmax(scores)"},
    "masked-attention-masked-afterwards": {"mask": "weights = softmax(scores) * mask"},
    "masked-attention-masked-by-zero": {"mask": "weights = softmax(scores * mask)"},
    "positions-own-exponents": {"angles": "t / 10000 ** (i / d_model)"},
    "positions-doubled-exponents": {"angles": "t / 10000 ** (2 * i / d_model)"},
    "positions-from-one": {"angles": "(t + 1) / 10000 ** (2 * (i // 2) / d_model)"},
}


@pytest.mark.parametrize("name", ["", *SLIPS])
def test_slips_of_functions_are_named(tmp_path: Path, name: str) -> None:
    (sprint,) = load_course("further", built_in_sprints()).values()
    right = {"scale": SCALE, "mask": HIDE, "angles": ANGLES}
    source = FUNCTIONS.format(**{**right, **SLIPS.get(name, {})})
    items = ("masked_attention", "positional_encoding")
    results = results_of(tmp_path, source, sprint, items)
    named = [n.id for r in results.values() for d in r.diagnoses for n in d.names]
    assert named == [name] * bool(name), "\n".join(map(told, results.values()))
    assert sum(r.status == "passed" for r in results.values()) == 2 - bool(name)
