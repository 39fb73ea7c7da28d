"""Numerical gradients with one mistake each."""

from collections.abc import Callable

import numpy as np

from .differences import Objective
from .layer import Array


def _each(
    objective: Objective, x: Array, slope: Callable[[Callable[[float], float]], float]
) -> Array:
    """A slope for each element, from the function's values where that element alone is moved."""
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):

        def moved(by: float, place: tuple[int, ...] = place) -> float:
            point = np.array(x, dtype=np.float64)
            point[place] += by
            return objective(point)

        gradient[place] = slope(moved)
    return gradient


def forward(objective: Objective, x: Array, difference: float = 1e-4) -> Array:
    """The difference to one side alone."""
    h = difference
    return _each(objective, x, lambda f: (f(h) - f(0.0)) / h)


def backward(objective: Objective, x: Array, difference: float = 1e-4) -> Array:
    """The difference to the other side alone."""
    h = difference
    return _each(objective, x, lambda f: (f(0.0) - f(-h)) / h)


def divided_by_one(objective: Objective, x: Array, difference: float = 1e-4) -> Array:
    """Both sides, divided by one difference."""
    h = difference
    return _each(objective, x, lambda f: (f(h) - f(-h)) / h)


def not_divided(objective: Objective, x: Array, difference: float = 1e-4) -> Array:
    """The difference of the values alone."""
    h = difference
    return _each(objective, x, lambda f: f(h) - f(-h))


def multiplied(objective: Objective, x: Array, difference: float = 1e-4) -> Array:
    """Divided by two and multiplied by the difference."""
    h = difference
    return _each(objective, x, lambda f: (f(h) - f(-h)) / 2 * h)


def turned(objective: Objective, x: Array, difference: float = 1e-4) -> Array:
    """The value before less the value after."""
    h = difference
    return _each(objective, x, lambda f: (f(-h) - f(h)) / (2 * h))


def all_at_once(objective: Objective, x: Array, difference: float = 1e-4) -> Array:
    """All elements are moved together."""
    rise = objective(x + difference) - objective(x - difference)
    return np.full(x.shape, rise / (2 * difference))


def left_moved(objective: Objective, x: Array, difference: float = 1e-4) -> Array:
    """Each element stays where it was moved to."""
    point = np.array(x, dtype=np.float64)
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        point[place] += difference
        after = objective(point)
        point[place] -= 2 * difference
        gradient[place] = (after - objective(point)) / (2 * difference)
    return gradient
