"""How fast the pages of `scratchgrade review` are, for a class as large as one gets.

    python -m benchmarks.review [--students 1000] [--graded 40] [--rounds 15] [--json FILE]

Submissions are put together as in `benchmarks.classes`; `--graded` of them are graded, and every other one
has the grading of one of these in the store: what a page costs depends on how many there are and how large,
not on whose. The server is a process of its own, as the command starts it, asked by one client that keeps
its connection. The first page is the one after the start; each of the others is asked for in every round,
and so is a page right after a decision (its answer leads there), when all that was counted is counted anew.
One problem has a rubric of which everybody has a criterion, and everybody is graded again otherwise; at
the end some are asked for while the tables are written in the background.
Milliseconds from the request to the last byte of the answer: medians, and the worst.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.classes import SPRINT, write_class
from benchmarks.machine import described
from graders.batch.discover import discover
from graders.batch.outputs import write_outputs
from graders.batch.run import PROPOSED_REQUEST, note_request, opened
from graders.batch.store import Result, Store
from graders.batch.work import grade_task, settings_of
from graders.course import rubrics
from graders.grading import Request
from graders.ledger.model import Decision
from graders.ledger.rubric import Criterion, Judged, Rubric, Way
from graders.review.writer import QUIET
from graders.sandbox.forkserver import servers
from tests.reviewing import Answer, Client, field, served


def class_of(folder: Path, students: int, graded: int) -> Path:
    """A graded class in `folder`; where its results are."""
    submissions, out = folder / "class", folder / "out"
    write_class(submissions, students)
    request = Request(submissions, sprint=SPRINT, language="en")
    found = discover(str(submissions))
    with opened(found, out, request, False) as whole:
        whole.store.note("submissions", str(submissions))
        settings = settings_of(whole.request)
        results = [Result(**grade_task(one.task(), settings)) for one in found.handed[:graded]]
        servers.close()
        for number, one in enumerate(found.handed):
            whole.store.keep(one.id, results[number % len(results)])
        judge_all(whole.store)
        propose(whole.store, [results[(n + 1) % len(results)] for n in range(students)], request)
        began = time.monotonic()
        write_outputs(whole)
        print(f"outputs: {time.monotonic() - began:.1f} s", file=sys.stderr)
    return out


def judge_all(store: Store) -> None:
    """Give an item a rubric, and everybody one of its criteria."""
    sprint, item = next(place for place in rubrics.places(store))
    criteria = tuple(Criterion(f"c{n}", 0.5, "", f"criterion {n}") for n in range(1, 13))
    store.ledger.add([rubrics.revised(sprint, item, Rubric(Way.ADD, criteria), "benchmark")])
    found = Judged(criteria[:1])
    store.ledger.add([
        Decision(0, "", "benchmark", row.who, sprint, item, "criteria", 0.5, files=row.files, key=row.key,
                 terms=found.terms)
        for row in store.rows() if row.marks.items
    ])  # fmt: skip


def propose(store: Store, results: list[Result], request: Request) -> None:
    """Let everybody be graded again as another one was."""
    proposal = store.proposal()
    roll = list(store.roll().values())
    proposal.enrol([one._replace(key=f"again {one.key}") for one in roll])
    for one, result in zip(roll, results, strict=True):
        proposal.keep(one.handed.id, result)
    note_request(store, request, PROPOSED_REQUEST)


def timed(client: Client, place: str, form: dict[str, str] | None = None) -> tuple[float, Answer]:
    """Milliseconds until the last byte of an answer, and the answer."""
    began = time.perf_counter()
    answer = client.ask(place, form)
    took = 1000 * (time.perf_counter() - began)
    assert answer.status in (200, 303), (place, answer.status, answer.text[:300])
    return took, answer


def measured(client: Client, out: Path, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each page."""
    took: dict[str, list[float]] = {}

    def ask(name: str, place: str, form: dict[str, str] | None = None) -> Answer:
        milliseconds, answer = timed(client, place, form)
        took.setdefault(name, []).append(milliseconds)
        return answer

    items = re.findall(r'href="(/item/[0-9a-f]+)"', ask("first", "/").text)
    students = re.findall(r'href="(/student/[0-9a-f]+)"', client.ask("/students").text)
    place = client.ask(items[0]).headers["location"]
    for number in range(rounds):
        ask("class", "/")
        ask("students", "/students")
        ask("near-copies", "/copies")
        ask("hand out", "/publish")
        ask("a student's page", students[number])
        ask("a student's history", students[number] + "/history")
        text = ask("problem", place).text
        form = {"form": field("form", text), "seen": field("seen", text), "toggle": "c2"}
        done = ask("applying a criterion", place, form)
        text = ask("problem after a criterion", done.headers["location"]).text
        ask("rubric", items[0] + "/rubric")
        edit = client.ask(items[0] + "/rubric").text
        form = {"form": field("form", edit), "seen": field("seen", edit), "what": "change",
                "id": "c1", "points": str(number + 1), "en": "x"}  # fmt: skip
        ask("impact of another rubric", items[0] + "/rubric", form)
        ask("grading again", "/regrade")
        form = {"form": field("form", text), "seen": field("seen", text),
                "comment": f"comment {number}", "action": "save"}  # fmt: skip
        ask("problem after a decision", ask("deciding", place, form).headers["location"])
        following = re.search(r'<a href="(/item/[^"]+)" data-key="n"', text)
        assert following is not None
        place = following[1]
    ended = time.time()
    time.sleep(QUIET - 0.5)
    client.close()
    while (out / "class.html").stat().st_mtime < ended:
        ask("problem while tables are written", place)
        ask("class while tables are written", "/")
    store = Store(out)
    decided = [one.by for one in store.ledger.decisions()].count("client")
    assert decided == 2 * rounds, "decisions were lost"
    store.close()
    return took


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=1_000)
    parser.add_argument("--graded", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as base:
        out = class_of(Path(base), options.students, options.graded)
        with served(out, "--lang", "en", "--by", "client") as address:
            took = measured(Client(address), out, options.rounds)
    print(f"{options.students} students, load {os.getloadavg()[0]:.1f}; {described()}")
    for name, all_ in took.items():
        print(f"  {name}: {statistics.median(all_):.0f} ms, worst {max(all_):.0f} ms")
    if options.json:
        options.json.write_text(json.dumps({"samples_ms": took, **described()}, indent=1) + "\n")


if __name__ == "__main__":
    main()
