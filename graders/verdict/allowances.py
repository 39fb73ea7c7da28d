"""What a course lets pass, and what it forbids: applied to a verdict when it is made."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from graders.binding.definitions import Definition
from graders.binding.statements import dotted_uses, imported_names
from graders.checks import model
from graders.checks.listed import facet_checks
from graders.checks.model import CheckResult
from graders.judging.results import ItemResult, finished, status_of
from graders.messages import M
from graders.sandbox.sgworker.barred import REFUSAL
from graders.submission import Submission
from graders.submission.parsing import compiled, parse


def accepted(result: ItemResult, ids: Collection[str]) -> ItemResult:
    """The verdict where some misconceptions cost nothing.

    A facet passes if what makes its numbers wrong is such a misconception and nothing else could
    be meant.
    """
    let_pass = {
        d.facet: d.best.lesson.title
        for d in result.diagnoses
        if d.whole and d.names and all(n.id in ids for n in d.names)
    }
    broken = {c.facet for c in result.checks if c.status == model.ERROR}
    let_pass = {facet: title for facet, title in let_pass.items() if facet not in broken}
    if not let_pass:
        return result
    checks = tuple(
        model.passed(c.id, c.facet, M("Accepted in this course: {title}.", title=let_pass[c.facet]))
        if c.facet in let_pass and c.status == model.FAILED
        else c
        for c in result.checks
    )
    status = status_of(result.spec, checks)
    left = next((c.message for c in checks if c.status in (model.FAILED, model.ERROR)), None)
    message = left or M("Accepted in this course: {title}.", title=next(iter(let_pass.values())))
    diagnoses = tuple(d for d in result.diagnoses if d.facet not in let_pass)
    return replace(result, status=status, message=message, checks=checks, diagnoses=diagnoses)


_REFUSED = re.compile(rf"([\w.]+) {re.escape(REFUSAL)}")


def refused(result: ItemResult) -> ItemResult:
    """The verdict where the answer came to use a package that is absent here: what it says of it."""
    found = next((m for c in result.checks if (m := _REFUSED.search(str(c.message)))), None)
    if found is None or result.binding is None:
        return result
    told = M(
        "{name} uses {module}, which does the work that the problem asks for.",
        name=result.binding.name,
        module=found.group(1),
    )
    checks = [
        CheckResult(c.id, c.facet, model.FAILED, told) if _REFUSED.search(str(c.message)) else c
        for c in result.checks
    ]
    facets = {c.facet for c in checks if c.message is told}
    diagnoses = tuple(d for d in result.diagnoses if d.facet not in facets)
    told_first = finished(result.spec, checks, result.binding)
    return replace(
        result, status=told_first.status, message=told_first.message, checks=told_first.checks,
        diagnoses=diagnoses,
    )  # fmt: skip


def package_used(
    submission: Submission, definitions: Sequence[Definition], text: str, modules: Collection[str]
) -> str | None:
    """The first of the modules that the code uses, or what it names of the notebook does."""
    if not modules:
        return None
    trees = [t for c in submission.cells if (t := compiled(c))]
    names: dict[str, str] = {}
    for node in (node for tree in trees for node in tree.body):
        names |= imported_names(node)
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.pop(node.name, None)  # from here on it is the notebook's own
    made = {d.name: d.source for d in definitions}
    for name in [n for n in made if re.search(rf"\b{re.escape(n)}\b", text)]:
        text += "\n" + made[name]
    tree = parse(text)
    used = dotted_uses(tree, names) if tree is not None else ()
    return next((m for m in modules if any((u + ".").startswith(m + ".") for u in used)), None)


def forbidden(
    result: ItemResult,
    submission: Submission,
    definitions: Sequence[Definition],
    modules: Collection[str],
) -> ItemResult:
    """The verdict where an answer may not use some packages."""
    binding = result.binding
    if binding is None or not modules:
        return result
    mine = [d for d in definitions if (d.name, d.cell) == (binding.name, binding.cell)]
    module = package_used(submission, definitions, mine[-1].source, modules) if mine else None
    if module is None:
        return result
    told = M(
        "{name} uses {module}, which answers may not use in this course.",
        name=binding.name,
        module=module,
    )
    checks = tuple(CheckResult(i, f, model.FAILED, told) for i, f in facet_checks(result.spec))
    return replace(result, status="failed", message=told, checks=checks, diagnoses=())
