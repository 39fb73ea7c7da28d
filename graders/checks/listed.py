"""The checks of an item, known before anything is run."""

from __future__ import annotations

from graders.plugins import plugins
from graders.specs import ItemSpec


def facet_checks(spec: ItemSpec) -> list[tuple[str, str]]:
    """(check id, facet) of every check that the item has, known before anything is run."""
    listed = []
    for facet in spec.facets:
        for number, pair in enumerate(spec.documented, 1):
            if facet in pair.expected:
                listed.append((f"{facet}-documented-{number}", facet))
        listed.append((facet, facet))
        listed += [(c.id, facet) for c in plugins().checks(spec) if c.facet == facet]
    return listed
