"""Specs as frozen dataclasses: all that the grader knows about a problem."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

import numpy as np

from graders.formulas import Formula
from graders.plugins import plugins
from graders.specs.barred import FROM_SCRATCH, Barred
from graders.traits import KINDS, Trait

ROLES = frozenset(
    "input weight bias upstream output filter_size in_channels out_channels stride padding "
    "input_size output_size in_nodes out_nodes batch_size "
    "filter_height filter_width input_height input_width pool_size pool_height pool_width "
    "stride_height stride_width padding_height padding_width dilation dilation_height dilation_width vocabulary_size embedding_size heads head_size sequence_length query key value mask objective difference initializer optimizer activation lr sigma "
    "kernels dense_weights labels epochs n_kernels n_classes hidden_size".split()
)
# What the lexicon knows beside them: the names of parts of objects, of an optimiser's and an estimator's numbers.
PARTS = frozenset(
    "held_value held_gradient zeroing listing layers taking moved counter before_step after_step both_betas label layer_penalty "
    "momentum beta1 beta2 rho eps weight_decay "
    "iterations intercept no_intercept penalty inverse_penalty features start_weights talks "
    "neighbours clusters restarts tolerance depth centres smoothing components threshold multipliers".split()
)


@dataclass(frozen=True)
class Text:
    """A text in both languages."""

    en: str
    ja: str

    def in_language(self, language: str) -> str:
        """The text in `language` ("ja" or "en")."""
        return self.ja if language == "ja" else self.en


@dataclass(frozen=True)
class Edition:
    """The problem number that the item has in an edition of the course."""

    edition: str
    problem: int


@dataclass(frozen=True)
class Pair:
    """A documented input/output pair. `given` has arrays by role (x, W, b) or sizes by name.

    Of a procedure, `expected` is in the first layout of the first meaning, and NaN where the
    source says nothing.
    """

    given: Mapping[str, np.ndarray]
    expected: Mapping[str, np.ndarray]  # by facet
    upstream: np.ndarray | None
    source: str
    note: str


USUAL_WEIGHTS = {"W": "dW", "b": "dB"}  # known to the lexicon, with their gradients' facets


@dataclass(frozen=True)
class WeightSpec:
    """Axes of a parameter array and the layouts that students use for it.

    `gradient` is the facet of its gradient. A weight besides W and b has patterns of its own
    `names`. `scale`: the standard deviation that it is drawn with.
    """

    axes: tuple[str, ...]
    layouts: tuple[str, ...]
    gradient: str
    names: tuple[re.Pattern[str], ...] = ()
    scale: float = 1.0


@dataclass(frozen=True)
class Argument:
    """An array that a procedure or a loss takes: its axes, and how students lay it out (groups of axes).

    `one_hot`: its rows along the last axis are one-hot; class numbers may stand for them.
    `between`: its values are drawn evenly from there; without it, from a normal distribution.
    `of`: they are drawn from these numbers. `shares`: each row adds up to one. `mask`: True and False, both of them in
    each row along the last axis.
    """

    axes: tuple[str, ...]
    layouts: tuple[tuple[str, ...], ...]
    one_hot: bool = False
    between: tuple[float, float] | None = None
    of: tuple[float, ...] = ()
    shares: bool = False
    mask: bool = False


@dataclass(frozen=True)
class Result:
    """An array that a procedure gives. `step_of`: the argument that it is a new value of."""

    axes: tuple[str, ...]
    layouts: tuple[tuple[str, ...], ...]
    step_of: str = ""


@dataclass(frozen=True)
class Meaning:
    """One right meaning of a procedure: what computes it and what it gives, by facet.

    `note` says which meaning it is where it isn't the first; `on_output` limits it to functions
    that the submission gives another function's output.
    """

    reference: str
    results: Mapping[str, Result]
    note: Text | None = None
    on_output: re.Pattern[str] | None = None


@dataclass(frozen=True)
class Hyperparameter:
    """A number that an optimiser takes besides the learning rate, by the reference's name of it.

    `default` is the reference's own. What is `between` is drawn and handed over, wherever an answer takes it.
    `fixed`: an answer may have the number for itself. `upto`: a constant that keeps a quotient away from
    zero; any one is right up to there. `names`: patterns besides those of the lexicon.
    """

    default: float
    names: tuple[re.Pattern[str], ...] = ()
    between: tuple[float, float] | None = None
    fixed: bool = False
    upto: float = 0.0


class Manner(Enum):
    """How it is told that an estimator's fit is right."""

    DESCENT = "descent"  # each step from the student's own parameters is the reference's
    ANSWERS = "answers"  # what new rows are answered is the reference's, where no tie decides
    CENTRES = (
        "centres"  # centres rest: each row belongs to its nearest, each is the middle of its rows
    )
    MARGIN = "margin"  # the plane between two classes is the one with the widest margin
    COMPONENTS = "components"  # rows lie along the directions in which they are spread most


