"""Random interfaces around a right and a wrong layer: right always passes, wrong never does."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from graders.engine import ItemFinished, Options, grade
from graders.judging import ItemResult, right_facets
from graders.specs import load_sprints
from graders.submission import read_submission

SEEDS = range(24)

# The body of a layer on canonical arrays; `mistake` names what is wrong in the wrong twin.
CONV = """
def _core_forward(x, w, b):
    n, c, length = x.shape
    o, _, f = w.shape
    out = np.zeros((n, o, length - f + 1))
    for i in range(out.shape[2]):
        for k in range(o):
            out[:, k, i] = (x[:, :, i:i + f] * w[k]).sum(axis=(1, 2)) + b[k]
    return out


def _core_backward(x, w, dout):
    n, c, length = x.shape
    o, _, f = w.shape
    dx, dw = np.zeros(x.shape), np.zeros(w.shape)
    for i in range(dout.shape[2]):
        for k in range(o):
            dw[k] += (dout[:, k, i][:, None, None] * x[:, :, i:i + f]).sum(axis=0)
            dx[:, :, i:i + f] += dout[:, k, i][:, None, None] * {flip}
    return dx, dw, {db}
"""
DENSE = """
def _core_forward(x, w, b):
    return x @ w + b


def _core_backward(x, w, dout):
    return dout @ {flip}.T, x.T @ dout, {db}
