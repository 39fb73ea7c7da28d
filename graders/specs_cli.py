"""``scratchgrade specs``: what authors of specs need."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from graders.authoring.checking import problems
from graders.authoring.showing import shown
from graders.authoring.templates import copy_schemas, write_new
from graders.errors import UsageError
from graders.extension import use_plugins
from graders.grading import Grading, Request
from graders.messages import clean
from graders.specs import (
    BUILTIN,
    ItemSpec,
    SprintSpec,
    course_files,
    everything,
    load_course,
    load_sprints,
)
from graders.specs.loading import load_sprint
from graders.spelling import nearest

PASSED, FAILED = 0, 1
_Actions: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_commands(commands: _Actions) -> None:
    """Add ``specs`` and its sub-commands; `run` of the parsed options does the work."""
    specs = commands.add_parser(
        "specs", help="for authors of specs: list, check, show, new, try, audit, schemas"
    )
    actions = specs.add_subparsers(dest="action", required=True)
    _add_list(actions)
    _add_check(actions)
    _add_show(actions)
    _add_new(actions)
    _add_schemas(actions)
    _add_try(actions)
    _add_audit(actions)
    for command in actions.choices.values():
        command.add_argument(
            "--plugin", default="", metavar="MODULE",
            help="a plugin besides the installed ones: a module's name or a .py file",
        )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """The exit status: 0 where everything is right, 1 where something is not.

    Raises:
        GraderError: what was asked for can't be done; one line says why.
    """
    use_plugins(options.plugin)
    action: Callable[[argparse.Namespace], int] = options.run
    return action(options)


# -- list --------------------------------------------------------------------------------------


def _add_list(actions: _Actions) -> None:
    listed = actions.add_parser("list", help="the sprints and the courses, with their items")
    listed.add_argument("--specs", type=Path, metavar="DIR")
    listed.add_argument("--lang", default="en", choices=["ja", "en"])
    listed.set_defaults(run=_list)


def _list(options: argparse.Namespace) -> int:
    sprints = load_sprints(options.specs)
    courses = {n: load_course(n, sprints, options.specs) for n in course_files(options.specs)}
    whole = {name: offered[name] for name, offered in courses.items() if name in offered}
    for option, named in (("--sprint", sprints), ("--course", whole)):
        for name, sprint in named.items():
            title = sprint.title.ja if options.lang == "ja" else sprint.title.en
            print(f"{option} {name}: {title}")
            print(f"    {' '.join(item.id for item in sprint.items)}")
    for name, offered in courses.items():
        if name not in offered:
            print(f"--course {name}: one of the sprints {', '.join(offered)}")
    return PASSED


# -- check -------------------------------------------------------------------------------------


def _add_check(actions: _Actions) -> None:
    check = actions.add_parser(
        "check", help="keys, formulas, roles, documented pairs against the reference, languages"
    )
    check.add_argument(
        "path", nargs="?", type=Path, default=BUILTIN, metavar="PATH",
        help="a folder of specs, one sprint's folder or one file (default: the built-in specs)",
    )  # fmt: skip
    check.set_defaults(run=_check)


def _check(options: argparse.Namespace) -> int:
    path = options.path
    file = path.resolve() if path.is_file() else None
    folder = path.parent if file else path
    if (folder / "sprint.yaml").is_file():
        sprint = load_sprint(folder)
        sprints = {sprint.id: sprint}
    else:
        sprints = load_sprints(folder)
    if file is not None and file.name != "sprint.yaml":
        (sprint,) = sprints.values()
        items = tuple(i for i in sprint.items if Path(i.file).resolve() == file)
        sprints = {sprint.id: replace(sprint, items=items)}
    elif file is None and not (folder / "sprint.yaml").is_file():
        sprints = everything(folder)
    wrong = list(problems(sprints))
    for error in wrong:
        print(error)
    if not wrong:
        count = sum(len(s.items) for s in sprints.values())
        pairs = sum(len(i.documented) for s in sprints.values() for i in s.items)
        print(
            f"{_counted(count, 'item')} and {_counted(pairs, 'documented pair')}: "
            f"nothing is wrong with {'it' if count == 1 else 'them'}"
        )
    return FAILED if wrong else PASSED


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


# -- show, new, schemas, try ----------------------------------------------------------------------------


def _add_show(actions: _Actions) -> None:
    show = actions.add_parser("show", help="what students are asked, what is checked, points")
    show.add_argument("item", metavar="ITEM")
    show.add_argument("--specs", type=Path, metavar="DIR")
    show.add_argument("--lang", default="en", choices=["ja", "en"])
    show.set_defaults(run=_show)


def _show(options: argparse.Namespace) -> int:
    for line in shown(*_item(options), options.lang):
        print(line)
    return PASSED


def _item(options: argparse.Namespace) -> tuple[SprintSpec, ItemSpec]:
    found = {i.id: (s, i) for s in everything(options.specs).values() for i in s.items}
    if options.item not in found:
        raise UsageError(f"{options.item}: unknown item{nearest(options.item, found)}")
    return found[options.item]


def _add_new(actions: _Actions) -> None:
    new = actions.add_parser("new", help="a commented template, valid from the first line")
    new.add_argument("item", metavar="ITEM", help="the new item's id, such as my_layer")
    new.add_argument(
        "--kind",
        required=True,
        metavar="KIND",
        help="layer, function, procedure, answers, ...; a wrong one is answered with all of them",
    )
    new.add_argument("--sprint", default="own", metavar="ID", help="default: own")
    new.add_argument(
        "--specs", type=Path, default=Path("specs"), metavar="DIR",
        help="the folder of specs to write to (default: specs)",
    )  # fmt: skip
    new.set_defaults(run=_new)


def _new(options: argparse.Namespace) -> int:
    for file in write_new(options.item, options.kind, options.sprint, options.specs):
        print(f"wrote {file}")
    return PASSED


def _add_schemas(actions: _Actions) -> None:
    schemas = actions.add_parser("schemas", help="write the JSON schemas for editors to a folder")
    schemas.add_argument(
        "folder", nargs="?", type=Path, default=Path("specs"), metavar="DIR",
        help="where (default: specs); specs new names them there",
    )  # fmt: skip
    schemas.set_defaults(run=_schemas)


def _schemas(options: argparse.Namespace) -> int:
    for file in copy_schemas(options.folder):
        print(f"wrote {file}")
    return PASSED


def _add_try(actions: _Actions) -> None:
    attempt = actions.add_parser("try", help="one item on one submission, every check shown")
    attempt.add_argument("item", metavar="ITEM")
    attempt.add_argument("--submission", type=Path, required=True, metavar="PATH")
    attempt.add_argument("--specs", type=Path, metavar="DIR")
    attempt.add_argument("--lang", default="en", choices=["ja", "en"])
    attempt.set_defaults(run=_try)


def _try(options: argparse.Namespace) -> int:
    sprint, item = _item(options)
    of = ("auto", sprint.id) if sprint.course else (sprint.id, "")
    grading = Grading(Request(options.submission, *of, specs=options.specs, plugin=options.plugin))
    grading.select(frozenset({item.id}))
    try:
        result = grading.result(item.id)
    finally:
        grading.finish()
    assert result is not None
    print(f"{item.id}: {result.status}, {result.score:g} of {item.max_score:g} points")
    if result.binding is not None:
        cell = result.binding.cell
        place = "" if cell is None else f" ({grading.submission.place(cell)})"
        print(f"bound to {clean(result.binding.name)}{place}")
        for part in (
            result.binding.construct, result.binding.forward, result.binding.backward,
            *(n.in_language(options.lang) for n in result.binding.notes),
        ):  # fmt: skip
            if part:
                print(f"    {clean(part)}")
    if not result.checks:
        print(clean(result.message.in_language(options.lang)))
    for check in result.checks:
        print(f"{check.status:7}  {check.id}: {clean(check.message.in_language(options.lang))}")
    return PASSED if result.status == "passed" else FAILED


# -- audit -------------------------------------------------------------------------------------


def _add_audit(actions: _Actions) -> None:
    audit = actions.add_parser(
        "audit",
        help="how strong the specs are: right answers, known mistakes, mutants of the reference",
    )
    audit.add_argument("items", nargs="*", metavar="ITEM", help="only these items (default: all)")
    audit.add_argument(
        "--specs", type=Path, metavar="DIR",
        help="default: the folder that has ITEM, of an installed package, too; else the built-in one",
    )  # fmt: skip
    audit.add_argument("--json", type=Path, metavar="FILE", help="write all of it here, too")
    audit.add_argument("--fast", action="store_true", help="only a sample of the mutants")
    audit.add_argument("--explain", action="store_true", help="also list equivalent mutants")
    audit.add_argument(
        "--workers", type=int, default=min(4, os.cpu_count() or 1), metavar="N", help="processes"
    )
    audit.add_argument("--seed", type=int, default=20, metavar="N")
    audit.set_defaults(run=_audit)


def _folder_of(items: Sequence[str]) -> Path:
    """The folder of specs that has all of the items; the built-in one if none has."""
    if not items:
        return BUILTIN
    known = {i.id: Path(i.file).parent.parent for s in load_sprints().values() for i in s.items}
    folders = {known.get(item, BUILTIN) for item in items}
    return folders.pop() if len(folders) == 1 else BUILTIN


def _audit(options: argparse.Namespace) -> int:
    from graders.audit import table  # grading starts without it
    from graders.audit.audit import Settings, run_audit

    if options.workers < 1:
        raise UsageError(f"--workers {options.workers}: must be 1 or more")
    if options.seed < 0:
        raise UsageError(f"--seed {options.seed}: must be 0 or more")
    settings = Settings(
        options.specs or _folder_of(options.items),
        tuple(options.items),
        options.workers,
        options.fast,
        options.seed,
        options.plugin,
    )
    watched = sys.stderr.isatty()

    def tell(text: str) -> None:
        if watched:
            print(text, file=sys.stderr)

    audits = run_audit(settings, tell)
    for line in table.lines(audits, options.explain):
        print(line)
    if options.json:
        table.write_json(audits, options.json)
    return FAILED if any(a.failures() for a in audits) else PASSED
