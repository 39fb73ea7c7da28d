"""Files of a submission import each other as they did on the student's machine."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from graders.grading import Grading, Request

Write = Callable[..., Path]
SIZES = "def size_of(n, f, p=0, s=1):\n    return (n + 2 * p - f) // s + 1\n"
LAYER = """\
class SimpleConv1d:
    def forward(self, x, w, b):
        n = size_of(len(x), len(w))
        return np.array([x[i:i + len(w)] @ w for i in range(n)]) + b

    def backward(self, x, w, da):
        db = np.sum(da)
        dw = np.array([da @ x[s:s + len(da)] for s in range(len(w))])
        dx = np.zeros(len(x))
        for i, d in enumerate(da):
            dx[i:i + len(w)] += d * w
        return db, dw, dx
"""


def graded(path: Path) -> dict[str, Any]:
    grading = Grading(Request(path, "cnn1", language="en"))
    grading.select(frozenset({"simple_conv1d", "conv1d_out_size"}))
    for _ in grading.events():
        pass
    data = grading.report.as_dict()
    items = {i["id"]: i["status"] for i in data["items"]}
    failed = [c["error"] for c in data["load"]["cells"] if c["status"] == "error"]
    return {**items, "failed": failed, "notes": data["load"]["notes"]}


def package(folder: Path, layer: str) -> Path:
    (folder / "layers").mkdir(parents=True)
    (folder / "layers" / "__init__.py").write_text("from .conv import SimpleConv1d\n")
    (folder / "layers" / "sizes.py").write_text(SIZES)
    # The relative import comes first: where it fails, NumPy is not imported either.
    text = f"from .sizes import size_of\nfrom . import sizes\nimport numpy as np\n\n\n{layer}"
    (folder / "layers" / "conv.py").write_text(text)
    (folder / "main.py").write_text("from layers import SimpleConv1d\nprint(SimpleConv1d)\n")
    return folder


def test_a_package_with_relative_imports(tmp_path: Path) -> None:
    found = graded(package(tmp_path / "right", LAYER))
    assert (found["simple_conv1d"], found["conv1d_out_size"]) == ("passed", "passed")
    assert found["failed"] == []
    wrong = LAYER.replace("range(n)", "range(n - 1)")
    assert graded(package(tmp_path / "wrong", wrong))["simple_conv1d"] != "passed"


def test_relative_imports_at_the_top_and_of_the_folder_above(tmp_path: Path) -> None:
    (tmp_path / "work" / "deep").mkdir(parents=True)
    (tmp_path / "work" / "sizes.py").write_text(SIZES)
    (tmp_path / "work" / "conv.py").write_text(
        f"from .sizes import size_of as size_of\nimport numpy as np\n{LAYER}"
    )
    (tmp_path / "work" / "deep" / "more.py").write_text("from ..sizes import size_of as same\n")
    found = graded(tmp_path / "work")
    assert found["simple_conv1d"] == "passed"
    assert found["failed"] == []


def test_a_module_in_another_folder_that_was_put_on_the_path(
    write_notebook: Write, tmp_path: Path
) -> None:
    """The path is one of the student's machine; the file is there all the same."""
    first = (
        "import sys\nsys.path.append('../ml/utils')\nfrom sizes import size_of\nimport numpy as np"
    )
    write_notebook(first, LAYER, name="work/notebook.ipynb")
    utils = tmp_path / "work" / "ml" / "utils"
    utils.mkdir(parents=True)
    (utils / "sizes.py").write_text(SIZES)
    found = graded(tmp_path / "work")
    assert found["simple_conv1d"] == "passed"
    assert not [n for n in found["notes"] if "sizes" in n]


def test_what_is_installed_is_not_taken_from_a_neighbour(tmp_path: Path) -> None:
    (tmp_path / "work" / "deep").mkdir(parents=True)
    (tmp_path / "work" / "deep" / "json.py").write_text("raise RuntimeError('not this one')\n")
    (tmp_path / "work" / "conv.py").write_text(
        f"import json\nimport numpy as np\njson.dumps(1)\n{SIZES}{LAYER}"
    )
    found = graded(tmp_path / "work")
    assert found["simple_conv1d"] == "passed"
    assert len(found["failed"]) == 1, "the file itself, which is run as well"


def test_a_relative_import_without_a_folder_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "conv.py"
    path.write_text(f"import numpy as np\n{SIZES}\nfrom .sizes import size_of as other\n{LAYER}")
    found = graded(path)
    assert [e for e in found["failed"] if "relative import" in e]
    assert found["simple_conv1d"] == "passed"


OPS = """\
import numpy as np
import net
from .arrays import Array


class Conv:
    def __call__(self, x, w, b):
        n = len(x.data) - len(w) + 1
        return Array([x.data[i:i + len(w)] @ w for i in range(n)]) + b
"""
ARRAYS = """\
import numpy as np
import net


class Array:
    def __init__(self, data):
        self.data = np.asarray(data)

    def __add__(self, other):
        return net.ops.added(self, other)
"""
ADDED = """\


def added(a, b):
    if not isinstance(a, Array):
        raise TypeError("an Array of another copy of the file")
    return a.data + b
"""


def test_a_file_is_one_module_by_whatever_name_it_is_imported(tmp_path: Path) -> None:
    """``from .arrays import Array`` and ``net.ops.Array`` are one class."""
    folder = tmp_path / "work" / "net"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("from . import ops, arrays\nfrom .arrays import *\n")
    (folder / "arrays.py").write_text(ARRAYS)
    (folder / "ops.py").write_text(OPS + ADDED)
    forward = "        from .ops import Conv\n        return Conv()(net.Array(x), w, b)\n"
    head, _, tail = LAYER.partition("        n = size_of")
    layer = head + forward + tail[tail.index("\n\n") :]
    (folder / "layers.py").write_text(f"{SIZES}\n\nimport numpy as np\nimport net\n\n\n{layer}")
    found = graded(tmp_path / "work")
    assert (found["simple_conv1d"], found["failed"]) == ("passed", []), found
