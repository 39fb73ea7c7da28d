"""Notebooks of cells, as files of format 4.5."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graders.errors import GraderError

_KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


@dataclass(frozen=True)
class Written:
    """A cell: its id within the notebook, and its text."""

    id: str
    source: str
    code: bool = False


def markdown(id_: str, *parts: str) -> Written:
    """A cell of text; empty parts are left out, the others become paragraphs."""
    return Written(id_, "\n\n".join(p for p in parts if p))


def code(id_: str, source: str) -> Written:
    """A cell of code."""
    return Written(id_, source.strip("\n"), code=True)


def notebook(cells: Sequence[Written]) -> str:
    """The text of the file; the same cells make the same text.

    Raises:
        GraderError: it is no valid notebook (two cells have one id).
    """
    data: dict[str, Any] = {
        "cells": [_cell(cell) for cell in cells],
        "metadata": _KERNEL,
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    import nbformat  # most commands need none of it

    ids = [cell["id"] for cell in data["cells"]]
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice:
        raise GraderError(f"two cells of a notebook have the id {twice[0]!r}")
    try:
        nbformat.validate(nbformat.from_dict(data))
    except nbformat.ValidationError as error:
        raise GraderError(f"what was made is no valid notebook: {error.message}") from error
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _cell(cell: Written) -> dict[str, Any]:
    id_ = re.sub(r"[^A-Za-z0-9_-]", "-", cell.id)[:64]
    lines = cell.source.splitlines(keepends=True)
    if not cell.code:
        return {"cell_type": "markdown", "id": id_, "metadata": {}, "source": lines}
    return {
        "cell_type": "code", "execution_count": None, "id": id_, "metadata": {}, "outputs": [],
        "source": lines,
    }  # fmt: skip
