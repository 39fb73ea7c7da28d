"""New specs: a commented template that loads as it is, put among the items of its sprint."""

from __future__ import annotations

import os
import re
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from graders.errors import GraderError, UsageError
from graders.plugins import plugins
from graders.specs import BUILTIN, load_sprints
from graders.spelling import meant
from graders.traits import KINDS

_VARIETIES = ("activation",)  # a layer without weights
_SCHEMA = "spec.schema.json"
# Of what an instructor writes; those of the others refer to the first one.
SCHEMAS = (_SCHEMA, "lexicon.schema.json", "overrides.schema.json", "policy.schema.json")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
_ITEMS = re.compile(r"^items:[ \t]*\[(.*)\][ \t]*(#.*)?$", re.MULTILINE)


def kinds() -> list[str]:
    """The kinds that have a template: ours, and those of plugins."""
    return sorted([*KINDS, *_VARIETIES]) + sorted(_plugged())


def _file(template: str) -> Traversable:
    """Where the template is kept: a kind's in its folder."""
    if template in KINDS:
        return resources.files(f"graders.kinds.{template}") / "template.yaml"
    return resources.files("graders.authoring") / "templates" / f"{template}.yaml"


def _plugged() -> dict[str, str]:
    """The templates of plugins' kinds."""
    head = "# yaml-language-server: $schema=SCHEMA\nid: ITEM\nkind: {name}\n"
    own = plugins().kinds.values()
    return {k.name: head.replace("{name}", k.name) + k.template for k in own if k.template}


def write_new(item: str, kind: str, sprint: str, specs: Path) -> list[Path]:
    """Write the item's file, and its sprint's if that is new; the files that were written.

    Raises:
        UsageError: a name can't be used, or something is there already.
        SpecError: the specs that are there do not load; nothing is written then.
    """
    for option, name in (("ITEM", item), ("--sprint", sprint)):
        if not _IDENTIFIER.fullmatch(name):
            raise UsageError(f"{option} {name}: expected small letters, digits and _")
    if kind not in kinds():
        raise UsageError(f"--kind {kind}: one of {', '.join(kinds())}{meant(kind, kinds())}")
    folder = specs / sprint
    file, of_sprint = folder / f"{item}.yaml", folder / "sprint.yaml"
    if file.exists():
        raise UsageError(f"{file}: is there already")
    if of_sprint.exists():
        for other in load_sprints(specs).values():
            if item in [i.id for i in other.items]:
                raise UsageError(f"{item}: is an item of {other.id} already")
    written = {file: _filled(kind, item, sprint, folder)}
    if of_sprint.exists():
        written[of_sprint] = _with_item(of_sprint, item)
    else:
        written[of_sprint] = _filled("sprint", item, sprint, folder)
    before = {f: f.read_text(encoding="utf-8") if f.exists() else None for f in written}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in written.items():
            path.write_text(text, encoding="utf-8")
        load_sprints(specs)
    except OSError as error:
        raise UsageError(f"{folder}: can't be written: {error.strerror}") from error
    except GraderError:
        for path, old in before.items():
            if old is None:
                path.unlink(missing_ok=True)
            else:
                path.write_text(old, encoding="utf-8")
        raise
    return list(written)


def _filled(template: str, item: str, sprint: str, folder: Path) -> str:
    text = _plugged().get(template, "")
    if not text:
        source = _file(template)
        text = source.read_text(encoding="utf-8")
    words = item.split("_")
    values = {
        "SCHEMA": os.path.relpath(_schema(folder), folder.resolve()),
        "ITEM": item,
        "SPRINT": sprint,
        "TITLE": " ".join(words).capitalize() if template != "sprint" else sprint,
        "CLASS": "".join(w.capitalize() for w in words),
        "FUNCTION": item,
        "PATTERN": "_?".join(words),
    }
    return re.sub(r"\b(" + "|".join(values) + r")(?=\b|\\)", lambda m: values[m.group(1)], text)


def _schema(folder: Path) -> Path:
    """The copy of the schema that lies beside the sprint's folder, if there is one."""
    copy = folder.resolve().parent / _SCHEMA
    return copy if copy.is_file() else BUILTIN / _SCHEMA


def copy_schemas(folder: Path) -> list[Path]:
    """Write the JSON schemas for editors into a folder, over older ones; the files.

    Raises:
        UsageError: they can't be written.
    """
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in SCHEMAS:
            file = folder / name
            file.write_text((BUILTIN / name).read_text(encoding="utf-8"), encoding="utf-8")
            written.append(file)
    except OSError as error:
        raise UsageError(f"{folder}: can't be written: {error.strerror}") from error
    return written


def _with_item(file: Path, item: str) -> str:
    """The sprint's file with one more item, in either of the forms that YAML lists have."""
    text = file.read_text(encoding="utf-8")
    if _ITEMS.search(text):
        return _ITEMS.sub(lambda m: f"items: [{m.group(1)}, {item}]{m.group(2) or ''}", text)
    lines = text.splitlines(keepends=True)
    for start, line in enumerate(lines):
        if re.match(r"items:\s*(#.*)?$", line):
            end = start + 1
            while end < len(lines) and re.match(r"\s*-\s", lines[end]):
                end += 1
            indent = re.match(r"\s*", lines[start + 1]) if end > start + 1 else None
            lines.insert(end, f"{indent.group() if indent else '  '}- {item}\n")
            return "".join(lines)
    raise UsageError(f"{file}: has no list of items that could be added to")
