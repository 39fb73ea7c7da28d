"""The line of those who wait, while its workers are still being had."""

import threading
from pathlib import Path
from typing import Any

from graders.batch.executor import Executor
from graders.batch.model import Found
from graders.batch.store import Store
from graders.errors import UsageError
from graders.grading import Request
from graders.handin.line import Line
from graders.handin.people import people_of


def test_who_has_nothing_is_refused_before_anything_can_be_handed_in(tmp_path: Path) -> None:
    """Later, the refusal would be written over what they have just handed in."""
    roster, out, workers = tmp_path / "roster.csv", tmp_path / "out", threading.Event()
    roster.write_text("ID,Student,Email\n11,Aiko,\n", encoding="utf-8")
    out.mkdir()
    aiko = people_of(roster, ()).pop().student

    def engage(settings: dict[str, Any], folder: Path) -> Executor:
        workers.wait(60)
        raise UsageError("no workers here")

    notes = dict.fromkeys(
        ("submissions", "layout", "layout_asked", "assignment", "roster", "starter"), ""
    )
    request = Request(tmp_path / "manifest.csv", sprint="cnn1")
    line = Line(out, Found((aiko,), "manifest"), request, notes, engage, lambda said: None)
    store = Store(out)
    try:
        assert list(store.waiting()) == []
    finally:
        store.close()
        line._ending.set()
        workers.set()
        line.finish()
