"""The GitHub action and the workflows do what they say, as far as that can be tried without GitHub."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.batch_class import RIGHT, WRONG, notebook, wrapper

CI = Path(__file__).resolve().parents[1]


def test_the_action_and_the_workflows_are_read(tmp_path: Path) -> None:
    action = yaml.safe_load((CI / "action" / "action.yml").read_text("utf-8"))
    assert action["runs"]["using"] == "composite"
    assert all("shell" in step for step in action["runs"]["steps"] if "run" in step)
    for path in (CI / "workflows").glob("*.yml"):
        workflow = yaml.safe_load(path.read_text("utf-8"))
        assert "pull_request_target" not in workflow[True]
        for job in workflow["jobs"].values():
            ours = [s for s in job["steps"] if "examples/ci/action" in s.get("uses", "")]
            assert ours
            assert set(ours[0]["with"]) <= set(action["inputs"])
            assert not [s for s in job["steps"] if "${{" in s.get("run", "")]


@pytest.mark.parametrize(("source", "status"), [(RIGHT, 0), (WRONG, 1)])
def test_the_step_grades_and_tells(tmp_path: Path, source: str, status: int) -> None:
    runner, pushed = tmp_path / "runner", tmp_path / "repository"
    pushed.mkdir()
    (pushed / "work.ipynb").write_text(notebook(source), encoding="utf-8")
    (pushed / "json.py").write_text("raise SystemExit('imported')")
    wrapper(runner / "scratchgrade" / "bin" / "python")
    program = wrapper(runner / "scratchgrade" / "bin" / "scratchgrade")
    program.write_text(program.read_text().replace('"$@"', '-m graders.cli "$@"'))
    summary, output = tmp_path / "summary.md", tmp_path / "output"
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "RUNNER_TEMP": str(runner),
        "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(output),
        "SUBMISSION": "work.ipynb", "SPRINT": "cnn1", "OPTIONS": "--item conv1d_out_size --seed 3",
    }  # fmt: skip
    done = subprocess.run(
        ["bash", CI / "action" / "grade.sh"], cwd=pushed, env=environment, timeout=120,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == status, done.stdout + done.stderr
    assert summary.read_text("utf-8").startswith("## ")
    told = dict(line.split("=") for line in output.read_text().splitlines())
    assert (float(told["score"]) == float(told["max-score"])) == (status == 0)
    reports = {p.name for p in (runner / "scratchgrade-reports").iterdir()}
    assert reports == {"report.json", "report.html"}


def test_the_result_for_classroom_50_is_as_its_documentation_says(tmp_path: Path) -> None:
    """https://github.com/foundation50/classroom50/wiki/Advanced-Autograding"""
    (tmp_path / "sprint11.ipynb").write_text(notebook(RIGHT), encoding="utf-8")
    (tmp_path / "json.py").write_text("raise SystemExit('imported')")
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "SCRATCHGRADE_PYTHON": sys.executable,
        "CLASSROOM": "dl", "ASSIGNMENT": "sprint11", "SUBMISSION_TAG": "submit/1",
        "COMMIT_URL": "https://github.com/o/r/commit/1", "RELEASE_URL": "https://github.com/o/r/releases/1",
    }  # fmt: skip
    program = CI / "classroom50" / "autograder.py"
    done = subprocess.run(
        [sys.executable, "-P", program], cwd=tmp_path, env=environment, timeout=120,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads((tmp_path / "result.json").read_text("utf-8"))
    assert set(told) == {
        "schema", "classroom", "assignment", "submission", "commit", "release", "review", "datetime",
        "score", "max-score", "tests",
    }  # fmt: skip
    assert (told["schema"], told["review"]) == ("classroom50/result/v1", environment["COMMIT_URL"])
    assert told["score"] == sum(t["score"] for t in told["tests"]) == 2
    assert told["max-score"] == sum(t["max-score"] for t in told["tests"]) > 2
    for test in told["tests"]:
        assert set(test) == {"test-name", "passed", "score", "max-score"}
        assert isinstance(test["score"], int) and isinstance(test["passed"], bool)
