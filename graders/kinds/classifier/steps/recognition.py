"""What a watched layer computes, told by its numbers: which layer of the reference gives the same.

Names tell nothing here. A layer is what reproduces its output from its input and its weights, in
one of the layouts that the shapes allow, and where two would (a ReLU's derivative at 0, equal
maxima), what reproduces its gradient. It is a guess that costs nothing if it is wrong: what the
whole network does in several steps is compared afterwards (`proof`).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from graders.kinds.classifier.step_arrays import ACTIVATIONS, same
from graders.kinds.classifier.stepping import Call
from graders.kinds.classifier.steps.nodes import (
    Array,
    Convolved,
    Dense,
    Elementwise,
    Layout,
    Node,
    Pooled,
    Reshaped,
    Sliding,
)
from reference import AveragePool2D, MaxPool2D, softmax
from reference.sizes import conv_output_size

FEW = 2  # samples on which a convolution is tried first
MOST_WINDOW = 8  # of pooling
MOST_STRIDE = MOST_PADDING = 4  # of a convolution
MOST_TRIES = 200  # of ways to read one layer: shapes may be chosen to have many


@dataclass(frozen=True)
class Recognised:
    """The nodes that a layer is; `last`: what they give goes through softmax at the end."""

    nodes: list[Node]
    last: bool = False


def _alike(one: Array, other: Array) -> bool:
    """The same numbers in the same shape."""
    return one.shape == other.shape and same(one, other)


def recognised(call: Call, back: Call | None) -> Recognised | None:
    """The nodes that a layer is, their weights in them; None if it is none that is known.

    Args:
        call: of forward; what it keeps are the weights that it computes with.
        back: its backward in the same step, if it was seen.
    """
    x, y = _float(call.given[0]), _float(call.back[0])
    kept = {name: _float(array) for name, array in call.kept.items()}
    if x.ndim < 1 or y.ndim < 1 or len(x) != len(y):
        return None
    if y.ndim == 2 and _alike(softmax(x), y):
        return Recognised([], last=True)
    for nodes in _candidates(x, y, kept):
        if _reproduces(nodes, x, y) and _carries_back(nodes, call, back):
            return Recognised(nodes)
    for node in _denses(x, y, kept):
        if _alike(softmax(node.forward(x)), y):
            return Recognised([node], last=True)
    return None


def _float(array: Array) -> Array:
    return np.asarray(array, np.float64)


def _reproduces(nodes: Sequence[Node], x: Array, y: Array) -> bool:
    try:
        with np.errstate(all="ignore"):
            for node in nodes:
                x = node.forward(x)
    except ValueError:
        return False
    return _alike(x, y)


def _carries_back(nodes: Sequence[Node], call: Call, back: Call | None) -> bool:
    """True if the gradient that the layer returned is theirs, or can't be told."""
    if back is None:
        return True
    x, y = call.given[0], call.back[0]
    coming = [_float(a) for a in back.given if a.size == y.size]
    going = [_float(a) for a in back.back if a.size == x.size]
    if len(coming) != 1 or not going or not np.all(np.isfinite(coming[0])):
        return True
    dy = coming[0].reshape(y.shape)
    for node in reversed(nodes):
        dy = node.backward(dy)
    return same(dy, going[0]) or all(n.weights for n in nodes)


def _candidates(x: Array, y: Array, kept: Mapping[str, Array]) -> Iterator[list[Node]]:
    if x.shape == y.shape:
        for kind in ACTIVATIONS:
            yield [Elementwise(kind)]
        yield [Elementwise(ACTIVATIONS[0], at_zero=True)]
    if x.size == y.size:
        yield from ([node] for node in reshapings(x, y))
    for node in _denses(x, y, kept):
        yield from _activated(node)
    yield from _convolutions(x, y, kept)
    yield from ([node] for node in _poolings(x, y))


def reshapings(x: Array, y: Array) -> Iterator[Node]:
    """Ways from one array to the other that only move numbers."""
    yield Reshaped(y.shape[1:])
    for order in itertools.permutations(range(1, x.ndim)) if x.ndim <= 5 else ():
        if order != tuple(range(1, x.ndim)):
            yield Reshaped(y.shape[1:], (0, *order))


def between(x: Array, y: Array) -> Node | None:
    """What leads from one layer's output to the next one's input outside of both; None: nothing known."""
    x, y = _float(x), _float(y)
    if x.size != y.size or len(x) != len(y):
        return None
    return next((node for node in reshapings(x, y) if _reproduces([node], x, y)), None)


# -- layers with weights -------------------------------------------------------------------------


def _with(node: Node, kept: Mapping[str, Array], *names: str | None) -> Node:
    node.weights = {name: kept[name].copy() for name in names if name is not None}
    return node


def _activated(node: Node) -> Iterator[list[Node]]:
    """The layer alone, then with an activation in it."""
    yield [node]
    for kind in ACTIVATIONS:
        yield [node, Elementwise(kind)]


def _biases(kept: Mapping[str, Array], size: int, weight: str) -> list[str | None]:
    """What may be the bias, the likeliest first: arrays that are not all 0 tell more."""
    names = [
        n for n, a in kept.items() if n != weight and a.size == size and a.size == max(a.shape)
    ]
    return [*sorted(names, key=lambda n: not np.any(kept[n])), None]


def _denses(x: Array, y: Array, kept: Mapping[str, Array]) -> Iterator[Node]:
    if y.ndim != 2:
        return
    sizes = x[0].size, y.shape[1]
    for name, weight in kept.items():
        if weight.ndim != 2 or weight.shape not in (sizes, sizes[::-1]):
            continue
        for turned in (False, True):
            if weight.shape != (sizes[::-1] if turned else sizes):
                continue
            for bias in _biases(kept, sizes[1], name):
                yield _with(Dense(name, turned, bias), kept, name, bias)


