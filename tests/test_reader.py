"""Reading a submission: sections, cells, encodings, and one clear sentence for what can't be read."""

import ast
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graders import own
from graders.errors import SubmissionError
from graders.submission import Submission, read_submission

Write = Callable[..., Path]
MODERATE = settings(max_examples=60, deadline=None)


def problems(submission: Submission) -> list[tuple[int, ...]]:
    """The problem numbers that each code cell stands under."""
    return [cell.section.problems for cell in submission.cells]


# -- sections ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "number"),
    [
        ("## 【問題4】チャンネル数を限定しない1次元畳み込み層クラスの作成", 4),
        ("【問題4】", 4),
        ("### 問題 4", 4),
        ("## 問題４　全角の数字", 4),
        ("## 【問題10】二桁の番号", 10),
        ("## [Problem 4] A layer for any number of channels", 4),
        ("# Problem 4: a layer", 4),
        ("Problem 4", 4),
        ("solution 1", 1),
        ("### Solution 1", 1),
        ("## 4. A layer for any number of channels", 4),
        ("### (4) A layer", 4),
        ("## A layer", None),
        ("<h2>【問題2】出力サイズ</h2>", 2),
        ("**Problem 2**", 2),
        ("- Exercise 3", 3),
        ("Some text before.\n\n## Problem 6\nand after", 6),
    ],
)
def test_a_heading_in_prose_opens_the_section_of_its_problem(
    write_notebook: Write, heading: str, number: int | None
) -> None:
    submission = read_submission(write_notebook("x = 0", f"md:{heading}", "x = 1"))
    assert problems(submission) == [(), () if number is None else (number,)]


@pytest.mark.parametrize(
    "comment",
    [
        "# 【問題4】",
        "# Problem 4: a layer",
        "# [Problem 4]",
        "# solution 4",
        "#問題4",
        "\n# 問題４",
    ],
)
def test_a_comment_before_the_first_statement_opens_a_section(
    write_notebook: Write, comment: str
) -> None:
    submission = read_submission(write_notebook(f"{comment}\nx = 1", "y = 2"))
    assert problems(submission) == [(4,), (4,)]


@pytest.mark.parametrize(
    "source",
    [
        "x = 1\n# Problem 4",
        "text = 'Problem 4'",
        "# as in chapter 4\nx = 1",
        "# problem 400\nx = 1",
    ],
)
def test_other_code_opens_no_section(write_notebook: Write, source: str) -> None:
    assert problems(read_submission(write_notebook(source))) == [()]


def test_the_title_of_a_section_is_the_headings_text(write_notebook: Write) -> None:
    path = write_notebook("md:## 【問題4】 <b>層</b>の作成 ##", "x = 1")
    assert str(read_submission(path).cells[0].section) == "【問題4】 層の作成"


def test_headings_that_follow_each_other_share_the_next_cell(write_notebook: Write) -> None:
    path = write_notebook(
        "md:## 【問題5】パディング", "md:## 【問題6】ミニバッチ", "md:## 【問題7】ストライド",
        "class Conv1d: pass", "md:## 【問題8】学習", "x = 1",
    )  # fmt: skip
    assert problems(read_submission(path)) == [(5, 6, 7), (8,)]


def test_one_cell_of_prose_may_name_several_problems(write_notebook: Write) -> None:
    path = write_notebook("md:## Problem 5\ntext\n## Problem 6\ntext", "x = 1")
    assert problems(read_submission(path)) == [(5, 6)]


def test_a_sub_heading_stays_in_its_problem(write_notebook: Write) -> None:
    path = write_notebook("md:## Problem 3", "x = 1", "md:### Check", "y = 2", "md:text", "z = 3")
    assert problems(read_submission(path)) == [(3,), (3,), (3,)]


def test_a_top_level_heading_without_number_ends_a_problem(write_notebook: Write) -> None:
    path = write_notebook("md:## Problem 3", "x = 1", "md:# Appendix", "y = 2")
    assert problems(read_submission(path)) == [(3,), ()]


