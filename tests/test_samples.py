"""Our own submissions: each gets exactly the statuses and the failing facets that it should."""

import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from graders.engine import Finished, ItemFinished, Loaded, Options, grade
from graders.judging.context import TrainingOptions
from graders.judging.results import ItemResult
from graders.submission import read_submission
from tests.built_in import built_in_sprints
from tests.net import Net

SAMPLES = Path(__file__).resolve().parent.parent / "submissions"
EXPECTED = sorted(SAMPLES.glob("*/*.expected.yaml"))


def sample_of(expected: Path) -> Path:
    """The notebook, module or folder that the file of expectations is about."""
    name = expected.name.removesuffix(".expected.yaml")
    (found,) = (expected.parent / n for n in (f"{name}.ipynb", f"{name}.py", name)
                if (expected.parent / n).exists())  # fmt: skip
    return found


def graded(path: Path, sprint: str, seconds: float = 60.0) -> dict[str, ItemResult]:
    """The results of the items, by id; training has so many seconds."""
    options = Options(sys.executable, training=TrainingOptions(seconds=seconds))
    events = list(grade(read_submission(path), built_in_sprints()[sprint], options))
    assert isinstance(events[0], Loaded)
    assert isinstance(events[-1], Finished)
    return {e.result.spec.id: e.result for e in events if isinstance(e, ItemFinished)}


def test_there_are_enough_samples() -> None:
    kinds = [path.parent.name for path in EXPECTED]
    assert kinds.count("right") >= 3
    assert kinds.count("wrong") >= 8


def test_every_sample_says_what_is_expected_of_it() -> None:
    beside = {sample_of(path) for path in EXPECTED} | set(EXPECTED)
    assert {p for p in SAMPLES.glob("right/*") if p.name != "__pycache__"} <= beside
    assert {p for p in SAMPLES.glob("wrong/*") if p.name != "__pycache__"} <= beside


@pytest.mark.parametrize("path", EXPECTED, ids=lambda p: p.name.removesuffix(".expected.yaml"))
def test_a_sample_gets_its_statuses_and_its_failing_facets(path: Path, net: Net) -> None:
    expected: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    results = graded(sample_of(path), expected["sprint"], expected.get("training_seconds", 60.0))
    judged = {k: r for k, r in results.items() if r.status != "manual"}
    assert {k: r.status for k, r in judged.items()} == expected["items"]
    failing = {k: r.wrong_facets for k, r in judged.items() if r.status != "missing"}
    assert {k: set(f) for k, f in failing.items() if f} == {
        k: set(f) for k, f in expected["facets"].items()
    }
    named = {
        k: {n.id for d in r.diagnoses for n in d.names} for k, r in judged.items() if r.diagnoses
    }
    assert named == {k: {v} for k, v in expected.get("misconceptions", {}).items()}
    for result in judged.values():
        points = sum(
            p
            for f, p in result.spec.facets.items()
            if f not in failing.get(result.spec.id, result.spec.facets)
            and f not in result.uncounted
        )
        assert result.score == points
    net.holds(f"sample {path.parent.name}/{path.name.removesuffix('.expected.yaml')}", judged)
