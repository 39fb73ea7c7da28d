"""Checks of written answers: numbers looked for in text, comments and output."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from graders.checks import model
from graders.checks.model import CheckResult
from graders.messages import M
from graders.specs import Answer, ItemSpec


def pool_of(prose: str, sources: list[str], outputs: list[str]) -> str:
    """All that a student may have written an answer in; saved outputs are never among it."""
    comments = [
        line.partition("#")[2] for source in sources for line in source.splitlines() if "#" in line
    ]
    return unicodedata.normalize("NFKC", "\n".join([prose, *comments, *outputs]))


def is_answered(answer: Answer, pool: str) -> bool:
    """True if one of the accepted alternatives is there as a whole."""
    return any(all(p.search(pool) for p in alternative) for alternative in answer.accept)


def check_answers(spec: ItemSpec, pool: str) -> Iterator[CheckResult]:
    """One check an answer, named ``FACET-ID``."""
    for answer in spec.answers:
        id_ = f"{answer.facet}-{answer.id}"
        if is_answered(answer, pool):
            yield model.passed(
                id_, answer.facet, M("Answered: {question}", question=answer.question)
            )
        else:
            yield CheckResult(
                id_, answer.facet, model.FAILED,
                M("The answer was not found: {question}", question=answer.question),
            )  # fmt: skip
