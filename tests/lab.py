"""JupyterLab on loopback and a page of it in chromium: for its test, and for the pictures of the docs."""

from __future__ import annotations

import contextlib
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

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
LONGEST = 120_000  # milliseconds


@contextlib.contextmanager
def server(folder: Path, home: Path) -> Iterator[str]:
    """A server that works in `folder`; the address of ``notebook.ipynb`` there."""
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
        yield f"{found[1]}/lab/tree/notebook.ipynb?token={token}"
    finally:
        server.terminate()
        server.wait(30)


def notebook(*cells: str) -> str:
    described: list[dict[str, Any]] = [
        {"cell_type": "code", "id": f"cell-{n}", "metadata": {}, "source": source, "outputs": [],
         "execution_count": None}
        for n, source in enumerate(cells)
    ]  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return json.dumps(
        {"cells": described, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    )


@contextlib.contextmanager
def page_of(address: str, cells: int) -> Iterator[Any]:
    """The notebook in a browser, with its cells there and its kernel idle."""
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 1600})
        page.set_default_timeout(LONGEST)
        page.goto(address)
        page.locator(".jp-Notebook .jp-Cell").nth(cells - 1).wait_for()
        # A kernel that is not there yet takes no cell.
        expect(page.locator(".jp-Notebook-ExecutionIndicator")).to_have_attribute(
            "data-status", "idle", timeout=LONGEST
        )
        yield page
        browser.close()


def run(page: Any, number: int, source: str | None = None) -> None:
    """Run a cell by Shift+Enter, with another source if one is given."""
    cell = page.locator(".jp-Cell").nth(number)
    cell.locator(".cm-content").click()
    if source is not None:
        page.keyboard.press("Control+a")
        page.keyboard.press("Delete")
        page.keyboard.insert_text(source)
    page.keyboard.press("Shift+Enter")
