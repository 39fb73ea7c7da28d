"""The student's process: runs cells, remembers what each defined, makes calls on it."""

import ast
import os
import random
import re
import signal
import sys
import tempfile
import threading
import types

import numpy as np
import numpy.random  # NumPy 2 imports it lazily

from . import barred, compat, lost_folders, neighbours, standins, wire
from .calls import Program, describe_error
from .clock import OwnClock
from .confine import confine
from .output import Output, Stream

_SHELL_NAMES = frozenset("_ __ ___ _i _ii _iii _ih _oh _dh _exit_code In Out exit quit".split())
_SHELL_NUMBERED = re.compile(r"_i?\d+$|__\w+__$")
_WRITES = re.compile(r"\s*%%(writefile|file)\b")  # a module: no code of it is run
_HOMES = {"HOME": "", "TMPDIR": "", "MPLCONFIGDIR": "/mpl", "IPYTHONDIR": "/ipython"}
_LAZY = (ast.Await, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Yield)
_QUICK = frozenset("np numpy int float bool str list tuple dict set range len min max".split())
_PLAIN = (bool, int, float, complex, str, bytes, list, tuple, dict, set, np.ndarray, np.generic)
# Python's own that code calls; as the name of data, further down, each was meant for that alone.
_CALLED = frozenset(
    "abs all any dict enumerate float int isinstance len list map max min pow print range reversed "
    "round set sorted str sum super tuple type zip".split()
)
_DEFINED = re.compile(r"(?:\b(?:class|def|import|as)|,)[ \t]+(\w+)")
_DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, ast.Import, ast.ImportFrom)


def _is_constant(node):
    """True for ``n = 3`` and ``w = np.array(...)``, which take no time and which calls may need."""
    if not isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        return False
    for part in ast.walk(node):
        if isinstance(part, _LAZY):
            return False
        if isinstance(part, ast.Call):
            called = part.func
            while isinstance(called, ast.Attribute):
                called = called.value
            if not isinstance(called, ast.Name) or called.id not in _QUICK:
                return False
    return True


def _forget(own):
    """A file of the student's comes before a package of its name that is imported already."""
    for name in list(sys.modules):
        if name.partition(".")[0] in own and not neighbours.is_taken(name.partition(".")[0]):
            del sys.modules[name]


def _is_plain(value):
    """True for data: what a name is given that is used once more, for something else."""
    return value is None or isinstance(value, _PLAIN)


def _is_definition(value):
    """True for what a class, function or import statement makes."""
    return isinstance(value, types.ModuleType) or (callable(value) and not _is_plain(value))


def _meant(versions):
    """The last of the versions of a name: of a class, function or module what it was before the name
    was used again for data, as by ``np = 3`` or ``for mul in range(3)``.
    """
    value = versions[-1][1]
    if _is_plain(value):
        for _, earlier in reversed(versions[:-1]):
            if not _is_plain(earlier):
                return earlier if _is_definition(earlier) else value
    return value


def _place_of(steps):
    """The cell whose names a program goes by: that of its last statement, or else of the first of
    the definitions that it uses.
    """
    statements = [s.get("file") or "" for s in steps if s["do"] == "exec"]
    places = [int(f[6:-1]) for f in statements if f.startswith("<cell ") and f[6:-1].isdigit()]
    if places:
        return max(places)
    found, pending = [], list(steps)
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            found.append(part.get("cell"))
            found.extend(part.get("find", ())[1:2])
            pending.extend(part.values())
        elif isinstance(part, (list, tuple)):
            pending.extend(part)
    return min((c for c in found if isinstance(c, int)), default=None)


