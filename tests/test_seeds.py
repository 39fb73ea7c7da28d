"""The two cnn1 submissions that the project started from get the verdicts of their labels."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from graders.engine import ItemFinished, Options, grade
from graders.submission import read_submission
from tests.built_in import built_in_sprints

SEEDS = Path(__file__).resolve().parent.parent.parent / "shared" / "seeds"


def agrees(label: dict[str, Any], got: str) -> bool:
    """True if a status fits a label, by the rules of the corpus."""
    verdict: str = label["verdict"]
    if verdict == "cannot_tell" or label.get("either"):
        return True
    if verdict == "absent":
        return got in ("missing", "manual", "skipped")
    if got in ("missing", "manual", "skipped"):
        return False
    return (got == "passed") == (verdict == "right")


@pytest.mark.parametrize("name", ["sprint11_cnn1_ja.ipynb", "sprint11_cnn1_en.ipynb"])
def test_a_seed_gets_the_verdicts_of_its_labels(name: str) -> None:
    if not (SEEDS / "labels_seeds.json").is_file():
        pytest.skip("the seeds are not here: ../shared/seeds lies outside this repository")
    labels = json.loads((SEEDS / "labels_seeds.json").read_text(encoding="utf-8"))
    (label,) = (entry for entry in labels if entry["file"] == name)
    sprint = built_in_sprints()["cnn1"]
    judged = {i.id for i in sprint.items} - {"cnn1d_classifier"}  # it would be trained anew
    options = Options(sys.executable, items=frozenset(judged))
    status = {
        event.result.spec.id: event.result.status
        for event in grade(read_submission(SEEDS / name), sprint, options)
        if isinstance(event, ItemFinished)
    }
    wrong = {
        entry["item"]: (entry["verdict"], status.get(entry["item"], "missing"))
        for entry in label["items"]
        if entry["item"] in judged and not agrees(entry, status.get(entry["item"], "missing"))
    }
    assert wrong == {}
    assert {"simple_conv1d", "conv1d"} <= {entry["item"] for entry in label["items"]}
