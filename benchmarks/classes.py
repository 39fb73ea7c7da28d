"""Classes of submissions with known verdicts: items in interfaces that are put together at random.

Every submission answers one item, right or with one mistake, as a module, a notebook, a folder or
an archive; names, argument orders, layouts and where results are kept vary as in
`tests.interface_sources`.
"""

from __future__ import annotations

import json
import random
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.interface_sources import SOURCES

ITEMS = ("fc", "sgd", "adagrad", "simple_initializer", "xavier_initializer", "he_initializer",
         "softmax")  # fmt: skip
SPRINT = "dnn"


@dataclass(frozen=True)
class Known:
    """What must come of a submission: the item, and the facet that is wrong ("" for none)."""

    item: str
    mistake: str

    def fault(self, report: dict[str, Any]) -> str:
        """How the report differs from it; "" if it does not."""
        if report["error"]:
            return str(report["error"])
        item = next(i for i in report["items"] if i["id"] == self.item)
        wrong = {c["facet"] for c in item["checks"] if c["status"] != "passed"}
        if (item["status"] == "passed") != (not self.mistake):
            return f"{self.item} is {item['status']}, its mistake is {self.mistake or 'none'}"
        if self.mistake and self.mistake not in wrong:
            return f"{self.item}: {self.mistake} is wrong, told was {sorted(wrong)}"
        return ""


def write_class(folder: Path, students: int, seed: int = 0) -> dict[str, Known]:
    """Write a class; what must come of each submission, by id."""
    folder.mkdir(parents=True)
    known: dict[str, Known] = {}
    for number in range(students):
        draw = random.Random(f"{seed}-{number}")
        item = draw.choice(ITEMS)
        source_of, facets = SOURCES[item]
        mistake = draw.choice([*facets, ""]) if draw.random() < 0.5 else ""
        source = source_of(item, lambda *options, d=draw: d.choice(options), mistake)
        name = f"student{number:05}"
        _write(folder, name, f"# {name}\n{source}", draw.choice(("py", "ipynb", "folder", "zip")))
        known[name] = Known(item, mistake)
    return known


def _write(folder: Path, name: str, source: str, kind: str) -> None:
    cell: dict[str, object] = {"cell_type": "code", "metadata": {}, "source": source, "outputs": [],
            "execution_count": None}  # fmt: skip
    notebook = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    if kind == "py":
        (folder / f"{name}.py").write_text(source, encoding="utf-8")
    elif kind == "ipynb":
        (folder / f"{name}.ipynb").write_text(notebook, encoding="utf-8")
    elif kind == "folder":
        (folder / name).mkdir()
        (folder / name / "work.ipynb").write_text(notebook, encoding="utf-8")
        (folder / name / "data.csv").write_text("1,2,3\n", encoding="utf-8")
    else:
        with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
            archive.writestr("work/work.py", source)
