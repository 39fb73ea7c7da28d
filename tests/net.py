"""The net: what each of our own submissions got, item by item, beside what it gets now.

`test_interfaces` and `test_samples` assert what is right; the net holds the rest still: how an item was
bound, which mistake was named. A change of the search that changes nothing of it is seen to change
nothing. A difference that is wanted is recorded anew, and told in the commit::

    python -m pytest tests/test_interfaces.py tests/test_samples.py -n auto --record-net DIR
    python -m tests.net DIR
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from graders.judging.results import ItemResult

RECORD = Path(__file__).with_name("net.json")


def snapshot(result: ItemResult) -> dict[str, Any]:
    """What is held still of an item's verdict; numbers of the drawn inputs are not."""
    bound = result.binding
    said: dict[str, Any] = {
        "status": result.status,
        "wrong": sorted(result.wrong_facets),
    }
    if bound is not None:
        said["bound"] = [bound.name, bound.construct, bound.forward, bound.backward]
    if result.diagnoses:
        said["named"] = sorted({n.id for d in result.diagnoses for n in d.names})
    return said


class Net:
    """The record, and where a new one is written to, if it is."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._known: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))

    def holds(self, key: str, results: dict[str, ItemResult]) -> None:
        """Compare, or record."""
        now = {name: snapshot(result) for name, result in sorted(results.items())}
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            file = self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.json"
            file.write_text(json.dumps({key: now}), encoding="utf-8")
            return
        assert now == self._known.get(key), f"{key}: see tests/net.py"


def gather(folder: Path) -> str:
    """All that was recorded in a folder, as the text of the record."""
    found: dict[str, Any] = {}
    for file in folder.glob("*.json"):
        found |= json.loads(file.read_text(encoding="utf-8"))
    lines = [
        f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in sorted(found.items())
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    before = json.loads(RECORD.read_text(encoding="utf-8"))
    RECORD.write_text(gather(Path(sys.argv[1])), encoding="utf-8")
    after = json.loads(RECORD.read_text(encoding="utf-8"))
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            sys.stdout.write(f"{key}\n  {before.get(key)}\n  {after.get(key)}\n")
