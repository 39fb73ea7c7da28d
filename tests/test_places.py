"""Where a mistake is said to be: in the student's file, as the student sees it there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from graders.cli import main
from graders.grading import Grading, Request
from graders.submission import read_submission
from tests.test_early import CONV, SIZE

Write = Callable[..., Path]
BROKEN = CONV.replace("da @ self.x", "da @ self.y")
LINE = next(i for i, text in enumerate(BROKEN.splitlines(), 1) if "self.y" in text)


def report(path: Path, language: str = "en") -> dict[str, Any]:
    grading = Grading(Request(path, "cnn1", language=language))
    for _ in grading.events():
        pass
    return grading.report.as_dict()


def item(data: dict[str, Any], name: str = "simple_conv1d") -> dict[str, Any]:
    return next(i for i in data["items"] if i["id"] == name)


def test_a_line_of_a_module_is_the_line_of_the_file(tmp_path: Path) -> None:
    before = f"{SIZE}\n\n\n"
    path = tmp_path / "work.py"
    path.write_text(f"{before}{BROKEN}\n\nraise ValueError('at the end')\n")
    line = before.count("\n") + LINE
    data = report(path)
    assert f"(work.py, line {line}: " in item(data)["message"]
    assert item(data)["binding"]["place"] == f"work.py, line {before.count(chr(10)) + 1}"
    assert f"（work.py、{line} 行目: " in item(report(path, "ja"))["message"]
    [cell] = [c for c in data["load"]["cells"] if c["status"] == "error"]
    text = path.read_text().splitlines()
    assert (
        cell["place"]
        == f"work.py, line {text.index('raise ValueError(' + repr('at the end') + ')') + 1}"
    )


def test_a_cell_of_a_notebook_is_the_cell_of_the_notebook(write_notebook: Write) -> None:
    data = report(write_notebook("md:# One", SIZE, "md:# Two", BROKEN))
    assert f"(cell 3, line {LINE}: " in item(data)["message"]
    assert item(data)["binding"]["place"] == "cell 3"


def test_a_cell_of_the_second_notebook_is_counted_in_that_notebook(
    write_notebook: Write, tmp_path: Path
) -> None:
    write_notebook(SIZE, "a = 1", name="folder/a.ipynb")
    write_notebook("md:# More", BROKEN, "raise ValueError", name="folder/b.ipynb")
    data = report(tmp_path / "folder")
    assert f"(b.ipynb, cell 1, line {LINE}: " in item(data)["message"]
    [cell] = [c for c in data["load"]["cells"] if c["status"] == "error"]
    assert cell["place"] == "b.ipynb, cell 2, line 1"
    submission = read_submission(tmp_path / "folder")
    assert str(submission.place(1)) == "a.ipynb, cell 1"


def test_a_place_that_a_process_makes_up_is_no_error(write_notebook: Write) -> None:
    submission = read_submission(write_notebook(SIZE))
    assert str(submission.place(10**30, -5)) == f"cell {10**30}, line -5"


def test_a_class_that_does_not_compile_is_placed(tmp_path: Path) -> None:
    path = tmp_path / "work.py"
    path.write_text(
        "# === 1\nimport numpy as np\n# === 2\n"
        + BROKEN.replace("def forward(self, x)", "def forward(self, x")
    )
    assert "work.py, line " in item(report(path))["message"]


def test_one_exception_that_costs_several_facets_is_told_once(
    write_notebook: Write, capsys: Any
) -> None:
    command = ["grade", str(write_notebook(SIZE, BROKEN)), "--sprint", "cnn1", "--lang", "en"]
    assert main([*command, "--item", "simple_conv1d"]) == 1
    out = capsys.readouterr().out
    assert out.count("has no attribute 'y'") == 1
    assert "dX, dW, dB: " in out


def test_what_the_constructor_raises_is_no_fault_of_forward(write_notebook: Write) -> None:
    late = CONV.replace(
        "self.w, self.b = w, b", "self.w, self.b = w, b\n        self.n = len(self.v)"
    )
    message = item(report(write_notebook(SIZE, late)))["message"]
    assert message.startswith("SimpleConv1d(...) raised AttributeError: ")
    assert "self.n = len(self.v)" in message
