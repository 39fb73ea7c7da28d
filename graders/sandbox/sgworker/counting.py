"""Counts what a call costs: lines run and functions called by the student's own code, bytes taken.

Nothing is timed and nothing is judged here. Programs count only after every verdict has been come
to. Mixed into `calls.Program`.
"""

import itertools
import os
import sys
import tracemalloc

import numpy as np

MOST_PLACES = 500  # lines, or names of functions, that are told of
_COMPREHENSIONS = frozenset(["<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"])
_PRIVATE = (
    "_dispatcher"  # NumPy looks at a function's arguments with it, before the function itself
)


def _is_own(filename):
    return filename.startswith(("<cell ", os.getcwd() + os.sep))


def _name_of(called, first):
    """The module and name of what is called."""
    name = getattr(called, "__qualname__", None) or getattr(called, "__name__", "")
    module = getattr(called, "__module__", None)
    if isinstance(called, np.ufunc):
        module = "numpy"
    elif not module:
        bound = getattr(called, "__self__", first)
        kind = bound if isinstance(bound, type) else type(bound)
        module = getattr(kind, "__module__", "")
    return "%s.%s" % (module, name)


class _Hooked:
    """What both kinds share where a hook of the interpreter's counts. `counts`: what -> how often."""

    def __init__(self, set_hook, get_hook, hook):
        self._set, self._get, self._hook = set_hook, get_hook, hook
        self.counts = {}

    def start(self):
        self._set(self._hook)

    def stop(self):
        """End it; True if it counted all the time."""
        held = self._get() is self._hook
        self._set(None)
        return held


class _Lines(_Hooked):
    """How often each line, (file, line), is run, by ``sys.settrace``."""

    def __init__(self):
        super().__init__(sys.settrace, sys.gettrace, self._entered)
        self._own = {}

    def _entered(self, frame, event, value):
        code = frame.f_code
        line = self._own.get(code)
        if line is None:
            line = self._own[code] = self._line_of(code) if _is_own(code.co_filename) else False
        if not line:
            return None
        if code.co_name in _COMPREHENSIONS:
            return self._begun if code.co_name != "<genexpr>" else line
        key = code.co_filename, code.co_firstlineno
        self.counts[key] = self.counts.get(key, 0) + 1
        return line

    def _begun(self, frame, event, value):
        """The first line of a comprehension is no time round."""
        return self._own[frame.f_code] if event == "line" else self._begun

    def _line_of(self, code):
        counts, file = self.counts, code.co_filename

        def line(frame, event, value):
            if event == "line":
                key = file, frame.f_lineno
                counts[key] = counts.get(key, 0) + 1
            return line

        return line


class _Functions(_Hooked):
    """Which functions of others are called, by ``sys.setprofile``, which does not see ufuncs."""

    def __init__(self):
        super().__init__(sys.setprofile, sys.getprofile, self._called)

    def _called(self, frame, event, value):
        if event == "c_call" and _is_own(frame.f_code.co_filename):
            name = _name_of(value, None)
        elif event == "call" and frame.f_back and _is_own(frame.f_back.f_code.co_filename):
            code = frame.f_code
            if _is_own(code.co_filename) or code.co_name.endswith(_PRIVATE):
                return
            name = "%s.%s" % (frame.f_globals.get("__name__", ""), _qualname(code))
        else:
            return
        self.counts[name] = self.counts.get(name, 0) + 1


def _qualname(code):
    return getattr(code, "co_qualname", code.co_name)


