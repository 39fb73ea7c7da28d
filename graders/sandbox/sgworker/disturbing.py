"""Steps that show what a trained model answers with: its weights, changed one group after the other.

``observe`` notes from now on which layers are called (objects of the notebook's classes with a
forward), what they keep at their first call, and which arrays the model keeps before it is
trained. ``disturb`` asks the model again and again: as it is, with all weights disturbed, with one
layer's disturbed; afterwards they are what they were. Nothing is judged here. Mixed into `calls.Program`.
"""

import functools
import time

import numpy as np

from .wire import DTYPES

UNSEEN, STILL, MOVED, REPLACED = -1, 0, 1, 2  # what training did to an array
MAX_GROUPS = 10
MAX_APART = 24  # where each matrix is a group of its own
MAX_ARRAYS = 400
MAX_DEPTH = 5
MAX_ELEMENTS = 4_000_000  # that are copied in all
ROWS = 8  # of what a layer is given and gives back


class _Layer:
    """One object whose forward was called. `kept`: copies of its arrays at its first call."""

    def __init__(self, instance, kept):
        self.instance, self.kept = instance, kept
        self.given = self.back = None
        self.asked = False
        self.arrays = []  # its weights
        self.places = {}  # where its arrays lie when it is asked: what forward makes anew lies elsewhere


class _Watch:
    def __init__(self):
        self.layers = {}  # id -> _Layer, which keeps the object alive
        self.asking = False
        self.last = None  # what the layer that answered last gave back
        self.left = MAX_ELEMENTS

    def seen(self, instance):
        layer = self.layers.get(id(instance))
        if layer is None and len(self.layers) < 64:
            arrays = dict(_own_arrays(instance))
            kept = {n: a.copy() for n, a in arrays.items()} if self._affords(arrays) else {}
            layer = self.layers[id(instance)] = _Layer(instance, kept)
        return layer

    def _affords(self, arrays):
        self.left -= sum(a.size for a in arrays.values())
        return self.left >= 0


def _is_weight(value):
    return (
        isinstance(value, np.ndarray)
        and value.dtype.kind == "f"
        and value.dtype.name in DTYPES
        and 0 < value.size <= MAX_ELEMENTS
    )


def _is_matrix(array):
    return array.ndim > 1 and sorted(array.shape)[-2] > 1


def _own_arrays(instance):
    """(name, array) of the floating-point arrays that an object keeps, in a list or dict of it, too."""
    for name, value in list(getattr(instance, "__dict__", {}).items())[:64]:
        inner = [(str(name), value)]
        if isinstance(value, dict):
            inner = [("%s.%s" % (name, key), v) for key, v in list(value.items())[:32]]
        elif isinstance(value, (list, tuple)):
            inner = [("%s[%d]" % (name, i), v) for i, v in enumerate(value[:32])]
        for path, array in inner:
            if _is_weight(array):
                yield path[:60], np.ndarray.view(array, np.ndarray)


def _reachable(value, path, found, seen, depth=0):
    """All floating-point arrays that can be reached from a value, by where they are: {path: array}."""
    if len(found) >= MAX_ARRAYS or depth > MAX_DEPTH or id(value) in seen:
        return
    seen[id(value)] = value
    if _is_weight(value):
        found[path[:80]] = np.ndarray.view(value, np.ndarray)
    elif isinstance(value, dict):
        for key, inner in list(value.items())[:64]:
            _reachable(inner, "%s[%r]" % (path, str(key)[:20]), found, seen, depth + 1)
    elif isinstance(value, (list, tuple)) or (
        isinstance(value, np.ndarray) and value.dtype == object and value.ndim == 1
    ):
        for i, inner in enumerate(list(value)[:64]):
            _reachable(inner, "%s[%d]" % (path, i), found, seen, depth + 1)
    elif not isinstance(value, type):
        for name, inner in list(getattr(value, "__dict__", {}).items())[:128]:
            _reachable(inner, "%s.%s" % (path, name) if path else str(name), found, seen, depth + 1)


def _wrapped(original, watch):
    @functools.wraps(original)
    def watched(self, *args, **kwargs):
        layer = watch.seen(self)
        if layer is not None and watch.asking and not layer.asked:
            layer.places = {n: _place(a) for n, a in _own_arrays(self)}
        result = original(self, *args, **kwargs)
        if watch.asking:
            last = result[0] if isinstance(result, tuple) and result else result
            fits = isinstance(last, np.ndarray) and last.ndim == 2 and last.size <= 100_000
            watch.last = last.copy() if fits and last.dtype.name in DTYPES else None
        if layer is not None and watch.asking and not layer.asked:
            layer.asked = True
            layer.given = _rows(args[0] if args else next(iter(kwargs.values()), None))
            layer.back = _rows(result[0] if isinstance(result, tuple) and result else result)
        return result

    return watched


def _rows(value):
    if not isinstance(value, np.ndarray) or not value.ndim or value.dtype.name not in DTYPES:
        return None
    rows = np.array(np.ndarray.view(value, np.ndarray)[:ROWS])
    return rows if rows.size <= 500_000 else None


