"""What is shown in a notebook's cell: parts of the page, and pieces of text, code and arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from graders.report.figures import HeatMap
from graders.report.html import parts_of
from graders.report.pages import templates

_EMPTY = {"items": [], "load": {"cells": []}}


@dataclass(frozen=True)
class Piece:
    """A few lines under a heading; below them code, and arrays: as heat maps by the name of their label, or as
    text where there are no colours.
    """

    title: str = ""
    lines: tuple[str, ...] = ()
    code: str = ""
    maps: dict[str, HeatMap] = field(default_factory=dict)
    arrays: str = ""


def verdict(data: dict[str, Any], prefix: str, notices: Sequence[str] = ()) -> str:
    """A report's items, as the page shows them. `prefix` begins the ids of the elements."""
    template = templates("graders.report").get_template("notebook.html.j2")
    return template.render(
        report=data, language=data["language"], prefix=prefix, notices=notices, **parts_of(data)
    )


def pieces(title: str, shown: Sequence[Piece], language: str, prefix: str) -> str:
    """Pieces under a title."""
    template = templates("graders.report").get_template("notebook.html.j2")
    return template.render(
        title=title, pieces=shown, language=language, prefix=prefix, notices=(),
        **parts_of({**_EMPTY, "language": language}),
    )  # fmt: skip


def plain(title: str, shown: Sequence[Piece]) -> str:
    """The same as text."""
    return "\n".join(_lines(title, shown)).rstrip() + "\n"


def _lines(title: str, shown: Sequence[Piece]) -> Iterator[str]:
    yield title
    for piece in shown:
        if piece.title:
            yield ""
            yield piece.title
        for line in piece.lines:
            yield f"  {line}"
        for line in [*piece.code.splitlines(), *piece.arrays.splitlines()]:
            yield f"    {line}"
