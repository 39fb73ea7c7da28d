"""A Gradescope ``results.json`` for each submission."""

from __future__ import annotations

import json
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from graders.batch.outputs.files import new
from graders.batch.store import Store
from graders.report.gradescope import results


def write_all(store: Store, folder: Path, only: Collection[str] | None = None) -> None:
    """One file a submission, named as its report; files of others are removed. `only`: those that are
    written, where the others are as they have to be.
    """
    names = set()
    for row in store.rows():
        name = f"{row.id}.json"
        names.add(name)
        if only is not None and row.id not in only:
            continue
        with new(folder / name) as file:
            json.dump(results(store.shown_report(row)), file, ensure_ascii=False, indent=1)
    for left in folder.iterdir():
        if left.name not in names:
            with suppress(OSError):
                left.unlink()
