"""Runs a small program of declarative steps on the student's objects.

Steps: ``make`` (construct), ``call``, ``set`` (overwrite an attribute or dict entry),
``globals`` (set module-level names for this program), ``unseeded`` (from here on seeds are ignored), ``redraw`` (initialisers draw other weights from here on), ``iterate`` (collect what an iterable
gives), ``read`` (one attribute or entry), ``hold`` (a value under a handle) and ``harvest``;
those that train are in `training`, those that watch a training in `watching`, those that show
what a trained model answers with in `disturbing`; a ``make`` or ``call`` with a key ``count`` is in
`counting`, and ``edit`` (other code for a function) in `repairing`.
Values are described by one-key objects: ``{"a": i}`` array i of the request, ``{"v": plain}``, ``{"h": handle}``,
``{"initializer": ...}``, ``{"optimizer": ...}``, ``{"activation": true}``, ``{"expr": source}`` (the student's own
argument, evaluated in the student's namespace), ``{"list": [...]}``, ``{"tuple": [...]}``,
``{"dict": {key: value}}``, ``{"layer": {attribute: value}}`` (an object with these attributes; ``"of"``: of the class
that a cell defined, whose constructor is not called),
``{"returns": value}`` (what is called and gives that value), ``{"find": [name, cell]}`` (the object itself that a cell defined), ``{"made": [name, cell], "args": [...]}`` (an instance of such a class),
``{"text": i}`` (array i as strings).
"""

import functools
import itertools
import os
import signal
import sys
import threading
import time
import traceback

import numpy as np

from .counting import CountingSteps
from .disturbing import DisturbingSteps
from .harvest import Harvest
from .placing import put_everywhere
from .repairing import RepairingSteps
from .stubs import Activation, Initializer, Layer, Optimizer
from .training import CallTimeout, TrainingSteps, as_text
from .unseeded import Unseeded
from .watching import WatchingSteps


def describe_error(error, where=None):
    """Type, message and the student's own line of an exception, as plain data."""
    try:
        message = str(error)
    except BaseException as inner:
        message = "<%s in __str__>" % type(inner).__name__
    cell = line = text = None
    if isinstance(error, SyntaxError) and str(error.filename or "").startswith("<cell "):
        cell, line = error.filename, error.lineno
        text = error.text
        message = error.msg
    try:
        frames = traceback.extract_tb(error.__traceback__)
    except BaseException:
        frames = []
    for frame in frames:
        if frame.filename.startswith("<cell "):
            cell, line, text = frame.filename, frame.lineno, frame.line
    try:
        kind = str(type.__getattribute__(type(error), "__name__"))
    except BaseException:
        kind = "Exception"
    return {
        "type": kind[:100],
        "message": message[:500],
        "cell": int(cell[6:-1]) if cell and cell[6:-1].isdigit() else None,
        "line": line if isinstance(line, int) else None,
        "text": (text or "").strip()[:200],
        "step": where,
    }


def _reached(value, path):
    """What lies there: attributes of objects, entries of dicts and lists."""
    for part in path:
        value = value[part] if isinstance(value, (dict, list)) else getattr(value, part)
    return value


def _bare(kind, attributes):
    """An instance that its constructor has not seen, with these attributes."""
    value = object.__new__(kind)
    value.__dict__.update(attributes)
    return value


def _kept(value, path):
    """The same of attributes that an object holds itself: nothing of the student's is called for it."""
    for part in path:
        held = getattr(value, "__dict__", None)
        value = held.get(part) if isinstance(held, dict) else None
    return value


