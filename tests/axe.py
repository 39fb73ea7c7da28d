"""What axe finds wrong in a page that a browser shows."""

from __future__ import annotations

import functools
from typing import Any

import pytest


@functools.cache
def _axe() -> Any:
    module = pytest.importorskip("axe_playwright_python.sync_playwright")
    return module.Axe()


def violations(page: Any) -> list[dict[str, Any]]:
    """All rules are tried; of what they find only the faults are carried over, which is half of the time."""
    found = _axe().run(page, options={"resultTypes": ["violations"]}).response
    return list(found["violations"])