"""


class Interface:
    """One random way to write a layer, as source."""

    def __init__(self, seed: int, kind: str, mistake: str = "") -> None:
        self.random = random.Random(seed)
        self.kind, self.mistake = kind, mistake

    def pick(self, *names: str) -> str:
        """One of the names."""
        return self.random.choice(names)

    def source(self) -> str:
        """The module's text."""
        pick = self.pick
        conv = self.kind == "conv1d"
        flip = "w[k]" if conv else "w"
        db = "dout.sum(axis=(0, 2))" if conv else "dout.sum(axis=0)"
        if self.mistake == "dX":
            flip = "w[k][:, ::-1]" if conv else "(2 * w)"
        if self.mistake == "dB":
            db = "dout.mean() * np.ones(w.shape[0])" if conv else "np.average(dout)"
        core = (CONV if conv else DENSE).replace("{flip}", flip).replace("{db}", db)
        x, w, b, da = pick("X", "x", "Z", "inputs"), pick("W", "w", "weight"), "b", ""
        b = {"W": pick("B", "b"), "w": "b", "weight": "bias"}[w]
        da = pick("dA", "da", "dout", "delta_a", "dY")
        forward, backward = self.random.choice(
            [("forward", "backward"), ("_forward", "_backward"), ("forward_propagation", "back_propagation"),
             ("conv_forward", "conv_backward")]
        )  # fmt: skip
        gw, gb = self.random.choice(
            [("dW", "dB"), ("LW", "LB"), ("grad_w", "grad_b"), ("dw", "db"), ("delta_w", "delta_b")]
        )
        source_of = self.random.choice(["constructor", "initializer", "call", "attribute", "dict"])
        results = self.random.choice(["attribute", "return", "dict", "update"])
        if source_of == "call" and results == "update":
            results = "return"
        lines = ["import numpy as np", core, ""]
        name = (
            pick("Conv1d", "Conv1D", "MyConv1d", "conv1d")
            if conv
            else pick("FC", "Affine", "Dense", "fc")
        )
        lines.append(f"class {name}:")
        lines += self._constructor(source_of, results, w, b)
        lines += self._forward(forward, source_of, x, w, b)
        lines += self._backward(backward, source_of, results, x, w, b, da, gw, gb)
        return "\n".join(lines) + "\n"

    def _sizes(self) -> list[str]:
        pick = self.pick
        if self.kind == "conv1d":
            sizes = [pick("filter_size", "F", "f_size", "kernel_size"), pick("n_in_channels", "ch_in", "in_channel"),
                     pick("n_out_channels", "ch_out", "out_channel")]  # fmt: skip
            self.f, self.c, self.o = sizes
        else:
            sizes = [pick("n_nodes1", "n_in", "input_dim"), pick("n_nodes2", "n_out", "output_dim")]
            self.c, self.o = sizes
            self.f = ""
        self.random.shuffle(sizes)
        return sizes

    def _held(self, source_of: str, w: str, b: str) -> tuple[str, str]:
        if source_of == "dict":
            return "self.params['W']", "self.params['b']"
        return f"self.{w}", f"self.{b}"

    def _constructor(self, source_of: str, results: str, w: str, b: str) -> Iterator[str]:
        conv = self.kind == "conv1d"
        own_w, own_b = self._held(source_of, w, b)
        lr = ["lr=0.01"] if results == "update" else []
        if source_of == "call":
            yield f"    def __init__(self{', lr=0.01' if lr else ''}):"
            yield "        self.x = None"
        elif source_of == "constructor":
            yield f"    def __init__({', '.join(['self', w, b, *lr])}):"
            yield f"        {own_w}, {own_b} = {w}, {b}"
        else:
            sizes = self._sizes()
            shape = f"{self.o}, {self.c}, {self.f}" if conv else f"{self.c}, {self.o}"
            extra = ["initializer"] if source_of == "initializer" else []
            yield f"    def __init__({', '.join(['self', *sizes, *extra, *lr])}):"
            if source_of == "dict":
                yield "        self.params = {}"
            if source_of == "initializer":
                yield f"        {own_w} = initializer.W({shape})"
                yield f"        {own_b} = initializer.B({self.o})"
            else:
                yield f"        {own_w} = np.random.randn({shape})"
                yield f"        {own_b} = np.zeros({self.o})"
        if lr:
            yield "        self.lr = lr"
        yield ""

    def _forward(self, forward: str, source_of: str, x: str, w: str, b: str) -> Iterator[str]:
        own_w, own_b = self._held(source_of, w, b)
        given = f", {w}, {b}" if source_of == "call" else ""
        yield f"    def {forward}(self, {x}{given}):"
        if source_of == "call":
            yield f"        self._w = {w}"
            own_w, own_b = w, b
        self.layout = self.pick("NCL", "CL", "NLC") if self.kind == "conv1d" else "NI"
        before = {"CL": f"{x}[None]", "NLC": f"{x}.transpose(0, 2, 1)"}.get(self.layout, x)
        after = {"CL": "[0]", "NLC": ".transpose(0, 2, 1)"}.get(self.layout, "")
        yield f"        self.kept = {before}"
        yield f"        return _core_forward(self.kept, {own_w}, {own_b}){after}"
        yield ""

    def _backward(
        self, backward: str, source_of: str, results: str, x: str, w: str, b: str, da: str, gw: str,
        gb: str,
    ) -> Iterator[str]:  # fmt: skip
        own_w, own_b = self._held(source_of, w, b)
        if source_of == "call":
            own_w = "self._w"
        before = {"CL": f"{da}[None]", "NLC": f"{da}.transpose(0, 2, 1)"}.get(self.layout, da)
        after = {"CL": "[0]", "NLC": ".transpose(0, 2, 1)"}.get(self.layout, "")
        yield f"    def {backward}(self, {da}):"
        yield f"        dx, dw, db = _core_backward(self.kept, {own_w}, {before})"
        yield f"        dx = dx{after}"
        if results == "attribute":
            yield f"        self.{gw}, self.{gb} = dw, db"
            yield "        return dx"
        elif results == "dict":
            yield "        self.grad = {'W': dw, 'b': db}"
            yield "        return dx"
        elif results == "return":
            order = ["dx", "dw", "db"]
            self.random.shuffle(order)
            yield f"        return {', '.join(order)}"
        else:
            yield f"        {own_w} = {own_w} - self.lr * dw"
            yield f"        {own_b} = {own_b} - self.lr * db"
            yield "        return dx"


def judged(tmp_path: Path, kind: str, source: str) -> ItemResult:
    """The item's result for a module with this source."""
    path = tmp_path / "work.py"
    path.write_text(source)
    sprint = load_sprints()["cnn1" if kind == "conv1d" else "dnn"]
    for event in grade(read_submission(path), sprint, Options(items=frozenset({kind}))):
        if isinstance(event, ItemFinished) and event.result.spec.id == kind:
            return event.result
    raise AssertionError("no result")


@pytest.mark.parametrize("kind", ["conv1d", "fc"])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_right_layer_passes_and_its_wrong_twin_does_not(
    tmp_path: Path, kind: str, seed: int
) -> None:
    source = Interface(seed, kind).source()
    right = judged(tmp_path, kind, source)
    wrong_checks = [f"{c.id}: {c.message}" for c in right.checks if c.status != "passed"]
    assert right.status == "passed", "\n".join([source, str(right.message), *wrong_checks])
    mistake = "dX" if seed % 2 else "dB"
    wrong = judged(tmp_path, kind, Interface(seed, kind, mistake).source())
    broken = set(wrong.spec.facets) - set(right_facets(wrong.spec, wrong.checks))
    assert broken == {mistake}, [str(c.message) for c in wrong.checks if c.status != "passed"]
