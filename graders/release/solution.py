"""The solution notebook: the reference as text, and an answer to each problem that calls it."""

from __future__ import annotations

from collections.abc import Iterator

from graders.audit.library import Library
from graders.release import words
from graders.release.answers import solved, together
from graders.release.notebook import Written, code, markdown
from graders.release.selection import Selection
from graders.release.starter import digits_cell, example_cells, heading
from graders.traits import Trait

_LOADER = '''\
import sys
import types


def module_of(name, source):
    """A module that is made of text."""
    module = sys.modules[name] = types.ModuleType(name)
    module.__path__ = []
    module.__package__ = name.partition(".")[0]
    exec(compile(source, f"<{name}>", "exec"), module.__dict__)
    return module
'''


def solution_cells(selection: Selection) -> Iterator[Written]:
    """The cells of the solution.

    Raises:
        UsageError: an item has no solution.
    """
    language = selection.language
    answers = {spec.id: solved(selection, spec) for spec in selection.items}
    title = f"# {selection.title}: {words.SOLUTION.in_language(language)}"
    yield markdown("title", title, words.SOLUTION_HOW.in_language(language))
    libraries = dict(together(list(answers.values())))
    if libraries:
        parts = [_LOADER, *(_loading(name, library) for name, library in libraries.items())]
        yield code("reference", "\n\n".join(parts))
    yield code("imports", "import numpy as np")
    digits = False
    for spec in selection.items:
        yield heading(selection, spec)
        if Trait.TRAINED in spec.traits and not digits:
            digits = True
            yield digits_cell(language)
        if not answers[spec.id].cells:
            yield markdown(f"{spec.id}-answer", words.NO_SOLUTION.in_language(language))
        for number, source in enumerate(answers[spec.id].cells, 1):
            yield code(f"{spec.id}-answer-{number}", source)
        yield from example_cells(spec, language)


def _loading(name: str, library: Library) -> str:
    """Source that makes a library of its text; its names are there under `name` then."""
    lines = [f'{name} = module_of("{name}", "")']
    for module, source in library.modules.items():
        lines.append(f'module_of("{name}.{module}", {_quoted(source)})')
        names = [n for n, m in library.exports.items() if m == module]
        if names:
            lines.append(
                f"for _name in {' '.join(names)!r}.split():\n"
                f'    setattr({name}, _name, getattr(sys.modules["{name}.{module}"], _name))'
            )
    return "\n".join(lines)


def _quoted(source: str) -> str:
    """Text as a literal that can be read, wherever there is one."""
    if "'''" in source or source.endswith(("\\", "'")):
        return repr(source)
    return f"r'''\n{source}'''"