# -- cells of notebooks --------------------------------------------------------------------------


def test_cells_keep_the_place_that_the_student_sees(write_notebook: Write) -> None:
    submission = read_submission(write_notebook("md:text", "a = 1", "md:text", "b = 2"))
    assert [(c.index, c.source) for c in submission.cells] == [(1, "a = 1"), (3, "b = 2")]
    assert submission.kind == "notebook"
    assert submission.cell(3).source == "b = 2"
    with pytest.raises(KeyError):
        submission.cell(2)


def test_sources_may_be_lists_of_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    cell = {"cell_type": "code", "source": ["a = 1\r\n", "b = 2"]}
    path.write_text(json.dumps({"cells": [cell]}))
    assert read_submission(path).cells[0].source == "a = 1\nb = 2"


def test_the_hash_is_that_of_the_files_bytes(write_notebook: Write) -> None:
    one = read_submission(write_notebook("a = 1", name="one.ipynb"))
    same = read_submission(write_notebook("a = 1", name="two.ipynb"))
    other = read_submission(write_notebook("a = 2", name="three.ipynb"))
    assert one.sha256 == same.sha256
    assert one.sha256 != other.sha256


@pytest.mark.parametrize(
    ("prose", "language"),
    [("md:" + "畳み込みニューラルネットワーク" * 5, "ja"), ("md:An English text. 畳み込み", "en")],
)
def test_the_language_is_that_of_the_text(write_notebook: Write, prose: str, language: str) -> None:
    assert read_submission(write_notebook(prose, "x = 1")).language == language


def test_a_notebook_of_format_3_is_converted(tmp_path: Path) -> None:
    path = tmp_path / "old.ipynb"
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Problem 2", "metadata": {}},
        {"cell_type": "code", "input": ["def f():\n", "    return 1"], "outputs": [],
         "language": "python", "metadata": {}, "collapsed": False},
    ]  # fmt: skip
    notebook = {"worksheets": [{"cells": cells, "metadata": {}}], "metadata": {"name": ""},
                "nbformat": 3, "nbformat_minor": 0}  # fmt: skip
    path.write_text(json.dumps(notebook))
    submission = read_submission(path)
    assert [c.source for c in submission.cells] == ["def f():\n    return 1"]
    assert problems(submission) == [(2,)]
    assert any("format 3" in note for note in submission.notes)


def test_a_notebook_without_cells_has_none(write_notebook: Write) -> None:
    assert read_submission(write_notebook()).cells == ()


@pytest.mark.parametrize(
    "cell",
    [
        None, 3, "text", [], {}, {"cell_type": "code"}, {"source": "x = 1"},
        {"cell_type": 3, "source": "x = 1"}, {"cell_type": "code", "source": {"a": 1}},
        {"cell_type": "code", "source": None}, {"cell_type": ["code"], "source": "x"},
    ],
)  # fmt: skip
def test_a_malformed_cell_costs_only_itself(tmp_path: Path, cell: object) -> None:
    path = tmp_path / "a.ipynb"
    good = {"cell_type": "code", "source": "good = 1"}
    path.write_text(json.dumps({"cells": [cell, good]}))
    found = [c for c in read_submission(path).cells if c.source.strip()]
    assert [(c.index, c.source) for c in found] == [(1, "good = 1")]


