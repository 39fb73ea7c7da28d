"""How a sprint is named on a command line: by its id, or by what an edition calls it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from graders.errors import UsageError
from graders.specs.model import SprintSpec
from graders.spelling import meant


def sprint_named(name: str, sprints: Mapping[str, SprintSpec], edition: str = "") -> str:
    """The id of the sprint that a name means: an id, ``Sprint 11``, or ``11`` where one edition alone,
    or the one that is given, has it.

    Raises:
        UsageError: there is none, or several; the message says which.
    """
    if name in sprints:
        return name
    found = [(sprint, of) for sprint, of in _called(name, sprints) if not edition or of == edition]
    ids = list(dict.fromkeys(sprint for sprint, _ in found))
    if len(ids) == 1:
        return ids[0]
    if ids:
        which = ", ".join(f"{sprint} in edition {of}" for sprint, of in found)
        raise UsageError(f"--sprint {name}: that is {which}; say which of them by its name")
    raise UsageError(
        f"--sprint {name}: unknown sprint{meant(name, sprints)}; known: {_listed(sprints)}, auto"
    )


def _called(name: str, sprints: Mapping[str, SprintSpec]) -> Iterator[tuple[str, str]]:
    """The sprints, each with the edition that calls it so."""
    wanted = _plain(name)
    for sprint in sprints.values():
        for edition, called in sprint.editions.items():
            number = re.findall(r"\d+", called)[-1:]
            if wanted in (_plain(called), *number):
                yield sprint.id, edition


def _plain(text: str) -> str:
    return re.sub(r"[\s_-]+", "", text).casefold()


def _listed(sprints: Mapping[str, SprintSpec]) -> str:
    """The names, with what each edition calls them."""
    told = []
    for sprint in sprints.values():
        called = ", ".join(f"{edition}: {name}" for edition, name in sprint.editions.items())
        told.append(f"{sprint.id} ({called})" if called else sprint.id)
    return ", ".join(told)
