"""The walls around a student's process: one module a layer, and what they add up to.

A layer's module says whether this machine offers it and why not (`absent`). What a process is
told to put on comes from here; `sgworker.confine` puts it on; what then still succeeded of a
handful of forbidden acts decides the level (`levels`).
"""

from graders.sandbox.isolation.levels import (
    LEVELS,
    NOT_STARTED,
    Isolation,
    Level,
    Wanted,
    level_of,
    reaches,
    refusal,
)

__all__ = [
    "LEVELS",
    "NOT_STARTED",
    "Isolation",
    "Level",
    "Wanted",
    "level_of",
    "reaches",
    "refusal",
]
