"""A training that need not be waited for: its first steps are the reference's, which is trained on.

Loops over 784 positions take a second an image, and no budget lets such a network go through the
digits several times. Where every weight after every one of its first updates is the reference's,
number for number, the reference goes on from its weights, at its own rate; what it has learnt is
written over the student's weights, and the student's own predict answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from graders.checks.training import Record, measure
from graders.data import Digits
from graders.kinds.classifier.programs import ODD, Effort
from graders.kinds.classifier.steps.parting import Cause, Parting
from graders.kinds.classifier.steps.proof import Proof, proved
from graders.kinds.classifier.steps.replica import Replica, Schedule
from graders.kinds.classifier.trials import Trainer
from graders.kinds.classifier.verdicts import State
from graders.messages import M, Message
from graders.specs import Training

STEP_SECONDS = 30.0  # of CPU time at most, for the steps that are watched
PREDICT_SECONDS = 20.0
SIZES = (6, 2)  # samples of a mini-batch, where its size can be chosen; two, where six are too much
LARGE = 50
FACTORS = (1.0, 10.0, 100.0, 30.0, 0.1, 0.01)
REDRAWN_FACTORS = (1.0, 10.0, 100.0)
STARTS = range(1, 9)  # a few filters before a ReLU may be dead from the start
MOST_LEARNT = 2  # starts of the student's from which the replica is trained
REDRAWN = (False, True, True, True, True, True)  # other starts; True: of the usual spread
AGREEING = 0.98  # of the answers: two classes may be equally likely


class Proofs:
    """Tries to prove one item's trainings by the equality of their steps with the reference's."""

    def __init__(
        self,
        training: Training,
        trainer: Trainer,
        digits: Digits,
        held_out: np.ndarray,
        progress: Callable[[Message, float], None],
    ) -> None:
        self._training, self._trainer = training, trainer
        self._digits, self._held_out, self._progress = digits, held_out, progress

    def record(self, state: State, each: float, asked: float) -> Record | None:
        """What the student's predict answers with what the replica has learnt; None: not proved.

        Args:
            each: CPU seconds of one image in training.
            asked: and in prediction.
        """
        best: tuple[Replica, float, float] | None = None
        proof: Proof | None = None
        learnt, spent = 0, 0.0
        for seed in STARTS:
            if learnt == MOST_LEARNT or spent > STEP_SECONDS:
                break
            shown = self._shown(state, each, seed)
            spent += state.watched.fit_cpu if state.watched is not None else STEP_SECONDS
            if isinstance(shown, Parting):
                if shown.cause is Cause.DEAD:
                    continue
                state.foreign = shown.cause is Cause.FOREIGN
                return None
            proof = shown
            if not self._is_wanted(proof.replica):
                return None
            state.parted = next(iter(proof.slips), None)
            state.still = tuple(proof.still)
            if state.still:
                return None
            found = self._learnt(state, proof)
            learnt += 1
            if best is None or found[2] > best[2]:
                best = found
            if best[2] >= self._training.accuracy:
                break
        if best is None or proof is None:
            return None
        if best[2] < self._training.accuracy:
            best = self._redrawn(state, proof, best)
        return self._answered(state, proof.steps, best[0], best[1], asked)

    # -- the steps -----------------------------------------------------------------------

    def _efforts(self, state: State, each: float, seed: int) -> Iterator[Effort]:
        """What to watch: mini-batches of the notebook's own size and one that is not full, twice;
        of a small size where that would take too long, or was too much.
        """
        own = state.learned.batch
        if own > ODD:  # each digit twice, in a whole mini-batch or one that is not full
            visits, epochs = own + (own if state.aligned else ODD), 2
        else:
            visits, epochs = 2 * own + (own if state.aligned else max(1, own // 2)), 1
        if own <= LARGE and visits * epochs * each <= STEP_SECONDS / 3:
            yield Effort(visits, epochs, STEP_SECONDS, asked=2, seed=seed)
        for size in SIZES:
            visits = 3 * size if state.aligned else 2 * size + size // 2
            if own > size and visits * each <= STEP_SECONDS / 2:
                yield Effort(visits, 1, STEP_SECONDS, asked=2, seed=seed, batch=size)

    def _shown(self, state: State, each: float, seed: int) -> Proof | Parting:
        found: Proof | Parting = Parting("no mini-batch is short enough")
        for effort in self._efforts(state, each, seed):
            self._progress(M("a few mini-batches beside the reference's"), effort.limit)
            seen = self._trainer.step(
                state.recipe, state.learned, self._held_out, effort, state.meaning
            )
            found, state.watched = proved(seen, self._digits.images), seen.trial
            size = f"mini-batches of {effort.batch or state.learned.batch}"
            if isinstance(found, Proof):
                state.attempt.trace.append(
                    f"    {size}: {found.steps} steps are the reference's, {found.told()}"
                )
                # What it trains with is the notebook's own size of a mini-batch.
                return replace(found, batch=state.learned.batch)
            state.attempt.trace.append(f"    {size} beside the reference's: {found}")
            state.parted = found.message or state.parted
            if found.cause in (Cause.DEAD, Cause.FOREIGN):
                break
            if effort.batch and found.cause is not Cause.LARGE:
                break
        return found

    def _is_wanted(self, replica: Replica) -> bool:
        """True for a network of the kind that the item asks for."""
        wanted = self._training.network
        return replica.layers >= wanted.layers and (
            not wanted.axes or replica.axes == {wanted.axes}
        )

    # -- what it learns ------------------------------------------------------------------

    def _redrawn(
        self, state: State, proof: Proof, best: tuple[Replica, float, float]
    ) -> tuple[Replica, float, float]:
        """The best of other starts, which its initialiser might have drawn, or with the usual spread.

        That its steps are right is proved; a few filters may be dead in any one start, and what a
        small spread leaves of a signal is too little for so few steps.
        """
        rng = np.random.default_rng(2)
        for usual in REDRAWN:
            proof.replica.put(proof.start)
            start = {**proof.start, **proof.replica.drawn(rng, usual)}
            found = self._learnt(state, replace(proof, start=start), REDRAWN_FACTORS)
            if found[2] > best[2]:
                best = found
                state.spread = usual
            if best[2] >= self._training.accuracy:
                break
        return best

    def _learnt(
        self, state: State, proof: Proof, factors: Sequence[float] = FACTORS
    ) -> tuple[Replica, float, float]:
        """The replica once it has learnt, at which factor of the rate, and its accuracy."""
        training, form = self._training, state.learned.images
        assert form is not None
        rows = np.random.default_rng(1).permutation(len(self._digits.labels))[: training.samples]
        images = form.apply(self._digits.images[rows])
        classes = state.meaning[self._digits.labels[rows]]
        replica = proof.replica
        replica.put(proof.start)
        held_out = form.apply(self._held_out)
        wanted = state.meaning[self._digits.held_out_labels]
        best = replica, 1.0, 0.0
        for factor in factors:
            self._progress(M("the reference learns {n} digits", n=training.samples), 10.0)
            schedule = Schedule(training.epochs, proof.batch, factor)
            learnt = replica.fitted(images, classes, proof.rules, schedule)
            right = float(np.mean(learnt.classes(held_out) == wanted))
            state.attempt.trace.append(f"        replica, rate x {factor:g}: {right:.3f}")
            if right > best[2]:
                best = learnt, factor, right
            if right >= training.accuracy:
                break
        return best

    def _answered(
        self, state: State, steps: int, learnt: Replica, factor: float, asked: float
    ) -> Record | None:
        """The student's predict with these weights; None if it answers something else."""
        form = state.learned.images
        assert form is not None
        few = state.learned.batch if state.aligned else 2
        n = int(np.clip(PREDICT_SECONDS / 2 / max(asked, 1e-9), 100, len(self._held_out)))
        limit = max(2 * STEP_SECONDS, 2 * n * asked)
        effort = Effort(few, 1, limit, factor, seed=1, asked=n)
        self._progress(M("its own predict answers {n} digits", n=n), effort.limit)
        trial = self._trainer.carried(
            state.recipe, state.learned, self._held_out, effort, state.meaning, learnt.weights
        )
        if trial.classes is None:
            state.attempt.trace.append(f"        no answers ({trial.error or trial.stage})")
            return None
        count = len(trial.classes)
        own = learnt.classes(form.apply(self._held_out[:count]))
        agreeing = float(np.mean(trial.classes == own))
        measured = measure(trial.classes, self._digits.held_out_labels, state.meaning)
        state.attempt.trace.append(f"        predict agrees with the replica in {agreeing:.3f}")
        if agreeing < AGREEING or count < 50:
            state.parted = M(
                "with the weights that fit has learnt, {share} % of the answers of predict are those of its own layers",
                share=round(100 * agreeing),
            )
            return None
        return Record(
            "steps", measured, self._training.samples, self._training.epochs, factor,
            seconds=trial.fit_cpu, side=form.side, steps=steps,
        )  # fmt: skip
