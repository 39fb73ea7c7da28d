"""What an item of a report is worth in the whole: one rule for every front-end.

An item counts once it is asked for and has points. One that could not be verified (a training that
is too slow to be tried, a class that nothing calls) counts, too: its points stay in the maximum, and
it is no success. What is for a person by its spec has no points, and is no obstacle.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graders.checks.model import ERROR, FAILED, PASSED, SKIPPED


def counts(item: Mapping[str, Any]) -> bool:
    """True if the item's points are part of the maximum, of an item that was reached."""
    unasked = item["status"] == "skipped" and not item["waits_for"]
    return item["max_score"] > 0 and not unasked


def succeeds(item: Mapping[str, Any]) -> bool:
    """True if nothing about the item turns the whole into a failure."""
    if not item["required"] or item["status"] == "passed":
        return True
    return item["status"] in ("manual", "skipped") and not counts(item)


def unverified(item: Mapping[str, Any]) -> bool:
    """True if it is left to a person although it has points: nothing could be said of it."""
    return item["status"] == "manual" and counts(item)


def unchecked(item: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The checks that were not made and cost their facet's points, where nothing else is wrong.

    Beside what is wrong they say nothing new: without an output there is no shape.
    """
    if any(check["status"] in (FAILED, ERROR) for check in item["checks"]):
        return
    for check in item["checks"]:
        if check["status"] == SKIPPED and check["id"] == check["facet"]:
            yield check


def costs(item: Mapping[str, Any], check_id: str) -> bool:
    """True if a check that was not made is why a required item is no success."""
    if succeeds(item):
        return False
    made = {check["id"]: check["status"] for check in item["checks"]}
    if not made:
        return True
    return made.get(check_id) != PASSED and any(c["id"] == check_id for c in unchecked(item))
