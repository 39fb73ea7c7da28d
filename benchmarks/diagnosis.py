"""A confusion table of diagnoses: python -m benchmarks.diagnosis [ITEM ...] [--jobs N]

Every misconception, put in the place of the reference in each student-like interface of its item,
is graded by the engine, and so is the reference itself. Counted is what the mistake is called in
the facet that is its own:

    itself      by its name (or by another with the same lesson)
    either      as one of two that can't be told apart
    otherwise   by another name
    unnamed     it fails, but nothing is said
    passed      it does not fail in that facet

and of the right answers, how many are diagnosed at all. Exit status 1 below 95 % itself or either,
above 2 % otherwise, or with any diagnosis of a right answer.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

# ruff: noqa: E402
# As a script, it would find benchmarks/reference.py in the place of the reference.
sys.path[:] = [p for p in sys.path if Path(p).resolve() != Path(__file__).resolve().parent]

from graders.audit.hosting import Answer, judge_all
from graders.audit.interfaces import interfaces
from graders.audit.library import read_library
from graders.audit.mistakes import mistaken_answers
from graders.diagnosis import MISCONCEPTIONS
from graders.judging.results import ItemResult
from graders.specs import load_sprints

SEED = 7
Row = tuple[str, str, str, str, str]  # item, misconception, interface, outcome, what was said


def confusion(item: str, seed: int = SEED) -> list[Row]:
    """One row for each misconception of an item in each interface, and for each right answer."""
    sprint = next(s for s in load_sprints().values() if any(i.id == item for i in s.items))
    spec = sprint.item(item)
    ways = [way for way in interfaces(spec) if way.source]
    if not ways or not spec.reference:
        return []
    library = read_library(spec.reference.partition(":")[0].partition(".")[0])
    wrong = mistaken_answers(spec, library, ways)
    right = [Answer(way, library) for way in ways]
    answers = [*(w.answer for w in wrong), *right]
    results = list(judge_all(answers, sprint, spec, seed))
    rows = [
        (item, w.misconception, w.answer.interface.name, *outcome(w.misconception, result))
        for w, result in zip(wrong, results, strict=False)
    ]
    for answer, result in zip(right, results[len(wrong) :], strict=True):
        said = _said(result)
        rows.append((item, "", answer.interface.name, "diagnosed" if said else "right", said))
    return rows


def outcome(id_: str, result: ItemResult) -> tuple[str, str]:
    """How a mistake was called in its own facet, and what was said of all facets."""
    meant = next(m for m in MISCONCEPTIONS if m.id == id_)
    said = _said(result)
    own = [d for d in result.diagnoses if d.facet == meant.facet]
    if not own:
        failed = {c.facet for c in result.checks if c.status in ("failed", "error")}
        return ("unnamed" if meant.facet in failed else "passed"), said
    lessons = [name.lesson.title.id for name in own[0].names]
    if meant.title.id not in lessons:
        return "otherwise", said
    return ("itself" if len(lessons) == 1 else "either"), said


def _said(result: ItemResult) -> str:
    return "; ".join(f"{d.facet}: {' or '.join(n.id for n in d.names)}" for d in result.diagnoses)


def _rows(items: Sequence[str], jobs: int, seed: int) -> Iterator[Row]:
    with ProcessPoolExecutor(jobs) as pool:
        for rows in pool.map(partial(confusion, seed=seed), items):
            yield from rows


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("items", nargs="*", metavar="ITEM")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    known = list(dict.fromkeys(i for m in MISCONCEPTIONS for i in m.items))
    total: Counter[str] = Counter()
    table: dict[str, Counter[str]] = {}
    for item, id_, way, what, said in _rows(options.items or known, options.jobs, options.seed):
        table.setdefault(item, Counter())[what] += 1
        total[what] += 1
        if what not in ("itself", "right"):
            print(f"{what:<10} {item:<18} {id_ or '(right)':<34} {way:<18} {said}", flush=True)
    columns = ("itself", "either", "otherwise", "unnamed", "passed", "right", "diagnosed")
    print(f"\n{'item':<20}" + "".join(f"{c:>11}" for c in columns))
    for item, row in [*table.items(), ("all", total)]:
        print(f"{item:<20}" + "".join(f"{row[c]:>11}" for c in columns))
    made = sum(total[c] for c in columns[:5])
    good, bad = total["itself"] + total["either"], total["otherwise"]
    print(f"\nnamed {good / max(made, 1):.1%}, wrong names {bad / max(made, 1):.1%}, "
          f"right answers diagnosed {total['diagnosed']}")  # fmt: skip
    return int(good < 0.95 * made or bad > 0.02 * made or total["diagnosed"] > 0)


if __name__ == "__main__":
    sys.exit(main())
