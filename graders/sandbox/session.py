"""A submission, loaded: its cells have run in a process of its own and calls can be made.

The session restarts the process when the student's code ends it: the cells run again but
for the one that did it, of which only the definitions are taken.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import secrets
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from graders.messages import M, Message
from graders.processors import importing
from graders.sandbox.cells import defined_in, defines, imports, only_reckons, predicts, trains
from graders.sandbox.clock import Clock
from graders.sandbox.isolation import NOT_STARTED, Isolation, Wanted
from graders.sandbox.preloading import modules_in
from graders.sandbox.process import Limits, ProcessDied, ReplyTimeout, StudentProcess
from graders.submission import Cell, Submission

MAX_RESTARTS = 3
MAX_NOTES = 50
MOST_BYTES = 8 * 2**20  # of arrays in the reply to an ordinary request
_LOOK_SECONDS = 0.05
_RUNS = frozenset(["make", "call", "iterate", "exec"])  # steps that run the student's code


@dataclass(frozen=True)
class Budget:
    """Seconds for running a notebook's cells."""

    cell: float = 10.0
    total: float = 60.0
    late_cell: float = 2.0  # for cells that define something, once the total is used up
    late: float = 4.0  # for all cells that only reckon and print, then
    training: float = 12.0  # of the total, for cells that train or predict; then `late_cell` each
    call: float = 5.0
    program: float = 30.0  # for calls that are made in one go
    calls: float = 120.0  # for all calls of what the cells defined, those that train aside
    replies: float = 512 * 2**20  # bytes of arrays, likewise
    share: float = 0.5  # of what is left of the last two, for one item


class OutOfBudget(Exception):
    """The calls of a submission, or of one of its items, have used up what they may use."""

    def __init__(self, reason: Message) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True)
class CellError:
    """An exception, as it reached us: all text is the student's."""

    type: str
    message: str
    cell: int | None = None
    line: int | None = None
    text: str = ""
    place: Message | None = None  # cell and line, as the student sees them in the file

    def __str__(self) -> str:
        return ": ".join(part for part in (self.type, self.message) if part)


@dataclass(frozen=True)
class CellRun:
    """What became of one cell. status: ok, error, timeout, died or skipped."""

    index: int
    status: str
    seconds: float
    error: CellError | None = None
    names: frozenset[str] = frozenset()
    output: str = ""
    defining: CellError | None = None  # what a definition of it raised when it was made by itself


@dataclass(frozen=True, eq=False)
class Found:
    """An array that was reached, and the way to it: ``("ret", 1)``, ``("self", "dW")``. Each is itself alone: arrays are
    not compared by looking for one of them.
    """

    path: tuple[str | int, ...]
    array: np.ndarray
    kind: str


@dataclass(frozen=True)
class Outcome:
    """What a program gave: what it harvested and, if a step failed, which and why."""

    found: tuple[Found, ...] = ()
    error: CellError | None = None
    failed_step: int | None = None
    timed_out: bool = False
    died: str = ""
    outcomes: tuple[bool, ...] = ()
    errors: dict[int, CellError] = field(
        default_factory=dict
    )  # of each step that raised, by number

    @property
    def ok(self) -> bool:
        """True if every step was done."""
        return self.error is None and not self.timed_out and not self.died


