"""Choosing among options by a function that picks one of several strings."""

from __future__ import annotations

from collections.abc import Callable

Pick = Callable[..., str]


def one(pick: Pick, options: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    """One of the tuples."""
    return options[int(pick(*map(str, range(len(options)))))]


def ordered(pick: Pick, names: list[str]) -> list[str]:
    """The names in some order."""
    rest, order = list(names), []
    while rest:
        order.append(rest.pop(int(pick(*map(str, range(len(rest)))))))
    return order