class Program(TrainingSteps, WatchingSteps, DisturbingSteps, CountingSteps, RepairingSteps):
    """One request: its arrays, its handles and what it has harvested."""

    def __init__(self, find, namespace, arrays, now=time.monotonic):
        self._find = find  # (name, cell) -> the object that the cell defined
        self._namespace = namespace
        self._arrays = arrays
        self._now = now  # a clock, in seconds
        self._handles = {}
        self._unseeded = Unseeded(namespace)
        self._initializers = []
        self._edited = []  # functions that have other code, and their own
        self.found = []

    def run(self, steps, seconds, each=None):
        """Run the steps until one fails; return one outcome a step that was begun.

        `seconds` for all of them, `each` for each of them, by the clock.
        """
        outcomes = []
        in_main = threading.current_thread() is threading.main_thread()
        self._last = self._last_of_step = self._now() + seconds
        if in_main:
            previous = signal.signal(signal.SIGALRM, self._alarm)
            signal.setitimer(signal.ITIMER_REAL, seconds, 0.2)
        try:
            for number, step in enumerate(steps):
                if each is not None:
                    now = self._now()
                    self._last_of_step = min(self._last, now + each)
                    if in_main:
                        left = max(0.001, self._last_of_step - now)
                        signal.setitimer(signal.ITIMER_REAL, left, 0.2)
                try:
                    getattr(self, "_do_" + step["do"])(step)
                except CallTimeout:
                    outcomes.append({"timeout": True, "step": number})
                    break
                except BaseException as error:
                    outcomes.append({"error": describe_error(error, number)})
                    if not step.get("optional"):
                        break
                else:
                    outcomes.append({})
        except CallTimeout:
            outcomes.append({"timeout": True, "step": len(outcomes)})
        finally:
            self._unseeded.end()
            self.stop_observing()
            if in_main:
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, previous)
            self.end_edits()
        return outcomes

    def _alarm(self, signum, frame):
        """Comes again and again: whoever stood in line for a processor has time left."""
        if self._now() >= self._last_of_step:
            self._late = True
            raise CallTimeout()

    def within(self, most):
        """What was found, the largest arrays left out where all have more than `most` bytes."""
        if sum(array.nbytes for _, array, _ in self.found) <= most:
            return self.found
        left, kept = most, set()
        for number in sorted(range(len(self.found)), key=lambda n: self.found[n][1].nbytes):
            left -= self.found[number][1].nbytes
            if left < 0:
                break
            kept.add(number)
        return [entry for number, entry in enumerate(self.found) if number in kept]

    # -- steps ---------------------------------------------------------------------------

    def _do_make(self, step):
        target = self._find(step["name"], step["cell"])
        make = functools.partial(target, *self._values(step), **self._keywords(step))
        counted = self._counting([make], *step["count"]) if "count" in step else [make()]
        self._handles[step["out"]] = counted[0]

    def _do_call(self, step):
        """Call, and then what is called `then` with it; `kept`: the result is kept there by who was called.

        `gives`: what is the result in its place, once it was called; `inside`: where in it is what is
        harvested; `filled`: handles of what it was handed to fill, a sign and the parameter's name, which is harvested, too.
        """
        steps = [step, step["then"]] if "then" in step else [step]
        calls = [self._prepared(one) for one in steps]
        if "count" in step:
            results = self._counting(calls, *step["count"])
        else:
            results = (
                self._counted(calls, *step["like"]) if "like" in step else [c() for c in calls]
            )
        for one, result in zip(steps, results):
            if one.get("kept"):
                result = _reached(self._handles[one["on"]], one["kept"])
            if "gives" in one:
                result = self._value(one["gives"])
            self._handles[one.get("out", "ret")] = result
            if one.get("keep"):
                self._harvest(_reached(result, one.get("inside", ())), [one["keep"]])
            for handle in one.get("filled", ()):
                self._harvest(self._handles[handle], [one["keep"], handle[:1], handle[1:]])

    def _prepared(self, step):
        if "on" in step:
            target = self._handles[step["on"]]
        else:
            target = self._find(step["name"], step["cell"])
        if step.get("method"):
            target = getattr(target, step["method"])
        return functools.partial(target, *self._values(step), **self._keywords(step))

    def _counted(self, calls, like, inside):
        """Call them, and count how many arrays of an output's shape the student's functions return, or
        objects that keep one `inside`, where the output lies there, too.
        """
        output = _reached(self._handles.get(like), inside)
        output = output[0] if isinstance(output, (tuple, list)) and output else output
        shape, folder, count = np.shape(output), os.getcwd() + os.sep, 0

        def note(frame, event, value):
            nonlocal count
            if event == "return":
                first = value[0] if isinstance(value, tuple) and value else value
                if inside and not isinstance(first, np.ndarray):
                    first = _kept(first, inside)
                if isinstance(first, np.ndarray) and first.shape == shape:
                    count += frame.f_code.co_filename.startswith(("<cell ", folder))

        sys.setprofile(note)
        try:
            return [call() for call in calls]
        finally:
            sys.setprofile(None)
            self.found.append((["evaluations"], np.array(count), "scalar"))

    def _do_set(self, step):
        *way, last = step["path"]
        target = _reached(self._handles[step["on"]], way)
        value = self._value(step["value"])
        old = _reached(target, [last]) if step.get("everywhere") else None
        if isinstance(target, (dict, list)):
            target[last] = value
        else:
            setattr(target, last, value)
        if isinstance(old, np.ndarray):
            put_everywhere(self._handles[step["on"]], old, value)

    def _do_globals(self, step):
        for name, value in step["values"].items():
            self._namespace[name] = self._value(value)

    def _do_unseeded(self, step):
        self._unseeded.begin()

    def _do_redraw(self, step):
        for initializer in self._initializers:
            initializer._sg_redraw()

    def _do_iterate(self, step):
        """Collect at most `limit` items, by iteration or else by index."""
        target, limit = self._handles[step["on"]], step["limit"]
        kind = type(target)
        if hasattr(kind, "__iter__") or not hasattr(kind, "__len__"):
            items = itertools.islice(iter(target), limit)
        else:
            items = (target[i] for i in range(min(len(target), limit)))
        for i, item in enumerate(items):
            self._harvest(item, [step["keep"], i])

    def _do_hold(self, step):
        self._handles[step["out"]] = self._value(step["value"])

    def _do_read(self, step):
        self._harvest(_reached(self._handles[step["on"]], step["path"]), [step["keep"]])

    def _do_harvest(self, step):
        for handle in step["of"]:
            if handle in self._handles:
                self._harvest(self._handles[handle], [step.get("label", "") + handle])

    def _harvest(self, value, path):
        harvest = Harvest()
        harvest.add(value, path)
        self.found += harvest.entries

    # -- values --------------------------------------------------------------------------

    def _values(self, step):
        return [self._value(v) for v in step.get("args", ())]

    def _keywords(self, step):
        return {k: self._value(v) for k, v in step.get("kwargs", {}).items()}

    def _array(self, index):
        return None if index is None else np.array(self._arrays[index])

    def _value(self, described):
        if "a" in described:
            value = self._array(described["a"])
        elif "text" in described:
            value = as_text(self._array(described["text"]))
        elif "v" in described:
            value = described["v"]
        elif "h" in described:
            value = self._handles[described["h"]]
            for part in described.get("path", ()):
                named = isinstance(part, str) and not isinstance(value, dict)
                value = getattr(value, part) if named else value[part]
            return value
        elif "expr" in described:
            value = eval(described["expr"], self._namespace)  # the student's own expression
        elif "initializer" in described:
            spec = described["initializer"]
            weight, bias = self._array(spec["W"]), self._array(spec["b"])
            laid, makes = spec.get("laid", False), spec.get("makes", "")
            value = Initializer(weight, bias, laid, makes)
            self._initializers.append(value)
        elif "optimizer" in described:
            spec = described["optimizer"]
            value = Optimizer(spec["lr"], self._array(spec.get("W")), self._array(spec.get("b")))
        elif "activation" in described:
            value = Activation()
        elif "list" in described:
            value = [self._value(v) for v in described["list"]]
        elif "tuple" in described:
            value = tuple(self._value(v) for v in described["tuple"])
        elif "dict" in described:
            value = {k: self._value(v) for k, v in described["dict"].items()}
        elif "layer" in described:
            value = Layer({k: self._value(v) for k, v in described["layer"].items()})
            if "of" in described:
                value = _bare(self._find(*described["of"]), vars(value))
        elif "returns" in described:
            inner = described["returns"]

            def value(*args, **kwargs):
                return self._value(inner)

        elif "find" in described:
            value = self._find(*described["find"])
        elif "made" in described:
            value = self._find(*described["made"])(*self._values(described))
        else:
            raise ValueError("unknown value")
        if "as" in described:
            self._handles[described["as"]] = value
        return value
