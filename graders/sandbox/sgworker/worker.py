"""The student's process: runs cells, remembers what each defined, makes calls on it."""

import ast
import os
import random
import re
import signal
import sys
import tempfile
import threading

import numpy as np
import numpy.random  # NumPy 2 imports it lazily

from . import barred, compat, neighbours, standins, wire
from .calls import Program, describe_error
from .clock import OwnClock
from .confine import confine
from .output import Output, Stream

_SHELL_NAMES = frozenset("_ __ ___ _i _ii _iii _ih _oh _dh _exit_code In Out exit quit".split())
_SHELL_NUMBERED = re.compile(r"_i?\d+$|__\w+__$")
_HOMES = {"HOME": "", "TMPDIR": "", "MPLCONFIGDIR": "/mpl", "IPYTHONDIR": "/ipython"}
_LAZY = (ast.Await, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Yield)
_QUICK = frozenset("np numpy int float bool str list tuple dict set range len min max".split())
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
        if name.partition(".")[0] in own:
            del sys.modules[name]


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
            sys.path.insert(0, folder)
            neighbours.install(folder)
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
            if mode != "all":
                error = self._run_definitions(code, mode == "constants")
            else:
                result = self._shell.run_cell(code, store_history=False)
                error = result.error_before_exec or result.error_in_exec
        except BaseException as raised:
            error = raised
        finally:
            self._in_student_code = False
        self._remember(header["index"])
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

    def _remember(self, index):
        """Note which names the cell bound anew, so that a later redefinition loses nothing."""
        changed = []
        before = self._before
        new = [n for n, value in self._namespace.items() if before.get(n, self) is not value]
        for name in new:
            if name in _SHELL_NAMES or _SHELL_NUMBERED.match(str(name)):
                continue
            changed.append(name)
            versions = self._versions.setdefault(name, [])
            versions.append((index, self._namespace[name]))
            # A cell may be run again, late: what later cells bound stays bound.
            versions.sort(key=lambda version: version[0])
            self._namespace[name] = versions[-1][1]
        self._before = dict(self._namespace)
        self._changed = [n for n in changed if isinstance(n, str)][:2000]

    def _find(self, name, cell):
        name, *inner = name.split(".")  # of a module, or of a class inside a class
        for index, value in reversed(self._versions.get(name, ())):
            if index <= cell:
                for part in inner:
                    value = getattr(value, part)
                return value
        raise NameError("name %r was not defined in cell %s" % (name, cell))

    # -- calls ---------------------------------------------------------------------------

    def _run_program(self, header, arrays):
        self._output.begin()
        saved = dict(self._namespace)
        as_of = header.get("as_of")
        if as_of is not None:
            for name, versions in self._versions.items():
                then = [value for index, value in versions if index <= as_of]
                if then:
                    self._namespace[name] = then[-1]
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