# -- what can't be read --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"{", "JSON"),
        (b'{"cells": [}', "JSON"),
        (b"[]", "no cells"),
        (b"3", "no cells"),
        (b"null", "no cells"),
        (b"{}", "no cells"),
        (b'{"metadata": {}}', "no cells"),
        (b'{"cells": {}}', "no list"),
        (b'{"cells": null}', "no list"),
        (b'{"cells": "text"}', "no list"),
        (b'{"worksheets": 3}', "can't be converted"),
        (b'{"worksheets": [{"cells": [{"cell_type": 7}]}]}', "can't be converted"),
        (b"[" * 100_000, "JSON"),
        (b'{"cells": ' + b"9" * 5_000 + b"}", "JSON"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "a.ipynb"),
    ],
)
def test_what_is_no_notebook_is_refused_in_one_line(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(content)
    with pytest.raises(SubmissionError, match=reason) as caught:
        read_submission(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="no such file"):
        read_submission(tmp_path / "missing.ipynb")


@pytest.mark.parametrize("name", ["a.txt", "a.ipynb.bak", "a", "a.rar"])
def test_another_kind_of_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x = 1")
    with pytest.raises(SubmissionError, match="not a notebook"):
        read_submission(tmp_path / name)


def test_a_name_that_is_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError):
        read_submission(tmp_path / ("a" * 5_000 + ".ipynb"))


def test_a_pipe_is_no_notebook(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.ipynb")
    with pytest.raises(SubmissionError):
        read_submission(tmp_path / "a.ipynb")


def test_too_many_cells_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": "1"}] * 5_001}))
    with pytest.raises(SubmissionError, match="5001 cells"):
        read_submission(path)


def test_a_folder_without_code_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(SubmissionError, match="no notebook"):
        read_submission(tmp_path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["cells", "worksheets", "cell_type", "source", "input", "metadata", "nbformat",
                 "outputs", "level", "language", "prompt_number", "collapsed", "x"]
            ),
            inner, max_size=5,
        )
    ),
    max_leaves=25,
)  # fmt: skip
KINDS = st.sampled_from(["code", "markdown", "raw", "heading", "html"]) | JSON
CELL = st.fixed_dictionaries({}, optional={"cell_type": KINDS, "source": JSON, "input": JSON})
CELLS = st.lists(CELL | JSON, max_size=4)
NOTEBOOK = (
    JSON
    | st.fixed_dictionaries({"cells": CELLS | JSON}, optional={"nbformat": JSON})
    | st.fixed_dictionaries(
        {"worksheets": st.lists(st.fixed_dictionaries({"cells": CELLS}) | JSON, max_size=2) | JSON},
        optional={"nbformat": st.just(3) | JSON, "metadata": JSON, "cells": JSON},
    )
)


