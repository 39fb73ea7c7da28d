"""Parts of the source of interfaces: templates that are filled, names made from a spec."""

from __future__ import annotations

import re

from graders.specs import ItemSpec

_FILL = re.compile(r"<(\w+)>")


def filled(text: str, **values: str) -> str:
    """The text with each ``<name>`` replaced by the value of that name."""
    return _FILL.sub(lambda m: values[m.group(1)], text)


def reference_of(spec: ItemSpec) -> str:
    """The expression by which an interface names the item's reference."""
    return "reference." + spec.reference.partition(":")[2]


def class_name(spec: ItemSpec) -> str:
    """The class that the spec's canonical signature names, or one made of the item's id."""
    named = re.match(r"\s*([A-Za-z_]\w*)", spec.canonical)
    return named.group(1) if named else "".join(p.title() for p in spec.id.split("_"))
