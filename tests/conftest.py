"""Fixtures that several test modules share: notebooks written to a folder of the test's own."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from graders.processors import one_thread
from tests.net import Net

ROOT = Path(__file__).resolve().parent.parent

# The inputs of every run of these tests are the same, whoever runs them.
os.environ.setdefault("SCRATCHGRADE_SECRET", "what the seeds of these tests are made of")
# They start some thousand interpreters: what is compiled once is kept, whatever the shell says.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# As in every grading: threads of BLAS that spin would take the processors from the other workers.
one_thread()


def pytest_addoption(parser: pytest.Parser) -> None:
    """See `tests.net`."""
    parser.addoption("--record-net", metavar="DIR", help="record the net's verdicts anew")


def pytest_xdist_auto_num_workers() -> int:
    """`-n auto`: most tests wait, for other processes or for a limit to be met, most of their time."""
    return 3 * (os.cpu_count() or 1)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Tests that share what takes long to make (``xdist_group``) go to one worker, which makes it once."""
    if config.option.numprocesses and config.option.dist == "no":
        config.option.dist = "loadgroup"


@pytest.fixture
def net(pytestconfig: pytest.Config) -> Net:
    """The verdicts that are held still."""
    folder = pytestconfig.getoption("--record-net")
    return Net(None if folder is None else Path(folder))


@pytest.fixture
def root() -> Path:
    """The project's root."""
    return ROOT


@pytest.fixture
def write_notebook(tmp_path: Path) -> Callable[..., Path]:
    """Writes a notebook: strings are code cells, those that begin with ``md:`` are prose."""

    def write(*cells: str, name: str = "notebook.ipynb") -> Path:
        described = []
        for text in cells:
            kind = "markdown" if text.startswith("md:") else "code"
            cell: dict[str, object] = {
                "cell_type": kind,
                "metadata": {},
                "source": text.removeprefix("md:"),
            }
            if kind == "code":
                cell |= {"outputs": [], "execution_count": None}
            described.append(cell)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        notebook = {"cells": described, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        path.write_text(json.dumps(notebook), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real browser, where there is one."""
    playwright = pytest.importorskip("playwright.sync_api")
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        pytest.skip("no chromium on this machine")
    with playwright.sync_playwright() as started:
        found = started.chromium.launch(executable_path=executable)
        yield found
        found.close()
