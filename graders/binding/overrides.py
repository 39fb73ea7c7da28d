"""What an instructor fixes for an item: the definition that answers it and how it is called.

A file given by ``--overrides`` may fix any definition. One that lies beside a submission may come
from the student: it only chooses among the definitions that the binder would look at itself.
Neither touches points, expected values or verdicts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from graders.binding.definitions import Callable_, Definition
from graders.errors import GraderError
from graders.messages import M, Message
from graders.specs import ItemSpec, SprintSpec
from graders.specs.document import Document, validate
from graders.specs.model import ROLES
from graders.spelling import nearest

FILE = "overrides.yaml"


@dataclass(frozen=True)
class Override:
    """What is fixed for one item. `arguments`: the role of a constructor's (function's) parameter."""

    item: str
    name: str = ""
    cell: int | None = None
    forward: str = ""
    backward: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)

    def fits(self, definition: Definition) -> bool:
        """True for the definition that is fixed (any, where only the call is fixed)."""
        return self.name in ("", definition.name) and self.cell in (None, definition.cell)

    def applied(self, definition: Definition) -> Definition:
        """The definition with its methods and its parameters' roles as they are fixed."""
        methods = dict(definition.methods)
        for role, name in (("backward", self.backward), ("forward", self.forward)):
            if name in methods:
                methods = {role: methods[name], **{k: v for k, v in methods.items() if k != role}}
        if "__init__" in methods:
            methods["__init__"] = self._with_roles(methods["__init__"])
        function = definition.function
        if function is not None:
            function = self._with_roles(function)
        return replace(definition, methods=methods, function=function, fixed=self.item)

    def _with_roles(self, target: Callable_) -> Callable_:
        parameters = tuple(
            replace(p, role=self.arguments.get(p.name, "")) for p in target.parameters
        )
        return replace(target, parameters=parameters)


@dataclass(frozen=True)
class Overrides:
    """All that one file fixes; empty where there is none."""

    file: str = ""
    trusted: bool = True  # given by the instructor, not found beside the submission
    items: Mapping[str, Override] = field(default_factory=dict)

    def of(self, spec: ItemSpec) -> Override | None:
        """What is fixed for the item, or for the item that it is an ability of."""
        return self.items.get(spec.id) or self.items.get(spec.base)

    def narrowed(
        self, spec: ItemSpec, definitions: Sequence[Definition]
    ) -> tuple[ItemSpec, list[Definition]]:
        """The spec and the definitions that the item is judged with."""
        override = self.of(spec)
        if override is None:
            return spec, list(definitions)
        chosen = [override.applied(d) if override.fits(d) else d for d in definitions]
        if override.name or override.cell is not None:
            # The others stay to be called from within; they answer this item no more.
            chosen = [d for d in chosen if d.fixed]
        if self.trusted and override.name:
            pattern = re.compile(re.escape(override.name))
            spec = replace(spec, names=(pattern, *spec.names))
        return spec, chosen

    def problem(self, spec: ItemSpec, narrowed: Sequence[Definition]) -> Message | None:
        """What the file fixes that the submission does not have; None if it has it all."""
        override = self.of(spec)
        if override is None:
            return None
        fixed = [d for d in narrowed if d.fixed]
        if not fixed:
            what = override.name if override.cell is None else f"{override.name} ({override.cell})"
            return M(
                "{file} says that {name} answers this, but the submission does not define it.",
                file=self.file,
                name=what.strip(),
            )
        known: set[str] = set()
        for definition in fixed:
            known |= definition.methods.keys()
            for target in (definition.function, definition.constructor):
                known |= {p.name for p in target.parameters} if target is not None else set()
        wanted = [override.forward, override.backward, *override.arguments]
        absent = [name for name in wanted if name and name not in known]
        if not absent:
            return None
        return M(
            "{file} speaks of {name}, which {owner} does not have.",
            file=self.file,
            name=", ".join(absent),
            owner=fixed[-1].name,
        )


def read_overrides(file: Path, trusted: bool, sprints: Mapping[str, SprintSpec]) -> Overrides:
    """The overrides in a file.

    Raises:
        SpecError: the file is malformed, or names an item or role that there is not; the message
            has file, line and key.
    """
    document = Document(file, aliases=trusted)
    validate(document, "overrides")
    items = {i.id: i for s in sprints.values() for i in s.items}
    found = {}
    for name, raw in document.data["items"].items():
        if name not in items:
            raise document.error(("items", name), f"unknown item {name!r}{nearest(name, items)}")
        for parameter, role in raw.get("arguments", {}).items():
            if role not in ROLES:
                path = ("items", name, "arguments", parameter)
                raise document.error(path, f"unknown role {role!r}{nearest(role, ROLES)}")
        found[name] = Override(name, **raw)
    return Overrides(file.name, trusted, found)


def find_overrides(
    given: Path | None,
    submission: Path,
    sprints: Mapping[str, SprintSpec],
    of_class: bool = False,
) -> tuple[Overrides, str]:
    """The file that was given, else the one beside (or in) the submission; and, where the latter
    does not count, why. `of_class`: only the one that was given counts, for everybody the same.

    Raises:
        SpecError: the file that was given is malformed.
    """
    if given is not None:
        return read_overrides(given, True, sprints), ""
    if of_class and not submission.is_dir():
        return Overrides(), ""  # what lies beside it may be anybody's
    beside = (submission if submission.is_dir() else submission.parent) / FILE
    if not (beside.is_file() or beside.is_symlink()):
        return Overrides(), ""
    if of_class:
        return Overrides(), f"{FILE}: in a class only --overrides counts"
    if beside.is_symlink():
        return Overrides(), f"{FILE}: a link, which is not followed"
    try:
        return read_overrides(beside, False, sprints), ""
    except GraderError as error:
        return Overrides(), str(error)
