"""What an audit finds out about the specs: plain data, and when it is good enough."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graders.audit.mutation import Mutant

MIN_WRAPPED = 3
MIN_SCORE = 0.95


@dataclass(frozen=True)
class Verdict:
    """What the grader said of one answer."""

    status: str
    broken: frozenset[str] = frozenset()  # the facets that are not right
    message: str = ""
    fault: bool = False  # the grader itself failed
    earned: frozenset[str] = frozenset()  # the facets that have their points

    @property
    def passed(self) -> bool:
        """True if every facet is right."""
        return self.status == "passed"


@dataclass(frozen=True)
class Wrapped:
    """A right answer, and what was said of it."""

    interface: str
    verdict: Verdict


@dataclass(frozen=True)
class Mistaken:
    """A known mistake in one interface, what it should break and what was said of it.

    `unshown` says why the interface leaves no room for the mistake; empty where it does. `idle`: it
    computes nothing, and must not earn anything. `at_least`: what else breaks with these facets is
    for the layer to say.
    """

    misconception: str
    interface: str
    breaks: frozenset[str]
    verdict: Verdict
    unshown: str = ""
    idle: bool = False
    at_least: bool = False

    @property
    def right(self) -> bool:
        """True if exactly the facets that it breaks fail, and none where it can't be made."""
        if self.idle:
            return not self.verdict.fault and not self.verdict.earned
        breaks: frozenset[str] = frozenset() if self.unshown else self.breaks
        broken = self.verdict.broken
        as_said = broken >= breaks if self.at_least and not self.unshown else broken == breaks
        return not self.verdict.fault and as_said


@dataclass(frozen=True)
class Survivor:
    """A mutant that passes. `why` is empty where nobody has explained it."""

    mutant: Mutant
    why: str = ""
    equivalent: bool = False


@dataclass
class ItemAudit:
    """All that was found out about one item's spec."""

    item: str
    sprint: str
    wrapped: list[Wrapped] = field(default_factory=list)
    mistaken: list[Mistaken] = field(default_factory=list)
    mutants: int = 0  # that were run
    survivors: list[Survivor] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    skipped: str = ""  # why it was not audited
    seconds: float = 0.0

    @property
    def equivalent(self) -> int:
        """Mutants that nothing can tell from the reference."""
        return sum(s.equivalent for s in self.survivors)

    @property
    def killed(self) -> int:
        """Mutants that do not pass."""
        return self.mutants - len(self.survivors)

    @property
    def score(self) -> float:
        """The share of the mutants that could be killed and were; 1 where there are none."""
        able = self.mutants - self.equivalent
        return self.killed / able if able else 1.0

    def failures(self) -> list[str]:
        """What keeps the spec from being good enough, one line each."""
        if self.skipped:
            return list(self.problems)
        found = list(self.problems)
        for one in self.wrapped:
            if not one.verdict.passed:
                found.append(f"right, but not passed: {one.interface}: {one.verdict.message}")
        if len(self.wrapped) < MIN_WRAPPED:
            found.append(f"only {len(self.wrapped)} interfaces; at least {MIN_WRAPPED} are needed")
        for wrong in self.mistaken:
            if not wrong.right and wrong.idle:
                earned = ", ".join(sorted(wrong.verdict.earned)) or wrong.verdict.message
                found.append(f"{wrong.misconception}, but it earns {earned} ({wrong.interface})")
            elif not wrong.right:
                actual = ", ".join(sorted(wrong.verdict.broken)) or "nothing"
                should = "nothing" if wrong.unshown else ", ".join(sorted(wrong.breaks))
                found.append(
                    f"{wrong.misconception} should break {should}, "
                    f"but breaks {actual} ({wrong.interface}: {wrong.verdict.message})"
                )
        shown = {m.misconception for m in self.mistaken if not m.unshown}
        for name in sorted({m.misconception for m in self.mistaken} - shown):
            found.append(f"{name} shows in none of the interfaces")
        if self.score < MIN_SCORE:
            found.append(f"mutation score {self.score:.1%}, at least {MIN_SCORE:.0%} is needed")
        unexplained = [s for s in self.survivors if not s.why]
        if unexplained:
            found.append(f"{len(unexplained)} surviving mutants that nobody has explained")
        return found

    def as_dict(self) -> dict[str, Any]:
        """For the JSON file."""
        return {
            "item": self.item,
            "sprint": self.sprint,
            "skipped": self.skipped,
            "wrapped": [
                {"interface": w.interface, "status": w.verdict.status, "message": w.verdict.message}
                for w in self.wrapped
            ],
            "misconceptions": [
                {
                    "id": m.misconception,
                    "interface": m.interface,
                    "breaks": sorted(m.breaks),
                    "broken": sorted(m.verdict.broken),
                    "right": m.right,
                    "unshown": m.unshown,
                }
                for m in self.mistaken
            ],
            "mutants": self.mutants,
            "killed": self.killed,
            "equivalent": self.equivalent,
            "score": round(self.score, 4),
            "survivors": [
                {
                    "mutant": s.mutant.name,
                    "operator": s.mutant.operator,
                    "diff": s.mutant.diff(),
                    "why": s.why,
                    "equivalent": s.equivalent,
                }
                for s in self.survivors
            ],
            "failures": self.failures(),
            "seconds": round(self.seconds, 2),
        }
