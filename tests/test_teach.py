"""What is said of wrong work: the real mistake, where it is, and never something that is not so.

The folder ``teach`` has small inputs, each of one fault; beside them stand twins that are right, or wrong otherwise.
"""

import importlib
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from graders.checks import model
from graders.checks.model import CheckResult
from graders.diagnosis import lessons
from graders.diagnosis.belonging import names_for
from graders.engine import ItemFinished, Options, grade
from graders.judging.results import ItemResult, right_facets
from graders.kinds.answers.reckoning import Slip, slips
from graders.messages import M
from graders.misconceptions import Diagnosis, Lesson, Name
from graders.report.feedback import hint_on
from graders.sandbox.exceptions import in_words, line_of
from graders.sandbox.session import CellError
from graders.spelling import one_letter_off
from graders.submission import read_submission
from tests.built_in import built_in_sprints
from tests.one_item import dense, judged

Write = Callable[..., Path]
FOLDER = Path(__file__).parent / "teach"


def result_of(name: str, sprint: str, item: str) -> ItemResult:
    (path,) = FOLDER.glob(f"{name}.*")
    events = grade(
        read_submission(path), built_in_sprints()[sprint], Options(items=frozenset([item]))
    )
    return next(
        e.result for e in events if isinstance(e, ItemFinished) and e.result.spec.id == item
    )


def all_said(result: ItemResult) -> str:
    hints = (str(hint_on(c, result, "full")) for c in result.checks)
    notes = map(str, result.binding.notes) if result.binding is not None else ()
    return " ".join([str(result.message), *(str(c.message) for c in result.checks), *hints, *notes])


@dataclass(frozen=True)
class Case:
    """An input, what comes of it, and what must and must not be said."""

    name: str
    item: str
    status: str
    says: str = ""
    never: str = ""
    right: str = ""  # facets
    wrong: str = ""


CASES = [
    Case("cells_that_do_not_compile", "dnn/sgd", "error", "does not compile.*indentation is that of no line"),
    Case("cells_that_do_not_compile", "dnn/he_initializer", "error", "does not compile"),
    Case("default_that_raises", "cnn1/conv1d", "error", "defining it raises NameError.*line 7", "Nothing in"),
    Case("third_size_and_own_seed", "dnn/xavier_initializer", "passed"),
    Case("reshape_to_the_example", "cnn1/conv1d", "partial", "line 16.*line 26.*numbers 3, 2, 3", wrong="dW dX"),
    Case("helper_that_refuses", "cnn2/average_pool2d", "partial", "not divided by the number", right="forward shape"),
    Case("takes_the_output_size", "cnn2/max_pool2d", "failed", "what pw_out stands for", r"\(2, 2, 2\)"),
    Case("misspelt_parameter", "cnn2/conv2d", "passed", right="dW"),
    Case("attribute_of_no_layer", "dnn/he_initializer", "error", "nodes1"),
    Case("spread_by_a_word", "dnn/xavier_initializer", "passed"),
    Case("own_section_raises", "dnn/relu", "passed", r"Activation is right and was taken; Relu \(cell 4\)"),
    Case("other_name_in_own_section", "cnn1/simple_conv1d", "failed", "Fractions are cut off", "work out|Nothing in"),
    Case("short_dx_in_a_tuple", "cnn1/simple_conv1d", "partial", "has shape", "neither returned", right="dW dB"),
    Case("written_arithmetic", "cnn2/conv2d_answers", "partial", "gives 168, not 60.*gives 1820, not 2000", "not found"),
    Case("bias_gradient_unsummed", "cnn2/conv2d", "partial", never="layer behind", wrong="dB"),
    Case("told_by_a_word", "dnn/simple_initializer", "passed"),
    Case("empty_default_sizes", "dnn/simple_initializer", "passed"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.name}-{c.item}")
def test_the_real_mistake_is_said(case: Case) -> None:
    result = result_of(case.name, *case.item.split("/"))
    said = all_said(result)
    assert result.status == case.status, said
    assert re.search(case.says, said), said
    assert not case.never or not re.search(case.never, said), said
    right = set(right_facets(result.spec, result.checks))
    assert set(case.right.split()) <= right, said
    assert not right & set(case.wrong.split()), said


# -- twins ---------------------------------------------------------------------------------------

LAYER = """
class {name}:
    def __init__(self, w, b):
        self.W, self.B = w, b
    def forward(self, x):
        self.x = x
        n = len(x) - len(self.W) + 1
        return np.array([x[i:i + len(self.W)] @ self.W + self.B[0] for i in range(n)])
    def backward(self, da):
        self.dW = np.array([da @ self.x[s:s + len(da)] for s in range(len(self.W))])
        self.dB = np.array([da.sum()])
        dx = np.zeros(len(self.x))
        for i in range(len(da)):
            dx[i:i + len(self.W)] += da[i] * self.W{wrong}
        return dx
"""


@pytest.mark.parametrize(
    ("name", "wrong", "status"),
    [
        ("Layer", " * 2", "partial"),
        ("FC", "", "passed"),
    ],
)
def test_what_stands_in_the_problems_own_section_is_judged(
    write_notebook: Write, name: str, wrong: str, status: str
) -> None:
    section = "md:## 【問題1】チャンネル数を1に限定した1次元畳み込み層クラスの作成"
    source = LAYER.format(name=name, wrong=wrong)
    assert judged(write_notebook, "cnn1", "simple_conv1d", section, source).status == status


def test_what_is_no_convolution_is_no_answer_in_any_section(write_notebook: Write) -> None:
    section = "md:## 【問題1】チャンネル数を1に限定した1次元畳み込み層クラスの作成"
    dense = LAYER.format(name="Dense", wrong="").replace("len(x) - len(self.W) + 1", "len(x)")
    dense = dense.replace("x[i:i + len(self.W)] @ self.W", "x[i] * self.W[0]")
    result = judged(write_notebook, "cnn1", "simple_conv1d", section, dense)
    assert result.status == "missing"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("class Sigmoid:\n    scale = undefined_here\n    def forward(self, A):\n        return A\n", "undefined_here"),
        ("if False:\n    class Sigmoid:\n        def forward(self, A):\n            return A\n", "does not come to it"),
    ],
)  # fmt: skip
def test_a_class_that_did_not_come_to_be_is_not_missing(
    write_notebook: Write, statement: str, said: str
) -> None:
    result = judged(write_notebook, "dnn", "sigmoid", statement)
    assert result.status == "error"
    assert said in str(result.message)


