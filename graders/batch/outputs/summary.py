"""A class in numbers, from one pass over its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import fmean, median

from graders.batch.store import Row
from graders.messages import Language, M, Message
from graders.specs import SprintSpec

BINS = 10
_DONE = ("passed", "partial", "failed", "missing", "error")


@dataclass
class ItemCount:
    """How an item went: statuses counted over the submissions of its sprint."""

    id: str
    sprint: str
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
    most: dict[str, float] = field(default_factory=dict)  # by sprint: what can be had
    students: dict[str, int] = field(default_factory=dict)  # by sprint
    waiting: int = 0  # submissions that wait for a person
    put_aside: list[str] = field(default_factory=list)  # tables that somebody had edited
    outdated: list[str] = field(default_factory=list)  # marked by a person, then handed in again
    untimed: list[str] = field(
        default_factory=list
    )  # never late: nobody knows when it was handed in

    @property
    def mixed(self) -> bool:
        """True if the class is of several sprints: each has tables of its own."""
        return len(self.sprints) > 1

    def items_of(self, sprint: str) -> list[ItemCount]:
        """The items of one sprint; of all, each once, if it is ""."""
        return list({i.id: i for i in self.items if sprint in ("", i.sprint)}.values())

    @property
    def by_all(self) -> list[ItemCount]:
        """Items that everybody passed."""
        return [i for i in self.items if i.judged and i.passed == i.judged]

    @property
    def by_nobody(self) -> list[ItemCount]:
        """Items that nobody passed."""
        return [i for i in self.items if i.judged and not i.passed]


def summarised(rows: Iterable[Row], sprints: Mapping[str, SprintSpec], language: str) -> Summary:
    """Count a class. `language`: ``ja``, ``en`` or ``auto``, which follows most reports."""
    languages: Counter[str] = Counter()
    statuses: dict[tuple[str, str], Counter[str]] = {}
    unsaid: Counter[tuple[str, str]] = Counter()
    seen: Counter[str] = Counter()
    mistakes: Counter[str] = Counter()
    titles: dict[str, dict[str, str]] = {}
    shares: list[float] = []
    found = Summary("ja" if language == "ja" else "en")
    for row in rows:
        found.total += 1
        found.waiting += bool(row.marks.waiting)
        found.outdated += [row.id] if row.marks.outdated else []
        found.untimed += [row.id] if row.untimed else []
        if row.marks.known and row.sprint:
            found.most[row.sprint] = max(found.most.get(row.sprint, 0.0), row.marks.max_score)
        if row.status != "graded":
            continue
        languages[row.summary["language"]] += 1
        seen[row.sprint] += 1
        shares.append(row.share)
        found.bins[max(0, min(int(row.share * BINS), BINS - 1))] += 1
        for item, status, _, most in row.summary["items"]:
            statuses.setdefault((row.sprint, item), Counter())[status] += 1
            unsaid[row.sprint, item] += bool(most) and status not in _DONE
        mistakes.update(row.summary["mistakes"].keys())
        titles.update(row.summary["mistakes"])
    if language == "auto" and languages["ja"] > languages["en"]:
        found.language = "ja"
    found.graded = len(shares)
    if shares:
        found.mean, found.median = fmean(shares), median(shares)
    found.sprints = [name for name in sprints if seen[name]]
    found.students = {name: seen[name] for name in found.sprints}
    for name in found.sprints:
        for spec in sprints[name].items:
            title = spec.title.in_language(found.language)
            counts, left = statuses.get((name, spec.id), Counter()), unsaid[name, spec.id]
            found.items.append(ItemCount(spec.id, name, title, spec.required, counts, left))
    ranked = sorted(mistakes.items(), key=lambda m: (-m[1], m[0]))
    found.mistakes = [(titles[id_][found.language], n) for id_, n in ranked]
    return found


def sprints_told(whole: Summary) -> Message:
    """That a class is of several sprints, and what became of it."""
    return M(
        "submissions of several sprints ({sprints}): each sprint has tables of its own",
        sprints=", ".join(f"{name}: {n}" for name, n in whole.students.items()),
    )
