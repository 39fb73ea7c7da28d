"""The rendered reports: figures from plain data, Markdown, and the page in a real browser."""

import json
import math
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graders.checks.model import CheckResult
from graders.cli import main
from graders.messages import M
from graders.report import fragment
from graders.report.figures import heat_maps, short, slope_rows
from graders.report.html import page
from graders.report.markdown import escaped, markdown
from graders.report.report import array_data
from tests import warm
from tests.axe import violations

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


# -- heat maps -----------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(1, 12), max_size=4), st.integers(0, 2**32), st.data())
def test_a_heat_map_shows_the_worst_element_with_its_own_number(
    shape: list[int], seed: int, data: st.DataObject
) -> None:
    rng = np.random.default_rng(seed)
    expected, actual = rng.normal(size=shape), rng.normal(size=shape)
    where = tuple(data.draw(st.integers(0, n - 1)) for n in shape)
    maps = heat_maps(array_data(expected, where), array_data(actual, where), where)
    for name, array in (
        ("expected", expected),
        ("actual", actual),
        ("difference", actual - expected),
    ):
        marked = [c for _, cells in maps[name].rows for c in cells if c.worst]
        if not shape:
            continue
        assert [c.text for c in marked] == [short(float(array[where]))]
        (row,) = (i for i, cells in maps[name].rows if any(c.worst for c in cells))
        assert row == (where[-2] if len(where) > 1 else 0)
        (line,) = (cells for i, cells in maps[name].rows if i == row)
        assert maps[name].columns[[c.worst for c in line].index(True)] == where[-1]


def test_arrays_of_different_shapes_have_no_difference() -> None:
    maps = heat_maps(array_data(np.zeros(3), None), array_data(np.zeros((2, 3)), None), None)
    assert set(maps) == {"expected", "actual"}
    assert maps["expected"].flat
    assert not maps["actual"].flat
    assert maps["actual"].shape == "(2, 3)"


def test_what_is_no_number_is_shown_as_such() -> None:
    wrong = np.array([[math.nan, math.inf], [-math.inf, 2.0]])
    shown = heat_maps(array_data(np.ones((2, 2)), (0, 0)), array_data(wrong, (0, 0)), (0, 0))[
        "actual"
    ]
    assert [c.text for _, cells in shown.rows for c in cells] == ["NaN", "∞", "−∞", "2"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1.5, "1.5"), (-0.123456, "−0.1235"), (123456.0, "1.2e5"), (1e-9, "1e−9")],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert short(value) == text


# -- Markdown ------------------------------------------------------------------------------------


def report_with(text: str, language: str = "en") -> dict[str, Any]:
    """A report's plain data with a student's text wherever one can stand."""
    check = {
        "id": "dX", "facet": "dX", "status": "failed", "message": text, "hint": text,
        "expected": array_data(np.ones((2, 3)), (0, 1)), "actual": array_data(np.zeros((2, 3)), (0, 1)),
        "input": array_data(np.ones(4), None), "max_abs_error": 1.0, "max_rel_error": 1.0,
        "where": [0, 1], "gradient_check": [{"where": [0, 1], "numeric": 1.0, "analytic": "NaN"}],
    }  # fmt: skip
    binding = {
        "name": text, "cell": 3, "place": text, "construct": text, "forward": text, "backward": text,
        "notes": [text], "calls": 1, "seconds": 0.1,
    }  # fmt: skip
    item = {
        "id": "conv1d", "title": "Convolution", "required": True, "status": "partial",
        "score": 1.0, "max_score": 2.0, "message": text, "binding": binding, "checks": [check],
        "misconceptions": [{
            "id": "x", "facet": "dX", "title": text, "explanation": text, "hint": text,
            "alternatives": [{"id": "y", "title": text}],
        }],
    }  # fmt: skip
    cell = {
        "index": 1,
        "place": text,
        "section": text,
        "status": "error",
        "seconds": 0.1,
        "error": text,
    }
    return {
        "submission": {"path": f"folder/{text.replace('/', '')}", "sha256": "0" * 64,
                       "kind": "notebook", "cells": 2},
        "sprint": "cnn1", "edition": None, "language": language, "seed": 1, "complete": True,
        "error": None, "runtime": {"python": text, "numpy": text, "platform": "x"},
        "isolation": {"level": "kernel", "layers": [], "missing": []},
        "load": {"notes": [text], "cells": [cell]}, "items": [item], "score": 1.0,
        "max_score": 2.0, "events_dropped": 0, "started_at": "2026-01-01T00:00:00Z",
        "duration_s": 1.0,
    }  # fmt: skip


