"""One training after the other, within a budget of the student's CPU time: what is tried, and
what it proves.

The notebook's own trained model is asked first. Then its training is run again on digits whose
classes have other names: who learns those has read the data that it was given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from graders.checks import model
from graders.checks.model import CheckResult, number
from graders.checks.training import Record, measure, renamed, with_noise
from graders.data import Digits
from graders.judging.results import explanation
from graders.kinds.classifier.first_step import Known, first_parting, weights_moved
from graders.kinds.classifier.network import Finding, Standing, disturbed
from graders.kinds.classifier.network import judge as judge_network
from graders.kinds.classifier.programs import ODD, Effort, Learned, Trial
from graders.kinds.classifier.proofs import Proofs
from graders.kinds.classifier.recipes import Recipe
from graders.kinds.classifier.rewriting import globals_read
from graders.kinds.classifier.step_arrays import is_parameter
from graders.kinds.classifier.trials import Trainer
from graders.kinds.classifier.verdicts import Attempt, State, repeat_of, unaligned, why_not
from graders.messages import M, Message
from graders.specs import ItemSpec

Progress = Callable[[Message, float], None]
PROBE_SECONDS = 5.0  # at most a tenth of the budget
TRIAL_SECONDS = 15.0
FACTORS = (1.0, 10.0, 100.0, 30.0, 0.1, 0.01)
NOT_THERE = "is not installed where this notebook is graded"  # what stand-ins raise
SURVEY = 120  # digits of a short trial
SURVEYED = (1.0, 10.0, 100.0, 30.0, 10.0, 3.0, 10.0, 30.0)  # its rates, each from another start
SURVEY_ASKED = 400
MOST_TRIALS = 9
# Rates where a network may have been dead from its start, or from its first steps.
OTHER_STARTS = (1.0, 0.1, 1.0, 10.0, 1.0, 100.0, 30.0, 0.01)
LEAST_VISITS = 4000  # of an image, before "does not learn" may be said; fewer where a spec asks so


class Trials:
    """Tries the recipes of one item within its budget (seconds of the student's CPU time)."""

    def __init__(
        self,
        spec: ItemSpec,
        trainer: Trainer,
        digits: Digits,
        rng: np.random.Generator,
        budget: float,
        progress: Progress,
        layers: Mapping[str, Known],
    ) -> None:
        assert spec.training is not None
        self._spec, self._training = spec, spec.training
        self._trainer, self._digits, self._rng = trainer, digits, rng
        self._held_out = with_noise(digits.held_out, rng)
        self._left = self._budget = budget
        self._progress, self._layers = progress, layers
        self._proofs = Proofs(self._training, trainer, digits, self._held_out, progress)
        self._probe_seconds = min(PROBE_SECONDS, 0.1 * budget)

    @property
    def exhausted(self) -> bool:
        """True if too little is left for another recipe."""
        return self._left < 0.25 * self._budget

    # -- one recipe ----------------------------------------------------------------------

    def attempt(self, recipe: Recipe) -> Attempt:
        """Try a recipe."""
        attempt = Attempt()
        trainer = recipe.trainer
        fed = [*recipe.fit.args, *recipe.fit.keywords]
        if trainer is None or not fed:
            text = M(
                "{call} takes no data: fit(X, y) has to learn from the images and labels that it is given.",
                call=recipe.told,
            )
            attempt.checks = self._checks(model.FAILED, text, model.FAILED, text)
            return attempt
        learned = self._trainer.learn(recipe, self._training.layouts)
        state = State(recipe, learned, renamed(self._rng), attempt)
        if learned.images is None or learned.labels is None:
            text = M(
                "{call} was not given images and their labels; there is nothing to learn from.",
                call=recipe.told,
            )
            attempt.checks = self._checks(model.ERROR, text, model.ERROR, text)
            return attempt
        if not learned.certain:
            attempt.notes.append(
                M(
                    "images as {shape}, scaled to 0 to 1",
                    shape=model.shape_text(learned.images.shape),
                )
            )
        self._ask_notebook(state)
        cost = self._probe(state)
        if cost is None:  # it can't be run, or not in this time; the attempt says so
            return attempt
        if self._prove(state, *cost):
            return attempt
        self._train(state, *cost)
        self._conclude(state, cost[0])
        return attempt

    def _ask_notebook(self, state: State) -> None:
        """Ask the model that the notebook has trained, if it got that far."""
        state.attempt.trace.append("    the notebook's own model:")
        trial = self._ask(state, 100)
        if trial.classes is not None and trial.predict_cpu > 0:
            each = trial.predict_cpu / max(len(trial.classes), 1)
            if each * 900 < 10 and measure(trial.classes, self._digits.held_out_labels).learns(0.1):
                trial = self._ask(state, 1000)
        if trial.classes is None or len(trial.classes) < 50:
            state.attempt.trace.append(f"        no answers ({trial.error or trial.stage})")
            return
        measured = measure(trial.classes, self._digits.held_out_labels)
        state.own = Record("notebook", measured, curve=trial.curve, complete=True)
        state.attempt.trace.append(f"        {state.own.told()}")

    def _ask(self, state: State, n: int) -> Trial:
        trial = self._trainer.ask(
            state.recipe, state.learned, self._held_out[:n], 2 * self._probe_seconds
        )
        self._left -= trial.predict_cpu
        return trial

    # -- what it costs -------------------------------------------------------------------

    def _probe(self, state: State) -> tuple[float, float] | None:
        """CPU seconds of one image in training and in prediction; None ends the attempt."""
        batch = min(state.learned.batch, 200)
        odd = 2 * batch + ODD if batch <= 50 else batch + ODD
        even = 2 * batch if batch <= 50 else batch
        asked_for = min(-(-max(even, ODD + 1) // batch) * batch, 100)
        first: tuple[Learned, Trial] | None = None
        for guess in state.learned.guesses(self._training.layouts):
            state.learned = guess
            effort = Effort(odd, 1, self._probe_seconds, asked=asked_for, odd=True)
            trial = self._try(state, effort)
            if self._failed(trial) and trial.stage == "fit" and batch > 1:
                again = self._try(state, replace(effort, samples=even))
                if not self._failed(again):
                    state.aligned = True
                    state.odd = unaligned(state, trial, batch)
                    trial = again
            if not self._failed(trial):
                break
            first = first or (guess, trial)
            if trial.stage == "setup":
                break
        if first is not None and self._failed(trial):
            state.learned, trial = first  # no form does: the first one's error is told
        if state.odd is None and trial.stage == "done":
            if trial.odd_error is not None:
                state.odd = M(
                    "Asked for {n} images at once, predict raised {error}.",
                    n=ODD,
                    error=str(trial.odd_error),
                )
            elif trial.odd_short:
                state.odd = M("Asked for {n} images at once, predict did not answer {n}.", n=ODD)
        if trial.cut or trial.late:
            return self._slow_probe(state)
        if self._failed(trial):
            self._cannot(state, trial)
            return None
        each = trial.fit_cpu / max(trial.effort.samples, 1)
        asked = trial.predict_cpu / max(1 if trial.classes is None else len(trial.classes), 1)
        return each, asked

    def _slow_probe(self, state: State) -> tuple[float, float] | None:
        """The same with images of a quarter of the size, or with few of them."""
        small = state.learned.images.smaller(14) if state.learned.images else None
        trial = self._try(state, Effort(4, 1, self._probe_seconds, asked=4))
        raised = trial if self._failed(trial) else None
        if raised is not None:  # fewer than a batch, or a fault that takes a while to show?
            whole = Effort(state.learned.batch, 1, 2.5 * self._probe_seconds, asked=4)
            trial = self._try(state, whole)
            if self._failed(trial):
                self._cannot(state, trial)
                return None
        if trial.cut or trial.late or not trial.fit_cpu:
            each = self._probe_seconds / 4
        else:
            each = trial.fit_cpu / trial.effort.samples
        asked = trial.predict_cpu / 4 or each / 3  # forward alone, where it was not come to
        if each * 300 < self._left * 0.6:
            return each, asked
        if self._prove(state, each, asked):
            return None
        if raised is not None and state.watched is not None and state.watched.error == raised.error:
            self._cannot(state, raised)  # with four images as with whole mini-batches
            return None
        if small is not None and each * 300 / 6 < self._left * 0.6:
            kept = state.learned
            state.learned = kept.with_images(small)
            again = self._try(state, Effort(20, 1, self._probe_seconds, asked=8))
            if not self._failed(again) and not again.cut and not again.late:
                quick = again.fit_cpu / 20
                if quick * 300 < self._left * 0.6:
                    return quick, again.predict_cpu / 8
            state.learned = kept
        self._too_slow(state, each)
        return None

    def _failed(self, trial: Trial) -> bool:
        return (
            trial.stage != "done"
            and not trial.late
            and (trial.error is not None or bool(trial.died))
        )

    def _prove(self, state: State, each: float, asked: float) -> bool:
        """True if it need not be trained, since its steps are the reference's; it is told then."""
        attempt = state.attempt
        record = self._proofs.record(state, each, asked)
        if state.still:
            told = M("Training never changes the weights of {names}.", names=", ".join(state.still))
            attempt.checks = self._checks(model.FAILED, told, model.FAILED, told)
            return True
        if record is None:
            state.reads = self._digits_read(state.recipe) if state.foreign else ""
            state.ignores = state.ignores or bool(state.reads)
            return False
        attempt.record = record
        repeat, why = model.PASSED, M("Its steps on other digits are the reference's.")
        if state.odd is not None:
            repeat, why = model.FAILED, state.odd
        if record.measured.accuracy >= self._training.accuracy:
            status = model.PASSED
            told = M("Learns: {told}; {effort}.", told=record.told(), effort=record.effort())
            self._note_parting(state)
            if state.spread:
                attempt.notes.append(
                    M(
                        "with the weights that it starts from it does not learn so much; with weights of the usual spread it does"
                    )
                )
        else:
            status = repeat = model.FAILED
            told = why = self._parted(
                state,
                M(
                    "Learns too little: {told}; {effort}.",
                    told=record.told(),
                    effort=record.effort(),
                ),
            )
        attempt.checks = self._checks(status, told, repeat, why)
        return True

    def _digits_read(self, recipe: Recipe) -> str:
        """The name under which the class reads digits from the module; "" if it reads none."""
        names = list(dict.fromkeys(name for name, _ in globals_read(recipe.definition)))
        prelude = recipe.written.prelude if recipe.written is not None else ()
        seen = self._trainer.look(names, prelude, recipe.cell)
        return next((name for name in names if name in seen.images), "")

    def _note_parting(self, state: State) -> None:
        """A mistake in its steps that costs no point, since it learns."""
        if state.parted is not None:
            note = M("its steps are not the reference's: {where}", where=state.parted)
            state.attempt.notes.append(note)

    # -- training ------------------------------------------------------------------------

    def _train(self, state: State, each: float, asked: float) -> None:
        """Trials until one reaches what is asked for, or the budget is used up."""
        n_asked = int(np.clip(12.0 / max(asked, 1e-9), 100, len(self._held_out)))
        few = int(np.clip(0.4 / max(asked, 1e-9), 10, 100))
        few = max(few - few % state.learned.batch, state.learned.batch) if state.aligned else few
        if self._size(state, each, TRIAL_SECONDS)[0] < self._training.samples:
            self._survey(state, each, min(n_asked, SURVEY_ASKED), few)
        if state.best is None or not (self._enough(state.best) or state.ignores):
            self._long(state, each, n_asked, few)
        if state.best is not None:
            state.best = replace(state.best, trials=len(state.tried))

    def _survey(self, state: State, each: float, asked: int, few: int) -> None:
        """Short trials at one rate after the other, where no trial can go through all the digits:
        a rate at which it learns is found before the budget is used up at another one.
        """
        epochs, batch = self._training.epochs, state.learned.batch
        for turn, factor in enumerate(SURVEYED):
            limit = min(TRIAL_SECONDS, self._left - 2.0)
            samples = int(min(SURVEY, 0.8 * limit / max(each, 1e-9) / epochs))
            samples -= samples % batch if state.aligned else 0
            if samples < max(SURVEY / 2, batch):
                break
            record = self._recorded(state, Effort(samples, epochs, limit, factor, turn, asked, few))
            if state.best is not None and (self._enough(state.best) or state.ignores):
                break
            if record is not None and not state.tried[-1].rates:
                break

    def _recorded(self, state: State, effort: Effort) -> Record | None:
        """The record of one trial, which is kept if it is the best one; None without answers."""
        trial = self._try(state, effort)
        if trial.classes is None:
            return None
        record = self._record(state, trial)
        if state.best is None or record.measured.accuracy > state.best.measured.accuracy:
            state.best = record
            seen = disturbed(trial.disturbed, effort.disturbed)
            state.network = judge_network(seen, self._training.network, effort.samples)
        return record

    def _long(self, state: State, each: float, n_asked: int, few: int) -> None:
        """Trials of all the digits, or of as many as the budget allows; first at the rate of the
        best short one.
        """
        factors = list(FACTORS)
        if state.best is not None:
            factors = [state.best.rate_factor, *(f for f in FACTORS if f != state.best.rate_factor)]
        for turn in range(MOST_TRIALS):
            if not factors:
                break
            limit = min(TRIAL_SECONDS, self._left - 2.0)
            if limit * 0.8 / max(each, 1e-9) < 400:
                limit = min(2.6 * TRIAL_SECONDS, self._left - 2.0)
            if limit < 3.0:
                break
            samples, epochs = self._size(state, each, limit)
            factor = factors.pop(0)
            record = self._recorded(
                state, Effort(samples, epochs, limit, factor, turn, n_asked, few)
            )
            if record is None:
                continue
            trial = state.tried[-1]
            if trial.fit_cpu and not trial.cut:
                each = trial.fit_cpu / (samples * epochs)
            if self._enough(record) or state.ignores:
                break
            if turn and samples * epochs < self._least_visits / 2:
                break  # however often: with so few images nothing can be said
            if not trial.rates:
                factors = [1.0] * min(len(factors), 2)
            elif record.diverged and factor >= 1:
                factors = [f for f in factors if f < 1]
            elif record.measured.learns(self._training.floor) and factor == 1 and turn == 0:
                factors = [10.0, 0.1]
            elif turn == 0 and self._unlucky(state, record):
                factors = list(OTHER_STARTS)

    def _unlucky(self, state: State, record: Record) -> bool:
        """True if other initial weights may learn at the same rate: a few filters before a ReLU
        are dead in many a start, and what the notebook trained itself shows that it can be done.
        After too few images a larger rate says more.
        """
        own = state.own is not None and state.own.measured.learns(self._training.floor)
        return record.complete and (own or record.measured.only_class is not None)

    def _size(self, state: State, each: float, limit: float) -> tuple[int, int]:
        """Samples and epochs that fit into the limit; the spec's where they do."""
        training = self._training
        visits = 0.8 * limit / max(each, 1e-9)
        samples, epochs = training.samples, training.epochs
        if visits < samples * epochs:
            samples = int(max(100, visits / epochs))
        if state.aligned:
            samples -= samples % state.learned.batch
        return max(samples, state.learned.batch), epochs

    def _enough(self, record: Record) -> bool:
        if record.measured.accuracy >= self._training.accuracy:
            return True
        return not record.complete and record.measured.learns(self._training.floor)

    def _try(self, state: State, effort: Effort) -> Trial:
        state.attempt.trace.append(
            f"    {effort.samples} digits, {effort.epochs} epochs, rate x {effort.factor:g}:"
        )
        self._progress(
            M("training on {n} digits", n=effort.samples), effort.limit + effort.asked / 500
        )
        trial = self._trainer.trial(
            state.recipe, state.learned, self._held_out, effort, state.meaning
        )
        used = trial.fit_cpu + trial.predict_cpu
        self._left -= used if used else (effort.limit if trial.late or trial.died else 0.5)
        state.rates = max(state.rates, trial.rates)
        state.tried.append(trial)
        what = str(trial.error) if trial.error else trial.died
        state.attempt.trace.append(
            f"        {trial.stage}{', cut' if trial.cut else ''}, {trial.fit_cpu:.2f} s + "
            f"{trial.predict_cpu:.2f} s CPU {what}"
        )
        return trial

    def _record(self, state: State, trial: Trial) -> Record:
        assert trial.classes is not None
        labels = self._digits.held_out_labels
        measured = measure(trial.classes, labels, trial.relabelled)
        truth = measure(trial.classes, labels)
        form = state.learned.images
        if truth.learns(self._training.floor) and not measured.learns(0.15):
            state.ignores, measured = True, truth
        effort = trial.effort
        record = Record(
            "trial", measured, effort.samples, effort.epochs, effort.factor, effort.seed,
            trial.fit_cpu, form.side if form else 28, trial.curve,
            effort.visits >= 0.95 * self._training.visits and not trial.cut,
            diverged=trial.nan or bool(trial.curve and not np.isfinite(trial.curve[-1])),
        )  # fmt: skip
        state.attempt.trace.append(f"        {record.told()}")
        return record

    # -- the verdict ---------------------------------------------------------------------

    def _checks(
        self, training: str, why: Message, repeat: str, why_repeat: Message
    ) -> list[CheckResult]:
        results = {"training": (training, why), "repeat": (repeat, why_repeat)}
        # What a network learns, and of which data, are no expected values.
        return [
            replace(CheckResult(f, f, *results[f]), hint=results[f][1])
            for f in self._spec.facets if f in results
        ]  # fmt: skip

    def _cannot(self, state: State, trial: Trial) -> None:
        """It can't be run: the student's own exception."""
        call = state.recipe.told
        if trial.stage == "predict" and state.recipe.asker is not None:
            call = state.recipe.asked
        elif trial.stage == "setup":
            call = state.recipe.definition.name
        if trial.error is not None and trial.error.message.endswith(NOT_THERE):
            state.attempt.untold = M(
                "Not tried: it needs {name}, which was not handed in with it.",
                name=trial.error.message.removesuffix(NOT_THERE).strip(),
            )
            return
        if state.recipe.written is not None and state.own is None:
            state.attempt.untold = M(
                "Could not be tried: {call}, cut out of the notebook and run on other digits, ended with {error}.",
                call=call,
                error=str(trial.error) if trial.error is not None else trial.died,
            )
            return
        raised = model.raised("training", "training", call, trial.error, trial.late, trial.died)
        training, told = model.ERROR, raised.message
        if state.own is not None and state.own.measured.accuracy >= self._training.accuracy:
            state.attempt.record = state.own
            training, told = model.PASSED, M("Learns: {told}.", told=state.own.told())
        state.attempt.checks = self._checks(training, told, model.ERROR, raised.message)

    def _too_slow(self, state: State, each: float) -> None:
        attempt = state.attempt
        learnt = state.own is not None and state.own.measured.learns(self._training.floor)
        if learnt and state.best is None and not self._own_is_network(state):
            return
        # Where trials gave answers and learnt nothing, its own model proves nothing of fit.
        if state.own is not None and learnt and state.best is None:
            attempt.record = state.own
            repeat, why = model.SKIPPED, M(
                "Not checked: one image takes {seconds} s, so that it can't be trained once more within {budget} s. Let NumPy compute whole arrays in the place of loops over samples and pixels.",
                seconds=number(float(f"{each:.2g}")),
                budget=number(self._budget),
            )  # fmt: skip
            if state.reads:
                repeat, why = repeat_of(self._training, state, fair=False)
            told = M("Learns: {told}.", told=state.own.told())
            attempt.checks = self._checks(model.PASSED, told, repeat, why)
            return
        slow = M(
            "Too slow to verify: one image takes {seconds} s, and no training fits into {budget} s. Let NumPy compute whole arrays in the place of loops over samples and pixels.",
            seconds=number(float(f"{each:.2g}")),
            budget=number(self._budget),
        )
        if state.reads:  # that much is certain, whatever it would learn
            attempt.checks = self._checks(
                model.SKIPPED, slow, *repeat_of(self._training, state, fair=False)
            )
            return
        attempt.untold = slow
        if state.parted is not None:
            attempt.untold = M(
                "{why} Compared with the reference, its steps go wrong here: {where}.",
                why=attempt.untold,
                where=state.parted,
            )

    def _conclude(self, state: State, each: float) -> None:
        attempt, training = state.attempt, self._training
        candidates = [r for r in (state.own, state.best) if r is not None]
        if not candidates or (
            state.best is None
            and state.own is not None
            and not state.own.measured.learns(training.floor)
        ):
            self._without_answers(state, each)
            return
        record = max(candidates, key=lambda r: r.measured.accuracy)
        attempt.record = record
        if record.measured.accuracy >= training.accuracy or (
            not record.complete and record.measured.learns(training.floor)
        ):
            told = M("Learns: {told}; {effort}.", told=record.told(), effort=record.effort())
            status = model.PASSED
            if not self._is_network(state):
                return
            self._note_parting(state)
        elif not self._fair(state):
            self._too_slow(state, each)
            return
        else:
            attempt.record = record = state.best or record
            status, told = model.FAILED, self._parted(state, why_not(training, state, record))
        repeat, why = repeat_of(training, state, self._fair(state))
        attempt.checks = self._checks(status, told, repeat, why)

    # -- what answers --------------------------------------------------------------------

    def _is_network(self, state: State) -> bool:
        """True if it is shown that a network answers which the training has made; else it is told."""
        finding = state.network
        if state.best is None:
            return self._own_is_network(state)
        if finding.standing is Standing.RIGHT and finding.by_steps:
            finding = self._by_steps(state, finding)
        return self._stands(state, finding)

    def _stands(self, state: State, finding: Finding) -> bool:
        attempt = state.attempt
        attempt.trace.append(f"    what answers: {finding.message or finding.standing.value}")
        if finding.standing is Standing.RIGHT:
            return True
        if finding.standing is Standing.WRONG and finding.message is not None:
            attempt.checks = self._checks(
                model.FAILED, finding.message, model.FAILED, finding.message
            )
        else:
            attempt.untold = M(
                "It could not be verified that a network answers: no weights were found on which what predict returns depends, and which training changes."
            )
        return False

    def _by_steps(self, state: State, finding: Finding) -> Finding:
        """Whether it learns by the steps of its learning rate: next to none, and it learns nothing.

        Class means or neighbours are found whatever the rate is. Where the rate is a number in the
        code, which can't be another, a weight that training goes on from has to show it.
        """
        if not state.rates and finding.adjusted:
            return finding
        if not state.rates or state.best is None:
            return Finding(Standing.UNKNOWN)
        samples = state.best.samples
        effort = Effort(samples, 1, TRIAL_SECONDS, factor=1e-9, seed=1, asked=200)
        trial = self._try(state, effort)
        if trial.classes is None:
            return Finding(Standing.UNKNOWN)
        labels = self._digits.held_out_labels
        if not measure(trial.classes, labels, trial.relabelled).learns(self._training.floor):
            return Finding(Standing.RIGHT)
        told = M(
            "It does not learn by steps: with a learning rate a thousand million times smaller, it learns just as well."
        )
        return Finding(Standing.WRONG, told)

    def _own_is_network(self, state: State) -> bool:
        """The same of the model that the notebook has trained, and one step of its training.

        What is too slow to be trained again can still make one step.
        """
        finding = self._own_network(state)
        if finding.standing is Standing.RIGHT and finding.by_steps:
            finding = self._one_step(state)
        return self._stands(state, finding)

    def _own_network(self, state: State) -> Finding:
        few = min(state.learned.batch, 20) if state.aligned else 10
        trial = self._trainer.ask(
            state.recipe, state.learned, self._held_out[:few], 2 * self._probe_seconds, few
        )
        return judge_network(disturbed(trial.disturbed, few), self._training.network, 0)

    def _one_step(self, state: State) -> Finding:
        """Whether a mini-batch moves the weights of its layers."""
        effort = Effort(state.learned.batch, 1, 4 * self._probe_seconds, asked=4, seed=1)
        seen = self._trainer.step(
            state.recipe, state.learned, self._held_out, effort, state.meaning
        )
        moved = {n: b for n, b in seen.moved.items() if is_parameter(n)}
        if any(moved.values()) or weights_moved(seen):
            return Finding(Standing.RIGHT)
        return Finding(Standing.UNKNOWN)

    def _parted(self, state: State, why: Message) -> Message:
        """Why it doesn't learn, with the first place where one step parts from the reference's."""
        effort = Effort(
            state.learned.batch, 1, 2 * self._probe_seconds, asked=state.learned.batch, seed=1
        )

        def parting() -> Message | None:
            seen = self._trainer.step(
                state.recipe, state.learned, self._held_out, effort, state.meaning
            )
            return first_parting(seen, self._layers)

        where = explanation(parting, None) or state.parted
        state.attempt.trace.append(
            f"    one step beside the reference's: {where or 'no difference'}"
        )
        if where is None:
            return why
        return M(
            "{why} Compared with the reference, its first step goes wrong here: {where}.",
            why=why,
            where=where,
        )

    @property
    def _least_visits(self) -> float:
        return min(LEAST_VISITS, 0.95 * self._training.visits)

    def _fair(self, state: State) -> bool:
        """True if enough was tried to say that it does not learn."""
        if state.best is not None and not state.best.complete and state.best.measured.learns(0.1):
            return False  # it is under way
        made = [t for t in state.tried if t.classes is not None and t.effort.epochs > 1]
        whole = [t for t in made if not t.cut and t.effort.visits >= self._least_visits]
        if not any(t.effort.visits >= 0.95 * self._training.visits for t in whole):
            return False  # some networks learn late
        return len(whole) >= (3 if state.rates else 2)

    def _without_answers(self, state: State, each: float) -> None:
        last = state.tried[-1]
        if last.answered is not None and state.recipe.written is not None:
            state.attempt.untold = M(
                "It could not be verified what it has learnt: {call} gave an array of shape {shape} for {n} images; looked for one class, or one row of scores, for each.",
                call=state.recipe.asked,
                shape=model.shape_text(last.answered),
                n=last.effort.asked,
            )
        elif last.answered:
            text = M(
                "predict returned an array of shape {shape} for {n} images; expected one class, or one row of scores, for each.",
                shape=model.shape_text(last.answered),
                n=last.effort.asked,
            )
            state.attempt.checks = self._checks(model.FAILED, text, model.FAILED, text)
        elif self._failed(last):
            self._cannot(state, last)
        else:
            self._too_slow(state, each)
