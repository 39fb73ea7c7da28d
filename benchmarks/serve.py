"""Whether the hand-in page holds a class that hands in within a minute, and loses nothing when it is killed.

    python -m benchmarks.serve [--students 200] [--seconds 60] [--kills 20] [--only load|kills] [--json FILE]

Submissions are those of `benchmarks.classes` (folders as zip files). Load: each student comes at a random moment
within `--seconds`, opens the personal link, looks at the page, hands in, and then looks at the attempt's page and
asks for its state as often as the page's script would, until it is graded. Every request is timed, from the
request to the last byte of the answer, with the server's workers at work on the same cores; the client has one
thread a student, on loopback.

Kills: students hand in one after another while the server, a worker, or whatever process of the run there is, is
killed (SIGKILL) at random moments and the server started again. What was answered to be kept has to be there, byte
by byte, and to be graded in the end; who got no answer hands in again.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import http.client
import io
import json
import os
import random
import signal
import statistics
import sys
import tempfile
import threading
import time
import zipfile
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.classes import SPRINT, write_class
from benchmarks.machine import described
from benchmarks.processes import descendants
from graders.batch.store import Store
from tests.handing_in import Place, Visitor, links, serving, written_course
from tests.reviewing import Answer

SETTINGS = "roster: roster.csv\nattempts: 1000\nsize_mib: 5\ngrading: {{sprint: {sprint}}}\n"
_POLLED = 500.0  # seconds until the last one has to be graded


def written(folder: Path, students: int) -> tuple[Path, dict[str, tuple[str, bytes]]]:
    """A class's folder, and what each student hands in: a name and bytes."""
    write_class(folder / "class", students)
    work = {}
    for number, place in enumerate(sorted((folder / "class").iterdir())):
        if place.is_dir():
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w") as archive:
                for file in sorted(p for p in place.rglob("*") if p.is_file()):
                    archive.writestr(str(file.relative_to(place)), file.read_bytes())
            work[str(number)] = f"{place.name}.zip", packed.getvalue()
        else:
            work[str(number)] = place.name, place.read_bytes()
    roster = [(who, f"Student {who}", "") for who in work]
    return written_course(folder / "course", SETTINGS.format(sprint=SPRINT), roster), work


@dataclass
class Seen:
    """What students saw: milliseconds by kind of request, and what went wrong."""

    took: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)  # what they were told first
    waited: list[float] = field(default_factory=list)  # seconds from the answer to the report
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, kind: str, visitor: Visitor, place: str) -> Answer:
        """Ask for a page, timed."""
        began = time.perf_counter()
        answer = visitor.ask(place)
        self.note(kind, began, answer, (200, 303))
        return answer

    def note(self, kind: str, began: float, answer: Answer, good: tuple[int, ...]) -> None:
        """Count an answer."""
        with self.lock:
            self.took.setdefault(kind, []).append(1000 * (time.perf_counter() - began))
            if answer.status not in good:
                self.wrong.append(f"{kind}: {answer.status}")


def student(
    place: Place, link: str, work: tuple[str, bytes], moment: float, seen: Seen, ended: float
) -> None:
    """One student, from the link to the report."""
    time.sleep(max(0.0, moment - time.monotonic()))
    try:
        visitor = Visitor(place)
        answer = seen.ask("link", visitor, link)
        visitor.cookie = answer.headers["set-cookie"].partition(";")[0]
        form = visitor.form()
        seen.ask("own page", visitor, "/")
        began = time.perf_counter()
        answer = visitor.hand_in(*work, form)
        seen.note("handing in", began, answer, (303,))
        kept = time.monotonic()
        where = answer.headers["location"]
        page = seen.ask("attempt while it waits", visitor, where)
        first = "graded" if "data-state" not in page.text else "its place"
        if first == "its place" and not ("before it:" in page.text or "graded now" in page.text):
            first = "only that it waits"
        with seen.lock:
            seen.told[first] += 1
        while time.monotonic() < ended:
            state = json.loads(seen.ask("state", visitor, f"{where}/state").text)
            if state["done"]:
                with seen.lock:
                    seen.waited.append(time.monotonic() - kept)
                seen.ask("report", visitor, where)
                return
            time.sleep(state["after"])
        with seen.lock:
            seen.told["not graded when it ended"] += 1
    except Exception as error:  # whatever a student sees besides an answer
        with seen.lock:
            seen.wrong.append(f"{type(error).__name__}: {error}")


def lost(course: Path, work: dict[str, tuple[str, bytes]], kept: set[str]) -> list[str]:
    """Whose hand-in was answered to be kept and is not there as it was sent."""
    store = Store(course / "results")
    there = Counter((one.who.number, one.content.partition(".")[0]) for one in store.uploads.all())
    store.close()
    missing = []
    for who in sorted(kept):
        digest = hashlib.sha256(work[who][1]).hexdigest()
        files = list((course / "uploads").glob(f"{digest}.*"))
        if (who, digest) not in there or not files or files[0].read_bytes() != work[who][1]:
            missing.append(who)
    return missing


def ungraded(course: Path) -> list[str]:
    """Who has no grade."""
    store = Store(course / "results")
    rows = [row.id for row in store.rows() if row.status != "graded"] + list(store.waiting())
    store.close()
    return rows


