"""Cases of a layer item: sizes from the spec, random inputs, truth from the reference.

They are drawn in the grader after the student's code is loaded; only the inputs ever leave it.
"""

from __future__ import annotations

import functools
import importlib
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, cast

import numpy as np

from graders.arrays.matching import Truth
from graders.errors import SpecError
from graders.formulas import Formula, FormulaError
from graders.rounding import Sums
from graders.specs import ItemSpec, Pair

MAX_DRAWS = 500
SMALLEST_OF = 12  # draws, where small sizes are wanted
FOR_PRODUCTS = 60  # draws until a product of two sizes may be a third
_NEXT_TO_ZERO = 1e-200
KEEP_SETTINGS = 50  # draws for the same settings


class ReferenceLayer(Protocol):
    """What a layer of the reference can do."""

    grads: dict[str, np.ndarray]

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Output for an input with a batch axis."""

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Gradient of the input; gradients of parameters are in `grads` afterwards."""


def resolve(reference: str) -> Any:
    """The object that ``package.module:Name`` names.

    Raises:
        SpecError: there is no such module or name.
    """
    module, _, name = reference.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise SpecError(f"reference {reference}: {error}") from error


@dataclass(frozen=True)
class LayerCase:
    """One input with all that should come of it. Arrays are canonical (batch axis first)."""

    spec: ItemSpec
    sizes: Mapping[str, int]
    x: np.ndarray
    weights: Mapping[str, np.ndarray]
    upstream: np.ndarray
    forward: np.ndarray
    gradients: Mapping[str, np.ndarray] = field(default_factory=dict)  # dX, dW, dB

    def truth(self, facet: str) -> Truth:
        """The true array of a facet."""
        if facet == "forward":
            order = self.spec.output_layout
            return Truth(self.forward, output_axes(self.spec), False, order, self._sums(facet))
        if facet == "dX":
            whole = bool(self.spec.output_layout)
            return Truth(self.gradients["dX"], self.spec.axes, whole, (), self._sums(facet))
        name = self.spec.weight_of(facet)
        if name is None:
            raise KeyError(facet)
        axes = self.spec.weights[name].axes
        return Truth(self.gradients[facet], axes, sums=self._sums(facet))

    def _sums(self, facet: str) -> Sums:
        """How many products one element of a facet's array adds up, and how large they are."""
        made = set(output_axes(self.spec))
        inner = {
            name: math.prod(self.sizes[a] for a in weight.axes if a not in made)
            for name, weight in self.spec.weights.items()
        }
        of = self.spec.weight_of(facet)
        terms = inner.get(of, 0) if of else 0
        terms = 1 if of and terms == 1 else max(inner.values(), default=1)
        array = self.forward if facet == "forward" else self.gradients[facet]
        each = math.ceil(terms * max(self.forward.size, self.x.size) / max(array.size, 1))
        if not inner:
            return Sums(each)
        main = max(self.weights.values(), key=np.size)
        one, two = {
            "forward": (self.x, main),
            "dX": (self.upstream, main),
        }.get(facet, (self.x, self.upstream))
        if of and inner[of] == 1:  # of a bias: the upstream gradient alone is summed
            one = np.ones(1)
        free = min(self.x.size, main.size, array.size)
        return Sums(each, _rms(one) * _rms(two) * math.sqrt(each), free)

    def weight(self, name: str) -> Truth:
        """A parameter array with its axes."""
        return Truth(self.weights[name], self.spec.weights[name].axes)


def _rms(array: np.ndarray) -> float:
    values = np.asarray(array, dtype=np.float64)
    return float(np.sqrt(np.mean(values * values))) if values.size else 0.0


def output_axes(spec: ItemSpec) -> tuple[str, ...]:
    """The output's axes in the canonical order: each stands where its input axis stands.

    ``output: {N: N, C: O, L: M}`` says that O takes the place of C and M that of L; an axis with
    ``null`` is not there any more. An item that says nothing of its output gives its input's axes.
    """
    return tuple(b for a in spec.axes if (b := spec.output.get(a, a)))


def build(
    spec: ItemSpec,
    sizes: Mapping[str, int],
    x: np.ndarray,
    weights: Mapping[str, np.ndarray],
    upstream: np.ndarray | None,
    rng: np.random.Generator | None,
) -> LayerCase:
    """A case from its inputs; the upstream gradient is drawn if none is given."""
    layer = _layer(spec, sizes, weights)
    output = layer.forward(as_given(spec, x))
    y = output.reshape([sizes[a] for a in output_axes(spec)])
    if upstream is None:
        upstream = np.ones_like(y) if rng is None else rng.standard_normal(y.shape)
    dx = layer.backward(np.asarray(upstream, dtype=np.float64).reshape(output.shape))
    gradients = {} if spec.below else {"dX": dx}
    for name, weight in spec.weights.items():
        gradients[weight.gradient] = layer.grads[name]
    return LayerCase(spec, dict(sizes), x, weights, upstream, y, gradients)