@dataclass
class Session:
    """Runs a submission's cells and makes calls on what they defined."""

    submission: Submission
    python: str
    budget: Budget = field(default_factory=Budget)
    limits: Limits = field(default_factory=Limits)
    mnist: Path | None = None
    wanted: Wanted = field(default_factory=Wanted)
    barred: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())  # packages, and what is let of them
    on_cell: Callable[[CellRun], None] | None = None
    definitions: bool = False  # of each cell only what it defines, and constants
    cancelled: threading.Event = field(default_factory=threading.Event)  # set: start nothing more

    def __post_init__(self) -> None:
        self.runs: dict[int, CellRun] = {}
        self.notes: list[str] = []
        self.absent: list[str] = []
        self.calls = 0
        self.call_seconds = 0.0
        self.clock = Clock()
        self._spent, self._received = 0.0, 0  # seconds and bytes, of the budget for calls
        self._last_second, self._last_byte = self.budget.calls, self.budget.replies
        self.hello: dict[str, Any] = {}
        self.isolation: Isolation = NOT_STARTED
        self._process: StudentProcess | None = None
        self._restarts = 0
        self._only_definitions: set[int] = set()
        self._dropped: set[int] = set()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process; what was recorded stays."""
        if self._process is not None:
            self._process.close()
            self._process = None

    # -- cells ---------------------------------------------------------------------------

    def load(self) -> None:
        """Run all cells, restarting the process when one of them ends it.

        Raises:
            UsageError: the interpreter for students' code can't be started.
        """
        deadline = self.clock.now() + self.budget.total
        while True:
            culprit = None if self.cancelled.is_set() else self._run_cells(deadline)
            if culprit is None or self.cancelled.is_set():
                return
            self._restarts += 1
            if culprit in self._only_definitions or self._restarts > MAX_RESTARTS:
                self._dropped.add(culprit)
            self._only_definitions.add(culprit)
            if self._restarts > MAX_RESTARTS + 1:
                self.close()
                return
            deadline = max(deadline, self.clock.now() + self.budget.total / 3)

    def _run_cells(self, deadline: float) -> int | None:
        """Run the cells in a fresh process; the index of a cell that ended it, or None."""
        # Late, for what runs no cells (the coordinator of a class, a refused submission) needs no
        # Jupyter; here, for it loads while the fork server starts.
        with importing("graders.sandbox.kernel"):
            import asyncio

            from graders.sandbox import kernel  # noqa: F401  and with it nbclient

        self.close()
        process = StudentProcess(
            self.python, self.limits, self.mnist, self.submission.companions, self.wanted,
            modules_in("\n".join(cell.source for cell in self.submission.cells)), self.barred,
        )  # fmt: skip
        process.start()
        self._process = process
        self.clock.follow(process.pid)
        self.hello, self.isolation = process.hello, process.isolation
        _room_for_a_loop()
        return asyncio.run(self._drive(process, deadline))

    async def _drive(self, process: StudentProcess, deadline: float) -> int | None:
        import asyncio

        import nbformat
        from nbclient.exceptions import DeadKernelError

        from graders.sandbox.kernel import Client, Manager, Runner

        cells = self.submission.cells
        notebook = nbformat.from_dict(
            {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [*map(_cell, cells)]}
        )
        manager, client = Manager(process), Client(process, self.clock.now)
        current: list[float] = [self.budget.cell]
        training, spare = self.budget.training, self.budget.late
        ran: set[int] = set()
        runner = Runner(
            notebook,
            km=cast(Any, manager),
            allow_errors=True,
            interrupt_on_timeout=True,
            timeout_func=lambda _: max(0.2, current[0]),
            iopub_timeout=5,
        )
        runner.log.disabled = True
        runner.kc = cast(Any, client)
        client.start()
        try:
            # A second pass takes the definitions of cells that failed before they came to them:
            # cells that were run in another order, an import that is not there.
            for place, cell in itertools.chain(enumerate(cells), _unfinished(cells, self.runs)):
                known = self.runs.get(cell.index)
                if cell.index in self._dropped:
                    continue
                left = deadline - self.clock.now()
                again = cell.index in ran
                ran.add(cell.index)
                if self.definitions:
                    client.mode = "constants"
                elif again or cell.index in self._only_definitions:
                    client.mode = "definitions"
                else:
                    client.mode = "all"
                late = left < self.budget.late_cell
                defining = defines(cell.source)
                if late and not defining and (spare <= 0 or not only_reckons(cell.source)):
                    self._record(CellRun(cell.index, "skipped", 0.0))
                    continue
                current[0] = self.budget.late_cell if late else min(self.budget.cell, left)
                training_cell = not self.definitions and (trains(cell) or predicts(cell))
                if training_cell:
                    current[0] = min(current[0], max(training, self.budget.late_cell))
                client.cell_index, client.reply, manager.timed_out = cell.index, {}, False
                client.folders = cell.folders
                took = self.clock.stopwatch()
                try:
                    await runner.async_execute_cell(notebook.cells[place], place)
                except DeadKernelError:
                    manager.relax()
                    task = asyncio.current_task()
                    if task is not None and task.cancelling():  # Ctrl-C; nbclient mistakes it
                        raise asyncio.CancelledError from None
                    status = "timeout" if manager.timed_out else "died"
                    reason = (
                        None
                        if manager.timed_out
                        else CellError("", client.protocol_error or process.death())
                    )
                    if known is None or known.status not in ("timeout", "died"):
                        run = CellRun(cell.index, status, took(), reason)
                        self._record(run)
                    return cell.index
                manager.relax()
                if not cell.source.strip():
                    continue
                seconds = took()
                training -= seconds if training_cell else 0.0
                spare -= seconds if late and not defining else 0.0
                output = _text_of(notebook.cells[place])
                run = self._cell_run(cell.index, client.reply, seconds, manager.timed_out, output)
                if client.mode == "definitions" and known is not None:
                    names = run.names | (known.names if again else frozenset())
                    run = replace(known, names=names, defining=run.error)
                if self.definitions and run.status == "ok":
                    run = replace(run, status="skipped")
                self._record(run)
        finally:
            manager.relax()
            with contextlib.suppress(OSError, ValueError):
                client.stop()
        return None

    def _record(self, run: CellRun) -> None:
        self.runs[run.index] = run
        if self.on_cell:
            self.on_cell(run)

    def _cell_run(
        self, index: int, reply: dict[str, Any], seconds: float, late: bool, output: str
    ) -> CellRun:
        names = frozenset(_strings(reply.get("names")))
        for told, kept in (("notes", self.notes), ("absent", self.absent)):
            for text in _strings(reply.get(told)):
                if text not in kept and len(kept) < MAX_NOTES:
                    kept.append(text)
        error = self._placed(_error(reply.get("error")))
        if late:
            return CellRun(index, "timeout", seconds, None, names, output)
        status = "error" if reply.get("status") == "error" else "ok"
        return CellRun(index, status, seconds, error, names, output)

    # -- calls ---------------------------------------------------------------------------

    def run(
        self,
        steps: list[dict[str, Any]],
        arrays: list[np.ndarray],
        as_of: int | None = None,
        seconds: float | None = None,
    ) -> Outcome:
        """Make the calls of `steps`; see `sgworker.calls` for their form.

        What the student's code does raises nothing: a process that dies, hangs or answers
        with something else gives an `Outcome` that says so, and is replaced.

        `seconds`: for calls that train and have a budget of their own.

        Raises:
            OutOfBudget: the calls made so far have used up what they may use.
        """
        if self._process is None:
            return Outcome(died="the student's process could not be kept alive")
        ordinary = seconds is None
        if ordinary:
            self._must_be_left()
        request: dict[str, Any] = {"op": "run", "steps": steps, "as_of": as_of, "seconds": seconds}
        if ordinary:
            longest = self.budget.call * sum(step["do"] in _RUNS for step in steps)
            program = max(self.budget.call, min(longest, self.budget.program))
            request |= {"seconds": program, "each": self.budget.call, "most": MOST_BYTES}
        self.calls += 1
        took = self.clock.stopwatch()
        try:
            return self._exchange(self._process, request, arrays)
        except ReplyTimeout:
            self._replace()
            return Outcome(timed_out=True)
        except ProcessDied as error:
            self._replace()
            return Outcome(died=error.reason)
        finally:
            seconds_taken = took()
            self.call_seconds += seconds_taken
            self._spent += seconds_taken if ordinary else 0.0

    def begin_item(self) -> None:
        """The next calls are for another item: they may use a share of what is left of the budget."""
        share = self.budget.share
        self._last_second = self._spent + share * max(0.0, self.budget.calls - self._spent)
        self._last_byte = self._received + share * max(0.0, self.budget.replies - self._received)

    @contextlib.contextmanager
    def share_of_item(self, share: float) -> Iterator[None]:
        """Within it calls may use up that share of what their item may still use."""
        kept = self._last_second, self._last_byte
        self._last_second = self._spent + share * max(0.0, kept[0] - self._spent)
        self._last_byte = self._received + share * max(0.0, kept[1] - self._received)
        try:
            yield
        finally:
            self._last_second, self._last_byte = kept

    @contextlib.contextmanager
    def in_any_case(self) -> Iterator[None]:
        """Within it calls are made though the budget is used up: one or two, not many."""
        kept = self._last_second, self._last_byte
        self._last_second = self._last_byte = math.inf
        try:
            yield
        finally:
            self._last_second, self._last_byte = kept

    def _must_be_left(self) -> None:
        if self._spent >= self._last_second:
            raise OutOfBudget(
                M(
                    "Not checked: the calls take too long; those made so far have used up their {seconds} s.",
                    seconds=f"{self._spent:.0f}",
                )
            )
        if self._received >= self._last_byte:
            raise OutOfBudget(
                M(
                    "Not checked: the objects keep too much; what they keep after each call came to {size} MB.",
                    size=f"{self._received / 1e6:.0f}",
                )
            )

    def _exchange(
        self, process: StudentProcess, request: dict[str, Any], arrays: list[np.ndarray]
    ) -> Outcome:
        nonce = secrets.token_hex(16)
        process.send({**request, "id": nonce}, arrays)
        last = self.clock.now() + request["seconds"] + 1.5
        while True:
            left = last - self.clock.now()
            try:
                header, found = process.receive(time.monotonic() + max(_LOOK_SECONDS, left))
            except ReplyTimeout:
                if self.clock.now() < last:
                    continue  # it stood in line for a processor
                raise
            if self.clock.now() > last:
                raise ReplyTimeout  # frames that never end come in time, each of them
            self._received += sum(array.nbytes for array in found)
            if header.get("op") != "reply":
                continue  # what the call printed
            if header.get("id") != nonce:
                process.kill()
                raise ProcessDied("it answered another request than the one that was sent")
            outcome = _outcome(header, found)
            errors = {n: replace(e, place=self._place(e)) for n, e in outcome.errors.items()}
            return replace(outcome, error=self._placed(outcome.error), errors=errors)

    def _placed(self, error: CellError | None) -> CellError | None:
        return None if error is None else replace(error, place=self._place(error))

    def _place(self, error: CellError) -> Message | None:
        """Where an exception was raised, as the student finds it."""
        if error.cell is None:
            return error.place
        return self.submission.place(error.cell, error.line)

    def _replace(self) -> None:
        """A new process with the same cells, if there has been no more than one death too many."""
        self._restarts += 1
        if self._restarts > MAX_RESTARTS or self.cancelled.is_set():
            self.close()
            return
        with contextlib.suppress(Exception):
            self.load()


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "cell_type": "code", "id": str(cell.index), "metadata": {}, "source": cell.source,
        "outputs": [], "execution_count": None,
    }  # fmt: skip


def _unfinished(cells: Sequence[Cell], runs: dict[int, CellRun]) -> Iterator[tuple[int, Cell]]:
    """Cells with definitions that never came into being; looked up when it is their turn."""
    for place, cell in enumerate(cells):
        run = runs.get(cell.index)
        stopped = run is not None and run.status in ("error", "timeout")
        if not run or not stopped:
            continue
        if defined_in(cell.source) - run.names or imports(cell.source):
            yield place, cell


def _text_of(cell: Any) -> str:
    parts = []
    for output in cell.get("outputs", ()):
        parts.append(str(output.get("text") or output.get("data", {}).get("text/plain", "")))
    return "\n".join(parts)[:200_000]


def _strings(value: object) -> Iterable[str]:
    if isinstance(value, list):
        for item in value[:2000]:
            if isinstance(item, str):
                yield item[:200]


def _error(value: object) -> CellError | None:
    if not isinstance(value, dict):
        return None
    cell, line = value.get("cell"), value.get("line")
    return CellError(
        str(value.get("type", ""))[:100],
        str(value.get("message", ""))[:500],
        cell if isinstance(cell, int) else None,
        line if isinstance(line, int) else None,
        str(value.get("text", ""))[:200],
    )


def _outcome(header: dict[str, Any], arrays: list[np.ndarray]) -> Outcome:
    described, outcomes = header.get("found"), header.get("outcomes")
    if not isinstance(described, list) or not isinstance(outcomes, list):
        return Outcome(error=_error(header.get("error")) or CellError("", "malformed reply"))
    if len(described) != len(arrays):
        return Outcome(died="it sent a malformed reply")
    found = []
    for entry, array in zip(described, arrays, strict=True):
        if not (isinstance(entry, list) and len(entry) == 2 and isinstance(entry[0], list)):
            return Outcome(died="it sent a malformed reply")
        path = tuple(p for p in entry[0] if isinstance(p, str | int))
        found.append(Found(path, array, str(entry[1])))
    error, failed, late = None, None, False
    done = []
    errors: dict[int, CellError] = {}
    for number, outcome in enumerate(outcomes):
        outcome = outcome if isinstance(outcome, dict) else {}
        late = late or bool(outcome.get("timeout"))
        if "error" in outcome:
            raised = _error(outcome["error"])
            if raised is not None:
                errors[number] = raised
            if error is None:
                error, failed = raised, number
        done.append(not outcome)
    return Outcome(tuple(found), error, failed, late, outcomes=tuple(done), errors=errors)


def _room_for_a_loop() -> None:
    """Fail as the event loop would for want of descriptors, which leaves a half-made loop behind
    that says so with a traceback when it is collected.

    Raises:
        OSError: there are too few.
    """
    one, other = socket.socketpair()
    with one, other, selectors.DefaultSelector():
        pass
