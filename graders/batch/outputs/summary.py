"""A class in numbers, from one pass over its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import fmean, median

from graders.batch.store import Store
from graders.messages import Language
from graders.specs import SprintSpec

BINS = 10
_DONE = ("passed", "partial", "failed", "missing", "error")


@dataclass
class ItemCount:
    """How an item went: statuses counted over the submissions of its sprint."""

    id: str
    title: str
    required: bool
    statuses: Counter[str] = field(default_factory=Counter)
    unsaid: int = 0  # left to a person, or waiting for another item, though it counts

    @property
    def judged(self) -> int:
        """Submissions of which it was judged."""
        return sum(self.statuses[s] for s in _DONE) + self.unsaid

    @property
    def passed(self) -> int:
        """Those that passed it."""
        return self.statuses["passed"]


@dataclass
class Summary:
    """A whole class. `mistakes`: title (in its language) and number of submissions, most first."""

    language: Language
    total: int = 0
    graded: int = 0
    sprints: list[str] = field(default_factory=list)
    items: list[ItemCount] = field(default_factory=list)
    mistakes: list[tuple[str, int]] = field(default_factory=list)
    bins: list[int] = field(default_factory=lambda: [0] * BINS)
    mean: float = 0.0
    median: float = 0.0
    most: float = 0.0

    @property
    def by_all(self) -> list[ItemCount]:
        """Items that everybody passed."""
        return [i for i in self.items if i.judged and i.passed == i.judged]

    @property
    def by_nobody(self) -> list[ItemCount]:
        """Items that nobody passed."""
        return [i for i in self.items if i.judged and not i.passed]


def summarised(store: Store, sprints: Mapping[str, SprintSpec], language: str) -> Summary:
    """Count a class. `language`: ``ja``, ``en`` or ``auto``, which follows most reports."""
    languages: Counter[str] = Counter()
    statuses: dict[str, Counter[str]] = {}
    unsaid: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    mistakes: Counter[str] = Counter()
    titles: dict[str, dict[str, str]] = {}
    shares: list[float] = []
    found = Summary("ja" if language == "ja" else "en")
    for row in store.rows():
        found.total += 1
        if row.status != "graded":
            continue
        languages[row.summary["language"]] += 1
        seen[row.sprint] += 1
        shares.append(row.share)
        found.most = max(found.most, row.max_score)
        found.bins[min(int(row.share * BINS), BINS - 1)] += 1
        for item, status, _, most in row.summary["items"]:
            statuses.setdefault(item, Counter())[status] += 1
            unsaid[item] += bool(most) and status not in _DONE
        mistakes.update(row.summary["mistakes"].keys())
        titles.update(row.summary["mistakes"])
    if language == "auto" and languages["ja"] > languages["en"]:
        found.language = "ja"
    found.graded = len(shares)
    if shares:
        found.mean, found.median = fmean(shares), median(shares)
    found.sprints = [name for name in sprints if seen[name]]
    for name in found.sprints:
        for spec in sprints[name].items:
            title = spec.title.in_language(found.language)
            counts = statuses.get(spec.id, Counter())
            found.items.append(ItemCount(spec.id, title, spec.required, counts, unsaid[spec.id]))
    ranked = sorted(mistakes.items(), key=lambda m: (-m[1], m[0]))
    found.mistakes = [(titles[id_][found.language], n) for id_, n in ranked]
    return found
