"""What is there and did not come to be: a class whose cell doesn't compile, or whose definition raises.

"Missing" is said where nothing of the item is there. Of anything else it is said what it is, where it
stands, and what kept it from being looked at.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from graders.binding.candidates import broken_candidate, forward_of, home_of, name_rank
from graders.binding.definitions import Broken, Definition, on_framework, statements_in
from graders.checks import model
from graders.checks.listed import facet_checks
from graders.checks.model import CheckResult
from graders.diagnosis.exceptions import name_of
from graders.judging.results import Binding, ItemResult
from graders.messages import M, Message
from graders.misconceptions import Diagnosis
from graders.sandbox.exceptions import in_words, line_of
from graders.sandbox.session import CellError, CellRun, Session
from graders.specs import ItemSpec
from graders.submission.parsing import compiled
from graders.traits import Trait

_STOPPED = {
    "timeout": M("its cell did not finish in time"),
    "died": M("its cell ended the program"),
    "skipped": M("its cell was not run: the cells before it took too long"),
}


def hindered(
    spec: ItemSpec,
    items: Sequence[ItemSpec],
    session: Session,
    broken: list[Broken],
    definitions: Sequence[Definition],
    all_definitions: Sequence[Definition],
) -> ItemResult | None:
    """The verdict on an item whose answer is in the text and not in the program; None if there is none.

    Args:
        items: all of the sprint, for a name may fit another one better.
        broken: what stands in cells that don't compile.
        definitions: what came to be.
        all_definitions: what the cells that compile define, whether it came to be or not.
    """
    uncompiled = broken_candidate(spec, _meant(spec, items, broken), definitions)
    if uncompiled is not None:
        return _uncompiled(spec, session, uncompiled)
    made = set(definitions)
    unmade = [d for d in all_definitions if d not in made and _answers(spec, items, d)]
    best = min((r for d in definitions if (r := name_rank(spec, d.name)) is not None), default=None)
    for definition in reversed(unmade):
        rank = name_rank(spec, definition.name)
        if best is None or (rank is not None and rank <= best):
            return _unmade(spec, session, definition)
    return None


def _answers(spec: ItemSpec, items: Sequence[ItemSpec], definition: Definition) -> bool:
    """True if the definition was meant for the item, as far as its name tells."""
    own = frozenset([definition.name])
    if name_rank(spec, definition.name) is None or on_framework(definition, own):
        return False
    if Trait.LAYER in spec.traits and (
        definition.kind != "class" or forward_of(definition) is None
    ):
        return False
    if spec.ability and not (spec.keywords and spec.keywords.search(definition.source)):
        return False
    alike = [i for i in items if i.kind == spec.kind and not i.ability]
    return home_of(definition, alike, spec.id) in (spec.id, spec.base)


def _meant(spec: ItemSpec, items: Sequence[ItemSpec], broken: list[Broken]) -> list[Broken]:
    """Of what does not compile, that which no other item's name fits better; a function only where
    functions answer. Layers are told by more than their names.
    """
    if Trait.LAYER in spec.traits:
        return broken
    found = []
    for entry in broken:
        ranks = [(r, i.id != spec.id) for i in items if (r := name_rank(i, entry.name)) is not None]
        if entry.kind == "function" and Trait.FUNCTION not in spec.traits:
            continue
        if ranks and not min(ranks)[1]:
            found.append(entry)
    return found


def _uncompiled(spec: ItemSpec, session: Session, broken: Broken) -> ItemResult:
    run = session.runs.get(broken.cell)
    error = run.error if run is not None else None
    text = M(
        "{name} would answer this, but it does not compile ({place}): {reason}.",
        name=broken.name,
        place=session.submission.place(broken.cell, line_of(error) if error is not None else None),
        reason=in_words(error) if error is not None else "SyntaxError",
    )
    return _told(spec, text, broken.name, broken.cell, CellError("SyntaxError", str(error)))


def _unmade(spec: ItemSpec, session: Session, definition: Definition) -> ItemResult:
    run = session.runs.get(definition.cell)
    place = session.submission.place(definition.cell)
    error = next(_raised(session, definition, run), None) if run is not None else None
    if error is not None:
        text: Message = M(
            "{name} would answer this, but defining it raises {error} ({place}: {text}).",
            name=definition.name,
            error=in_words(error),
            place=error.place or place,
            text=error.text,
        )
        return _told(spec, text, definition.name, definition.cell, error)
    stopped = _STOPPED.get(run.status) if run is not None else _STOPPED["skipped"]
    text = M(
        "{name} is there ({place}) and would answer this, but it was never defined: {reason}.",
        name=definition.name,
        place=place,
        reason=stopped or M("the program does not come to it"),
    )
    return _told(spec, text, definition.name, definition.cell, None)


def _raised(session: Session, definition: Definition, run: CellRun) -> Iterator[CellError]:
    """What stopped the cell, or its definitions, inside the text of this one."""
    lines = _lines_of(session, definition)
    for error in (run.error, run.defining):
        if error is not None and error.line in lines:
            yield error


def _lines_of(session: Session, definition: Definition) -> range:
    """The lines of its cell in which the last definition of that name stands."""
    tree = compiled(session.submission.cell(definition.cell))
    name = definition.name.split(".")[0]
    nodes = [
        n for n in statements_in(tree.body if tree is not None else [])
        if isinstance(n, ast.ClassDef | ast.FunctionDef) and n.name == name
    ]  # fmt: skip
    if not nodes:
        return range(0)
    first = min([nodes[-1].lineno, *(d.lineno for d in nodes[-1].decorator_list)])
    return range(first, (nodes[-1].end_lineno or first) + 1)


def _told(
    spec: ItemSpec, text: Message, name: str, cell: int, error: CellError | None
) -> ItemResult:
    checks = tuple(CheckResult(i, f, model.ERROR, text) for i, f in facet_checks(spec))
    return ItemResult(spec, "error", text, checks, Binding(name, cell), of_error(error, spec))


def of_error(
    error: CellError | None, spec: ItemSpec, session: Session | None = None
) -> tuple[Diagnosis, ...]:
    """What an exception says about all facets at once."""
    name = name_of(error, session)
    return () if name is None else tuple(Diagnosis(f, (name,)) for f in spec.facets)
