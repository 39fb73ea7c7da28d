"""What is said of a repair: the line and the kind of slip, or the line before and after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from graders.edits.model import Edit, Repair
from graders.edits.places import NEXT_LINE
from graders.messages import M, Message, clean
from graders.repair.search import Proved
from graders.specs import ItemSpec
from graders.submission import Submission

_MOST = 2  # lines between which nothing decides: with more of them it is a guess
_LONGEST = 110


def repairs_of(submission: Submission, spec: ItemSpec, proved: Sequence[Proved]) -> list[Repair]:
    """What may be told of what was proved: for each wrong facet the edits that explain the most.

    An edit that makes forward, dX and dW right explains more than one that makes up for it in dW alone.
    Where two lines explain as much, either may be the one: both are told as a choice.
    """
    chosen: dict[tuple[Edit, ...], list[str]] = defaultdict(list)
    order = list(spec.facets)
    for facet in order:
        edits = _best(facet, proved)
        if edits:
            chosen[edits].append(facet)
    return [_repair(submission, edits, tuple(facets)) for edits, facets in chosen.items()]


def _best(facet: str, proved: Sequence[Proved]) -> tuple[Edit, ...]:
    able = [p for p in proved if facet in p.facets]
    most = max((len(p.facets) for p in able), default=0)
    by_line: dict[tuple[int, tuple[int, ...]], Edit] = {}
    for one in able:
        if len(one.facets) == most:  # of one line the first: the likeliest kind comes first
            by_line.setdefault((one.edit.function.cell, one.edit.lines), one.edit)
    return tuple(by_line.values()) if 0 < len(by_line) <= _MOST else ()


def _repair(submission: Submission, edits: tuple[Edit, ...], facets: tuple[str, ...]) -> Repair:
    shown = ", ".join(facets)
    said = [(_sentence(submission, e, shown), _hint(submission, e, shown)) for e in edits]
    if len(said) == 1:
        return Repair(facets, edits, *said[0])
    (one, one_hint), (other, other_hint) = said
    return Repair(
        facets,
        edits,
        M("Either: {one} Or: {other}", one=one, other=other),
        M("Either: {one} Or: {other}", one=one_hint, other=other_hint),
    )


def _place(submission: Submission, edit: Edit) -> Message:
    place = submission.place(edit.function.cell, edit.line)
    if not edit.also:
        return place
    return M(
        "{place} and line {line}",
        place=place,
        line=submission.line(edit.function.cell, edit.also[0]),
    )


def _sentence(submission: Submission, edit: Edit, facets: str) -> Message:
    before, after = (clean(text, _LONGEST) for text in edit.before_and_after())
    if edit.kind.id == "fresh":
        return M(
            "{place}: this grows from call to call. With `{new}` put in at the beginning of {name} these come out right (tried): {facets}.",
            place=_place(submission, edit), new=after.partition(NEXT_LINE)[0], name=edit.function.node.name, facets=facets,
        )  # fmt: skip
    if edit.kind.id == "indentation":
        fewer = edit.exchanges[0].end - edit.exchanges[0].start - len(edit.exchanges[0].new)
        return M(
            "{place}: with `{line}` set in by {n} blanks fewer these come out right (tried): {facets}.",
            place=_place(submission, edit), line=before, n=fewer, facets=facets,
        )  # fmt: skip
    return M(
        "{place}: with `{after}` in the place of `{before}` these come out right (tried): {facets}.",
        place=_place(submission, edit), before=before, after=after, facets=facets,
    )  # fmt: skip


def _hint(submission: Submission, edit: Edit, facets: str) -> Message:
    return M(
        "{place}: look at {kind}. Changed there alone, these come out right (tried): {facets}.",
        place=_place(submission, edit), kind=edit.kind.says, facets=facets,
    )  # fmt: skip
