"""Embeddings: whole numbers go in, every occurrence of a word counts."""

from pathlib import Path

import numpy as np
import pytest

import reference
from graders import cases
from graders.specs import load_course
from tests.built_in import built_in_sprints
from tests.twins import results_of, told

WORDS = """
import numpy as np

def word_embedding_forward(x, W):
    {check}
    return W[x], (x, W)

def word_embedding_backward(dout, cache):
    x, W = cache
    dW = np.zeros_like(W)
    {add}
    return dW
"""
NAMED = {
    "last-occurrence": "dW[x] += dout",
    "averaged": "np.add.at(dW, x, dout); dW /= np.maximum(np.bincount(x.ravel(), minlength=len(W)), 1)[:, None]",
    "for-all-rows": "dW += dout.sum((0, 1))",
    "gradient-one-row-before": "np.add.at(dW, x - 1, dout)",
}


@pytest.mark.parametrize("name", NAMED)
def test_a_slip_is_named(tmp_path: Path, name: str) -> None:
    (sprint,) = load_course("cs231n", built_in_sprints()).values()
    source = WORDS.format(check="pass", add=NAMED[name])
    (result,) = results_of(tmp_path, source, sprint, ("embedding_sequence",)).values()
    assert result.wrong_facets == {"dW"}, told(result)
    assert [n.id for d in result.diagnoses for n in d.names] == [f"embedding-sequence-{name}"]


def test_a_layer_that_insists_on_whole_numbers_gets_them(tmp_path: Path) -> None:
    (sprint,) = load_course("cs231n", built_in_sprints()).values()
    check = "assert x.dtype == np.int64 and x.min() >= 0 and x.max() < len(W)"
    source = WORDS.format(check=check, add="np.add.at(dW, x, dout)")
    (result,) = results_of(tmp_path, source, sprint, ("embedding_sequence",)).values()
    assert result.status == "passed", told(result)


def test_every_case_has_a_word_that_occurs_again() -> None:
    (sprint,) = load_course("saito", built_in_sprints()).values()
    for name in ("embedding", "embedding_sequence"):
        spec = sprint.item(name)
        assert "dX" not in spec.gradients
        for seed in range(20):
            case = cases.draw(spec, np.random.default_rng(seed))
            assert case.x.dtype.kind == "i"
            assert np.bincount(case.x.ravel()).max() > 1


def test_the_reference_is_a_product_with_one_hot_rows() -> None:
    rng = np.random.default_rng(2)
    x, W = rng.integers(0, 5, (3, 4)), rng.normal(size=(5, 2))
    one = reference.Embedding(W)
    rows = np.eye(5)[x]
    assert np.array_equal(one.forward(x), rows @ W)
    dy = rng.normal(size=(3, 4, 2))
    one.backward(dy)
    assert np.allclose(one.grads["W"], np.einsum("ntv,ntd->vd", rows, dy), rtol=1e-12)
    for wrong in (x + 1, x - 1, x.astype(float)):
        with pytest.raises(ValueError, match="whole numbers from 0 to 4"):
            one.forward(wrong)
