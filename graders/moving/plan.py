"""What of a course is moved: students, due dates, submissions, and what people gave and said, as decisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from graders.batch.discover import slug
from graders.batch.outputs.gradebook import number
from graders.course.marking import MOST_TEXT
from graders.errors import UsageError
from graders.ledger.late import LateRule
from graders.ledger.model import Decision, Who
from graders.messages import M, Message, clean
from graders.moving.nbgrader import Assignment, Course, Manual, Student
from graders.specs import SprintSpec
from graders.spelling import near
from graders.times import shown

_NAMED = 8
_WHERE_FROM = "nbgrader"


@dataclass(frozen=True)
class Item:
    """An item that a cell's points are for. `most`: 0 where only people give points."""

    sprint: str
    id: str
    most: float


@dataclass
class Moved:
    """One assignment as it will be: a class of its own."""

    assignment: Assignment
    folder: str  # its name
    decisions: list[Decision] = field(default_factory=list)
    marks: int = 0  # decisions on points of items
    told: int = 0  # points of cells that no item stands for: they are kept as comments
    comments: int = 0
    unnamed: set[str] = field(default_factory=set)  # those cells
    named: dict[str, str] = field(default_factory=dict)  # cells by what item they stand for


def items_for(
    course: Course, mapped: Sequence[str], sprints: Mapping[str, SprintSpec], sprint: str
) -> dict[str, Item]:
    """The item that each cell stands for, by the cell's name: what `mapped` says (``CELL=ITEM``), and cells
    that are named as an item.

    Raises:
        UsageError: there is no such cell or item.
    """
    offered: dict[str, Item] = {}
    twice: set[str] = set()
    for name, spec in sprints.items():
        for item in spec.items if sprint in ("auto", name) else ():
            twice |= {item.id} & offered.keys()
            offered[item.id] = Item(name, item.id, item.max_score)
    cells = {one.cell for a in course.assignments for one in a.manual}
    found = {cell: offered[cell] for cell in cells if cell in offered and cell not in twice}
    for given in mapped:
        cell, _, item_id = (part.strip() for part in given.partition("="))
        if cell not in cells:
            raise UsageError(
                M("--map {given}: nobody gave points to a cell {cell} or said anything about it{near}",
                  given=given, cell=cell, near=near(cell, sorted(cells)))
            )  # fmt: skip
        if item_id not in offered:
            raise UsageError(
                M("--map {given}: there is no item {item}{near}; say its sprint with --sprint", given=given,
                  item=item_id, near=near(item_id, sorted(offered)))
            )  # fmt: skip
        if item_id in twice:
            raise UsageError(
                M("--map {given}: several sprints have an item {item}; say which with --sprint",
                  given=given, item=item_id)
            )  # fmt: skip
        found[cell] = offered[item_id]
    return found


def planned(course: Course, items: Mapping[str, Item], by: str) -> list[Moved]:
    """The classes that come of a course, each with its decisions."""
    found, taken = [], set[str]()
    for assignment in course.assignments:
        if not assignment.submissions:
            continue
        folder = slug(assignment.name)
        while folder.casefold() in taken:
            folder += "-2"
        taken.add(folder.casefold())
        moved = Moved(assignment, folder)
        moved.decisions += _dates(course, assignment, by)
        moved.decisions += _worths(assignment, items, by)
        for student in sorted({one.student for one in assignment.manual}):
            who = _who(course.students.get(student, Student(student)))
            _decide(moved, who, [m for m in assignment.manual if m.student == student], items, by)
        found.append(moved)
    return found


def _who(student: Student) -> Who:
    return Who(slug(student.id), student.id, student.email)


def _dates(course: Course, assignment: Assignment, by: str) -> Iterator[Decision]:
    """When it is due. What being late costs was nbgrader's code, and is laid down anew."""
    if assignment.due is None:
        return
    rule = LateRule(assignment.due, "UTC")
    yield Decision(0, "", by, Who(""), "", "", "late", None, _WHERE_FROM, terms=rule.terms)
    for student, until in sorted(assignment.extensions.items()):
        who = _who(course.students.get(student, Student(student)))
        terms = until.isoformat(timespec="seconds")
        yield Decision(0, "", by, who, "", "", "extension", None, _WHERE_FROM, terms=terms)


