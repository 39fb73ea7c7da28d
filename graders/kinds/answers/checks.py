"""Checks of written answers: numbers looked for in text, comments and output."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graders.checks import model
from graders.checks.model import CheckResult
from graders.kinds.answers.reckoning import slips
from graders.messages import M
from graders.specs import Answer, ItemSpec
from graders.submission.text import normal, tamed

_MOST_TEXT = 2_000_000  # characters

MOST_NUMBERS = 60  # in one place; honest ones hold at most 21, for three sizes with their steps
MOST_IN_ALL = 500  # in all places; an honest notebook writes at most 87
# "162 or 168": who names several has not said which.
_TOKEN = r"\d[\d.,]*(?:\s?[x×*✕]\s?\d[\d.,]*)*"
_OR = r"\s*(?:\bor\b|または|又は|もしくは|あるいは|或いは|か)\s*"
_EITHER = re.compile(rf"(?<![\d.]){_TOKEN}(?:{_OR}{_TOKEN})+")
_NUMBER = re.compile(r"(?<![\d.])\d+(?!\d|\.\d)")


@dataclass(frozen=True)
class Pool:
    """All that may hold an answer, and the most numbers of a place that held too many."""

    text: str
    crowded: str = ""  # the places where so many numbers stand that none of them is an answer
    numbers: int = 0
    either: tuple[str, ...] = ()  # what is named beside another value of which it could be either


def pool_of(
    prose: Sequence[str],
    sources: Sequence[str],
    outputs: Sequence[str],
    trees: Sequence[ast.Module | None] = (),
) -> Pool:
    """All that a student may have written an answer in; saved outputs are never among it.

    An answer stands at one place: a text cell, the comments or the printed words of a code cell,
    what a cell puts out. Where many different numbers stand, any of them could be it.

    Args:
        prose: the text cells.
        trees: the cells that compile, for what they print word for word; a cell that is never
            run to its end has written it all the same.
    """
    comments = [
        "\n".join(line.partition("#")[2] for line in source.splitlines() if "#" in line)
        for source in sources
    ]
    written = ["\n".join(_written(tree)) for tree in trees if tree is not None]
    places, left = [], _MOST_TEXT
    for text in (*prose, *comments, *written, *outputs):
        places.append(normal(tamed(text, left)))
        left = max(0, left - len(places[-1]))
    clear = [place for place in places if len(_numbers(place)) <= MOST_NUMBERS]
    crowded = [place for place in places if len(_numbers(place)) > MOST_NUMBERS]
    if len(_numbers("\n".join(clear))) > MOST_IN_ALL:
        clear, crowded = [], ["\n".join(places)]
    most = max((len(_numbers(place)) for place in crowded), default=0)
    text = "\n".join(clear)
    either = tuple(found[0] for found in _EITHER.finditer(text) if _differ(found[0]))
    return Pool(
        _EITHER.sub(lambda found: "\n\n" if _differ(found[0]) else found[0], text),
        "\n".join(crowded),
        most,
        either,
    )


def _differ(text: str) -> bool:
    """True if the values that are named beside each other are different ones."""
    return len({tuple(_NUMBER.findall(value)) for value in re.split(_OR, text)}) > 1


def _numbers(text: str) -> set[str]:
    return set(_NUMBER.findall(text))


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


def is_answered(answer: Answer, text: str) -> bool:
    """True if one of the accepted alternatives is there as a whole."""
    return any(all(p.search(text) for p in alternative) for alternative in answer.accept)


def check_answers(spec: ItemSpec, pool: Pool) -> Iterator[CheckResult]:
    """One check an answer, named ``FACET-ID``."""
    wrong = list(slips(pool.text))
    for answer in spec.answers:
        id_ = f"{answer.facet}-{answer.id}"
        if is_answered(answer, pool.text):
            yield model.passed(
                id_, answer.facet, M("Answered: {question}", question=answer.question)
            )
        elif beside := next((t for t in pool.either if is_answered(answer, t)), ""):
            yield CheckResult(
                id_, answer.facet, model.FAILED,
                M(
                    "The answer is named beside other values, as one of which it could be ({text}): {question}",
                    text=beside[:80],
                    question=answer.question,
                ),
            )  # fmt: skip
        elif is_answered(answer, pool.crowded):
            yield CheckResult(
                id_, answer.facet, model.FAILED,
                M(
                    "The answer stands among {n} different numbers, any of which could be it (at most {most} may stand at one place): {question}",
                    n=pool.numbers,
                    most=MOST_NUMBERS,
                    question=answer.question,
                ),
            )  # fmt: skip
        elif slip := next((s for s in wrong if is_answered(answer, s.value)), None):
            yield CheckResult(
                id_, answer.facet, model.FAILED,
                M(
                    "The formula {formula} is right. It gives {value}, not {written}: {question}",
                    formula=slip.formula,
                    value=slip.value,
                    written=slip.written,
                    question=answer.question,
                ),
            )  # fmt: skip
        else:
            yield model.told_plainly(
                id_, answer.facet,
                M("The answer was not found: {question}", question=answer.question),
            )  # fmt: skip