def test_what_is_not_there_is_missing(write_notebook: Write) -> None:
    broken = "def load_mnist(:\n    pass\nclass Tanh:\n    def forward(self, x)\n        return x\n"
    result = judged(write_notebook, "dnn", "sigmoid", broken)
    assert result.status == "missing"


RELU = """
class {name}:
    def forward(self, A):
        {guard}
        self.A = A
        return np.maximum(A, 0)
    def backward(self, dZ):
        return dZ * (self.A > 0)
"""


def test_a_wrong_answer_of_the_own_section_is_not_passed_over(write_notebook: Write) -> None:
    """It gives an output: another section's right one does not answer in its place."""
    right = RELU.format(name="Relu", guard="pass")
    wrong = right.replace("np.maximum(A, 0)", "np.abs(A)")
    sections = "md:### 【問題4】活性化関数のクラス化", "md:### 【問題5】ReLUクラスの作成"
    result = judged(write_notebook, "dnn", "relu", sections[0], right, sections[1], wrong)
    assert result.status != "passed"


SPREAD = """
class Spread:
    def __init__(self, n, how):
        if how == "tanh":
            self.value = {tanh}
        elif how == "relu":
            self.value = {relu}
class SimpleInitializer:
    def __init__(self, sigma):
        self.sigma = sigma
    def W(self, a, b):
        return self.sigma * np.random.randn(a, b)
    def B(self, b):
        return self.sigma * np.random.randn(b)
"""


def test_the_word_of_the_other_scheme_is_wrong(write_notebook: Write) -> None:
    swapped = SPREAD.format(tanh="np.sqrt(2 / n)", relu="1 / np.sqrt(n)")
    result = judged(write_notebook, "dnn", "he_initializer", swapped)
    assert result.status == "failed"


@pytest.mark.parametrize(
    ("changed", "facet", "said"),
    [
        (
            {"dW": "np.ones_like(self.W) * dA.sum(axis=0) ** 3"},
            "dW",
            "does not depend on the input",
        ),
        ({"dX": "np.tanh(dA) @ self.W.T * 3"}, "dX", "does not give twice as much"),
        ({"dX": "dA @ np.abs(self.W.T)"}, "dX", ""),
    ],
)
def test_what_an_array_does_not_follow_is_said(
    write_notebook: Write, changed: dict[str, str], facet: str, said: str
) -> None:
    result = judged(write_notebook, "dnn", "fc", dense(**changed))
    hints = [str(hint_on(c, result, "full")) for c in result.checks if c.facet == facet]
    assert any(said in hint for hint in hints) if said else hints == [""]


