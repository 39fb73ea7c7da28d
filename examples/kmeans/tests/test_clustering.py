"""K-means: its samples, how strong its judge is, and what becomes of specs that it can't use."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graders import cli
from graders.audit.audit import Settings, run_audit
from graders.extension import use_plugins

ROOT = Path(__file__).resolve().parents[1]
SPECS = ROOT / "kmeans_course" / "specs"
PLUGIN = "kmeans_course.plugin"
SAMPLES = ROOT / "submissions"
WRONG = {
    "best_ever": {"repeat"},
    "farthest": {"labels"},
    "last_start": {"restarts"},
    "one_step": {"centres"},
}


@pytest.fixture(autouse=True)
def _no_plugins_afterwards() -> Iterator[None]:
    yield
    use_plugins("")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The reports of all samples, by name."""
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


@pytest.mark.parametrize("name", sorted(f.stem for f in (SAMPLES / "right").iterdir()))
def test_a_right_sample_passes(name: str, reports: dict[str, Any]) -> None:
    (item,) = reports[name]["items"]
    assert (reports[name]["sprint"], item["status"], item["score"]) == ("kmeans", "passed", 8)


@pytest.mark.parametrize("name", sorted(WRONG))
def test_a_wrong_sample_fails_in_the_right_facets(name: str, reports: dict[str, Any]) -> None:
    assert {f.stem for f in (SAMPLES / "wrong").iterdir()} == WRONG.keys()
    (item,) = reports[name]["items"]
    failed = {c["facet"] for c in item["checks"] if c["status"] == "failed"}
    assert failed == WRONG[name]
    assert not {c["status"] for c in item["checks"]} & {"error"}


def test_a_mistake_that_the_numbers_tell_has_its_name(reports: dict[str, Any]) -> None:
    for name, mistake in (("farthest", "kmeans-farthest"), ("best_ever", "kmeans-best-ever")):
        (item,) = reports[name]["items"]
        assert [m["id"] for m in item["misconceptions"]] == [mistake]


def test_its_sentences_are_in_the_language_of_the_submission(reports: dict[str, Any]) -> None:
    (japanese,), (english,) = (reports[n]["items"] for n in ("last_start", "farthest"))
    assert re.search(r"最良の結果", japanese["message"])
    assert "have the same nearest centre" in english["message"]


def test_a_class_that_raises_or_hides_its_centres_is_told_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = tmp_path / "work.py"
    where = ["--submission", str(work), "--specs", str(SPECS), "--plugin", PLUGIN]
    head = "# K-means\nclass KMeans:\n    def __init__(self, k, n_init): pass\n"
    work.write_text(
        head + "    def fit(self, X): self.x = X.nothing\n    def predict(self, X): pass"
    )
    assert cli.main(["specs", "try", "scratch_kmeans", *where]) == 1
    assert "KMeans.fit(X) raised AttributeError" in capsys.readouterr().out
    work.write_text(head + "    def fit(self, X): self.x = 1\n    def predict(self, X): return 1")
    assert cli.main(["specs", "try", "scratch_kmeans", *where]) == 1
    out = capsys.readouterr().out
    assert "nothing is kept that has the shape of the centres" in out
    assert "does not give one number a point" in out
    work.write_text("# K-means\n")
    assert cli.main(["specs", "try", "scratch_kmeans", *where]) == 1
    assert "Nothing in the submission answers this" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("starts: 30", "start: 30", "unknown key 'start'; did you mean 'starts'?"),
        ("starts: 30", "starts: 1", "key options.starts: 1 is too little; expected at least 2"),
        ("labels: 2", "lables: 2", "nothing checks 'lables' of kind clustering"),
        ("kind: clustering", "kind: clusterin", "did you mean 'clustering'?"),
        ("options: {", "# {", "'options' is missing"),
    ],
)
def test_a_spec_that_the_judge_cannot_use_is_refused(
    old: str, new: str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = tmp_path / "kmeans"
    where.mkdir()
    for file in (SPECS / "kmeans").glob("*.yaml"):
        (where / file.name).write_text(file.read_text(encoding="utf-8").replace(old, new))
    assert cli.main(["specs", "check", str(tmp_path), "--plugin", PLUGIN]) == 2
    said = capsys.readouterr().err
    assert reason in said
    assert re.search(r"scratch_kmeans\.yaml, line \d+", said)


def test_a_new_item_of_the_kind_loads_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--specs", str(tmp_path), "--plugin", PLUGIN]
    assert cli.main(["specs", "new", "my_clusters", "--kind", "clustering", *where]) == 0
    assert cli.main(["specs", "show", "my_clusters", *where]) == 0
    shown = capsys.readouterr().out
    assert "3  centres: each centre is the mean of its points" in shown


def test_the_reference_settles_where_each_centre_is_the_mean_of_its_points() -> None:
    from kmeans_course.clustering import KMeans, distances

    x = np.random.default_rng(0).standard_normal((50, 3))
    model = KMeans(4)
    model.fit(x)
    nearest = model.predict(x)
    for k, centre in enumerate(model.centres):
        np.testing.assert_allclose(centre, x[nearest == k].mean(axis=0))
    assert model.sse == pytest.approx(distances(x, model.centres).min(axis=1).sum())


def test_the_audit_reaches_the_bars_of_our_own_specs() -> None:
    (audit,) = run_audit(Settings(SPECS, workers=1, plugin=PLUGIN))
    assert list(audit.failures()) == []
    assert len(audit.wrapped) >= 3
    assert all(m.right for m in audit.mistaken)
    named = [m for m in audit.mistaken if m.misconception.startswith("kmeans-")]
    assert len(named) == 8 * len(audit.wrapped)
    assert audit.score >= 0.95


def test_it_is_found_once_it_is_installed(tmp_path: Path) -> None:
    """The entry points of pyproject.toml, as pip leaves them, and nothing else is said."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    info = tmp_path / "scratchgrade_kmeans-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: scratchgrade-kmeans\nVersion: 0.1.0\n"
    )
    lines = []
    for group, points in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {value}" for name, value in points.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
    work = SAMPLES / "right" / "plus_plus.py"
    path = os.pathsep.join([str(tmp_path), str(ROOT), *sys.path])
    done = subprocess.run(
        [sys.executable, "-m", "graders.cli", "grade", str(work)],
        env={**os.environ, "PYTHONPATH": path}, timeout=120, check=False, capture_output=True,
    )  # fmt: skip
    assert done.returncode == 0


def test_it_is_handed_out_like_a_sprint_of_ours(tmp_path: Path) -> None:
    line = ["release", "--specs", str(SPECS), "--plugin", PLUGIN, "--out", str(tmp_path), "--lang"]
    assert cli.main([*line, "ja"]) == 0
    cells = json.loads((tmp_path / "kmeans.ipynb").read_text())["cells"]
    (template,) = (c for c in cells if c["id"] == "scratch_kmeans-answer")
    assert "class ScratchKMeans:" in "".join(template["source"])
