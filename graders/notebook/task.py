"""What `%problem` and `%solution` show of an item: from its spec, and its reference."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from graders.authoring.showing import points_shown
from graders.cases import resolve
from graders.errors import SpecError, UsageError
from graders.messages import Language, M
from graders.notebook.worked import array_text
from graders.release.shapes import input_shape, output_shape, shape, weight_shapes
from graders.report.fragment import Piece
from graders.specs import ItemSpec, Pair, SprintSpec
from graders.traits import Trait

_MOST_PAIRS = 4


def problem(item: ItemSpec, language: Language) -> Iterator[Piece]:
    """The text, the signature, the shapes, the documented pairs and the points."""
    yield Piece("", (item.asks.in_language(language),), item.canonical)
    shapes = "\n".join(_shapes(item))
    if shapes:
        yield Piece(M("Shapes").in_language(language), (), shapes)
    for number, pair in enumerate(item.documented[:_MOST_PAIRS], 1):
        title = M("Example {number}", number=number).in_language(language)
        yield Piece(title, (), "\n".join(_pair(pair)))
    if item.answers:
        questions = tuple(a.question.in_language(language) for a in item.answers)
        yield Piece(M("Questions").in_language(language), questions)
    if item.facets:
        points = tuple(line for _, line in points_shown(item, language))
        yield Piece(M("Points").in_language(language), points)


def solution(sprint: SprintSpec, item: ItemSpec, language: Language) -> Iterator[Piece]:
    """An answer in the signature that is asked for, and the source of what it calls; nothing where
    there is none.
    """
    answer = _answer(sprint, item, language)
    if answer:
        yield Piece(M("An answer").in_language(language), (), answer)
    source = _source(item)
    if source:
        yield Piece(M("What answers are compared with").in_language(language), (), source)


def _answer(sprint: SprintSpec, item: ItemSpec, language: Language) -> str:
    from graders.release.answers import solved  # seldom asked for, and much to load
    from graders.release.selection import Selection

    edition = item.editions[0].edition if item.editions else ""
    try:
        found = solved(Selection(sprint, (item,), edition, language), item)
    except UsageError:
        return ""
    text = "\n\n".join(found.cells)
    return text.replace(found.name, "reference") if found.name else text


def _source(item: ItemSpec) -> str:
    if not item.reference:
        return "\n".join(formula.text for formula in item.value)
    found = resolve(item.reference)
    try:
        if not inspect.isclass(found):
            return inspect.getsource(found)
        package = found.__module__.partition(".")[0]
        ours = [c for c in found.__mro__ if c.__module__.partition(".")[0] == package]
        return "\n\n".join(inspect.getsource(c) for c in reversed(ours))
    except (OSError, TypeError) as error:
        raise SpecError(f"reference {item.reference}: {error}") from error


def _shapes(item: ItemSpec) -> Iterator[str]:
    if Trait.LAYER in item.traits:
        yield f"x: {input_shape(item)}"
        yield from (f"{name}: {text}" for name, text in weight_shapes(item).items())
        yield f"forward: {output_shape(item)}"
    for name, argument in item.arguments.items():
        yield f"{name}: {shape(argument.axes)}"
    for name, formula in item.shapes.items():
        yield f"{name} = {formula.text}"
    if item.value:
        yield ", ".join(item.sizes)


def _pair(pair: Pair) -> Iterator[str]:
    for name, array in pair.given.items():
        yield f"{name} = {array_text(array)}"
    if pair.upstream is not None:
        yield f"dA = {array_text(pair.upstream)}"
    for facet, array in pair.expected.items():
        yield f"{facet} -> {array_text(array)}"
