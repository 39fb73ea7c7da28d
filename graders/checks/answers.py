"""Checks of written answers: numbers looked for in text, comments and output."""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Iterator, Sequence

from graders.checks import model
from graders.checks.model import CheckResult
from graders.messages import M
from graders.specs import Answer, ItemSpec


def pool_of(
    prose: str, sources: list[str], outputs: list[str], trees: Sequence[ast.Module | None] = ()
) -> str:
    """All that a student may have written an answer in; saved outputs are never among it.

    Args:
        trees: the cells that compile, for what they print word for word; a cell that is never
            run to its end has written it all the same.
    """
    comments = [
        line.partition("#")[2] for source in sources for line in source.splitlines() if "#" in line
    ]
    written = [text for tree in trees if tree is not None for text in _written(tree)]
    return unicodedata.normalize("NFKC", "\n".join([prose, *comments, *written, *outputs]))


def _written(tree: ast.Module) -> Iterator[str]:
    """Texts that stand by themselves between the statements, or are printed as they are."""
    for statement in tree.body:
        if not isinstance(statement, ast.Expr):
            continue
        texts = [statement.value]
        if isinstance(statement.value, ast.Call) and isinstance(statement.value.func, ast.Name):
            texts = statement.value.args if statement.value.func.id == "print" else []
        for text in texts:
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                yield text.value


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