def read_or_refusal(name: str, content: bytes) -> Submission | str:
    """What reading a file with this content gives: a submission or the sentence why not."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            return read_submission(path)
        except SubmissionError as error:
            return str(error)


@settings(max_examples=400, deadline=None)
@given(NOTEBOOK)
def test_any_json_is_read_or_refused(notebook: Any) -> None:
    found = read_or_refusal("a.ipynb", json.dumps(notebook).encode())
    if isinstance(found, str):
        assert "a.ipynb: " in found
        assert "\n" not in found
    else:
        assert all(isinstance(cell.source, str) for cell in found.cells)


@MODERATE
@given(st.binary(max_size=300), st.sampled_from(["a.ipynb", "a.py"]))
def test_any_bytes_are_read_or_refused(content: bytes, name: str) -> None:
    found = read_or_refusal(name, content)
    if isinstance(found, str):
        assert f"{name}: " in found
    else:
        assert found.kind == ("module" if name == "a.py" else "notebook")


# -- encodings -----------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("suffix", [".ipynb", ".py"])
def test_encodings_of_japanese_editors_are_read(tmp_path: Path, encoding: str, suffix: str) -> None:
    source = "# 【問題4】畳み込み層\ntext = '日本語'"
    path = tmp_path / f"a{suffix}"
    text = source
    if suffix == ".ipynb":
        cells = [{"cell_type": "code", "source": source}]
        text = json.dumps({"cells": cells}, ensure_ascii=False)
    path.write_bytes(text.encode(encoding))
    submission = read_submission(path)
    assert [c.source for c in submission.cells] == [source]
    assert problems(submission) == [(4,)]


def test_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"class A:\r\n    x = 1\r\n\r\nclass B:\r\n    y = 2\r\n")
    sources = [c.source for c in read_submission(path).cells]
    assert len(sources) == 2
    assert all("\r" not in source for source in sources)


# -- modules -------------------------------------------------------------------------------------


def test_a_module_is_cut_at_its_classes_and_functions(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(
        "import numpy as np\nN = 3\n\n\nclass A:\n    pass\n\n\nx = A()\nprint(x)\n\n\n"
        "# Problem 2\n@staticmethod\ndef f():\n    return 1\n"
    )
    submission = read_submission(path)
    starts = [cell.source.splitlines()[0] for cell in submission.cells]
    assert starts == ["import numpy as np", "class A:", "x = A()", "# Problem 2"]
    assert [cell.line for cell in submission.cells] == [1, 5, 9, 13]
    assert [cell.index for cell in submission.cells] == [0, 1, 2, 3]
    assert problems(submission) == [(), (), (), (2,)]
    assert submission.kind == "module"


def test_a_module_is_cut_at_its_cell_markers(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("# %%\nx = 1\n# %% Problem 4\ny = 2\n#%%\nz = 3\n")
    submission = read_submission(path)
    assert [c.source.splitlines()[-1] for c in submission.cells] == ["x = 1", "y = 2", "z = 3"]
    assert problems(submission) == [(), (4,), (4,)]


def test_a_module_that_does_not_compile_is_cut_at_its_markers(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("# %%\nx = = 1\n# %%\ny = 2\n")
    assert [c.source for c in read_submission(path).cells] == ["# %%\nx = = 1", "# %%\ny = 2"]


PIECES = [
    "import math",
    "x = 1",
    "class A:\n    def f(self):\n        return 1",
    "@property\ndef g():\n    return 2",
    "# a comment",
    "# Problem 3",
    "# %%",
    "# %% Problem 4",
    "",
    '"""A text."""',
    'text = """\n# %% not a marker\n"""',
    'text = """\n# not a comment"""',
    "page = 1\n\x0c\ny = 2",
    "separator = '\u2028'",
    "next_line = '\x85'",
    "async def h():\n    return 3",
    "if x:\n    def k():\n        return 4",
]


@MODERATE
@given(st.lists(st.sampled_from(PIECES), max_size=6))
def test_cutting_a_module_loses_nothing_and_breaks_nothing(pieces: list[str]) -> None:
    text = "\n".join(pieces) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.py"
        path.write_text(text, encoding="utf-8")
        cells = read_submission(path).cells
    parts = [ast.dump(node) for cell in cells for node in ast.parse(cell.source).body]
    assert parts == [ast.dump(node) for node in ast.parse(text).body]


# -- folders -------------------------------------------------------------------------------------


def test_a_folder_gives_its_notebooks_cells_and_its_other_files(write_notebook: Write) -> None:
    folder = write_notebook("a = 1", name="work/a.ipynb").parent
    write_notebook("md:text", "b = 2", name="work/b.ipynb")
    (folder / "lib").mkdir()
    (folder / "lib" / "layers.py").write_text("class Layer: pass")
    (folder / "data.csv").write_text("1,2")
    submission = read_submission(folder)
    assert submission.kind == "folder"
    assert [(c.source, c.file) for c in submission.cells] == [
        ("a = 1", "a.ipynb"), ("b = 2", "b.ipynb"),
    ]  # fmt: skip
    assert len({c.index for c in submission.cells}) == 2
    assert {name for name, _ in submission.companions} == {"lib/layers.py", "data.csv"}


