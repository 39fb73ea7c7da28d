"""Names that are hidden: in what the grader says of a submission, and where a student wrote them down."""

from __future__ import annotations

import re
from typing import Any

from graders.batch.store import Row

HIDDEN = "■■■"
_SHORTEST = 3  # a shorter name stands in other words
_COMMENT = re.compile("#.*")
_KEPT = frozenset({"id", "facet", "status"})  # what pages go by


class Names:
    """The names of one student. In statements only what is nobody's variable is hidden: a whole name, an
    e-mail, a number; an id or the name of a file may well be a word of the code.
    """

    def __init__(self, row: Row) -> None:
        who = row.student
        persons = [who.email, *([who.number] if len(who.number) > _SHORTEST else [])]
        if who.name and (who.name != row.id or not who.name.isidentifier()):
            persons.append(who.name)
        files = [row.shown, *row.shown.split("/"), row.id, who.name]
        files += [name.rpartition(".")[0] for name in files]
        self._persons = _pattern(persons)
        self._all = _pattern([*persons, *files])

    def in_code(self, text: str) -> str:
        """Code or output without them, comments with care."""
        text = self._persons.sub(HIDDEN, text) if self._persons else text
        return _COMMENT.sub(lambda found: str(self.in_report(found[0])), text)

    def in_report(self, value: Any) -> Any:
        """Plain data of a report without them."""
        if isinstance(value, str):
            return self._all.sub(HIDDEN, value) if self._all else value
        if isinstance(value, dict):
            return {k: v if k in _KEPT else self.in_report(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.in_report(one) for one in value]
        return value


def _pattern(names: list[str]) -> re.Pattern[str] | None:
    """Any of the names as whole words, the longest first."""
    wanted = sorted({n for n in names if len(n) >= _SHORTEST or not n.isascii()} - {""}, key=len)
    if not wanted:
        return None
    several = "|".join(map(re.escape, reversed(wanted)))
    return re.compile(rf"(?<!\w)(?:{several})(?!\w)", re.IGNORECASE)
