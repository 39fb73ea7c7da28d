"""Size formulas: exact, total over what they allow, and nothing else is a formula."""

import math
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from graders.formulas import Formula, FormulaError

MODERATE = settings(max_examples=150, deadline=None)
SIZES = st.fixed_dictionaries({name: st.integers(-30, 30) for name in "NPFS"})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("floor((N + 2*P - F) / S) + 1", 2), ("N", 8), ("-N", -8), ("N // S", 2), ("N % S", 2),
        ("-N // S", -3), ("ceil(N / S)", 3), ("floor(-N / S)", -3), ("min(N, F, S)", 3),
        ("max(N, F + 4, S)", 9), ("abs(F - N)", 3), ("7", 7), (7, 7), ("N / S * S", 8),
        ("2 * (N + 1) / 2", 9),
    ],
)  # fmt: skip
def test_a_formula_has_the_value_that_school_gives_it(text: str | int, value: int) -> None:
    assert Formula(text)({"N": 8, "P": 1, "F": 5, "S": 3}) == value


TERMS = st.recursive(
    st.sampled_from("NPFS") | st.integers(0, 9).map(str),
    lambda inner: (
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//", "%"]), inner).map(
            lambda t: f"({t[0]} {t[1]} {t[2]})"
        )
        | st.tuples(st.sampled_from(["floor", "ceil", "abs"]), inner).map(
            lambda t: f"{t[0]}({t[1]})"
        )
        | st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(
            lambda t: f"{t[0]}({t[1]}, {t[2]})"
        )
        | inner.map(lambda t: f"-({t})")
    ),
    max_leaves=8,
)


@MODERATE
@given(TERMS, SIZES)
def test_any_formula_has_the_value_of_rational_arithmetic(text: str, sizes: dict[str, int]) -> None:
    assume(len(text) <= 200)
    names = {"floor": math.floor, "ceil": math.ceil, "abs": abs, "min": min, "max": max}
    wrapped = "".join(f"Fraction({c})" if c.isdigit() else c for c in text)
    scope = {**names, **{k: Fraction(v) for k, v in sizes.items()}, "Fraction": Fraction}
    try:
        expected = eval(wrapped, {"__builtins__": {}}, scope)
    except ZeroDivisionError:
        expected = None
    if expected is None or Fraction(expected).denominator != 1:
        with pytest.raises(FormulaError):
            Formula(text)(sizes)
    else:
        assert Formula(text)(sizes) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "N +", "(N", "N N", "N = 3", "x := 3", "1.5", "N ** 2", "N << 2", "N & 1", "~N",
        "not N", "N < 3", "N if P else F", "'text'", "None", "True", "1j", "...", "[N]", "(N, P)",
        "{N}", "lambda: N", "N.real", "N[0]", "N()", "eval('1')", "__import__('os')", "open(N)",
        "floor(N, key=1)", "min(*N)", "min(**N)", "floor.__class__(N)", "f'{N}'", "await N",
        "(yield)", "[x for x in N]", "exec('import os')", "N; P", "N\nP", "N\x00", "#N",
        "1" * 201, "(" * 199 + ")", "floor" + "(" * 150,
        "floor()", "ceil()", "abs()", "min()", "max()", "floor(N, F)", "abs(N, F)", "min(N)",
    ],
)  # fmt: skip
def test_what_is_no_formula_is_refused_when_it_is_read(text: str) -> None:
    with pytest.raises(FormulaError):
        Formula(text)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="NPF123+-*/%(),. floormincexab[]_'\"=:\\\n\x00π", max_size=40))
def test_any_text_is_a_formula_or_refused(text: str) -> None:
    try:
        value = Formula(text)(dict.fromkeys("NPF", 3))
    except FormulaError:
        return
    assert isinstance(value, int)


def test_a_formula_knows_the_sizes_that_it_uses() -> None:
    assert Formula("floor((N + 2*P - F) / S) + min(N, 3)").names == {"N", "P", "F", "S"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("N / S", "whole number"), ("Q + 1", "unknown size 'Q'"), ("N / Z", "divides by zero"),
        ("N // Z", "divides by zero"), ("N % Z", "divides by zero"),
    ],
)  # fmt: skip
def test_a_formula_without_a_whole_value_says_why(text: str, reason: str) -> None:
    with pytest.raises(FormulaError, match=reason):
        Formula(text)({"N": 8, "S": 3, "Z": 0})