class _Monitor:
    """What both kinds share where ``sys.monitoring`` counts, from Python 3.12 on."""

    def __init__(self):
        self.counts = {}

    def start(self):
        watch = sys.monitoring
        self._tool = next(n for n in range(6) if watch.get_tool(n) is None)
        watch.use_tool_id(self._tool, "counting")
        self._hooks = self._callbacks(watch.events)
        for event, hook in self._hooks.items():
            watch.register_callback(self._tool, event, hook)
        self._events = sum(self._hooks)
        watch.restart_events()
        watch.set_events(self._tool, self._events)

    def stop(self):
        """End it; True if it counted all the time."""
        watch = sys.monitoring
        held = watch.get_tool(self._tool) == "counting"
        if held:
            held = watch.get_events(self._tool) == self._events
            watch.set_events(self._tool, 0)
            for event, hook in self._hooks.items():
                held = watch.register_callback(self._tool, event, None) is hook and held
            watch.free_tool_id(self._tool)
        return held


class _MonitoredLines(_Monitor):
    def _callbacks(self, events):
        counts, disable, lines_of = self.counts, sys.monitoring.DISABLE, {}

        def note(code, line):
            key = code.co_filename, line
            counts[key] = counts.get(key, 0) + 1

        def line_run(code, line):
            if not _is_own(code.co_filename):
                return disable
            note(code, line)

        def entered(code, offset):
            if not _is_own(code.co_filename):
                return disable
            if code.co_name not in _COMPREHENSIONS:
                note(code, code.co_firstlineno)

        def jumped(code, offset, target):
            """Back to the same line, as in a comprehension: no line is begun by that."""
            if not _is_own(code.co_filename):
                return disable
            if target < offset:
                lines = lines_of.get(code)
                if lines is None:
                    spans = code.co_lines()
                    lines = lines_of[code] = {
                        o: line for start, end, line in spans for o in range(start, end, 2)
                    }
                if lines.get(offset) == lines.get(target) is not None:
                    note(code, lines[target])

        return {events.LINE: line_run, events.PY_START: entered, events.JUMP: jumped}


class _MonitoredFunctions(_Monitor):
    def _callbacks(self, events):
        counts, missing = self.counts, sys.monitoring.MISSING

        def called(code, offset, function, first):
            if not _is_own(code.co_filename):
                return sys.monitoring.DISABLE
            inner = getattr(function, "__code__", None)
            if inner is None or not _is_own(inner.co_filename):
                name = _name_of(function, None if first is missing else first)
                counts[name] = counts.get(name, 0) + 1

        return {events.CALL: called}


class _Bytes:
    """The most bytes that were held at once beside those held before."""

    def start(self):
        tracemalloc.stop()
        tracemalloc.start(1)
        self._before = tracemalloc.get_traced_memory()[0]

    def stop(self):
        """End it; True if it counted all the time."""
        held = tracemalloc.is_tracing()
        peak = tracemalloc.get_traced_memory()[1] - self._before if held else 0
        tracemalloc.stop()
        self.counts = {"peak": peak}
        return held


_NEW = hasattr(sys, "monitoring")
_COUNTERS = {
    "lines": _MonitoredLines if _NEW else _Lines,
    "functions": _MonitoredFunctions if _NEW else _Functions,
    "bytes": _Bytes,
}


class CountingSteps:
    """What `Program` does with a ``call`` step that has a key ``count``: [what, a number to tell it by]."""

    def _counting(self, calls, what, number):
        """Call them; tell what was counted meanwhile, and whether it was counted all the time.

        `found` has: of lines an array of (line, how often) a file, else one number a name.
        """
        counter = _COUNTERS[what]()
        counter.start()
        try:
            return [call() for call in calls]
        finally:
            held = counter.stop()
            self.found.append(([what, number, "held"], np.array(int(held)), "scalar"))
            places = itertools.islice(counter.counts.items(), MOST_PLACES)
            if what == "lines":
                files = {}
                for (file, line), count in places:
                    files.setdefault(file, []).append((line, count))
                for file, rows in files.items():
                    entry = [what, number, "of", file[:300]], np.array(rows, np.int64), "array"
                    self.found.append(entry)
            else:
                for name, count in places:
                    entry = [what, number, "of", str(name)[:200]], np.array(count), "scalar"
                    self.found.append(entry)