def loaded(base: Path, students: int, seconds: float) -> dict[str, object]:
    """The load; what was measured."""
    course, work = written(base, students)
    seen, draw = Seen(), random.Random(0)
    with serving(course) as place:
        known = links(course)
        began = time.monotonic()
        threads = [
            threading.Thread(
                target=student,
                args=(place, known[who], one, began + draw.uniform(0, seconds), seen,
                      began + seconds + _POLLED),
            )
            for who, one in work.items()
        ]  # fmt: skip
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        took = time.monotonic() - began
    pages = [ms for all_ in seen.took.values() for ms in all_]
    print(f"{students} students within {seconds:g} s, load {os.getloadavg()[0]:.1f}; {described()}")
    for kind, all_ in seen.took.items():
        ranked = sorted(all_)
        print(f"  {kind}: {len(all_)}, median {statistics.median(all_):.0f} ms, 95th percentile "
              f"{ranked[int(0.95 * (len(ranked) - 1))]:.0f} ms, worst {ranked[-1]:.0f} ms")  # fmt: skip
    percentile = sorted(pages)[int(0.95 * (len(pages) - 1))]
    missing, rest = lost(course, work, set(work)), ungraded(course)
    print(f"  all {len(pages)} answers: 95th percentile {percentile:.0f} ms; wrong: {len(seen.wrong)} "
          f"{Counter(seen.wrong).most_common(3)}")  # fmt: skip
    print(f"  lost: {len(missing)}; without a grade: {len(rest)}; told first: {dict(seen.told)}")
    print(f"  from handing in to the report: median {statistics.median(seen.waited):.0f} s, worst "
          f"{max(seen.waited):.0f} s; all graded after {took:.0f} s")  # fmt: skip
    return {
        "samples_ms": seen.took, "waited_s": seen.waited, "wrong": seen.wrong, "lost": missing,
        "without_grade": rest, "told": dict(seen.told), "p95_ms": percentile,
    }  # fmt: skip


# -- kills -------------------------------------------------------------------------------------------


class Server:
    """The server, started again whenever it was killed."""

    def __init__(self, course: Path) -> None:
        self._course, self._stack = course, ExitStack()
        self.place = self._stack.enter_context(serving(course))
        self.starts = 1

    def alive(self) -> Place:
        """Where it is served now."""
        if self.place.process.poll() is not None:
            self._stack.close()
            # Its workers end by themselves when they hear nothing more; another start need not wait for them.
            self.place = self._stack.enter_context(serving(self._course))
            self.starts += 1
        return self.place

    def end(self) -> None:
        """End it well."""
        self.alive()
        self._stack.close()


def killed(base: Path, students: int, kills: int) -> dict[str, object]:
    """Hand in while processes are killed; what was measured."""
    course, work = written(base, students)
    draw, hit, kept = random.Random(1), Counter[str](), set[str]()
    server = Server(course)
    known = links(course)
    waiting = list(work)
    again = 0
    next_kill = time.monotonic() + draw.uniform(0, 2)
    while waiting or sum(hit.values()) < kills:
        place = server.alive()
        if time.monotonic() > next_kill and sum(hit.values()) < kills:
            pid = place.process.pid
            kind = draw.choice(("server", "worker"))
            family = descendants(pid)
            victim = pid if kind == "server" or not family else draw.choice(family)
            with contextlib.suppress(ProcessLookupError):
                moment = threading.Timer(draw.uniform(0, 0.1), _kill, (victim,))
                moment.start()  # while somebody hands in
                hit[kind if victim != pid else "server"] += 1
            next_kill = time.monotonic() + draw.uniform(1, 6)
        who = waiting[0] if waiting else draw.choice(list(work))  # again: no other attempt
        try:
            visitor = Visitor(place, known[who])
            answer = visitor.hand_in(*work[who])
        except (OSError, http.client.HTTPException):
            again += 1
            time.sleep(0.05)
            continue
        if answer.status == 429:
            time.sleep(1)
            continue
        assert answer.status == 303, answer
        kept.add(who)
        if waiting:
            waiting.pop(0)
        time.sleep(draw.uniform(0, 0.3))
    last = time.monotonic() + _POLLED
    place = server.alive()
    for who in work:
        visitor = Visitor(place, known[who])
        while not visitor.state(1)["done"] and time.monotonic() < last:
            time.sleep(1)
    server.end()
    missing, rest = lost(course, work, kept), ungraded(course)
    store = Store(course / "results")
    uploads = len(store.uploads.all())
    store.close()
    print(f"kills: {dict(hit)}; starts: {server.starts}; hand-ins kept: {len(kept)} of {len(work)}, cut off "
          f"and sent again: {again}; uploads: {uploads}")  # fmt: skip
    print(f"  lost: {len(missing)}; without a grade: {len(rest)} {rest[:5]}")
    return {"kills": dict(hit), "lost": missing, "without_grade": rest, "cut_off": again}


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def main() -> int:
    """Measure and print; 1 if anything was lost or wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--only", choices=("load", "kills"))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found: dict[str, object] = dict(described())
    with tempfile.TemporaryDirectory() as base:
        if options.only != "kills":
            found["load"] = load = loaded(Path(base, "load"), options.students, options.seconds)
            bad = bool(load["wrong"] or load["lost"] or load["without_grade"])
        else:
            bad = False
        if options.only != "load":
            found["killed"] = kills = killed(Path(base, "kills"), 60, options.kills)
            bad = bad or bool(kills["lost"] or kills["without_grade"])
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
