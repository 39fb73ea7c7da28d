"""That an item's kind is known, built in or a plugin's, and that it has what a plugin's kind asks."""

from __future__ import annotations

from graders.plugins import plugins
from graders.specs.document import Document, validate_with
from graders.specs.model import ItemSpec
from graders.spelling import nearest
from graders.traits import KINDS


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
    schema = {"type": "object", **kind.options}
    validate_with(document, schema, dict(item.options), ("options",))
