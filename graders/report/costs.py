"""What was counted of an answer, as plain data of the report."""

from __future__ import annotations

from typing import Any

from graders.costs.model import Growth, ItemCost, Loop
from graders.costs.rewrites import word_of
from graders.messages import Language, Message, clean
from graders.specs import ItemSpec

_MOST = 20  # loops that are listed
_MOST_FUNCTIONS = 60


def cost_data(cost: ItemCost, spec: ItemSpec, language: Language) -> dict[str, Any]:
    """One item's cost, as `specs/report.schema.json` describes it."""
    often = sorted(cost.functions.items(), key=lambda entry: (-entry[1], entry[0]))

    def word(axis: str) -> str:
        said = word_of(spec, axis)
        return said.in_language(language) if isinstance(said, Message) else said

    def growth(one: Growth) -> dict[str, Any]:
        told = {
            "axis": one.axis, "name": word(one.axis), "order": one.order, "sizes": list(one.sizes),
            "values": list(one.values),
        }  # fmt: skip
        return {**told, "reference": list(one.reference)} if one.reference else told

    def loop(one: Loop) -> dict[str, Any]:
        return {
            "place": one.place.in_language(language), "cell": one.cell, "line": one.line,
            "text": clean(one.text, 120), "orders": dict(one.orders), "runs": one.runs,
            "function": one.called,
        }  # fmt: skip

    return {
        "work": [growth(g) for g in cost.work],
        "memory": [growth(g) for g in cost.memory],
        "not_grown": list(cost.unseen),
        "loops": [loop(one) for one in cost.loops[:_MOST]],
        "functions": {clean(name, 120): n for name, n in often[:_MOST_FUNCTIONS]},
        "bytes_per_byte": cost.bytes_per_byte,
        "rewrite": cost.rewrite.in_language(language) if cost.rewrite is not None else "",
    }
