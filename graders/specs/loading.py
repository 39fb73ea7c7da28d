"""Load a folder of specs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graders.errors import SpecError
from graders.installed import spec_packages
from graders.plugins import plugins
from graders.specs.barred import FROM_SCRATCH
from graders.specs.building import build_item, pattern, text, with_driver
from graders.specs.document import BUILTIN, Document, valid
from graders.specs.model import ItemSpec, SprintSpec
from graders.spelling import nearest
from graders.traits import Trait


def load_sprints(folder: Path | None = None) -> dict[str, SprintSpec]:
    """All sprints of a specs folder (one folder a sprint, with a sprint.yaml), by id.

    Without a folder: the built-in ones, and those of installed packages.

    Raises:
        SpecError: a file is malformed; the message has file, line, key and what was expected.
    """
    found: dict[str, SprintSpec] = {}
    if folder is None:
        _load(BUILTIN, found)
        for package in spec_packages():
            _load(package.folder, found)
    else:
        _load(folder, found)
    return found


def _load(folder: Path, found: dict[str, SprintSpec]) -> None:
    """Add the sprints of a folder to those that were found before."""
    if not folder.is_dir():
        raise SpecError(f"{folder}: no such folder of specs")
    files = sorted(folder.glob("*/sprint.yaml"))
    if not files and any(folder.glob("courses/*/course.yaml")):
        _load(BUILTIN, found)  # courses over the built-in items
        return
    if not files:
        raise SpecError(f"{folder}: no sprint in it (expected NAME/sprint.yaml)")
    for file in files:
        sprint = load_sprint(file.parent)
        if sprint.id in found:
            raise SpecError(f"{file}, line 1, key sprint: {sprint.id!r} is another folder's sprint")
        for other in found.values():
            theirs = {i.id for i in other.items}
            shared = [i.id for i in sprint.items if i.id in theirs]
            if shared:
                raise SpecError(
                    f"{file}, key items: {shared[0]!r} is also an item of sprint {other.id!r}"
                )
        found[sprint.id] = sprint


def load_sprint(folder: Path) -> SprintSpec:
    """One sprint: the folder that has its sprint.yaml and a file an item.

    Raises:
        SpecError: a file is malformed; the message has file, line, key and what was expected.
        PluginError: a plugin can't be used.
    """
    file = folder / "sprint.yaml"
    document = valid(file, "sprint")
    raw = document.data
    documents: dict[str, Document] = {}
    for path in sorted(file.parent.glob("*.yaml")):
        if path.name == "sprint.yaml":
            continue
        item = valid(path, "item")
        name = item.data["id"]
        if name in documents:
            raise item.error(("id",), f"{name!r} is also the id of {documents[name].file}")
        documents[name] = item
    for i, name in enumerate(raw["items"]):
        if name not in documents:
            raise document.error(
                ("items", i), f"no file has the id {name!r}{nearest(name, documents)}"
            )
        if name in raw["items"][:i]:
            raise document.error(("items", i), f"{name!r} stands here twice")
    # What others extend comes first, so that a mistake is told where it stands.
    in_order = sorted(raw["items"], key=lambda n: _depth(documents, n, ()))
    built = {
        name: build_item(documents[name], merged(documents, name, ()), raw["sprint"])
        for name in in_order
    }
    items = [built[name] for name in raw["items"]]
    for name, item in documents.items():
        if name not in raw["items"]:
            raise item.error(("id",), f"{name!r} is not among the items of {file}")
    for spec in items:
        for i, needed in enumerate(spec.prerequisites):
            if needed not in documents:
                raise documents[spec.id].error(
                    ("prerequisites", i), f"unknown item {needed!r}{nearest(needed, documents)}"
                )
        if spec.driven_by and spec.driven_by not in raw["items"]:
            raise documents[spec.id].error(
                ("driven_by",),
                f"unknown item {spec.driven_by!r}{nearest(spec.driven_by, documents)}",
            )
        if spec.driven_by and Trait.LAYER not in built[spec.driven_by].traits:
            layers = [i.id for i in items if Trait.LAYER in i.traits]
            raise documents[spec.id].error(
                ("driven_by",),
                f"{spec.driven_by!r} is no layer{nearest(spec.driven_by, layers)}",
            )
    _check_circles(documents, items)
    for spec in items:
        for i, needed in enumerate(spec.prerequisites):
            if spec.required and not built[needed].required:
                raise documents[spec.id].error(
                    ("prerequisites", i),
                    f"{needed!r} is optional, but the required {spec.id!r} would have to wait for it; "
                    "expected both to be required, or both optional",
                )
    items = [with_driver(spec, built) for spec in items]
    for spec in items:
        plugins().checks(spec)  # what a plugin adds must fit, before anything is graded
    return SprintSpec(
        raw["sprint"],
        text(raw["title"]),
        {pattern(document, ("detect", k), k): v for k, v in raw["detect"].items()},
        tuple(items),
        FROM_SCRATCH.and_also(
            [*raw.get("not_allowed", ()), *(n for spec in items for n in spec.not_allowed)],
            raw.get("allowed", ()),
        ),
        editions=raw.get("editions", {}),
        introduction=text(raw["introduction"]) if "introduction" in raw else None,
    )


def _check_circles(documents: dict[str, Document], items: list[ItemSpec]) -> None:
    """That no item needs itself, by way of others."""
    needs = {spec.id: spec.prerequisites for spec in items}
    for spec in items:
        pending: list[tuple[str, ...]] = [(spec.id,)]
        seen = {spec.id}
        while pending:
            way = pending.pop()
            for needed in needs.get(way[-1], ()):
                if needed == spec.id:
                    circle = " -> ".join([*way, spec.id])
                    raise documents[spec.id].error(
                        ("prerequisites",),
                        f"{spec.id!r} would have to pass before itself: {circle}",
                    )
                if needed not in seen:
                    seen.add(needed)
                    pending.append((*way, needed))


def _depth(documents: dict[str, Document], name: str, way: tuple[str, ...]) -> int:
    base = documents[name].data.get("extends") if name in documents else None
    return 0 if base is None or base in way else 1 + _depth(documents, base, (*way, name))


def merged(documents: Mapping[str, Document], name: str, way: tuple[str, ...]) -> dict[str, Any]:
    """The item's keys over those of the item that it extends; sizes and roles one by one."""
    document = documents[name]
    raw = dict(document.data)
    base = raw.get("extends")
    if base is None:
        return raw
    if base not in documents:
        raise document.error(("extends",), f"unknown item {base!r}{nearest(base, documents)}")
    if base in way or base == name:
        raise document.error(("extends",), f"{name!r} extends itself, by way of {base!r}")
    inherited = merged(documents, base, (*way, name))
    keys = {**inherited, **raw}
    for one_by_one in ("sizes", "roles"):
        keys[one_by_one] = {**inherited.get(one_by_one, {}), **raw.get(one_by_one, {})}
    if not {"names", "own_section_only"} & raw.keys():
        keys.pop("own_section_only", None)
    if "handout" not in raw:
        keys.pop("handout", None)  # the text is about the other item
    return keys
