"""Derivatives by differences of a function's values.

Source: W. Press et al., Numerical Recipes (2007), 5.7.
"""

from collections.abc import Callable

import numpy as np

from .layer import Array

Objective = Callable[[Array], float]


def numerical_gradient(objective: Objective, x: Array, difference: float = 1e-4) -> Array:
    """The derivative of a number in each element of x, by central differences, in the shape of x; x stays as it is."""
    point = np.array(x, dtype=np.float64)
    gradient = np.zeros(point.shape)
    for place in np.ndindex(point.shape):
        here = point[place]
        point[place] = here + difference
        after = objective(point)
        point[place] = here - difference
        before = objective(point)
        point[place] = here
        gradient[place] = (after - before) / (2 * difference)
    return gradient


def bowl(x: Array, rng: np.random.Generator) -> str:
    """A function of an array of any shape, as an expression of Python: steep, with its least value near x, where its
    derivative is small beside its curvature. A difference to one side alone is far off there, by half of
    difference * curvature; a central one is off by the square of the difference times its small third derivative.
    """
    size = x.size
    least = x.ravel() - rng.choice([-1.0, 1.0], size) * rng.uniform(0.005, 0.015, size)
    widths, across = rng.uniform(0.5, 1.5, size), rng.uniform(-0.5, 0.5, size)
    steepness = float(rng.uniform(50, 200))
    return (
        "(lambda np, k, c, w, v: lambda x: float(k * ((w * (np.ravel(x) - c) ** 2).sum() / 2 + "
        "((np.ravel(x) - c) * v).sum() ** 2 / 2 + 0.001 * ((np.ravel(x) - c) ** 3).sum())))"
        f"(__import__('numpy'), {steepness!r}, "
        + ", ".join(f"__import__('numpy').array({a.tolist()})" for a in (least, widths, across))
        + ")"
    )
