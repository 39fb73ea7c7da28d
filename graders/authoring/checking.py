"""A second look at specs that load: documented pairs against the reference, both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from graders import cases
from graders.arrays import layouts
from graders.errors import SpecError
from graders.kinds.procedure import ways as procedures
from graders.specs import ItemSpec, Pair, SprintSpec, Text
from graders.specs.document import Document
from graders.specs.signatures import read_signature
from graders.submission.sections import section_of_text
from graders.traits import Trait

AGREE = 1e-6  # printed numbers are rounded
DRAWS = 12  # of sizes, to see which ones come
_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def problems(sprints: Mapping[str, SprintSpec]) -> Iterator[SpecError]:
    """What is wrong with specs that load, each with file, line and key."""
    for sprint in sprints.values():
        if sprint.introduction is not None and not sprint.course:
            file = Path(sprint.items[0].file).parent / "sprint.yaml" if sprint.items else None
            if file is not None and file.is_file():
                yield from _markdown(Document(file), ("introduction",), sprint.introduction)
        for item in sprint.items:
            document = Document(Path(item.file))
            yield from _languages(document, item)
            yield from _handout(document, item)
            yield from contradictions(item, document)
            yield from _never_drawn(item, document)


def _languages(document: Document, item: ItemSpec) -> Iterator[SpecError]:
    """A text in one language that stands in the place of the other."""
    for key, text in (("title", item.title), ("asks", item.asks)):
        if (key,) not in document.lines:
            continue  # taken over from another item, where it is looked at
        if _JAPANESE.search(text.en):
            yield document.error((key, "en"), "is Japanese; expected English")
        # A title may be a name (ReLU); what is asked for is a sentence.
        if key == "asks" and not _JAPANESE.search(text.ja):
            yield document.error((key, "ja"), "is not Japanese; expected a sentence in it")


def _handout(document: Document, item: ItemSpec) -> Iterator[SpecError]:
    """What would break a hand-out: a heading in its text, a formula or a signature that is none."""
    path = ("handout",)
    if path not in document.lines:
        return
    if item.handout.text is not None:
        yield from _markdown(document, (*path, "text"), item.handout.text)
    for number, formula in enumerate(item.handout.formulas):
        wrong = formula_fault(formula)
        if wrong:
            yield document.error((*path, "formulas", number), wrong)
    if item.handout.template and read_signature(item.handout.template) is None:
        yield document.error(
            (*path, "template"),
            "no signature; expected Name(parameters); method(parameters) -> result",
        )


def _markdown(document: Document, path: tuple[str | int, ...], text: Text) -> Iterator[SpecError]:
    if _JAPANESE.search(text.en):
        yield document.error((*path, "en"), "is Japanese; expected English")
    if not _JAPANESE.search(text.ja):
        yield document.error((*path, "ja"), "is not Japanese; expected a sentence in it")
    for language, told in (("en", text.en), ("ja", text.ja)):
        section = section_of_text(told)
        if section is not None:
            yield document.error(
                (*path, language),
                f"has a line that opens a section of its own ({section.title!r}); expected text without headings",
            )


_PAIRED = ("left", "right"), ("begin", "end")


def formula_fault(formula: str) -> str:
    """What keeps a formula from being LaTeX that can be shown; empty where nothing does."""
    if "$" in formula:
        return "has a dollar sign; expected LaTeX without it"
    depth = 0
    for sign in re.findall(r"\\\\|\\[{}]|[{}]", formula):
        depth += (sign == "{") - (sign == "}")
        if depth < 0:
            return "a } closes nothing; expected as many { before it"
    if depth:
        return "a { is not closed; expected as many } behind it"
    for opens, closes in _PAIRED:
        counts = [len(re.findall(rf"\\{word}(?![A-Za-z])", formula)) for word in (opens, closes)]
        if counts[0] != counts[1]:
            return (
                f"has \\{opens} {counts[0]} times, \\{closes} {counts[1]}; expected as many of each"
            )
    return ""


def _never_drawn(item: ItemSpec, document: Document) -> Iterator[SpecError]:
    """A size that has a range, but of which the cases only ever get one value.

    Cases want axes that all differ, so that no two can be confused; where the other axes leave
    no room for that, what is in the range is still never drawn.
    """
    if Trait.LAYER not in item.traits:
        return
    rng = np.random.default_rng(0)
    try:
        drawn = [cases.draw_sizes(item, rng) for _ in range(DRAWS)]
    except SpecError:
        yield document.error(("sizes",), "no sizes in these ranges give an output; widen them")
        return
    for name, (low, high) in item.sizes.items():
        values = {sizes[name] for sizes in drawn}
        if low < high and len(values) == 1:
            yield document.error(
                ("sizes", name),
                f"is always {values.pop()}: with another value of {low} to {high} the axes can't "
                "all be of different lengths; widen the ranges of the others",
            )


def contradictions(item: ItemSpec, document: Document | None = None) -> Iterator[SpecError]:
    """Documented pairs that the item's reference, or its formula, says otherwise of."""
    document = document or Document(Path(item.file))
    for number, pair in enumerate(item.documented):
        path = ("documented", number)
        if path not in document.lines:
            continue  # another item's, which this one extends
        if Trait.LAYER in item.traits:
            yield from _of_layer(document, path, item, pair)
        elif item.meanings:
            yield from _of_procedure(document, path, item, pair)
        elif item.value:
            sizes = {name: int(value) for name, value in pair.given.items()}
            right = np.array([value(sizes) for value in item.value], dtype=float)
            expected = pair.expected.get("forward")
            if expected is not None and not np.array_equal(np.ravel(expected), right):
                shown = ", ".join(f"{v:g}" for v in right)
                yield document.error(
                    (*path, "expected", "forward"),
                    f"is {_plain(expected)}, but the formula gives {shown}",
                )


