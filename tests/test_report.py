"""The report: always valid against its schema, whatever numbers and texts came out."""

import functools
import io
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from graders.checks import model
from graders.checks.model import CheckResult
from graders.engine import Finished, ItemFinished, Loaded
from graders.errors import GraderError
from graders.judging.results import ItemResult
from graders.messages import M, clean
from graders.report import terminal
from graders.report.report import MAX_ELEMENTS, Report, write_json
from graders.report.terminal import summary
from graders.sandbox.isolation import NOT_STARTED, Isolation
from graders.sandbox.session import CellError, CellRun
from graders.specs import BUILTIN
from graders.submission import Cell, Section, Submission, read_submission
from tests.built_in import built_in_sprints

Write = Callable[..., Path]
SPRINT = built_in_sprints()["cnn1"]
MODERATE = settings(max_examples=100, deadline=None)
NASTY = "a\x1b[31m\n::error::b\x00\ud800\u202e" + "x" * 3_000


@functools.cache
def validator() -> jsonschema.Draft202012Validator:
    """The report's schema."""
    schema = json.loads((BUILTIN / "report.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def submission(title: str = "") -> Submission:
    """A submission of one cell under a heading."""
    cell = Cell(0, "x = 1", Section(title))
    return Submission(Path("x.ipynb"), "notebook", "0" * 64, (cell,), "x = 1", "en")


def report_of(*checks: CheckResult, title: str = "", error: CellError | None = None) -> Report:
    """The report of a run with these checks of conv1d."""
    report = Report(Path("x.ipynb"), "en", submission(title), SPRINT, 3)
    run = CellRun(0, "error" if error else "ok", 0.5, error)
    report.take(Loaded((run,), (title,), "3.11", "2.3", Isolation("kernel", ("RLIMIT_AS",))))
    result = ItemResult(SPRINT.item("conv1d"), "failed", M("Wrong: {x}", x=title), checks)
    report.take(ItemFinished(result))
    return report


def written(report: Report, folder: Path) -> dict[str, Any]:
    """The report as it stands in its file, which is strict JSON and valid."""
    path = folder / "report.json"
    write_json(report, path)

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    data: dict[str, Any] = json.loads(path.read_text("utf-8"), parse_constant=refuse)
    validator().validate(data)
    return data


def check_of(data: dict[str, Any]) -> dict[str, Any]:
    """The first check of conv1d in a written report."""
    (item,) = (i for i in data["items"] if i["id"] == "conv1d")
    check: dict[str, Any] = item["checks"][0]
    return check


# -- validity ------------------------------------------------------------------------------------


def test_a_report_of_nothing_is_valid(tmp_path: Path) -> None:
    data = written(Report(Path("missing.ipynb"), "en"), tmp_path)
    assert data["complete"] is False
    assert data["items"] == []
    assert data["submission"]["kind"] == "unreadable"


def test_a_report_that_says_why_nothing_was_graded_is_valid(tmp_path: Path) -> None:
    report = Report(Path("missing.ipynb"), "ja")
    report.fail("no such\nfile" + NASTY)
    data = written(report, tmp_path)
    assert data["error"].startswith("no such file")
    assert "\n" not in data["error"]
    assert not report.passed


def test_a_report_that_was_stopped_names_every_item(tmp_path: Path) -> None:
    report = report_of()
    data = written(report, tmp_path)
    assert [i["id"] for i in data["items"]] == [i.id for i in SPRINT.items]
    assert data["complete"] is False
    assert {i["status"] for i in data["items"] if i["id"] != "conv1d"} == {"skipped"}
    report.take(Finished())
    assert written(report, tmp_path)["complete"] is True


def test_points_are_those_of_required_items_that_were_judged(tmp_path: Path) -> None:
    spec = SPRINT.item("conv1d")
    checks = [model.passed(f, f, M("Right.")) for f in ("forward", "shape")]
    checks.append(CheckResult("dX", "dX", model.FAILED, M("Wrong.")))
    data = written(report_of(*checks), tmp_path)
    assert data["score"] == spec.facets["forward"] + spec.facets["shape"]
    assert data["max_score"] == spec.max_score


def test_hostile_texts_are_cut_and_cleaned(tmp_path: Path) -> None:
    check = CheckResult("forward", "forward", model.FAILED, M("It gave {x}.", x=NASTY))
    error = CellError(NASTY, NASTY, 0, 1, NASTY)
    report = report_of(check, title=NASTY, error=error)
    data = written(report, tmp_path)
    texts = [data["load"]["cells"][0]["error"], data["load"]["cells"][0]["section"],
             data["load"]["notes"][0], check_of(data)["message"], *(t for t, _ in summary(report))]  # fmt: skip
    for text in texts:
        assert not any(ord(c) < 32 or c in "\ud800\u202e\x7f" for c in text)
        assert not text.lstrip().startswith("::")
        assert len(text) < 1_500


@MODERATE
@given(st.text(st.characters(codec=None), max_size=60), st.integers(2, 50))
def test_cleaned_text_is_one_short_line_that_can_be_written(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    assert len(cleaned) <= limit
    assert len(cleaned.splitlines()) <= 1
    assert not cleaned.startswith("::")
    assert clean(cleaned, limit) == cleaned
    cleaned.encode("utf-8")


# -- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"), [(math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "-Infinity")]
)
def test_what_is_not_finite_is_a_word(tmp_path: Path, value: float, text: str) -> None:
    array = np.array([[1.0, value]])
    check = model.compare("forward", "forward", M("It"), array, np.array([[1.0, 2.0]]))
    found = check_of(written(report_of(check), tmp_path))
    assert found["actual"] == {"shape": [1, 2], "values": [[1.0, text]]}
    assert found["expected"] == {"shape": [1, 2], "values": [[1.0, 2.0]]}
    assert found["where"] == [0, 1]
    assert found["max_abs_error"] in ("NaN", "Infinity")
    assert found["max_rel_error"] in ("NaN", "Infinity")


SHAPES = arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=12)
KINDS = st.sampled_from(["float64", "float32", "float16", "int64", "uint8", "bool"])
PAIR = st.tuples(KINDS, SHAPES).flatmap(
    lambda both: st.tuples(arrays.arrays(both[0], both[1]), arrays.arrays("float64", both[1]))
)


@MODERATE
@given(PAIR)
def test_any_two_arrays_give_a_valid_report(
    tmp_path_factory: pytest.TempPathFactory, pair: tuple[np.ndarray, np.ndarray]
) -> None:
    actual, expected = pair
    check = model.compare("forward", "forward", M("The output"), actual, expected)
    found = check_of(written(report_of(check), tmp_path_factory.mktemp("report")))
    for name, array in (("actual", actual), ("expected", expected)):
        assert found[name]["shape"] == list(array.shape)
        assert np.size(found[name]["values"]) <= MAX_ELEMENTS


@MODERATE
@given(arrays.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=80), st.data())
def test_a_large_array_is_cut_around_its_worst_element(
    tmp_path_factory: pytest.TempPathFactory, shape: tuple[int, ...], data: st.DataObject
) -> None:
    if math.prod(shape) > 200_000:
        shape = shape[:2]
    expected = np.arange(float(math.prod(shape))).reshape(shape)
    place = data.draw(st.integers(0, expected.size - 1))
    actual = expected.copy()
    actual.flat[place] += 1e6
    where = [int(i) for i in np.unravel_index(place, shape)]
    check = model.compare("forward", "forward", M("The output"), actual, expected)
    found = check_of(written(report_of(check), tmp_path_factory.mktemp("report")))
    assert found["where"] == where
    part = np.array(found["actual"]["values"])
    offset = found["actual"].get("offset")
    if expected.size <= MAX_ELEMENTS:
        assert offset is None
        np.testing.assert_array_equal(part, actual)
        return
    assert part.size <= MAX_ELEMENTS
    assert part.ndim == actual.ndim
    window = tuple(slice(o, o + n) for o, n in zip(offset, part.shape, strict=True))
    np.testing.assert_array_equal(part, actual[window])
    np.testing.assert_array_equal(np.array(found["expected"]["values"]), expected[window])
    assert found["expected"]["offset"] == offset
    inside = tuple(w - o for w, o in zip(where, offset, strict=True))
    assert part[inside] == actual[tuple(where)]


