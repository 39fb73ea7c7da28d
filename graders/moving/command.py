"""`scratchgrade import nbgrader`: what would be moved, then a class for each assignment."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from graders.batch.run import whoever
from graders.errors import UsageError
from graders.grading import Request, policy_of, sprints_for
from graders.messages import Language, M, clean, language_here
from graders.moving.nbgrader import Course, read_course
from graders.moving.plan import items_for, planned, said
from graders.moving.writing import CLASS, RESULTS, ROSTER, must_be_free, write
from graders.options import fields
from graders.spelling import near

DONE, WOULD_MOVE = 0, 1


def run(options: argparse.Namespace) -> int:
    """Show or move; 1 where something would move and doesn't yet."""
    language: Language = language_here() if options.lang == "auto" else options.lang
    request = Request(options.course_folder, **fields(vars(options)))
    sprints = sprints_for(request)
    sprints = policy_of(request, sprints).applied(sprints)
    course = _chosen(read_course(options.course_folder), options.assignment)
    items = items_for(course, options.mapped, sprints, request.sprint)
    moved = planned(course, items, clean(options.by, 100) or whoever())
    must_be_free(options.out, moved)
    for sentence in said(course, moved):
        print(sentence.in_language(language))
    if not moved:
        raise UsageError(
            M("{folder}: nothing was handed in there (submitted/STUDENT/ASSIGNMENT)",
              folder=str(options.course_folder))
        )  # fmt: skip
    if not options.apply:
        print(
            M(
                "nothing is written yet: --apply writes it to {out}", out=str(options.out)
            ).in_language(language)
        )
        return WOULD_MOVE
    for one in moved:
        place = write(course, one, options.out)
        print(M("{place} is written; grade it with:", place=str(place)).in_language(language))
        print("  " + _next(place, options), flush=True)
    return DONE


def _chosen(course: Course, names: list[str]) -> Course:
    known = [one.name for one in course.assignments]
    for name in names:
        if name not in known:
            raise UsageError(
                M("--assignment {name}: the course has none of this name{near}", name=name,
                  near=near(name, known))
            )  # fmt: skip
    chosen = [one for one in course.assignments if not names or one.name in names]
    return Course(course.students, chosen, course.notes)


def _next(place: Path, options: argparse.Namespace) -> str:
    """The command that grades a class."""
    line = ["scratchgrade", "batch", str(place / CLASS), "--roster", str(place / ROSTER), "--out",
            str(place / RESULTS)]  # fmt: skip
    for name in ("sprint", "course", "specs", "plugin", "policy"):
        if (value := getattr(options, name)) and value != "auto":
            line += [f"--{name}", str(value)]
    return shlex.join(line)
