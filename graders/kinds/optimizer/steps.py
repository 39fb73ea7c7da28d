"""Inputs and gradients for several steps of an optimiser, and what one run of it gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from graders import cases
from graders.binding.plans import LR
from graders.binding.rates import Rates
from graders.cases import LayerCase
from graders.sandbox.session import CellError
from graders.specs import ItemSpec

FEWEST_STEPS, MOST_STEPS = 6, 12  # how many can't be known: none can be the one from which it errs
_DRAWS = 100


@dataclass(frozen=True)
class Truth:
    """The summed gradients of one parameter array, step by step, with each step's batch size."""

    gradients: tuple[np.ndarray, ...]
    batches: tuple[int, ...]
    start: float = 0.0  # the largest element of the array before the first step

    def scaled(self, scale: str) -> list[np.ndarray]:
        """Summed over the batch, or its mean."""
        if scale == "sum":
            return list(self.gradients)
        return [g / n for g, n in zip(self.gradients, self.batches, strict=True)]

    @property
    def first(self) -> Truth:
        """Of the first step alone."""
        return Truth(self.gradients[:1], self.batches[:1], self.start)

    def beside(self, other: Truth) -> Truth:
        """This and the array of another layer as one array: all of both is to move."""
        pairs = zip(self.gradients, other.gradients, strict=True)
        stacked = tuple(np.stack(pair) for pair in pairs)
        return Truth(stacked, self.batches, max(self.start, other.start))

    def times(self, factor: float) -> Truth:
        """The same of gradients that are so many times as large."""
        return Truth(tuple(factor * g for g in self.gradients), self.batches, self.start)


@dataclass
class Trial:
    """One way to run an optimiser: what it added to W and b in each step."""

    name: str
    construct: str
    call: str
    truths: Mapping[str, Truth]
    moves: dict[str, list[np.ndarray]] = field(default_factory=dict)
    rates: Rates = field(default_factory=lambda: Rates(LR))
    settings: Mapping[str, float] = field(default_factory=dict)  # its other numbers, by role
    starts: dict[str, np.ndarray] = field(default_factory=dict)  # the arrays before the first step
    afresh: set[str] = field(
        default_factory=set
    )  # arrays that each step begins with as they were first
    error: CellError | None = None
    late: bool = False
    died: str = ""

    @property
    def rate(self) -> float:
        """The rate by which the steps should be; the grader's own where it can't be told."""
        return LR if self.rates.rate is None else self.rates.rate

    def start_of(self, side: str) -> np.ndarray:
        """The array before the first step; zeros where it was not seen."""
        shape = self.truths[side].gradients[0].shape
        start = self.starts.get(side)
        return start if start is not None and start.shape == shape else np.zeros(shape)

    @property
    def complete(self) -> bool:
        """True if every step was made."""
        return all(len(m) == len(self.truths[n].gradients) for n, m in self.moves.items())

    @property
    def still(self) -> bool:
        """True if every step was made and nothing moved."""
        return self.complete and not any(np.any(m) for ms in self.moves.values() for m in ms)


@dataclass(frozen=True)
class Steps:
    """Inputs and upstream gradients of each step, with the layer's sizes."""

    cases: tuple[LayerCase, ...]

    @property
    def truths(self) -> dict[str, Truth]:
        """The summed gradients of W and b."""
        batches = tuple(c.sizes["N"] for c in self.cases)
        return {
            name: Truth(
                tuple(c.gradients[facet] for c in self.cases),
                batches,
                float(np.max(np.abs(self.cases[0].weights[name]))),
            )
            for name, facet in (("W", "dW"), ("b", "dB"))
        }


def draw_steps(
    spec: ItemSpec, rng: np.random.Generator, fixed: Mapping[str, int] | None = None
) -> Steps:
    """Gradients that differ from step to step and stay away from zero; a smaller batch at last."""
    fixed = fixed or {}
    for _ in range(50):
        sizes = cases.draw_sizes(spec, rng, fixed)
        if sizes["N"] >= 4 or "N" in fixed:
            break
    made = []
    steps = int(rng.integers(FEWEST_STEPS, MOST_STEPS + 1))
    for number in range(steps):
        now = dict(sizes)
        if number == steps - 1 and "N" not in fixed:
            now["N"] -= 1
        made.append(cases.far_from_zero(spec, now, rng, _DRAWS))
    return Steps(tuple(made))


def other_steps(spec: ItemSpec, steps: Steps, rng: np.random.Generator) -> Steps:
    """Others of the same sizes, for another layer of the same kind."""
    return Steps(tuple(cases.far_from_zero(spec, c.sizes, rng, _DRAWS) for c in steps.cases))
