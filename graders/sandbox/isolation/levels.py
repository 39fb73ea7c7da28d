"""The levels of isolation, from what was observed in the process itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from graders.errors import UsageError
from graders.sandbox.isolation import words

Level = Literal["full", "uid", "kernel", "limits"]
LEVELS: tuple[Level, ...] = ("full", "uid", "kernel", "limits")
# The layers that can be missing, strongest first; the others are there or the level is `limits`.
_TOLD = ("bubblewrap", "uid", "landlock", "seccomp", "no_new_privs", "capabilities", "pdeathsig")


@dataclass(frozen=True)
class Isolation:
    """What was in force around a process: `level` is `none` before one was started.

    `missing` maps layers to reasons; `acts` names what was attempted and not refused.
    """

    level: str
    layers: tuple[str, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    acts: tuple[str, ...] = ()


NOT_STARTED = Isolation("none")


@dataclass(frozen=True)
class Wanted:
    """`required`: refuse below it. `ceiling`: use no layer beyond it (tests, measurements)."""

    required: Level = "limits"
    ceiling: Level = "full"


def reaches(level: str, required: Level) -> bool:
    """True if `level` is at least `required`."""
    return level in LEVELS and LEVELS.index(level) <= LEVELS.index(required)


def level_of(told: dict[str, Any], in_bubblewrap: bool, absent: dict[str, str]) -> Isolation:
    """What a process's greeting says about its walls; it comes before any student code.

    `absent` has the layers that weren't tried here and why.
    """
    acts = _texts(told.get("acts"))
    layers = _texts(told.get("layers"))
    reasons = told.get("missing")
    missing = dict(absent)
    if isinstance(reasons, dict):
        missing |= {str(k)[:40]: str(v)[:200] for k, v in list(reasons.items())[:20]}
    level: Level
    if acts or not isinstance(told.get("acts"), list):
        level = "limits"
    elif in_bubblewrap:
        level = "full"
    elif "uid" in layers:
        level = "uid"
    else:
        level = "kernel"
    if in_bubblewrap:
        layers = ("bubblewrap", *layers)
    ordered = sorted(missing, key=lambda name: (_TOLD.index(name) if name in _TOLD else 99, name))
    return Isolation(level, layers, tuple((name, missing[name]) for name in ordered), acts)


def refusal(isolation: Isolation, required: Level) -> UsageError:
    """Why a grading is refused, what is missing, and what to do about it."""
    lacking = [m for m in isolation.missing if m[0] != "uid" or required == "uid"]
    parts = [words.lacking(name, reason).in_language("en") for name, reason in lacking]
    remedies = list(dict.fromkeys(r for name, _ in lacking if (r := words.remedy(name))))
    advice = f" Add what is missing ({'; '.join(remedies)}), or, if" if remedies else " If"
    return UsageError(
        f"--require-isolation {required}: here student code can be isolated at the level "
        f"`{isolation.level}` only; not in force: {'; '.join(parts) or 'nothing'}.{advice} you "
        f"trust the submission, grade with --require-isolation {isolation.level}"
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(v)[:60] for v in value[:40]) if isinstance(value, list) else ()