class Worker:
    """Serves requests until its input ends."""

    def __init__(self, fd_in, fd_out):
        self._in = fd_in
        self._out = fd_out
        self._decoder = wire.Decoder()
        settings = self._settings()
        self._clock = OwnClock()
        self._in_student_code = False
        self._sending = threading.RLock()  # the student's threads print, too
        self._versions = {}  # name -> [(cell, object), ...], oldest first
        self._output = Output(self._send, settings["output_chars"])
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        os.set_inheritable(fd_in, False)
        os.set_inheritable(fd_out, False)
        for name, place in _HOMES.items():
            os.environ[name] = settings["home"] + place
        tempfile.tempdir = None
        self._walls = confine(settings)
        signal.signal(signal.SIGINT, self._interrupt)
        compat.install()
        barred.install(*settings.get("barred", ((), ())))
        standins.install(settings.get("mnist"))
        from .shell import the_shell, use_open

        use_open()
        sys.stdout = Stream(self._output, "stdout")
        sys.stderr = Stream(self._output, "stderr")
        self._shell = the_shell()
        self._shell.sg_display = self._display
        self._namespace = self._shell.user_ns
        self._namespace["__name__"] = "__main__"
        self._cell = 0
        self._shell.compile.get_code_name = lambda raw, code, number: "<cell %d>" % self._cell
        self._before = dict(self._namespace)
        for folder in settings.get("path", ()):
            sys.path.append(folder)
            neighbours.install(folder)
            lost_folders.install(folder)
        _forget(settings.get("own", ()))

    # -- the connection ------------------------------------------------------------------

    def serve(self):
        """Answer requests one after the other."""
        self._send({
            "op": "hello", "python": sys.version.split()[0], "numpy": np.__version__,
            **self._walls,
        })  # fmt: skip
        while True:
            for header, arrays in self._receive():
                self._answer(header, arrays)

    def _settings(self):
        """The first frame, which comes alone."""
        while True:
            for header, _ in self._receive():
                return header

    def _receive(self):
        data = os.read(self._in, 1 << 20)
        if not data:
            os._exit(0)
        return self._decoder.feed(data)

    def _send(self, header, arrays=()):
        data = memoryview(wire.encode(header, arrays))
        with self._sending:
            while data:
                try:
                    data = data[os.write(self._out, data) :]
                except BrokenPipeError:
                    os._exit(0)

    def _answer(self, header, arrays):
        try:
            if header["op"] == "cell":
                reply, found = self._run_cell(header), []
            else:
                reply, found = self._run_program(header, arrays)
        except KeyboardInterrupt:
            reply, found = {"error": {"type": "KeyboardInterrupt", "message": ""}}, []
        self._output.flush()
        reply["op"] = "reply"
        reply["id"] = header["id"]
        self._send(reply, found)

    def _interrupt(self, signum, frame):
        if self._in_student_code:
            raise KeyboardInterrupt

    def _display(self, kind, text, count):
        self._output.flush()
        text = text[:20_000]
        self._send({"op": "display", "kind": kind, "text": text, "count": count})

    # -- cells ---------------------------------------------------------------------------

    def _run_cell(self, header):
        code = header["code"]
        self._cell = header["index"]
        self._namespace["__package__"] = neighbours.package_of(header.get("folders"))
        self._output.begin()
        self._in_student_code = True
        try:
            mode = header.get("mode", "all")
            if mode != "all" and not _WRITES.match(code):
                error = self._run_definitions(code, mode == "constants")
            else:
                result = self._shell.run_cell(code, store_history=False)
                error = result.error_before_exec or result.error_in_exec
        except BaseException as raised:
            error = raised
        finally:
            self._in_student_code = False
        self._remember(header["index"], self._hidden_in(code))
        reply = {"status": "ok", "names": self._changed, "notes": [*compat.used]}
        if standins.absent:
            reply["absent"] = [*standins.absent]
        if error is not None:
            reply["status"] = "error"
            reply["error"] = describe_error(error)
        return reply

    def _run_definitions(self, code, constants):
        """Imports, classes and functions alone, each by itself; the first error, if any.

        With `constants` also assignments that call nothing but NumPy and Python's own.
        """
        try:
            tree = ast.parse(self._shell.transform_cell(code))
        except (SyntaxError, ValueError) as error:
            return error
        first = None
        for node in tree.body:
            if not isinstance(node, _DEFINITIONS) and not (constants and _is_constant(node)):
                continue
            if self._is_known(node):
                continue
            try:
                code = compile(ast.Module([node], []), "<cell %d>" % self._cell, "exec")
                exec(code, self._namespace)
            except BaseException as error:
                first = first or error
        return first

    def _is_known(self, node):
        """True if this cell has made that definition already."""
        versions = self._versions.get(getattr(node, "name", None), ())
        return any(index == self._cell for index, _ in versions)

    def _hidden_in(self, code):
        """What a cell defines or imports under a name that it uses again for data, further down."""
        found = {}
        names = {n for n, v in self._namespace.items() if _is_plain(v) and n not in _SHELL_NAMES}
        if not names & set(_DEFINED.findall(code)):
            return found
        try:
            nodes = ast.parse(self._shell.transform_cell(code)).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return found
        bound = dict(self._namespace)
        self._in_student_code = True
        for node in nodes:
            if not isinstance(node, _DEFINITIONS):
                continue
            made = [getattr(node, "name", None)]
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                made = [(a.asname or a.name).partition(".")[0] for a in node.names]
            if not names & set(made):
                continue
            try:
                exec(
                    compile(ast.Module([node], []), "<cell %d>" % self._cell, "exec"),
                    self._namespace,
                )
            except BaseException:
                continue
            found.update((n, self._namespace[n]) for n in made if n in names & set(self._namespace))
        self._in_student_code = False
        self._namespace.clear()
        self._namespace.update(bound)
        return found

    def _remember(self, index, hidden):
        """Note which names the cell bound anew, so that a later redefinition loses nothing."""
        changed = []
        before = self._before
        new = [n for n, value in self._namespace.items() if before.get(n, self) is not value]
        for name in new:
            if name in _SHELL_NAMES or _SHELL_NUMBERED.match(str(name)):
                continue
            changed.append(name)
            versions = self._versions.setdefault(name, [])
            if _is_plain(self._namespace[name]) and name in hidden:
                versions.append((index, hidden[name]))
            versions.append((index, self._namespace[name]))
            # A cell may be run again, late: what later cells bound stays bound.
            versions.sort(key=lambda version: version[0])
            self._namespace[name] = versions[-1][1]
        self._before = dict(self._namespace)
        self._changed = [n for n in changed if isinstance(n, str)][:2000]

    def _find(self, name, cell):
        name, *inner = name.split(".")  # of a module, or of a class inside a class
        versions = [v for v in self._versions.get(name, ()) if v[0] <= cell]
        if versions:
            own = [v for v in versions if v[0] == versions[-1][0]]
            value = _meant(own)
            for part in inner:
                value = getattr(value, part)
            return value
        raise NameError("name %r was not defined in cell %s" % (name, cell))

    def _go_back(self, as_of, place):
        """The names as they stood after cell `as_of` (None: the last), for code of cell `place`.

        A class, function or module whose name is used again for data, below that code, stays.
        """
        for name, versions in self._versions.items():
            then = [v for v in versions if as_of is None or v[0] <= as_of] or versions
            value = then[-1][1]
            if place is not None and _is_plain(value):
                there = [v for v in versions if v[0] <= place]
                if there and not (_is_plain(there[-1][1]) and there[-1][0] < place):
                    value = _meant(then)
                elif not there and name in _CALLED:
                    self._namespace.pop(name, None)
                    continue
            if as_of is not None or value is not then[-1][1]:
                self._namespace[name] = value

    # -- calls ---------------------------------------------------------------------------

    def _run_program(self, header, arrays):
        self._output.begin()
        saved = dict(self._namespace)
        self._go_back(header.get("as_of"), _place_of(header["steps"]))
        random.seed(0)  # the same call gives the same answer, whatever was called before
        np.random.seed(0)
        program = Program(self._find, self._namespace, arrays, self._clock.now)
        self._in_student_code = True
        try:
            outcomes = program.run(header["steps"], header["seconds"], header.get("each"))
        finally:
            self._in_student_code = False
            self._namespace.clear()
            self._namespace.update(saved)
        found = program.within(header["most"]) if header.get("most") else program.found
        reply = {"outcomes": outcomes, "found": [[path, kind] for path, _, kind in found]}
        return reply, [array for _, array, _ in found]
