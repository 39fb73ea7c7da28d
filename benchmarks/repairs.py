"""Does a repair name the line? python -m benchmarks.repairs [ITEM ...] [--each N] [--seed N] [--show]

The audit's mutants of the reference, written out as a student would have them (each module a cell, the
interface below them), are graded by the engine with repairs. Mutants and repairs share operators (an index
off by one, a sum for a mean): what is measured is whether the line is found among many and no other line is
named, not how many of the mistakes that students make have an edit. Of those that fail, counted is what is
told of the mutated line:

    named       it alone is told
    choice      it is one of two that are told
    wrong       another line is told, alone or with a third
    none        no repair is told

and what a grading costs with repairs and without. Exit status 1 with more than 2 % wrong.
"""

from __future__ import annotations

import argparse
import ast
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

# ruff: noqa: E402
# As a script, it would find benchmarks/reference.py in the place of the reference.
sys.path[:] = [p for p in sys.path if Path(p).resolve() != Path(__file__).resolve().parent]

from graders.audit.hosting import Answer, Host
from graders.audit.interfaces import Interface, interfaces
from graders.audit.library import Library, read_library
from graders.audit.mutation import Mutant, mutants
from graders.engine import ItemFinished, ItemJudged, Options, grade
from graders.judging.results import ItemResult
from graders.specs import ItemSpec, SprintSpec, load_sprints
from graders.submission import Cell, Section, Submission
from graders.submission.exchanging import SourceText

SEED = 11
EACH = 8  # mutants of an item in each of its interfaces
MOST_WRONG = 0.02


@dataclass
class Tally:
    """What was told of one item's mutants."""

    told: Counter[str] = field(default_factory=Counter)
    operators: Counter[tuple[str, str]] = field(default_factory=Counter)
    plain: float = 0.0
    repairing: float = 0.0


def written_out(library: Library, interface: Interface) -> list[str]:
    """The modules and the interface as cells of one notebook, line for line."""
    cells = [_flat(source) for source in library.modules.values()]
    names: Counter[str] = Counter()
    for cell in cells:
        names.update(
            n.name for n in ast.parse(cell).body if isinstance(n, ast.ClassDef | ast.FunctionDef)
        )
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise ValueError(f"more than one module has {twice}")
    text = SourceText(interface.source)
    tree = ast.parse(interface.source)
    places = [
        text.exchange(n, f"of_{n.attr}") for n in ast.walk(tree)
        if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id == "reference"
    ]  # fmt: skip
    places += [
        text.exchange(n, "pass") for n in tree.body
        if isinstance(n, ast.Import) and [a.name for a in n.names] == ["reference"]
    ]  # fmt: skip
    named = [f"of_{name} = {name}" for name in sorted(interface.names())]  # both may be called FC
    return [*cells, "\n".join(named), text.with_(*places)]


def _flat(source: str) -> str:
    """A module without its imports from its own package, in the same lines."""
    text = SourceText(source)
    own = [n for n in ast.parse(source).body if isinstance(n, ast.ImportFrom) and n.level]
    return text.with_(
        *(text.exchange(n, "pass" + "\n" * ((n.end_lineno or n.lineno) - n.lineno)) for n in own)
    )


def graded(cells: Sequence[str], sprint: SprintSpec, item: str) -> tuple[ItemResult, float, float]:
    """The verdict on a notebook of these cells, and the seconds to it and those that repairs took."""
    made = tuple(Cell(n, source, Section()) for n, source in enumerate(cells))
    text = "\n".join(cells)
    submission = Submission(Path("mutant.ipynb"), "notebook", "0" * 64, made, text, "en")
    options = Options(seed=SEED, items=frozenset([item]), repair=True)
    began = judged = time.monotonic()
    for event in grade(submission, sprint, options):
        if isinstance(event, ItemJudged):
            judged = time.monotonic()
        if isinstance(event, ItemFinished) and event.result.spec.id == item:
            ended = time.monotonic()
            judged = judged if judged > began else ended
            return event.result, judged - began, ended - judged
    raise AssertionError("no verdict")


