"""Of several candidates the one that answers: each is judged in turn, until one is right that no other can outdo."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from graders.binding.candidates import name_rank
from graders.binding.choice import Contender
from graders.binding.definitions import Definition
from graders.judging.context import Context
from graders.judging.results import ItemResult, noted
from graders.judging.turns import in_turn
from graders.specs import ItemSpec


def contended(
    context: Context,
    spec: ItemSpec,
    candidates: Sequence[Definition],
    judge: Callable[[Definition], ItemResult | None],
) -> ItemResult | None:
    """The verdict on the one that answers, see `binding.choice`; None if no candidate could be called.

    Raises:
        OutOfBudget: see `judging.turns.in_turn`.
    """
    choice = context.choice(spec)
    found: list[Contender[ItemResult]] = []
    most = float(spec.max_score)
    turns = in_turn(
        context.session,
        candidates,
        judge,
        lambda result: result is not None and result.score == most,
    )
    for definition, result, left in turns:
        if result is None:
            continue
        named = name_rank(spec, definition.name) is not None
        found.append(Contender(definition, result.score, most, result, result.score > 0, named))
        if found[-1].full and choice.settled(definition, left):
            break
    answer = choice.answer(found)
    return noted(answer.contender.found, context.told(answer)) if answer is not None else None