HOSTILE = "<script>alert(1)</script> | [x](http://a) `c` **b** @someone #1 ![i](u) &lt; https://a.b"


def test_markdown_shows_a_students_text_as_text() -> None:
    text = markdown(report_with(HOSTILE))
    assert not re.search(r"(?<!\\)(<script|\]\(http)", text)
    assert not re.search(r"(?<!\\)@", text)
    for line in text.splitlines():
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == 4


@given(st.text())
def test_escaped_text_has_no_bare_markup(text: str) -> None:
    assert not re.search(r"(?<!\\)[<>`*_\[\]|!@]", escaped(text).replace("\\\\", ""))
    assert "\n" not in escaped(text)


def test_markdown_is_added_to_what_is_there(root: Path, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("# Before\n")
    sample = root / "submissions" / "wrong" / "kernels_after_weights.ipynb"
    assert main(["grade", str(sample), "--report-md", str(summary)]) == 1
    text = summary.read_text()
    assert text.startswith("# Before\n\n## Grading report")
    assert "**dW**" in text


# -- gradient checks -----------------------------------------------------------------------------


@pytest.mark.parametrize(("sample", "item_id", "facet"), [
    ("dx_not_flipped.ipynb", "conv1d", "dX"), ("dw_never_reset.ipynb", "simple_conv1d", "dW"),
])  # fmt: skip
def test_a_wrong_gradient_is_laid_beside_the_derivative_of_forward(
    root: Path, tmp_path: Path, sample: str, item_id: str, facet: str
) -> None:
    """The worst element's numeric slope is the true gradient there, the analytic one the student's."""
    target = tmp_path / "report.json"
    given_ = [str(root / "submissions" / "wrong" / sample), "--item", item_id]
    main(["grade", *given_, "--report", str(target)])
    (item,) = (i for i in json.loads(target.read_text())["items"] if i["id"] == item_id)
    (check,) = (c for c in item["checks"] if c["id"] == facet)
    assert all(c["gradient_check"] == [] for c in item["checks"] if c["status"] == "passed")
    first, *others = check["gradient_check"]
    assert first["where"] == check["where"]
    apart = abs(first["numeric"] - first["analytic"])
    assert apart == pytest.approx(check["max_abs_error"], rel=1e-5)
    assert [row["where"] for row in others] == [None] * 3


@pytest.mark.parametrize(("numeric", "analytic", "agrees"), [
    (2.0, 2.0000001, True), (2.0, -2.0, False), (0.0, 1e-10, True), (1.0, "NaN", False),
    ("Infinity", 1.0, False), (0.0, 0.5, False),
])  # fmt: skip
def test_a_row_of_a_gradient_check(numeric: Any, analytic: Any, agrees: bool) -> None:
    (row,) = slope_rows([{"where": [3], "numeric": numeric, "analytic": analytic}])
    assert (row.where, row.agrees) == ("(3,)", agrees)
    assert row.numeric == short(float(numeric))
    assert row.analytic == short(float(analytic))


# -- the page ------------------------------------------------------------------------------------


def test_the_page_escapes_a_students_text() -> None:
    text = page(report_with(HOSTILE))
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert 'http-equiv="Content-Security-Policy"' in text


def test_a_page_that_cannot_be_written_is_one_clear_error(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = root / "submissions" / "right" / "channels_last.py"
    target = tmp_path / "no" / "page.html"
    assert (
        main(["grade", str(sample), "--item", "conv1d_out_size", "--report-html", str(target)]) == 2
    )
    error = capsys.readouterr().err
    assert "--report-html" in error
    assert "can't be written" in error
    assert "Traceback" not in error


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's chromium, headless."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


def graded(root: Path, folder: Path, sample: str, *options: str) -> Path:
    """The page of one of our samples, written by the real command."""
    target = folder / "page.html"
    given_ = [str(root / "submissions" / sample), "--report-html", str(target), *options]
    command = [sys.executable, "-m", "graders.cli", "grade", *given_]
    warm.run([*command, "--report", str(folder / "report.json")])
    return target


@pytest.mark.xdist_group("test_renderers")
def test_the_page_in_a_browser(root: Path, tmp_path: Path, browser: Any) -> None:
    target = graded(root, tmp_path, "wrong/dx_not_flipped.ipynb")
    data = json.loads((tmp_path / "report.json").read_text())
    for scheme in ("light", "dark"):
        for width in (390, 1400):
            page_ = browser.new_page(
                viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=True
            )  # fmt: skip
            problems: list[str] = []
            page_.on("console", lambda m, seen=problems: seen.append(m.text))
            page_.on("pageerror", lambda e, seen=problems: seen.append(str(e)))
            page_.on("request", lambda r, seen=problems: seen.append(r.url)
                     if not r.url.startswith(("file:", "data:")) else None)  # fmt: skip
            page_.goto(target.as_uri())
            assert problems == []
            assert page_.evaluate("document.documentElement.scrollWidth") <= width
            found = [
                v["id"] for v in violations(page_)
                if v["impact"] in ("serious", "critical")
            ]  # fmt: skip
            assert found == []
            # The same parts as a notebook's cell has them, in a theme that says for itself that it is dark.
            for theme, inside in (
                ("true", fragment.verdict(data, "a-")),
                ("false", fragment.verdict(data, "b-")),
            ):
                body = f'<main><h1>n</h1><div data-jp-theme-light="{theme}">{inside}</div></main>'
                page_.set_content(f'<!doctype html><html lang="en"><title>n</title><body>{body}')
                found = [
                    v["id"] for v in violations(page_)
                    if v["impact"] in ("serious", "critical")
                ]  # fmt: skip
                assert found == []
            page_.close()
    page_ = browser.new_page(java_script_enabled=False)
    page_.goto(target.as_uri())
    (check,) = (
        c for item in data["items"] if item["id"] == "conv1d"
        for c in item["checks"] if c["id"] == "dX"
    )  # fmt: skip
    shown = {"expected": "Expected", "actual": "Yours"}
    if check["input"]:
        shown["input"] = "Input"
    for key, caption in shown.items():
        figure = page_.locator("#conv1d figure").filter(
            has=page_.locator(f"figcaption strong:text-is('{caption}')")
        )
        cells = figure.locator("tbody td:not(.corner)").all_inner_texts()
        values = np.array(check[key]["values"], dtype=float)
        while values.ndim > 2:  # the slice with the worst element; the first one of the input
            values = values[check["where"][-values.ndim] if key != "input" else 0]
        assert [c.replace("▲", "").strip() for c in cells] == [
            short(float(v)) for v in values.ravel()
        ]
        if key == "input":
            continue
        marked = figure.locator("td.worst").all_inner_texts()
        worst = np.array(check[key]["values"])[tuple(check["where"])]
        assert [m.replace("▲", "").strip() for m in marked] == [short(float(worst))]
    rows = page_.locator("#conv1d figure.slopes tbody tr")
    told = [row.locator("td").all_inner_texts()[:2] for row in rows.all()]
    assert told == [[short(r["numeric"]), short(r["analytic"])] for r in check["gradient_check"]]
    assert len(told) == 4
    page_.close()


@pytest.mark.xdist_group("test_renderers")
@pytest.mark.parametrize(("sample", "language"), [
    ("wrong/dx_not_flipped.ipynb", "en"), ("wrong/dx_not_flipped.ipynb", "ja"),
])  # fmt: skip
def test_a_page_is_in_one_language(
    root: Path, tmp_path: Path, browser: Any, sample: str, language: str
) -> None:
    target = graded(root, tmp_path, sample, "--lang", language)
    page_ = browser.new_page(java_script_enabled=False)
    page_.goto(target.as_uri())
    assert page_.locator("html").get_attribute("lang") == language
    texts = page_.locator(
        "h1, h2, h3, th, summary, dt, figcaption strong, .badge"
    ).all_inner_texts()
    # What is the same in any language: names in code, numbers, the names of gradients.
    words = [re.sub(r"[\w./]*[\d_.][\w./]*|dX|dW|dB|Python, NumPy|MNIST", "", t) for t in texts]
    foreign = r"[A-Za-z]{4,}" if language == "ja" else r"[぀-ヿ一-鿿]"
    code = {"initializer", "seed"}
    assert [w for w in words if re.search(foreign, w) and w.strip() not in code] == []
    page_.close()


def test_a_check_without_arrays_has_no_figure() -> None:
    check = CheckResult("repeat", "repeat", "failed", M("x"))
    assert heat_maps(array_data(check.expected, None), array_data(check.actual, None), None) == {}


@pytest.mark.xdist_group("test_renderers")
def test_what_axe_is_asked_finds_faults(browser: Any) -> None:
    page_ = browser.new_page()
    page_.set_content(
        '<html><body style="background: white"><img src="a"><p style="color: #ddd">Pale</p>'
    )
    assert {"image-alt", "color-contrast", "html-has-lang"} <= {v["id"] for v in violations(page_)}
    page_.close()
