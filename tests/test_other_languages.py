"""Classes whose parameters have Portuguese, Spanish or French names, or names that say nothing."""

from pathlib import Path

import pytest

from tests.test_interfaces import judged

PORTUGUESE = {
    "he": "InicializadorHe", "simple": "InicializadorSimples", "dense": "CamadaTotalmenteConectada",
    "start": "inicializador", "optimizer": "otimizador", "update": "atualizar", "layer": "camada",
    "rate": "taxa_aprendizado", "batch": "tamanho_lote", "batches": "GeradorMiniBatch",
    "n1": "n_nos1", "n2": "n_nos2", "seed": "semente",
}  # fmt: skip
SPANISH = {
    "he": "InicializadorHe", "simple": "InicializadorSimple", "dense": "CapaDensa",
    "start": "inicializador", "optimizer": "optimizador", "update": "actualizar", "layer": "capa",
    "rate": "tasa_de_aprendizaje", "batch": "lote", "batches": "ObtenerMiniBatch",
    "n1": "nodos_entrada", "n2": "nodos_salida", "seed": "semilla",
}  # fmt: skip
FRENCH = {
    "he": "InitialiseurHe", "simple": "InitialiseurSimple", "dense": "CoucheDense",
    "start": "initialiseur", "optimizer": "optimiseur", "update": "mettre_a_jour", "layer": "couche",
    "rate": "taux_apprentissage", "batch": "taille_lot", "batches": "MiniBatchs",
    "n1": "n_noeuds1", "n2": "n_noeuds2", "seed": "graine",
}  # fmt: skip
SOURCE = """
import numpy as np

class {simple}:
    def __init__(self, sigma=0.01):
        self.sigma = sigma
    def W(self, {n1}, {n2}):
        return self.sigma * np.random.randn({n1}, {n2})
    def B(self, {n2}):
        return np.zeros({n2})

class {he}:
    def W(self, {n1}, {n2}):
        return np.random.randn({n1}, {n2}) * np.sqrt(2 / {n1})
    def B(self, {n2}):
        return np.zeros({n2})

class SGD:
    def __init__(self, {rate}=0.01):
        self.{rate} = {rate}
    def {update}(self, {layer}):
        {layer}.W -= self.{rate} * {layer}.dW
        {layer}.B -= self.{rate} * {layer}.dB
        return {layer}

class AdaGrad:
    def __init__(self, {rate}=0.01):
        self.{rate} = {rate}
        self.hw = self.hb = 0
    def {update}(self, {layer}):
        self.hw = self.hw + {layer}.dW ** 2
        self.hb = self.hb + {layer}.dB ** 2
        {layer}.W -= self.{rate} * {layer}.dW / (np.sqrt(self.hw) + 1e-8)
        {layer}.B -= self.{rate} * {layer}.dB / (np.sqrt(self.hb) + 1e-8)

class {dense}:
    def __init__(self, {n1}, {n2}, {start}, {optimizer}):
        self.{optimizer} = {optimizer}
        self.W = {start}.W({n1}, {n2})
        self.B = {start}.B({n2})
    def forward(self, X):
        self.X = X
        return X @ self.W + self.B
    def backward(self, dA):
        self.dB = dA.sum(axis=0)
        self.dW = self.X.T @ dA
        dZ = dA @ self.W.T
        self.{optimizer}.{update}(self)
        return dZ

class {batches}:
    def __init__(self, X, y, {batch}=32, {seed}=0):
        order = np.random.RandomState({seed}).permutation(len(X))
        self.X, self.y, self.n = X[order], y[order], {batch}
        self.stop = -(-len(X) // {batch})
    def __len__(self):
        return self.stop
    def __iter__(self):
        for i in range(0, len(self.X), self.n):
            yield self.X[i:i + self.n], self.y[i:i + self.n]

class Net:
    def build(self, n, plan):
        for m, start, optimizer in plan:
            self.net = {dense}(n, m, start, optimizer)
            n = m
"""
ITEMS = ("fc", "simple_initializer", "he_initializer", "sgd", "adagrad", "get_mini_batch")
WRONG = {
    "fc": ("dA.sum(axis=0)", "dA.sum(axis=1)"),
    "simple_initializer": ("self.sigma * np.random.randn(", "np.random.randn("),
    "he_initializer": ("* np.sqrt(2 /", "* np.sqrt(1 /"),
    "sgd": ("{layer}.B -= self", "{layer}.B += self"),
    "adagrad": ("self.hw + {layer}.dW ** 2", "{layer}.dW ** 2"),
    "get_mini_batch": ("self.n = X[order], y[order], {batch}", "self.n = X[order], y[order], 8"),
}  # fmt: skip


@pytest.mark.parametrize("words", [PORTUGUESE, SPANISH, FRENCH], ids=["pt", "es", "fr"])
def test_names_of_other_languages_are_understood(tmp_path: Path, words: dict[str, str]) -> None:
    results = judged(tmp_path, SOURCE.format(**words), ITEMS)
    assert {i: (r.status, str(r.message)) for i, r in results.items() if r.status != "passed"} == {}


@pytest.mark.parametrize("item", ITEMS)
def test_what_is_wrong_in_them_is_still_wrong(tmp_path: Path, item: str) -> None:
    right, wrong = WRONG[item]
    assert SOURCE.count(right) >= 1
    results = judged(tmp_path, SOURCE.replace(right, wrong, 1).format(**PORTUGUESE), (item,))
    assert results[item].status in ("partial", "failed")


def test_variables_of_the_calling_function_are_no_arguments(tmp_path: Path) -> None:
    """The layer is constructed in a method only, from names that mean nothing outside it."""
    words = PORTUGUESE | {"start": "comeco", "optimizer": "jeito"}
    result = judged(tmp_path, SOURCE.format(**words), ("fc",))["fc"]
    assert "is not defined" not in str(result.message)


@pytest.mark.parametrize(("start", "status"), [("20", "passed"), ("None", "partial")])
def test_the_batch_size_may_be_the_one_unknown_number(
    tmp_path: Path, start: str, status: str
) -> None:
    words = PORTUGUESE | {"batch": "quantos"}
    source = SOURCE.format(**words).replace("quantos=32", f"quantos={start}")
    source = source.replace("y[order], quantos", "y[order], quantos or 32")
    source = source.replace("// quantos", "// (quantos or 32)")
    assert judged(tmp_path, source, ("get_mini_batch",))["get_mini_batch"].status == status
