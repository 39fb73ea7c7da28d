"""``specs show``, ``specs new`` and ``specs try``: what an author of specs sees and gets."""

from pathlib import Path

import pytest

from graders import cli
from graders.authoring.templates import kinds
from graders.specs import load_sprints
from graders.traits import KINDS
from tests.built_in import built_in_sprints

ITEMS = {item.id: item for sprint in built_in_sprints().values() for item in sprint.items}

TANH = """\
import numpy as np


class Tanh:
    def forward(self, A):
        self.Z = np.tanh(A)
        return self.Z

    def backward(self, dZ):
        return dZ * (1 - self.Z{square})
"""


@pytest.mark.parametrize("item", ITEMS)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_an_item_is_shown_with_all_its_points(
    item: str, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["specs", "show", item, "--lang", language]) == 0
    out = capsys.readouterr().out
    spec = ITEMS[item]
    assert spec.title.in_language("ja" if language == "ja" else "en") in out
    assert spec.asks.in_language("ja" if language == "ja" else "en") in out
    for facet, points in spec.facets.items():
        assert f"    {points:g}  {facet}: " in out
    for answer in spec.answers:
        assert answer.expected in out
    for pair in spec.documented:
        assert pair.source in out


def test_an_item_that_is_not_there_is_told_with_the_nearest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["specs", "show", "conv1"]) == 2
    assert "unknown item; did you mean 'conv1d'?" in capsys.readouterr().err


def test_every_kind_has_a_template() -> None:
    assert set(kinds()) == {*KINDS, "activation"}


@pytest.mark.parametrize("kind", kinds())
def test_a_new_spec_loads_as_it_is(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    specs = tmp_path / "mine"
    where = ["--specs", str(specs)]
    assert cli.main(["specs", "new", "my_item", "--kind", kind, *where]) == 0
    item = load_sprints(specs)["own"].item("my_item")
    assert item.kind == ("layer" if kind == "activation" else kind)
    assert cli.main(["specs", "check", str(specs)]) == 0
    assert cli.main(["specs", "show", "my_item", *where]) == 0
    text = (specs / "own" / "my_item.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=")
    schema = text.splitlines()[0].partition("=")[2]
    assert (specs / "own" / schema).resolve().is_file()
    left = [w for w in ("ITEM", "CLASS", "PATTERN", "TITLE", "SPRINT") if w in text]
    assert not left
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "items", ["items: [one] # in order", "items:\n  - one", "items:\n- one\n\n# the end"]
)
def test_a_new_item_joins_the_others_however_they_are_listed(items: str, tmp_path: Path) -> None:
    where = ["--specs", str(tmp_path)]
    assert cli.main(["specs", "new", "one", "--kind", "manual", *where]) == 0
    file = tmp_path / "own" / "sprint.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("items: [one]", items))
    assert cli.main(["specs", "new", "two", "--kind", "answers", *where]) == 0
    assert [i.id for i in load_sprints(tmp_path)["own"].items] == ["one", "two"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["x y", "--kind", "layer"], "expected small letters"),
        (["x", "--kind", "layr"], "did you mean 'layer'?"),
        (["x", "--kind", "layer", "--sprint", "../.."], "expected small letters"),
        (["there", "--kind", "layer"], "is there already"),
        (["there", "--kind", "layer", "--sprint", "other"], "'there' is also an item"),
    ],
)
def test_what_can_not_be_made_leaves_everything_as_it_was(
    arguments: list[str], reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--specs", str(tmp_path)]
    assert cli.main(["specs", "new", "there", "--kind", "manual", *where]) == 0
    before = {p: p.read_text() for p in tmp_path.rglob("*.yaml")}
    capsys.readouterr()
    assert cli.main(["specs", "new", *arguments, *where]) == 2
    assert reason in capsys.readouterr().err
    assert {p: p.read_text() for p in tmp_path.rglob("*.yaml")} == before


@pytest.mark.parametrize(("square", "status"), [(" ** 2", 0), ("", 1)])
def test_an_item_is_tried_on_a_submission_check_by_check(
    square: str, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = tmp_path / "work.py"
    work.write_text(TANH.format(square=square))
    assert cli.main(["specs", "try", "tanh", "--submission", str(work)]) == status
    out = capsys.readouterr().out
    assert out.startswith(f"tanh: {'partial, 4' if status else 'passed, 6'} of 6 points")
    assert "bound to Tanh of cell 0" in out or "bound to Tanh" in out
    assert "passed   forward: " in out
    assert ("failed   dX: " if status else "passed   dX: ") in out


def test_a_new_spec_can_be_tried_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--specs", str(tmp_path / "specs")]
    assert cli.main(["specs", "new", "tanh", "--kind", "activation", *where]) == 0
    work = tmp_path / "work.py"
    work.write_text(TANH.format(square=" ** 2"))
    assert cli.main(["specs", "try", "tanh", "--submission", str(work), *where]) == 0
    assert "tanh: passed, 6 of 6 points" in capsys.readouterr().out


def test_a_new_classifier_can_be_tried_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--specs", str(tmp_path / "specs")]
    assert cli.main(["specs", "new", "my_network", "--kind", "classifier", *where]) == 0
    root = Path(__file__).resolve().parent.parent
    work = str(root / "submissions" / "right" / "network_in_one_class.py")
    assert cli.main(["specs", "try", "my_network", "--submission", work, *where]) == 0
    assert "passed   training: Learns: accuracy 0." in capsys.readouterr().out
