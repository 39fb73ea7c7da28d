"""Steps of a program that trains: the notebook's own statements, run again on other data.

``exec`` runs the student's source in the student's namespace, at most `limit` seconds of CPU time of it;
``describe`` tells what arrays expressions give; ``shrink`` cuts long module-level arrays, so that
code that looks at them between epochs stays quick; ``seed`` seeds the generators; ``clock``
reads the CPU time used. Mixed into `calls.Program`.
"""

import random
import signal
import time

import numpy as np

from .wire import DTYPES

MAX_ROWS = 400


class CallTimeout(BaseException):
    """The call took longer than the request allowed."""


class TrainingSteps:
    """What `Program` can do besides single calls."""

    _late = False  # the program's own time is up
    _given_up = False  # an `exec` that asks was stopped: the next ones would be, too

    def _do_exec(self, step):
        """Run source; after `limit` seconds of CPU time stop it and go on with the next step."""
        if self._given_up and step.get("asks"):
            return
        code = compile("\n" * (step["line"] - 1) + step["source"], step["file"], "exec")
        limit = step.get("limit")
        began = time.process_time()
        cut = 0
        if limit is None:
            exec(code, self._namespace)
        else:
            cut = self._limited(code, limit)
            self._given_up = self._given_up or bool(cut and step.get("asks"))
        keep = step.get("keep")
        if keep:
            self.found.append(([keep, "cut"], np.array(cut), "scalar"))
            self.found.append(([keep, "cpu"], np.array(time.process_time() - began), "scalar"))

    def _limited(self, code, limit):
        """Run the code for at most `limit` seconds of CPU time; 1 if it was stopped."""

        def stop(signum, frame):
            raise CallTimeout()

        previous = signal.signal(signal.SIGPROF, stop)
        try:
            # Again every second: a bare `except` of the student's may swallow the first one.
            signal.setitimer(signal.ITIMER_PROF, limit, 1.0)
            exec(code, self._namespace)
            signal.setitimer(signal.ITIMER_PROF, 0)
            return 0
        except CallTimeout:
            signal.setitimer(signal.ITIMER_PROF, 0)
            if self._late:
                raise  # the whole program's time is up
            return 1
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, previous)

    def _do_clock(self, step):
        self.found.append(([step["keep"]], np.array(time.process_time()), "scalar"))

    def _do_seed(self, step):
        random.seed(step["seed"])
        np.random.seed(step["seed"])

    def _do_shrink(self, step):
        for name, value in list(self._namespace.items()):
            if type(value) is np.ndarray and value.ndim and len(value) > step["over"]:
                self._namespace[name] = value[: step["rows"]]
            elif type(value).__name__ in ("DataFrame", "Series") and len(value) > step["over"]:
                self._namespace[name] = value.iloc[: step["rows"]]

    def _do_describe(self, step):
        """Shape, dtype and first rows of what each expression gives; nothing where it raises."""
        for number, source in enumerate(step["sources"]):
            try:
                value = eval(source, self._namespace)
            except Exception:
                continue
            self._describe(value, [step["keep"], number], step.get("rows", MAX_ROWS))

    def _describe(self, value, path, most):
        if hasattr(value, "to_numpy"):
            value = value.to_numpy()
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            self.found.append((path, np.array(value), "scalar"))
            return
        if isinstance(value, (list, tuple)) and value:
            try:
                value = np.array(value) if np.ndim(value[0]) <= 3 else None
            except ValueError:  # parts of different shapes: mini-batches, layers' weights
                return
        if not isinstance(value, np.ndarray) or value.ndim == 0:
            return
        kind, rows = "array", value[:most]
        if value.dtype.kind in "OUS":
            try:
                rows, kind = rows.astype(np.float64), "text"
            except (ValueError, TypeError):
                return
        if rows.dtype.name in DTYPES and rows.size <= 4_000_000:
            self.found.append(([*path, "shape"], np.array(value.shape, dtype=np.int64), kind))
            self.found.append(([*path, "rows"], np.array(rows), kind))

    def _do_curve(self, step):
        """Lists of numbers that an object keeps and calls a loss or an accuracy."""
        try:
            attributes = vars(eval(step["source"], self._namespace))
        except Exception:
            return
        for name, value in list(attributes.items())[:128]:
            if not isinstance(name, str) or not any(
                word in name.lower() for word in ("loss", "cost", "acc", "hist", "error", "log")
            ):
                continue
            try:
                numbers = np.array(value, dtype=np.float64).ravel()
            except Exception:
                continue
            if 2 <= numbers.size <= 100_000:
                self.found.append(([step["keep"], name], numbers[:2000], "list"))


def as_text(array):
    """Labels as some data sets have them: strings in an object array."""
    return array.astype(int).astype(str).astype(object)