def _of_layer(
    document: Document, path: tuple[str | int, ...], item: ItemSpec, pair: Pair
) -> Iterator[SpecError]:
    if pair.upstream is None and set(pair.expected) - {"forward"}:
        yield document.error(
            (*path, "expected"),
            "gradients are expected: it needs 'upstream', the gradient that comes in",
        )
        return
    try:
        case = cases.documented(item, pair)
    except (ValueError, TypeError, KeyError) as error:
        yield document.error((*path, "given"), f"{item.reference} refuses it: {error}")
        return
    for facet, expected in pair.expected.items():
        where = (*path, "expected", facet)
        if facet not in ("forward", *item.gradients):
            continue
        truth = case.truth(facet).array
        if expected.size == truth.size:
            truth = truth.reshape(expected.shape)
        yield from _differs(document, where, item, expected, truth)


def _of_procedure(
    document: Document, path: tuple[str | int, ...], item: ItemSpec, pair: Pair
) -> Iterator[SpecError]:
    try:
        case = procedures.documented(item, pair)
    except (ValueError, TypeError, IndexError) as error:
        yield document.error((*path, "given"), f"{item.reference} refuses it: {error}")
        return
    for facet, expected in pair.expected.items():
        result = item.meanings[0].results[facet]
        truth = layouts.apply(result.layouts[0], case.expected[0][facet], result.axes)
        yield from _differs(document, (*path, "expected", facet), item, expected, truth)


def _differs(
    document: Document,
    where: tuple[str | int, ...],
    item: ItemSpec,
    expected: np.ndarray,
    truth: np.ndarray,
) -> Iterator[SpecError]:
    """Where the two differ; NaN is what the source says nothing about."""
    if expected.shape != truth.shape:
        yield document.error(
            where, f"has shape {expected.shape}, but {item.reference} gives {truth.shape}"
        )
        return
    off = np.where(np.isnan(expected), 0, np.abs(expected - truth))
    if np.all(off <= AGREE * np.maximum(1.0, np.abs(truth))):
        return
    worst = np.unravel_index(int(np.argmax(off)), off.shape)
    at = ", ".join(str(int(i)) for i in worst)
    yield document.error(
        where,
        f"is {expected[worst]:g} at [{at}], but {item.reference} gives {truth[worst]:g}",
    )


def _plain(values: np.ndarray) -> str:
    return ", ".join(f"{v:g}" for v in np.ravel(values))