BROADCAST = CellError(
    "ValueError", "operands could not be broadcast together with shapes (2,) (3,)"
)
A_NUMBER = CellError("AttributeError", "'float' object has no attribute 'reshape'")


@pytest.mark.parametrize(
    ("status", "error", "facet_has", "said"),
    [
        (model.FAILED, None, "accumulates", "accumulates"),
        (model.FAILED, None, "shapes-misfit", ""),
        (model.ERROR, BROADCAST, "accumulates", "shapes-misfit"),
        (model.ERROR, BROADCAST, "example-sizes", "example-sizes"),
        (model.ERROR, A_NUMBER, "shapes-misfit", "still-a-number"),
        (model.ERROR, CellError("Oddity", "?"), "still-none", ""),
        (model.ERROR, A_NUMBER, "", ""),
    ],
)
def test_a_hint_belongs_to_its_own_check(
    status: str, error: CellError | None, facet_has: str, said: str
) -> None:
    check = CheckResult("dB", "dB", status, M(""), error=error)
    lesson = Lesson(M(""), M(""), M(""))
    known = (Diagnosis("dB", (Name(facet_has, lesson),)),) if facet_has else ()
    assert [n.id for n in names_for(check, known)] == ([said] if said else [])


# -- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("パラメータ数 (3×3×6×3)+6 = 60", [("(3×3×6×3)+6", "168", "60")]),
        ("3*3*24*48+48 = 10,416", []),
        ("(3x3x6x3)+6 = 162+6 = 168", []),
        ("(3x3x6x3)+6 = 162+6 = 60", [("162+6", "168", "60")]),
        ("N = 5, F = 3", []),
        ("1/0 = 3 ((( = 2", []),
        ("9" * 400 + "*9 = 2", []),
        ("1+" * 500_000, []),  # gone through once: again from each sign it would take hours
        ("1=" * 500_000, []),
    ],
)
def test_written_arithmetic_is_worked_out(text: str, found: list[tuple[str, str, str]]) -> None:
    assert list(slips(text)) == [Slip(*one) for one in found]


@pytest.mark.parametrize(
    ("type_", "message", "said"),
    [
        ("ValueError", "matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature"
         " (n?,k),(k,m?)->(n?,m?) (size 7 is different from 5)", "5 columns, right of it 7 rows"),
        ("ValueError", "shapes (3,5) and (7,2) not aligned: 5 (dim 1) != 7 (dim 0)", "5 columns, right of it 7 rows"),
        ("ValueError", "cannot reshape array of size 72 into shape (3,2,3)", "72 elements, and the shape takes 18"),
        ("SyntaxError", "invalid non-printable character U+3000 (<cell 2>, line 3)", "full-width space"),
        ("IndexError", "index 5 is out of bounds for axis 0 with size 5", "axis 0 has 5 entries"),
        ("ImportError", "util.im2col is not installed where this notebook is graded", "util.py was not handed in"),
    ],
)  # fmt: skip
def test_exceptions_are_explained(type_: str, message: str, said: str) -> None:
    words = str(in_words(CellError(type_, message)))
    assert said in words
    assert "<cell" not in words


def test_an_exception_that_says_it_itself_is_left_alone() -> None:
    assert (
        in_words(CellError("NameError", "name 'a' is not defined"))
        == "NameError: name 'a' is not defined"
    )


def test_the_line_of_what_does_not_compile_is_read_from_its_text() -> None:
    assert line_of(CellError("IndentationError", "unindent ... (<tokenize>, line 9)")) == 9
    assert line_of(CellError("SyntaxError", "invalid syntax")) is None


@pytest.mark.parametrize("word", ["icput_ch", "inptu_ch", "inut_ch", "innput_ch"])
def test_names_one_letter_off(word: str) -> None:
    assert "input_ch" in set(one_letter_off(word))


def test_names_of_mistakes_are_polite_in_japanese() -> None:
    modules = [
        importlib.import_module(f"{lessons.__name__}.{m.name}")
        for m in pkgutil.iter_modules(lessons.__path__)
    ]
    titles = [
        value.title.in_language("ja")
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Lesson)
    ]
    assert len(titles) > 150
    plain = [t for t in titles if not re.search(r"(です|ます|ません|ました)(（[^）]*）)?$", t)]
    assert plain == []
