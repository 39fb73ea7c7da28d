"""Editors can help: every YAML file names a JSON schema that is there and that it is valid by."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import referencing
import referencing.jsonschema
import yaml

from graders import cli
from graders.authoring.templates import kinds
from graders.specs import BUILTIN

ROOT = Path(__file__).resolve().parent.parent
LINE = re.compile(r"# yaml-language-server: \$schema=(\S+)")
FILES = [*ROOT.glob("specs/**/*.yaml"), ROOT / "graders" / "binding" / "lexicon.yaml"]


def schema_of(file: Path) -> Path:
    """The schema that a file's first line names, by way of the file's own folder."""
    said = LINE.fullmatch(file.read_text(encoding="utf-8").splitlines()[0])
    assert said is not None, f"{file}: no schema for editors"
    schema = (file.parent / said.group(1)).resolve()
    assert schema.is_file(), f"{file}: {schema} is not there"
    return schema


def problems(file: Path) -> list[str]:
    """What a language server would underline in a file."""
    schemas = {f.name: json.loads(f.read_text(encoding="utf-8")) for f in BUILTIN.glob("*.json")}
    registry: Any = referencing.Registry().with_resources(
        (name, referencing.Resource.from_contents(s)) for name, s in schemas.items()
    )
    schema = schemas[schema_of(file).name]
    validator = jsonschema.Draft202012Validator(schema, registry=registry)
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    return [e.message for e in validator.iter_errors(data)]


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_every_file_is_valid_by_the_schema_that_it_names(file: Path) -> None:
    assert problems(file) == []


@pytest.mark.parametrize("kind", kinds())
def test_a_new_spec_names_a_schema_that_finds_a_typo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, of in (("first", "layer"), ("second", kind)):
        assert cli.main(["specs", "new", name, "--kind", of, "--specs", "course/specs"]) == 0
    file = tmp_path / "course" / "specs" / "own" / "second.yaml"
    assert problems(file) == problems(file.with_name("sprint.yaml")) == []
    file.write_text(file.read_text().replace("\nfacets:", "\nfacet:").replace("asks:", "ask:"))
    assert problems(file)


def test_schemas_beside_the_specs_are_named_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["specs", "schemas", "course"]) == 0
    assert "wrote course/policy.schema.json" in capsys.readouterr().out
    assert cli.main(["specs", "new", "mine", "--kind", "layer", "--specs", "course"]) == 0
    file = tmp_path / "course" / "own" / "mine.yaml"
    assert schema_of(file) == (tmp_path / "course" / "spec.schema.json").resolve()
    # What the others refer to is there, too.
    for schema in (tmp_path / "course").glob("*.json"):
        refers = json.loads(schema.read_text()).get("$ref", "spec.schema.json").partition("#")[0]
        assert schema.with_name(refers).is_file()
    assert cli.main(["specs", "check", "course"]) == 0
    (tmp_path / "file").write_text("")
    assert cli.main(["specs", "schemas", "file"]) == 2
    assert "can't be written" in capsys.readouterr().err


def test_a_new_policy_names_a_schema_that_finds_a_typo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["policy", "new"]) == 0
    assert capsys.readouterr().out == "wrote policy.yaml\n"
    file = tmp_path / "policy.yaml"
    assert problems(file) == []
    assert cli.main(["policy", "new", "policy.yaml"]) == 2
    assert "is there already" in capsys.readouterr().err
    # What is commented out is right, too, once the marks are gone.
    whole = re.sub(r"^# (?=[a-z_]+: |items:|  )", "", file.read_text(), flags=re.MULTILINE)
    file.write_text(whole)
    assert set(yaml.safe_load(file.read_text())["items"]) == {"adagrad", "fc"}
    assert problems(file) == []
    assert cli.main(["policy", "check", "policy.yaml"]) == 0
    told = capsys.readouterr().out
    assert "nothing is wrong" in told
    assert "adagrad: optional; points: update 2 (not 3); accepted: adagrad-from-one" in told
    file.write_text(whole.replace("feedback:", "feedbak:"))
    assert problems(file)
    assert cli.main(["policy", "check", "policy.yaml"]) == 2
    assert "did you mean 'feedback'?" in capsys.readouterr().err