class DisturbingSteps:
    """What `Program` can do besides single calls, trainings and watching one step."""

    _watch_of_layers = None
    _observed = ()
    _before = ()
    _trained = True  # in between

    def _do_observe(self, step):
        watch = self._watch_of_layers = _Watch()
        done, self._observed = [], []
        for name in step["classes"]:
            kind = self._namespace.get(name)
            if not isinstance(kind, type):
                continue
            for method in step["methods"]:
                owner = next((k for k in kind.__mro__ if method in vars(k)), object)
                original = vars(owner).get(method)
                if owner is object or not callable(original) or (owner, method) in done:
                    continue
                done.append((owner, method))
                try:
                    setattr(owner, method, _wrapped(original, watch))
                except (TypeError, AttributeError):
                    continue  # a base class in C
                self._observed.append((owner, method, original))
        arrays, self._trained = self._arrays_of_model(step), step["trained"]
        self._before = {p: a.copy() for p, a in arrays.items()} if watch._affords(arrays) else {}

    def stop_observing(self):
        """Give the classes their own methods back."""
        for owner, method, original in self._observed:
            setattr(owner, method, original)
        self._observed = ()

    def _arrays_of_model(self, step):
        found, seen = {}, {}
        for source in step["models"]:
            try:
                _reachable(eval(source, self._namespace), "", found, seen)
            except Exception:
                continue
        for name in step["names"]:
            value = self._namespace.get(name)
            if isinstance(value, (np.ndarray, list, tuple, dict)):
                _reachable(value, name, found, seen)
        for name in step.get("holders", ()):
            _reachable(self._namespace.get(name), name, found, seen)
        return found

    def _do_disturb(self, step):
        keep = step["keep"]
        deadline = time.process_time() + step["limit"]
        first = self._arrays_of_model(step)
        if not self._asked(step, "base", deadline):
            return
        groups = self._groups(step, first)
        random = np.random.RandomState(step["seed"])
        for number, (label, arrays, layer) in enumerate(groups):
            self._describe_group(keep, number, label, arrays, layer)
        everything = [array for _, arrays, _ in groups for _, array in arrays]
        for name, arrays in (
            ("all", everything),
            *((str(k), [a for _, a in arrays]) for k, (_, arrays, _) in enumerate(groups)),
        ):
            before = [array.copy() for array in arrays]
            try:
                for array in arrays:
                    array[...] = -random.permutation(array.ravel()).reshape(array.shape)
                if not self._asked(step, name, deadline):
                    return
            finally:
                for array, old in zip(arrays, before):
                    array[...] = old

    def _asked(self, step, name, deadline):
        """Ask the model; False if that fails or takes too long."""
        left = deadline - time.process_time()
        if left <= 0:
            return False
        np.random.seed(0)
        watch = self._watch_of_layers
        watch.last, watch.asking = None, True
        code = compile(step["source"], "<asked>", "exec")
        try:
            if self._limited(code, left):
                return False
        except Exception:
            if name == "base":
                raise
            self.found.append(([step["keep"], "raised", name], np.array(1), "scalar"))
            return True
        finally:
            watch.asking = False
        if watch.last is not None:
            self.found.append(([step["keep"], "last", name], watch.last, "array"))
        self._harvest(self._namespace["_sg_asked"], [step["keep"], "answer", name])
        return True

    def _groups(self, step, first):
        """(label, [(name, array)], layer or None): what the answer may come from.

        Layers that were called, then other arrays of the model's. What the call makes anew, and what
        a layer came to keep after its first call, is no weight.
        """
        groups, mine = [], set()
        apart = "holders" in step
        last = self._arrays_of_model(step)
        paths = {_place(array): path for path, array in last.items()}
        for layer in self._watch_of_layers.layers.values():
            if not layer.asked:
                continue
            arrays = [
                (n, a)
                for n, a in _own_arrays(layer.instance)
                if layer.places.get(n) == _place(a) and (n in layer.kept or not layer.kept)
            ]
            layer.arrays = arrays
            mine |= {_place(a) for _, a in _own_arrays(layer.instance)}
            if arrays and all(a.flags.writeable for _, a in arrays):
                name, array = arrays[0]
                path = paths.get(_place(array), "")
                path = path[: -len(name)].rstrip(".") if path.endswith(name) else ""
                label = path or type(layer.instance).__name__
                matrices = [(n, a) for n, a in arrays if _is_matrix(a)] if apart else []
                # A whole network may keep its weights in one object: each of them has to be learnt.
                groups += [(label, [matrix], layer) for matrix in matrices] or [
                    (label, arrays, layer)
                ]
        for path, array in last.items():
            known = first.get(path)
            if known is None or _place(known) != _place(array) or _place(array) in mine:
                continue
            if array.ndim >= 2 and array.flags.writeable:
                groups.append((path, [(path, array)], None))
        return groups[: MAX_APART if apart else MAX_GROUPS]

    def _describe_group(self, keep, number, label, arrays, layer):
        """Its name, and of each array its shape and whether training has changed it."""
        before = layer.kept if layer is not None else self._before
        for k, (name, array) in enumerate(arrays[:24]):
            moved = UNSEEN
            if name in before and self._trained:
                moved = _moved(before[name], array)
            path = [keep, "group", number, label[:60], k, name]
            self.found.append((path, np.array([moved, *array.shape], dtype=np.int64), "array"))
        if layer is not None:
            own = [name for name, _ in arrays]
            for name, array in layer.arrays[:24]:
                if array.size <= 1_000_000 and (name in own or not _is_matrix(array)):
                    self.found.append(([keep, "kept", number, name], array.copy(), "array"))
            for part, rows in (("given", layer.given), ("back", layer.back)):
                if rows is not None:
                    self.found.append(([keep, part, number], rows, "array"))


def _moved(before, after):
    """Whether training has changed an array, and whether what it was can still be seen in it."""
    if before.shape != after.shape:
        return REPLACED
    if np.array_equal(before, after):
        return STILL
    a, b = before.ravel().astype(np.float64), after.ravel().astype(np.float64)
    square = float(a @ a) * float(b @ b)
    return MOVED if square > 0 and float(a @ b) > 0.2 * square**0.5 else REPLACED


def _place(array):
    """Where the numbers of an array lie, and how many."""
    return array.__array_interface__["data"][0], array.size
