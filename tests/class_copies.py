"""Copies of a graded class, for tests that change them."""

import shutil
from pathlib import Path

from graders.batch.store import Store


def copied(graded: Path, folder: Path) -> Path:
    """A copy of a class (``class``) and of its results (``out``), which know of each other; its folder."""
    course = folder / "course"
    shutil.copytree(graded, course)
    store = Store(course / "out")
    store.note("submissions", str(course / "class"))
    store.close()
    return course