def test_a_folder_of_modules_gives_their_cells(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("class A:\n    pass\n")
    (tmp_path / "two.py").write_text("class B:\n    pass\n")
    submission = read_submission(tmp_path)
    assert [c.source for c in submission.cells] == ["class A:\n    pass", "class B:\n    pass"]
    assert {name for name, _ in submission.companions} == {"one.py", "two.py"}


def test_hidden_files_and_links_are_left_out(write_notebook: Write, tmp_path: Path) -> None:
    folder = write_notebook("a = 1", name="work/a.ipynb").parent
    write_notebook("b = 2", name="work/.ipynb_checkpoints/a-checkpoint.ipynb")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "a.py").write_text("x = 1")
    secret = tmp_path / "secret.py"
    secret.write_text("SECRET = 1")
    (folder / "link.py").symlink_to(secret)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "o.py").write_text("x = 1")
    (folder / "linked").symlink_to(tmp_path / "outside")
    submission = read_submission(folder)
    assert [c.source for c in submission.cells] == ["a = 1"]
    assert submission.companions == ()


def test_a_folder_of_too_many_files_is_refused(tmp_path: Path) -> None:
    for i in range(501):
        (tmp_path / f"{i}.py").touch()
    with pytest.raises(SubmissionError, match="more than 500 files"):
        read_submission(tmp_path)


# -- language ------------------------------------------------------------------------------------


def test_a_japanese_docstring_does_not_make_an_english_notebook_japanese(tmp_path: Path) -> None:
    prose = "## [Problem 1] A layer\n\nThe layer of the first problem, with its forward pass."
    code = (
        'class A:\n    """\n    全結合層のクラスです。重みとバイアスを持ちます。入力は二次元です。\n    """\n'
        * 4
    )
    cells = [
        {"cell_type": "markdown", "source": prose, "metadata": {}},
        {"cell_type": "code", "source": code, "metadata": {}, "outputs": []},
    ]
    path = tmp_path / "work.ipynb"
    path.write_text(json.dumps({"cells": cells, "nbformat": 4}), "utf-8")
    assert read_submission(path).language == "en"
    cells[0]["source"] = (
        "## 【問題1】全結合層\n\n最初の問題の層とそのフォワードプロパゲーションを実装します。重みも初期化します。"
    )
    path.write_text(json.dumps({"cells": cells, "nbformat": 4}), "utf-8")
    assert read_submission(path).language == "ja"


def test_a_module_with_japanese_comments_is_japanese(tmp_path: Path) -> None:
    path = tmp_path / "work.py"
    path.write_text(
        "import numpy as np\n\n# 畳み込み層の順伝播を計算する\nx = np.zeros(3)\n", "utf-8"
    )
    assert read_submission(path).language == "ja"
    path.write_text("import numpy as np\n\n# the forward pass\nx = np.zeros(3)\n", "utf-8")
    assert read_submission(path).language == "en"


def test_a_copy_of_ours_in_a_folder_is_not_handed_in(tmp_path: Path) -> None:
    """Its reference would answer what the folder's own modules leave to it; one called like it stays."""
    for name in ("clone/reference/procedural.py", "clone/reference/layers.py", "reference/mine.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    (tmp_path / "work.py").write_text("import reference.mine\n")
    (tmp_path / "linked").symlink_to("clone/reference")
    submission = read_submission(tmp_path)
    assert [name for name, _ in submission.companions] == ["reference/mine.py", "work.py"]
    assert {cell.file for cell in submission.cells} == {"mine.py", "work.py"}
    assert read_submission(
        tmp_path / "clone" / "reference"
    ).companions  # itself, if it is asked for


def test_a_clone_is_no_submission(tmp_path: Path) -> None:
    """It has solutions in it; a folder of it that is named itself is what it says."""
    for name in ("submissions/right/work.py", "tests/work.py", "work.py",
                 *(f"{name}/{mark}" for name, mark in own.MARKS.items())):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    assert [name for name, _ in read_submission(tmp_path).companions] == ["work.py"]
    right = read_submission(tmp_path / "submissions")
    assert [name for name, _ in right.companions] == ["right/work.py"]
