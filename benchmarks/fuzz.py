"""Mutated notebooks for the reader and mutated replies for the wire: refused or read, never worse.

    python -m benchmarks.fuzz [--notebooks 100000] [--replies 100000] [--seed 0]

A notebook must be read or refused with a `SubmissionError`, and what is read must go through
sprint detection, definitions and call sites. A reply must be decoded or refused with a
`WireError`, and a decoded one must become an `Outcome`. Anything else, or more than
`SLOWEST` seconds for one input, is printed with the input and ends the run with status 1.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # beside this file lies a reference.py of another kind

import numpy as np  # noqa: E402

from graders.binding.callsites import CallSites  # noqa: E402
from graders.binding.definitions import read_definitions  # noqa: E402
from graders.engine import Loaded, detect_sprint  # noqa: E402
from graders.errors import SubmissionError  # noqa: E402
from graders.report.report import Report  # noqa: E402
from graders.report.terminal import summary  # noqa: E402
from graders.sandbox.isolation import NOT_STARTED  # noqa: E402
from graders.sandbox.session import Session, _outcome  # noqa: E402
from graders.sandbox.sgworker import wire  # noqa: E402
from graders.specs import load_sprints  # noqa: E402
from graders.submission import Cell, Section, Submission, read_submission  # noqa: E402

SLOWEST = 5.0
SPRINTS = load_sprints()
BAD: list[Any] = [
    None, True, -1, 0, 2**63, 10**400, 1e308, "", "x", [], {}, [[]], {"a": []}, [None] * 3,
    "\ud800", "\x00", "\u202e", "::error::", "x" * 5000, "# a" + " " * 3000 + "x", "#" * 3000,
    "(" * 3000, "-" * 3000 + "1", "[" * 250 + "]" * 250, "if x:\n " * 90, "\\\n" * 500, "\t" * 2000,
    "\f\v\x1c\u2028", "<" * 4000, "問題" * 2000, "Problem " * 500 + "9" * 50, "%%time\n" * 200,
    "!" * 500, "?" * 500, "x = '" + "a" * 3000, "class " * 500, "def f(" + "a=" * 500,
    "def f(" + ",".join(f"a{i}" for i in range(400)) + "): pass", "lambda: " * 90 + "1",
    "x" + ".x" * 900, "1" + "+1" * 900, "9" * 5000, "【問題" + "１" * 500 + "】",
]  # fmt: skip
WORDS = [b'"cell_type"', b'"source"', b"[", b"]", b"{", b"}", b",", b":", b'"', b"\\u", b"1e999",
         b"-", b"null", b"\xff\xfe", b"\x00", b"NaN", b"\xe3\x81", b"worksheets", b"9" * 40]  # fmt: skip


class TooSlow(BaseException):
    """One input took longer than SLOWEST."""


def _alarm(signum: int, frame: object) -> None:
    raise TooSlow


def bad(rng: random.Random) -> Any:
    """A value of its own: it may be mutated later."""
    return copy.deepcopy(rng.choice(BAD))


def mutated_bytes(data: bytes, rng: random.Random) -> bytes:
    """A few bytes changed, dropped, doubled or put in."""
    stream = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        place = rng.randrange(len(stream) + 1)
        kind = rng.randrange(5)
        if kind == 0 and place < len(stream):
            stream[place] = rng.randrange(256)
        elif kind == 1:
            del stream[place : place + rng.randint(1, 40)]
        elif kind == 2:
            stream[place:place] = rng.choice(WORDS)
        elif kind == 3:
            stream[place:place] = stream[place : place + rng.randint(1, 60)]
        else:
            stream[place:place] = rng.randbytes(rng.randint(1, 8))
    return bytes(stream)


def mutated_data(data: Any, rng: random.Random) -> Any:
    """A copy with one to three parts replaced, dropped or doubled."""
    root = json.loads(json.dumps([data]))
    for _ in range(rng.randint(1, 3)):
        holder: Any = root
        for _ in range(rng.randint(1, 6)):
            inner = [v for v in _values(holder) if isinstance(v, list | dict) and v]
            if not inner:
                break
            holder = rng.choice(inner)
        key = rng.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        kind = rng.randrange(4)
        if kind == 0 and holder is not root:
            del holder[key]
        elif kind == 1 and isinstance(holder, list) and holder is not root:
            holder[key:key] = [holder[key]] * rng.randint(1, 5)
        elif kind == 2 and isinstance(holder[key], str):
            text = holder[key]
            cut = rng.randrange(len(text) + 1)
            holder[key] = text[:cut] + str(bad(rng)) + text[cut:]
        else:
            holder[key] = bad(rng)
    return root[0]


def _values(holder: Any) -> list[Any]:
    return list(holder.values()) if isinstance(holder, dict) else list(holder)


# -- notebooks ---------------------------------------------------------------------------------


class Notebooks:
    """Mutated submissions of our own, read as the grader reads them."""

    def __init__(self, folder: Path) -> None:
        samples = sorted((ROOT / "submissions").glob("*/*.ipynb"))
        self._bytes = [p.read_bytes() for p in samples]
        self._data = [json.loads(b) for b in self._bytes]
        self._modules = [p.read_bytes() for p in sorted((ROOT / "submissions").glob("*/*.py"))]
        self._folder = folder
        self.read = 0
        self.last = b""

    def __call__(self, rng: random.Random) -> bytes:
        """Make one and read it; what was written."""
        kind = rng.randrange(10)
        if kind < 5:
            data = mutated_data(rng.choice(self._data), rng)
            written = json.dumps(data, ensure_ascii=rng.random() < 0.7)
            content = written.encode("utf-8", "surrogatepass")
        elif kind < 8:
            content = mutated_bytes(rng.choice(self._bytes), rng)
        else:
            content = mutated_bytes(rng.choice(self._modules), rng)
        path = self._folder / ("x.ipynb" if kind < 8 else "x.py")
        path.write_bytes(content)
        self.last = content
        try:
            submission = read_submission(path)
        except SubmissionError as error:
            if len(str(error)) > 2_000:
                raise RuntimeError("not a sentence, but the notebook") from error
            return content
        self.read += 1
        detect_sprint(submission, SPRINTS)
        definitions, _ = read_definitions(submission)
        sites = CallSites(submission)
        for definition in definitions[:20]:
            sites.fed_by(definition.name)
        return content


# -- replies -----------------------------------------------------------------------------------


class Replies:
    """Mutated replies to cells and calls, decoded and made into what the grader works with."""

    def __init__(self) -> None:
        error = {"type": "ValueError", "message": "m", "cell": 0, "line": 3, "text": "x", "step": 1}
        self._headers: list[Any] = [
            {"op": "reply", "id": "0" * 32, "outcomes": [{}, {"error": error}, {"timeout": True}],
             "found": [[["ret", 1], "array"], [["self", "W"], "scalar"]]},
            {"op": "reply", "id": "1", "status": "error", "names": ["f", "g"], "notes": ["np.int"],
             "absent": ["torch"], "error": error},
            {"op": "stream", "name": "stdout", "text": "printed"},
            {"op": "hello", "python": "3", "numpy": "2", "acts": [], "layers": ["seccomp"]},
        ]  # fmt: skip
        self._arrays = [
            np.arange(6.0).reshape(2, 3),
            np.array(3),
            np.array([True]),
            np.zeros((0, 4)),
        ]
        cell = Cell(0, "x = 1", Section("問題1", (1,)))
        self._submission = Submission(Path("x.ipynb"), "notebook", "0" * 64, (cell,), "x = 1", "en")
        self.read = 0
        self.last = b""

    def __call__(self, rng: random.Random) -> bytes:
        """Make one and take it in; what was sent."""
        header = rng.choice(self._headers)
        arrays = rng.sample(self._arrays, rng.randint(0, 3))
        if rng.random() < 0.6:
            header = mutated_data(header, rng)
        if not isinstance(header, dict):
            header = {"op": header}
        content = bytes(wire.encode(header, arrays))  # type: ignore[no-untyped-call]
        if rng.random() < 0.6:
            content = mutated_bytes(content, rng)
        self.last = content
        decoder: Any = wire.Decoder()  # type: ignore[no-untyped-call]
        try:
            frames = decoder.feed(content)
        except wire.WireError:
            return content
        for got, found in frames:
            self.read += 1
            assert all(a.dtype.name in wire.DTYPES and type(a) is np.ndarray for a in found)
            _outcome(got, found)
            session = Session(self._submission, "")
            run = session._cell_run(0, got, 0.1, False, str(got.get("text"))[:100])
            if rng.random() < 0.02:
                self._report(session, run)
        return content

    def _report(self, session: Session, run: Any) -> None:
        report = Report(Path("x.ipynb"), "en", self._submission, SPRINTS["cnn1"])
        notes = (*session.notes, *session.absent)
        report.take(Loaded((run,), notes, "", "", NOT_STARTED))
        json.dumps(report.as_dict(), ensure_ascii=False, allow_nan=False).encode("utf-8")
        for line, _ in summary(report):
            line.encode("utf-8")


def fuzz(name: str, target: Notebooks | Replies, rounds: int, seed: int) -> bool:
    """Run; True if nothing was found."""
    signal.signal(signal.SIGALRM, _alarm)
    began, slowest = time.monotonic(), 0.0
    for number in range(rounds):
        rng = random.Random(f"{seed}-{number}")
        started = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, SLOWEST)
        try:
            target(rng)
        except (Exception, TooSlow):
            signal.setitimer(signal.ITIMER_REAL, 0)
            print(f"{name} {number} (seed {seed}): {target.last[:2000]!r}")
            traceback.print_exc()
            return False
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        slowest = max(slowest, time.monotonic() - started)
    print(
        f"{name}: {rounds} in {time.monotonic() - began:.0f} s, {target.read} of them readable, "
        f"the slowest {slowest:.2f} s"
    )
    return True


def main() -> int:
    """Run both; 1 if something was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notebooks", type=int, default=100_000)
    parser.add_argument("--replies", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        notebooks = fuzz("notebooks", Notebooks(Path(name)), options.notebooks, options.seed)
        replies = fuzz("replies", Replies(), options.replies, options.seed)
    return 0 if notebooks and replies else 1


if __name__ == "__main__":
    sys.exit(main())
