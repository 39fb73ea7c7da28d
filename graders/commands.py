"""The commands of `scratchgrade`: a thin front-end over the engine."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from graders import __version__, policy_cli, specs_cli, streams
from graders.batch.arguments import add_command as add_batch
from graders.course.arguments import COMMANDS as COURSE
from graders.course.arguments import add_commands as add_course
from graders.errors import GraderError
from graders.export import command as export
from graders.grading import Grading, Request
from graders.handin.arguments import add_command as add_serve
from graders.messages import Bilingual, M, clean, language_here
from graders.moving.arguments import add_command as add_import
from graders.options import OPTIONS, fields
from graders.release.arguments import add_command as add_release
from graders.report.progress import progress_line
from graders.report.terminal import summary, written
from graders.report.words import STATUS
from graders.review.arguments import add_command as add_review

PASSED, FAILED, USAGE = 0, 1, 2
_BY_ENVIRONMENT = ("review", "serve", "import")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scratchgrade",
        description="Grades deep learning written from scratch in NumPy.",
    )
    parser.add_argument("--version", action="version", version=f"scratchgrade {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    grade = commands.add_parser("grade", help="grade one notebook, module, folder or archive")
    grade.add_argument("submission", type=Path)
    for option in OPTIONS:
        grade.add_argument(option.flag, **option.keywords)
    grade.add_argument("--item", action="append", metavar="ID", help="only this item (repeatable)")
    watch = commands.add_parser("watch", help="grade again whenever the submission is saved")
    watch.add_argument("submission", type=Path)
    for option in OPTIONS:
        watch.add_argument(option.flag, **option.keywords)
    watch.add_argument("--item", action="append", metavar="ID", help="only this item (repeatable)")
    explain = commands.add_parser(
        "explain", help="how one item was bound: what was looked at, tried and dropped"
    )
    explain.add_argument("submission", type=Path)
    what = explain.add_mutually_exclusive_group(required=True)
    what.add_argument("--item", metavar="ID")
    what.add_argument(
        "--rules", action="store_true",
        help="of a folder of submissions: how often each idiom was tried, and proved an item",
    )  # fmt: skip
    for option in OPTIONS:
        if option.explain:
            explain.add_argument(option.flag, **option.keywords)
    doctor = commands.add_parser("doctor", help="what this machine offers, layer by layer")
    doctor.add_argument("--student-python", default=sys.executable, metavar="EXE")
    specs_cli.add_commands(commands)
    policy_cli.add_commands(commands)
    add_batch(commands)
    add_course(commands)
    add_review(commands)
    add_serve(commands)
    add_import(commands)
    export.add_command(commands)
    add_release(commands)
    return parser


def _watch(options: argparse.Namespace) -> int:
    from graders.watch.loop import Watch

    request = Request(options.submission, **fields(vars(options)))
    Watch(request, sys.stdout, items=options.item or ()).run()
    return PASSED


def _explain(options: argparse.Namespace) -> int:
    if options.rules:
        return _rules(options)
    grading = Grading(Request(options.submission, **fields(vars(options))))
    grading.check_items([options.item])
    grading.select(frozenset({options.item}))
    result = grading.result(options.item)
    grading.finish()
    assert result is not None
    language = grading.report.language

    def say(text: Bilingual | str) -> None:
        line = text if isinstance(text, str) else text.in_language(language)
        print(line[: len(line) - len(line.lstrip())] + clean(line))

    say(M("{item}: {status}: {message}",
          item=options.item, status=STATUS[result.status], message=result.message))  # fmt: skip
    binding = result.binding
    if binding is not None:
        if binding.cell is None:
            say(M("bound to {name}:", name=binding.name))
        else:
            place = grading.submission.place(binding.cell)
            say(M("bound to {name} ({place}):", name=binding.name, place=place))
        for part in (binding.construct, binding.forward, binding.backward):
            if part:
                say(f"    {part}")
        say(M("{n} calls, {seconds} s", n=binding.calls, seconds=f"{binding.seconds:.2f}"))
    for line in result.trace:
        say(line)
    return PASSED if result.status == "passed" else FAILED


def _rules(options: argparse.Namespace) -> int:
    from graders.searches import survey

    request = Request(options.submission, **fields(vars(options)))
    found = survey(request)
    language = language_here()
    if options.lang != "auto":
        language = "ja" if options.lang == "ja" else "en"
    for text in found.lines():
        print(text if isinstance(text, str) else clean(text.in_language(language)))
    return PASSED if found.submissions else FAILED


def _doctor(options: argparse.Namespace) -> int:
    from graders.doctor import examine

    lines = examine(options.student_python)
    while True:
        try:
            print(next(lines), flush=True)
        except StopIteration as end:
            return PASSED if end.value else FAILED


def _batch(options: argparse.Namespace) -> int:
    from graders.batch.command import run  # most commands need none of it

    return run(options)


def _release(options: argparse.Namespace) -> int:
    from graders.release.command import run  # most commands need none of it

    return run(options)


def _course(options: argparse.Namespace) -> int:
    from graders.course.command import run  # most commands need none of it

    return run(options)


def _review(options: argparse.Namespace) -> int:
    from graders.review.command import run  # most commands need none of it

    return run(options)


def _serve(options: argparse.Namespace) -> int:
    from graders.handin.command import run  # most commands need none of it

    return run(options)


def _import(options: argparse.Namespace) -> int:
    from graders.moving.command import run  # most commands need none of it

    return run(options)


def _grade(options: argparse.Namespace) -> int:
    grading = Grading(Request(options.submission, **fields(vars(options))))
    grading.check_items(options.item or ())
    if options.item:
        grading.select(frozenset(options.item))
    try:
        with progress_line(grading, sys.stderr):
            for _ in grading.events():
                pass
    finally:
        grading.finish()
    if grading.report.language == "ja" and streams.lacks_japanese():
        streams.say(
            f"scratchgrade: the output's encoding ({sys.stdout.encoding}) has no Japanese; "
            "set PYTHONIOENCODING=utf-8, or ask for --lang en"
        )
    written(summary(grading.report), sys.stdout)
    if grading.written:
        raise grading.written
    return PASSED if grading.report.passed else FAILED


def run(arguments: Sequence[str]) -> int:
    """Run the command; the exit status is 0 (all required items right), 1 or 2 (usage)."""
    closed = streams.hold_open()
    streams.take_any_text()
    status = _status_of(arguments)
    if "stdout" in closed:
        streams.say("scratchgrade: standard output is closed: what was found can't be shown")
        return USAGE
    try:
        sys.stdout.flush()
    except OSError as error:
        status = _unwritten(error)
    return status


def _status_of(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    try:
        commands = {
            "grade": _grade, "watch": _watch, "explain": _explain, "doctor": _doctor, "specs": specs_cli.run,
            "policy": policy_cli.run,
            "batch": _batch, "export": export.run, "release": _release, "review": _review,
            "serve": _serve,
            "import": _import,
            **dict.fromkeys(COURSE, _course),
        }  # fmt: skip
        return commands[options.command](options)
    except GraderError as error:
        ours = options.command in (*COURSE, *_BY_ENVIRONMENT) and _spoken(options) == "ja"
        streams.say(f"scratchgrade: {clean(error.in_language('ja' if ours else 'en'), 2000)}")
        return USAGE
    except OSError as error:
        return _unwritten(error)
    except MemoryError:
        streams.say("scratchgrade: there is not enough memory here")
        return USAGE
    except KeyboardInterrupt:
        streams.say("scratchgrade: stopped")
        return USAGE


def _spoken(options: argparse.Namespace) -> str:
    """The language of a course's commands; only pages follow the environment's by themselves."""
    asked = str(getattr(options, "lang", "auto"))
    return language_here() if asked == "auto" and options.command in _BY_ENVIRONMENT else asked


def _unwritten(error: OSError) -> int:
    """The machine refused something: said in a line, unless nobody reads any more (``| head``)."""
    if not isinstance(error, BrokenPipeError):
        what = f"{error.filename or 'standard output'}: "
        streams.say(f"scratchgrade: {clean(what + (error.strerror or str(error)), 2000)}")
    streams.give_up("stdout")
    return USAGE
