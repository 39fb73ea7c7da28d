"""Judges classifiers: does what the notebook trains learn to read digits that it never saw?"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from graders.binding.candidates import name_rank
from graders.binding.definitions import Definition, read_definitions
from graders.checks import model
from graders.checks.listed import facet_checks
from graders.checks.model import CheckResult
from graders.data import digits
from graders.errors import GraderError
from graders.judging.context import Context
from graders.judging.results import Binding, ItemResult, finished
from graders.kinds.classifier.by_hand import HandReader
from graders.kinds.classifier.first_step import Known
from graders.kinds.classifier.recipes import Recipe, RecipeReader, asker_of, trainer_of
from graders.kinds.classifier.rewriting import globals_read
from graders.kinds.classifier.trainings import Trials
from graders.kinds.classifier.trials import Trainer
from graders.kinds.classifier.untrained import untrained
from graders.kinds.classifier.verdicts import Attempt
from graders.messages import Bilingual, M, Message
from graders.specs import ItemSpec
from graders.traits import Trait

MAX_RECIPES = 4


class ClassifierJudge:
    """Judges the classifier items of one submission."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._recipes: dict[tuple[Definition, ...], list[Recipe]] = {}
        self._hands: dict[tuple[Definition, ...], HandReader] = {}

    def judge(self, spec: ItemSpec) -> ItemResult:
        """The verdict on the training that answers best."""
        context = self._context
        assert spec.training is not None
        # An override narrows the definitions for its own item alone.
        definitions = tuple(context.definitions)
        if definitions not in self._recipes:
            reader = RecipeReader(context.session.submission, definitions)
            self._recipes[definitions] = reader.recipes()
        recipes = self._fitting(spec, self._recipes[definitions])
        try:
            trials = self._trials(spec)
            if any(map(_is_fed, recipes)):
                return self._best(spec, trials, recipes)
            hand = self._hand()
            written = self._fitting(spec, hand.recipes())
            if written or recipes:
                best = self._best(spec, trials, written or recipes)
                other = best if best.score or recipes else self._without(spec, hand)
                return other if other.score else best
            result = self._without(spec, hand)
            if result.status in ("missing", "failed"):  # a call that is guessed proves no fault
                for recipe in self._fitting(spec, hand.uncalled(spec.training))[:MAX_RECIPES]:
                    tried = self._result(spec, recipe, trials.attempt(recipe))
                    if tried.status == "passed":
                        return tried
        except GraderError as error:
            return ItemResult(spec, "manual", M("Not tried: {reason}.", reason=str(error)))
        return self._told(result, hand) if result.status == "missing" else result

    def _best(self, spec: ItemSpec, trials: Trials, recipes: Sequence[Recipe]) -> ItemResult:
        results: list[ItemResult] = []
        for recipe in recipes[:MAX_RECIPES]:
            if results and trials.exhausted:
                break
            results.append(self._result(spec, recipe, trials.attempt(recipe)))
            if results[-1].score >= max(spec.facets.values()):
                break  # it learns: another setting of it would prove no more
        order = ["passed", "partial", "manual", "failed", "error"]
        best = min(results, key=lambda r: (order.index(r.status), -r.score))
        trace = tuple(line for r in results for line in r.trace)
        return replace(best, trace=trace)

    def _fitting(self, spec: ItemSpec, recipes: Sequence[Recipe]) -> list[Recipe]:
        """Those of the kind of network that the item asks for, the likeliest first."""
        return sorted(
            (r for r in recipes if self._fits(spec, r)), key=lambda r: self._rank(spec, r)
        )

    def _looked_for(self, hand: HandReader) -> Message | None:
        """What a training lacks that was found; None if none was, or if it lacks nothing."""
        if hand.unasked:
            return M(
                "{training} trains, but nothing was found that leads from images to their classes; looked for argmax, for a method or function predict, and for what is computed before the backward step.",
                training=hand.unasked[0],
            )
        if hand.unfed:
            return M(
                "{training} changes something, but in what it reads no MNIST images with their labels were found; looked in {names}.",
                training=hand.unfed[0][0],
                names=", ".join(hand.unfed[0][1][:12]) or "-",
            )
        return None

    def _told(self, missing: ItemResult, hand: HandReader) -> ItemResult:
        """What was looked for, where no training was found at all."""
        if self._recipes[tuple(self._context.definitions)] or hand.recipes():
            return missing  # there are some, of other networks
        submission = self._context.session.submission
        unmade = RecipeReader(submission, read_definitions(submission)[0]).recipes()
        own = [r for r in unmade if self._fits(missing.spec, r)]
        if unmade and not own:
            return missing
        text = (
            self._of_unmade(own)
            or self._looked_for(hand)
            or M(
                "No training was found; looked for a class with fit and predict that is used, and for a loop, in the module or in a function, that goes over images and labels and changes weights.",
            )
        )
        return replace(missing, message=M("{one} {two}", one=missing.message, two=text))

    def _of_unmade(self, recipes: Sequence[Recipe]) -> Message | None:
        """A training of a class that is not there, because its cell ended before it."""
        for recipe in recipes:
            run = self._context.session.runs.get(recipe.definition.cell)
            if run is not None and run.error is not None:
                return M(
                    "{call} trains, but {name} is not there: its cell ({place}) ended with {error}.",
                    call=recipe.told,
                    name=recipe.definition.name,
                    place=self._context.session.submission.place(recipe.definition.cell),
                    error=str(run.error),
                )
        return None

    def _hand(self) -> HandReader:
        """What finds trainings without a fit. Raises GraderError if the digits can't be read."""
        definitions = tuple(self._context.definitions)
        if definitions not in self._hands:
            known = {
                (r.cell, ast.unparse(r.fit.func)) for r in self._recipes[definitions] if _is_fed(r)
            }
            submission, look = self._context.session.submission, self._trainer().look
            self._hands[definitions] = HandReader(submission, definitions, look, known)
        return self._hands[definitions]

    def _trainer(self) -> Trainer:
        context = self._context
        return Trainer(context.session, context.definitions, digits(context.training.mnist))

    def _trials(self, spec: ItemSpec) -> Trials:
        """Trials of the item's recipes. Raises GraderError if the digits can't be read."""
        context = self._context
        known = digits(context.training.mnist)
        return Trials(
            spec, self._trainer(), known,
            context.rng(spec.id), context.training.seconds, context.training.progress,
            self._layers(),
        )  # fmt: skip

    def _layers(self) -> dict[str, Known]:
        """What was found of the notebook's layers when they were judged by themselves.

        Only of those that its training makes: a class that was redefined since is another one.
        """
        last = {d.name: d.cell for d in self._context.definitions if d.kind == "class"}
        known: dict[str, Known] = {}
        for result in self._context.results.values():
            binding = result.binding
            if binding is None or Trait.PART not in result.spec.traits:
                continue
            if last.get(binding.name) == binding.cell:
                failed = {c.facet for c in result.checks if c.status in (model.FAILED, model.ERROR)}
                wrong = failed if result.status != "passed" else set()
                before = known.get(binding.name)
                if before is None or wrong < before.wrong:
                    known[binding.name] = Known(result.spec.title, frozenset(wrong))
        return known

    # -- which training ------------------------------------------------------------------

    def _fits(self, spec: ItemSpec, recipe: Recipe) -> bool:
        """True if the training is of the kind of network that the item asks for."""
        others = [
            i for i in self._context.sprint.items
            if Trait.TRAINED in i.traits and i.id != spec.id and i.keywords is not None
        ]  # fmt: skip
        text = self._text(recipe)
        if spec.keywords is None:
            return True
        named = name_rank(spec, recipe.definition.name) is not None and len(others) > 0
        if not (spec.keywords.search(text) or (named and not spec.required)):
            return False
        if spec.required:  # what is named after an optional network is that network
            return not any(
                not o.required and name_rank(o, recipe.definition.name) is not None for o in others
            )
        return True

    def _text(self, recipe: Recipe) -> str:
        """What the training is made of: the class, and the statements that set it up."""
        setup = "\n".join(ast.unparse(s.node) for s in recipe.setup)
        bases = [d.source for d in self._context.definitions if d.name in recipe.definition.bases]
        parts = recipe.written.made_of if recipe.written is not None else ()
        return "\n".join([recipe.definition.source, setup, *bases, *(d.source for d in parts)])

    def _rank(self, spec: ItemSpec, recipe: Recipe) -> tuple[int, int]:
        here = bool(spec.problems & set(recipe.section.problems))
        return 0 if here else 1, recipe.cell

    # -- the verdict ---------------------------------------------------------------------

    def _result(self, spec: ItemSpec, recipe: Recipe, attempt: Attempt) -> ItemResult:
        definition = recipe.definition
        construct = "; ".join(ast.unparse(s.node) for s in recipe.setup)
        fit, asked = recipe.told, recipe.asked
        if recipe.written is None:
            asked = f"{recipe.model}.{asked}" if asked and recipe.model else ""
        binding = Binding(
            definition.name, definition.cell, construct, fit, asked, tuple(attempt.notes)
        )
        trace = (f"{self._context.named(definition)}: {fit}", *attempt.trace)
        if attempt.untold is not None:
            checks = tuple(model.skipped(i, f, attempt.untold) for i, f in facet_checks(spec))
            return ItemResult(
                spec, "manual", attempt.untold, checks, binding,
                trace=trace, training=attempt.record,
            )  # fmt: skip
        checks_made = list(attempt.checks)
        repeat = next((i for i, c in enumerate(checks_made) if c.facet == "repeat"), None)
        hidden = self._hidden_settings(definition)
        if repeat is not None and hidden is not None and checks_made[repeat].status == model.PASSED:
            checks_made[repeat] = model.told_plainly("repeat", "repeat", hidden)
        result = finished(spec, checks_made, binding)
        if result.status == "passed" and attempt.record is not None:
            result = replace(result, message=M("Learns: {told}.", told=attempt.record.told()))
        return replace(result, trace=trace, training=attempt.record)

    def _hidden_settings(self, definition: Definition) -> Message | None:
        """A setting that the constructor takes, but that a method reads from the module instead."""
        constructor = definition.constructor
        if definition.kind != "class" or constructor is None:
            return None
        kept: dict[str, str] = {}  # parameter -> attribute
        for node in ast.walk(constructor.node):
            if not isinstance(node, ast.Assign):
                continue
            left, right = node.targets[0], node.value
            pairs = [(left, right)]
            if isinstance(left, ast.Tuple) and isinstance(right, ast.Tuple):
                pairs = list(zip(left.elts, right.elts, strict=False))
            for target, value in pairs:
                if isinstance(target, ast.Attribute) and isinstance(value, ast.Name):
                    kept[value.id] = target.attr
        loaded = {
            n.attr
            for m in definition.methods.values()
            for n in ast.walk(m.node)
            if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Load)
        }
        for name, method in globals_read(definition):
            if name in kept and kept[name] not in loaded and method != "__init__":
                return M(
                    "{method} reads the module's {name}; the {name} that the constructor was given is never used.",
                    method=method,
                    name=name,
                )
        return None

    # -- nothing that trains -------------------------------------------------------------

    def _without(self, spec: ItemSpec, hand: HandReader) -> ItemResult:
        """No training was found: a class that is never trained, an attempt, or nothing."""
        context = self._context
        named = [
            d for d in context.definitions
            if d.kind == "class" and name_rank(spec, d.name) is not None
            and (spec.keywords is None or spec.keywords.search(d.name + "\n" + d.source))
        ]  # fmt: skip
        for definition in reversed(named):
            able = trainer_of(definition) is not None and asker_of(definition) is not None
            if not able and not _trains_by_hand(definition):
                continue
            if able:
                return self._never_trained(spec, definition)
            text = self._looked_for(hand) or M(
                "{name} is used once forward and once backward; nothing repeats the step over mini-batches and epochs, and nothing can be asked for a class (fit and predict).",
                name=definition.name,
            )
            checks = [CheckResult(i, f, model.FAILED, text) for i, f in facet_checks(spec)]
            return finished(spec, checks, Binding(definition.name, definition.cell))
        return context.absent(spec, [])

    def _never_trained(self, spec: ItemSpec, definition: Definition) -> ItemResult:
        """A class that the notebook never trains: it may pass, but a guessed call proves no fault."""
        assert spec.training is not None
        binding = Binding(definition.name, definition.cell)
        trace: tuple[Bilingual | str, ...] = ()
        recipe = untrained(definition, spec.training)
        if recipe is not None:
            try:
                result = self._result(spec, recipe, self._trials(spec).attempt(recipe))
            except GraderError as error:
                return ItemResult(spec, "manual", M("Not tried: {reason}.", reason=str(error)))
            if result.status == "passed":
                return result
            trace = result.trace
        text = M(
            "{name} is never trained in the notebook, so there is no call to learn from how; write one (construct it, then fit and predict).",
            name=definition.name,
        )
        return ItemResult(spec, "manual", text, (), binding, trace=trace)


def _is_fed(recipe: Recipe) -> bool:
    """True if fit is given something that may be data: no word, no number."""
    given = [*recipe.fit.args, *(k.value for k in recipe.fit.keywords)]
    return any(not isinstance(value, ast.Constant) for value in given)


def _trains_by_hand(definition: Definition) -> bool:
    return "forward" in definition.methods and "backward" in definition.methods
