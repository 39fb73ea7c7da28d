"""What is handed out: items of a sprint in the order of one edition, in one language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graders.errors import UsageError
from graders.messages import Language
from graders.release import words
from graders.specs import ItemSpec, SprintSpec
from graders.specs.signatures import signature_of
from graders.spelling import nearest
from graders.traits import Trait

_OTHERS = Trait.TRAINED | Trait.WRITTEN | Trait.PERSON  # they have a form besides a signature


@dataclass(frozen=True)
class Selection:
    """The items, each after those that have a smaller problem number in the edition."""

    sprint: SprintSpec
    items: tuple[ItemSpec, ...]
    edition: str  # "" where the sprint has none
    language: Language

    @property
    def title(self) -> str:
        """The sprint's title, with what the edition calls it."""
        title = self.sprint.title.in_language(self.language)
        named = self.sprint.editions.get(self.edition, "")
        return f"{named}: {title}" if named else title

    @property
    def builds_on_others(self) -> bool:
        """True where something is trained of which this sprint has not all the parts."""
        return any(Trait.TRAINED in i.traits for i in self.items) and not any(
            Trait.UPDATING in i.traits or i.meanings for i in self.sprint.items
        )

    def problem(self, spec: ItemSpec) -> int | None:
        """The item's first problem number in the edition; None if it has none."""
        numbers = [e.problem for e in spec.editions if e.edition == self.edition]
        return min(numbers, default=None)

    def heading(self, spec: ItemSpec) -> str:
        """The item's heading, with its number if it has one."""
        title = spec.title.in_language(self.language)
        number = self.problem(spec)
        if number is not None:
            text = words.PROBLEM.in_language(self.language)
            title = text.replace("{number}", str(number)).replace("{title}", title)
        if spec.required:
            return title
        return f"{title}{words.OPTIONAL.in_language(self.language)}"

    def extended(self, spec: ItemSpec) -> str | None:
        """The class that an item about an ability extends; None for any other item."""
        if not spec.ability:
            return None
        signature = signature_of(self.sprint.item(spec.base))
        return signature.name if signature is not None else spec.base

    def written(self, spec: ItemSpec) -> Iterator[str]:
        """The signature, a line a call."""
        signature = signature_of(spec)
        if signature is None:
            return
        for call in signature.calls:
            gives = f" -> {call.gives}" if call.gives else ""
            yield f"{call.head()}{gives}"
        if signature.kept:
            yield f"# {', '.join(signature.kept)}"


def select(sprint: SprintSpec, asked: Sequence[str], edition: str, language: Language) -> Selection:
    """The items that are asked for (none: all of the sprint), if they can be handed out.

    Raises:
        UsageError: no such item or edition; an item's kind has no template; an item needs another.
    """
    known = [item.id for item in sprint.items]
    for name in asked:
        if name not in known:
            raise UsageError(f"--items {name}: not in {sprint.id}{nearest(name, known)}")
    items = [item for item in sprint.items if not asked or item.id in asked]
    editions = list(dict.fromkeys([*sprint.editions, *_editions(sprint)]))
    if edition and edition not in editions:
        there = ", ".join(editions) if editions else "none"
        raise UsageError(f"--edition {edition}: {sprint.id} has the editions: {there}")
    chosen = edition or next(iter(editions), "")
    selection = Selection(sprint, (), chosen, language)
    for item in items:
        _check(item, [i.id for i in items])
    return Selection(sprint, tuple(_in_order(selection, items)), chosen, language)


def _editions(sprint: SprintSpec) -> Iterator[str]:
    for item in sprint.items:
        yield from (e.edition for e in item.editions)


def _check(spec: ItemSpec, selected: Sequence[str]) -> None:
    if spec.ability and spec.base not in selected:
        raise UsageError(
            f"{spec.id}: it extends {spec.base}; hand out both: --items {spec.base},{spec.id}"
        )
    if spec.traits & _OTHERS or spec.ability or signature_of(spec) is not None:
        return
    raise UsageError(
        f"{spec.id}: there is no template for the kind {spec.kind!r}; give its spec a canonical "
        "signature, or handout.template"
    )


def _in_order(selection: Selection, items: Sequence[ItemSpec]) -> list[ItemSpec]:
    """By problem number; an item without one stays behind the one that it follows."""
    places: dict[str, int] = {}
    last = 0
    for item in items:
        number = selection.problem(item)
        last = last if number is None else number
        places[item.id] = last
    return sorted(items, key=lambda item: places[item.id])
