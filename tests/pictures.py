"""Makes the pictures of the docs: ``python -m tests.pictures [notebook] [review]`` (with ``.[dev,lab]``)."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import lab
from tests.reviewing import ROOT, served

DOCS = ROOT / "docs" / "student"
REVIEW = ROOT / "docs" / "instructor" / "review.png"


def notebook() -> None:
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


def review() -> None:
    """Grade some wrong samples, and take a picture of a problem of one."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as base:
        submissions, out = Path(base, "class"), Path(base, "sprint 11")
        submissions.mkdir()
        for number, file in enumerate(sorted((ROOT / "submissions" / "wrong").glob("*.py"))):
            shutil.copy(file, submissions / f"student{number}.py")
        line = [sys.executable, "-m", "graders.cli", "batch", str(submissions), "--out", str(out)]
        subprocess.run([*line, "--sprint", "cnn1", "--lang", "en"], check=False, cwd=ROOT)
        with served(out, "--lang", "en") as address, sync_playwright() as started:
            browser = started.chromium.launch(executable_path=lab.CHROMIUM, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1280, "height": 860})
            page.goto(address.whole)
            page.locator("tr:has(code:text-is('conv1d')) a").click()
            while not page.get_by_text("diagnosed here").count():
                page.locator("[data-key=n]").click()
            page.locator("fieldset input").first.check()
            page.screenshot(path=REVIEW)
            browser.close()


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["notebook", "review"]
    for picture in (notebook, review):
        if picture.__name__ in wanted:
            picture()
