"""What a class leaves: tables that spreadsheets read, files that systems take, a page for people."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from graders.batch.outputs.gradebook import cell
from graders.report.gradescope import results
from tests.axe import violations
from tests.batch_class import RIGHT, ROOT, WRONG, batch, notebook, report

EVIL = "=cmd()<script>alert(1)<b>"
SAMPLE = ROOT / "submissions" / "wrong" / "db_wrong_axis.py"


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class as Canvas exports it, graded in Japanese: right, wrong, a sample, none, an attack."""
    base = tmp_path_factory.mktemp("outputs")
    folder = base / "class"
    folder.mkdir()
    files = {
        "doejane_11_21_a.py": RIGHT,
        "roejohn_12_22_a.ipynb": notebook(WRONG),
        "山田太郎_13_23_a.py": SAMPLE.read_text(encoding="utf-8"),
        "nothing_14_24_a.pdf": "no code",
        f"{EVIL}_15_25_a.py": RIGHT + f"\nraise ValueError('{EVIL}')\n",
    }
    for name, text in files.items():
        (folder / name.replace("/", "")).write_text(text, encoding="utf-8")
    done = batch(folder, "--out", base / "out", "--lang", "ja", "--assignment", "Sprint 11 (77)")
    assert done.returncode == 1, done.stderr
    assert "(canvas)" in done.stderr
    return base / "out"


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, which has the mark that spreadsheets want."""
    text = path.read_text(encoding="utf-8")
    assert text[0] == "\ufeff"
    return list(csv.DictReader(io.StringIO(text[1:])))


@pytest.mark.xdist_group("test_batch_outputs")
def test_the_gradebook_has_a_row_a_submission_and_a_column_an_item(graded: Path) -> None:
    rows = {row["number"]: row for row in table(graded / "gradebook.csv")}
    assert sorted(rows) == ["11", "12", "13", "14", "15"]
    assert rows["13"]["name"] == "山田太郎"
    data = report(graded, rows["13"]["id"])
    for item in data["items"]:
        if item["status"] not in ("manual", "skipped"):
            assert float(rows["13"][item["id"]]) == item["score"]
    assert float(rows["13"]["score"]) == data["score"] > float(rows["12"]["score"])
    assert (rows["14"]["status"], rows["14"]["score"]) == ("unreadable", "")
    assert "a.pdf" in rows["14"]["reason"]


@pytest.mark.xdist_group("test_batch_outputs")
def test_canvas_and_moodle_tables(graded: Path) -> None:
    rows = table(graded / "canvas.csv")
    assert list(rows[0]) == [
        "Student",
        "ID",
        "SIS User ID",
        "SIS Login ID",
        "Section",
        "Sprint 11 (77)",
    ]
    assert (rows[0]["Student"], rows[0]["Sprint 11 (77)"]) == ("    Points Possible", "28")
    points = {row["ID"]: row["Sprint 11 (77)"] for row in rows[1:]}
    assert points["14"] == ""
    assert float(points["11"]) > float(points["12"])
    rows = table(graded / "moodle.csv")
    assert {"Full name", "Grade", "Feedback comments"} <= set(rows[0])
    assert any("一部正解" in row["Feedback comments"] for row in rows)


@pytest.mark.xdist_group("test_batch_outputs")
def test_no_cell_is_a_formula(graded: Path) -> None:
    for path in graded.glob("*.csv"):
        for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))):
            assert not [c for c in row if c[:1] in "=+-@＝＋－＠\t\r" and c]
    assert any(r["name"].startswith("'=cmd()") for r in table(graded / "gradebook.csv"))
    for text in ("=1", "+1", "-1", "@a", " =1", "\t=1", "\r\n=1", "＝1", "\u200b=1"):
        assert str(cell(text)).startswith("'"), text
    assert (cell("a=1"), cell(-1)) == ("a=1", -1)


@pytest.mark.xdist_group("test_batch_outputs")
def test_junit_is_read_and_agrees_with_the_reports(graded: Path) -> None:
    root = ElementTree.parse(graded / "junit.xml").getroot()
    suites = {s.get("name", ""): s for s in root}
    assert len(suites) == 5
    for name, suite in suites.items():
        data = report(graded, name)
        if data["error"]:
            assert suite.get("errors") == "1"
            continue
        failed = sum(
            c["status"] in ("failed", "error")
            for i in data["items"] if i["required"] for c in i["checks"]
        )  # fmt: skip
        assert len(suite.findall("testcase/failure")) >= failed
        assert int(suite.get("failures", "0")) == len(suite.findall("testcase/failure"))
        assert int(suite.get("tests", "0")) == len(suite.findall("testcase"))


@pytest.mark.xdist_group("test_batch_outputs")
def test_gradescope_results(graded: Path) -> None:
    names = {p.name for p in (graded / "gradescope").iterdir()}
    assert names == {p.name for p in (graded / "reports").iterdir()}
    for path in (graded / "gradescope").iterdir():
        data, source = json.loads(path.read_text("utf-8")), report(graded, path.stem)
        if source["error"]:
            assert (data["score"], data["output"] != "") == (0, True)
            continue
        assert data["score"] == source["score"]
        assert sum(t.get("score", 0) for t in data["tests"]) == source["score"]
        assert sum(t.get("max_score", 0) for t in data["tests"]) == source["max_score"]
        assert {t.get("status") for t in data["tests"]} <= {"passed", "failed", None}


def test_gradescope_says_as_much_as_the_feedback_allows(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    shutil.copy(SAMPLE, folder)
    done = batch(folder, "--out", tmp_path / "out", "--feedback", "score", "--lang", "en")
    assert done.returncode == 0
    tests = results(report(tmp_path / "out", "db_wrong_axis"))["tests"]
    wrong = next(t for t in tests if t["number"] == "conv1d")
    assert wrong["status"] == "failed"
    assert "expected" not in wrong["output"]
    page = (tmp_path / "out" / "class.html").read_text(encoding="utf-8")
    assert 'id="mistakes"' in page and "dB" not in page


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.xdist_group("test_batch_outputs")
def test_the_page_has_nothing_from_elsewhere_and_nothing_of_an_attack(graded: Path) -> None:
    text = (graded / "class.html").read_text(encoding="utf-8")
    page = _Page()
    page.feed(text)
    assert [t for t, _ in page.tags].count("script") == 1
    assert not [a for _, a in page.tags if {"src", "onclick", "onload"} & a.keys()]
    links = [a["href"] or "" for t, a in page.tags if t == "a"]
    assert len(links) == 5 and all(link.startswith("pages/") for link in links)
    assert "<b>" not in text and "alert(1)&lt;b&gt;" in text
    markdown = (graded / "class.md").read_text(encoding="utf-8")
    assert "<script>" not in markdown


@pytest.mark.xdist_group("test_batch_outputs")
def test_the_page_is_japanese(graded: Path) -> None:
    text = (graded / "class.html").read_text(encoding="utf-8")
    assert '<html lang="ja">' in text
    for heading in re.findall(r"<h[12][^>]*>(.*?)</h[12]>", text):
        assert re.search("[\u3041-\u9fff]", heading), heading
    assert "出力チャンネルについて合計されています" in text
    assert "4件を採点しました" in text


@pytest.mark.xdist_group("test_batch_outputs")
def test_a_click_sorts_and_without_scripts_it_is_read_all_the_same(
    graded: Path, browser: Any
) -> None:
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text))
    page.goto((graded / "class.html").as_uri())
    column = "#matrix tbody td:nth-child(3)"
    before = page.locator(column).all_inner_texts()
    page.locator("#matrix thead th").nth(2).get_by_role("button").click()
    values = [float(v) for v in page.locator(column).evaluate_all("l => l.map(e => e.dataset.v)")]
    assert values == sorted(values) and len(values) == len(before) == 5
    page.locator("#matrix thead th").nth(2).get_by_role("button").click()
    values = [float(v) for v in page.locator(column).evaluate_all("l => l.map(e => e.dataset.v)")]
    assert values == sorted(values, reverse=True)
    assert complaints == []
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto((graded / "class.html").as_uri())
    assert plain.locator("#matrix tbody tr").count() == 5
    assert plain.locator("button").count() == 0


@pytest.mark.xdist_group("test_batch_outputs")
def test_axe_finds_no_fault_in_the_page(graded: Path, browser: Any) -> None:
    for scheme in ("light", "dark"):
        page = browser.new_context(color_scheme=scheme).new_page()
        page.goto((graded / "class.html").as_uri())
        found = violations(page)
        assert [(v["id"], [n["html"] for n in v["nodes"]][:3]) for v in found] == []


def test_an_output_that_can_not_be_written_is_one_line_and_loses_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "a.py").write_text(RIGHT)
    (tmp_path / "out" / "class.html").mkdir(parents=True)
    done = batch(folder, "--out", tmp_path / "out")
    assert done.returncode == 2 and "not empty" in done.stderr
    (tmp_path / "out" / "class.html").rmdir()
    assert batch(folder, "--out", tmp_path / "out").returncode == 0
    (tmp_path / "out" / "class.html").unlink()
    (tmp_path / "out" / "class.html").mkdir()
    done = batch(folder, "--out", tmp_path / "out", "--resume")
    assert done.returncode == 2
    assert "class.html: can't be written" in done.stderr.splitlines()[-1]
    subprocess.run(["rmdir", tmp_path / "out" / "class.html"], check=True)
    assert batch(folder, "--out", tmp_path / "out", "--resume").returncode == 0
