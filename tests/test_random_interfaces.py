"""Interfaces put together by hypothesis around a right and a wrong implementation: right always
passes, wrong never does.

The suite takes the same few examples every time. More, and other ones each time::

    SCRATCHGRADE_INTERFACES=100 pytest tests/test_random_interfaces.py
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from graders.engine import ItemFinished, Options, grade
from graders.judging.results import ItemResult
from graders.submission import read_submission
from tests.built_in import built_in_sprints
from tests.interface_sources import SOURCES

MORE = int(os.environ.get("SCRATCHGRADE_INTERFACES", "0"))


class Choices:
    """What was drawn, so that the same interface can be written again around a mistake."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data
        self._made: list[str] = []
        self._at = 0

    def pick(self, *options: str) -> str:
        """One of the options: drawn the first time, the same again after `again`."""
        if self._at == len(self._made):
            self._made.append(self._data.draw(st.sampled_from(options)))
        self._at += 1
        return self._made[self._at - 1]

    def again(self) -> Choices:
        """From the first choice on."""
        self._at = 0
        return self


def judged(item: str, source: str) -> ItemResult:
    """The item's result for a module with this source."""
    sprint = next(s for s in built_in_sprints().values() if item in [i.id for i in s.items])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "work.py"
        path.write_text(source, encoding="utf-8")
        options = Options(items=frozenset([item]))
        results = [
            e.result
            for e in grade(read_submission(path), sprint, options)
            if isinstance(e, ItemFinished)
        ]
    return next(r for r in results if r.spec.id == item)


@pytest.mark.parametrize("item", SOURCES)
@settings(
    max_examples=MORE or 4,
    phases=list(Phase) if MORE else [Phase.explicit, Phase.generate],
    deadline=None,
    derandomize=not MORE,
    database=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)
@given(data=st.data())
def test_a_right_interface_passes_and_its_wrong_twin_does_not(
    item: str, data: st.DataObject
) -> None:
    write, facets = SOURCES[item]
    choices = Choices(data)
    source = write(item, choices.pick, "")
    note(source)
    right = judged(item, source)
    told = [f"{c.id}: {c.message}" for c in right.checks if c.status != "passed"]
    assert right.status == "passed", "\n".join(
        [source, str(right.message), *told, *map(str, right.trace)]
    )
    mistake = data.draw(st.sampled_from(facets))
    wrong_source = write(item, choices.again().pick, mistake)
    wrong = judged(item, wrong_source)
    broken = wrong.wrong_facets
    told = [f"{c.id}: {c.message}" for c in wrong.checks if c.status != "passed"]
    assert mistake in broken, "\n".join([wrong_source, str(wrong.message), *told])
    assert broken == {mistake}, "\n".join([wrong_source, *told])