class Targets(Enum):
    """What an estimator is fitted to."""

    NUMBERS = "numbers"
    CLASSES = "classes"  # 0 and 1
    GROUPS = "groups"  # as many classes as the size K says, overlapping
    UNEVEN = "uneven"  # the same, each class half as frequent again as the one before
    BOXES = "boxes"  # 0 and 1 in boxes along the axes, none mixed
    SIDES = "sides"  # -1 and 1, on two sides of a plane through the origin
    NOTHING = "nothing"  # rows alone, in groups
    CLOUD = "cloud"  # rows alone, spread unlike in each direction, away from the origin

    @property
    def given(self) -> bool:
        """True if fit is given targets."""
        return self not in (Targets.NOTHING, Targets.CLOUD)

    @property
    def grouped(self) -> bool:
        """True if it is the number of one of K groups."""
        return self in (Targets.GROUPS, Targets.UNEVEN)


@dataclass(frozen=True)
class Setting:
    """A number that an estimator is made with, by the reference's name of it: drawn `between` two, one of `choose` in
    each case, or the grader's to choose. `names`: patterns besides those of the lexicon.
    """

    names: tuple[re.Pattern[str], ...] = ()
    between: tuple[float, float] | None = None
    choose: tuple[int, ...] = ()


@dataclass(frozen=True)
class Form:
    """One right way to write an optimiser's step or a loss; `note`: which one, where it isn't the spec's own.

    `arguments`: what this form of a loss takes, where it is something else.
    """

    reference: str
    note: Text | None = None
    arguments: Mapping[str, Argument] = field(default_factory=dict)


@dataclass(frozen=True)
class Keeping:
    """One right way of keeping what a test is computed with: what the reference is made with besides, and, where it
    isn't the first way, what the report says of it.
    """

    settings: Mapping[str, float | bool]
    note: Text | None = None


@dataclass(frozen=True)
class Testing:
    """kind layer: in a test it gives the reference's ``forward(x, training=False)``, after trainings.

    `number`: what the reference takes by that name is an answer's own choice, from `between`. `ways`: what is right.
    """

    number: str
    between: tuple[float, float]
    ways: tuple[Keeping, ...]


@dataclass(frozen=True)
class Slip:
    """A mistake that a spec names itself: the class that makes it, and what is said about it.

    `breaks`: the facets that fail with it; all of them where the spec names none.
    """

    id: str
    variant: str
    title: Text
    explanation: Text
    hint: Text
    breaks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """A question with a written answer: patterns, of which one list must be there as a whole."""

    id: str
    facet: str
    question: Text
    expected: str
    accept: tuple[tuple[re.Pattern[str], ...], ...]


@dataclass(frozen=True)
class Network:
    """What a classifier has to be made of: at least so many layers with weights, and convolutions.

    `axes`: along how many axes its convolutions go, 0 where it needs none.
    """

    layers: int = 2
    axes: int = 0


@dataclass(frozen=True)
class Training:
    """kind classifier: the trial that is made, and what the reference reaches in it.

    `accuracy` is asked for where the whole trial could be made, `floor` says that something was
    learnt at all: the lower confidence bound must be above it. `mean` and `sd` are the
    reference's, over `seeds` seeds; ``benchmarks/training.py`` measures them.
    """

    samples: int
    epochs: int
    batch: int
    rate: float
    floor: float
    accuracy: float
    mean: float
    sd: float
    seeds: int
    layouts: tuple[tuple[int, ...], ...]  # shapes of one image, likeliest first
    network: Network = Network(layers=1)

    @property
    def visits(self) -> int:
        """How many images a whole trial goes through, each epoch counted."""
        return self.samples * self.epochs


