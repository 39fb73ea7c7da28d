"""``scratchgrade release``: what an instructor hands out, proved before it is written."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from graders.binding.lexicon import read_lexicon, use_lexicon
from graders.errors import UsageError
from graders.grading import Request, sprints_for
from graders.messages import Language
from graders.release.instructor import instructor_cells
from graders.release.notebook import notebook
from graders.release.proof import Proof, Settings, prove
from graders.release.selection import Selection, select
from graders.release.solution import solution_cells
from graders.release.starter import starter_cells
from graders.report.report import replace_file
from graders.specs import SprintSpec, sprint_named

DONE = 0


def run(options: argparse.Namespace) -> int:
    """Write the three notebooks, once they are proved.

    Raises:
        GraderError: what was asked for can't be handed out, or is not proved; one line says why.
    """
    language: Language = options.lang
    request = Request(
        Path(), options.sprint or "auto", options.course, specs=options.specs,
        plugin=options.plugin, language=language, require_isolation=options.require_isolation,
        seed=0,
    )  # fmt: skip
    sprint = _sprint(request, options.edition)
    use_lexicon(read_lexicon(Path(sprint.items[0].file).parent.parent))
    asked = [name.strip() for name in options.items.split(",") if name.strip()]
    selection = select(sprint, asked, options.edition, language)
    texts = notebooks(selection)
    named = request if sprint.course else replace(request, sprint=sprint.id)
    _tell(f"proving {len(selection.items)} items ...")
    settings = Settings(named, training=not options.no_training)
    proof = prove(selection, texts["starter"], texts["solution"], settings)
    for file in _write(options.out, sprint.id, texts):
        print(f"wrote {file}")
    for line in _told(proof):
        print(line)
    return DONE


def notebooks(selection: Selection) -> dict[str, str]:
    """The texts of the three notebooks, by what they are.

    Raises:
        UsageError: an item has no solution.
    """
    return {
        "starter": notebook(list(starter_cells(selection))),
        "solution": notebook(list(solution_cells(selection))),
        "instructor": notebook(list(instructor_cells(selection))),
    }


def _sprint(request: Request, edition: str) -> SprintSpec:
    """The sprint that is asked for; that of a course which is one."""
    sprints = sprints_for(request, edition=edition)
    if request.sprint != "auto":
        return sprints[sprint_named(request.sprint, sprints, edition)]
    if len(sprints) == 1:
        return next(iter(sprints.values()))
    raise UsageError(f"--sprint: say which of {', '.join(sprints)}")


def _write(folder: Path, name: str, texts: dict[str, str]) -> Sequence[Path]:
    """Each file whole or not at all, one after the other; what they are.

    Raises:
        UsageError: they can't be written.
    """
    files = {
        folder / (f"{name}.ipynb" if what == "starter" else f"{name}_{what}.ipynb"): text
        for what, text in texts.items()
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in files.items():
            replace_file(file, text)
    except OSError as error:
        raise UsageError(f"--out {folder}: can't be written: {error.strerror or error}") from error
    return list(files)


def _told(proof: Proof) -> Sequence[str]:
    lines = [
        f"proved by grading both: the starter earns {proof.starter:g} of {proof.most:g} points "
        f'("Nothing is written there yet", item by item), the solution {proof.solution:g}'
    ]
    if proof.not_trained:
        lines.append(f"not proved, as it has to be trained: {', '.join(proof.not_trained)}")
    if proof.by_a_person:
        lines.append(f"read by a person: {', '.join(proof.by_a_person)}")
    return lines


def _tell(text: str) -> None:
    if sys.stderr.isatty():
        print(text, file=sys.stderr)
