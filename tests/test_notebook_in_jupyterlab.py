"""The notebook's journey in JupyterLab itself, in a real browser: load, run, check, edit, check again.

JupyterLab is no part of the usual test environment: ``pip install '.[lab]'`` beside ``.[dev]``.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.test_notebook_check import HOSTILE, SIZE

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.skipif(
        importlib.util.find_spec("jupyterlab") is None,
        reason="JupyterLab is not installed (pip install '.[lab]')",
    ),
    pytest.mark.skipif(
        CHROMIUM is None, reason="chromium is not installed (Debian: apt-get install chromium)"
    ),
]
WRONG = SIZE.replace("2 * padding", "padding")
LONGEST = 120_000  # milliseconds
# What a browser measures: the contrast of an element's text with what lies behind it.
CONTRAST = """
element => {
  const parse = text => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const style = getComputedStyle(element);
  const [one, other] = [style.color, style.backgroundColor].map(parse).map(light).sort((a, b) => b - a);
  return (one + 0.05) / (other + 0.05);
}
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A server of JupyterLab on loopback; its address and its folder."""
    folder, home = tmp_path_factory.mktemp("lab"), tmp_path_factory.mktemp("home")
    token = secrets.token_hex(16)
    environment = {
        **os.environ, "HOME": str(home), "JUPYTER_CONFIG_DIR": str(home), "JUPYTER_RUNTIME_DIR": str(home),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }  # fmt: skip
    line = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root",
        f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}", "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    log = home / "log"
    with log.open("wb") as stream:
        server = subprocess.Popen(line, env=environment, stdout=stream, stderr=stream, cwd=folder)
    try:
        deadline = time.monotonic() + LONGEST / 1000
        while not (found := re.search(r"(http://127\.0\.0\.1:\d+)/lab", log.read_text())):
            assert server.poll() is None and time.monotonic() < deadline, log.read_text()[-2000:]
            time.sleep(0.2)
        yield f"{found[1]}/lab/tree/notebook.ipynb?token={token}", folder
    finally:
        server.terminate()
        server.wait(30)


def _notebook(*cells: str) -> str:
    described: list[dict[str, Any]] = [
        {"cell_type": "code", "id": f"cell-{n}", "metadata": {}, "source": source, "outputs": [],
         "execution_count": None}
        for n, source in enumerate(cells)
    ]  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return json.dumps(
        {"cells": described, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    )


def _run(page: Any, number: int, source: str | None = None) -> None:
    """Run a cell by Shift+Enter, with another source if one is given."""
    cell = page.locator(".jp-Cell").nth(number)
    cell.locator(".cm-content").click()
    if source is not None:
        page.keyboard.press("Control+a")
        page.keyboard.press("Delete")
        page.keyboard.insert_text(source)
    page.keyboard.press("Shift+Enter")


def test_load_run_check_edit_check_again(lab: tuple[str, Path]) -> None:
    from playwright.sync_api import expect, sync_playwright

    address, folder = lab
    cells = ["%load_ext scratchgrade", WRONG, "%check conv1d_out_size", HOSTILE]
    (folder / "notebook.ipynb").write_text(_notebook(*cells))
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 1600})
        page.set_default_timeout(LONGEST)
        page.goto(address)
        page.locator(".jp-Notebook .jp-Cell").nth(3).wait_for()
        # A kernel that is not there yet takes no cell.
        expect(page.locator(".jp-Notebook-ExecutionIndicator")).to_have_attribute(
            "data-status", "idle", timeout=LONGEST
        )
        for number in range(3):
            _run(page, number)
        verdict = page.locator(".jp-Cell").nth(2).locator(".scratchgrade")
        expect(verdict).to_contain_text("0 / 2", timeout=LONGEST)
        assert verdict.count() == 1
        assert verdict.evaluate(CONTRAST) > 7
        _run(page, 3)
        _run(page, 2)
        expect(page.locator(".jp-Cell").nth(2)).to_contain_text("0 / 2", timeout=LONGEST)
        page.evaluate("document.body.dataset.jpThemeLight = 'false'")
        assert verdict.evaluate(CONTRAST) > 7  # its colours go with the theme
        dark = verdict.evaluate("e => getComputedStyle(e).backgroundColor")
        page.evaluate("document.body.dataset.jpThemeLight = 'true'")
        assert verdict.evaluate("e => getComputedStyle(e).backgroundColor") != dark
        _run(page, 1, SIZE)
        _run(page, 2)
        expect(verdict).to_contain_text("2 / 2", timeout=LONGEST)
        browser.close()