COST = (
    "cost"  # the facet that is counted after all verdicts; points for it come from a policy alone
)
ORDERS = ("constant", "linear")


@dataclass(frozen=True)
class Cost:
    """kind layer: what counts as efficient, in one forward and one backward.

    `loops`, `memory`: by axis, the order up to which the interpreter's work and the peak of memory may
    grow. `bytes`: at most so many times those of the input, the weights and the upstream gradient.
    `required`, `forbidden`: functions that are called, or are not.
    """

    loops: Mapping[str, int] = field(default_factory=dict)
    memory: Mapping[str, int] = field(default_factory=dict)
    bytes: float | None = None
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()

    @property
    def says(self) -> bool:
        """True if it asks for anything."""
        return self != Cost()


@dataclass(frozen=True)
class Handout:
    """What a hand-out says of an item besides what it asks.

    `text` is Markdown, `formulas` are LaTeX without the dollar signs. `template`: the signature of
    what students fill in, where the canonical one is none, or is another.
    """

    text: Text | None = None
    formulas: tuple[str, ...] = ()
    template: str = ""


TEST = "test"  # the facet of what is given in a test
ACCOMPANYING = frozenset(["shape", "repeat"])
"""Facets that what computes nothing can have right as well: they never earn points alone."""


@dataclass(frozen=True)
class ItemSpec:
    """One problem: all that the grader needs to know about it."""

    id: str
    sprint: str
    kind: str
    title: Text
    asks: Text
    required: bool
    editions: tuple[Edition, ...]
    canonical: str = ""
    names: tuple[re.Pattern[str], ...] = ()
    own_section_only: bool = False
    reference: str = ""
    config: Mapping[str, Formula] = field(default_factory=dict)
    axes: tuple[str, ...] = ()
    layouts: tuple[str, ...] = ()
    below: str = ""  # of a layer: the size that its input's numbers are below, which are whole then
    input_scale: float = 1.0  # of a layer: the standard deviation that its input is drawn with
    output: Mapping[str, str] = field(default_factory=dict)
    output_layout: tuple[str, ...] = ()
    equal: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    weights: Mapping[str, WeightSpec] = field(default_factory=dict)
    roles: Mapping[str, Formula] = field(default_factory=dict)
    ability: str = ""
    whole_windows: bool = False  # only sizes that its windows fill without a rest
    derivative_alone: bool = False  # a backward that gives no more is right: the network multiplies
    zeroed: tuple[str, ...] = ()  # what the course's network sets to zero before each backward
    keywords: re.Pattern[str] | None = None
    sizes: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    shapes: Mapping[str, Formula] = field(default_factory=dict)
    value: tuple[Formula, ...] = ()  # kind function: one result or several
    per_axis: ItemSpec | None = None  # kind function: the same, asked for one axis at a time
    arguments: Mapping[str, Argument] = field(default_factory=dict)  # kind procedure, by role
    functions: Mapping[str, str] = field(
        default_factory=dict
    )  # kind procedure, by role: what writes a function of the first array as an expression
    numbers: Mapping[str, float] = field(
        default_factory=dict
    )  # kind procedure: fixed values; kind layer: what is handed over that has no default
    testing: Testing | None = None  # kind layer: what it gives in a test
    meanings: tuple[Meaning, ...] = ()  # kind procedure: what counts as right, the asked-for first
    natural: Mapping[str, int] = field(default_factory=dict)  # sizes that may be written into it
    one_step: Mapping[str, int] = field(default_factory=dict)  # sizes where facets don't mix
    tolerance: float = 1e-9
    cases: int = 5
    gain: float | None = None  # of an initialiser; None: its sigma is given
    hyperparameters: Mapping[str, Hyperparameter] = field(default_factory=dict)  # of an optimiser
    manner: Manner | None = None  # of an estimator ...
    targets: Targets | None = None
    settings: Mapping[str, Setting] = field(default_factory=dict)
    forms: tuple[
        Form, ...
    ] = ()  # of an optimiser, a loss or an estimator: right besides its reference
    reductions: tuple[str, ...] = ()  # of a loss: what may become of the single losses
    unscaled: bool = False  # of a loss: beside a mean, the derivative of the sum is right, too
    slips: tuple[Slip, ...] = ()
    driven_by: str = ""  # the layer item with whose class an optimiser is run ...
    driver: ItemSpec | None = None  # ... itself
    documented: tuple[Pair, ...] = ()
    facets: Mapping[str, float] = field(default_factory=dict)
    cost: Cost = field(default_factory=Cost)
    answers: tuple[Answer, ...] = ()
    training: Training | None = None
    options: Mapping[str, Any] = field(default_factory=dict)  # of a plugin's kind
    not_allowed: tuple[str, ...] = ()  # packages that would do the student's work
    prerequisites: tuple[str, ...] = ()  # items that have to be right, or this one is skipped
    handout: Handout = field(default_factory=Handout)
    base: str = ""
    file: str = ""

    @property
    def traits(self) -> Trait:
        """What is true of all items of its kind."""
        own = KINDS.get(self.kind)
        return plugins().traits(self.kind) if own is None else own

    @property
    def max_score(self) -> float:
        """Points of all facets."""
        return float(sum(self.facets.values()))

    @property
    def accompanying(self) -> frozenset[str]:
        """The facets that say something of an answer only beside what it computes.

        Facets of written answers group questions: each stands for itself.
        """
        return frozenset() if self.answers else ACCOMPANYING & self.facets.keys()

    @property
    def problems(self) -> frozenset[int]:
        """The problem numbers that the item has in any edition."""
        return frozenset(e.problem for e in self.editions)

    @property
    def gradients(self) -> tuple[str, ...]:
        """The facets that are gradients of a layer: the input's, which whole numbers have none of, then those of its
        weights.
        """
        own = () if self.below else ("dX",)
        return (*own, *(w.gradient for w in self.weights.values()))

    def weight_of(self, facet: str) -> str | None:
        """The weight whose gradient the facet is; None if it is no weight's."""
        return next((n for n, w in self.weights.items() if w.gradient == facet), None)

    def twin(self, axis: str) -> str:
        """The axis that this one is as long as by the spec (``shapes: {P: H}``), or itself."""
        formula = self.shapes.get(axis)
        return formula.text if formula is not None and formula.text.isalpha() else axis

    @property
    def judged(self) -> ItemSpec:
        """The item as its verdict is come to: what its answer costs is counted after all verdicts."""
        if COST not in self.facets:
            return self
        return replace(self, facets={f: p for f, p in self.facets.items() if f != COST})

    def with_shapes(self, sizes: Mapping[str, int]) -> dict[str, int]:
        """The sizes together with those that follow from them."""
        complete = dict(sizes)
        for name, formula in self.shapes.items():
            complete[name] = formula(complete)
        return complete


