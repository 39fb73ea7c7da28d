"""An item with prerequisites: judged after them, and skipped, with its points lost, if one is not right."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from graders.cli import main
from graders.errors import SpecError
from graders.grading import Grading, Request
from graders.policy import read_policy
from graders.report.gradescope import results
from graders.specs import BUILTIN, load_sprints
from tests.test_early import CONV, SIZE, TRAINS

WRONG_SIZE = SIZE.replace("+ 2 * p", "+ p")
WRONG_CONV = CONV.replace("da.sum()", "da.mean()")
Write = Callable[..., Path]


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """The built-in specs, where the first item of cnn1 needs the second, and conv1d the first."""
    folder = tmp_path / "specs"
    shutil.copytree(BUILTIN, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for item, needed in (("simple_conv1d", "conv1d_out_size"), ("conv1d", "simple_conv1d")):
        file = folder / "cnn1" / f"{item}.yaml"
        text = file.read_text(encoding="utf-8")
        text = text.replace("required: true", f"required: true\nprerequisites: [{needed}]", 1)
        file.write_text(text, encoding="utf-8")
    return folder


def graded(
    path: Path, specs: Path, early: bool = True, items: frozenset[str] | None = None
) -> dict[str, Any]:
    grading = Grading(Request(path, "cnn1", language="en", specs=specs), early=early)
    if items is not None:
        grading.select(items)
    for _ in grading.events():
        pass
    data = grading.report.as_dict()
    jsonschema.validate(data, json.loads((BUILTIN / "report.schema.json").read_text()))
    return data


def of(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {item["id"]: item for item in data["items"]}


@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize("cells", [(), (TRAINS,)], ids=["plain", "training"])
def test_an_item_waits_for_what_it_needs(
    write_notebook: Write, specs: Path, early: bool, cells: tuple[str, ...]
) -> None:
    right = graded(write_notebook(SIZE, CONV, *cells), specs, early)
    assert of(right)["simple_conv1d"]["status"] == "passed"
    assert [i["id"] for i in right["items"]][:2] == ["simple_conv1d", "conv1d_out_size"]

    data = graded(write_notebook(WRONG_SIZE, CONV, *cells), specs, early)
    item = of(data)["simple_conv1d"]
    assert of(data)["conv1d_out_size"]["status"] == "failed"
    assert (item["status"], item["score"]) == ("skipped", 0)
    assert item["waits_for"] == ["conv1d_out_size"]
    assert of(data)["conv1d_out_size"]["title"] in item["message"]
    assert of(data)["conv1d"]["waits_for"] == ["simple_conv1d"], "it waits for what waits"
    assert data["max_score"] == right["max_score"], "points that are not reached count as lost"


def test_a_missing_prerequisite_is_not_right_either(write_notebook: Write, specs: Path) -> None:
    data = graded(write_notebook("import numpy as np", CONV.replace("output_size", "len")), specs)
    assert of(data)["conv1d_out_size"]["status"] == "missing"
    assert of(data)["simple_conv1d"]["waits_for"] == ["conv1d_out_size"]


def test_only_what_is_wrong_before_it_is_no_matter_after_it(
    write_notebook: Write, specs: Path
) -> None:
    data = graded(write_notebook(SIZE, WRONG_CONV), specs)
    assert of(data)["conv1d_out_size"]["status"] == "passed"
    assert of(data)["simple_conv1d"]["status"] == "partial"


def test_what_was_not_asked_for_is_no_obstacle(write_notebook: Write, specs: Path) -> None:
    data = graded(write_notebook(WRONG_SIZE, CONV), specs, items=frozenset({"simple_conv1d"}))
    assert of(data)["simple_conv1d"]["status"] != "skipped"
    assert of(data)["conv1d_out_size"]["waits_for"] == []
    assert data["max_score"] == of(data)["simple_conv1d"]["max_score"]


def test_a_student_reads_what_comes_first(
    write_notebook: Write, specs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_notebook(WRONG_SIZE, CONV)
    command = ["grade", str(path), "--sprint", "cnn1", "--specs", str(specs)]
    assert main([*command, "--lang", "en"]) == 1
    assert "Not checked: Output size of a 1-D convolution has to be right first." in (
        capsys.readouterr().out
    )
    assert main([*command, "--lang", "ja"]) == 1
    assert "先に" in capsys.readouterr().out


def test_gradescope_counts_the_lost_points(write_notebook: Write, specs: Path) -> None:
    tests = {
        t["number"]: t for t in results(graded(write_notebook(WRONG_SIZE, CONV), specs))["tests"]
    }
    assert tests["simple_conv1d"]["score"] == 0 < tests["simple_conv1d"]["max_score"]
    assert tests["simple_conv1d"]["status"] == "failed"


def test_a_policy_makes_no_prerequisite_of_a_required_item_optional(
    tmp_path: Path, specs: Path
) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("items:\n  conv1d_out_size:\n    required: false\n")
    with pytest.raises(SpecError, match=r"line 3.*conv1d_out_size would be optional"):
        read_policy(policy, load_sprints(specs))
