"""What a batch left in its folder, without its timings: two runs of a class must be equal in it."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

_TIMINGS = {"started_at", "duration_s", "seconds", "execution_time"}
_LEFT_OUT = {".lock", "results.sqlite", "results.sqlite-wal", "results.sqlite-shm"}


def settled(folder: Path) -> dict[str, Any]:
    """File (from the folder) -> its content, for every file but the store."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or name in _LEFT_OUT:
            continue
        found[name] = _content(path)
    return found


def _content(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return without_timings(json.loads(text))
    if path.name.startswith("gradebook"):
        rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
        return [{k: v for k, v in row.items() if k != "seconds"} for row in rows]
    if path.name == "junit.xml":
        return re.sub(r' time="[\d.]+"', "", text)
    if path.name == "class.html":
        return re.sub(r'<section id="slowest".*?</section>', "", text, flags=re.DOTALL)
    if path.suffix == ".html":  # a student's page says when it was graded
        return re.sub(r'<time datetime="[^"]*">[^<]*</time>', "", text)
    return text


def without_timings(value: Any) -> Any:
    """A report as read from JSON, without what tells how long it took."""
    if isinstance(value, dict):
        return {k: without_timings(v) for k, v in value.items() if k not in _TIMINGS}
    if isinstance(value, list):
        return [without_timings(v) for v in value]
    return value
