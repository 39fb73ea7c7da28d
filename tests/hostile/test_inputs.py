"""Files that attack the reader: each is refused in one sentence, or read without what is unsafe."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from graders.engine import ItemFinished
from graders.errors import GraderError
from graders.grading import Grading, Request
from graders.specs import BUILTIN
from graders.submission import read_submission

ROOT = Path(__file__).resolve().parents[2]
ANSWER = "def output_size(n, f, p=0, s=1):\n    return -1\n"


def notebook(cells: list[object], **more: object) -> str:
    """The text of a notebook."""
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | more)


def code(source: str) -> dict[str, object]:
    """A code cell."""
    return {
        "cell_type": "code", "metadata": {}, "source": source, "outputs": [],
        "execution_count": None,
    }  # fmt: skip


def _zip(path: Path, kind: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        if kind == "bomb":
            archive.writestr("bomb.ipynb", bytes(50 * 2**20))
        elif kind == "link":
            link = zipfile.ZipInfo("link.ipynb")
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, "/etc/passwd")
        else:
            archive.writestr(kind, ANSWER)
    return path


def _written(name: str, text: str | bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def _sparse(folder: Path) -> Path:
    path = folder / "x.ipynb"
    with path.open("wb") as file:
        file.truncate(2**40)
    return path


def _fifo(folder: Path) -> Path:
    os.mkfifo(folder / "x.ipynb")
    return folder / "x.ipynb"


def _loop(folder: Path) -> Path:
    (folder / "x.ipynb").symlink_to(folder / "x.ipynb")
    return folder / "x.ipynb"


def _crowd(folder: Path) -> Path:
    for number in range(600):
        (folder / f"f{number}.txt").touch()
    (folder / "x.py").write_text(ANSWER)
    return folder


REFUSED: dict[str, Callable[[Path], Path]] = {
    "100,000 cells": _written("x.ipynb", notebook([code("x = 1")] * 100_000)),
    "nested too deep": _written("x.ipynb", '{"cells": ' + "[" * 10**6),
    "a number without end": _written("x.ipynb", '{"cells": [' + "9" * 10**6 + "]}"),
    "no notebook": _written("x.ipynb", '"cells"'),
    "cells of another kind": _written("x.ipynb", '{"cells": {"0": "x"}}'),
    "format 3 of another kind": _written("x.ipynb", '{"worksheets": 7, "nbformat": 3}'),
    "bytes": _written("x.ipynb", bytes(range(256)) * 400),
    "a tebibyte": _sparse,
    "a pipe": _fifo,
    "a device": lambda folder: Path(os.devnull),
    "a link to itself": _loop,
    "600 files": _crowd,
    "a zip bomb": lambda folder: _zip(folder / "x.zip", "bomb"),
    "a zip that climbs out": lambda folder: _zip(folder / "x.zip", "../../climbed.py"),
    "a zip with an absolute path": lambda folder: _zip(folder / "x.zip", "/climbed.py"),
    "a zip with a link": lambda folder: _zip(folder / "x.zip", "link"),
}


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED.keys())
def test_a_hostile_file_is_refused_in_one_sentence(
    make: Callable[[Path], Path], tmp_path: Path
) -> None:
    folder = tmp_path / "in" / "deeper"
    folder.mkdir(parents=True)
    report = tmp_path / "report.json"
    path = make(folder)
    with pytest.raises(GraderError) as caught:
        Grading(Request(path, "cnn1", report=report))
    assert 10 < len(str(caught.value)) < 400
    data = json.loads(report.read_text())
    schema = json.loads((BUILTIN / "report.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(data)
    assert data["score"] == 0
    assert data["error"]
    assert not list(tmp_path.rglob("climbed*"))


def test_links_out_of_a_folder_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "answer.py").write_text("right = True")
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "x.ipynb").write_text(notebook([code("import os\nprint(os.listdir('.'))")]))
    (folder / "link.py").symlink_to(secret / "answer.py")
    (folder / "linked").symlink_to(secret)
    (folder / "up").symlink_to(tmp_path)
    (folder / "data.csv").write_text("1")
    os.mkfifo(folder / "pipe.csv")
    assert [name for name, _ in read_submission(folder).companions] == ["data.csv"]


@pytest.mark.parametrize(
    "source",
    ["%%time\n" * 3000, "!ls\n" * 3000, "x?\n" * 3000, "# a" + " " * 50_000 + "x", "(" * 50_000,
     "class " + "simpleconv" * 5_000 + ": pass", "def " + "out_size" * 5_000 + "(): pass",
     "Problem" + " " * 50_000 + "x", "# Problem" + "\t" * 50_000 + "1", "-" * 100_000 + "1"],
    ids=lambda s: s[:12].strip(),
)  # fmt: skip
def test_text_that_is_slow_to_read_does_not_stall_the_grader(source: str, tmp_path: Path) -> None:
    """The same text as prose and as code; each alone once took minutes or hours."""
    path = tmp_path / "x.ipynb"
    prose = {"cell_type": "markdown", "metadata": {}, "source": source}
    path.write_text(notebook([prose, code(source), code(ANSWER)]))
    line = [sys.executable, "-c", "import sys; from pathlib import Path\n"
            "from graders.binding.callsites import CallSites\n"
            "from graders.binding.definitions import read_definitions\n"
            "from graders.engine import detect_sprint\nfrom graders.specs import load_sprints\n"
            "from graders.submission import read_submission\n"
            "read = read_submission(Path(sys.argv[1])); found, _ = read_definitions(read)\n"
            "CallSites(read); detect_sprint(read, load_sprints())\n"
            "print(*[d.name for d in found][-1:])", str(path)]  # fmt: skip
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert done.stdout.strip() == "output_size", done.stderr


def test_a_notebook_of_hostile_metadata_is_graded(tmp_path: Path) -> None:
    path = ROOT / "submissions" / "hostile" / "metadata.ipynb"
    grading = Grading(Request(path, "cnn1", report=tmp_path / "report.json"))
    grading.select(frozenset({"conv1d_out_size"}))
    results = {e.result.spec.id: e.result for e in grading.events() if isinstance(e, ItemFinished)}
    grading.finish()
    assert results["conv1d_out_size"].status == "failed"
