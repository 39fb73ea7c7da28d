"""Makes the pictures of docs/student/in-the-notebook.md: ``python -m tests.pictures`` (with ``.[dev,lab]``)."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from tests import lab

DOCS = Path(__file__).resolve().parent.parent / "docs" / "student"


def main() -> None:
    """Go the page's way in JupyterLab and take pictures of its cells."""
    from playwright.sync_api import expect

    text = (DOCS / "in-the-notebook.md").read_text(encoding="utf-8")
    cells = re.findall(r'```python title="In a cell"\n(.*?)\n```', text, re.DOTALL)[:4]
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as home:
        (Path(folder) / "notebook.ipynb").write_text(lab.notebook(*cells))
        with (
            lab.server(Path(folder), Path(home)) as address,
            lab.page_of(address, len(cells)) as page,
        ):
            for number in range(len(cells)):
                lab.run(page, number)
            answers = [page.locator(".jp-Cell").nth(n).locator(".scratchgrade") for n in (2, 3)]
            for answer in answers:
                expect(answer).to_be_visible(timeout=lab.LONGEST)
            answers[1].screenshot(path=DOCS / "hint.png")
            first = answers[0].locator(".found").first
            for theme, name in (("true", "check.png"), ("false", "check-dark.png")):
                page.evaluate(f"document.body.dataset.jpThemeLight = '{theme}'")
                first.scroll_into_view_if_needed()
                answers[0].locator(".head").scroll_into_view_if_needed()
                whole, found = answers[0].bounding_box(), first.bounding_box()
                assert whole is not None and found is not None
                height = found["y"] + found["height"] - whole["y"]
                page.screenshot(path=DOCS / name, clip={**whole, "height": height})


if __name__ == "__main__":
    main()
