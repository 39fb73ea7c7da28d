"""Comments to choose from: what the grader diagnosed in this problem, and what people wrote about it before."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from graders.batch.store import Row, Store
from graders.ledger.model import Decision
from graders.messages import M, clean

_READ = 60  # reports of a class that are read for it: what is common shows in them
_MOST = 9  # there are no more digits to choose by
_OWN = 3


@dataclass(frozen=True)
class Entry:
    """A comment of the bank. `own`: about this very work; `often`: how many have it, as far as was read."""

    text: str
    own: bool
    often: int


class Bank:
    """The comments of a class's problems. Reports are read once for each grading of the class."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._said: dict[tuple[str, str, str], tuple[int, Counter[str]]] = {}

    def entries(
        self, row: Row, report: dict[str, Any], item: str, rows: Sequence[Row],
        decisions: Iterable[Decision],
    ) -> list[Entry]:  # fmt: skip
        """What can be said about a student's work on an item, in the language of their page."""
        language = str(report["language"])
        own = Counter(_diagnoses(report, item))
        people = Counter(
            d.comment for d in decisions
            if d.comment and d.item == item and d.sprint == row.sprint and d.who.id != row.id
        )  # fmt: skip
        common = self._common(row.sprint, item, language, rows)
        texts = [text for text, _ in own.most_common(_OWN)]
        ranked = (people + common).most_common()
        texts += [text for text, _ in ranked if text not in own][: _MOST - len(texts)]
        return [Entry(t, t in own, common[t] + people[t]) for t in texts]

    def _common(self, sprint: str, item: str, language: str, rows: Sequence[Row]) -> Counter[str]:
        """The diagnoses of those whose work on it is not right."""
        wrong = [
            r for r in rows
            if r.status == "graded" and r.summary.get("language") == language
            and (mark := r.marks.items.get(item)) is not None
            and mark.graded.status in ("partial", "failed", "error")
        ][:_READ]  # fmt: skip
        state = hash(tuple((r.id, r.key) for r in wrong))
        known = self._said.get((sprint, item, language))
        if known is None or known[0] != state:
            found: Counter[str] = Counter()
            for one in wrong:
                found.update(set(_diagnoses(json.loads(self._store.report(one.id)), item)))
            known = self._said[sprint, item, language] = (state, found)
        return known[1]


def _diagnoses(report: dict[str, Any], item: str) -> list[str]:
    """What the report of a submission says of an item's mistakes, as comments."""
    found = next((one for one in report["items"] if one["id"] == item), None)
    mistakes = found["misconceptions"] if found is not None else ()
    said = (M("{title}. {hint}", title=m["title"], hint=m["hint"]) for m in mistakes)
    return list(dict.fromkeys(clean(one, 800) for one in said))
