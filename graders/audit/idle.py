"""Answers that compute nothing: zeros, ones, or the input again, in the place of all that the
reference gives. None of them may earn a facet.

The reference still runs, so that what comes out has the shapes that it should have; then every value
is exchanged: what is returned, what is kept as gradients or probabilities, what an update has written.
"""

from __future__ import annotations

from dataclasses import replace

from graders.audit.hosting import Answer
from graders.audit.interfaces import Interface
from graders.audit.library import Library
from graders.audit.mistakes import WrongAnswer
from graders.specs import ItemSpec

VALUES = {
    "nothing computed: zeros": "np.zeros_like(value)",
    "nothing computed: ones": "np.ones_like(value)",
    "nothing computed: the input": "_nearest(value, given)",
}

_SOURCE = """\
import inspect
import types

import numpy as np


def _exchanged(value, given):
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, tuple | list):
        return type(value)(_exchanged(v, given) for v in value)
    if isinstance(value, dict):
        return {k: _exchanged(v, given) for k, v in value.items()}
    if hasattr(value, "__next__"):
        return (_exchanged(v, given) for v in value)
    if isinstance(value, bool | int | float):
        return type(value)(np.ravel(_put(np.asarray(value), given))[0])
    return _put(value, given)


def _put(value, given):
    return <value>


def _nearest(value, given):
    same = [g for g in given if np.shape(g) == np.shape(value)]
    return np.array([*same, *given, np.zeros_like(value)][0])


def _idle(call, method):
    def idle(*args, **kwargs):
        given = [a for a in args[method:] if isinstance(a, np.ndarray | int | float | tuple)]
        objects = [a for a in args if isinstance(getattr(a, "params", None), dict)]
        before = [{k: v.copy() for k, v in o.params.items()} for o in objects]
        value = call(*args, **kwargs)
        if method:
            args[0].__dict__["_given"] = given
            if hasattr(args[0], "grads"):
                args[0].grads = _exchanged(args[0].grads, given)
        for layer, params in zip(objects, before):
            for name, old in params.items():
                if not np.array_equal(layer.params[name], old):
                    layer.params[name] = _exchanged(old, [old])
        return _exchanged(value, given)

    return idle


def _nothing(original):
    if not inspect.isclass(original):
        return _idle(original, 0)
    idle = {}
    for name in dir(original):
        member = inspect.getattr_static(original, name)
        if name[0] == "_" and name not in ("__call__", "__iter__", "__getitem__"):
            continue
        if isinstance(member, types.FunctionType):
            idle[name] = _idle(member, 1)
        elif isinstance(member, property):
            idle[name] = property(
                lambda self, get=member.fget: _exchanged(get(self), self.__dict__.get("_given", []))
            )
    return type(original.__name__, (original,), idle)


"""


def idle_answers(spec: ItemSpec, library: Library, way: Interface) -> list[WrongAnswer]:
    """The item's answer in one interface, with nothing in it that computes."""
    names = sorted(way.names() & library.exports.keys())
    if not names:  # numbers in words
        return []
    found = []
    for kind, value in VALUES.items():
        source = _SOURCE.replace("<value>", value)
        source += f"from {library.package} import {', '.join(names)}\n"
        source += "".join(f"{name}_ = _nothing({name})\n" for name in names)
        wrong = library.with_variant(source, "", "")
        wrong = replace(wrong, replaced={name: ("variant", f"{name}_") for name in names})
        found.append(WrongAnswer(kind, frozenset(spec.facets), Answer(way, wrong), True))
    return found
