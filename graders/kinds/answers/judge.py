"""Judges written answers."""

from __future__ import annotations

from graders.checks import model
from graders.judging.context import Context
from graders.judging.results import Binding, ItemResult, explained, finished
from graders.kinds.answers.checks import Pool, check_answers, is_answered, pool_of
from graders.kinds.answers.explanation import diagnose_answers
from graders.kinds.answers.reckoning import slips
from graders.specs import ItemSpec
from graders.submission.parsing import compiled


class AnswersJudge:
    """Judges the items of one submission that are answered in writing."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def judge(self, spec: ItemSpec) -> ItemResult:
        """Missing if none of the answers is there and nothing under the heading was tried."""
        session = self._context.session
        submission = session.submission
        pool = pool_of(
            submission.passages or (submission.prose,),
            [cell.source for cell in submission.cells],
            [run.output for run in session.runs.values()],
            [compiled(cell) for cell in submission.cells],
        )
        checks = list(check_answers(spec, pool))
        if all(c.status == model.FAILED for c in checks) and not self._attempted(spec, pool):
            return self._context.absent(spec, [])
        result = finished(spec, checks, Binding(spec.id, None))
        return explained(result, lambda: diagnose_answers(spec, pool.text, checks))

    @staticmethod
    def _attempted(spec: ItemSpec, pool: Pool) -> bool:
        aside = (pool.crowded, *pool.either)
        reckoned = any(is_answered(a, s.value) for s in slips(pool.text) for a in spec.answers)
        named = reckoned or any(
            is_answered(answer, text) for answer in spec.answers for text in aside
        )
        return named or (spec.keywords is not None and bool(spec.keywords.search(pool.text)))
