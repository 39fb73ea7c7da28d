"""The documentation tells the truth: every page is done as it says, in an empty folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pages import read_page, run_page

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def _name(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("file", PAGES, ids=_name)
def test_what_a_page_says_is_what_happens(file: Path, tmp_path: Path) -> None:
    run_page(read_page(file), tmp_path)
