"""The marks that count, computed from what was graded and what people decided.

The last decision about an item's points stands, whatever is graded afterwards; where nobody decided,
the grading does, but no less than a floor that belongs to the same files. A decision that was taken back
is as if it had not been made. What was found by a rubric counts by the rubric as it is now; where
all criteria that were met are gone from it, nobody has given points. What is taken off for being late is taken off the sum.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from graders.ledger.late import Lateness, LateRule
from graders.ledger.model import GIVING, Decision, Graded, ItemMark, Marks, Who
from graders.ledger.rubric import Criterion, Judged, Rubric


class Marking:
    """All decisions of a class, ready to be asked. `whos`: who is in the class."""

    def __init__(self, decisions: Iterable[Decision], whos: Iterable[Who] = ()) -> None:
        self.last = 0  # the number of the last of them
        self._worths: dict[tuple[str, str], Decision] = {}
        self._rubrics: dict[tuple[str, str], tuple[int, Rubric]] = {}
        self._of: dict[str, list[Decision]] = {}
        self._rules: list[tuple[str, LateRule | None]] = []
        everything = list(decisions)
        self._undone = {one.takes_back for one in everything if one.kind == "undo"}
        for one in everything:
            self.last = max(self.last, one.number)
            if one.kind == "worth":
                self._worths[one.sprint, one.item] = one
            elif one.kind == "rubric":
                self._rubrics[one.sprint, one.item] = (one.number, Rubric.of(one.terms))
            elif one.kind == "late":
                self._rules.append((one.sprint, LateRule.of(one.terms)))
            else:
                for name in _names(one.who):
                    self._of.setdefault(name, []).append(one)
        often = Counter(name for who in whos for name in set(_names(who)) - {f"id {who.id}"})
        self._shared = {name for name, count in often.items() if count > 1}

    def about(self, who: Who) -> list[Decision]:
        """The decisions about a student, in their order."""
        found = {
            one.number: one
            for name in _names(who)
            for one in self._of.get(name, ())
            if one.who.is_same(who) and (name not in self._shared or one.who.id == who.id)
        }
        return [found[number] for number in sorted(found)]

    def standing(self, who: Who) -> list[Decision]:
        """The decisions about a student that nobody took back, in their order."""
        return [d for d in self.about(who) if d.kind != "undo" and d.number not in self._undone]

    def given(self, who: Who) -> str:
        """The sprint in which a person gave a student points last, those taken back left out; "" if none."""
        last = {(d.sprint, d.item): d for d in self.standing(who) if d.kind in {*GIVING, "back"}}
        points = [one for one in last.values() if one.kind in GIVING and not self._is_void(one)]
        return max(points, key=lambda one: one.number).sprint if points else ""

    def _is_void(self, one: Decision) -> bool:
        """True of criteria that are all gone from their rubric: nobody has given points by them any more."""
        if one.kind != "criteria":
            return False
        judged, rubric = Judged.of(one.terms), self.rubric(one.sprint, one.item) or Rubric()
        return bool(judged.met) and not rubric.chosen(judged.ids) and not judged.adjusted

    def comments(self, who: Who) -> tuple[Decision, ...]:
        """What was said about a student's work as a whole."""
        return tuple(one for one in self.standing(who) if one.comment and not one.item)

    def worth(self, sprint: str, item: str) -> float | None:
        """What a person says that an item is worth; None where nobody does."""
        decision = self._worths.get((sprint, item))
        return None if decision is None else decision.points

    def rubric(self, sprint: str, item: str) -> Rubric | None:
        """By which rubric a person grades an item; None where nobody made one."""
        return self._rubrics.get((sprint, item), (0, None))[1]

    def rubric_number(self, sprint: str, item: str) -> int:
        """The number of the decision that laid an item's rubric down; 0 where none did."""
        return self._rubrics.get((sprint, item), (0, None))[0]

    def rule(self, sprint: str) -> LateRule | None:
        """When the work of a sprint is due: what was laid down last for it or for all; None if it is not."""
        return next((rule for name, rule in reversed(self._rules) if name in ("", sprint)), None)

    def extension(self, who: Who, sprint: str) -> Decision | None:
        """What gives a student a date of their own, if anything does."""
        found = [
            d for d in self.standing(who) if d.kind == "extension" and d.sprint in ("", sprint)
        ]
        return found[-1] if found and found[-1].terms else None

    def lateness(self, who: Who, sprint: str, handed_in: str) -> Lateness | None:
        """Whether something is late, handed in at that time (`times.kept`); None where nothing is due."""
        rule = self.rule(sprint)
        if rule is None:
            return None
        own = self.extension(who, sprint)
        return rule.lateness(handed_in, own.terms if own is not None else "")

    def marks(
        self, who: Who, sprint: str, graded: Sequence[Graded] | None, most: float, score: float,
        files: str, handed_in: str = "",
    ) -> Marks:  # fmt: skip
        """The marks of a submission. `graded`: None where nothing could be graded; `most`, `score`: as
        they were graded; `handed_in`: when (`times.kept`).
        """
        by_item: dict[str, list[Decision]] = {}
        for one in self.standing(who):
            if one.sprint in ("", sprint):  # another sprint's item may have the same name
                by_item.setdefault(one.item, []).append(one)
        marks: dict[str, ItemMark] = {}
        for item in graded or ():
            mark = self._mark(item, sprint, by_item.get(item.id, ()), files)
            marks[item.id] = mark
            if mark.counts:
                # What was graded is summed up in `score` already: only what differs is added.
                score += mark.points - (item.points if item.required and item.most else 0.0)
                most += mark.most - (item.most if item.required else 0.0)
        return Marks(marks, round(score, 9), most, graded is not None, self.comments(who),
                     self.lateness(who, sprint, handed_in))  # fmt: skip

    def _mark(
        self, item: Graded, sprint: str, decisions: Sequence[Decision], files: str
    ) -> ItemMark:
        worth = self.worth(sprint, item.id)
        given = worth is not None and not item.most
        most = float(worth or 0.0) if given else item.most
        by = floor = None
        for one in decisions:
            if one.kind in GIVING or one.kind == "back":
                by = one if one.kind in GIVING else None
            elif one.kind == "floor" and one.files == files:
                floor = one
        points = item.points if item.most else 0.0
        if by is not None and self._is_void(by):
            by = None
        rubric, judged = self.rubric(sprint, item.id), Judged()
        met: tuple[Criterion, ...] = ()
        if by is not None and by.kind == "criteria":
            judged = Judged.of(by.terms)
            met = (rubric or Rubric()).chosen(judged.ids)
            points = (rubric or Rubric()).points(met, judged.adjusted, most)
        elif by is not None and by.points is not None:
            points = by.points
        elif floor is not None and floor.points is not None:
            points = max(points, floor.points)
        outdated = by is not None and bool(by.files and files) and by.files != files
        comments = tuple(d for d in decisions if d.comment)
        counts = bool(most) and (item.required or given)
        return ItemMark(item, points, most, counts, by, floor, comments, outdated, rubric, met,
                        judged.adjusted)  # fmt: skip


