"""What a person decides, looked at before it is kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from graders.batch.store import Row, Store
from graders.errors import UsageError
from graders.ledger.model import Decision, Graded, Kind, Who
from graders.messages import M, Message, clean
from graders.spelling import near

MOST_TEXT = 4_000  # characters of a reason or a comment
_MOST_POINTS = 1_000_000
_PEOPLES: tuple[Kind, ...] = ("points", "criteria", "back", "comment", "extension")


@dataclass(frozen=True)
class Wish:
    """What is to be decided about an item, or about the whole (`item` ""). `back`: to the grader's."""

    item: str = ""
    points: float | None = None
    back: bool = False
    reason: str = ""
    comment: str = ""


def decision(store: Store, row: Row, wish: Wish, by: str) -> Decision:
    """The decision that a wish about a student's work comes to; not kept yet.

    Raises:
        UsageError: it can't be decided, and why.
    """
    reason, comment = text_of(wish.reason, "--reason"), text_of(wish.comment, "--comment")
    sprint, known = items_of(store, row, wish.item)
    if not wish.item:
        if wish.points is not None or wish.back:
            raise UsageError(M("say which item the points are for: {items}", items=_list(known)))
        if not comment:
            raise UsageError(M("say what to decide: --points, --back or --comment"))
        return made(row, by, sprint, "", "comment", None, reason, comment)
    if wish.item not in known:
        raise UsageError(no_such_item(row, wish.item, list(known)))
    if wish.back:
        return made(row, by, sprint, wish.item, "back", None, reason, comment)
    if wish.points is None:
        if not comment:
            raise UsageError(M("say what to decide: --points, --back or --comment"))
        return made(row, by, sprint, wish.item, "comment", None, reason, comment)
    graded = known[wish.item]
    worth = store.marking().worth(sprint, wish.item)
    _check_points(wish.item, wish.points, graded.most or worth or 0.0)
    if not reason and graded.status != "manual":
        raise UsageError(
            M("{item} was graded ({points} points): say with --reason why its mark changes",
              item=wish.item, points=f"{graded.points:g}")
        )  # fmt: skip
    return made(row, by, sprint, wish.item, "points", wish.points, reason, comment)


def undo(store: Store, row: Row, item: str, by: str, number: int = 0) -> Decision:
    """The decision that takes back the last one about an item (or the whole, ""); not kept yet.

    `number`: which one is meant; 0 for whichever is the last.

    Raises:
        UsageError: there is none, or it is not the last one any more.
    """
    about = [d for d in store.marking().standing(row.who) if d.item == item and d.kind in _PEOPLES]
    if not about:
        raise UsageError(
            M("{student}: there is no decision about {item} that could be taken back",
              student=row.id, item=item or "-")
        )  # fmt: skip
    last = about[-1]
    if number not in (0, last.number):
        raise UsageError(
            M("#{n} is not the last decision about it (any more): #{last} is", n=number,
              last=last.number)
        )  # fmt: skip
    return replace(made(row, by, last.sprint, item, "undo", None, "", ""), takes_back=last.number)


def worth(store: Store, item: str, points: float, by: str, reason: str = "") -> list[Decision]:
    """The decisions that give an item without points of its own some for the whole class.

    Raises:
        UsageError: there is no such item, or its points are laid down elsewhere.
    """
    sprints = sorted({row.sprint for row in store.rows() if row.status == "graded"})
    found: list[str] = []
    names: set[str] = set()
    for sprint in sprints:
        like = store.like(sprint)
        known = {} if like is None else {graded.id: graded for graded in like.graded}
        names |= known.keys()
        if item in known and known[item].most:
            raise UsageError(
                M("{item} is worth {points} points by its spec; a policy changes them "
                  "(scratchgrade policy new)", item=item, points=f"{known[item].most:g}")
            )  # fmt: skip
        if item in known:
            found.append(sprint)
    if not found:
        raise UsageError(
            M("no sprint of this class has an item {item}{near}", item=item,
              near=near(item, sorted(names)))
        )  # fmt: skip
    if not math.isfinite(points) or not 0 <= points <= _MOST_POINTS:
        raise UsageError(M("{points}: no number of points", points=f"{points:g}"))
    said = text_of(reason, "--reason")
    return [Decision(0, "", by, Who(""), s, item, "worth", points, said) for s in found]


def no_such_item(row: Row, item: str, known: Sequence[str]) -> Message:
    """That a student's sprint has no such item, and what may have been meant."""
    return M(
        "{student} was graded in {sprint}, which has no item {item}{near}", student=row.id,
        sprint=row.sprint or "-", item=item, near=near(item, known),
    )  # fmt: skip


def _check_points(item: str, points: float, most: float) -> None:
    if not math.isfinite(points) or points < 0:
        raise UsageError(M("{points}: no number of points", points=f"{points:g}"))
    if not most:
        raise UsageError(
            M("{item} has no points by its spec; say once for the class what it is worth, for "
              "example --worth {item}=5", item=item)
        )  # fmt: skip
    if points > most:
        raise UsageError(
            M("{points} points are more than the {most} that {item} is worth", points=f"{points:g}",
              most=f"{most:g}", item=item)
        )  # fmt: skip


def items_of(store: Store, row: Row, item: str) -> tuple[str, dict[str, Graded]]:
    """The sprint of a student's work and its items. Where nothing could be graded, it is the class's
    sprint that has the item.
    """
    if row.status == "graded" or row.marks.items:
        return row.sprint, {name: mark.graded for name, mark in row.marks.items.items()}
    likes = [store.like(s) for s in sorted({r.sprint for r in store.rows() if r.sprint})]
    known = {like.sprint: {g.id: g for g in like.graded} for like in likes if like is not None}
    if not item:
        return "", {}
    having = [sprint for sprint, items in known.items() if item in items]
    if len(having) == 1:
        return having[0], known[having[0]]
    if len(known) == 1:
        return next(iter(known.items()))
    if not known:
        raise UsageError(
            M("{student} has no grading ({reason}), nor has anybody here: what {item} is worth is "
              "not known", student=row.id, reason=row.reason, item=item)
        )  # fmt: skip
    raise UsageError(
        M("{student} has no grading ({reason}), and {item} is an item of {n} sprints of this class; "
          "grade what was handed in with --sprint first", student=row.id, reason=row.reason,
          item=item, n=len(having))
    )  # fmt: skip


def made(
    row: Row, by: str, sprint: str, item: str, kind: Kind, points: float | None, reason: str,
    comment: str,
) -> Decision:  # fmt: skip
    """A decision about a student's work as it lies there now."""
    return Decision(
        0, "", by, row.who, sprint, item, kind, points, reason, comment, row.files, row.key
    )


def text_of(text: str, option: str) -> str:
    """A reason or a comment as it is kept.

    Raises:
        UsageError: it is too long.
    """
    if len(text) > MOST_TEXT:
        raise UsageError(
            M("{option}: {n} characters; at most {most} are kept", option=option, n=len(text),
              most=MOST_TEXT)
        )  # fmt: skip
    return clean(text, MOST_TEXT)


def _list(names: Sequence[str] | dict[str, Graded]) -> str:
    return ", ".join(names)
