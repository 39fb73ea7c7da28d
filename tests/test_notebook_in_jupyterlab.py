"""The notebook's journey in JupyterLab itself, in a real browser: load, run, check, edit, check again.

JupyterLab is no part of the usual test environment: ``pip install '.[lab]'`` beside ``.[dev]``.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import lab
from tests.test_notebook_check import HOSTILE, SIZE

pytestmark = [
    pytest.mark.skipif(
        importlib.util.find_spec("jupyterlab") is None,
        reason="JupyterLab is not installed (pip install '.[lab]')",
    ),
    pytest.mark.skipif(
        lab.CHROMIUM is None, reason="chromium is not installed (Debian: apt-get install chromium)"
    ),
]
WRONG = SIZE.replace("2 * padding", "padding")
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
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a notebook in JupyterLab, and its folder."""
    folder, home = tmp_path_factory.mktemp("lab"), tmp_path_factory.mktemp("home")
    with lab.server(folder, home) as address:
        yield address, folder


def test_load_run_check_edit_check_again(started: tuple[str, Path]) -> None:
    from playwright.sync_api import expect

    address, folder = started
    cells = ["%load_ext scratchgrade", WRONG, "%check conv1d_out_size", HOSTILE]
    (folder / "notebook.ipynb").write_text(lab.notebook(*cells))
    with lab.page_of(address, len(cells)) as page:
        for number in range(3):
            lab.run(page, number)
        verdict = page.locator(".jp-Cell").nth(2).locator(".scratchgrade")
        expect(verdict).to_contain_text("0 / 2", timeout=lab.LONGEST)
        assert verdict.count() == 1
        assert verdict.evaluate(CONTRAST) > 7
        lab.run(page, 3)
        lab.run(page, 2)
        prompt = page.locator(".jp-Cell").nth(2).locator(".jp-InputPrompt")
        expect(prompt).to_have_text("[5]:", timeout=lab.LONGEST)  # it was checked anew
        expect(verdict).to_contain_text("0 / 2", timeout=lab.LONGEST)
        page.evaluate("document.body.dataset.jpThemeLight = 'false'")
        assert verdict.evaluate(CONTRAST) > 7  # its colours go with the theme
        dark = verdict.evaluate("e => getComputedStyle(e).backgroundColor")
        page.evaluate("document.body.dataset.jpThemeLight = 'true'")
        assert verdict.evaluate("e => getComputedStyle(e).backgroundColor") != dark
        lab.run(page, 1, SIZE)
        lab.run(page, 2)
        expect(verdict).to_contain_text("2 / 2", timeout=lab.LONGEST)