def _images(shape: tuple[int, ...], channels: bool) -> Iterator[tuple[Layout, tuple[int, ...]]]:
    """Ways to read a batch as (N, C, H, W), with these sizes; 1-D samples have height 1."""
    axes = len(shape) - 1
    layouts = {
        3: [Layout((0, 1, 2, 3)), Layout((0, 3, 1, 2))],
        2: [Layout((0, 1, 2), (2,)), Layout((0, 2, 1), (2,)), Layout((0, 1, 2), (1,))],
        1: [Layout((0, 1), (1, 2))] if not channels else [],
    }
    for layout in layouts.get(axes, []):
        yield layout, layout.canonical(np.empty(shape, np.uint8)).shape


def _filters(
    weight: tuple[int, ...], out: int, given: int
) -> Iterator[tuple[Layout, tuple[int, ...]]]:
    """Ways to read a weight as (F, C, KH, KW)."""
    ways: dict[int, list[tuple[int, ...]]] = {
        4: [()],
        3: [(2,), (1,), (0,)],
        2: [(1, 2), (0, 1), (0, 2)],
    }
    for units in ways.get(len(weight), []):
        for order in itertools.permutations(range(len(weight))):
            layout = Layout(order, units)
            shape = layout.canonical(np.empty(weight, np.uint8)).shape
            if shape[:2] == (out, given):
                yield layout, shape


def _slidings(size: int, window: int, out: int) -> Iterator[tuple[int, int]]:
    """Strides and paddings by which a window gives so many outputs, the plainest first."""
    for padding in range(min(window, MOST_PADDING + 1)):
        for stride in range(1, MOST_STRIDE + 1):
            fits = size + 2 * padding >= window
            if fits and conv_output_size(size, window, stride, padding) == out:
                yield stride, padding
                if out == 1:
                    break


def _convolutions(x: Array, y: Array, kept: Mapping[str, Array]) -> Iterator[list[Node]]:
    ways = itertools.islice(_ways_to_convolve(x, y, kept), MOST_TRIES)
    for (name, layouts, sliding), flipped in itertools.product(ways, (False, True)):
        yield from _filtered(x, y, kept, name, layouts, sliding, flipped)


def _ways_to_convolve(
    x: Array, y: Array, kept: Mapping[str, Array]
) -> Iterator[tuple[str, tuple[Layout, Layout, Layout], Sliding]]:
    weights = [n for n, a in kept.items() if a.size > 1 and 2 <= a.ndim <= 4 and np.any(a)]
    ways = itertools.product(weights, _images(x.shape, False), list(_images(y.shape, False)))
    for name, (given, shape), (back, goes) in ways:
        for layout, (_, _, kh, kw) in _filters(kept[name].shape, goes[1], shape[1]):
            for (sh, ph), (sw, pw) in itertools.product(
                list(_slidings(shape[2], kh, goes[2])), list(_slidings(shape[3], kw, goes[3]))
            ):
                if kh == kw > 1 and (sh, ph) != (sw, pw):
                    continue  # a square window goes alike both ways
                yield name, (given, layout, back), Sliding((kh, kw), (sh, sw), (ph, pw))


def _filtered(
    x: Array,
    y: Array,
    kept: Mapping[str, Array],
    name: str,
    layouts: tuple[Layout, Layout, Layout],
    sliding: Sliding,
    flipped: bool,
) -> Iterator[list[Node]]:
    """Convolutions with the biases and activations that give the output of the first samples."""
    bare = _with(Convolved(name, None, layouts, sliding, flipped), kept, name)
    z = bare.forward(x[:FEW])
    filters = layouts[2].canonical(z).shape[1]
    for bias in _biases(kept, filters, name):
        added = 0.0 if bias is None else kept[bias].reshape(1, -1, 1, 1)
        sums = layouts[2].canonical(z) + added
        wanted = layouts[2].canonical(y[:FEW])
        for kind in (None, *ACTIVATIONS):
            if _alike(sums if kind is None else kind().forward(sums), wanted):
                node = _with(Convolved(name, bias, layouts, sliding, flipped), kept, name, bias)
                yield [node] if kind is None else [node, Elementwise(kind)]


# -- pooling -------------------------------------------------------------------------------------


def _poolings(x: Array, y: Array) -> Iterator[Node]:
    if x.ndim != y.ndim or y.size >= x.size:
        return
    for (given, shape), (back, goes) in itertools.product(
        _images(x.shape, True), list(_images(y.shape, True))
    ):
        if given != back or shape[1] != goes[1]:
            continue
        for sliding in itertools.islice(_pooled(shape[2:], goes[2:]), MOST_TRIES):
            for kind in (MaxPool2D, AveragePool2D):
                node = Pooled(kind, (given, back), sliding)
                if not _alike(node.forward(x[:FEW]), y[:FEW]):
                    continue
                yield Pooled(kind, (given, back), sliding)
                if kind is MaxPool2D:
                    yield Pooled(kind, (given, back), sliding, every=True)


def _pooled(size: Sequence[int], out: Sequence[int]) -> Iterator[Sliding]:
    """Windows and strides that lead from one size to the other; equal ones first."""
    ways = [
        [(k, s) for k in range(1, min(n, MOST_WINDOW) + 1) for s in range(1, k + 1)
         if (n - k) // s + 1 == m]
        for n, m in zip(size, out, strict=True)
    ]  # fmt: skip
    found = [((a, b), (s, t)) for (a, s), (b, t) in itertools.product(*ways)]
    for window, stride in sorted(found, key=lambda w: (w[0] != w[1], w[0][0] != w[0][1])):
        yield Sliding(window, stride)