def told(result: ItemResult, cell: int, line: int) -> str:
    """What the repairs say of a line."""
    if not result.repairs:
        return "none"
    lines = {
        (e.function.cell, n) for repair in result.repairs for e in repair.edits for n in e.lines
    }
    if (cell, line) not in lines:
        return "wrong"
    each = [{(e.function.cell, n) for e in r.edits for n in e.lines} for r in result.repairs]
    if any((cell, line) not in one for one in each):
        return "wrong"
    return "named" if lines == {(cell, line)} else "choice"


def line_of(mutant: Mutant) -> int:
    """The first line that differs."""
    pairs = zip(mutant.original.splitlines(), mutant.source.splitlines(), strict=False)
    return next(n for n, (old, new) in enumerate(pairs, 1) if old != new)


def lines_used(
    way: Interface, library: Library, sprint: SprintSpec, spec: ItemSpec
) -> Iterator[Mutant]:
    """Every mutant of the lines that a right answer runs through."""
    with Host([Answer(way, library)], trace=True) as host:
        host.judge(0, sprint, spec, SEED)
        lines = host.lines(list(library.modules))
    for module, used in lines.items():
        yield from mutants(module, library.modules[module], used)


def measured(sprint: SprintSpec, spec: ItemSpec, each: int, seed: int, show: bool) -> Tally:
    """A sample of an item's mutants in each of its interfaces."""
    tally = Tally()
    whole = read_library(spec.reference.partition(":")[0].partition(".")[0])
    ways = [way for way in interfaces(spec) if way.source and way.names()]
    for number, way in enumerate(ways):
        library = whole.only(way.names())
        every = list(lines_used(way, library, sprint, spec))
        chosen = random.Random(f"{seed}/{spec.id}/{number}")
        chosen.shuffle(every)
        taken = 0
        for mutant in every:
            if taken == each:
                break
            cells = written_out(library.with_module(mutant.module, mutant.source), way)
            result, plain, more = graded(cells, sprint, spec.id)
            if result.status == "passed" or result.answered is None:
                tally.told["passes" if result.status == "passed" else "not bound"] += 1
                continue
            taken += 1
            tally.plain += plain
            tally.repairing += more
            what = told(result, list(library.modules).index(mutant.module), line_of(mutant))
            tally.told[what] += 1
            tally.operators[mutant.operator, what] += 1
            if show:
                print(
                    f"{what:7} {more:5.1f} s  {way.name[:24]:24} {mutant.operator}: {mutant.name}"
                )
                for repair_ in result.repairs:
                    print(f"          {repair_.sentence}")
                sys.stdout.flush()
    return tally


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("items", nargs="*")
    parser.add_argument("--each", type=int, default=EACH)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--show", action="store_true", help="every mutant and what is told")
    asked = parser.parse_args(arguments)
    whole = Tally()
    for sprint in load_sprints().values():
        for spec in sprint.items:
            if (
                spec.kind != "layer"
                or not spec.reference
                or (asked.items and spec.id not in asked.items)
            ):
                continue
            tally = measured(sprint, spec, asked.each, asked.seed, asked.show)
            print(f"{spec.id:20} {_counts(tally)}", flush=True)
            whole.told += tally.told
            whole.operators += tally.operators
            whole.plain += tally.plain
            whole.repairing += tally.repairing
    print(f"{'all':20} {_counts(whole)}")
    for (operator, what), count in sorted(whole.operators.items()):
        print(f"  {operator:20} {what:7} {count}")
    failing = sum(whole.told[w] for w in ("named", "choice", "wrong", "none"))
    return int(whole.told["wrong"] > MOST_WRONG * max(1, failing))


def _counts(tally: Tally) -> str:
    failing = sum(tally.told[w] for w in ("named", "choice", "wrong", "none")) or 1
    shares = "  ".join(
        f"{w} {tally.told[w]} ({tally.told[w] / failing:.0%})"
        for w in ("named", "choice", "wrong", "none")
    )
    ratio = 1 + tally.repairing / tally.plain if tally.plain else 1.0
    return f"{shares}  time x{ratio:.2f}  passes {tally.told['passes']}, not bound {tally.told['not bound']}"


if __name__ == "__main__":
    sys.exit(main())
