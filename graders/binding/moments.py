"""In which state of the notebook's globals a definition is called: its section's end, or the end."""

from __future__ import annotations

from collections.abc import Iterator

from graders.binding.definitions import Callable_, Definition, names_in
from graders.binding.lexicon import lexicon
from graders.sandbox.session import Session


def moments(session: Session, definition: Definition) -> Iterator[int | None]:
    """The states to call it in, likeliest first: a cell's index, None for the notebook's end."""
    end = section_end(session, definition)
    later: set[str] = set()
    for index, run in session.runs.items():
        if index > end:
            later |= run.names
    if names_in(definition.tree) & later:
        yield end
    yield None


def rate_globals(session: Session, definition: Definition) -> tuple[str, ...]:
    """Names of the notebook's globals that the definition reads as its learning rate."""
    bound: set[str] = set()
    for run in session.runs.values():
        bound |= run.names
    local: set[str] = set()
    targets: list[Callable_] = [*definition.methods.values()]
    if definition.function is not None:
        targets.append(definition.function)
    for target in targets:
        local |= {p.name for p in target.parameters}
    names = (names_in(definition.tree) & bound) - local
    return tuple(sorted(n for n in names if lexicon().is_a(n, "lr")))


def section_end(session: Session, definition: Definition) -> int:
    """The last cell of the section in which the definition stands; of a module among others that of its
    file, since what other files bind is none of its names.
    """
    end = definition.cell
    first = next((c.first for c in session.submission.cells if c.index == end), 0)
    for cell in session.submission.cells:
        if cell.index > end:
            if cell.first != first:
                break
            if cell.section is not definition.section and cell.section != definition.section:
                break
            end = cell.index
    return end