def as_given(spec: ItemSpec, x: np.ndarray) -> np.ndarray:
    """The input as the reference takes it: floats; or whole numbers, without the axes that no layout has."""
    if not spec.below:
        return np.asarray(x, dtype=np.float64)
    left_out = [i for i, a in enumerate(spec.axes) if not any(a in known for known in spec.layouts)]
    return np.asarray(x, dtype=np.int64).squeeze(tuple(left_out))


def _drawn(spec: ItemSpec, sizes: Mapping[str, int], rng: np.random.Generator) -> np.ndarray:
    """An input."""
    shape = [sizes[a] for a in spec.axes]
    if spec.below:
        return rng.integers(0, sizes[spec.below], shape)
    return np.asarray(spec.input_scale * rng.standard_normal(shape))


def is_elementwise(spec: ItemSpec) -> bool:
    """True for a layer without weights whose output has the axes of its input."""
    return not spec.weights and dict(spec.output) == {axis: axis for axis in spec.axes}


def with_zeros(case: LayerCase) -> Iterator[LayerCase]:
    """The same case with zeros in its input, once for each gradient that is right there.

    At a corner these are the derivatives of both sides and what lies half-way between them.
    """
    zeros = np.arange(case.x.size).reshape(case.x.shape) % 3 == 0
    at, below, above = (
        build(case.spec, case.sizes, np.where(zeros, x, case.x), case.weights, case.upstream, None)
        for x in (0.0, -_NEXT_TO_ZERO, _NEXT_TO_ZERO)
    )
    half = (below.gradients["dX"] + above.gradients["dX"]) / 2
    for gradient in (at.gradients["dX"], below.gradients["dX"], above.gradients["dX"], half):
        yield replace(at, gradients={**at.gradients, "dX": gradient})


def _layer(
    spec: ItemSpec, sizes: Mapping[str, int], weights: Mapping[str, np.ndarray]
) -> ReferenceLayer:
    config = {name: formula(sizes) for name, formula in spec.config.items()}
    floats = {k: np.asarray(v, dtype=np.float64) for k, v in weights.items()}
    made = resolve(spec.reference)(*(floats[name] for name in spec.weights), **config)
    return cast(ReferenceLayer, made)


def leaves_rest(spec: ItemSpec, sizes: Mapping[str, int]) -> bool:
    """True if windows of these sizes leave a rest, where the item's sizes are rounded."""
    for name, formula in spec.shapes.items():
        if "floor" in formula.text:
            try:
                whole = _unrounded(formula.text)(sizes) == sizes[name]
            except FormulaError:  # no whole number
                whole = False
            if not whole:
                return True
    return False


@functools.cache
def _unrounded(text: str) -> Formula:
    return Formula(text.replace("floor", ""))


