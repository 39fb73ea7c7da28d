"""The built-in specs, read once: to read and check them all takes longer than most gradings."""

import functools
from collections.abc import Mapping
from types import MappingProxyType

from graders.specs import SprintSpec, load_sprints


@functools.cache
def _loaded() -> Mapping[str, SprintSpec]:
    return MappingProxyType(load_sprints())


def built_in_sprints() -> dict[str, SprintSpec]:
    """All sprints by name; the specs are frozen, the dict is the caller's own."""
    return dict(_loaded())
