"""That an item's kind is known, built in or a plugin's, and that it has what a plugin's kind asks."""

from __future__ import annotations

import jsonschema

from graders.plugins import plugins
from graders.specs.document import Document, nearest
from graders.specs.model import KINDS, ItemSpec


def check_kind(document: Document, item: ItemSpec) -> None:
    """Refuse an unknown kind, and an item that lacks what the judge of a plugin's kind needs.

    Raises:
        SpecError: with file, line and key.
        PluginError: an installed plugin can't be used.
    """
    if item.kind in KINDS:
        if item.options:
            raise document.error(("options",), f"the kind {item.kind} has no options")
        return
    own = plugins().kinds
    if item.kind not in own:
        every = (*KINDS, *own)
        raise document.error(
            ("kind",), f"{item.kind!r} is none of {', '.join(every)}{nearest(item.kind, every)}"
        )
    kind = own[item.kind]
    for key in kind.needs:
        if key not in document.data and not item.base:
            raise document.error((), f"{key!r} is missing; an item of kind {kind.name} needs it")
    for facet in item.facets:
        if facet not in kind.facets:
            raise document.error(
                ("facets", facet),
                f"nothing checks {facet!r} of kind {kind.name}; its facets are "
                f"{', '.join(kind.facets)}{nearest(facet, kind.facets)}",
            )
    schema = jsonschema.Draft202012Validator({"type": "object", **kind.options})
    for error in sorted(schema.iter_errors(dict(item.options)), key=lambda e: e.message):
        path = ("options", *error.absolute_path)
        unknown = [k for k in error.instance if k not in error.schema.get("properties", ())] if (
            error.validator == "additionalProperties"
        ) else []  # fmt: skip
        if unknown:
            near = nearest(unknown[0], error.schema.get("properties", ()))
            raise document.error((*path, unknown[0]), f"unknown key {unknown[0]!r}{near}")
        raise document.error(path, error.message[:300])