@dataclass(frozen=True)
class SprintSpec:
    """A sprint and its items, in the order in which they are reported."""

    id: str
    title: Text
    detect: Mapping[re.Pattern[str], float]
    items: tuple[ItemSpec, ...]
    barred: Barred = FROM_SCRATCH  # packages that are absent when its submissions run
    course: bool = False  # all that a course asks for, rather than one sprint of several
    editions: Mapping[str, str] = field(default_factory=dict)  # its name in each edition
    introduction: Text | None = None  # what its hand-out begins with, in Markdown

    def item(self, name: str) -> ItemSpec:
        """The item with that id; KeyError if there is none."""
        for item in self.items:
            if item.id == name:
                return item
        raise KeyError(name)

    @property
    def judged(self) -> SprintSpec:
        """The sprint with its items as their verdicts are come to."""
        return replace(self, items=tuple(item.judged for item in self.items))

    @property
    def by_need(self) -> tuple[ItemSpec, ...]:
        """The items, each after its prerequisites, and in the order of reports otherwise."""
        placed: dict[str, ItemSpec] = {}

        def place(spec: ItemSpec) -> None:
            if spec.id not in placed:
                for needed in spec.prerequisites:
                    place(self.item(needed))
                placed[spec.id] = spec

        for spec in self.items:
            place(spec)
        return tuple(placed.values())
