"""The recurrent sprint: its samples, how strong its spec is, and that it is found once installed."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graders.audit.audit import Settings, run_audit
from graders.authoring.checking import problems
from graders.extension import use_plugins
from graders.specs import load_sprints

ROOT = Path(__file__).resolve().parents[1]
SPECS = ROOT / "rnn_course" / "specs"
PLUGIN = "rnn_course.plugin"
SAMPLES = ROOT / "submissions"
GRADIENTS = {"dX", "dW_x", "dW_h", "dB"}

# Each wrong sample: the facets that fail, and what its mistake is called there.
WRONG: dict[str, tuple[set[str], str]] = {
    "last_step_only": (GRADIENTS, "rnn-last-step-only"),
    "no_recurrence": ({"forward", *GRADIENTS}, "rnn-no-recurrence"),
    "not_summed": ({"dW_x", "dW_h", "dB"}, "rnn-not-summed"),
    "not_transposed": (GRADIENTS, "rnn-not-transposed"),
    "reversed_time": ({"forward", "dX", "dW_x"}, "rnn-reversed-time"),
    "state_kept": ({"forward", *GRADIENTS, "repeat"}, "rnn-state-kept"),
    "steps_reversed": ({"dX"}, "rnn-steps-reversed"),
    "wrong_state": ({"dW_h"}, "rnn-wrong-state"),
}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The reports of all samples, by name, from the command that an instructor would use."""
    out = tmp_path_factory.mktemp("class") / "results"
    gathered = tmp_path_factory.mktemp("submissions")
    for file in SAMPLES.glob("*/*.py"):
        (gathered / file.name).write_bytes(file.read_bytes())
    command = [sys.executable, "-m", "graders.cli", "batch", str(gathered), "--out", str(out)]
    command += ["--specs", str(SPECS), "--plugin", PLUGIN, "--workers", "2"]
    path = os.pathsep.join([str(ROOT), *sys.path])
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, timeout=240, check=False)
    assert done.returncode == 0
    found = [json.loads(f.read_text()) for f in (out / "reports").glob("*.json")]
    return {Path(report["submission"]["path"]).stem: report for report in found}


def test_there_are_three_right_and_eight_wrong_samples() -> None:
    assert len(list((SAMPLES / "right").iterdir())) == 3
    assert {f.stem for f in (SAMPLES / "wrong").iterdir()} == WRONG.keys()
    assert len(WRONG) == 8


@pytest.mark.parametrize("name", sorted(f.stem for f in (SAMPLES / "right").iterdir()))
def test_a_right_sample_passes(name: str, reports: dict[str, Any]) -> None:
    assert reports[name]["sprint"] == "rnn"
    (item,) = reports[name]["items"]
    assert (item["status"], item["score"]) == ("passed", item["max_score"])
    assert {c["status"] for c in item["checks"]} == {"passed"}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_a_wrong_sample_fails_in_the_right_facets(name: str, reports: dict[str, Any]) -> None:
    facets, mistake = WRONG[name]
    (item,) = reports[name]["items"]
    # Where nothing of what is computed is right, a shape and a repetition are worth nothing either.
    nothing = facets >= {"forward", *GRADIENTS}
    assert item["status"] == ("failed" if nothing else "partial")
    lost = {c["facet"] for c in item["checks"] if c["status"] != "passed"}
    assert lost == facets | ({"shape", "repeat"} if nothing else set())
    assert mistake in {m["id"] for m in item["misconceptions"]}


def test_the_report_of_a_japanese_sample_is_japanese(reports: dict[str, Any]) -> None:
    (item,) = reports["state_kept"]["items"]
    for said in item["misconceptions"]:
        assert re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", said["title"] + said["hint"])


def test_the_text_says_what_its_small_arrays_give() -> None:
    """The pair of the text, by the reference: what the spec check compares, too."""
    from rnn_course.recurrent import SimpleRNN

    x = np.array([[[1, 2], [2, 3], [3, 4]]]) / 100
    w_x = np.array([[1, 3, 5, 7], [3, 5, 7, 8]]) / 100
    w_h = np.array([[1, 3, 5, 7], [2, 4, 6, 8], [3, 5, 7, 8], [4, 6, 8, 10]]) / 100
    last = SimpleRNN(w_x, w_h, np.ones(4)).forward(x)
    told = [[0.79494228, 0.81839002, 0.83939649, 0.85584174]]
    np.testing.assert_allclose(last, told, rtol=0, atol=5e-9)
    use_plugins(PLUGIN)
    assert list(problems(load_sprints(SPECS))) == []


def test_the_reference_is_the_derivative_of_its_own_forward() -> None:
    from rnn_course.recurrent import SimpleRNN

    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(s) for s in ((3, 4, 2), (2, 5), (5, 5), (5,))]
    upstream = rng.standard_normal((3, 5))

    def value(arrays: list[np.ndarray]) -> float:
        x, *weights = arrays
        return float(np.sum(SimpleRNN(*weights).forward(x) * upstream))

    layer = SimpleRNN(*arrays[1:])
    layer.forward(arrays[0])
    gradients = [layer.backward(upstream), *layer.grads.values()]
    for i, gradient in enumerate(gradients):
        step = 1e-6 * rng.choice([-1.0, 1.0], arrays[i].shape)
        ahead, behind = [a.copy() for a in arrays], [a.copy() for a in arrays]
        ahead[i], behind[i] = arrays[i] + step, arrays[i] - step
        slope = (value(ahead) - value(behind)) / 2e-6
        assert slope == pytest.approx(float(np.sum(gradient * step)) / 1e-6, rel=1e-6)


def test_the_audit_reaches_the_bars_of_our_own_specs() -> None:
    (audit,) = run_audit(Settings(SPECS, workers=1, plugin=PLUGIN))
    assert list(audit.failures()) == []
    assert len(audit.wrapped) >= 3
    assert all(w.verdict.passed for w in audit.wrapped)
    named = [m for m in audit.mistaken if m.misconception.startswith("rnn-")]
    assert len(named) == 10 * len(audit.wrapped)
    assert all(m.right for m in audit.mistaken)
    assert audit.mutants >= 60
    assert audit.score >= 0.95


def test_it_is_found_once_it_is_installed(tmp_path: Path) -> None:
    """The entry points of pyproject.toml, as pip leaves them, and nothing else is said."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    info = tmp_path / "scratchgrade_rnn-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: scratchgrade-rnn\nVersion: 0.1.0\n"
    )
    lines = []
    for group, points in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {value}" for name, value in points.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
    report = tmp_path / "report.json"
    work = SAMPLES / "wrong" / "steps_reversed.py"
    command = [sys.executable, "-m", "graders.cli", "grade", str(work), "--report", str(report)]
    path = os.pathsep.join([str(tmp_path), str(ROOT), *sys.path])
    subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, timeout=120, check=False)
    (item,) = json.loads(report.read_text())["items"]
    assert item["status"] == "partial"
    assert [m["id"] for m in item["misconceptions"]] == ["rnn-steps-reversed"]
