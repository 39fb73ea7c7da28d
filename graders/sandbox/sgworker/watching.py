"""Steps of a program that watch a training: what each layer is given and gives back.

``watch`` wraps the methods forward and backward of classes for the time of one call of fit or
predict; ``unwatch`` takes the wrappers off and tells what was seen; ``carry`` gives a layer that was
seen another weight. Nothing is judged here. Mixed into `calls.Program`.
"""

import numpy as np

from .harvest import Harvest
from .wire import DTYPES

METHODS = ("forward", "backward")
RATES = ("lr", "learning_rate", "alpha", "eta", "rate")
MAX_CALLS = 240
MAX_FOUND = 960  # one reply holds no more than 1,024 arrays
MAX_TOTAL = 12_000_000  # elements
MAX_PARAMETER = 1_000_000


class _Log:
    """What was seen of one call of fit or predict."""

    def __init__(self, arrays):
        self.arrays = arrays
        self.calls = []  # (class, instance, method, begin, end, arguments, results, parameters)
        self.instances = []
        self.known = []  # the arrays that each instance keeps, as they were told last
        self.clock = 0
        self.whole = True
        self.elements = 0

    def tick(self):
        self.clock += 1
        return self.clock

    def number(self, instance):
        for i, known in enumerate(self.instances):
            if known is instance:
                return i
        self.instances.append(instance)
        self.known.append({name: None for name, _ in _kept_by(instance)})
        return len(self.instances) - 1

    def copies(self, value):
        """Copies of the arrays of a value, in a tuple or list, too."""
        values = value if isinstance(value, (tuple, list)) else (value,)
        found = []
        for one in values[:4]:
            if isinstance(one, np.ndarray):
                found += self.copy(one)
        return found

    def copy(self, array):
        array = np.ndarray.view(array, np.ndarray)
        if array.dtype.name not in DTYPES or array.size > MAX_PARAMETER or not array.ndim:
            return []
        self.elements += array.size
        if self.elements > MAX_TOTAL:
            self.whole = False
            return []
        return [np.array(array)]

    def parameters(self, instance):
        """Copies of the floating-point arrays that an object keeps, as far as they have changed.

        Those that it kept when it was first called: weights, and no later caches.
        """
        known, changed = self.known[self.number(instance)], {}
        for name, array in _kept_by(instance):
            if name in known and not _equal(known[name], array):
                for copy in self.copy(array):
                    changed[name] = known[name] = copy
        return changed


def _equal(one, other):
    return one is not None and one.dtype == other.dtype and np.array_equal(one, other)


def _kept_by(instance):
    """(name, array) of the floating-point arrays that an object keeps, in a dict of it, too."""
    for name, value in list(getattr(instance, "__dict__", {}).items())[:64]:
        inner = {name: value}
        if isinstance(value, dict):
            inner = {"%s.%s" % (name, key): v for key, v in list(value.items())[:16]}
        for path, array in inner.items():
            if isinstance(array, np.ndarray) and array.dtype.kind == "f":
                yield str(path)[:80], array


def _wrapped(original, name, method, log):
    def watched(self, *args, **kwargs):
        if len(log.calls) >= MAX_CALLS:
            log.whole = False
            return original(self, *args, **kwargs)
        begin, number = log.tick(), log.number(self)
        given, before = [], {}
        if log.arrays:
            for value in [*args, *kwargs.values()][:4]:
                given += log.copies(value)
            before = log.parameters(self)
        result = original(self, *args, **kwargs)
        back = log.copies(result) if log.arrays else []
        log.calls.append((name, number, method, begin, log.tick(), given, back, before))
        return result

    return watched