def _worths(assignment: Assignment, items: Mapping[str, Item], by: str) -> Iterator[Decision]:
    """What items without points by their spec are worth: what their cells were."""
    cells = {
        (one.notebook, one.cell): one.most for one in assignment.manual if one.points is not None
    }
    worth: dict[str, float] = {}
    for (_, cell), most in cells.items():
        if cell in items and not items[cell].most:
            worth[cell] = worth.get(cell, 0.0) + most
    by_item: dict[tuple[str, str], float] = {}
    for cell, most in worth.items():
        key = items[cell].sprint, items[cell].id
        by_item[key] = by_item.get(key, 0.0) + most
    for (sprint, item), most in by_item.items():
        yield Decision(0, "", by, Who(""), sprint, item, "worth", most, _WHERE_FROM)


def _decide(
    moved: Moved, who: Who, manual: Sequence[Manual], items: Mapping[str, Item], by: str
) -> None:
    """What people gave and said to one student: on items where cells stand for some, else on the whole."""
    given: dict[Item, list[Manual]] = {}
    for one in manual:
        item = items.get(one.cell)
        if item is not None and one.points is not None:
            given.setdefault(item, []).append(one)
            moved.named[one.cell] = item.id
            continue
        place = f"{one.notebook}/{one.cell}"
        if one.points is not None:
            text = f"{place}: {number(one.points)} / {number(one.most)}"
            moved.told += 1
            moved.unnamed.add(one.cell)
        else:
            text = one.comment if item is not None else f"{place}: {one.comment}"
            moved.comments += 1
        sprint, id_ = (item.sprint, item.id) if item is not None else ("", "")
        moved.decisions.append(
            Decision(
                0, "", by, who, sprint, id_, "comment", None, _WHERE_FROM, clean(text, MOST_TEXT)
            )
        )
    for item, cells in given.items():
        points, most = sum(c.points or 0.0 for c in cells), sum(c.most for c in cells)
        # Points of an item with some of its own are a share of them.
        scaled = points * item.most / most if item.most and most else points
        scaled = round(min(max(scaled, 0.0), item.most or most), 4)
        of = ", ".join(
            f"{c.notebook}/{c.cell}: {number(c.points or 0.0)} / {number(c.most)}" for c in cells
        )
        moved.decisions.append(
            Decision(0, "", by, who, item.sprint, item.id, "points", scaled,
                     clean(f"{_WHERE_FROM}: {of}", MOST_TEXT))
        )  # fmt: skip
        moved.marks += 1


def said(course: Course, moved: Sequence[Moved]) -> Iterator[Message]:
    """What would be moved, in sentences."""
    yield M("{students} students, {assignments} assignments", students=len(course.students),
            assignments=len(moved))  # fmt: skip
    for one in moved:
        a = one.assignment
        handed = {s.student for s in a.submissions}
        yield M("{name}: {due}; {n} submissions, {timed} of them with a time; {absent} handed in nothing",
                name=a.name, due=_due(a), n=len(a.submissions),
                timed=sum(bool(s.submitted) for s in a.submissions),
                absent=len(course.students.keys() - handed))  # fmt: skip
        if a.extensions:
            yield M("  dates of their own: {who}", who=_named(sorted(a.extensions)))
        if one.marks or one.told or one.comments:
            yield M("  by people: {marks} marks of items, {told} points of cells that no item stands for "
                    "(kept as comments; --map CELL=ITEM makes marks of them), {comments} comments",
                    marks=one.marks, told=one.told, comments=one.comments)  # fmt: skip
        if one.named:
            pairs = [f"{cell} -> {item}" for cell, item in sorted(one.named.items())]
            yield M("  cells and their items: {cells}", cells=_named(pairs))
        if one.unnamed:
            yield M("  cells without an item: {cells}", cells=_named(sorted(one.unnamed)))
        if a.lost:
            yield M("  in the gradebook, but their files are not there: {who}", who=_named(a.lost))
    empty = [a.name for a in course.assignments if not a.submissions]
    if empty:
        yield M("left out, nothing was handed in: {names}", names=_named(empty))
    yield from course.notes


def _due(assignment: Assignment) -> Message:
    if assignment.due is None:
        return M("no due date")
    return M("due {due}", due=shown(assignment.due))


def _named(names: Sequence[str]) -> str:
    more = f", ... ({len(names)})" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
