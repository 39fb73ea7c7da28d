"""What an item asks of students, what is checked and for how many points, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from graders.grading import checks_of
from graders.messages import Language, M, Message
from graders.specs import ItemSpec, SprintSpec

_FACETS = {
    "forward": M("the result itself"),
    "dX": M("the gradient of the input"),
    "dW": M("the gradient of the weights"),
    "dB": M("the gradient of the bias"),
    "update": M("how the weights move"),
    "shape": M("shapes and sizes"),
    "repeat": M("the same call twice gives the same"),
    "training": M("that it learns"),
    "answers": M("numbers in the text, the output or the code"),
}


def shown(sprint: SprintSpec, item: ItemSpec, language: Language) -> Iterator[str]:
    """All that a reader of the spec would want to know of an item."""
    yield f"{item.id} ({item.kind}): {item.title.in_language(language)}"
    yield f"    {item.file}"
    required = M("required") if item.required else M("optional")
    places = [f"{e.edition}: {e.problem}" for e in item.editions]
    problems = f"; {_in(M('problem'), language)} {', '.join(places)}" if places else ""
    yield f"    {sprint.title.in_language(language)}; {_in(required, language)}{problems}"
    yield ""
    yield item.asks.in_language(language)
    if item.canonical:
        yield f"    {item.canonical}"
    if item.names:
        yield f"{_in(M('Accepted names'), language)}: {'  '.join(p.pattern for p in item.names)}"
    if item.roles:
        yield f"{_in(M('Parameters may be'), language)}:"
        for role, formula in item.roles.items():
            yield f"    {role} = {formula.text}"
    if item.sizes:
        yield f"{_in(M('Sizes of random cases'), language)}:"
        yield "    " + ", ".join(_range(name, *both) for name, both in item.sizes.items())
        for name, formula in item.shapes.items():
            yield f"    {name} = {formula.text}"
    yield from _checks(item, language)


def _checks(item: ItemSpec, language: Language) -> Iterator[str]:
    if not item.facets:
        return
    yield ""
    yield f"{_in(M('Points'), language)} ({item.max_score:g}):"
    for facet, points in item.facets.items():
        meaning = _FACETS.get(facet)
        text = f": {_in(meaning, language)}" if meaning else ""
        yield f"    {points:g}  {facet}{text}"
        for id_, of in checks_of(item):
            if of == facet and id_ != facet:
                yield f"           {id_}{_source(item, id_)}"


def _source(item: ItemSpec, check: str) -> str:
    for number, pair in enumerate(item.documented, 1):
        if check.endswith(f"-documented-{number}") and pair.source:
            return f": {pair.source}"
    for answer in item.answers:
        if check == f"{answer.facet}-{answer.id}":
            return f": {answer.expected}"
    return ""


def _range(name: str, low: int, high: int) -> str:
    return f"{name} = {low}" if low == high else f"{name} = {low}..{high}"


def _in(message: Message, language: Language) -> str:
    return message.in_language(language)
