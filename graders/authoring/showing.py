"""What an item asks of students, what is checked and for how many points, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from graders.diagnosis import misconceptions_of
from graders.grading import checks_of
from graders.messages import Bilingual, Language
from graders.plugins import plugins
from graders.specs import ItemSpec, SprintSpec, Text

_FACETS = {
    "forward": Text("the result itself", "計算結果そのもの"),
    "dX": Text("the gradient of the input", "入力の勾配"),
    "dW": Text("the gradient of the weights", "重みの勾配"),
    "dB": Text("the gradient of the bias", "バイアスの勾配"),
    "update": Text("how the weights move", "重みの更新"),
    "shape": Text("shapes and sizes", "形状とサイズ"),
    "repeat": Text(
        "the same call twice gives the same", "同じ呼び出しを2回しても同じ結果になること"
    ),
    "training": Text("that it learns", "学習できること"),
    "answers": Text("numbers in the text, the output or the code", "文章・出力・コードの中の数値"),
}
_PROBLEM = Text("problem", "問題")
NAMES = Text("Accepted names", "受け付ける名前")
_ROLES = Text("Parameters may be", "引数の意味")
_SIZES = Text("Sizes of random cases", "ランダムなテストのサイズ")
_POINTS = Text("Points", "配点")
_MISTAKES = Text(
    "Mistakes with a name (a policy can accept them)", "名前のある間違い（ポリシーで許容できる）"
)


def shown(sprint: SprintSpec, item: ItemSpec, language: Language) -> Iterator[str]:
    """All that a reader of the spec would want to know of an item."""
    yield f"{item.id} ({item.kind}): {item.title.in_language(language)}"
    yield f"    {item.file}"
    required = Text("required", "必須") if item.required else Text("optional", "任意")
    places = [f"{e.edition}: {e.problem}" for e in item.editions]
    problems = f"; {_PROBLEM.in_language(language)} {', '.join(places)}" if places else ""
    yield f"    {sprint.title.in_language(language)}; {required.in_language(language)}{problems}"
    yield ""
    yield item.asks.in_language(language)
    if item.canonical:
        yield f"    {item.canonical}"
    if item.names:
        yield f"{NAMES.in_language(language)}: {'  '.join(p.pattern for p in item.names)}"
    if item.roles:
        yield f"{_ROLES.in_language(language)}:"
        for role, formula in item.roles.items():
            yield f"    {role} = {formula.text}"
    if item.sizes:
        yield f"{_SIZES.in_language(language)}:"
        yield "    " + ", ".join(_range(name, *both) for name, both in item.sizes.items())
        for name, formula in item.shapes.items():
            yield f"    {name} = {formula.text}"
    checks = list(checks_shown(item, language))
    yield from ["", *checks] if checks else ()
    mistakes = misconceptions_of(item)
    if mistakes:
        yield ""
        yield f"{_MISTAKES.in_language(language)}:"
        for mistake in mistakes:
            yield f"    {mistake.id}: {mistake.title.in_language(language)}"


def checks_shown(item: ItemSpec, language: Language) -> Iterator[str]:
    """The facets of an item with their points and checks; nothing for one that has none."""
    if not item.facets:
        return
    yield f"{_POINTS.in_language(language)} ({item.max_score:g}):"
    for facet, line in points_shown(item, language):
        yield f"    {line}"
        for id_, of in checks_of(item):
            if of == facet and id_ != facet:
                yield f"           {id_}{_source(item, id_)}"


def points_shown(item: ItemSpec, language: Language) -> Iterator[tuple[str, str]]:
    """Each facet of an item, and its points and meaning in a line."""
    for facet, points in item.facets.items():
        meaning = _meaning_of(item, facet)
        text = f": {meaning.in_language(language)}" if meaning else ""
        yield facet, f"{points:g}  {facet}{text}"


def _meaning_of(item: ItemSpec, facet: str) -> Bilingual | None:
    """What a facet is about; None if its name says all that there is to say."""
    own = plugins().kinds.get(item.kind)
    if own:
        return own.facets.get(facet)
    weight = item.weight_of(facet)
    if facet in _FACETS or weight is None:
        return _FACETS.get(facet)
    return Text(f"the gradient of {weight}", f"{weight}の勾配")


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
