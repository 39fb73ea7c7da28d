"""Tables of people, as spreadsheets and learning systems write them: a manifest, a roster, a gradebook."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

# What the column is called that says when something was handed in: ours, Gradescope's, Moodle's
# (in English and Japanese), nbgrader's.
SUBMITTED = (
    "submitted", "submitted at", "submission time", "last modified (submission)", "最終更新日時 (提出)",
    "最終更新 (提出)", "timestamp",
)  # fmt: skip
_NOT_LATE = ("", "0", "no", "false", "n", "on time", "not late")


@dataclass(frozen=True)
class Table:
    """The names of its columns, and its rows, each with the line that it begins in."""

    names: list[str]
    rows: list[tuple[int, dict[str, str]]]


def read_table(file: Path) -> Table:
    """A table whose first line names the columns; commas, semicolons or tabs are between them. A cell may
    have several lines.

    Raises:
        OSError: it can't be read.
        ValueError: it is not UTF-8, or no table.
    """
    text = file.read_bytes().decode("utf-8-sig")
    first = re.split(r"[\r\n]", text, maxsplit=1)[0]
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    rows = []
    try:
        names = [name.strip() for name in next(lines, [])]
        begin = lines.line_num + 1
        for cells in lines:
            if cells:
                padded = [*cells, *[""] * (len(names) - len(cells))]
                rows.append((begin, dict(zip(names, padded, strict=False))))
            begin = lines.line_num + 1
    except csv.Error as error:
        raise ValueError(f"line {lines.line_num}: {error}") from error
    return Table(names, rows)


def is_late(text: str) -> bool:
    """What a column `late` says: anything but a no."""
    return text.strip().casefold() not in _NOT_LATE
