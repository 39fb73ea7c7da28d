"""Large packages that notebooks import, so that a fork server can import them once for many.

Known names only: no cell can have anything else imported before it is behind its walls.
"""

from __future__ import annotations

import re
from pathlib import Path

LARGE = (
    "matplotlib", "matplotlib.pyplot", "pandas", "scipy", "seaborn", "sklearn", "sklearn.datasets",
    "sklearn.metrics", "sklearn.model_selection", "sklearn.preprocessing",
)  # fmt: skip
_IMPORTED = re.compile(r"\b(?:import|from)\s+([\w.]+)")
_MOST_BYTES = 8 * 2**20


def modules_in(text: str) -> tuple[str, ...]:
    """Those of the large modules that a text seems to import; a wrong guess costs time alone."""
    found = set(_IMPORTED.findall(text))
    found |= {name.partition(".")[0] for name in found}
    return tuple(name for name in LARGE if name in found)


def modules_in_file(path: Path) -> tuple[str, ...]:
    """The same for a notebook or module as it lies there; () for whatever can't be looked into."""
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return ()
        return modules_in(path.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return ()
