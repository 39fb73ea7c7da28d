"""What a variation of a reference layer makes of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graders.arrays.matching import Truth
from graders.cases import LayerCase, as_given, output_axes
from graders.misconceptions import Variant
from graders.specs import ItemSpec

_LETTERS = "abcdefgh"  # axes that have no name in the spec


class Reruns:
    """Runs variants on cases and remembers what came out."""

    def __init__(self, spec: ItemSpec) -> None:
        self._spec = spec
        self._known: dict[tuple[Variant, int, int], Mapping[str, Truth]] = {}
        self._kept: list[LayerCase | None] = []  # so that no id is used again

    def predicted(
        self, variant: Variant, case: LayerCase, before: LayerCase | None, facet: str
    ) -> Truth | None:
        """The variant's array for a facet; None if it raises or gives none."""
        key = variant, id(case), id(before)
        if key not in self._known:
            self._kept += [case, before]
            with np.errstate(all="ignore"):
                self._known[key] = self._run(variant, case, before)
        return self._known[key].get("forward" if facet in ("shape", "repeat") else facet)

    def _run(
        self, variant: Variant, case: LayerCase, before: LayerCase | None
    ) -> Mapping[str, Truth]:
        spec, found = self._spec, dict[str, Truth]()
        config = {name: formula(case.sizes) for name, formula in spec.config.items()}
        weights = [np.asarray(case.weights[n], dtype=np.float64) for n in spec.weights]
        try:
            layer = variant(*weights, **config)
            if before is not None:
                layer.forward(as_given(spec, before.x))
                layer.backward(self._upstream(before))
            y = layer.forward(as_given(spec, case.x))
            if isinstance(y, np.ndarray):
                found["forward"] = named(y, output_axes(spec))
            dx = layer.backward(self._upstream(case))
            if not spec.below:
                found["dX"] = named(dx, spec.axes)
            for name, weight in spec.weights.items():
                found[weight.gradient] = named(layer.grads[name], weight.axes)
        except Exception:  # sizes that the mistake does not bear
            pass
        return found

    def _upstream(self, case: LayerCase) -> np.ndarray:
        dy = np.asarray(case.upstream, dtype=np.float64)
        if self._spec.output_layout:  # the output's axes are merged
            return dy.reshape([
                int(np.prod([case.sizes[a] for a in group])) for group in self._spec.output_layout
            ])  # fmt: skip
        return dy


def named(array: Any, axes: tuple[str, ...]) -> Truth:
    """An array with the axes' names if it has as many axes, else with names of its own."""
    array = np.asarray(array)
    return Truth(array, axes if array.ndim == len(axes) else tuple(_LETTERS[: array.ndim]))
