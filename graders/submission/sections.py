"""Problem headings in prose and comments, in the forms that course editions and students use."""

from __future__ import annotations

import re

from graders.submission.model import Section
from graders.submission.text import normal, tamed

# 【問題4】, 問題 4, [Problem 4], Problem 4:, solution 1, Q4., Task 4
_PROBLEM = re.compile(
    r"(?:問題|課題|設問|problem|solution|exercise|question|task)\s{0,9}[:.#№]?\s{0,9}(\d{1,2})(?!\d)",
    re.IGNORECASE,
)
# "## 4. A title": a numbered markdown heading, as students renumber the problems themselves.
_NUMBERED = re.compile(r"^\s{0,3}#{1,6}\s*\(?(\d{1,2})\s*[.)．:：]\s*\S", re.MULTILINE)
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(\S.*)$", re.MULTILINE)
_HTML = re.compile(r"<[^>]{1,80}>")
_TITLE_LIMIT = 120
_MOST_COMMENT = 20_000


def _title(line: str) -> str:
    return re.sub(r"\s+", " ", _HTML.sub("", line)).strip(" #\t*")[:_TITLE_LIMIT]


def section_of_text(text: str) -> Section | None:
    """The section that a cell of prose opens, or None if it opens none.

    A problem heading counts wherever it stands at the start of a line; a plain markdown
    heading opens a section without a number.
    """
    text = normal(_HTML.sub("", text))
    numbers: list[int] = []
    title = ""
    for line in text.splitlines():
        head = line.strip().lstrip("#*>-・ \t【[(<「")
        match = _PROBLEM.match(head)
        if match:
            numbers.append(int(match.group(1)))
            title = title or _title(line)
    if numbers:
        return Section(title, tuple(dict.fromkeys(numbers)))
    numbered = _NUMBERED.findall(text)
    if numbered:
        heading = _HEADING.search(text)
        return Section(
            _title(heading.group(1)) if heading else "",
            tuple(dict.fromkeys(int(n) for n in numbered)),
        )
    heading = _HEADING.search(text)
    return Section(_title(heading.group(1))) if heading else None


def section_of_code(source: str) -> Section | None:
    """The section that a comment before the first statement of a code cell opens."""
    comments = []
    for line in source.splitlines():
        stripped = line.strip()
        if stripped.startswith("#"):
            comments.append(stripped.lstrip("#% "))
        elif stripped:
            break
    text = tamed("\n".join(comments), _MOST_COMMENT)
    section = section_of_text(text) if comments else None
    return section if section and section.problems else None
