"""What the searches for answers cost and gained over a folder of submissions, idiom by idiom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from graders.binding.idioms import Searched, counted
from graders.engine import ItemFinished
from graders.errors import GraderError, UsageError
from graders.grading import Grading, Request
from graders.messages import M, Message
from graders.traits import Trait

SUFFIXES = (".ipynb", ".py")


@dataclass
class Survey:
    """The searches of every item that trains nothing, of one submission after the other."""

    searches: list[Searched] = field(default_factory=list)
    refused: list[tuple[Path, GraderError]] = field(default_factory=list)
    submissions: int = 0

    def take(self, request: Request) -> None:
        """Grade one; what can't be graded is noted, and ends nothing."""
        try:
            grading = Grading(request)
            asked = [i.id for i in grading.sprint.items if Trait.TRAINED not in i.traits]
            grading.select(frozenset(asked))
            finished = [e for e in grading.events() if isinstance(e, ItemFinished)]
            grading.finish()
        except GraderError as error:
            self.refused.append((request.submission, error))
            return
        self.submissions += 1
        self.searches += [e.result.searched for e in finished if e.result.searched.tried]

    def lines(self) -> Iterator[Message | str]:
        """The table, an idiom a line: those that proved most come first."""
        proved = sum(search.proved is not None for search in self.searches)
        yield M("{n} submissions; {items} items were searched for, {proved} of them are right by a plan",
                n=self.submissions, items=len(self.searches), proved=proved)  # fmt: skip
        yield M(
            "how often it was in a plan that was tried, in one that proved an item, and what was not plain:"
        )
        table = counted(self.searches)
        for idiom in sorted(table, key=lambda i: (-table[i].proved, -table[i].tried, i)):
            yield f"{table[idiom].tried:5}  {table[idiom].proved:6}  {idiom}"
        for path, error in self.refused:
            yield M("{path} was not graded: {error}", path=path.name, error=error)


def survey(request: Request) -> Survey:
    """Grade each notebook and module below a folder.

    Raises:
        UsageError: it is no folder, or none of them is in it.
    """
    folder = request.submission
    if not folder.is_dir():
        raise UsageError(f"{folder}: --rules takes a folder of submissions")
    files = sorted(p for p in folder.rglob("*") if p.suffix in SUFFIXES and p.is_file())
    if not files:
        raise UsageError(f"{folder}: no notebook and no module is in it")
    found = Survey()
    for path in files:
        found.take(replace(request, submission=path))
    return found