def _names(who: Who) -> list[str]:
    """Under which names a student's decisions are looked for."""
    found = [f"id {who.id}"]
    found += [f"number {who.number.casefold()}"] if who.number else []
    return found + ([f"email {who.email.casefold()}"] if who.email else [])


def told(marks: Marks) -> Mapping[str, object]:
    """The marks as a report has them, plain data."""
    return {
        "score": marks.score,
        "max_score": marks.max_score,
        "items": [
            {
                "id": name,
                "points": mark.points,
                "max_points": mark.most,
                "graded": mark.graded.points,
                "decided": mark.changed,
                "by": mark.by.by if mark.by else "",
                "at": mark.by.at if mark.by else "",
                "reason": mark.by.reason if mark.by else "",
                "outdated": mark.outdated,
                "comments": [_comment(one) for one in mark.comments],
                **_judged(mark),
            }
            for name, mark in marks.items.items()
            if mark.changed or mark.comments or mark.most != mark.graded.most
        ],
        "comments": [_comment(one) for one in marks.comments],
        **({"late": marks.late} if marks.late is not None else {}),
    }


def _judged(mark: ItemMark) -> dict[str, object]:
    """Which criteria are met and what each changes the points by; nothing where no rubric was applied."""
    if mark.by is None or mark.by.kind != "criteria":
        return {}
    rubric = mark.rubric or Rubric()
    met = [{**one.told(), "points": rubric.effect(one)} for one in mark.met]
    return {"criteria": met, "adjusted": mark.adjusted}


def _comment(one: Decision) -> dict[str, str]:
    return {"text": one.comment, "by": one.by, "at": one.at}
