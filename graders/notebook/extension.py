"""``%load_ext scratchgrade``: the magics in the student's kernel. They ask, show and decide nothing."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import time
from typing import Any

from graders.errors import GraderError
from graders.messages import Language, M, Message, language_here
from graders.notebook.grader import Grader
from graders.notebook.history import MAGICS, History
from graders.notebook.result import Result

_PATIENCE = 1.0  # seconds before a line says what is going on
_EVERY = 0.5
_KEPT = "_scratchgrade_checking"  # of the shell


class Checking:
    """The magics of one IPython shell."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._history = History(shell)
        self.grader = Grader()
        self._language: Language = language_here()

    def begin(self) -> None:
        """Register the magics; the grader starts meanwhile."""
        self._shell.events.register("pre_run_cell", self._history.before)
        self._shell.events.register("post_run_cell", self._history.after)
        for magic in (self.check, self.hint, self.problem, self.solution):
            self._shell.register_magic_function(magic, "line", magic.__name__)
        atexit.register(self.grader.end)
        with contextlib.suppress(GraderError):  # who asks is told
            self.grader.start()

    def end(self) -> None:
        """Take them away again; nothing of ours runs after it."""
        self._shell.events.unregister("pre_run_cell", self._history.before)
        self._shell.events.unregister("post_run_cell", self._history.after)
        for name in MAGICS:
            self._shell.magics_manager.magics["line"].pop(name, None)
        self.grader.end()
        atexit.unregister(self.grader.end)

    def check(self, line: str) -> Result | None:
        """Grade what the cells that were run so far have made.

        %check ITEM ...           these problems
        %check                    all of the sprint
        %check --sprint cnn1      all of that sprint; it is remembered
        Options are those of `scratchgrade grade`: --lang, --course, --policy, --specs, --feedback and others.
        The value is a Result: .passed, .score, .max_score, .facets, .items, .report
        """
        return self._asked("check", line)

    def hint(self, line: str) -> None:
        """One step further: place, kind of mistake, line, worked numbers.

        %hint ITEM
        """
        self._asked("hint", line)

    def problem(self, line: str) -> None:
        """What a problem asks for, with its examples and the shapes of its arrays.

        %problem ITEM
        """
        self._asked("problem", line)

    def solution(self, line: str) -> None:
        """A solution, where the course lets you see one.

        %solution ITEM
        """
        self._asked("solution", line)

    def _asked(self, what: str, line: str) -> Result | None:
        place = _Place(self._shell)
        steps = _Steps(place, self._language)
        try:
            question = {
                "what": what, "line": line, "runs": self._history.runs(), "folder": _folder_here(),
                "notebook": self._history.notebook(),
            }  # fmt: skip
            answer = self.grader.ask(question, steps.told)
        except GraderError as error:
            place.show({"text/plain": error.in_language(self._language)})
            return None
        except KeyboardInterrupt:
            place.show({"text/plain": M("stopped").in_language(self._language)})
            raise
        self._language = answer["language"]
        bundle = {"text/plain": answer["text"]}
        if answer.get("html"):
            bundle["text/html"] = answer["html"]
        place.show(bundle)
        if "result" not in answer:
            return None
        shell = self._shell
        return Result(
            answer["result"], answer["text"], answer["html"], lambda: shell.execution_count
        )


def _folder_here() -> str:
    try:
        return os.getcwd()
    except OSError as error:
        raise GraderError(
            M(
                "the folder that this notebook works in is gone: restart the kernel in one that is there"
            )
        ) from error


def load(shell: Any) -> None:
    """Put the magics into a shell."""
    unload(shell)
    checking = Checking(shell)
    setattr(shell, _KEPT, checking)
    checking.begin()


def unload(shell: Any) -> None:
    """Take them away, if they are there."""
    checking = getattr(shell, _KEPT, None)
    if checking is not None:
        delattr(shell, _KEPT)
        checking.end()


class _Place:
    """Where one answer stands: in a notebook what is shown is replaced, in a terminal a line is."""

    def __init__(self, shell: Any) -> None:
        self._in_notebook = hasattr(shell, "kernel")
        self._handle: Any = None
        self._line = False

    def show(self, bundle: dict[str, str]) -> None:
        """Show what was asked for."""
        if self._in_notebook:
            self._replace(bundle)
            return
        self._wipe()
        print(bundle["text/plain"])

    def step(self, text: str) -> None:
        """Show what is going on."""
        if self._in_notebook:
            self._replace({"text/plain": text})
        elif sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()
            self._line = True

    def _replace(self, bundle: dict[str, str]) -> None:
        from IPython.display import display

        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)

    def _wipe(self) -> None:
        if self._line:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


class _Steps:
    """Says what the grader does, once it takes a while."""

    def __init__(self, place: _Place, language: Language) -> None:
        self._place, self._language = place, language
        self._began = self._since = time.monotonic()
        self._shown = 0.0
        self._what: str | Message = M("the grader starts")
        self._seconds = 0.0

    def told(self, message: dict[str, Any] | None) -> None:
        """Hear what it does now; None: as before."""
        if message is not None:
            self._what, self._seconds = str(message["step"]), float(message["seconds"])
            self._since = time.monotonic()
        now = time.monotonic()
        if now - self._began < _PATIENCE or now - self._shown < _EVERY:
            return
        self._shown = now
        what = self._what
        said = what.in_language(self._language) if isinstance(what, Message) else what
        left = self._seconds - (now - self._since)
        self._place.step(f"{said} ..." + (f" {left:.0f} s" if left > 0 else ""))