class WatchingSteps:
    """What `Program` can do besides single calls and trainings."""

    _log = None
    _patched = ()
    _kept = ()

    def _do_watch(self, step):
        self._log = log = _Log(step["arrays"])
        self._patched, done = [], set()
        for number, name in enumerate(step["classes"]):
            kind = self._namespace.get(name)
            if not isinstance(kind, type):
                continue
            for method in METHODS:
                owner = next((k for k in kind.__mro__ if method in vars(k)), None)
                original = vars(owner).get(method) if owner is not None else None
                if not callable(original) or (owner, method) in done or owner is object:
                    continue
                done.add((owner, method))
                self._patched.append((owner, method, original))
                setattr(owner, method, _wrapped(original, number, METHODS.index(method), log))
        self._kept = self._arrays_of(step["model"]) if step["arrays"] else {}

    def _do_carry(self, step):
        """Write a weight over the one that a layer keeps under that name, in its place."""
        instance = self._log.instances[step["instance"]]
        array = self._value(step["array"])
        kept = dict(_kept_by(instance)).get(step["name"])
        if kept is None or kept.shape != array.shape:
            raise ValueError("the layer keeps no such weight")
        np.copyto(kept, array)

    def _arrays_of(self, source):
        try:
            model = eval(source, self._namespace) if source else None
        except Exception:
            return {}
        harvest = Harvest()
        harvest.add(model, [])
        return {
            tuple(path): array
            for path, array, kind in harvest.entries
            if kind == "array" and array.ndim and array.dtype.kind == "f"
        }

    def _do_unwatch(self, step):
        log, keep = self._log, step["keep"]
        for owner, method, original in self._patched:
            setattr(owner, method, original)
        labels = self._labels(step["model"], log.instances)
        found = []
        for i, (name, number, method, begin, end, given, back, before) in enumerate(log.calls):
            meta = np.array([name, number, method, begin, end], dtype=np.int64)
            found.append(([keep, i, "meta", labels[number]], meta, "array"))
            for part, arrays in (("given", given), ("back", back)):
                for k, array in enumerate(arrays):
                    found.append(([keep, i, part, k], array, "array"))
            for attribute, array in before.items():
                found.append(([keep, i, "kept", attribute], array, "array"))
        if log.arrays:
            for number, instance in enumerate(log.instances):
                for attribute, array in log.parameters(instance).items():
                    found.append(([keep, "after", number, attribute], array, "array"))
                rate = _rate_of(instance)
                if rate is not None:
                    found.append(([keep, "rate", number], np.array(rate), "scalar"))
            after = self._arrays_of(step["model"])
            for path, array in self._kept.items():
                if path in after:
                    moved = not np.array_equal(array, after[path], equal_nan=False)
                    found.append(([keep, "moved", *path], np.array(int(moved)), "scalar"))
        whole = log.whole and len(found) <= MAX_FOUND
        found.insert(0, ([keep, "whole", 0], np.array(int(whole)), "scalar"))
        self.found += found[:MAX_FOUND]

    def _labels(self, source, instances):
        """The name by which the model keeps each object: ``FC1``, ``layers[2]``."""
        try:
            model = eval(source, self._namespace) if source else None
        except Exception:
            model = None
        named = {}
        for name, value in list(getattr(model, "__dict__", {}).items())[:128]:
            if isinstance(value, np.ndarray) and value.dtype == object:
                value = list(value.ravel()[:64])
            if isinstance(value, (list, tuple)):
                for i, item in enumerate(value[:64]):
                    named.setdefault(id(item), "%s[%d]" % (name, i))
            elif isinstance(value, dict):
                for key, item in list(value.items())[:64]:
                    named.setdefault(id(item), "%s[%r]" % (name, str(key)[:40]))
            else:
                named.setdefault(id(value), name)
        return [str(named.get(id(instance), ""))[:80] for instance in instances]


def _rate_of(instance):
    """A learning rate that an object or what it keeps has as an attribute."""
    for holder in (instance, *list(getattr(instance, "__dict__", {}).values())[:64]):
        attributes = getattr(holder, "__dict__", None)
        if not isinstance(attributes, dict):
            continue
        for name in RATES:
            value = attributes.get(name)
            if isinstance(value, (int, float, np.floating)) and not isinstance(value, bool):
                return float(value)
    return None
