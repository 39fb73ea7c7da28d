"""Courses: what a course asks for, over the items of the sprints and of the catalogue.

A folder of specs may have ``courses/NAME/course.yaml`` for each course, and items that no sprint
asks for in ``courses/catalogue/``. A course names items and says what it calls them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from graders.errors import UsageError
from graders.installed import spec_packages
from graders.specs.barred import FROM_SCRATCH
from graders.specs.building import build_item, pattern, text, with_driver
from graders.specs.document import BUILTIN, Document, valid
from graders.specs.loading import load_sprints, merged
from graders.specs.model import ItemSpec, SprintSpec
from graders.spelling import nearest

FOLDER = "courses"
CATALOGUE = "catalogue"
_OVERRIDING = (
    "canonical",
    "title",
    "facets",
    "whole_windows",
    "derivative_alone",
    "zeroed",
    "asks",
    "reference",
    "forms",
    "unscaled",
    "handout",
)  # what an entry of a course says instead


def course_files(folder: Path | None = None) -> dict[str, Path]:
    """The course.yaml of each course of a folder of specs, by name; None: all that are installed."""
    folders = [folder] if folder is not None else [BUILTIN, *(p.folder for p in spec_packages())]
    files = (f for one in folders for f in sorted((one / FOLDER).glob("*/course.yaml")))
    return {file.parent.name: file for file in files}


def offered(folder: Path | None = None, course: str = "") -> dict[str, SprintSpec]:
    """What a submission can be for: the sprints of a folder of specs (None: all that are
    installed), or of a course, or the course itself.

    Raises:
        UsageError: no such course.
        SpecError: a file is malformed; the message has file, line, key and what was expected.
    """
    sprints = load_sprints(folder)
    return load_course(course, sprints, folder) if course else sprints


def load_course(
    name: str, sprints: Mapping[str, SprintSpec], folder: Path | None = None
) -> dict[str, SprintSpec]:
    """What a submission of a course can be for: its sprints, or one that has all its items.

    Args:
        name: the course's; its folder is called so.
        sprints: of the same folder of specs; the course's items are theirs and the catalogue's.

    Raises:
        UsageError: no such course.
        SpecError: a file is malformed; the message has file, line, key and what was expected.
    """
    return _loaded(name, course_files(folder), sprints)


def _loaded(
    name: str, files: Mapping[str, Path], sprints: Mapping[str, SprintSpec]
) -> dict[str, SprintSpec]:
    if name not in files:
        raise UsageError(f"--course {name}: unknown course{nearest(name, files)}")
    document = valid(files[name], "course")
    raw = document.data
    if raw["course"] != name:
        raise document.error(("course",), f"its folder is called {name!r}; expected the same name")
    if "sprints" in raw:
        for i, sprint in enumerate(raw["sprints"]):
            if sprint not in sprints:
                raise document.error(
                    ("sprints", i), f"unknown sprint {sprint!r}{nearest(sprint, sprints)}"
                )
        return {sprint: sprints[sprint] for sprint in raw["sprints"]}
    return {name: _of_items(document, _items(sprints, files[name]))}


def everything(folder: Path | None = None) -> dict[str, SprintSpec]:
    """The sprints of a folder of specs, and its courses with those of their items that were not met before.

    Raises:
        SpecError: a file is malformed; the message has file, line, key and what was expected.
    """
    sprints = load_sprints(folder)
    met = {i.id for s in sprints.values() for i in s.items}
    found = dict(sprints)
    files = course_files(folder)
    for name in files:
        for sprint in _loaded(name, files, sprints).values():
            items = tuple(i for i in sprint.items if i.id not in met)
            met |= {i.id for i in items}
            found[f"course {name}"] = replace(sprint, items=items)
    return found


def signs_of_courses(folder: Path | None = None) -> dict[str, SprintSpec]:
    """What tells the courses of items, by name: without their items, which are not read yet.

    Raises:
        SpecError: a file is malformed; the message has file, line, key and what was expected.
    """
    found: dict[str, SprintSpec] = {}
    for name, file in course_files(folder).items():
        document = valid(file, "course")
        if "detect" in document.data:
            found[name] = _sprint(document, ())
    return found


def _items(sprints: Mapping[str, SprintSpec], file: Path) -> dict[str, Document]:
    """The files of all items that a course can ask for, by id."""
    documents = {i.id: valid(Path(i.file), "item") for s in sprints.values() for i in s.items}
    built_in = catalogue(BUILTIN)
    own = catalogue(file.parent.parent.parent)
    for name, item in own.items():
        if name in documents:
            raise item.error(("id",), f"{name!r} is the id of {documents[name].file}, too")
    return {**built_in, **own, **documents}


def catalogue(folder: Path) -> dict[str, Document]:
    """The files of the items in the catalogue of a folder of specs, by id.

    Raises:
        SpecError: one is malformed; the message has file, line, key and what was expected.
    """
    found: dict[str, Document] = {}
    for path in sorted((folder / FOLDER / CATALOGUE).glob("*.yaml")):
        item = valid(path, "item")
        if item.data["id"] in found:
            raise item.error(("id",), f"{item.data['id']!r} is another file's id, too")
        found[item.data["id"]] = item
    return found


def _of_items(document: Document, known: Mapping[str, Document]) -> SprintSpec:
    raw = document.data
    wanted = [entry["item"] for entry in raw["items"]]
    items = []
    for i, entry in enumerate(raw["items"]):
        item = entry["item"]
        if item not in known:
            raise document.error(
                ("items", i, "item"), f"unknown item {item!r}{nearest(item, known)}"
            )
        if item in wanted[:i]:
            raise document.error(("items", i, "item"), f"{item!r} stands here twice")
        for k, name in enumerate(entry.get("names", ())):
            pattern(document, ("items", i, "names", k), name)
        told = _told(merged(known, item, ()), entry, raw["course"])
        spec = build_item(known[item], told, raw["course"])
        for needed in (spec.base, spec.driven_by, *spec.prerequisites):
            if needed and needed not in wanted:
                raise document.error(
                    ("items", i, "item"), f"{item!r} can't be asked for without {needed!r}"
                )
        items.append(spec)
    built = {spec.id: spec for spec in items}
    return _sprint(document, tuple(with_driver(spec, built) for spec in items))


def _sprint(document: Document, items: tuple[ItemSpec, ...]) -> SprintSpec:
    raw = document.data
    return SprintSpec(
        raw["course"],
        text(raw["title"]),
        {pattern(document, ("detect", k), k): v for k, v in raw["detect"].items()},
        items,
        FROM_SCRATCH.and_also(
            [*raw.get("not_allowed", ()), *(n for spec in items for n in spec.not_allowed)],
            raw.get("allowed", ()),
        ),
        course=True,
        introduction=text(raw["introduction"]) if "introduction" in raw else None,
    )


def _told(item: dict[str, Any], entry: Mapping[str, Any], course: str) -> dict[str, Any]:
    """The item's keys, with what the course says otherwise; its names come first."""
    told = {**item, **{key: entry[key] for key in _OVERRIDING if key in entry}}
    told["names"] = [*entry.get("names", ()), *item.get("names", ())]
    if "layouts" in entry:
        told["input"] = {**item["input"], "layouts": entry["layouts"]}
    problem = entry.get("problem")
    told["editions"] = [] if problem is None else [{"edition": course, "problem": problem}]
    told["required"] = entry.get("required", True)
    said = {**item.get("hyperparameters", {}), **entry.get("hyperparameters", {})}
    if said:
        known = item.get("hyperparameters", {})
        told["hyperparameters"] = {name: {**known.get(name, {}), **of} for name, of in said.items()}
    return told