def draw_sizes(
    spec: ItemSpec,
    rng: np.random.Generator,
    fixed: Mapping[str, int] | None = None,
    ties: Mapping[str, str] | None = None,
) -> dict[str, int]:
    """Sizes in the spec's ranges, all axes different, unlike those of the documented pairs.

    If it can be had, no axis is as long as two others merged, either. Settings that are no axis (a stride, a pooling window) come evenly: with some of them few
    sizes of the axes differ, and to draw all anew each time would leave these out.
    """
    fixed, ties = fixed or {}, ties or {}
    axes = set(spec.axes) | set(output_axes(spec))
    for weight in spec.weights.values():
        axes |= set(weight.axes)
    own = {spec.twin(a) for a in axes}  # what is as long as another by the spec stays so
    apart = sorted(own - ties.keys())
    distinct: dict[str, int] | None = None
    best: dict[str, int] | None = None
    held: dict[str, int] = {}
    given = {fixed[a] for a in axes & fixed.keys()}
    for attempt in range(MAX_DRAWS):
        if distinct and attempt >= FOR_PRODUCTS:
            return distinct
        if attempt % KEEP_SETTINGS == 0:
            held = {}
        wider = 1 if not fixed else 2 ** (attempt // 100)  # a class may fix a large filter
        drawn, taken = dict(fixed), set(given)
        for name, (low, high) in spec.sizes.items():
            if name in fixed:
                continue
            free: Sequence[int] = range(low, high * wider + 1)
            if name in axes:
                free = [n for n in free if n == 1 or n not in taken]
            drawn[name] = free[int(rng.integers(len(free)))] if free else low
            if name in axes:
                taken.add(drawn[name])
        drawn.update({n: held.setdefault(n, drawn[n]) for n in spec.sizes if n not in axes})
        drawn.update({name: drawn[other] for name, other in ties.items()})
        sizes = spec.with_shapes(drawn)
        if any(sizes[a] < 1 for a in axes) or (spec.whole_windows and leaves_rest(spec, sizes)):
            continue
        large = [sizes[a] for a in apart if sizes[a] != 1]
        if len(set(large)) == len(large):
            products = {a * b for a, b in itertools.combinations(large, 2)}
            if not products & set(large):
                return sizes
            distinct = sizes
        best = best or sizes
    if best is None:
        raise SpecError(f"{spec.file}: no sizes in these ranges give an output")
    return distinct or best


def draw_small_sizes(
    spec: ItemSpec,
    rng: np.random.Generator,
    fixed: Mapping[str, int] | None = None,
    ties: Mapping[str, str] | None = None,
) -> dict[str, int]:
    """Sizes over which loops have as little to do as in any of several draws: inputs may be half as
    long as the spec's, and only the axes of one array all differ.
    """
    fixed, ties = fixed or {}, ties or {}
    arrays = [set(spec.axes), set(output_axes(spec)), *(set(w.axes) for w in spec.weights.values())]
    apart = [sorted({spec.twin(a) for a in axes - ties.keys()}) for axes in arrays]
    windowed = {name for formula in spec.shapes.values() for name in formula.names}
    shrinking = windowed & set(spec.axes) - {a for w in spec.weights.values() for a in w.axes}
    fitting: list[dict[str, int]] = []
    for _ in range(MAX_DRAWS):
        if len(fitting) == SMALLEST_OF:
            break
        drawn = dict(fixed)
        for name, (low, high) in spec.sizes.items():
            if name not in fixed:
                least = (low + 1) // 2 if name in shrinking and low < high else low
                drawn[name] = int(rng.integers(least, high + 1))
        drawn.update({name: drawn[other] for name, other in ties.items()})
        sizes = spec.with_shapes(drawn)
        if spec.whole_windows and leaves_rest(spec, sizes):
            continue
        lengths = [[sizes[a] for a in axes if sizes[a] != 1] for axes in apart]
        if any(sizes[a] < 2 for a in spec.shapes) or any(len(set(n)) < len(n) for n in lengths):
            continue
        fitting.append(sizes)
    if not fitting:
        return draw_sizes(spec, rng, fixed, ties)
    return min(fitting, key=lambda sizes: work(spec, sizes))


def work(spec: ItemSpec, sizes: Mapping[str, int]) -> int:
    """How often a loop inside a loop over everything goes round: each element of the input for each of
    the output."""
    return math.prod(sizes[a] for a in (*spec.axes, *output_axes(spec)))


def draw(
    spec: ItemSpec,
    rng: np.random.Generator,
    fixed: Mapping[str, int] | None = None,
    ties: Mapping[str, str] | None = None,
) -> LayerCase:
    """A random case: float64, Gaussian inputs, biases well away from zero."""
    sizes = draw_sizes(spec, rng, fixed, ties)
    return redraw(spec, sizes, rng)


def redraw(spec: ItemSpec, sizes: Mapping[str, int], rng: np.random.Generator) -> LayerCase:
    """Other values with the same sizes."""
    x = _drawn(spec, sizes, rng)
    weights = {}
    for name, weight in spec.weights.items():
        shape = [sizes[a] for a in weight.axes]
        sign = rng.choice([-1.0, 1.0], shape) if name == "b" else 1.0
        values = rng.uniform(0.5, 1.5, shape) if name == "b" else rng.standard_normal(shape)
        weights[name] = weight.scale * sign * values
    return build(spec, sizes, x, weights, None, rng)


def far_from_zero(
    spec: ItemSpec, sizes: Mapping[str, int], rng: np.random.Generator, draws: int
) -> LayerCase:
    """Of so many inputs and upstream gradients, with the same weights, those whose gradients of the
    weights have the largest smallest element.
    """
    first = redraw(spec, sizes, rng)
    layer = _layer(spec, sizes, first.weights)
    shape = layer.forward(as_given(spec, first.x)).shape
    best, chosen = -1.0, (first.x, first.upstream)
    for _ in range(draws):
        x = _drawn(spec, sizes, rng)
        upstream = rng.standard_normal(shape)
        layer.forward(as_given(spec, x))
        layer.backward(upstream)
        smallest = min(float(np.abs(layer.grads[name]).min()) for name in spec.weights)
        if smallest > best:
            best, chosen = smallest, (x, upstream.reshape(first.forward.shape))
    return build(spec, sizes, chosen[0], first.weights, chosen[1], None)


def documented(spec: ItemSpec, pair: Pair) -> LayerCase:
    """The case of a documented pair; its arrays keep their dtype (students see integers)."""

    def canonical(array: np.ndarray, n_axes: int) -> np.ndarray:
        return array.reshape((1,) * (n_axes - array.ndim) + array.shape)

    x = canonical(pair.given["x"], len(spec.axes))
    weights = {name: canonical(pair.given[name], len(w.axes)) for name, w in spec.weights.items()}
    sizes: dict[str, int] = {}
    for axes, array in [(spec.axes, x), *((spec.weights[n].axes, weights[n]) for n in weights)]:
        sizes.update(zip(axes, array.shape, strict=True))
    for name, (low, _) in spec.sizes.items():
        sizes.setdefault(name, low)
    sizes = spec.with_shapes(sizes)
    upstream = pair.upstream
    if upstream is not None:
        upstream = canonical(upstream, len(output_axes(spec)))
    return build(spec, sizes, x, weights, upstream, None)
