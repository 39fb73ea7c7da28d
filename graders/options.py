"""The options of a grading: one table, from which each front-end makes its own.

It is light to import: pytest loads it at every start, whatever is tested.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Option:
    """One option: its flag, the field of `Request` that it fills, and what argparse needs."""

    flag: str
    field: str
    help: str
    metavar: str | None = None
    type: type | None = None
    default: Any = None
    choices: tuple[str, ...] | None = None
    switch: bool = False  # takes no value
    explain: bool = False  # `scratchgrade explain` has it, too

    @property
    def keywords(self) -> dict[str, Any]:
        """Keyword arguments for ``add_argument`` and ``addoption``."""
        if self.switch:
            return {"help": self.help, "action": "store_true"}
        given = {
            "help": self.help, "metavar": self.metavar, "default": self.default,
            "choices": self.choices,
            # pytest-xdist hands options to its workers as plain data: a path stays a string.
            "type": None if self.type is Path else self.type,
        }  # fmt: skip
        return {name: value for name, value in given.items() if value is not None}

    @property
    def dest(self) -> str:
        """The name that both parsers keep the value under."""
        return self.flag.lstrip("-").replace("-", "_")


OPTIONS = (
    Option("--sprint", "sprint",
           "dnn, cnn1, cnn2, im2col or auto (default: found from headings and names)",
           "NAME", default="auto", explain=True),
    Option("--course", "course",
           "the course it is for, where it has a name of its own: cs231n, saito and others",
           "NAME", default="", explain=True),
    Option("--insist-sprint", "insist_sprint",
           "grade by --sprint what looks like another sprint's, too, and say nothing of it",
           switch=True),
    Option("--report", "report", "write the JSON report here", "FILE", Path),
    Option("--report-html", "report_html", "write a self-contained page here", "FILE", Path),
    Option("--report-md", "report_markdown",
           "write Markdown here, or add to what is there", "FILE", Path),
    Option("--report-gradescope", "report_gradescope",
           "write Gradescope's results.json here", "FILE", Path),
    Option("--lang", "language", "language of the messages", default="auto",
           choices=("ja", "en", "auto"), explain=True),
    Option("--feedback", "feedback",
           "how much is said: full (default), hint (no expected values) or score (points alone)",
           default="full", choices=("full", "hint", "score")),
    Option("--specs", "specs", "a folder of specs to use instead of the built-in ones",
           "DIR", Path, explain=True),
    Option("--plugin", "plugin",
           "a plugin besides the installed ones: a module's name or a .py file (several: A,B)",
           "MODULE", default="", explain=True),
    Option("--policy", "policy", "the course's policy: points, what is let pass, budgets (YAML)",
           "FILE", Path, explain=True),
    Option("--overrides", "overrides", "fixes what answers an item, and how (YAML)", "FILE", Path,
           explain=True),
    Option("--strict-interface", "strict", "only the specs' own signatures count", switch=True,
           explain=True),
    Option("--cost", "cost",
           "count what layers cost: the growth of their loops and of their memory", switch=True),
    Option("--repair", "repair",
           "try small edits of a wrong layer's code, and tell the line of one that mends it",
           switch=True),
    Option("--student-python", "student_python", "the interpreter that runs the student's code",
           "EXE", default=sys.executable, explain=True),
    Option("--budget", "budget", "seconds for the notebook's cells in all", "SECONDS", float),
    Option("--mnist", "mnist",
           "the full MNIST (a Keras mnist.npz, or a folder of IDX files) instead of the subset",
           "PATH", Path),
    Option("--seed", "seed", "seed of the random cases, to replay a report's", "N", int),
    Option("--secret-file", "secret_file",
           "the secret that seeds are made of, as text (default: the installation's)",
           "FILE", Path, explain=True),
    Option("--require-isolation", "require_isolation",
           "refuse to run student code behind weaker walls (default: kernel)",
           default="kernel", choices=("full", "uid", "kernel", "limits"), explain=True),
)  # fmt: skip


def fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a `Request` from parsed values by `dest`; what is not there is left out."""
    return dict(_fields(values))


def _fields(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for option in OPTIONS:
        if option.dest in values:
            value = values[option.dest]
            yield option.field, Path(value) if option.type is Path and value else value