def test_the_sentence_names_index_and_both_values() -> None:
    actual, expected = np.array([[1.0, 5.0]]), np.array([[1.0, 2.0]])
    check = model.compare("forward", "forward", M("The output"), actual, expected)
    assert str(check.message) == "The output is wrong at index (0, 1): expected 2, got 5."
    other = model.compare("forward", "forward", M("The output"), actual[0], expected)
    assert str(other.message) == "The output has shape (2,), expected (1, 2)."


# -- files ---------------------------------------------------------------------------------------


def test_a_report_replaces_the_one_that_was_there(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("old")
    written(report_of(), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["report.json"]


@pytest.mark.parametrize("name", ["folder", "missing/report.json", "file/report.json"])
def test_a_report_that_can_not_be_written_is_put_elsewhere(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(GraderError, match="can't be written") as caught:
        write_json(report_of(), tmp_path / name)
    fallback = Path(str(caught.value).rpartition(" ")[2])
    validator().validate(json.loads(fallback.read_text("utf-8")))
    fallback.unlink()
    assert sorted(tmp_path.rglob("*")) == before


# -- languages -----------------------------------------------------------------------------------


def test_titles_and_language_follow_the_language(tmp_path: Path) -> None:
    for language in ("ja", "en"):
        report = Report(Path("x.ipynb"), "ja" if language == "ja" else "en", submission(), SPRINT)
        data = written(report, tmp_path)
        assert data["language"] == language
        titles = [i["title"] for i in data["items"]]
        assert titles == [i.title.in_language(language) for i in SPRINT.items]


def test_a_sections_title_stands_in_the_report(write_notebook: Write, tmp_path: Path) -> None:
    read = read_submission(write_notebook("md:## 【問題4】 畳み込み層", "x = 1"))
    report = Report(read.path, "ja", read, SPRINT)
    report.take(Loaded((CellRun(1, "ok", 0.1),), (), "", "", NOT_STARTED))
    (cell,) = written(report, tmp_path)["load"]["cells"]
    assert cell["section"] == "【問題4】 畳み込み層"
    assert cell["index"] == 1


def test_the_summary_has_a_line_for_every_item_and_failed_facet() -> None:
    wrong = CheckResult("dX", "dX", model.FAILED, M("dX is wrong."))
    lines = [text for text, _ in summary(report_of(wrong))]
    for spec in SPRINT.items:
        assert sum(spec.id in line.split() for line in lines) == 1
    assert any("dX is wrong." in line for line in lines)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [("fine", "green"), ("plain", "")]
    monkeypatch.delenv("NO_COLOR", raising=False)
    shown, kept = Terminal(), io.StringIO()
    terminal.written(lines, shown)
    terminal.written(lines, kept)
    assert shown.getvalue() == "\x1b[32mfine\x1b[0m\nplain\n"
    assert kept.getvalue() == "fine\nplain\n"
    monkeypatch.setenv("NO_COLOR", "1")
    shown = Terminal()
    terminal.written(lines, shown)
    assert shown.getvalue() == kept.getvalue()


@pytest.mark.parametrize(
    ("text", "width"), [("abc", 3), ("合格", 4), ("一部正解（任意）", 16), ("", 0)]
)
def test_japanese_characters_take_two_columns(text: str, width: int) -> None:
    assert terminal.columns(text) == width
